"""Photos of a case large and by keyboard, and before laid over after."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.conftest import Enter, sound
from browser.test_desk import login
from support.district import Walk


def test_photos_open_large_go_on_by_arrows_and_compare(enter: Enter) -> None:
    walk = Walk().handled()
    page = enter(login("shift_leader"))
    page.goto(f"/desk/cases/{walk.number}")
    first = page.locator("[data-pair] a").first
    first.focus()
    page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog", name="Photo")
    expect(viewer.locator(".viewer-said")).to_contain_text("1 / 2")
    shown = viewer.locator("img").get_attribute("src")
    page.keyboard.press("ArrowRight")
    expect(viewer.locator(".viewer-said")).to_contain_text("after handling")
    expect(viewer.locator(".viewer-said")).to_contain_text("2 / 2")
    assert viewer.locator("img").get_attribute("src") != shown
    sound(page)
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(first).to_be_focused()
    page.get_by_role("button", name="Lay over each other").press("Enter")
    slider = viewer.get_by_role("slider")
    expect(slider).to_be_focused()
    over = viewer.locator(".viewer-stage img").last
    expect(over).to_have_css("clip-path", "inset(0px 50% 0px 0px)")
    page.keyboard.press("Home")
    expect(over).to_have_css("clip-path", "inset(0px 100% 0px 0px)")
    sound(page)
