"""Figures in a real browser: readable, operable, nothing wider than the screen."""

from __future__ import annotations

import pytest

from browser.conftest import PHONE, WIDE, Enter, sound
from gewu.ledger.door import now_us
from support.district import Walk

HOUR = 3_600_000_000


@pytest.mark.parametrize(("width", "locale"), [(PHONE, "zh-CN"), (WIDE, "en-GB")])
def test_the_pages_are_sound(enter: Enter, width: int, locale: str) -> None:
    now = now_us()
    for number in range(2):
        Walk(at_us=now - (3 + number) * HOUR).answered()
    page = enter("shift1", width=width, locale=locale)
    for path in (
        "/desk/figures",
        "/desk/figures?of=department",
        "/desk/figures?of=post",
        "/desk/figures?of=department&indicator=on_time_handling",
        "/desk/figures/own",
    ):
        page.goto(path)
        sound(page)
    page.goto("/desk/figures?of=department")
    page.click(".ev-table td a >> nth=0")
    sound(page)
    assert page.locator("tbody tr").count() == 2
