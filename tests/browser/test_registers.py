"""The registers in a real browser: readable, operable, nothing wider than the screen, on a phone and at a desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from browser.conftest import PHONE, WIDE, Enter, sound
from gewu.ledger.door import now_us
from office.conftest import DAY, HOUR, Trail, unit
from support.district import Walk, acting


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


@pytest.mark.parametrize(("width", "locale"), [(PHONE, "zh-CN"), (WIDE, "en-GB")])
def test_the_pages_are_sound(enter: Enter, width: int, locale: str) -> None:
    now = now_us()
    walk = Walk(at_us=now - HOUR).dispatched()
    Walk(at_us=now - 2 * HOUR).intake()
    order = Trail(at_us=now - 2 * DAY).order(due_on=day(2), case=str(walk.record_id))
    order.later(HOUR).move(acting("unit_clerk", unit=unit()), "acknowledge")
    order.later(HOUR).move(acting("comprehensive_office"), "remind", texts={"note": "请抓紧"}, version=None)
    instruction = Trail(at_us=now - DAY).instruction(own_day=day(-2), due_on=day(9))
    handover = Trail(at_us=now).handover()
    page = enter("office1", width=width, locale=locale)
    entries = [f"/desk/registers/entries/{t.record_id}" for t in (order, instruction)]
    for path in ("/desk/registers/orders", "/desk/registers/instructions/new", *entries, f"/desk/cases/{walk.number}"):
        page.goto(path)
        sound(page)
    page = enter("shift1", width=width, locale=locale)
    for path in ("/desk/registers/handovers/new", f"/desk/registers/entries/{handover.record_id}"):
        page.goto(path)
        sound(page)
