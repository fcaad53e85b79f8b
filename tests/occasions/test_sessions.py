"""Sessions through their services: matters, one winner at the table, cases that are followed, the ledger's checks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from django.db import connections

from gewu.core.records import Arg
from gewu.ledger import outbox, ticker
from gewu.ledger.door import Acting
from gewu.ledger.erasure import erase
from gewu.ledger.errors import Conflict, LedgerError, NotFound, Refused
from gewu.ledger.models import Record
from gewu.ledger.rebuild import rebuild_all
from gewu.occasions import following, services, settling
from gewu.occasions.models import Matter, Occasion
from gewu.occasions.queries import Filter, figures, list_matters, list_occasions
from gewu.occasions.services import Filled
from gewu.occasions.settling import Order
from support.district import CATEGORY, START_US, Walk, acting, district_id
from support.occasions import BUREAU, COMMUNITY, DAY, HOUR, OFFICE, TYPE, Session, clerk, solve

OTHER_STREET = "office-taibai"


def _deliver() -> None:
    while outbox.deliver(district_id(), datetime(2027, 6, 1, tzinfo=UTC))[0]:
        pass


def test_a_session_from_its_announcement_to_the_notice_at_the_building(db: object) -> None:
    session = Session().scheduled()
    assert session.number.startswith("万楼栋工作日〔2026〕")
    session.following()
    view = session.view()
    assert (view.row.stage, view.row.matters, view.row.cases, view.row.cases_open, view.heads) == (
        "following",
        1,
        1,
        1,
        20,
    )
    [matter] = view.matters
    assert (matter.phase, matter.words, matter.raised, matter.outcome, matter.unit) == (
        "before", "3 单元路灯不亮", 3, "case", BUREAU,
    )  # fmt: skip
    assert matter.case is not None
    assert matter.case.stage == "dispatched"
    solve(session.case())
    _deliver()
    assert session.stage == "noticing"
    today = "2026-11-19"
    session.later(DAY).move("notice_back", args={"posted_on": today, "way": "board"}, texts={"words": "路灯已修好"})
    session.move("close")
    row = session.view().row
    assert (row.stage, row.cases_open, row.tellings, row.period) == ("closed", 0, 1, "2026-11")
    assert rebuild_all(district_id()).ok


def test_the_case_carries_what_the_table_decided(db: object) -> None:
    session = Session().scheduled().opened().later(HOUR).settle(assists=("traffic-police",), tier="big", limit_days=10)
    state = Record.objects.get(district_id=district_id(), id=session.settled[0].case_id).state
    assert state["stage"] == "dispatched"
    assert state["fields"]["tier_proposed"] == "big"
    assert (state["fields"]["limit_value"], state["fields"]["limit_unit"]) == (10, "work_day")
    assert state["fields"]["source"] == "building_workday"
    assert {(a["unit"], a["mode"]) for a in state["assignments"]} == {(BUREAU, "lead"), ("traffic-police", "assist")}
    assert {c["spec"] for c in state["clocks"]} == {"claim", "handle", "assist"}
    assert rebuild_all(district_id()).ok


def test_of_two_clerks_who_settle_one_matter_at_once_one_wins(db: object) -> None:
    session = Session().scheduled().opened()
    order = Order(BUREAU, 5)
    won: list[str] = []
    lost: list[LedgerError] = []
    gate = threading.Barrier(2)

    def try_it(who: Acting) -> None:
        try:
            gate.wait()
            made = settling.settle_as_case(district_id(), who, session.record_id, 1, order, at_us=session.at_us)
            won.append(made.case_number)
        except LedgerError as error:
            lost.append(error)
        finally:
            connections.close_all()

    people = [clerk(), acting("comprehensive_office")]
    threads = [threading.Thread(target=try_it, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    (refused,) = lost
    assert isinstance(refused, Refused)
    assert "left the table" in str(refused.refusal.detail)
    assert Record.objects.filter(district_id=district_id(), kind="case").count() == 1
    assert rebuild_all(district_id()).ok


def test_a_matter_sent_twice_from_a_phone_is_one(db: object) -> None:
    session = Session().scheduled()
    key = str(uuid4())
    for who in (clerk(), clerk()):
        session.move("collect", who, texts={"words": "下水道堵塞"}, version=None, command_id=key)
    assert session.outcomes[-1].replayed
    assert Matter.objects.filter(district_id=district_id()).count() == 1


def test_settling_twice_with_one_id_gives_the_first_answer(db: object) -> None:
    session = Session().scheduled().opened()
    key = str(uuid4())
    order = Order(BUREAU, 5)
    first = settling.settle_as_case(district_id(), clerk(), session.record_id, 1, order, command_id=key)
    second = settling.settle_as_case(district_id(), clerk(), session.record_id, 1, order, command_id=key)
    assert (second.case_id, second.case_number, second.outcome.replayed) == (first.case_id, first.case_number, True)


def test_nothing_said_by_residents_is_lost(db: object) -> None:
    session = Session().scheduled().collect()
    with pytest.raises(Refused) as refused:
        session.move("cancel", texts={"reason": "雨天"})
    assert refused.value.refusal.code == "guard"
    session.move("withdraw_matter", matter=1, texts={"reason": "重复登记"}, version=None)
    session.move("cancel", texts={"reason": "雨天"})
    assert session.view().row.stage == "cancelled"
    assert [m.outcome for m in session.view().matters] == ["withdrawn"]
    with pytest.raises(Refused):
        session.move("withdraw_matter", matter=1, texts={"reason": "again"}, version=None)


def test_the_table_is_not_left_with_a_matter_on_it(db: object) -> None:
    session = Session().scheduled().opened().collect("停车难", raised=12).settle(1).move("adjourn")
    with pytest.raises(Refused):
        session.move("finish_settling")
    given = {"unit": BUREAU, "solved": "community"}
    session.move("settle_answered", matter=2, args=given, texts={"answer": "社区协调错时停车"}, version=None)
    session.move("finish_settling")
    assert session.stage == "following"


def test_a_matter_that_is_a_case_already_joins_it(db: object) -> None:
    walk = Walk().handling()
    office = acting("comprehensive_office")
    session = Session(at_us=walk.at_us).scheduled().opened()
    session.move("settle_joined", office, matter=1, args={"case": str(walk.record_id)}, version=None)
    session.collect("还是那处油污")
    session.move("settle_joined", office, matter=2, args={"case": str(walk.record_id)}, version=None)
    state = Record.objects.get(district_id=district_id(), id=walk.record_id).state
    assert state["counters"]["repeats"] == 2
    view = session.view()
    assert [(m.outcome, m.case.number if m.case else "") for m in view.matters] == [("joined", walk.number)] * 2
    assert (view.row.cases_open, len(view.cases)) == (2, 1)
    assert rebuild_all(district_id()).ok


def test_a_merged_case_is_followed_in_the_one_that_goes_on(db: object) -> None:
    from gewu.cases import services as cases

    target = Walk().handling()
    child = Walk(at_us=target.at_us).filed()
    session = Session(at_us=child.at_us).scheduled().opened()
    office = acting("comprehensive_office")
    session.move("settle_joined", office, matter=1, args={"case": str(child.record_id)}, version=None)
    session.move("adjourn").move("finish_settling")
    version = Record.objects.get(district_id=district_id(), id=child.record_id).version
    cases.merge(
        district_id(), acting("dispatcher"), child.record_id, target.record_id, "同一处", version=version,
        at_us=session.at_us,
    )  # fmt: skip
    _deliver()
    [matter] = session.view().matters
    assert matter.case is not None
    assert (session.stage, matter.case.number) == ("following", target.number)
    target.later(600).move(
        target.clerk(), "report_handled", texts={"result": "已清洗"}, photos=_after(target),
        version=Record.objects.get(district_id=district_id(), id=target.record_id).version,
    )  # fmt: skip
    target.move(acting("shift_leader"), "force_close", texts={"reason": "示例"})
    target.move(acting("intake_officer"), "answer", texts={"reply": "已处理"})
    following.catch_up(district_id(), datetime(2027, 1, 1, tzinfo=UTC))
    assert session.stage == "noticing"
    assert rebuild_all(district_id()).ok


def _after(walk: Walk) -> list[object]:
    from support.district import photo

    return [photo(walk.clerk(), "after")]


def test_answers_face_to_face_and_a_corrected_line_of_attendance(db: object) -> None:
    session = Session().scheduled().opened().attend("department", 2, unit=BUREAU).attend("residents", 25, corrects=1)
    session.move(
        "answer_at_table", args={"matter": 1, "unit": BUREAU}, version=None,
        texts={"question": "什么时候修？", "answer": "三天内修好"},
    )  # fmt: skip
    view = session.view()
    assert [(a.level, a.heads) for a in view.attendance] == [("department", 2), ("residents", 25)]
    assert view.heads == 27
    assert [(r.unit, r.question, r.answer) for r in view.matters[0].replies] == [(BUREAU, "什么时候修？", "三天内修好")]
    with pytest.raises(Refused) as refused:
        session.move("answer_at_table", args={"matter": 9, "unit": BUREAU}, texts={"answer": "?"}, version=None)
    assert refused.value.refusal.fields == {"matter": "not_found"}


def test_nobody_else_may(db: object) -> None:
    with pytest.raises(Refused):
        Session().scheduled(who=clerk(OTHER_STREET))
    with pytest.raises(Refused):
        Session().scheduled(place="500101017001")
    session = Session().scheduled()
    with pytest.raises(NotFound):
        session.move("collect", clerk(OTHER_STREET), texts={"words": "x"}, version=None)
    with pytest.raises(Refused):
        session.move("collect", clerk(BUREAU), texts={"words": "x"}, version=None)
    with pytest.raises(Conflict):
        session.move("begin_collecting", version=7)
    with pytest.raises(Refused):
        services.act(district_id(), clerk(), session.record_id, "settle_case", args={}, version=None)
    assert not list_occasions(district_id(), clerk(OTHER_STREET), Filter(TYPE)).rows


def test_bad_times_cost_no_number(db: object) -> None:
    starts = START_US // 1_000_000
    for ends in (starts - 60, starts + 3 * 86_400):
        args: dict[str, Arg] = {
            "led_by": "street",
            "unit": OFFICE,
            "place": COMMUNITY,
            "starts_at": starts,
            "ends_at": ends,
        }
        with pytest.raises(Refused):
            services.schedule(district_id(), clerk(), TYPE, Filled(args, {"leader": "书记"}), at_us=START_US)
    assert Session().scheduled().view().row.number.endswith("〕1号")


def test_a_session_that_is_not_held_is_told_of(db: object, app_connection: psycopg.Connection) -> None:
    session = Session().scheduled()
    ticker.tick(district_id(), START_US + 3 * DAY)
    told = app_connection.execute(
        "SELECT destination FROM ledger_outgoing WHERE record_id = %s AND topic = 'notice' AND payload->>'clock' LIKE"
        " 'hold%%'",
        [session.record_id],
    ).fetchall()
    assert {row[0] for row in told} >= {"role:comprehensive_office", f"unit:{OFFICE}/unit_clerk"}


def test_postponed_into_the_next_month_it_counts_there(db: object) -> None:
    session = Session().scheduled().move("postpone", texts={"reason": "防汛值守"})
    starts = (START_US + 20 * DAY) // 1_000_000
    session.move("reschedule", args={"starts_at": starts, "ends_at": starts + 3600})
    row = Occasion.objects.get(district_id=district_id(), record_id=session.record_id)
    assert (row.period, row.postponements, session.stage) == ("2026-12", 1, "scheduled")
    assert rebuild_all(district_id()).ok


def test_figures_open_their_records(db: object) -> None:
    first = Session().scheduled().opened().settle()
    Session().scheduled(led_by="leader", who=acting("comprehensive_office"), leader="区委常委").opened(
        acting("comprehensive_office")
    ).move(
        "settle_answered", acting("comprehensive_office"), matter=1, args={"unit": BUREAU, "solved": "building"},
        texts={"answer": "当场修好"}, version=None,
    )  # fmt: skip
    wanted = Filter(TYPE, period="2026-11")
    office = acting("comprehensive_office")
    found = figures(district_id(), office, wanted)
    assert (found.leader_sessions, found.street_sessions, found.matters, found.solved, found.low) == (1, 1, 2, 1, 1)
    solve(first.case())
    found = figures(district_id(), office, wanted)
    assert (found.solved, found.low, found.leader_solved) == (2, 2, 1)
    for state, number in (("counted", 2), ("solved", 2), ("case", 1), ("answered", 1), ("open", 0), ("low", 2)):
        assert len(list_matters(district_id(), office, wanted, state).rows) == number
    page = list_matters(district_id(), office, wanted, limit=1)
    assert page.after
    assert len(list_matters(district_id(), office, wanted, after=page.after).rows) == 1
    assert figures(district_id(), office, Filter(TYPE, period="2026")).matters == 2
    assert figures(district_id(), office, Filter(TYPE, period="2025")).matters == 0


def test_an_erased_session_keeps_its_counts(db: object) -> None:
    session = Session().scheduled().opened()
    erase(district_id(), session.record_id, acting("administrator"), reason="test")
    view = session.view()
    assert (view.texts, view.row.matters, view.matters) == (None, 1, ())
    assert rebuild_all(district_id()).ok


def test_categories_of_matters_are_known_ones(db: object) -> None:
    session = Session().scheduled()
    with pytest.raises(Refused):
        session.collect(category="matter:99999")
    session.collect(category=CATEGORY)
