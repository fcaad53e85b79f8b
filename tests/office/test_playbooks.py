"""The playbooks of the registers are sound, and would not be with an effect left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from gewu.core.playbook import PlaybookError, check_playbook, load_playbook
from gewu.office.kinds import HANDOVER, INSTRUCTION, KINDS, LETTER, ORDER

FOLDER = Path(__file__).parents[2] / "packs" / "standard" / "playbooks"


def text(kind: str) -> str:
    return (FOLDER / f"{kind}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_sound(kind: str) -> None:
    playbook = load_playbook(text(kind), kind)
    assert (playbook.kind, check_playbook(playbook)) == (kind, [])


@pytest.mark.parametrize(
    ("kind", "left_out", "reason"),
    [
        (INSTRUCTION, "      - release: {slot: follow, whose: all, outcome: done}\n", "still open in the end stage"),
        (ORDER, "      - {role: comprehensive_office, relation: letter, slot: answer}\n", "nobody can ever act"),
        (ORDER, "      - start: {clock: look_back_result, slot: look_back}\n", "never started"),
        (ORDER, "      - start: strike_off\n", "never started"),
        (LETTER, "      - start: {clock: reply, until: $due_on, slot: follow}\n", "never started"),
        (HANDOVER, "      - start: {clock: take_over, slot: shift}\n", "never started"),
    ],
)
def test_what_is_left_out_is_missed(kind: str, left_out: str, reason: str) -> None:
    whole = text(kind)
    assert left_out in whole
    broken = whole.replace(left_out, "")
    try:
        found = check_playbook(load_playbook(broken, kind))
    except PlaybookError as error:
        found = error.problems
    assert any(reason in p.reason for p in found), [p.reason for p in found]


def _with(kind: str, old: str, new: str) -> list[str]:
    whole = text(kind)
    assert old in whole
    with pytest.raises(PlaybookError) as refused:
        load_playbook(whole.replace(old, new, 1), kind)
    return [p.reason for p in refused.value.problems]


def test_only_a_date_may_lie_in_the_past() -> None:
    reasons = _with(LETTER, "words: {type: text,", "words: {type: text, past: true,")
    assert reasons == ["words: past goes with type date, and only with it"]


def test_a_clock_belongs_to_one_slot_that_is_declared() -> None:
    assert _with(ORDER, "until: $due_on, slot: answer}", "until: $due_on, slot: nobody}") == [
        "slot 'nobody' is not declared"
    ]
    assert _with(ORDER, "until: $due_on, slot: answer}", 'until: $due_on, slot: "*"}') == [
        "clock answer: one slot has it, not all"
    ]


def test_a_clock_cannot_be_started_for_a_part_that_nobody_has() -> None:
    """The checker walks into it: the part has ended by the time the clock would start for it."""
    whole = text(LETTER)
    broken = whole.replace(
        "      - stop: send\n", "      - stop: send\n      - release: {slot: follow, whose: all, outcome: done}\n", 1
    )
    assert broken != whole
    assert check_playbook(load_playbook(broken, LETTER)) != []
