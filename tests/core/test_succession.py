"""A unit ends and another follows: parts go over whole, nothing else moves, and replay needs no playbook."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from gewu.core.evolve import evolve, state_from_json, state_json
from gewu.core.playbook import Playbook, load_playbook
from gewu.core.records import PAUSED, RUNNING, STOPPED, Assignment, Clock, State, UnitFact
from gewu.core.succession import HANDED_OVER, SUCCEED, Heir, succeed

BOOK = Path(__file__).resolve().parents[2] / "packs" / "standard" / "playbooks" / "follow_up_order.yaml"
NEW = UnitFact("new", "/top/new/", True)
BY_LETTER = UnitFact("letters", "/letters/", False)


@lru_cache(maxsize=1)
def playbook() -> Playbook:
    return load_playbook(BOOK.read_text(encoding="utf-8"), BOOK.name)


def part(no: int, unit: str, status: str = "taken", **more: object) -> Assignment:
    row = Assignment(no, "answer", "lead", unit, f"/{unit}/", "unit_clerk", "", 0, False, status, 100)
    return row._replace(**more)


def clock(no: int, holder: str, status: str = RUNNING) -> Clock:
    return Clock(f"finish:{no}", "finish", no, holder, status, 5, "work_day", 100, 900, 800)


STATE = State(
    "follow_up_order", "follow_up_order", 1, "answering", seq=7,
    fields={"unit": "old", "variant": "old"},
    assignments=(part(1, "old", "ended", ended_at=90, outcome="returned"), part(2, "old"), part(3, "other")),
    clocks=(clock(1, "old", STOPPED), clock(2, "old"), clock(3, "other")),
)  # fmt: skip


def test_a_live_part_goes_over_with_its_number_its_clock_and_the_field_that_names_the_unit() -> None:
    event = succeed(playbook(), STATE, {2: Heir("old", NEW)}, "A-1", 500)
    assert event is not None
    assert (event.kind, event.seq, event.actor) == (SUCCEED, 8, "system")
    assert event.payload["args"] == {"act": "A-1", "parts": ["2:old:new"]}
    after = evolve(STATE, event)
    assert after.assignments[1] == STATE.assignments[1]._replace(unit="new", path="/top/new/")
    assert after.clocks[1] == STATE.clocks[1]._replace(holder="new", version=2)
    assert after.fields["unit"] == "new"
    assert after.fields["variant"] == "old", "only a field that names a unit follows"
    untouched = (after.assignments[0], after.assignments[2], after.clocks[0], after.clocks[2], after.stage)
    assert untouched == (STATE.assignments[0], STATE.assignments[2], STATE.clocks[0], STATE.clocks[2], STATE.stage)
    assert event.effects[-1] == [
        "notify", {"to": [{"unit": "new", "role": "unit_clerk"}], "message": HANDED_OVER},
    ]  # fmt: skip


def test_the_old_unit_has_no_part_left_but_those_that_ended() -> None:
    event = succeed(playbook(), STATE, {2: Heir("old", NEW)}, "A-1", 500)
    assert event is not None
    after = evolve(STATE, event)
    assert [a.no for a in after.assignments if a.unit == "old"] == [1]
    assert after.involved == ("/old/", "/other/", "/top/new/")
    assert state_from_json(state_json(after)) == after


def test_a_part_that_ended_or_lies_elsewhere_by_now_is_left_alone() -> None:
    for number, old in ((1, "old"), (3, "old"), (9, "old")):
        assert succeed(playbook(), STATE, {number: Heir(old, NEW)}, "A-1", 500) is None


def test_a_body_without_accounts_takes_over_by_letter_and_back_again() -> None:
    there = succeed(playbook(), STATE, {2: Heir("old", BY_LETTER)}, "A-1", 500)
    assert there is not None
    middle = evolve(STATE, there)
    assert middle.assignments[1].letter
    back = succeed(playbook(), middle, {2: Heir("letters", UnitFact("old", "/old/"))}, "A-2", 600)
    assert back is not None
    after = evolve(middle, back)
    assert after.assignments == STATE.assignments
    assert [replace_version(c) for c in after.clocks] == [replace_version(c) for c in STATE.clocks]
    assert after.fields == STATE.fields


def replace_version(one: Clock) -> Clock:
    return one._replace(version=0)


def test_a_paused_clock_stays_paused() -> None:
    paused = STATE._replace(clocks=(clock(2, "old", PAUSED)._replace(remaining=300, stopped_at=400),))
    event = succeed(playbook(), paused, {2: Heir("old", NEW)}, "A-1", 500)
    assert event is not None
    after = evolve(paused, event).clocks[0]
    assert (after.status, after.remaining, after.stopped_at, after.holder) == (PAUSED, 300, 400, "new")


def test_the_same_question_has_the_same_answer() -> None:
    first, second = (succeed(playbook(), STATE, {2: Heir("old", NEW)}, "A-1", 500) for _ in range(2))
    assert first == second
    assert first is not None
    assert replace(first, at=1) != first
