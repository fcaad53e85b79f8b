"""The administration in a browser: in by a second factor; a person, a unit and a day off; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from admin.conftest import _as_before as _as_before
from browser.conftest import PASSWORD, PHONE, WIDE, Enter, sound
from gewu.enforcement.models import Transfer
from gewu.registry.models import Person, RecoveryCode, Reform, SecondFactor, Succession
from gewu.surfaces.signin import secondfactor
from support.district import directory, post

WHY = "decision 2026-17"


@pytest.fixture(autouse=True)
def _afterwards(_as_before: None) -> Iterator[None]:
    yield
    for table in (SecondFactor, RecoveryCode, Transfer, Succession, Reform):
        table.objects.all().delete()


def telephone(login: str) -> pyotp.TOTP:
    """Switch on the second factor of a login, as its owner did earlier."""
    person = Person.objects.get(login=login)
    secondfactor.start(person)
    shown = secondfactor.shown(person)
    assert shown is not None
    SecondFactor.objects.filter(person=person).update(confirmed_at=timezone.now())
    return pyotp.TOTP(shown.secret.replace(" ", ""))


def form(page: Page, address: str) -> Locator:
    """The form that is sent there, unfolded."""
    box = page.locator("details.adm-form").filter(has=page.locator(f"form[action='{address}']"))
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    return box.locator("form")


def send(one: Locator, **typed: str) -> None:
    """Type into the fields of a form by their names, and press its button."""
    for name, value in typed.items():
        field = one.locator(f"[name='{name}']")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    one.locator(".actions button").click()


def still(one: Locator, **typed: str) -> None:
    """Everything that was typed stands in the form yet."""
    for name, value in typed.items():
        expect(one.locator(f"[name='{name}']")).to_have_value(value)


@pytest.mark.parametrize(("width", "locale"), [(WIDE, "zh-CN"), (PHONE, "en-GB")])
def test_an_administrator_makes_a_person_a_unit_and_a_day_off(enter: Enter, width: int, locale: str) -> None:
    login, taken = post("administrator").login, post("dispatcher").login
    phone, page = telephone(login), enter(width=width, locale=locale)

    def say(en: str, zh: str) -> str:
        return zh if locale == "zh-CN" else en

    def told(words: str) -> None:
        expect(page.locator("main")).to_contain_text(words)

    def follows() -> None:
        expect(page.get_by_role("heading", name=say("What follows", "影响"), exact=True)).to_be_visible()

    page.goto("/admin/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click(".login .primary")
    page.fill("#code", phone.now())
    page.click(".login .primary")
    told(say("What needs a hand", "待处理"))
    sound(page)

    # A person with a post.
    tabs = page.get_by_role("navigation", name=say("Administration", "系统管理"))
    tabs.get_by_role("link", name=say("People", "人员"), exact=True).click()
    named = {"name_zh": "李文", "name_en": "Li Wen"}
    send(form(page, "/admin/add/person"), login=taken, **named)
    told(say(f"The login {taken} is taken. Choose another one.", f"账号 {taken} 已被占用，请另选。"))
    sound(page)
    again = form(page, "/admin/add/person")
    still(again, login=taken, **named)
    send(again, login="li.wen")
    expect(page).to_have_url("/admin/people/li.wen")
    seat, today = post("collector", number=3).code, timezone.localdate()
    give = {"post": seat, "from": today.isoformat(), "until": (today - timedelta(days=1)).isoformat()}
    send(form(page, "/admin/people/li.wen/give"), **give)
    told(say("This is needed.", "此项必填。"))
    told(say("This is before the first day.", "早于起始日。"))
    again = form(page, "/admin/people/li.wen/give")
    still(again, **give)
    send(again, until="", reason=WHY)
    follows()
    sound(page)
    page.get_by_role("button", name=say("Do it", "确认执行")).click()
    expect(page).to_have_url("/admin/people/li.wen")
    expect(page.locator(f"main a[href='/admin/posts/{seat}']").first).to_be_visible()
    assert directory().posts[seat].person == Person.objects.get(login="li.wen").pk
    sound(page)

    # A unit, and the one that stands in its place from tomorrow.
    page.goto("/admin/units")
    unit = {"parent": "governance-centre", "kind": "team", "name_zh": "夜间小组", "name_en": "Night team"}
    send(form(page, "/admin/add/unit"), code="lighting-section", **unit, reason=WHY)
    told(say("The code lighting-section is taken. Choose another one.", "已被占用，请另选。"))
    sound(page)
    again = form(page, "/admin/add/unit")
    still(again, code="lighting-section", **unit, reason=WHY)
    send(again, code="night-team")
    expect(page).to_have_url("/admin/units/night-team")
    tomorrow = (today + timedelta(days=1)).isoformat()
    ending = {"into": "lighting-section", "from": tomorrow, "number": "W-2026-9", "title_zh": "撤并夜间小组"}
    send(form(page, "/admin/units/night-team/end"), **ending)
    told(say("This is needed.", "此项必填。"))
    again = form(page, "/admin/units/night-team/end")
    still(again, **ending)
    send(again, reason=WHY)
    follows()
    assert not Succession.objects.filter(old__code="night-team").exists()
    page.get_by_role("button", name=say("Do it", "确认执行")).click()
    told(tomorrow)
    sound(page)
    after = Succession.objects.get(old__code="night-team")
    assert (after.new.code, after.valid_from.isoformat()) == ("lighting-section", tomorrow)

    # A day off.
    page.goto("/admin/calendar")
    day = {"first": tomorrow, "last": today.isoformat(), "kind": "rest", "name_zh": "区庆", "reason": WHY}
    send(form(page, "/admin/calendar/day"), **day)
    told(say("This is before the first day.", "早于起始日。"))
    again = form(page, "/admin/calendar/day")
    still(again, **day)
    send(again, last="")
    follows()
    page.get_by_role("button", name=say("Do it", "确认执行")).click()
    told("区庆")
    sound(page)
    page.goto("/admin/log")
    told("li.wen")
    sound(page)
