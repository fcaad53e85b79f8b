"""The same way in a real browser at the width of a phone, in Chinese: report, number, follow. And axe on every page."""

from __future__ import annotations

import os
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from browser.conftest import NO_WEBGL
from support.district import POINT, Walk
from support.visitors import WORDS, jpeg

CHROMIUM = os.environ.get("GEWU_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine (GEWU_CHROMIUM names one)")

TARGET = """
() => [...document.querySelectorAll(
    'main a.button, main button, main input:not([type=hidden]), main select, main summary, nav a')]
  .filter(e => { const s = getComputedStyle(e); return e.getClientRects().length && s.clipPath === 'none'; })
  .map(e => [e, e.closest('label.tick') || e])
  .filter(([e, box]) => box.getBoundingClientRect().height < 47.5 && !e.matches('.bait input'))
  .map(([e]) => e.outerHTML.slice(0, 120))
"""


def context_of(browser: Browser, size: dict[str, int], locale: str, **more: object) -> BrowserContext:
    return browser.new_context(viewport=size, locale=locale, **more)


def sound(page: Page) -> None:
    """Nothing that axe finds, nothing wider than the screen, every target large enough for a thumb."""
    page.wait_for_load_state()
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "17px"
    assert page.evaluate(TARGET) == [], page.url


def test_a_phone_reports_and_follows_in_chinese(browser: Browser, live_server: str) -> None:
    place = {"longitude": POINT[0], "latitude": POINT[1]}
    context = context_of(browser, PHONE, "zh-CN", geolocation=place, permissions=["geolocation"])
    page = context.new_page()
    page.goto(live_server)
    sound(page)
    page.get_by_role("link", name="反映问题 三个问题").click()
    sound(page)
    page.get_by_role("button", name="继续").click()
    page.wait_for_url("**/report")
    assert page.locator(":focus").get_attribute("class") == "error-summary"
    sound(page)
    page.get_by_label("问题描述").fill(WORDS)
    page.get_by_label("照片").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    page.get_by_role("button", name="继续").click()
    page.wait_for_url("**/where")
    sound(page)
    page.get_by_label("描述地点").fill("王牌路 12 号门口")
    page.get_by_role("button", name="使用本机位置").click()
    page.get_by_text("这是您手机的位置").wait_for()
    assert page.get_by_label("描述地点").input_value() == "王牌路 12 号门口"
    sound(page)
    page.get_by_role("button", name="继续").click()
    page.wait_for_url("**/who")
    sound(page)
    page.get_by_label("需要", exact=False).first.check()
    page.get_by_role("button", name="提交").dblclick()
    page.wait_for_url("**/done")
    sound(page)
    number, code = page.inner_text("#number"), page.inner_text("#code")
    link = page.locator("[data-copy*='#']").get_attribute("data-copy")
    assert re.fullmatch(r"\d{19}", number)
    assert link
    assert link.endswith(f"/follow#{number}-{code}")
    page.go_back()
    page.wait_for_url("**/done")  # what is sent is not sent again

    other = context_of(browser, PHONE, "zh-CN").new_page()
    other.goto(f"{live_server}/follow")
    sound(other)
    other.get_by_label("编号").fill(number)
    other.get_by_role("button", name="查询").click()
    other.wait_for_url(f"**/follow/{number}")
    assert WORDS not in other.content()
    sound(other)

    asked: list[str] = []
    third = context_of(browser, PHONE, "zh-CN").new_page()
    third.on("request", lambda request: asked.append(request.url))
    third.goto(link)
    third.wait_for_url(f"**/follow/{number}")
    third.get_by_text(WORDS).wait_for()
    assert all(code not in url for url in asked[1:])  # the first is the fragment itself, which stays in the browser
    sound(third)
    third.get_by_label("补充说明").fill("昨晚又有人踩空。")
    third.get_by_role("button", name="补充提交").click()
    third.get_by_text("昨晚又有人踩空。").wait_for()


def test_the_drawn_map_is_pressed_in_the_browser(browser: Browser, live_server: str) -> None:
    for size, locale in ((PHONE, "zh-CN"), (DESK, "en")):
        page = context_of(browser, size, locale).new_page()
        page.add_init_script(NO_WEBGL)
        page.goto(f"{live_server}/report")
        page.locator("#description").fill(WORDS)
        page.locator(".actions .primary").click()
        page.wait_for_url("**/where")
        for _ in range(3):
            image = page.locator("input[type=image]:visible")
            box = image.bounding_box()
            assert box is not None
            with page.expect_navigation():
                image.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
        assert page.locator("#picked .num").count() == 1
        sound(page)


@pytest.mark.parametrize(
    ("size", "locale", "scheme"),
    [(PHONE, "zh-CN", "light"), (PHONE, "en", "dark"), (DESK, "zh-CN", "dark"), (DESK, "en", "light")],
)
def test_pages_are_sound_in_both_languages_widths_and_schemes(
    browser: Browser, live_server: str, size: dict[str, int], locale: str, scheme: str
) -> None:
    walk = Walk().answered()
    page = context_of(browser, size, locale, color_scheme=scheme).new_page()
    for path in ("/", "/about", "/report", "/follow"):
        page.goto(live_server + path)
        sound(page)
    page.goto(f"{live_server}/follow#{walk.number}-{walk.follow_code}")
    page.wait_for_url(f"**/follow/{walk.number}")
    sound(page)


def test_the_way_works_without_scripts_by_keyboard(browser: Browser, live_server: str) -> None:
    page = context_of(browser, PHONE, "en", java_script_enabled=False).new_page()
    page.goto(f"{live_server}/report")
    page.locator("#description").focus()
    page.keyboard.type("A broken manhole cover.")
    page.locator(".actions .primary").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/where")
    page.locator("#query").focus()
    page.keyboard.type("gaosuntang community")
    page.keyboard.press("Enter")
    page.locator("input[name=place]").first.focus()
    page.keyboard.press("Space")
    page.locator("#address").focus()
    page.keyboard.press("Tab")
    page.locator("#query").focus()
    page.keyboard.press("Enter")  # the Enter key means: go on
    page.wait_for_url("**/who")
    page.locator("input[name=wants][value=no]").focus()
    page.keyboard.press("Space")
    page.locator("#name").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    assert re.fullmatch(r"\d{19}", page.inner_text("#number"))
