"""Extension, suspension, rework, check, closing, appeal: what they do to clocks and to the fact of being late."""

from __future__ import annotations

from typing import Any

import pytest

from core.casework import (
    AFTER,
    CLERK,
    CLERK2,
    COLLECTOR,
    DISPATCHER,
    FIVE_DAYS,
    HOUR,
    INTAKE,
    LEADER,
    NOTE,
    REASON,
    RESIDENT,
    SCENE,
    Work,
    at,
    post,
)
from gewu.core.records import Actor

DONE: dict[str, Any] = {"texts": {"result": "cleared"}, "photos": (AFTER,)}


def test_an_extension_of_hours_takes_one_approval() -> None:
    work = Work().handling("U1", ("U2",))
    due, assist = work.clock("handle").due_at, work.clock("assist").due_at
    work.do("request_extension", CLERK, texts=REASON)
    assert work.part("extension").role == "dispatcher"
    assert work.refused("approve_extension", LEADER).code == "not_allowed"
    work.do("approve_extension", DISPATCHER)
    assert work.clock("handle").due_at == due + 4 * HOUR
    assert work.clock("assist").due_at == assist + 4 * HOUR
    assert work.state.counters["extensions"] == 1


def test_an_extension_of_days_takes_two_approvals() -> None:
    work = Work(FIVE_DAYS).handling()
    due = work.clock("handle").due_at
    for turn in (1, 2):
        work.do("request_extension", CLERK, texts=REASON)
        work.do("approve_extension", DISPATCHER)
        assert work.clock("handle").due_at == due
        assert work.part("extension").role == "shift_leader"
        assert work.refused("approve_extension", DISPATCHER).code == "not_allowed"
        work.do("approve_extension", LEADER)
        due = work.clock("handle").due_at
        assert due == at({1: "2024-03-18 09:05", 2: "2024-03-25 09:05"}[turn])
    assert work.refused("request_extension", CLERK, texts=REASON).detail["why"]["en"].startswith("Two extensions")


def test_a_rejected_request_does_not_count() -> None:
    work = Work(FIVE_DAYS).handling()
    work.do("request_extension", CLERK, texts=REASON)
    work.do("approve_extension", DISPATCHER)
    work.do("reject_extension", LEADER, texts=REASON)
    assert "extensions" not in work.state.counters
    work.do("request_extension", CLERK, texts=REASON)
    work.do("approve_extension", DISPATCHER)
    assert work.part("extension").role == "shift_leader", "the first approval of an earlier request is gone with it"


def test_an_extension_is_asked_for_in_time_but_may_be_granted_later() -> None:
    work = Work().handling()
    due = work.clock("handle").due_at
    work.do("request_extension", CLERK, texts=REASON)
    work.wait(5 * HOUR)
    work.do("approve_extension", DISPATCHER)
    assert work.clock("handle").due_at == due + 4 * HOUR
    assert work.clock("handle").next_at > work.now
    late = Work().handling()
    late.wait(5 * HOUR)
    assert late.refused("request_extension", CLERK, texts=REASON).detail["why"]["en"].startswith("The limit has passed")


def test_lateness_of_another_unit_is_not_mine() -> None:
    work = Work().dispatched("U1")
    work.wait(5 * HOUR)
    work.do("return_case", CLERK, texts=REASON)
    work.do("dispatch", DISPATCHER, lead="U2")
    work.do("claim", CLERK2)
    work.do("request_extension", CLERK2, texts=REASON)


def suspended(days: str = "2024-03-08") -> Work:
    """A case at rest until the end of a Friday."""
    work = Work(FIVE_DAYS).handling()
    work.do("request_suspension", CLERK, until=days, texts=REASON)
    work.do("approve_suspension", LEADER, until=days)
    return work


def test_a_suspension_stops_the_clock_and_ends_by_itself() -> None:
    work = suspended()
    left = work.clock("handle").remaining
    assert work.stage == "suspended"
    assert [c.spec for c in work.state.clocks if c.status == "running"] == ["suspended"]
    assert work.refused("report_handled", CLERK, **DONE).code == "wrong_stage"
    made = work.wait(5 * 86_400)
    assert work.stage == "handling"
    assert made[0].at == at("2024-03-08 23:59") + 59
    assert work.clock("handle").status == "running"
    assert left == 5 * 8 * HOUR - 3 * 60
    assert work.clock("handle").due_at == at("2024-03-15 17:57")
    assert work.refused("request_suspension", CLERK, until="2024-03-20", texts=REASON).code == "guard"


def test_a_suspension_may_end_early() -> None:
    work = suspended()
    work.wait(86_400)
    work.do("resume", CLERK)
    assert work.stage == "handling"
    assert work.clock("suspended").status == "stopped"


def test_a_suspension_does_not_undo_being_late() -> None:
    work = Work().handling()
    due = work.clock("handle").due_at
    work.wait(6 * HOUR)
    work.do("request_suspension", CLERK, until="2024-03-08", texts=REASON)
    work.do("approve_suspension", LEADER, until="2024-03-08")
    work.do("resume", LEADER)
    assert work.clock("handle").due_at == due < work.now
    assert work.clock("handle").phase >= 2


@pytest.mark.parametrize(
    ("until", "fault"),
    [("2024-03-03", "past"), ("2025-03-06", "too_far"), ("2024-02-30", "date"), ("1900-01-01", "past")],
)
def test_a_suspension_lasts_at_most_a_year(until: str, fault: str) -> None:
    work = Work().handling()
    assert work.refused("request_suspension", CLERK, until=until, texts=REASON).fields == {"until": fault}


def test_no_suspension_while_something_is_under_review() -> None:
    work = Work().handling()
    work.do("request_extension", CLERK, texts=REASON)
    work.do("request_suspension", CLERK, until="2024-03-08", texts=REASON)
    assert work.refused("approve_suspension", LEADER, until="2024-03-08").code == "guard"
    work.do("reject_suspension", LEADER, texts=REASON)
    work.do("reject_extension", DISPATCHER, texts=REASON)
    assert [a.slot for a in work.state.assignments if a.live] == ["handle"]


def test_rework_goes_to_the_same_unit_with_the_rest_of_its_time() -> None:
    work = Work().handled()
    left = work.clock("handle").remaining
    work.wait(2 * HOUR)
    work.do("rework", DISPATCHER, texts=REASON)
    part = work.part("handle")
    assert (work.stage, part.unit, part.status) == ("handling", "U1", "taken")
    assert work.clock("handle").due_at == work.now + left
    assert work.refused("report_handled", CLERK, **DONE).code == "blocked"
    work.do("record_result", CLERK, texts=NOTE, photos=(AFTER,))
    work.do("report_handled", CLERK, **DONE)


def test_reopened_work_keeps_its_lateness() -> None:
    work = Work().handling()
    due = work.clock("handle").due_at
    work.wait(5 * HOUR)
    work.do("report_handled", CLERK, **DONE)
    work.do("rework", DISPATCHER, texts=REASON)
    assert work.clock("handle").due_at == due
    assert work.clock("handle").phase >= 2


def test_somebody_else_checks() -> None:
    both = Actor("all-rounder", "U1", frozenset({"unit_clerk", "collector"}))
    work = Work().handling()
    work.do("report_handled", both, **DONE)
    work.do("send_check", DISPATCHER)
    answer = work.refused("check_pass", both, photos=(SCENE,))
    assert (answer.code, answer.detail["why"]["en"]) == ("guard", "Somebody else has to check")
    work.do("check_pass", COLLECTOR, photos=(SCENE,))


@pytest.mark.parametrize("result", ["check_fail", "unable_to_check"])
def test_without_a_pass_there_is_no_closing(result: str) -> None:
    work = Work().checked(result)
    assert work.refused("close", LEADER, closing_condition=True).code == "guard"
    work.do("send_check", DISPATCHER)
    work.do("check_pass", COLLECTOR, photos=(SCENE,))
    work.do("close", LEADER, closing_condition=True)


def test_closing_needs_the_condition_ticked() -> None:
    work = Work().checked()
    assert work.refused("close", LEADER).fields == {"closing_condition": "required"}
    assert work.refused("close", LEADER, closing_condition=False).fields == {"closing_condition": "not_ticked"}
    assert work.refused("close", DISPATCHER, closing_condition=True).code == "not_allowed"
    work.do("close", LEADER, closing_condition=True)
    assert work.stage == "answered", "nobody waits for an answer"


def test_a_reporter_gets_an_answer_and_is_called_back() -> None:
    work = Work().closed(has_reporter=True)
    assert work.stage == "closed"
    assert work.clock("answer").due_at == at("2024-03-05 09:10")
    work.do("answer", INTAKE, texts={"reply": "it is done"})
    assert work.told() == [{"to": [{"reporter": True}], "message": "answer"}]
    work.do("follow_up", RESIDENT, solved="partly", satisfied="fair")
    assert (work.state.fields["solved"], work.state.fields["satisfied"]) == ("partly", "fair")
    work.do("follow_up", INTAKE, solved="solved")
    assert work.state.fields["solved"] == "solved"


@pytest.mark.parametrize("has_reporter", [True, False])
def test_forced_closing_is_flagged_for_good(has_reporter: bool) -> None:
    work = Work().handling("U1", ("U2",), has_reporter=has_reporter)
    work.do("assign_inside", CLERK)
    assert work.refused("force_close", LEADER).code == "needs_reason"
    event = work.do("force_close", LEADER, texts=REASON)
    assert work.stage == ("closed" if has_reporter else "answered")
    assert work.state.tags == {"forced"}
    assert not any(a.live for a in work.state.assignments)
    ended = [e[1] for e in event.effects if e[0] == "end"]
    assert len(ended) == len(set(ended)) == 3, "each part ends once"
    assert [c.spec for c in work.state.clocks if c.status != "stopped"] == (["answer"] if has_reporter else [])


def late_and_closed() -> Work:
    work = Work().handling()
    work.wait(5 * HOUR)
    work.do("report_handled", CLERK, **DONE)
    work.do("send_check", DISPATCHER)
    work.do("check_pass", COLLECTOR, photos=(SCENE,))
    work.do("close", LEADER, closing_condition=True)
    return work


def test_an_appeal_exempts_and_keeps_the_fact() -> None:
    work = late_and_closed()
    assert work.refused("appeal_overdue", CLERK2, texts=REASON).code == "guard"
    clocks = [c for c in work.state.clocks if c.spec == "handle"]
    work.do("appeal_overdue", CLERK, texts=REASON)
    assert work.part("appeal").role == "dispatcher"
    work.do("support_appeal", DISPATCHER, texts=REASON)
    assert work.refused("grant_appeal", DISPATCHER, texts=REASON).code == "not_allowed"
    work.do("grant_appeal", LEADER, texts=REASON)
    assert work.state.fields["overdue_exempt"] is True
    assert [c for c in work.state.clocks if c.spec == "handle"] == clocks
    assert clocks[0].stopped_at > clocks[0].due_at
    assert work.refused("appeal_overdue", CLERK, texts=REASON).code == "guard"


def test_an_appeal_may_be_rejected_by_either() -> None:
    for moves in ([("reject_appeal", DISPATCHER)], [("support_appeal", DISPATCHER), ("reject_appeal", LEADER)]):
        work = late_and_closed()
        work.do("appeal_overdue", CLERK, texts=REASON)
        for move, actor in moves:
            work.do(move, actor, texts=REASON)
        assert "overdue_exempt" not in work.state.fields
        assert {c.status for c in work.state.clocks} == {"stopped"}


def test_who_was_in_time_has_nothing_to_appeal() -> None:
    work = Work().closed()
    assert work.refused("appeal_overdue", CLERK, texts=REASON).detail["why"]["en"] == "It was not late"


def test_a_district_clock_that_was_late_is_kept_when_it_starts_again() -> None:
    work = Work().filed()
    work.wait(HOUR)
    work.do("dispatch", DISPATCHER, lead="U1")
    work.do("return_case", CLERK, texts=REASON)
    first, second = (c for c in work.state.clocks if c.spec == "dispatch")
    assert (first.id, first.status, second.id, second.status) == ("dispatch", "stopped", "dispatch~2", "running")
    assert first.stopped_at > first.due_at
    work.do("dispatch", DISPATCHER, lead="U2")
    work.do("return_case", CLERK2, texts=REASON)
    assert [c.id for c in work.state.clocks if c.spec == "dispatch"] == ["dispatch", "dispatch~2"]


def test_a_clock_that_is_not_due_does_not_run_out() -> None:
    from core.casework import OFFICE, case
    from gewu.core.decide import EXPIRE, decide, system_actor
    from gewu.core.records import Command, Facts

    work = Work().filed()
    command = Command("x", EXPIRE, {"clock": "dispatch"})
    early = decide(case(), work.state, command, Facts(work.now, system_actor(), lambda _u: OFFICE))
    assert getattr(early, "code", None) == "not_due"
    human = decide(case(), work.state, command, Facts(work.now + HOUR, post("dispatcher"), lambda _u: OFFICE))
    assert getattr(human, "code", None) == "not_allowed"
