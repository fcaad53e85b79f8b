"""Dispatch, claim, returns, objections, work inside the unit, assists, letters."""

from __future__ import annotations

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
    SCENE,
    WORKER,
    Work,
    at,
    post,
)
from gewu.core.records import Seat


def test_one_lead_and_assists_each_with_a_clock() -> None:
    work = Work().dispatched("U1", ("U2", "L1"))
    parts = [(a.mode, a.unit, a.letter, a.status) for a in work.state.assignments if a.slot == "handle"]
    assert parts == [("lead", "U1", False, "open"), ("assist", "U2", False, "open"), ("assist", "L1", True, "open")]
    running = [(c.spec, c.holder) for c in work.state.clocks if c.status == "running"]
    assert running == [("claim", "U1"), ("handle", "U1"), ("assist", "U2"), ("assist", "L1")]
    assert work.state.involved == ("/L1/", "/U1/", "/U2/")
    assert work.clock("handle").due_at == work.now + 4 * HOUR


def test_a_unit_cannot_assist_itself_or_twice() -> None:
    work = Work().filed()
    assert work.refused("dispatch", DISPATCHER, lead="U1", assists=("U1",)).fields == {"assists": "already_has_it"}
    assert work.refused("dispatch", DISPATCHER, lead="U1", assists=("U2", "U2")).fields == {"assists": "not_found"}
    assert work.refused("dispatch", DISPATCHER, lead="nobody").fields == {"lead": "not_found"}
    work.do("dispatch", DISPATCHER, lead="U1", assists=("U2",))
    assert work.refused("add_assist", DISPATCHER, assists=("U2",)).fields == {"assists": "already_has_it"}
    work.do("add_assist", DISPATCHER, assists=("U3",))


def test_only_the_lead_claims() -> None:
    work = Work().dispatched("U1", ("U2",))
    assert work.refused("claim", CLERK2).code == "not_allowed"
    work.do("claim", CLERK, tier="small")
    assert work.part("handle", "lead").status == "taken"
    assert work.clock("claim").status == "stopped"
    assert work.clock("handle").status == "running"
    assert work.state.fields["tier"] == "small"
    assert work.refused("claim", CLERK).code == "wrong_stage"


def test_not_ours_goes_back_with_a_reason_and_may_be_dispatched_again() -> None:
    work = Work().dispatched("U1", ("U2",))
    assert work.refused("return_case", CLERK).code == "needs_reason"
    work.do("return_case", CLERK, texts=REASON)
    assert work.stage == "filed"
    assert not any(a.live for a in work.state.assignments)
    assert work.state.counters["returns"] == 1
    assert [c.spec for c in work.state.clocks if c.status == "running"] == ["dispatch"]
    work.do("dispatch", DISPATCHER, lead="U3")
    assert work.state.blocks == ()


def test_the_same_unit_gets_the_rest_another_the_whole() -> None:
    work = Work().dispatched("U1")
    due = work.clock("handle").due_at
    work.wait(HOUR)
    work.do("return_case", CLERK, texts=REASON)
    left = due - work.now
    assert work.clock("handle").remaining == left
    work.wait(8 * HOUR)
    again = Work()
    again.__dict__.update(work.__dict__)
    work.do("dispatch", DISPATCHER, lead="U1")
    assert work.clock("handle").due_at == work.now + left
    again.do("dispatch", DISPATCHER, lead="U2")
    assert again.clock("handle").due_at == again.now + 4 * HOUR


def test_who_was_late_is_late_when_the_case_comes_again() -> None:
    work = Work().dispatched("U1")
    due = work.clock("handle").due_at
    work.wait(5 * HOUR)
    work.do("return_case", CLERK, texts=REASON)
    work.do("dispatch", DISPATCHER, lead="U1")
    assert work.clock("handle").due_at == due < work.now
    assert work.clock("handle").next_at == work.now


def test_an_objection_upheld_takes_the_case_away() -> None:
    work = Work().dispatched("U1", ("U2",))
    work.do("object", CLERK, texts=REASON)
    assert work.refused("object", CLERK, texts=REASON).code == "guard"
    assert work.part("objection").role == "shift_leader"
    work.do("claim", CLERK)
    assert work.refused("report_handled", CLERK, texts={"result": "x"}, photos=(AFTER,)).code == "guard"
    work.do("uphold_objection", LEADER, texts=REASON)
    assert work.stage == "filed"
    assert not any(a.live for a in work.state.assignments)
    assert [c.spec for c in work.state.clocks if c.status == "running"] == ["dispatch"]


def test_an_objection_rejected_leaves_the_case_where_it_is() -> None:
    work = Work().dispatched("U1")
    work.do("object", CLERK, texts=REASON)
    work.do("reject_objection", LEADER, texts=REASON)
    assert work.stage == "dispatched"
    assert [a.slot for a in work.state.assignments if a.live] == ["handle"]


@pytest.mark.parametrize(("move", "actor"), [("return_case", CLERK), ("revoke_dispatch", DISPATCHER)])
def test_going_back_closes_what_is_under_review(move: str, actor: object) -> None:
    work = Work().dispatched("U1")
    work.do("object", CLERK, texts=REASON)
    work.do(move, actor, texts=REASON)
    assert not any(a.live for a in work.state.assignments)


def test_work_inside_the_unit() -> None:
    work = Work().handling()
    work.do("assign_inside", CLERK)
    part = work.part("work")
    assert (part.unit, part.role, part.parent) == ("U1", "worker", work.part("handle").no)
    assert work.refused("report_handled", CLERK, texts={"result": "x"}, photos=(AFTER,)).code == "guard"
    assert work.refused("work_done", WORKER, texts=NOTE).detail == {"after": 1}
    work.do("work_done", WORKER, version=None, texts=NOTE, photos=(AFTER,))
    work.do("report_handled", CLERK, texts={"result": "cleared"}, photos=(AFTER,))
    assert work.stage == "handled"


def test_two_workers_of_one_unit_say_which_work_they_mean() -> None:
    work = Work().handling()
    work.do("assign_inside", CLERK)
    work.do("assign_inside", CLERK)
    numbers = [a.no for a in work.state.assignments if a.slot == "work"]
    assert work.refused("work_done", WORKER, texts=NOTE, photos=(AFTER,)).fields == {"target": "required"}
    work.do("work_done", WORKER, texts=NOTE, photos=(AFTER,), target=numbers[1])
    assert [a.no for a in work.state.assignments if a.live and a.slot == "work"] == [numbers[0]]


def test_returned_work_is_not_passed_on_as_done() -> None:
    work = Work().handling()
    work.do("assign_inside", CLERK, squad="S1")
    work.do("work_return", post("worker", "S1"), texts=REASON)
    result = {"texts": {"result": "x"}, "photos": (AFTER,)}
    assert work.refused("report_handled", CLERK, **result).code == "blocked"
    work.do("assign_inside", CLERK)
    work.do("recall_work", CLERK, texts=REASON)
    assert work.refused("report_handled", CLERK, **result).code == "blocked"
    work.do("record_result", CLERK, texts=NOTE, photos=(AFTER,))
    work.do("report_handled", CLERK, **result)


def test_a_squad_without_accounts_is_spoken_for_by_its_own_unit() -> None:
    work = Work().handling()
    work.do("assign_inside", CLERK, squad="C1")
    assert work.part("work").letter
    done = {"texts": NOTE, "photos": (AFTER,)}
    assert work.refused("work_done", CLERK2, **done).code == "not_allowed"
    work.do("work_done", CLERK, **done)
    assert work.state.assignments[-1].outcome == "done"


def test_a_part_goes_to_nobody_who_could_never_do_it() -> None:
    people = {"7": (Seat("S1", "worker"),), "8": (Seat("U1", "unit_clerk"), Seat("DESK", "collector"))}
    work = Work()
    work.registered()
    assert work.refused("send_verify", INTAKE, collector="7", people=people).fields == {"collector": "not_of_role"}
    work.do("send_verify", INTAKE, collector="8", people=people)
    work = Work().handling()
    for named, fields in (
        ({"worker": "8"}, {"worker": "not_of_role"}),
        ({"worker": "7"}, {"worker": "not_of_unit"}),
        ({"worker": "7", "squad": "C1"}, {"worker": "not_of_unit"}),
        ({"squad": "U2"}, {"squad": "not_yours"}),
    ):
        assert work.refused("assign_inside", CLERK, people=people, **named).fields == fields
    work.do("assign_inside", CLERK, worker="7", squad="S1", people=people)
    assert work.part("work").person == "7"


def test_whoever_comes_second_is_told_that_the_part_has_ended() -> None:
    work = Work().handling()
    done = {"texts": NOTE, "photos": (AFTER,)}
    work.do("assign_inside", CLERK, squad="C1")
    work.do("assign_inside", CLERK, squad="C1")
    numbers = [a.no for a in work.state.assignments if a.slot == "work"]
    for no, left in zip(numbers, (numbers[1:], []), strict=True):
        work.do("work_done", CLERK, target=no, **done)
        assert work.refused("work_done", CLERK, target=no, **done).code == "part_ended"
        assert [a.no for a in work.state.assignments if a.live and a.slot == "work"] == left
        assert work.refused("work_done", CLERK2, target=no, **done).code == "not_allowed"
    assert work.refused("work_done", CLERK, **done).code == "part_ended"
    assert work.refused("work_done", CLERK, target=99, **done).code == "not_allowed"


def test_one_assist_never_ends_another() -> None:
    work = Work().handling("U1", ("U2", "L1"))
    done = {"texts": NOTE}
    work.do("assist_done", CLERK2, **done)
    assists = [(a.unit, a.status) for a in work.state.assignments if a.mode == "assist"]
    assert assists == [("U2", "ended"), ("L1", "open")]
    letter = work.part("handle", "assist").no
    assert work.refused("assist_done", CLERK2, target=letter, **done).code == "not_allowed"
    assert work.refused("report_handled", CLERK, texts={"result": "x"}, photos=(AFTER,)).code == "guard"
    work.do("assist_done", DISPATCHER, **done)
    assert work.refused("report_handled", CLERK, texts={"result": "x"}, photos=()).code == "needs_photos"
    work.do("report_handled", CLERK, texts={"result": "x"}, photos=(AFTER,))


def test_a_clerk_cannot_end_the_letter_of_another_body() -> None:
    work = Work().handling("U1", ("U2", "L1"))
    letter = next(a.no for a in work.state.assignments if a.unit == "L1")
    assert work.refused("assist_done", CLERK2, target=letter, texts=NOTE).fields == {"target": "not_found"}


def test_an_assist_may_come_back_and_be_released() -> None:
    work = Work().handling("U1", ("U2", "U3"))
    work.do("assist_return", CLERK2, texts=REASON)
    assert work.state.counters["assist_returns"] == 1
    work.do("release_assists", DISPATCHER, texts=REASON)
    assert work.refused("release_assists", DISPATCHER, texts=REASON).code == "guard"
    assert [a.unit for a in work.state.assignments if a.live] == ["U1"]


def test_a_body_without_accounts_works_by_letter() -> None:
    work = Work().dispatched("L1")
    assert work.told() == [{"to": [{"unit": "L1", "role": "unit_clerk", "letter": True}], "message": "dispatched"}]
    work.do("claim", DISPATCHER)
    work.do("reply_by_letter", DISPATCHER, texts={"result": "they did it"})
    assert work.stage == "handled"
    work.do("send_check", DISPATCHER)
    work.do("check_fail", COLLECTOR, texts=NOTE)
    work.do("rework", DISPATCHER, texts=REASON)
    assert work.refused("reply_by_letter", DISPATCHER, texts={"result": "again"}).code == "blocked"
    work.do("record_result", DISPATCHER, texts=NOTE, photos=(AFTER,))
    work.do("reply_by_letter", DISPATCHER, texts={"result": "again"})


def test_working_time_belongs_to_the_limit() -> None:
    work = Work(FIVE_DAYS, "2024-03-04 09:00").dispatched("U1")
    assert work.clock("handle").due_at == at("2024-03-11 09:05")
    assert work.clock("claim").due_at == at("2024-03-04 15:05")


def test_a_reminder_and_an_arrival_change_no_clock() -> None:
    work = Work().handling()
    before = work.state.clocks
    work.do("remind", INTAKE, texts={"note": "please"})
    assert work.told()[0]["to"] == [{"unit": "U1", "role": "unit_clerk"}]
    work.do("arrive", CLERK)
    assert work.state.clocks == before
    assert work.state.counters["reminders"] == 1
    assert SCENE.role == "scene"
