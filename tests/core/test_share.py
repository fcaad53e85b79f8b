"""Shares of numbers in a form: compared without rounding, refused where they make no sense, walked both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.smallbook import SMALL
from gewu.core.playbook import Playbook, PlaybookError, check_playbook, load_playbook
from gewu.core.playbook import model as m
from gewu.core.records import Actor
from gewu.core.rules import test as holds
from gewu.core.telling.conditions import condition
from gewu.core.telling.speech import Speaker

NOBODY = Actor("", "", frozenset())
VOTE = """\
  vote:
    title: {en: "Vote", zh: "表决"}
    from: waiting
    by: [{role: clerk}]
    form:
      "yes": {type: int, title: {en: "For", zh: "同意"}, required: true, min: 0}
      "no": {type: int, title: {en: "Against", zh: "反对"}, required: true, min: 0}
      word: {type: code, title: {en: "Word", zh: "文字"}}
    guard: {share: {of: ["yes"], in: ["yes", "no"]}, op: ge, value: 50}
    effects:
      - when: {share: {of: ["yes"], in: ["yes", "no"]}, op: gt, value: 90}
        then: [{tag: clear}]
"""
BOOK = SMALL.replace("moves:\n", "moves:\n" + VOTE, 1)


def book(*changes: tuple[str, str]) -> Playbook:
    text = BOOK
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return load_playbook(text, "playbooks/small.yaml")


def share(op: str, value: int) -> m.Share:
    return m.Share(("yes",), ("yes", "no"), op, value, None)


@pytest.mark.parametrize(
    ("yes", "no", "op", "value", "expected"),
    [
        (1, 1, "ge", 50, True),
        (1, 1, "gt", 50, False),
        (1, 2, "ge", 34, False),  # a third is 33.33 percent: nothing is rounded up
        (1, 2, "gt", 33, True),
        (2, 1, "gt", 66, True),
        (2, 1, "ge", 67, False),
        (0, 0, "ge", 50, False),
        (0, 0, "le", 50, True),
        (0, 0, "eq", 0, True),
    ],
)
def test_what_a_share_is(yes: int, no: int, op: str, value: int, expected: bool) -> None:
    assert holds(share(op, value), None, NOBODY, {"yes": yes, "no": no}, 0) is expected


def test_of_nothing_anything_is_too_much() -> None:
    votes = m.Share(("votes",), ("present",), "le", 100, None)
    assert not holds(votes, None, NOBODY, {"votes": 3, "present": 0}, 0)
    assert holds(votes, None, NOBODY, {}, 0)


@given(
    yes=st.integers(0, 500), no=st.integers(0, 500), value=st.integers(0, 100),
    op=st.sampled_from([("lt", "ge"), ("le", "gt"), ("eq", "ne")]),
)  # fmt: skip
def test_a_share_holds_or_its_denial_does(yes: int, no: int, value: int, op: tuple[str, str]) -> None:
    one, other = (holds(share(o, value), None, NOBODY, {"yes": yes, "no": no}, 0) for o in op)
    assert one is not other


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("op: ge, value: 50", "op: ge, value: 101", "a percentage from 0 to 100"),
        ("op: ge, value: 50", "op: set, value: true", "a percentage from 0 to 100"),
        ("op: ge, value: 50", "value: 50", "a comparison needs op"),
        ('{of: ["yes"], in: ["yes", "no"]}, op: ge', '{of: [word], in: ["no"]}, op: ge', "has to be an int"),
        ('{of: ["yes"], in: ["yes", "no"]}, op: ge', '{of: [maybe], in: ["no"]}, op: ge', "the form has no field"),
        ("required: true, min: 0}", "required: true}", "with a min of 0 or more"),
    ],
)
def test_a_share_that_makes_no_sense_is_refused(old: str, new: str, reason: str) -> None:
    with pytest.raises(PlaybookError, match=reason):
        book((old, new))


def test_a_sound_share_is_sound() -> None:
    assert check_playbook(book()) == []


def test_shares_that_cannot_come_together_are_found() -> None:
    never = "guard: {all: [{share: {of: [\"yes\"], in: [\"no\"]}, op: gt, value: 60}, {share: {of: [\"yes\"], in: [\"no\"]}, op: lt, value: 40}]}"  # fmt: skip
    found = check_playbook(book(('guard: {share: {of: ["yes"], in: ["yes", "no"]}, op: ge, value: 50}', never)))
    assert [p.reason for p in found if "vote" in p.reason and "can never be made" in p.reason]


def test_both_outcomes_of_a_share_are_walked() -> None:
    """What is right only when the vote is carried is not right."""
    stuck = "then: [{tag: clear}]\n        else: [{stop: wait}]"
    found = [str(p) for p in check_playbook(book(("then: [{tag: clear}]", stuck)))]
    assert any("waiting" in one and "no clock runs" in one for one in found), found


def test_how_it_is_said() -> None:
    playbook = book()
    move = playbook.moves["vote"]
    en, zh = Speaker(playbook, "en"), Speaker(playbook, "zh-CN")
    assert condition(en, share("ge", 50), move) == "“For” make up at least 50 % of “For”, “Against” together"
    assert condition(en, share("ge", 50), move, False) == "“For” make up less than 50 % of “For”, “Against” together"
    assert condition(zh, share("gt", 50), move) == "“同意”占“同意”、“反对”合计超过 50%"
    assert condition(zh, share("le", 100), move, False) == "“同意”多于“同意”、“反对”合计"
