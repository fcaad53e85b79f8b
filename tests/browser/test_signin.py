"""Sessions, password and second factor in a real browser: both widths, both languages, nothing that axe minds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from browser.conftest import PASSWORD, PHONE, WIDE, Enter, sound
from gewu.registry.models import RecoveryCode, SecondFactor
from support.district import post


@pytest.fixture(autouse=True)
def _afterwards() -> Iterator[None]:
    yield
    SecondFactor.objects.all().delete()
    RecoveryCode.objects.all().delete()


@pytest.mark.parametrize(("width", "locale"), [(PHONE, "zh-CN"), (WIDE, "en-GB"), (WIDE, "zh-CN"), (PHONE, "en-GB")])
def test_an_administrator_switches_it_on_and_comes_in_with_it(enter: Enter, width: int, locale: str) -> None:
    login = post("administrator").login
    page = enter(login, width=width, locale=locale)

    def look(name: str) -> None:
        sound(page)
        if folder := os.environ.get("GEWU_PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}_{width}_{locale[:2]}.png", full_page=True)

    page.goto("/desk/sessions")
    look("sessions")
    page.goto("/desk/sessions/people")
    look("people")
    page.click(f"a[href='?login={login}']")
    look("person")
    page.goto("/desk/password")
    look("password")
    page.goto("/desk/second-factor")
    look("off")
    page.fill("#password", PASSWORD)
    page.click("button[value=start]")
    page.wait_for_selector(".qr")
    width = page.locator(".qr").evaluate("async (one) => { await one.decode(); return one.naturalWidth; }")
    assert width > 100, "the policy lets the picture be shown"
    look("start")
    phone = pyotp.TOTP(page.inner_text("code.breaks").replace(" ", ""))
    page.fill("#confirm-code", phone.now())
    page.click("button[value=confirm]")
    page.wait_for_selector(".codes code")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    look("codes")
    page.goto("/desk/second-factor")
    look("on")
    page.context.clear_cookies()
    page.goto("/desk/login")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click(".login .primary")
    page.wait_for_selector("#code")
    look("code")
    page.fill("#code", codes[0])
    page.click(".login .primary")
    page.wait_for_selector(".who")
