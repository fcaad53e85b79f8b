"""An import in a real browser, on a phone and in Chinese: it is watched without a hand, and nothing is in the way."""

from __future__ import annotations

from browser.conftest import PHONE, Enter, sound
from gewu.imports import worker
from imports import sheets
from support.district import post


def test_an_import_is_watched_until_it_is_done(enter: Enter) -> None:
    page = enter(post("intake_officer", covering="500101").login, width=PHONE, locale="zh-CN")
    page.goto("/desk/imports")
    page.check(f"input[value={sheets.CODE}]")
    rows = [sheets.row(1), sheets.row(2, 问题分类="夜市"), sheets.row(3, 受理时间="前天")]
    given = {"name": "工单.xlsx", "mimeType": "application/octet-stream", "buffer": sheets.book(rows)}
    page.set_input_files("input[name=file]", files=[given])
    page.click(".import-form .primary")
    page.wait_for_selector("[data-watch]")
    assert worker.step("test")
    page.wait_for_selector(".figures")  # the page renews itself
    sound(page)
    page.fill("#meaning-0", "09002")
    page.keyboard.press("Escape")
    page.click("button[value=import]")
    page.wait_for_selector("progress")
    assert worker.step("test")
    page.wait_for_selector(".figures")
    assert page.inner_text(".figures li:first-child").startswith("2")
    sound(page)
