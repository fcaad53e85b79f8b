"""An appeal against a figure, from the unit's clerk to the shift leader, over the pages of the desk."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from desk.conftest import Seat, Sit
from evaluation import hand
from gewu.ledger import outbox
from gewu.ledger.door import now_us
from support import district as d

HOUR = 3_600_000_000


def dispatched() -> tuple[d.Walk, str]:
    """A case that the sanitation section has since lately, and the month it was dispatched in."""
    walk = d.Walk(now_us() - HOUR).handling(hand.SANITATION)
    at = datetime.fromtimestamp((walk.at_us - 10 * 60_000_000) / 1e6, ZoneInfo("Asia/Shanghai"))
    return walk, f"{at:%Y-%m}"


def version(page: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', page)[0]


def lodge(seat: Seat, number: str, **more: str):
    given = {"case": number, "indicator": "handling_rate", "reason": "设备由他单位保管", "command_id": str(uuid4())}
    return seat.send("/desk/appeals", **{**given, **more})


def test_from_the_unit_to_the_decision(sit: Sit) -> None:
    walk, month = dispatched()
    clerk = sit("unit_clerk", unit=walk.lead)
    made = lodge(clerk, walk.number)
    assert made.status_code == 302
    where = made["Location"]
    assert walk.number in clerk.get("/desk/appeals").content.decode()
    outbox.deliver(d.district_id())
    dispatcher, leader = sit("dispatcher"), sit("shift_leader")
    assert "An appeal against a figure waits" in dispatcher.get("/desk/notices").content.decode()
    assert where in dispatcher.get("/desk/notices").content.decode()
    page = dispatcher.get(where).content.decode()
    assert "设备由他单位保管" in page
    assert leader.send(f"{where}/grant", reason="属实", version=version(page)).status_code == 422
    assert dispatcher.send(f"{where}/support", reason="", version=version(page)).status_code == 422
    assert dispatcher.send(f"{where}/support", reason="属实", version=version(page)).status_code == 302
    stale = leader.send(f"{where}/grant", reason="属实", version=version(page))
    assert stale.status_code == 409
    done = leader.send(f"{where}/grant", reason="属实", version=version(leader.get(where).content.decode()))
    assert done.status_code == 302
    assert "Granted" in clerk.get(where).content.decode()
    figures = leader.get("/desk/figures", of="department", month=month).content.decode()
    assert "1 left out" in figures


def test_what_is_wrong_is_said_beside_the_field(sit: Sit) -> None:
    walk, _ = dispatched()
    clerk = sit("unit_clerk", unit=walk.lead)
    for given, word in (
        ({"case": "12"}, "no case with this number"),
        ({"indicator": "mood"}, "Choose one of the indicators"),
        ({"reason": " "}, "Say why"),
    ):
        answer = lodge(clerk, walk.number, **given)
        assert answer.status_code == 422, given
        assert word in answer.content.decode()
    other = sit("unit_clerk", unit=hand.BUREAU)
    assert "Only a unit that was sent the case" in lodge(other, walk.number).content.decode()


def test_sent_twice_it_is_lodged_once_and_others_do_not_see_it(sit: Sit) -> None:
    walk, _ = dispatched()
    clerk = sit("unit_clerk", unit=walk.lead)
    same = str(uuid4())
    first, second = (lodge(clerk, walk.number, command_id=same)["Location"] for _ in range(2))
    assert first == second
    assert sit("unit_clerk", unit=hand.BUREAU).get(first).status_code == 404
    assert sit("collector", covering=walk.place).get("/desk/appeals").status_code == 403
