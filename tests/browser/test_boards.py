"""Notice boards, hops and scorecards in a real browser: sound on phone and desk; a board needs no script and prints on
one sheet."""

from __future__ import annotations

import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from browser.conftest import PHONE, WIDE, Enter, sound
from gewu.ledger.door import now_us
from support.district import Walk
from support.meetings import Here
from support.occasions import HOUR, OFFICE

WANGJIANGLU = "500101001007"


@pytest.mark.parametrize(("width", "locale"), [(PHONE, "zh-CN"), (WIDE, "en-GB")])
def test_the_pages_are_sound(enter: Enter, width: int, locale: str) -> None:
    page = enter(width=width, locale=locale)
    page.goto("/")
    sound(page)
    page.click('main a[href="/boards"]')
    sound(page)
    page.fill("#q", "望江路" if locale == "zh-CN" else "Wangjianglu")
    page.click(".board-find button")
    sound(page)
    page.click(".board-list a >> nth=0")
    page.wait_for_url(f"**/boards/{WANGJIANGLU}")
    sound(page)
    if width == WIDE:
        printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
        assert len(printed.pages) == 1
    page = enter("clerk-office-gaosuntang", width=width, locale=locale)
    for path in ("/desk/district/boards", f"/desk/district/boards/{WANGJIANGLU}"):
        page.goto(path)
        sound(page)
    page.click("details.no-print summary >> nth=0")
    page.locator("details[open] input[type=tel]").first.fill("13912345678")
    page.locator("details[open] input[name=reason]").first.fill("x")
    page.locator("details[open] button").first.click()
    page.wait_for_selector("[role=alert]")
    sound(page)


@pytest.mark.parametrize(("width", "locale"), [(PHONE, "zh-CN"), (WIDE, "en-GB")])
def test_hops_and_scorecards_are_sound(enter: Enter, width: int, locale: str) -> None:
    now = now_us()
    case = Here(at_us=now - 8 * HOUR).handling(OFFICE)
    case.later(30).move(
        case.clerk(OFFICE), "lift_to_district", texts={"reason": "需区级部门处置"}, version=case.version
    )
    Walk(at_us=now - 5 * HOUR).answered()
    page = enter("office1", width=width, locale=locale)
    day = datetime.fromtimestamp((now - 8 * HOUR) / 1e6, ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d")
    page.goto(f"/desk/hops?from={day}")
    sound(page)
    page.click(".wd-table td a >> nth=0")
    sound(page)
    page.click(".reg-rows a >> nth=0")
    expect(page).to_have_url(re.compile(re.escape(case.number)))
    page.goto("/desk/hops?from=2020-01-01&to=2020-01-31")
    sound(page)
    for period in (day[:7], "2020-Q1"):
        page.goto(f"/desk/figures/cards?period={period}")
        sound(page)


def test_a_board_is_found_without_a_script(browser: Browser, live_server: str) -> None:
    context = browser.new_context(base_url=live_server, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/boards")
    page.select_option("#street", label="高笋塘街道")
    page.click(".board-find button")
    page.click("text=望江路")
    expect(page.locator("h1")).to_contain_text("望江路")
    context.close()
