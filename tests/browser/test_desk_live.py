"""The desk while others work: what an open page learns, views and sheets, and work handed on for many cases at once."""

from __future__ import annotations

import io
import time

from openpyxl import load_workbook
from playwright.sync_api import Route, expect

from browser.conftest import Enter, sound
from browser.test_desk import login
from gewu.cases.queries import get_case
from gewu.surfaces.desk import sheetmaker
from support.district import Walk, acting, directory, district_id

NOW = time.time_ns() // 1000
UNIT = "sanitation-section"
ROUND = 11_000
"""Milliseconds after which an open page has asked once more for what changed."""


def test_an_open_queue_and_an_open_case_tell_what_others_do_and_keep_what_was_begun(enter: Enter) -> None:
    walks = [Walk(at_us=NOW).intake(description=f"number {n}") for n in range(2)]
    page = enter(login("intake_officer"))
    page.clock.install()
    page.goto("/desk/?queue=open")
    expect(page.locator(".row")).to_have_count(2)
    page.locator(".row-pick").nth(0).click()
    expect(page.locator("[data-bulk-count]")).to_have_text("1 case chosen")
    ticked = page.locator(".row").nth(0).get_attribute("data-number")
    case = page.context.new_page()
    case.clock.install()
    case.goto(f"/desk/cases/{walks[1].number}?move=add_note")
    case.fill("#add_note-note", "half a sen")
    Walk(at_us=NOW).intake(description="a third one")
    walks[1].move(acting("intake_officer"), "send_verify")
    case.clock.fast_forward(ROUND)
    expect(case.locator("[data-live-news]")).to_contain_text("Somebody changed this case meanwhile")
    expect(case.locator("#add_note-note")).to_have_value("half a sen")
    page.clock.fast_forward(ROUND)
    expect(page.locator("[data-live-said]")).to_have_text("2 cases new or changed")
    expect(page.locator(".row")).to_have_count(2)
    sound(page)
    page.locator("[data-live-show]").click()
    expect(page.locator(".row")).to_have_count(3)
    expect(page.locator("[data-live-bar]")).to_be_hidden()
    expect(page.locator(f".row[data-number='{ticked}'] input")).to_be_checked()
    expect(page.locator(".row input:checked")).to_have_count(1)


def test_a_queue_is_saved_as_a_view_and_fetched_as_a_sheet(enter: Enter) -> None:
    walk = Walk(at_us=NOW).intake()
    page = enter(login("intake_officer"), locale="zh-CN")
    page.goto("/desk/?queue=open&source=phone")
    page.get_by_label("视图名称").fill("电话来的")
    page.get_by_role("button", name="存为视图").click()
    expect(page.locator(".rail-link", has_text="电话来的")).to_contain_text("1")
    page.get_by_role("button", name="导出").click()
    expect(page.locator(".sheet-line")).to_contain_text("排队等候")
    assert sheetmaker.step("browser")
    download = page.locator(".sheet-line").get_by_role("link", name="下载")
    expect(download).to_be_visible()
    sound(page)
    with page.expect_download() as fetched:
        download.click()
    assert fetched.value.suggested_filename.endswith(".xlsx")
    rows = list(load_workbook(io.BytesIO(fetched.value.path().read_bytes())).active.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [walk.number]
    page.goto("/desk/views")
    expect(page.locator(".views-list li")).to_have_count(1)
    sound(page)


def test_many_cases_are_handed_on_inside_the_unit_and_what_stayed_goes_again(enter: Enter) -> None:
    walks = [Walk(at_us=NOW).handling(UNIT) for _ in range(2)]
    late = Walk(at_us=NOW).dispatched(UNIT)
    page = enter(login("unit_clerk", unit=UNIT))
    page.goto("/desk/?queue=open")
    expect(page.locator(".row")).to_have_count(3)
    for key in ("x", "j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-bulk-count]")).to_have_text("3 cases chosen")
    page.get_by_role("button", name="Hand on inside the unit").click()
    expect(page.locator(".plan li")).to_have_count(3)
    hands = {walk.number: page.get_by_label(f"Who gets {walk.number}") for walk in (*walks, late)}
    first = hands[walks[0].number].input_value()
    assert first != hands[walks[1].number].input_value(), "spread over the people"
    hands[walks[1].number].select_option(label="– anybody of it –", force=True)
    page.get_by_label("Instruction").fill("before this evening")
    sound(page)
    page.locator(".bulk-form > .actions .primary").click()
    expect(page.locator("main")).to_contain_text("2 cases went")
    expect(page.locator("main")).to_contain_text("1 stayed as it was")
    sound(page)
    late.later(5).move(late.clerk(), "claim")
    page.get_by_role("button", name="Try that case again").click()
    expect(page.locator(".plan li")).to_have_count(1)
    expect(page.get_by_label("Instruction")).to_have_value("before this evening")
    page.locator(".bulk-form > .actions .primary").click()
    expect(page.locator("main")).to_contain_text("1 case went")
    given = {walk.number: _work(walk) for walk in (*walks, late)}
    assert given[walks[0].number][1] == first
    assert given[walks[1].number] == (UNIT, "")
    assert given[late.number][1] in {str(p.person) for p in directory().holders("worker")}


def _work(walk: Walk) -> tuple[str, str]:
    """The unit and the person that have a case inside the unit."""
    view = get_case(district_id(), acting("unit_clerk", unit=UNIT), walk.record_id)
    (part,) = [a for a in view.state.assignments if a.slot == "work" and a.live]
    return part.unit, part.person


def test_a_session_that_ended_puts_no_login_into_a_part_of_another_page(enter: Enter) -> None:
    for n in range(2):
        Walk(at_us=NOW).intake(description=f"number {n}")
    page = enter(login("intake_officer"))
    page.goto("/desk/intake")
    page.locator(".coordinates summary").click()
    queue = page.context.new_page()
    faults: list[str] = []
    queue.on("pageerror", lambda error: faults.append(str(error)))
    queue.goto("/desk/?queue=open")
    shown = queue.locator("[data-preview]")
    expect(shown).to_contain_text("number ")
    page.context.clear_cookies()
    with queue.expect_event("requestfailed", lambda asked: asked.url.endswith("/preview")):
        queue.keyboard.press("j")
    queue.wait_for_load_state("networkidle")
    expect(queue.locator("#login")).to_have_count(0)
    expect(shown).to_contain_text("number ")
    queue.locator(".row.on .row-in").click()
    expect(queue.locator("#login")).to_be_visible()
    page.fill("[name=lon]", "108.4087")
    with page.expect_event("requestfailed", lambda asked: "/find/around?" in asked.url):
        page.fill("[name=lat]", "30.8075")
        page.locator("[name=lat]").blur()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#login")).to_have_count(0)
    expect(page.locator("[name=lat]")).to_have_value("30.8075")
    assert page.faults == faults == []


def test_what_fills_later_moves_nothing_that_could_be_pressed(enter: Enter) -> None:
    walks = [Walk(at_us=NOW).filed() for _ in range(2)]
    page = enter(login("dispatcher"))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/near?part=1", hold)
    page.goto(f"/desk/cases/{walks[0].number}")
    expect(page.locator("[data-part]")).to_be_visible()
    places = "() => [...document.querySelectorAll('.case-side section')].map((one) => one.getBoundingClientRect().top)"
    before = page.evaluate(places)
    assert len(before) > 3
    expect(page.locator(".live-map[data-ready]")).to_be_visible()
    held[0].continue_()
    expect(page.locator("[data-part]")).to_contain_text(walks[1].number)
    assert page.evaluate(places)[: len(before)] == before
