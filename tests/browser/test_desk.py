"""The desk in a browser: from intake to answered by several people, on a phone and a wide screen, in both languages."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import NO_WEBGL, PHONE, TABLET, WIDE, Enter, sound
from support.district import Walk, acting, picture, post

NOW = time.time_ns() // 1000
AT = ("108.4087", "30.8075")


def login(role: str, *, unit: str = "", covering: str = "", number: int = 0) -> str:
    return post(role, unit=unit, covering=covering or ("" if unit else "500101"), number=number).login


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "photo.jpg"
    path.write_bytes(picture(640, 480))
    return str(path)


def act(page: Page, move: str) -> None:
    """Open a form and press its button."""
    form = page.locator(f"#move-{move}")
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    form.locator("form > .actions .primary").click()


def test_a_wrong_password_is_told(enter: Enter) -> None:
    page = enter()
    page.goto("/desk/login")
    page.fill("#login", login("dispatcher"))
    page.fill("#password", "not this one")
    page.click(".login .primary")
    expect(page.locator(".error-summary")).to_contain_text("Login or password is wrong")
    sound(page)


def test_a_case_goes_through_the_pages_from_intake_to_answered(enter: Enter, photo: str) -> None:
    officer = enter(login("intake_officer"))
    officer.goto("/desk/intake")
    officer.fill("[name=description]", "路面有大片油污，我是张三，电话 13812345678")
    officer.click(".proposals li:has-text('Telephone') button")
    expect(officer.locator("[name=reporter_phone]")).to_have_value("13812345678")
    officer.locator("[name=category]").press_sequentially("Dirty road")
    officer.locator(".finder li", has_text="Dirty road (matter 06012)").click()
    officer.locator(".coordinates summary").click()
    officer.fill("[name=lon]", AT[0])
    officer.fill("[name=lat]", AT[1])
    officer.locator("[name=lat]").blur()
    expect(officer.locator("[data-around]")).to_contain_text("Affairs Centre, Sanitation Section")
    sound(officer)
    officer.click(".intake-foot .primary")
    officer.wait_for_url("**/done")
    number = officer.locator(".big-number").first.inner_text()
    officer.goto(f"/desk/cases/{number}")
    officer.keyboard.press("v")
    expect(officer.locator("#move-send_verify")).to_have_attribute("open", "")
    act(officer, "send_verify")
    expect(officer.locator(".stage-now")).to_have_text("Being verified")

    place = officer.evaluate("document.querySelector('.map img').src").split("place=")[1][:15]
    collector = enter(login("collector", covering=place, number=1), width=PHONE)
    collector.click(f".card:has-text('{number}')")
    collector.set_input_files("#confirm_exists-photo-other", photo, timeout=15_000)
    act(collector, "confirm_exists")
    collector.wait_for_url("**/tasks")

    leader = enter(login("shift_leader"))
    leader.goto(f"/desk/cases/{number}?move=file")
    leader.locator("#move-file .standard").first.click()
    act(leader, "file")
    expect(leader.locator(".stage-now")).to_have_text("Filed")

    dispatcher = enter(login("dispatcher"))
    dispatcher.goto("/desk/")
    dispatcher.click(f"[data-number='{number}'] .row-pick")
    dispatcher.click(".bulk button:has-text('Dispatch')")
    expect(dispatcher.locator(".plan")).to_contain_text("Affairs Centre, Sanitation Section")
    dispatcher.click(".bulk-form > .actions .primary")
    expect(dispatcher.locator("main")).to_contain_text("1 case went")

    clerk = enter(login("unit_clerk", unit="sanitation-section"))
    clerk.click(f"[data-number='{number}'] .row-number")
    clerk.goto(f"/desk/cases/{number}")
    act(clerk, "claim")
    expect(clerk.locator(".stage-now")).to_have_text("Being handled")
    clerk.keyboard.press("h")
    clerk.fill("#report_handled-result", "washed and dry")
    clerk.set_input_files("#report_handled-photo-after", photo)
    act(clerk, "report_handled")
    expect(clerk.locator(".stage-now")).to_have_text("Handled")

    dispatcher.goto(f"/desk/cases/{number}?move=send_check")
    act(dispatcher, "send_check")
    checker = enter(login("collector", covering=place, number=2), width=PHONE)
    checker.click(f".card:has-text('{number}')")
    checker.locator("#move-check_pass summary").first.click()
    checker.set_input_files("#check_pass-photo-other", photo)
    act(checker, "check_pass")
    checker.wait_for_url("**/tasks")

    leader.goto(f"/desk/cases/{number}?move=close")
    leader.check("#close-closing_condition")
    act(leader, "close")
    expect(leader.locator(".stage-now")).to_have_text("Closed, to be answered")
    officer.goto(f"/desk/cases/{number}?move=answer")
    officer.fill("#answer-reply", "油污已清除，感谢反映。")
    act(officer, "answer")
    expect(officer.locator(".stage-now")).to_have_text("Done")
    expect(officer.locator(".timeline > li")).to_have_count(11)
    sound(officer)


def test_pasted_photos_and_the_drawn_map_fill_the_form(enter: Enter) -> None:
    page = enter(login("intake_officer"))
    page.add_init_script(NO_WEBGL)
    page.goto("/desk/intake")
    page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
            const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
            const data = new DataTransfer();
            data.items.add(new File([blob], 'chat.png', { type: 'image/png' }));
            const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
            document.querySelector('[name=description]').dispatchEvent(paste);
        }"""
    )
    expect(page.locator("[data-thumbs] img")).to_have_count(1)
    area = page.locator("[data-map]")
    expect(area).to_have_attribute("src", re.compile("^blob:"))
    for _ in range(4):
        if page.locator("[name=lon]").input_value():
            break
        before = str(area.get_attribute("src"))
        area.click(position={"x": 250, "y": 150})
        expect(area).not_to_have_attribute("src", before)
    assert re.fullmatch(r"10[78]\.\d{6}", page.locator("[name=lon]").input_value())
    expect(page.locator("[data-around]")).to_contain_text("synthetic grid")


def test_the_queue_goes_by_keyboard_and_shows_the_case_beside_it(enter: Enter) -> None:
    walks = [Walk(at_us=NOW).intake(description=f"number {n}") for n in range(3)]
    page = enter(login("intake_officer"))
    page.goto("/desk/?queue=registered")
    expect(page.locator(".row")).to_have_count(3)
    expect(page.locator(".row").nth(0)).to_have_class(re.compile(r"\bon\b"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    second = page.locator(".row").nth(1)
    expect(second).to_have_class(re.compile(r"\bon\b"))
    expect(page.locator("[data-bulk-count]")).to_have_text("1 case chosen")
    number = second.get_attribute("data-number")
    assert number in {w.number for w in walks}
    expect(page.locator("[data-preview]")).to_contain_text(str(number))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}")
    page.keyboard.press("n")
    expect(page.locator("#add_note-note")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#move-add_note")).not_to_have_attribute("open", "")


def test_on_a_phone_the_queue_fits_and_its_targets_are_large_outside(enter: Enter) -> None:
    walk = Walk(at_us=NOW).intake()
    walk.move(acting("intake_officer"), "send_verify")
    page = enter(login("intake_officer"), width=PHONE, locale="zh-CN")
    page.goto("/desk/?queue=open")
    expect(page.locator(".row")).to_have_count(1)
    assert page.locator(".row").bounding_box()["height"] < 80
    sound(page)
    outside = enter(login("collector", covering=walk.place), width=PHONE, locale="zh-CN")
    outside.goto(f"/desk/cases/{walk.number}")
    small = outside.evaluate(
        """() => [...document.querySelectorAll('.task-moves summary, .task-moves button, .top-nav a, .back a')]
            .filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < 47.5)
            .map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert small == []
    capture = outside.locator("#confirm_exists-photo-other")
    assert capture.get_attribute("capture") == "environment"
    sound(outside)


def test_typed_words_are_not_lost_by_leaving(enter: Enter) -> None:
    page = enter(login("intake_officer"))
    page.goto("/desk/intake")
    page.fill("[name=description]", "half a sentence")
    asked: list[str] = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay)
    page.click(".top-nav a >> nth=0")
    page.wait_for_url("**/desk/")
    assert asked == ["beforeunload"]


PAGES = ["/desk/login", "/desk/?queue=open", "/desk/intake", "/desk/notices", "/desk/keys", "/desk/post", "CASE", "404"]


# Every width and every pair of language and colours, without all their products.
SCREENS = [
    (PHONE, "light", "en-GB"),
    (PHONE, "dark", "zh-CN"),
    (TABLET, "dark", "en-GB"),
    (TABLET, "light", "zh-CN"),
    (WIDE, "light", "en-GB"),
    (WIDE, "dark", "zh-CN"),
]


@pytest.mark.parametrize(("width", "scheme", "locale"), SCREENS)
def test_every_page_is_sound(enter: Enter, width: int, scheme: str, locale: str) -> None:
    walk = Walk(at_us=NOW).dispatched()
    walk.later(3).move(walk.clerk(), "return_case", texts={"reason": "not ours"})
    late = Walk(at_us=NOW - 86_400_000_000).handled()
    page = enter(login("intake_officer"), width=width, scheme=scheme, locale=locale)
    for path in PAGES:
        if path == "CASE":
            for number in (walk.number, late.number):
                page.goto(f"/desk/cases/{number}?move=add_note")
                sound(page)
        else:
            page.goto("/desk/cases/0" if path == "404" else path)
            sound(page)
    leader = enter(login("dispatcher"), width=width, scheme=scheme, locale=locale)
    leader.goto(f"/desk/cases/{walk.number}?move=dispatch")
    sound(leader)
    leader.goto(f"/desk/cases/{walk.number}/split")
    sound(leader)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_pages_for_outside_are_sound(enter: Enter, locale: str) -> None:
    page = enter(login("collector", covering="500101023"), width=PHONE, locale=locale)
    for path in ("/desk/tasks", "/desk/spot", "/desk/found", "/desk/notices"):
        page.goto(path)
        sound(page)


def test_the_switches_of_language_and_colours_hold(enter: Enter) -> None:
    page = enter(login("dispatcher"))
    page.click("button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.click("button[name=theme]")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.click("button[name=theme]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 20)"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
