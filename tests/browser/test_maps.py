"""Live maps in a real browser: they appear under the strict policy, and where none can be made the drawing stays."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.conftest import Enter, sound
from browser.test_desk import login
from support.district import Walk

NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null;"


def watched(page: Page) -> list[str]:
    """What the console says that is an error; a refusal by the content security policy is one."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def test_the_map_of_a_case_is_live_and_leads_to_the_case_beside_it(enter: Enter) -> None:
    first, second = Walk().intake(), Walk().intake()
    page = enter(login("dispatcher"))
    errors = watched(page)
    page.goto(f"/desk/cases/{first.number}")
    figure = page.locator("[data-island=map]")
    expect(figure).to_have_attribute("data-state", "live")
    expect(figure.locator("canvas")).to_be_visible()
    expect(figure.locator(".map-fallback")).to_be_hidden()
    expect(figure.locator(".map-notes")).to_contain_text("not surveyed")
    figure.get_by_role("button", name="Zoom in").click()
    figure.locator(".map-list summary").click()
    expect(figure.locator(".map-list a", has_text=second.number)).to_be_visible()
    sound(page)
    assert errors == []
    page.emulate_media(media="print")
    expect(figure.locator(".map-fallback img")).to_be_visible()
    expect(figure.locator(".map-canvas")).to_be_hidden()
    page.emulate_media(media="screen")
    figure.locator(".map-list a", has_text=second.number).click()
    page.wait_for_url(f"**/cases/{second.number}")


def test_without_webgl_the_drawing_of_the_server_stays(enter: Enter) -> None:
    page = enter(login("dispatcher"))
    page.add_init_script(NO_WEBGL)
    page.goto(f"/desk/cases/{Walk().intake().number}")
    figure = page.locator("[data-island=map]")
    expect(figure).to_have_attribute("data-state", "fallback")
    expect(figure.locator(".map-fallback img")).to_be_visible()
    expect(figure.locator("canvas")).to_have_count(0)
