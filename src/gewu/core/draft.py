"""The making of one event: effects as written become concrete, in order, against the record and what came before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from gewu.core.clockwork import DUE, NEVER, Clockwork, ImpossibleError
from gewu.core.evolve import assignment_json
from gewu.core.playbook import model as m
from gewu.core.records import OPEN, Arg, Assignment, Clock, Command, Effect, Facts, Refusal, Scalar, State, UnitFact
from gewu.core.rules import holds_part, lost_part, own_parts, test

__all__ = ["NEVER", "Draft", "ImpossibleError"]


class Draft:
    """Collects the effects of one event while tracking assignments, fields and clocks as they change within it.

    Conditions inside effects (``when``) are judged on the record as it was before the event.
    """

    __slots__ = (
        "args", "assignments", "clockwork", "command", "effects", "facts", "fields", "move", "now", "playbook", "state",
    )  # fmt: skip

    def __init__(
        self, playbook: m.Playbook, state: State | None, command: Command, facts: Facts, args: Mapping[str, Arg]
    ) -> None:
        self.playbook = playbook
        self.state = state
        self.command = command
        self.facts = facts
        self.args = args
        self.now = facts.now
        self.effects: list[Effect] = []
        self.assignments: list[Assignment] = list(state.assignments) if state else []
        self.fields: dict[str, Scalar] = dict(state.fields) if state else {}
        self.clockwork = Clockwork(playbook, state, facts, self.fields, self.effects)
        self.move: m.Move | None = None

    def make(self, move: m.Move) -> None:
        """All effects of a move, in the order: birth, stage, effects as written, lifted blocks, evidence."""
        self.move = move
        if self.state is None:
            self.effects.append(["birth", self.playbook.kind, self.playbook.name, self.playbook.version])
        if move.to and (self.state is None or move.to != self.state.stage):
            self.effects.append(["stage", move.to])
        self.apply(move.effects)
        if self.state is not None:
            for block in self.state.blocks:
                if move.name in block.until and not any(e[0] == "block" and e[1] == block.move for e in self.effects):
                    self.effects.append(["unblock", block.move])
        if move.name in self.playbook.watched:
            self.effects.append(["did", move.name])
        for photo in self.command.photos:
            self.effects.append(["attach", photo.id, photo.role])

    def apply(self, effects: tuple[m.EffectSpec, ...]) -> None:
        """Make effects concrete, in order."""
        makers = self._makers
        for effect in effects:
            makers[type(effect)](self, effect)

    def _when(self, effect: m.When) -> None:
        holds = test(effect.guard, self.state, self.facts.actor, self.args, self.now)
        self.apply(effect.then if holds else effect.otherwise)

    def _count(self, effect: m.CountUp) -> None:
        old = self.state.counters.get(effect.counter, 0) if self.state else 0
        self.effects.append(["count", effect.counter, old + 1])

    def _tag(self, effect: m.Tag) -> None:
        self.effects.append(["tag", effect.tag, effect.on])

    def _block(self, effect: m.BlockMove) -> None:
        self.effects.append(["block", effect.move, list(effect.until)])

    def _link(self, effect: m.LinkTo) -> None:
        self.effects.append(["link", effect.kind, str(self._value(effect.record))])

    def _place(self, _effect: m.PlaceAt) -> None:
        if self.facts.place:
            self.effects.append(["place", self.facts.place, list(self.facts.areas)])

    def _go(self, effect: m.GoTo) -> None:
        self.effects.append(["stage", effect.stage])

    def _value(self, written: Scalar) -> Scalar:
        """The value of a written scalar: ``$arg``, ``@looked-up fact``, ``=field`` or itself."""
        if isinstance(written, str):
            mark = written[:1]
            if mark == "$":
                value = self.args.get(written[1:])
                return ",".join(value) if isinstance(value, tuple) else value
            if mark == "@":
                return self.facts.extra.get(written[1:])
            if mark == "=":
                return self.fields.get(written[1:])
        return written

    def _set(self, effect: m.SetField) -> None:
        name, value = effect.field, self._value(effect.value)
        if name not in self.fields or self.fields[name] != value:
            self.fields[name] = value
            self.effects.append(["set", name, value])

    # assignments

    def _assign(self, effect: m.Assign) -> None:
        codes: list[str]
        if effect.unit == "@part":
            self._open_alike(effect)
            return
        if effect.unit.startswith("$"):
            given = self.args.get(effect.unit[1:])
            codes = list(given) if isinstance(given, tuple) else [str(given)] if given else []
            if not codes and not effect.role:
                raise ImpossibleError(Refusal("invalid", {}, {effect.unit[1:]: "required"}))
            if not codes:
                return  # nobody named, nobody assigned
        elif effect.unit == "@actor":
            codes = [self.facts.actor.unit]
        else:
            codes = [str(self._value(effect.unit) or "")]
        parent = self._parent(effect.inside) if effect.inside else 0
        person = self.facts.actor.person if effect.person == "@actor" else str(self._value(effect.person) or "")
        for code in codes:
            self._open(effect, code, person, parent)

    def _parent(self, slot: str) -> int:
        """The assignment in whose inside the new one is made: the one the actor holds."""
        mine = self._named([a for a in self.assignments if a.slot == slot and holds_part(a, self.facts.actor)])
        if not mine:
            raise ImpossibleError(Refusal("invalid", {"slot": slot}, {"target": "not_found"}))
        return mine[0].no

    def _open_alike(self, effect: m.Assign) -> None:
        """A part for the body whose part the command acts by: also where a letter speaks for it."""
        rules = self.move.actors if self.move is not None else ()
        slots = dict.fromkeys(rule.slot for rule in rules if rule.slot)
        mine = [part for slot in slots for part in self._own(slot)]
        if not mine and any(self._lost(slot) for slot in slots):
            raise ImpossibleError(Refusal("part_ended", {}))
        if len(mine) != 1:
            raise ImpossibleError(Refusal("invalid", {}, {"target": "required" if mine else "not_found"}))
        known = mine[0]
        self._refuse_second(effect, known.unit)
        self._put(effect, known.unit, known.path, known.letter, "", 0)

    def _open(self, effect: m.Assign, code: str, person: str, parent: int) -> None:
        unit = self.facts.units.get(code)
        if code and unit is None:
            raise ImpossibleError(Refusal("invalid", {"unit": code}, {effect.unit.lstrip("$@="): "not_found"}))
        self._refuse_outside(effect, unit, parent)
        self._refuse_misfit(effect, code, person)
        self._refuse_second(effect, code)
        self._put(effect, code, unit.path if unit else "", bool(unit and not unit.accounts), person, parent)

    def _refuse_outside(self, effect: m.Assign, unit: UnitFact | None, parent: int) -> None:
        """What is handed on inside a part stays with the unit that has it and with those below that unit."""
        above = self.facts.units.get(self.assignments[parent - 1].unit) if parent else None
        if above is not None and unit is not None and not unit.path.startswith(above.path):
            raise ImpossibleError(Refusal("invalid", {"unit": unit.code}, {effect.unit.lstrip("$@="): "not_yours"}))

    def _refuse_misfit(self, effect: m.Assign, code: str, person: str) -> None:
        """A part for somebody who could never do it would wait for ever: they need a post of its unit and role."""
        if not effect.person.startswith("$") or person not in self.facts.people:
            return
        seats = [seat for seat in self.facts.people[person] if not effect.role or seat.role == effect.role]
        if not any(not code or seat.unit == code for seat in seats):
            fault = {effect.person[1:]: "not_of_unit" if seats else "not_of_role"}
            raise ImpossibleError(Refusal("invalid", {"person": person, "unit": code}, fault))

    def _refuse_second(self, effect: m.Assign, code: str) -> None:
        """A unit assists in a slot once at a time."""
        if code and effect.mode == "assist":
            for a in self.assignments:
                if a.unit == code and a.slot == effect.slot and a.live:
                    fault = {effect.unit.lstrip("$@="): "already_has_it"}
                    raise ImpossibleError(Refusal("invalid", {"unit": code}, fault))

    def _put(self, effect: m.Assign, code: str, path: str, letter: bool, person: str, parent: int) -> None:
        assignment = Assignment(
            len(self.assignments) + 1,
            effect.slot,
            effect.mode,
            code,
            path,
            effect.role,
            person,
            parent,
            letter,
            OPEN,
            self.now,
        )
        self.assignments.append(assignment)
        self.effects.append(["open", assignment_json(assignment)])
        for name in effect.clocks:
            self.clockwork.start(name, assignment)

    def _named(self, parts: list[Assignment]) -> list[Assignment]:
        """Those of the parts that the command means, when it names one."""
        target = self.command.target
        return parts if target is None else [a for a in parts if a.no == target]

    def _own(self, slot: str) -> list[Assignment]:
        if self.move is None:
            return []
        return self._named(own_parts(self.move, self.assignments, self.facts.actor, slot))

    def _lost(self, slot: str) -> bool:
        """Whether the part that an additive move is about was the actor's, and has ended."""
        move, target = self.move, self.command.target
        if move is None or not move.additive or target is None:
            return False
        return lost_part(move, self.assignments, self.facts.actor, slot, target)

    def _release(self, effect: m.Release) -> None:
        for part in self._released(effect):
            self._end(part, effect.outcome)

    def _released(self, effect: m.Release) -> list[Assignment]:
        if effect.whose in ("all", "lead", "assist"):
            modes = (effect.whose,) if effect.whose != "all" else ("lead", "assist", "sole")
            return [a for a in self.assignments if a.live and effect.slot in ("*", a.slot) and a.mode in modes]
        mine = self._own(effect.slot)
        if effect.whose == "assist_mine":
            mine = [a for a in mine if a.mode == "assist"]
        if len(mine) == 1:
            return mine
        if not mine and self._lost(effect.slot):
            raise ImpossibleError(Refusal("part_ended", {}))
        fault = {"target": "required" if mine else "not_found"}
        raise ImpossibleError(Refusal("invalid", {"slot": effect.slot}, fault))

    def _end(self, assignment: Assignment, outcome: str) -> None:
        """End an assignment, its clocks, and what was handed on inside it."""
        number = assignment.no
        if not self.assignments[number - 1].live:
            return  # it ended a moment ago with the part it was inside
        for child in self.assignments:
            if child.parent == number and child.live:
                self._end(child, "parent_" + outcome)
        self.clockwork.stop_for(number)
        self.assignments[number - 1] = assignment._replace(status="ended", ended_at=self.now, outcome=outcome)
        self.effects.append(["end", number, outcome])

    def _take(self, effect: m.Take) -> None:
        mine = [a for a in self._own(effect.slot) if a.status == OPEN]
        if len(mine) != 1:
            fault = {"target": "required" if mine else "not_found"}
            raise ImpossibleError(Refusal("invalid", {"slot": effect.slot}, fault))
        # The work of a unit stays with the unit; a task from a common pool becomes mine.
        person = "" if mine[0].unit else self.facts.actor.person
        taken = mine[0]._replace(status="taken", person=person or mine[0].person)
        self.assignments[taken.no - 1] = taken
        self.effects.append(["take", taken.no, person])

    def _reopen(self, effect: m.Reopen) -> None:
        alike = [a for a in self.assignments if a.slot == effect.slot and a.mode in ("lead", "sole")]
        if not alike:
            raise ImpossibleError(Refusal("invalid", {"slot": effect.slot}, {"target": "not_found"}))
        if any(a.live for a in alike):
            raise ImpossibleError(Refusal("invalid", {"slot": effect.slot}, {"target": "already_has_it"}))
        again = alike[-1]._replace(
            no=len(self.assignments) + 1, status="taken", opened_at=self.now, ended_at=0, outcome="", parent=0
        )
        self.assignments.append(again)
        self.effects.append(["open", assignment_json(again)])
        for name in effect.clocks:
            self.clockwork.start(name, again)

    # clocks

    def _clock_act(self, effect: m.ClockAct) -> None:
        if effect.act != "start":
            self.clockwork.act(effect.act, effect.clock)
            return
        until: Arg = None
        if effect.until:
            until = self.args.get(effect.until[1:]) if effect.until[0] == "$" else self._value(effect.until)
        parts: list[Assignment | None] = [None]
        if effect.each:
            parts = [a for a in self.assignments if a.slot == effect.slot and a.live]
        elif effect.slot:
            parts = [self._part_in(effect.slot)]
        for part in parts:
            self.clockwork.start(effect.clock, part, until, effect.until.lstrip("$@="))

    def _part_in(self, slot: str) -> Assignment:
        """The live part of a slot, which a clock is started for: the lead's or the only one."""
        live = [a for a in self.assignments if a.slot == slot and a.mode != "assist" and a.live]
        if not live:
            raise ImpossibleError(Refusal("invalid", {"slot": slot}, {"target": "not_found"}))
        return live[-1]

    def expire(self, clock: Clock) -> str:
        """Act on a clock whose ``next_at`` has come. Returns what was done: warned, due or the rung's name."""
        spec = self.playbook.clocks[clock.spec]
        if clock.phase == 0 and self.now < clock.due_at:
            self.clockwork.warn(clock)
            self._alert(clock, "holder", "warn")
            return "warned"
        move = self.playbook.moves.get(spec.move)
        if clock.phase < DUE and move is not None and self._fits(move):
            self.clockwork.fall_silent(clock)
            self.make(move)
            return "due"
        ladder = self.playbook.ladders.get(spec.ladder)
        if ladder is None:
            self.clockwork.fall_silent(clock)
            return "due"
        first = clock.phase < DUE
        rung = self.clockwork.climb(clock, ladder)
        if first:
            self._alert(clock, "holder", "due")
        if not first or not self._holds_as(clock, rung.role):
            self._alert(clock, rung.role, "due" if first else "overdue")
        return "due" if first else rung.name

    def _holds_as(self, clock: Clock, role: str) -> bool:
        """Whether telling a clock's holder has told this role already: the part lies with everybody of that role."""
        part = self.assignments[clock.assignment - 1] if clock.assignment else None
        return part is not None and part.live and not part.unit and not part.person and part.role == role

    def _fits(self, move: m.Move) -> bool:
        """Whether a clock's move can be made as the record stands; a clock that outlived its stage changes nothing."""
        if self.state is None or self.state.stage not in move.sources:
            return False
        return move.guard is None or test(move.guard, self.state, self.facts.actor, self.args, self.now)

    # who is told

    def _alert(self, clock: Clock, role: str, message: str) -> None:
        if role != "holder":
            self.effects.append(["notify", {"to": [{"role": role}], "message": message, "clock": clock.id}])
            return
        part = self.assignments[clock.assignment - 1] if clock.assignment else None
        if part is not None and part.live:
            self.effects.append(["notify", {"to": [_receiver(part)], "message": message, "clock": clock.id}])

    def _notify(self, effect: m.Notify) -> None:
        to: list[dict[str, Any]] = []
        for written in effect.to:
            kind, _, name = written.partition(":")
            if kind == "reporter":
                to.append({"reporter": True})
            elif kind == "role":
                to.append({"role": name})
            else:
                known = len(self.state.assignments) if kind == "opened" and self.state else 0
                to += [_receiver(a) for a in self.assignments[known:] if a.slot == name and a.live]
        if to:
            self.effects.append(["notify", {"to": to, "message": effect.message}])

    # The vocabulary is closed, so one look-up by type does for a chain of questions.
    _makers: ClassVar[dict[type[object], Callable[[Draft, Any], None]]] = {
        m.Assign: _assign,
        m.Take: _take,
        m.Release: _release,
        m.Reopen: _reopen,
        m.ClockAct: _clock_act,
        m.SetField: _set,
        m.CountUp: _count,
        m.Tag: _tag,
        m.BlockMove: _block,
        m.LinkTo: _link,
        m.Notify: _notify,
        m.PlaceAt: _place,
        m.GoTo: _go,
        m.When: _when,
    }


def _receiver(part: Assignment) -> dict[str, Any]:
    receiver: dict[str, Any] = {}
    if part.unit:
        receiver["unit"] = part.unit
    if part.role:
        receiver["role"] = part.role
    if part.person:
        receiver["person"] = part.person
    if part.letter:
        receiver["letter"] = True
    return receiver
