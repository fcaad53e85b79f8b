"""Inputs that pages dress themselves: files in the page's own words, and several units chosen one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.conftest import PHONE, WIDE, Enter, sound
from browser.test_desk import login
from gewu.occasions.queries import Filter, get_occasion, list_occasions
from support.district import acting, district_id, picture
from support.occasions import BUREAU, COMMUNITY, OFFICE

THIN = "\u2009"


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "井盖.jpg", tmp_path / "b.jpg"]
    for path in made:
        path.write_bytes(picture())
    return made


def test_a_file_is_chosen_in_the_words_of_the_page(enter: Enter, photos: list[Path], tmp_path: Path) -> None:
    page = enter(login("intake_officer"), locale="zh-CN")
    page.goto("/desk/intake")
    chosen = page.get_by_label("照片 选填")
    said = page.locator(".file", has=chosen).locator(".file-said")
    expect(said).to_have_text("选择照片或拖放到此处")
    chosen.focus()
    expect(chosen).to_be_focused()
    with page.expect_file_chooser() as asked:
        said.click(force=True)  # a press on the words is a press on the input
    asked.value.set_files(photos)
    expect(said).to_contain_text(f"已选{THIN}2{THIN}个：井盖.jpg、b.jpg")
    page.get_by_role("button", name="移除 b.jpg").click()
    expect(said).to_contain_text("井盖.jpg")
    expect(said).not_to_contain_text("b.jpg")
    other = tmp_path / "notes.txt"
    other.write_text("no picture")
    chosen.set_input_files([*photos, other])
    expect(said).not_to_contain_text("notes.txt")
    chosen.set_input_files([])
    expect(said).to_contain_text("或拖放到此处")
    sound(page)


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_a_resident_chooses_photos_in_the_words_of_the_page(enter: Enter, photos: list[Path], width: int) -> None:
    page = enter(width=width, locale="zh-CN")
    page.goto("/report")
    said = page.locator(".file-said")
    expect(said).to_contain_text("选择照片")
    page.locator("input[name=photos]").set_input_files(photos[0])
    expect(said).to_contain_text("井盖.jpg")
    sound(page)


def test_a_whistle_calls_several_units_that_are_typed_one_after_the_other(enter: Enter) -> None:
    page = enter(login("unit_clerk", unit=OFFICE))
    page.goto("/desk/workdays/new?type=whistle")
    called = page.get_by_role("group", name="Who is called", exact=True)
    typed = called.get_by_label("Add a unit")
    for words, wanted in (("squad-gaosuntang", 1), (BUREAU, 2), ("squad-gaosuntang", 2)):
        typed.press_sequentially(words)
        expect(called.get_by_role("option").first).to_be_visible()
        typed.press("ArrowDown")
        typed.press("Enter")
        expect(typed).to_have_value("")
        expect(called.get_by_role("checkbox")).to_have_count(wanted)
    assert [box.is_checked() for box in called.get_by_role("checkbox").all()] == [True, True]
    sound(page)
    page.get_by_role("button", name="Blow the whistle").click()
    expect(page.locator(".error-summary")).to_contain_text("Cause")
    expect(called.get_by_role("checkbox", checked=True)).to_have_count(2)  # nothing that was chosen is lost
    page.get_by_label("Joint enforcement").check()
    page.get_by_label("What is to be mended").fill("Smoke of the night market")
    page.get_by_label("Community or grid").fill(COMMUNITY)
    page.get_by_role("button", name="Blow the whistle").click()
    page.wait_for_url("**/desk/workdays/*-*")
    (row,) = list_occasions(district_id(), acting("comprehensive_office"), Filter("whistle")).rows
    view = get_occasion(district_id(), acting("comprehensive_office"), row.record_id)
    assert {one.unit for one in view.state.assignments if one.slot == "called"} == {BUREAU, "squad-gaosuntang"}
