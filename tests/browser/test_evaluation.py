"""Figures in a real browser: readable, operable, nothing wider than the screen."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

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
    # Three hours ago may be last month.
    month = datetime.fromtimestamp((now - 3 * HOUR) / 1e6, ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")
    for path in (
        "/desk/figures",
        f"/desk/figures?of=department&month={month}",
        "/desk/figures?of=post",
        f"/desk/figures?of=department&indicator=on_time_handling&month={month}",
        "/desk/figures/own",
        "/desk/appeals",
        f"/results?month={month}",
    ):
        page.goto(path)
        sound(page)
    page.goto(f"/desk/figures?of=department&indicator=dispatched&month={month}")
    page.click(".ev-table td a >> nth=0")
    sound(page)
    assert page.locator("tbody tr").count() >= 1
