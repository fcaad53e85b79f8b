"""A call taken with the keyboard alone, the next one at once, and what is left of either in the browser: nothing."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import PASSWORD, PHONE, WIDE, Enter, sound
from browser.test_desk import login
from support.district import Walk, picture

NUMBER = "13812345021"


class Keys:
    """A keyboard that counts: letters of the caller's words are typed anyway, every other key is a step."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, 0

    def press(self, key: str) -> None:
        self.steps += 1
        self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)


def field(page: Page, name: str) -> str:
    return page.locator(f"[name={name}]").input_value()


def test_a_call_takes_four_keys_beside_the_words(enter: Enter) -> None:
    page = enter(login("intake_officer"))
    keys = Keys(page)
    page.goto(f"/desk/intake#tel={NUMBER}")
    expect(page.locator("[name=reporter_phone]")).to_have_value(NUMBER)
    expect(page.locator("[name=description]")).to_be_focused()
    assert NUMBER not in page.url
    keys.type("高笋塘社区广场旁边路灯不亮了")
    expect(page.locator('[data-key="1"]')).to_contain_text("Street lamp problem")
    expect(page.locator('[data-key="4"]')).to_contain_text("Gaosuntang Community")
    assert field(page, "category") == "", "a suggestion is no choice"
    keys.press("Alt+1")
    expect(page.locator("[name=category]")).to_have_value("Street lamp problem (matter 01037)")
    keys.press("Alt+4")
    expect(page.locator("[data-around]")).to_contain_text("Street Lighting Section")
    keys.press("Control+Enter")
    expect(page.locator(".tell")).to_contain_text("Your report is registered; next: Intake officer or Shift leader has")
    number = page.locator(".big-number").first.inner_text()
    expect(page.locator("[data-focus]")).to_be_focused()
    sound(page)
    keys.press("Enter")
    expect(page.locator("[name=description]")).to_have_value("")
    assert keys.steps == 4

    page.evaluate(f"location.hash = 'tel={NUMBER}'")
    expect(page.locator("[data-caller]")).to_contain_text(number)
    expect(page.locator("[name=description]")).to_be_focused()
    keys.type("还是没亮")
    page.get_by_role("button", name="Add the words to this case").focus()
    keys.press("Enter")
    expect(page.locator(".tell")).to_contain_text("Others reported it already")
    assert page.locator(".big-number").first.inner_text() == number
    page.wait_for_load_state()  # the script of the page that says it is registered has run
    assert page.evaluate("sessionStorage.length") == 0


def test_enter_goes_on_and_registers_nothing_half(enter: Enter) -> None:
    page = enter(login("intake_officer"))
    page.goto("/desk/intake")
    page.focus("[name=reporter_phone]")
    page.keyboard.press("Enter")
    expect(page.locator("[name=reporter_name]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[name=description]")).to_be_focused()
    page.focus("[name=category]")
    page.keyboard.type("道路不洁")
    expect(page.locator(".finder li").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[name=category]")).to_have_value("Dirty road (matter 06012)")


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_pasted_chat_and_photos_are_taken_over_and_undone(enter: Enter, width: int) -> None:
    Walk().intake()
    page = enter(login("intake_officer"), width=width)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/desk/intake")
    pasted = "[图片]\n李四 14:02\n高笋塘社区门口路灯不亮了\n地点：高笋塘社区3组12号\n电话 １３８１２３４５０２２"
    page.evaluate("text => navigator.clipboard.writeText(text)", pasted)
    page.fill("[name=reporter_name]", "王某")
    page.focus("[name=description]")
    page.keyboard.press("Control+V")
    proposals = page.locator(".proposals")
    expect(proposals).to_contain_text("13812345022")
    expect(page.locator("[name=reporter_phone]")).to_have_value("")
    page.keyboard.press("Alt+0")
    expect(page.locator("[name=reporter_phone]")).to_have_value("13812345022")
    expect(page.locator("[name=description]")).to_have_value("高笋塘社区门口路灯不亮了")
    expect(page.locator("[name=address]")).to_have_value("高笋塘社区3组12号")
    expect(page.locator("[name=source][value=chat]")).to_be_checked()
    assert field(page, "reporter_name") == "王某", "what was typed is never written over"
    proposals.get_by_role("button", name="Undo").click()
    expect(page.locator("[name=reporter_phone]")).to_have_value("")
    expect(page.locator("[name=description]")).to_have_value(pasted)

    image = base64.b64encode(picture(400, 300, "PNG")).decode()
    page.evaluate(
        """async (data) => {
          const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
          const image = new Blob([bytes], { type: "image/png" });
          await navigator.clipboard.write([new ClipboardItem({ "image/png": image })]);
        }""",
        image,
    )
    for n in (1, 2):
        page.focus("[name=description]")
        page.keyboard.press("Control+V")
        expect(page.locator("[data-thumbs] img")).to_have_count(n)
    page.get_by_role("button", name="Remove").first.click()
    expect(page.locator("[data-thumbs] img")).to_have_count(1)
    page.set_input_files("[data-photos]", {"name": "note.gif", "mimeType": "image/gif", "buffer": b"GIF89a"})
    expect(page.locator("[data-photo-said]")).to_contain_text("note.gif: not a photo that can be taken")
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    assert page.faults == []


def test_a_draft_outlives_a_reload_and_tells_nobody(enter: Enter) -> None:
    name = login("intake_officer")
    page = enter(name)
    page.goto("/desk/intake")
    with page.expect_response("**/desk/intake/draft") as sealed:
        page.fill("[name=description]", "李家巷路灯不亮")
    assert sealed.value.ok
    with page.expect_response("**/desk/intake/draft") as sealed:
        page.fill("[name=reporter_phone]", NUMBER)
    assert sealed.value.ok
    page.evaluate("window.gewu.clean()")  # the browser's own question about leaving stands in the way of a reload
    page.reload()
    expect(page.locator("[name=description]")).to_have_value("李家巷路灯不亮")
    expect(page.locator("[name=reporter_phone]")).to_have_value(NUMBER)
    expect(page.locator("[data-draft-bar]")).to_contain_text("Your draft is back")
    held = page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
    assert "gewu-intake" in held
    assert "李家巷" not in held
    assert NUMBER not in held
    page.evaluate("window.gewu.clean()")
    page.locator(".who summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("#login")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_what_the_server_seals_while_somebody_logs_out_stays_in_no_tab(enter: Enter) -> None:
    page = enter(login("intake_officer"))
    # The server's answer reaches the page after the press on "Log out" and before the next page: the worst moment.
    page.add_init_script(
        """{
          const ask = window.fetch;
          window.fetch = async (url, how) => {
            const answer = await ask(url, how);
            if (!String(url).endsWith("/desk/intake/draft")) return answer;
            document.documentElement.dataset.sealed = "1";
            return new Promise((give) => document.addEventListener("submit", () => setTimeout(() => give(answer), 0)));
          };
        }"""
    )
    page.goto("/desk/intake")
    page.fill("[name=description]", "李家巷路灯不亮")
    expect(page.locator("html[data-sealed]")).to_be_attached()
    page.evaluate("window.gewu.clean()")
    page.locator(".who summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("#login")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_session_that_ends_in_a_call_costs_no_words(enter: Enter) -> None:
    name = login("intake_officer")
    page = enter(name)
    page.goto("/desk/intake")
    with page.expect_response("**/desk/intake/draft"):
        page.fill("[name=description]", "李家巷路灯不亮")
    page.context.clear_cookies()
    page.keyboard.type("，很多天了")
    expect(page.locator("[data-draft-bar]")).to_contain_text("The server did not take the draft")
    other = page.context.new_page()
    other.goto("/desk/login")
    other.fill("#login", name)
    other.fill("#password", PASSWORD)
    other.click(".login .primary")
    expect(other.locator(".who")).to_be_visible()
    other.close()
    page.focus("[name=description]")
    page.keyboard.press("End")
    page.keyboard.type("！")
    expect(page.locator("[data-draft-bar]")).to_have_text("")
    page.fill("[name=category]", "06012")
    page.fill("[name=place]", "500101001008")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tell")).to_contain_text("Your report is registered")
