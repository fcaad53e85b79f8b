"""Where nobody in a district holds a role: left to others where there are others, refused where there are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.smallbook import SMALL, check, line_of, load, spoiled
from gewu.core.playbook import check_playbook, load_playbook, unheld_remarks

HELD = {"clerk", "worker", "chief", "office"}
ACCEPT = "    to: done\n    by: [{role: chief}]\n"
GIVE = "      - assign: {slot: task, role: worker, clocks: [task]}\n      - notify"
MINUTES = """\
  minutes:
    title: {en: "Shown by the minutes", zh: "按记录提交"}
    from: working
    to: shown
    by:
      - {role: scribe, relation: holder, slot: minutes}
      - OTHER
    effects:
      - release: {slot: "*", whose: all, outcome: done}
      - start: show
"""


def _refused(text: str, held: set[str] | None = None) -> str:
    return "\n".join(str(problem) for problem in check(text, held or HELD))


def _remarks(text: str) -> list[str]:
    return [str(remark) for remark in unheld_remarks(load(text), HELD)]


def _with_minutes(other: str) -> str:
    """Somebody keeps minutes of the task; so may another."""
    return spoiled(
        ("slots:\n", 'slots:\n  minutes: {title: {en: "Minutes", zh: "记录"}}\n'),
        (GIVE, GIVE.replace("      - notify", "      - assign: {slot: minutes, role: scribe}\n      - notify")),
        ("outcome: done}\n      - start: show\n", "outcome: done}\n      - release: {slot: minutes, whose: all, outcome: done}\n      - start: show\n"),
        ("    undoes: [show]", "    undoes: [show, minutes]"),
        ("  accept:\n", MINUTES.replace("OTHER", other) + "  accept:\n"),
    )  # fmt: skip


def test_where_another_may_act_the_move_is_left_to_them() -> None:
    text = spoiled((ACCEPT, ACCEPT.replace("[{role: chief}]", "[{role: chief}, {role: mayor}]")))
    assert check(text, HELD) == []
    line = line_of(text, "[{role: chief}, {role: mayor}]")
    assert _remarks(text) == [
        f"playbooks/small.yaml:{line}: nobody holds the role 'mayor': left to the others who may: accept"
    ]
    assert check(text, {*HELD, "mayor"}) == []
    assert unheld_remarks(load(text), {*HELD, "mayor"}) == []


@pytest.mark.parametrize("rest", ["", ", {relation: system}"])
def test_a_move_that_nobody_else_may_make_is_refused(rest: str) -> None:
    text = spoiled((ACCEPT, ACCEPT.replace("[{role: chief}]", f"[{{role: mayor}}{rest}]")))
    assert "role 'mayor' is needed here, but nobody holds it: nobody else may make the move accept" in _refused(text)


def test_what_is_left_is_proved_anew() -> None:
    """With a mayor all is well; a resident is left, and nobody may count on one."""
    text = spoiled((ACCEPT, ACCEPT.replace("[{role: chief}]", "[{role: mayor}, {relation: reporter}]")), (
        "    redo: [work]\n    by: [{role: chief}]", "    redo: [work]\n    by: [{role: clerk}]"
    ))  # fmt: skip
    assert check(text, {*HELD, "mayor"}) == []
    assert "stage shown" in _refused(text)
    assert "is a dead end" in _refused(text)


def test_a_part_with_a_clock_needs_somebody() -> None:
    said = _refused(SMALL, HELD - {"worker"})
    assert f"small.yaml:{line_of(SMALL, GIVE)}: role 'worker' is needed here" in said
    assert "the part task, which has a clock" in said


def test_a_part_that_allows_nothing_that_others_may_not_is_nobodys() -> None:
    text = _with_minutes("{role: chief}")
    assert check(text, {*HELD, "scribe"}) == []
    assert check(text, HELD) == []
    assert [said.split(": ", 2)[2] for said in _remarks(text)] == [
        "nobody will have the part minutes; others may do all that it allows",
        "left to the others who may: minutes",
    ]


def test_a_letter_does_not_stand_for_whoever_has_an_account() -> None:
    text = _with_minutes("{role: chief, relation: letter, slot: minutes}")
    assert "only the part minutes lets somebody make the move minutes" in _refused(text)


def test_the_first_and_the_last_alarm_have_to_be_heard() -> None:
    for rung in ("first", "last"):
        name = {"first": "chief: {role: chief", "last": "office: {role: office"}[rung]
        text = spoiled((f"      {name}", f"      {name.split(':')[0]}: {{role: mayor"))
        assert f"nobody would hear the {rung} alarm of the ladder alarm" in _refused(text)
    between = spoiled(
        (
            "next: office}",
            "next: mayor}\n      mayor: {role: mayor, after: {value: 1, unit: urgent_hour}, next: office}",
        )
    )
    assert check(between, HELD) == []
    assert "alarm mayor is heard by nobody" in _remarks(between)[0]


def test_a_notice_has_to_reach_somebody() -> None:
    assert check(spoiled(('to: ["holder:task"]', 'to: ["holder:task", "role:mayor"]')), HELD) == []
    said = _refused(spoiled(('to: ["holder:task"]', 'to: ["role:mayor"]')))
    assert "role 'mayor' is needed here, but nobody holds it: nobody else is told of task" in said


@pytest.mark.parametrize("name", ["activity", "case", "joint_meeting", "residents_council"])
def test_what_ships_is_sound_without_community_clerks_and_building_heads(name: str) -> None:
    path = Path(__file__).parents[2] / "packs" / "standard" / "playbooks" / f"{name}.yaml"
    playbook = load_playbook(path.read_text(encoding="utf-8"), path.name)
    without = {"community_clerk", "building_head"}
    assert without & set(playbook.roles())
    held = set(playbook.roles()) - without
    assert check_playbook(playbook, roles_held=held) == []
    assert unheld_remarks(playbook, held)
