"""What one version of a playbook has that the other has not, and whether a record could go on under it."""

from __future__ import annotations

from core.casework import post
from core.playwalk import START, calendar_of
from core.smallbook import SMALL, load, spoiled
from core.standardbooks import book
from gewu.core.decide import decide
from gewu.core.evolve import evolve
from gewu.core.playbook.difference import Change, differences
from gewu.core.playbook.landing import Landing
from gewu.core.records import Command, Event, Facts, State
from gewu.core.telling.versions import said_differences


def test_where_something_stands_in_the_file_makes_no_difference() -> None:
    assert differences(load(SMALL), load("# a comment\n" + SMALL)) == []
    assert differences(book("case"), book("case")) == []


def test_what_vanishes_appears_or_changes_is_named() -> None:
    text = spoiled(
        ("  wait: {title: {en: \"Wait\", zh: \"等待\"}, limit: {value: 1", "  wait: {title: {en: \"Wait\", zh: \"等待\"}, limit: {value: 2"),
        ("  low: {title: {en: \"Low\", zh: \"低\"}, next: high}\n", ""),
        ("messages:\n", "messages:\n  more: {en: \"More\", zh: \"更多\"}\n"),
        ("    by: [{role: chief}]\n    needs: {reason: true}\n", "    by: [{role: office}]\n    needs: {reason: true}\n"),
    )  # fmt: skip
    old, new = load(SMALL), load(text)
    assert differences(old, new) == [
        Change("tiers", "low", "gone"),
        Change("moves", "again", "changed", ("actors",)),
        Change("clocks", "wait", "changed", ("limit",)),
        Change("messages", "more", "new"),
    ]
    said = [sentence for _, sentence in said_differences(old, new, "en")]
    assert said == [
        "Tier “Low” (low) is gone.",
        "Move “Once more” (again) changed: who may make it.",
        "Clock “Wait” (wait) changed: limit 1 hour → 2 hours.",
        "Message more is new.",
    ]
    chinese = [sentence for _, sentence in said_differences(old, new, "zh-CN")]
    assert chinese[2] == "时限“等待” (wait)有变化：时限 1 小时 → 2 小时。"


def state(stage: str) -> State:
    return State("case", "small", 1, stage, 1)


def test_a_record_is_judged_where_it_is_put_down() -> None:
    landing = Landing(load(SMALL))
    assert landing.problem(state("done")) is None
    problem = landing.problem(state("waiting"))
    assert problem is not None
    assert "no clock runs" in problem


def test_a_situation_without_a_way_out_is_a_dead_end() -> None:
    playbook = load(SMALL)
    facts = Facts(START, post("clerk"), calendar_of)
    begun = decide(playbook, None, Command("1", "begin"), facts)
    assert isinstance(begun, Event)
    here = evolve(None, begun)
    landing = Landing(playbook)
    assert landing.problem(here) is None
    # The same clock, but in a stage whose only move is for whoever has a part that nobody has.
    problem = landing.problem(here._replace(stage="working"))
    assert problem == "stage working is a dead end: no clean end can be reached from there"
