"""A part for the body whose part a command acts by, clocks for each of several parts, and notices to new parts only."""

from __future__ import annotations

from typing import Any

import pytest

from core.casework import OFFICE as CALENDAR
from core.standardbooks import book
from gewu.core.decide import decide
from gewu.core.evolve import evolve
from gewu.core.playbook import PlaybookError, load_playbook
from gewu.core.records import Actor, Arg, Command, Event, Facts, Refusal, State, UnitFact

NOW = 1_795_052_400
CLERK, OFFICE = frozenset({"unit_clerk"}), frozenset({"comprehensive_office"})
UNITS = {
    code: UnitFact(code, f"/{code}/", accounts=code != "letters") for code in ("lead", "police", "fire", "letters")
}


class Operation:
    """A joint duty in memory: every move is made in the name of a unit's clerk or of the office."""

    def __init__(self) -> None:
        self.book = book("joint_duty")
        self.state: State | None = None
        self.last: Event | None = None
        when = {"starts_at": NOW + 10, "ends_at": NOW + 999}
        self.move("schedule", "lead", unit="lead", place="5", purpose="x", basis="x", **when)

    def send(self, name: str, by: str, target: int | None = None, **form: Any) -> Event | Refusal:
        move = self.book.moves[name]
        free = {field.name for field in move.form if field.free} | {"reason"}
        args: dict[str, Arg] = {k: v for k, v in form.items() if k not in free}
        texts = {k: v for k, v in form.items() if k in free}
        actor = Actor(f"p-{by}", "" if by == "office" else by, OFFICE if by == "office" else CLERK)
        version = self.state.seq if self.state else None
        command = Command("c", name, args, texts, version=version, target=target)
        facts = Facts(NOW, actor, lambda _unit: CALENDAR, units=UNITS, place="5")
        return decide(self.book, self.state, command, facts)

    def move(self, name: str, by: str, target: int | None = None, **form: Any) -> Operation:
        event = self.send(name, by, target, **form)
        assert isinstance(event, Event), event
        self.last, self.state = event, evolve(self.state, event)
        return self

    def invited(self, *units: str) -> Operation:
        for unit in units:
            self.move("invite", "lead", unit=unit, standing="core", from_on="2026-11-20")
        return self

    def live(self, slot: str) -> list[tuple[int, str, bool]]:
        assert self.state is not None
        return [(a.no, a.unit, a.letter) for a in self.state.assignments if a.slot == slot and a.live]


def test_a_part_is_made_for_the_body_that_answers_also_by_letter() -> None:
    play = Operation().invited("police", "letters")
    parts = {unit: no for no, unit, _letter in play.live("invitation")}
    play.move("accept", "police")
    play.move("accept", "office", target=parts["letters"])
    assert [(unit, letter) for _no, unit, letter in play.live("agency")] == [("police", False), ("letters", True)]
    assert play.live("invitation") == []


def test_whoever_speaks_for_several_has_to_say_for_which() -> None:
    play = Operation()
    play.invited("letters").move("accept", "office")
    UNITS["more"] = UnitFact("more", "/more/", accounts=False)
    play.invited("more", "fire")
    again = play.send("invite", "lead", unit="more", standing="core", from_on="2026-11-20")
    assert isinstance(again, Refusal)
    assert again.fields == {"unit": "already_has_it"}
    play.invited("letters")
    unclear = play.send("accept", "office")
    assert isinstance(unclear, Refusal)
    assert unclear.fields == {"target": "required"}
    second = play.send("accept", "office", target=play.live("invitation")[-1][0])
    assert isinstance(second, Refusal)  # it takes part already
    assert second.fields == {"part": "already_has_it"}


def test_each_has_a_clock_of_its_own_and_reports_for_itself() -> None:
    play = Operation().invited("police", "fire")
    play.move("accept", "police").move("accept", "fire")
    play.move("attend", "lead", level="agency", unit="police", heads=3)
    play.move("muster", "lead").move("begin_duty", "lead").move("report", "police", words="x")
    play.move("end_duty", "lead")
    assert play.state is not None
    running = [(c.holder, c.status) for c in play.state.clocks if c.spec == "report"]
    assert running == [("fire", "running")]  # who has reported before the end owes nothing


def test_only_new_parts_are_told() -> None:
    play = Operation().invited("police", "fire")
    assert play.last is not None
    [told] = [e[1]["to"] for e in play.last.effects if e[0] == "notify"]
    assert [to["unit"] for to in told] == ["fire"]


SMALL = """
playbook: small
version: 1
kind: occasion
title: {{en: "Small", zh: "小"}}
stages: {{a: {{title: {{en: "A", zh: "甲"}}}}, b: {{title: {{en: "B", zh: "乙"}}, end: true}}}}
slots: {{s: {{title: {{en: "S", zh: "项"}}}}}}
ladders: {{l: {{first: o, rungs: {{o: {{role: unit_clerk, after: {{value: 1, unit: work_day}}}}}}}}}}
clocks: {{c: {{title: {{en: "C", zh: "时"}}, limit: {{value: 1, unit: work_day}}, ladder: l}}}}
messages: {{m: {{en: "M", zh: "信"}}, warn: {{en: "W", zh: "将"}}, due: {{en: "D", zh: "到"}}, overdue: {{en: "O", zh: "逾"}}}}
moves:
  open:
    title: {{en: "Open", zh: "开"}}
    from: new
    to: a
    by: [{{role: unit_clerk}}]
    effects:
      - {effect}
  end:
    title: {{en: "End", zh: "完"}}
    from: a
    to: b
    by: [{{role: unit_clerk}}]
    effects:
      - stop: "*"
      - release: {{slot: "*", whose: all, outcome: done}}
"""


@pytest.mark.parametrize(
    ("effect", "reason"),
    [
        ("start: {clock: c, each: true}", "each goes with a slot"),
        ('assign: {slot: s, unit: "@part", role: unit_clerk, inside: s}', "cannot lie inside"),
        ('notify: {to: ["opened:nothing"], message: m}', "nothing"),
        ('notify: {to: ["given:s"], message: m}', "opened:SLOT"),
    ],
)
def test_slips_are_named_with_their_line(effect: str, reason: str) -> None:
    text = SMALL.format(effect=effect)
    with pytest.raises(PlaybookError) as error:
        load_playbook(text, "small.yaml", {"small": text}.__getitem__)
    assert any(reason in problem.reason and problem.line for problem in error.value.problems), error.value.problems
