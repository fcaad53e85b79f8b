"""A real browser at the desk: the system's Chromium, driven by Playwright against the live server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gewu.registry.models import District
from gewu.registry.people import set_passwords
from support.district import CODE

PASSWORD = "a-password-for-tests"
PHONE, TABLET, WIDE = 390, 1024, 1440
Enter = Callable[..., Page]
expect.set_options(timeout=15_000)
"""As patient as pages are: a busy machine needs longer than five seconds for a page now and then."""
NO_WEBGL = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return String(kind).startsWith("webgl") ? null : real.call(this, kind, ...more);
};
"""
"""A script for a page: a browser that draws no live maps, as those of old phones."""


@pytest.fixture
def enter(browser: Browser, live_server: str) -> Iterator[Enter]:
    """``enter(login, width=..., locale=..., scheme=...)``: a page of somebody who has logged in by hand."""
    set_passwords(District.objects.get(code=CODE), PASSWORD)
    contexts: list[BrowserContext] = []

    def go(login: str = "", *, width: int = WIDE, locale: str = "en-GB", scheme: str = "light", zone: str = "") -> Page:
        size = {"width": width, "height": 844 if width == PHONE else 900}
        context = browser.new_context(
            base_url=live_server,
            viewport=size,
            locale=locale,
            color_scheme=scheme,
            has_touch=width == PHONE,
            timezone_id=zone or None,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.faults = faults
        if login:
            page.goto("/desk/login")
            page.fill("#login", login)
            page.fill("#password", PASSWORD)
            page.click(".login .primary")
            page.wait_for_selector(".who")
        return page

    yield go
    for context in contexts:
        context.close()


def sound(page: Page) -> None:
    """Nothing serious that axe finds, nothing wider than the screen, no fault of a script."""
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    told = [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in serious]
    assert not serious, f"{page.url}: {told}"
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], f"{page.url} is {wide[0]} px wide on a screen of {wide[1]}"
    assert page.faults == [], f"{page.url}: {page.faults}"
