"""The field with a line: a find in three touches, found and fixed, the day, what a phone is told, and how it looks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import PASSWORD, PHONE, WIDE, Enter, sound
from browser.outside import (
    back_online,
    collector,
    line,
    made,
    outside,
    photo,
    photos_of,
    report,
    states,
    verify,
    verifying,
)
from gewu.registry.models import Post
from support.district import CATEGORY, acting, directory

MOST = 250_000
"""Bytes of the first view, as they come over the line."""


def test_a_find_is_reported_in_three_touches_with_photo_and_place(enter: Enter, tmp_path: Path) -> None:
    page = outside(enter(collector(verifying().place), width=PHONE))
    page.click("a[href='#new/report']")
    page.set_input_files("input[data-role=scene]", photo(tmp_path))
    page.click(".here")
    expect(page.locator("[role=status]", has_text="Position taken")).to_be_visible()
    page.fill("input[type=search]", "street lamp")
    page.locator(".offers button").first.click()
    page.click("form .primary")
    line(page, "All sent")
    (found,) = made("report")
    assert len(photos_of(found)) == 1
    assert found.payload["args"]["category"].startswith(("component:", "matter:"))
    assert found.payload["detail"]["lon_e6"]


def test_found_and_fixed_is_one_step_with_two_photos(enter: Enter, tmp_path: Path) -> None:
    walk = verifying()
    page = outside(enter(collector(walk.place), width=PHONE))
    page.click("a[href='#new/fix_on_spot']")
    page.click("form .primary")
    expect(page.locator(".error[role=alert]")).to_contain_text("Not kept yet")
    assert page.locator(".field-bad").count() >= 4
    page.set_input_files("input[data-role=before]", photo(tmp_path, "before.jpg"))
    page.set_input_files("input[data-role=after]", photo(tmp_path, "after.jpg"))
    page.click(".here")
    page.fill("textarea[name=description]", "Flyers on the wall, taken off")
    page.fill("input[type=search]", directory().categories[CATEGORY].name("en"))
    page.locator(".offers button").first.click()
    page.click("form .primary")
    line(page, "All sent")
    (found,) = made("fix_on_spot")
    assert sorted(one.role for one in photos_of(found)) == ["after", "before"]


def test_a_place_is_chosen_from_the_list_where_the_phone_gives_none(enter: Enter) -> None:
    walk = verifying()
    page = outside(enter(collector(walk.place), width=PHONE))
    page.context.clear_permissions()
    page.click("a[href='#new/report']")
    page.click(".here")
    expect(page.locator(".hint[role=status]")).to_contain_text("no position")
    page.fill("textarea[name=description]", "Lamp out")
    page.click("form .primary")
    expect(page.locator(".field-bad .error")).to_contain_text("choose the grid")
    choice = page.locator(f"datalist option[value$='{walk.place}']").get_attribute("value")
    page.fill("input[list]", choice or "")
    page.click("form .primary")
    line(page, "All sent")
    assert [e[1] for e in made("report")[0].payload["effects"] if e[0] == "place"] == [walk.place]


def test_tasks_come_by_their_clocks_or_nearest_first(enter: Enter) -> None:
    first, second = verifying(), verifying()
    page = outside(enter(collector(first.place), width=PHONE))
    rows = page.locator(".field-tasks > li")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("time.clock")).to_be_visible()
    page.get_by_role("button", name="Nearest first").click()
    expect(rows.first).to_contain_text("0 m")
    assert second.place


def test_times_are_those_of_the_district_whatever_the_zone_of_the_phone(enter: Enter) -> None:
    page = outside(enter(collector(verifying().place), width=PHONE, zone="America/Los_Angeles"))
    shown = page.get_by_text(re.compile(r"^As of \d\d:\d\d$")).inner_text()
    here = datetime.now(ZoneInfo("Asia/Shanghai"))
    assert shown in [f"As of {here - timedelta(minutes=n):%H:%M}" for n in range(4)]


def test_a_task_that_the_desk_takes_back_disappears(enter: Enter) -> None:
    walk = verifying()
    page = outside(enter(collector(walk.place), width=PHONE))
    expect(page.locator(".field-tasks > li")).to_have_count(1)
    walk.move(acting("shift_leader"), "recall_verify", texts={"reason": "another street"})
    page.reload()
    expect(page.locator(".empty")).to_contain_text("No tasks now")


def test_without_a_login_what_waits_is_kept_and_said(enter: Enter) -> None:
    page = outside(enter(collector(verifying().place), width=PHONE))
    page.context.set_offline(True)
    report(page, "Lamp out")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="gewu_session")
    back_online(page)
    line(page, "log in to send")
    assert states(page) == {"Report: Lamp out": "waiting"}
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.reload()
    line(page, "All sent")


def test_on_a_shared_phone_everybody_sends_their_own(enter: Enter) -> None:
    place = verifying().place
    page = outside(enter(collector(place), width=PHONE))
    page.context.set_offline(True)
    report(page, "Of the first")
    page.context.clear_cookies()
    back_online(page)
    other = page.context.new_page()
    page.close()
    other.goto("/desk/login?next=/field/")
    other.fill("#login", collector(place, 1))
    other.fill("#password", PASSWORD)
    other.click(".login .primary")
    line(other, "1 of somebody else wait")
    report(other, "Of the second")
    line(other, "All sent")
    assert len(made("report")) == 1
    assert states(other) == {"Report: Of the second": "sent"}


def test_storage_that_is_nearly_full_is_said(enter: Enter) -> None:
    page = enter(collector(verifying().place), width=PHONE)
    page.context.add_init_script("navigator.storage.estimate = () => Promise.resolve({ usage: 96e6, quota: 100e6 })")
    outside(page)
    expect(page.locator("#field-full")).to_contain_text("nearly full (96 percent)")
    page.evaluate(
        "() => { const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...given) {"
        " if (this.name === 'items') throw new DOMException('no room', 'QuotaExceededError');"
        " return put.apply(this, given); }; }"
    )
    page.click("a[href='#new/report']")
    page.click(".here")
    expect(page.locator(".hint[role=status]")).to_contain_text("Position taken")
    page.fill("textarea[name=description]", "Lamp out")
    page.click("form .primary")
    expect(page.locator(".error[role=alert]")).to_contain_text("no room left")
    assert page.input_value("textarea[name=description]") == "Lamp out"
    assert made("report") == []


FAULTS = {
    "refused": "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new DOMException('no',"
    " 'SecurityError'); } } })",
    "full": "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new DOMException('no',"
    " 'QuotaExceededError'); } } })",
    "failed": "IDBDatabase.prototype.transaction = () => { throw new TypeError('a fault of ours'); }",
}


@pytest.mark.parametrize(
    ("reason", "said"), [("refused", "private"), ("full", "is full"), ("failed", "TypeError: a fault of ours")]
)
def test_a_page_that_cannot_start_says_why_and_what_to_do(enter: Enter, reason: str, said: str) -> None:
    page = enter(collector(verifying().place), width=PHONE)
    page.add_init_script(FAULTS[reason])
    page.goto("/field/")
    told = page.locator(f".notice-error[data-reason={reason}]")
    expect(told).to_contain_text(said)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.locator("#field-line")).to_contain_text("not open")


def test_a_first_visit_without_an_answer_says_what_to_do(enter: Enter) -> None:
    page = enter(collector(verifying().place), width=PHONE)
    page.context.route("**/api/v1/field/today", lambda route: route.abort())
    outside(page)
    expect(page.locator("[data-fault=offline]")).to_contain_text("no connection")
    page.context.unroute("**/api/v1/field/today")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".field-tasks > li")).to_have_count(1)
    page.context.clear_cookies(name="gewu_session")
    page.context.route("**/field/", lambda route: route.abort())  # the kept page, and a server that knows nobody
    page.reload()
    expect(page.locator("[data-fault=login]")).to_contain_text("logged out")
    expect(page.locator(".field-tasks > li")).to_have_count(1)
    expect(page.get_by_role("link", name="Log in")).to_have_attribute("href", "/desk/login?next=%2Ffield%2F")


def test_an_address_that_leads_to_a_task_opens_it_on_a_phone_that_knows_nothing_yet(enter: Enter) -> None:
    walk = verifying()
    page = enter(collector(walk.place), width=PHONE)
    page.goto(f"/field/#task/{walk.record_id}")
    expect(page.locator("#field .facts")).to_contain_text(walk.number)


def test_the_head_of_the_page_is_one_line_whatever_the_post_is_called(enter: Enter) -> None:
    Post.objects.filter(person__login=collector(place := verifying().place)).update(
        name_en="Collector of the embankment, the market and all lanes between them",
        name_zh="高笋塘街道滨江路片区及周边背街小巷网格信息采集员",
    )
    for locale in ("en-GB", "zh-CN"):
        page = enter(collector(place), width=PHONE, locale=locale)
        page.goto("/field/")
        box = page.locator(".top").bounding_box()
        assert box is not None
        assert box["height"] < 64
        page.click(".who > summary")
        sound(page)


def test_the_first_view_is_light_and_the_page_can_be_installed(enter: Enter) -> None:
    page = enter(collector(verifying().place), width=PHONE)
    sizes: dict[str, int] = {}

    def weigh(found: object) -> None:
        size = found.sizes()  # type: ignore[attr-defined]
        sizes[found.url] = size["responseBodySize"] + size["responseHeadersSize"]  # type: ignore[attr-defined]

    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.on("requestfinished", weigh)
    page.goto("/field/")
    page.wait_for_selector("#field[data-ready]")
    page.wait_for_load_state("networkidle")
    assert any("/static/built/field-" in url for url in sizes)
    assert 20_000 < sum(sizes.values()) < MOST, sizes
    manifest = page.request.get("/field/manifest.webmanifest").json()
    assert manifest["scope"] == manifest["start_url"] == "/field/"
    for icon in manifest["icons"]:
        assert page.request.get(icon["src"]).headers["content-type"] == "image/png"


def test_no_position_leaves_the_phone_unless_somebody_presses(enter: Enter, tmp_path: Path) -> None:
    walk = verifying()
    page = enter(collector(walk.place), width=PHONE)
    page.context.add_init_script(
        "window.asked = 0; const find = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
        "navigator.geolocation.getCurrentPosition = (...a) => { window.asked += 1; return find(...a); };"
        "navigator.geolocation.watchPosition = () => { throw new Error('a track'); };"
    )
    outside(page)
    verify(page, walk, photo(tmp_path))
    line(page, "All sent")
    assert page.evaluate("window.asked") == 0
    assert "site_lon_e6" not in made("confirm_exists")[0].payload.get("detail", {})


SCREENS = ("", "#new/report", "#new/fix_on_spot", "#outbox", "#task/{id}", "#task/{id}/confirm_exists")


@pytest.mark.parametrize(
    ("width", "locale", "scheme"), [(PHONE, "en-GB", "light"), (PHONE, "zh-CN", "dark"), (WIDE, "zh-CN", "light")]
)
def test_every_screen_is_sound_in_both_languages(enter: Enter, width: int, locale: str, scheme: str) -> None:
    walk = verifying()
    page = outside(enter(collector(walk.place), width=width, locale=locale, scheme=scheme))
    page.context.set_offline(True)
    report(page, "路灯不亮")
    back_online(page)
    expect(page.locator("#field-line")).to_have_attribute("data-state", "time", timeout=30_000)
    for screen in SCREENS:
        page.goto(f"/field/{screen.format(id=walk.record_id)}")
        page.wait_for_selector("#field h1")
        sound(page)
        if width == PHONE:
            assert _small(page) == [], screen


def _small(page: Page) -> list[str]:
    """What can be touched and is lower than 48 px; links inside sentences and what is hidden are left out."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('#field :is(a, button, input, select, textarea), .sync a')]"
        ".filter((e) => e.offsetParent && !e.matches('.sr') && !e.closest('figure') && e.type !== 'checkbox'"
        " && e.getBoundingClientRect().height < 47.5).map((e) => e.outerHTML.slice(0, 120))"
    )
    return found
