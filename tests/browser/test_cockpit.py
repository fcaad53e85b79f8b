"""The cockpit in a real browser: sound at every width and theme; the wall screen fits and renews itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.conftest import PHONE, TABLET, WIDE, Enter, sound
from gewu.ledger.door import now_us
from support.district import Walk

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("width", "locale", "scheme"),
    [(PHONE, "zh-CN", "light"), (TABLET, "en-GB", "dark"), (WIDE, "en-GB", "light"), (1920, "zh-CN", "dark")],
)
def test_the_pages_are_sound(enter: Enter, width: int, locale: str, scheme: str) -> None:
    Walk(at_us=now_us() - 6 * HOUR).answered()
    Walk(at_us=now_us() - 5 * HOUR).filed()
    page = enter("office1", width=width, locale=locale, scheme=scheme)
    page.goto("/cockpit/")
    for summary in page.locator(".ck-card summary").all():
        summary.click()
    sound(page)
    page.click(".ck-tiles a >> nth=0")
    sound(page)
    assert page.locator("tbody tr").count() >= 1


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_the_wall_screen_fits_and_renews_itself(enter: Enter, width: int, height: int) -> None:
    Walk(at_us=now_us() - 5 * HOUR).filed()
    page = enter("office1", width=width, locale="zh-CN")
    page.set_viewport_size({"width": width, "height": height})
    page.clock.install()
    page.goto("/cockpit/wall")
    sound(page)
    size = page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert size[0] <= size[1]
    for card in page.locator(".wall-card").all():
        inner = card.evaluate("e => [e.scrollHeight, e.clientHeight]")
        assert inner[0] <= inner[1] + 1, card.evaluate("e => e.className")
    page.evaluate("document.querySelector('.ck-tiles').dataset.old = '1'")
    with page.expect_response("**/cockpit/wall"):
        page.clock.fast_forward(61_000)
    # Not wait_for_function: where its first look fails it asks for eval, which the pages' policy refuses.
    expect(page.locator(".ck-tiles[data-old]")).to_have_count(0)
    expect(page.locator("#stale")).to_have_text("")
    page.context.set_offline(True)
    page.clock.fast_forward(61_000)
    expect(page.locator("#stale")).not_to_have_text("")
    assert page.locator(".ck-tiles dd").count() == 6, "the old numbers stay"
