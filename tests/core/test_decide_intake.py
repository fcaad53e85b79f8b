"""Intake, verification and filing, and what cuts a report short."""

from __future__ import annotations

from core.casework import (
    AFTER,
    BEFORE,
    COLLECTOR,
    DISPATCHER,
    INTAKE,
    LEADER,
    REASON,
    RESIDENT,
    SCENE,
    WORKER,
    Work,
    at,
    case,
    post,
)
from gewu.core.records import Command, Facts


def test_one_screen_registers_a_call() -> None:
    work = Work().registered(owner="water", has_reporter=True, urgent=True)
    assert work.stage == "registered"
    assert dict(work.state.fields) == {
        "source": "phone", "category": "matter:06010", "owner": "water", "has_reporter": True, "urgent": True,
    }  # fmt: skip
    assert work.state.place == "500101001001"
    assert work.clock("arrange").due_at == work.now + 15 * 60


def test_a_resident_reports_and_the_officer_registers() -> None:
    work = Work()
    work.do("report", RESIDENT, source="web", texts={"description": "a hole", "reporter_phone": "138 0000 0000"})
    assert work.stage == "reported"
    assert work.told() == [{"to": [{"role": "intake_officer"}], "message": "new_report"}]
    work.do("register", INTAKE, category="component:01001")
    assert (work.stage, work.state.fields["category"]) == ("registered", "component:01001")
    assert work.clock("accept").status == "stopped"
    assert work.clock("arrange").status == "running"


def test_free_words_stay_out_of_the_event() -> None:
    work = Work().registered()
    assert "rubbish" not in str(work.events[-1])
    assert work.events[-1].payload["args"] == {"source": "phone", "category": "matter:06010"}


def test_what_an_intake_form_lacks_is_named() -> None:
    work = Work()
    answer = work.refused("register_intake", INTAKE, source="drum", texts={"reporter_phone": "call me"})
    assert answer.code == "invalid"
    assert answer.fields == {
        "description": "required",
        "source": "choice",
        "category": "required",
        "reporter_phone": "phone",
    }


def test_a_collector_confirms_with_a_photo() -> None:
    work = Work().registered()
    work.do("send_verify", INTAKE)
    assert work.part("verify").role == "collector"
    assert work.refused("confirm_exists", COLLECTOR).detail == {"any": 1}
    assert work.refused("confirm_exists", INTAKE, photos=(SCENE,)).code == "not_allowed"
    work.do("confirm_exists", COLLECTOR, photos=(SCENE,))
    assert work.stage == "verified"
    assert work.clock("verify").status == "stopped"
    assert work.state.assignments[0].outcome == "exists"


def test_a_named_collector_alone_may_answer() -> None:
    work = Work().registered()
    work.do("send_verify", INTAKE, collector=COLLECTOR.person)
    assert work.refused("confirm_exists", post("collector", number=2), photos=(SCENE,)).code == "not_allowed"
    work.do("confirm_exists", COLLECTOR, photos=(SCENE,))


def test_what_is_absent_cannot_be_filed_but_declined() -> None:
    work = Work().registered()
    work.do("send_verify", INTAKE)
    work.do("report_absent", COLLECTOR, texts={"note": "nothing there"})
    answer = work.refused("file", LEADER, category="matter:06010", standard="06010-1")
    assert answer.code == "guard"
    assert answer.detail["why"]["en"] == "The collector has not confirmed that it exists"
    assert work.refused("decline", LEADER).code == "needs_reason"
    work.do("decline", LEADER, texts=REASON)
    assert work.stage == "declined"


def test_what_cannot_be_verified_comes_back_with_a_reason() -> None:
    work = Work().registered()
    work.do("send_verify", INTAKE)
    assert work.refused("unable_to_verify", COLLECTOR).fields == {"reason": "required"}
    work.do("unable_to_verify", COLLECTOR, texts=REASON)
    assert work.stage == "registered"
    assert [b.move for b in work.state.blocks] == ["file"]
    work.do("send_verify", INTAKE)
    assert work.state.blocks == ()


def test_filing_takes_a_standard_with_its_limit() -> None:
    work = Work().filed()
    assert work.stage == "filed"
    assert (work.state.fields["limit_value"], work.state.fields["limit_unit"]) == (4, "urgent_hour")
    assert work.clock("file").status == "stopped"
    assert work.clock("dispatch").status == "running"


def test_filing_without_verification_needs_a_reason() -> None:
    work = Work().registered()
    form = {"category": "matter:06010", "standard": "06010-1"}
    assert work.refused("file_unverified", LEADER, args=form).code == "needs_reason"
    work.do("file_unverified", LEADER, args=form, texts=REASON)
    assert work.stage == "filed"


def test_the_dispatcher_returns_to_the_desk() -> None:
    work = Work().registered()
    work.do("file_unverified", LEADER, category="matter:06010", standard="06010-1", texts=REASON)
    work.do("return_to_intake", DISPATCHER, texts=REASON)
    assert work.stage == "registered"
    again = work.refused("file_unverified", LEADER, category="matter:06010", standard="06010-1", texts=REASON)
    assert (again.code, again.detail["by"]) == ("blocked", "return_to_intake")
    work.do("send_verify", INTAKE)
    work.do("confirm_exists", COLLECTOR, photos=(SCENE,))
    work.do("file", LEADER, category="matter:06010", standard="06010-1")


def test_found_and_fixed_in_one_step_with_two_photos() -> None:
    work = Work()
    form = {"category": "matter:06010", "standard": "06010-1"}
    words = {"description": "a fallen branch"}
    assert work.refused("fix_on_spot", WORKER, args=form, texts=words, photos=(BEFORE,)).detail == {"after": 1}
    assert work.refused("fix_on_spot", INTAKE, args=form, texts=words, photos=(BEFORE, AFTER)).code == "not_allowed"
    work.do("fix_on_spot", COLLECTOR, args=form, texts=words, photos=(BEFORE, AFTER))
    assert work.stage == "answered"
    assert work.state.tags == {"fixed_on_spot"}
    attached = [e[1:] for e in work.events[-1].effects if e[0] == "attach"]
    assert attached == [["b", "before"], ["a", "after"]]


def test_void_ends_what_was_open() -> None:
    work = Work().filed()
    assert work.refused("void", LEADER).code == "needs_reason"
    work.do("void", LEADER, texts=REASON)
    assert work.stage == "voided"
    assert {c.status for c in work.state.clocks} == {"stopped"}
    assert work.refused("file", LEADER, category="matter:06010", standard="06010-1").code == "wrong_stage"


def test_merge_and_absorb_link_both_and_hand_on_the_reporter() -> None:
    child, parent = Work().registered(has_reporter=True), Work().registered()
    child.do("merge", INTAKE, args={"target": "parent-id"}, texts=REASON)
    assert (child.stage, child.state.links) == ("merged", (("merged_into", "parent-id"),))
    parent.do("absorb", INTAKE, child="child-id", has_reporter=True)
    assert parent.state.links == (("absorbed", "child-id"),)
    assert parent.state.fields["has_reporter"] is True
    assert parent.state.counters["repeats"] == 1


def test_split_makes_a_case_and_remembers_it() -> None:
    parent, child = Work().filed(), Work()
    parent.do("split_off", DISPATCHER, child="child-id")
    child.do("split_create", DISPATCHER, parent="parent-id", category="matter:06010", texts={"description": "the rest"})
    assert parent.state.links == (("split_into", "child-id"),)
    assert (child.stage, child.state.links) == ("registered", (("split_from", "parent-id"),))
    assert child.clock("arrange").status == "running"


def test_an_unanswered_report_climbs_the_ladder_and_the_last_rung_repeats() -> None:
    work = Work()
    work.do("report", RESIDENT, source="web", texts={"description": "a hole"})
    start = work.now
    made = work.wait(12 * 3600)
    assert [(e.at - start, e.payload["args"]["phase"]) for e in made] == [
        (12 * 60, "warned"),
        (15 * 60, "due"),
        (75 * 60, "office"),
        (315 * 60, "office"),
        (555 * 60, "office"),
    ]
    told = [e[1]["to"][0]["role"] for event in made for e in event.effects if e[0] == "notify"]
    assert told == ["shift_leader", *["comprehensive_office"] * 3]
    assert work.stage == "reported"
    work.do("register", INTAKE)
    assert work.clock("accept").stopped_at > work.clock("accept").due_at


def test_outside_the_territory_nothing_is_possible() -> None:
    work = Work().registered()
    facts = Facts(work.now, INTAKE, lambda _unit: None, in_scope=False)
    from gewu.core.decide import decide

    answer = decide(case(), work.state, Command("c", "send_verify", version=1), facts)
    assert getattr(answer, "code", None) == "out_of_scope"


def test_the_version_guards_exclusive_moves() -> None:
    work = Work().registered()
    assert work.refused("send_verify", INTAKE, version=0).detail == {"version": 1}
    assert work.refused("send_verify", INTAKE, version=None).code == "stale"
    work.do("add_note", COLLECTOR, version=None, texts={"note": "seen it"})
    assert work.state.seq == 2
    assert at("2024-03-04 09:00") < work.now
