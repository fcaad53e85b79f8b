"""At a big matter whose step waits, the office confirms and issues the follow-up order with one click."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.db import connection

from desk.conftest import Sit, text
from gewu.cases.queries import get_case
from gewu.ledger import ticker
from gewu.ledger.rebuild import rebuild_all
from gewu.office.queries import Filter, list_entries
from support.district import Walk, acting, district_id

OFFICE = "comprehensive_office"
DAY = 86_400_000_000


def _overdue_big(*, asked_by_clock: bool = True) -> Walk:
    """A big matter beyond its limit: the clock proposed the next level."""
    walk = Walk(at_us=time.time_ns() // 1000 - 60 * DAY).dispatched()
    walk.later(10).move(walk.clerk(), "claim", args={"tier": "big"})
    while asked_by_clock and ticker.tick(district_id(), time.time_ns() // 1000):
        pass
    return walk


def _orders() -> list[str]:
    found = list_entries(district_id(), acting(OFFICE), Filter("follow_up_order"))
    return [row.number for row in found.rows]


def _form(walk: Walk, **more: str) -> dict[str, str]:
    seen = get_case(district_id(), acting(OFFICE), walk.record_id).row.version
    return {
        "version": str(seen), "command_id": str(uuid4()), "note": "超时未办结，升为难事", "unit": walk.lead,
        "matter": "路面油污长期未解决", "demand": "由包片领导督办，限期办结",
        "due_on": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(), **more,
    }  # fmt: skip


def _tier(walk: Walk) -> object:
    return get_case(district_id(), acting(OFFICE), walk.record_id).state.fields["tier"]


def test_one_click_confirms_and_opens_the_order(db: object, sit: Sit) -> None:
    walk = _overdue_big()
    desk = sit(OFFICE)
    assert walk.number in text(desk.get("/desk/", queue="decide"))
    assert "Waiting for your decision" in text(desk.get("/desk/"))
    page = desk.get(f"/desk/cases/{walk.number}", move="confirm_step")
    shown = text(page)
    assert "What is demanded" in shown
    form = _form(walk)
    answer = desk.send(f"/desk/cases/{walk.number}/confirm_step", **form)
    assert answer.status_code == 302, text(answer)
    (number,) = _orders()
    assert _tier(walk) == "hard"
    case = get_case(district_id(), acting(OFFICE), walk.record_id)
    assert [kind for kind, _other in case.state.links] == ["supervised_by"]
    assert number in text(desk.get(f"/desk/cases/{walk.number}"))
    # The same click once more changes nothing.
    assert desk.send(f"/desk/cases/{walk.number}/confirm_step", **form).status_code == 302
    assert _orders() == [number]
    assert walk.number not in text(desk.get("/desk/", queue="decide"))
    assert rebuild_all(district_id()).ok


def test_both_or_neither(db: object, sit: Sit) -> None:
    walk = _overdue_big()
    desk = sit(OFFICE)
    path = f"/desk/cases/{walk.number}/confirm_step"
    for wrong, words in (
        ({"due_on": ""}, "due_on"),
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"demand": ""}, "demand"),
        ({"unit": "nobody"}, "unit"),
        ({"note": ""}, "note"),
        ({"order": "万督〔2020〕999号"}, "order"),
    ):
        answer = desk.send(path, **_form(walk, **wrong))
        assert answer.status_code == 422, (words, text(answer))
        assert "由包片领导督办" in answer.content.decode() or words == "demand"  # nothing typed is lost
    assert (_orders(), _tier(walk)) == ([], "big")
    stale = desk.send(path, **_form(walk, version="2"))
    assert stale.status_code == 409
    assert (_orders(), _tier(walk)) == ([], "big")
    # No number was used up by what did not go.
    assert desk.send(path, **_form(walk)).status_code == 302
    assert _orders()[0].endswith("1号")


def test_an_order_that_is_there_is_named_by_its_number(db: object, sit: Sit) -> None:
    walk = _overdue_big()
    desk = sit(OFFICE)
    made = desk.send(
        "/desk/registers/orders/new", unit=walk.lead, matter="油污", demand="限期办结", case=walk.number,
        due_on=(datetime.now(UTC) + timedelta(days=9)).date().isoformat(), command_id=str(uuid4()),
    )  # fmt: skip
    assert made.status_code == 302
    (number,) = _orders()
    answer = desk.send(f"/desk/cases/{walk.number}/confirm_step", **_form(walk, order=number))
    assert answer.status_code == 302, text(answer)
    assert (_orders(), _tier(walk)) == ([number], "hard")


def test_two_of_the_office_click_at_once(db: object, sit: Sit) -> None:
    walk = _overdue_big()
    seats = [sit(OFFICE), sit(OFFICE)]
    forms = [_form(walk), _form(walk)]

    def click(n: int) -> int:
        try:
            return int(seats[n].send(f"/desk/cases/{walk.number}/confirm_step", **forms[n]).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(click, range(2)))
    assert found[0] == 302
    assert found[1] in (409, 422)
    assert len(_orders()) == 1
    assert rebuild_all(district_id()).ok


def test_other_levels_and_posts_see_no_order_in_the_form(db: object, sit: Sit) -> None:
    walk = Walk(at_us=time.time_ns() // 1000 - DAY).dispatched()
    walk.later(10).move(walk.clerk(), "claim", args={"tier": "small"})
    walk.later(5).move(walk.clerk(), "ask_step", texts={"reason": "需多部门协同"})
    page = text(sit(OFFICE).get(f"/desk/cases/{walk.number}", move="confirm_step"))
    assert "What is demanded" not in page
    assert "Waiting for your decision" not in text(sit("collector").get("/desk/", queue="open"))
