"""Follow-up orders: numbered, taken, reminded of, answered, struck off, looked back at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import psycopg
import pytest

from gewu.ledger import ticker
from gewu.ledger.errors import Conflict, NotFound, Refused
from gewu.ledger.rebuild import rebuild_all
from gewu.office import numbers, services
from gewu.office.queries import Filter, count_open, entries_about, get_order, list_entries
from gewu.office.services import Filled
from office.conftest import DAY, HOUR, Trail, body, unit
from support.district import START_US, Walk, acting, directory, district_id


def _told(connection: psycopg.Connection, record_id: Any) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT destination, payload->>'message' FROM ledger_outgoing WHERE record_id = %s ORDER BY seq, id",
        [record_id],
    ).fetchall()


def test_an_order_from_issue_to_a_look_back_that_holds(trail: Trail) -> None:
    office, clerk = acting("comprehensive_office"), acting("unit_clerk", unit=unit())
    trail.answered()
    assert trail.number == "万城管督〔2026〕1号"
    trail.later(HOUR).move(office, "strike_off", args={"days": 30}, texts={"opinion": "同意销号"})
    assert trail.stage == "struck_off"
    assert ticker.tick(district_id(), trail.at_us + 29 * DAY) == 0
    assert ticker.tick(district_id(), trail.at_us + 30 * DAY + HOUR) == 1
    view = get_order(district_id(), office, trail.record_id)
    assert view.entry.row.stage == "looking_back"
    trail.later(31 * DAY).move(office, "look_back_holds", texts={"seen": "未见反弹"}, version=view.entry.row.version)
    view = get_order(district_id(), clerk, trail.record_id)
    assert view.entry.row.ended
    assert (view.matter, view.unit) == ("农贸市场周边占道经营", unit())
    assert view.acknowledged is not None
    assert view.answers[0].given.text == "已清理，设疏导点一处。"
    assert view.struck_off is not None
    assert view.struck_off.text == "同意销号"
    assert [(b.result, b.words.text) for b in view.look_backs] == [("holds", "未见反弹")]
    assert view.entry.row.due_on == date(2026, 11, 26)
    assert rebuild_all(district_id()).ok


def test_the_clock_reminds_before_and_after_the_limit(trail: Trail, app_connection: psycopg.Connection) -> None:
    trail.order().later(HOUR).move(acting("unit_clerk", unit=unit()), "acknowledge")
    assert _told(app_connection, trail.record_id) == [(f"unit:{unit()}/unit_clerk", "issued")]
    # To the end of 26 November in Chongqing: 80 % of seven days and a half, then the limit, then every working day.
    assert ticker.tick(district_id(), START_US + 5 * DAY) == 0
    assert ticker.tick(district_id(), START_US + 6 * DAY + 6 * HOUR) == 1
    assert ticker.tick(district_id(), START_US + 7 * DAY + 15 * HOUR) == 1
    for day in range(8, 14):
        ticker.tick(district_id(), START_US + day * DAY + 15 * HOUR)
    clerk, office = f"unit:{unit()}/unit_clerk", "role:comprehensive_office"
    told = _told(app_connection, trail.record_id)[1:]
    assert told[:3] == [(clerk, "warn"), (clerk, "due"), (office, "due")]
    assert told[3:5] == [(clerk, "overdue"), (office, "overdue")]
    assert set(told[5:]) == {(office, "overdue")}
    page = list_entries(
        district_id(), acting("comprehensive_office"), Filter("follow_up_order", late_at=_at(START_US + 9 * DAY))
    )
    assert [row.number for row in page.rows] == [trail.number]


def test_reminders_by_hand_are_counted(trail: Trail) -> None:
    office = acting("comprehensive_office")
    trail.order()
    for words in ("请尽快签收", ""):
        trail.later(HOUR).move(office, "remind", texts={"note": words}, version=None)
    view = get_order(district_id(), office, trail.record_id)
    assert view.entry.row.reminders == 2
    assert [w.text for w in view.reminders] == ["请尽快签收", ""]


def test_an_order_sent_back_goes_on_under_a_new_date(trail: Trail) -> None:
    office, clerk = acting("comprehensive_office"), acting("unit_clerk", unit=unit())
    trail.answered().later(HOUR)
    trail.move(office, "send_back", args={"due_on": "2026-12-03"}, texts={"reason": "照片看不出整改结果"})
    assert trail.stage == "working"
    with pytest.raises(Refused) as refused:
        trail.move(office, "strike_off", args={"days": 0})
    assert refused.value.refusal.code == "wrong_stage"
    trail.later(DAY).move(clerk, "answer", texts={"answer": "已补充整改"})
    trail.later(HOUR).move(office, "strike_off", args={"days": 0})
    assert trail.stage == "closed"
    view = get_order(district_id(), office, trail.record_id)
    assert [(a.given.text, a.returned.text if a.returned else "") for a in view.answers] == [
        ("已清理，设疏导点一处。", "照片看不出整改结果"),
        ("已补充整改", ""),
    ]
    assert view.entry.row.returns == 1
    assert view.entry.row.due_on == date(2026, 12, 3)
    assert rebuild_all(district_id()).ok


def test_a_relapse_opens_the_order_again(trail: Trail, app_connection: psycopg.Connection) -> None:
    office, clerk = acting("comprehensive_office"), acting("unit_clerk", unit=unit())
    trail.answered().move(office, "strike_off", args={"days": 15}).later(10 * DAY)
    trail.move(office, "look_back_relapsed", args={"due_on": "2026-12-10"}, texts={"reason": "摊位又回来了"})
    assert trail.stage == "working"
    row = get_order(district_id(), office, trail.record_id).entry.row
    assert (row.relapses, row.result, row.struck_off_at, row.answered_at) == (1, "relapsed", None, None)
    assert _told(app_connection, trail.record_id)[-1] == (f"unit:{unit()}/unit_clerk", "relapsed")
    trail.later(DAY).move(clerk, "answer", texts={"answer": "再次清理"})
    trail.move(office, "strike_off", args={"days": 0})
    assert rebuild_all(district_id()).ok


def test_a_body_without_accounts_is_spoken_for_by_the_office(trail: Trail) -> None:
    office = acting("comprehensive_office")
    trail.order(body()).move(office, "acknowledge").move(office, "answer", texts={"answer": "来函称已办结"})
    assert trail.stage == "answered"


def test_another_unit_sees_nothing_and_does_nothing(trail: Trail) -> None:
    trail.order()
    other = next(
        p.unit
        for p in directory().holders("unit_clerk")
        if p.person is not None and p.unit != unit() and p.prefixes != ("500101",)
    )
    stranger = acting("unit_clerk", unit=other)
    if stranger.sees("500101", (), ()):
        pytest.skip("every clerk of this district sees all of it")
    with pytest.raises(NotFound):
        get_order(district_id(), stranger, trail.record_id)
    with pytest.raises(NotFound):
        trail.move(stranger, "acknowledge")
    assert list_entries(district_id(), stranger, Filter("follow_up_order")).rows == []


def test_who_may_not_issue_is_refused_and_no_number_is_spent(trail: Trail) -> None:
    filled = Filled({"unit": unit(), "due_on": "2026-11-26"}, {"matter": "事项", "demand": "要求"})
    with pytest.raises(Refused) as refused:
        services.issue_order(district_id(), acting("dispatcher"), filled, at_us=START_US)
    assert refused.value.refusal.code == "not_allowed"
    with pytest.raises(Refused) as refused:
        services.issue_order(
            district_id(), acting("comprehensive_office"), Filled({"unit": unit(), "due_on": "2026-11-01"}, {})
        )
    assert {"matter", "demand"} <= set(refused.value.refusal.fields)
    assert trail.order().number.endswith("1号")


def test_a_number_is_never_given_twice(trail: Trail) -> None:
    from django.db import connections

    def issue(_: int) -> str:
        try:
            return Trail().order().number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(issue, range(18)))
    assert len(set(given)) == 18
    counters = sorted(int(n.partition("〕")[2].removesuffix("号")) for n in given)
    assert counters == list(range(1, 19))


def test_the_same_command_gives_the_same_order(trail: Trail) -> None:
    office = acting("comprehensive_office")
    filled = Filled(
        {"unit": unit(), "due_on": "2026-11-26"},
        {"matter": "事项", "demand": "要求"},
        command_id="00000000-0000-4000-8000-00000000000a",
    )
    first = services.issue_order(district_id(), office, filled, at_us=START_US)
    again = services.issue_order(district_id(), office, filled, at_us=START_US)
    assert again.outcome.replayed
    assert (again.outcome.record_id, again.number) == (first.outcome.record_id, first.number)
    assert trail.order().number.endswith("2号")


def test_the_form_of_numbers_is_the_districts_own(trail: Trail) -> None:
    office, found = acting("comprehensive_office"), directory()
    numbers.set_form(found, office, "follow_up_order", "万州督字〔{year}〕第{counter}号")
    assert trail.order().number == "万州督字〔2026〕第1号"
    with pytest.raises(numbers.BadForm):
        numbers.set_form(found, office, "follow_up_order", "督{counter}号")
    with pytest.raises(numbers.BadForm):
        numbers.set_form(found, office, "follow_up_order", "{year}{counter}{0.__class__}")
    with pytest.raises(Refused):
        numbers.set_form(found, acting("dispatcher"), "follow_up_order", "{year}-{counter}")
    numbers.set_form(found, office, "follow_up_order", "")
    assert Trail().order().number == "万城管督〔2026〕2号"


def test_an_order_knows_its_cases_and_a_case_its_orders(trail: Trail) -> None:
    office = acting("comprehensive_office")
    walk, other = Walk().intake(), Walk().intake()
    trail.order(case=str(walk.record_id))
    services.link(district_id(), office, trail.record_id, other.record_id, at_us=trail.at_us)
    view = get_order(district_id(), office, trail.record_id)
    assert [c.number for c in view.entry.cases] == [walk.number, other.number]
    for case in (walk, other):
        found = entries_about(district_id(), office, case.record_id, ["follow_up_order"])
        assert [row.number for row in found] == [trail.number]
    with pytest.raises(Refused) as refused:
        services.link(district_id(), office, trail.record_id, trail.record_id)
    assert refused.value.refusal.fields == {"case": "not_found"}
    assert rebuild_all(district_id()).ok


def test_two_at_the_office_do_not_both_strike_off(trail: Trail) -> None:
    office = acting("comprehensive_office")
    trail.answered()
    seen = trail.outcomes[-1].seq
    trail.move(office, "send_back", args={"due_on": "2026-12-03"}, texts={"reason": "不完整"})
    with pytest.raises(Conflict):
        trail.move(office, "strike_off", args={"days": 0}, version=seen)


def test_open_entries_are_counted(trail: Trail) -> None:
    trail.order()
    Trail().order(due_on="2026-11-20")
    counted = count_open(
        district_id(), acting("comprehensive_office"), ("follow_up_order", "letter"), _at(START_US + 3 * DAY)
    )
    assert counted == {"follow_up_order": (2, 2), "letter": (0, 0)}  # the first was not acknowledged in time


def _at(at_us: int) -> Any:
    from gewu.ledger.rows import moment_us

    return moment_us(at_us)
