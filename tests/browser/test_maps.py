"""Live maps in a real browser: they appear under the strict policy, and where none can be made the drawing stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from browser.conftest import NO_WEBGL, PHONE, WIDE, Enter, sound
from browser.outside import collector, outside, verifying
from browser.test_desk import login
from support.district import Walk

SLOW = 45_000
"""A map is drawn without a graphics card here, on a machine that does other things too."""


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
    expect(figure).to_have_attribute("data-state", "live", timeout=SLOW)
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


def press(page: Page) -> None:
    """Press the middle of the live map, a little beside it."""
    canvas = page.locator("[data-island=map][data-state=live] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] / 2 + 20, "y": box["height"] / 2 + 10})


def test_a_press_on_the_map_sets_the_place_of_an_intake_and_a_typed_place_moves_the_map(enter: Enter) -> None:
    page = enter(login("intake_officer"))
    errors = watched(page)
    page.emulate_media(reduced_motion="reduce")  # the map goes where it is told at once, for those who wish it so
    page.goto("/desk/intake")
    figure = page.locator("[data-island=map]")
    expect(figure).to_have_attribute("data-state", "live", timeout=SLOW)
    expect(figure.locator(".map-card")).to_contain_text("Press the place")
    press(page)
    expect(page.locator("[name=lon]")).to_have_value(re.compile(r"10[78]\.\d{6}"))
    expect(page.locator("[name=lat]")).to_have_value(re.compile(r"3[01]\.\d{6}"))
    expect(page.locator("[data-around]")).to_contain_text("synthetic grid")
    expect(figure.locator(".map-card")).to_contain_text("Point set")
    chosen = page.locator("[name=lon]").input_value()
    figure.locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[name=lon]")).not_to_have_value(chosen)
    sound(page)
    assert errors == []


def test_a_resident_presses_the_map_and_goes_on(enter: Enter) -> None:
    page = enter(width=PHONE, scheme="dark")
    errors = watched(page)
    page.goto("/report")
    page.fill("[name=description]", "路灯不亮")
    page.click(".actions .primary")
    page.wait_for_url("**/where")
    expect(page.locator("[data-island=map]")).to_have_attribute("data-state", "live", timeout=SLOW)
    expect(page.locator(".map-frame")).to_be_hidden()
    sound(page)
    press(page)
    expect(page.locator("#point_lon")).to_have_value(re.compile(r"10[78]\.\d{6}"))
    page.locator(".actions .primary").click()
    page.wait_for_url(re.compile("/(same|who|where)$"))
    assert errors == []


def test_the_tasks_of_the_day_are_on_a_map_that_works_without_a_line(enter: Enter) -> None:
    walk = verifying()
    page = outside(enter(collector(walk.place), width=PHONE))
    expect(page.locator("#field")).to_have_attribute("data-ready", "1", timeout=SLOW)
    page.get_by_role("button", name="On the map").click()
    figure = page.locator("#field .live-map")
    expect(figure).to_have_attribute("data-ready", "1", timeout=SLOW)
    expect(page.locator(".field-tasks li")).not_to_have_count(0)
    sound(page)
    page.context.set_offline(True)
    page.reload()
    page.get_by_role("button", name="On the map").click()
    expect(figure).to_have_attribute("data-ready", "1", timeout=SLOW)
    expect(figure).to_have_attribute("data-state", "live", timeout=SLOW)
    page.context.set_offline(False)


def test_a_queue_is_seen_on_the_map_and_each_case_opens(enter: Enter) -> None:
    walks = [Walk().intake() for _ in range(2)]
    page = enter(login("dispatcher"))
    errors = watched(page)
    page.goto("/desk/?queue=open")
    page.locator(".to-map").click()
    figure = page.locator("[data-island=map]")
    expect(figure).to_have_attribute("data-ready", "1", timeout=SLOW)
    figure.locator(".map-list summary").click()
    expect(figure.locator(".map-list li")).to_have_count(2)
    sound(page)
    assert errors == []
    figure.locator(".map-list a", has_text=walks[0].number).click()
    page.wait_for_url(f"**/cases/{walks[0].number}")


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("path", ["/solved", "/report", "/desk/intake", "/desk/map?queue=open"])
def test_a_map_that_comes_late_pushes_nothing_away(enter: Enter, path: str, width: int) -> None:
    Walk().intake()
    page = enter(login("intake_officer") if path.startswith("/desk") else "", width=width)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/built/engine*", hold)
    page.goto(path)
    if path == "/report":
        page.fill("[name=description]", "路灯不亮")
        page.click(".actions .primary")
        page.wait_for_url("**/where")
    figure = page.locator(".live-map")
    expect(figure).to_have_attribute("data-state", "loading")
    below = "() => document.querySelector('.map-pick, .live-map').getBoundingClientRect().bottom"
    before = page.evaluate(below)
    held[0].continue_()
    expect(figure).to_have_attribute("data-ready", "1", timeout=SLOW)
    assert page.evaluate(below) == pytest.approx(before, abs=10)
