"""The making of one event: effects as written become concrete, in order, against the record and what came before them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gewu.core import deadlines
from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.evolve import assignment_json, clock_json
from gewu.core.forms import instant_of
from gewu.core.playbook import model as m
from gewu.core.records import (
    OPEN,
    PAUSED,
    RUNNING,
    STOPPED,
    Arg,
    Assignment,
    Clock,
    Command,
    Effect,
    Facts,
    Refusal,
    Scalar,
    State,
)
from gewu.core.rules import holds_part, test

NEVER = 253_402_300_799
"""The end of year 9999: ``next_at`` of a clock that has nothing more to say."""


class Impossible(Exception):
    """An effect cannot be made concrete; carries the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Draft:
    """Collects the effects of one event while tracking assignments and clocks as they change within it."""

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
        self.clocks: dict[str, Clock] = {c.id: c for c in state.clocks} if state else {}
        self.fields: dict[str, Scalar] = dict(state.fields) if state else {}

    def make(self, move: m.Move) -> None:
        """All effects of a move, in the order: birth, stage, effects as written, lifted blocks, evidence."""
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
        for effect in effects:
            match effect:
                case m.SetField():
                    self._set(effect.field, self._value(effect.value))
                case m.ClockAct():
                    self._clock_act(effect)
                case m.Assign():
                    self._assign(effect)
                case m.Release():
                    for a in self._released(effect):
                        self._end(a, effect.outcome)
                case m.Take():
                    self._take(effect)
                case m.When():
                    holds = test(effect.guard, self.state, self.facts.actor, self.args, self.now)
                    self.apply(effect.then if holds else effect.otherwise)
                case m.Notify():
                    self._notify(effect)
                case m.CountUp():
                    old = self.state.counters.get(effect.counter, 0) if self.state else 0
                    self.effects.append(["count", effect.counter, old + 1])
                case m.Tag():
                    self.effects.append(["tag", effect.tag, effect.on])
                case m.BlockMove():
                    self.effects.append(["block", effect.move, list(effect.until)])
                case m.LinkTo():
                    self.effects.append(["link", effect.kind, str(self._value(effect.record))])
                case m.PlaceAt():
                    if self.facts.place:
                        self.effects.append(["place", self.facts.place, list(self.facts.areas)])
                case m.Reopen():
                    self._reopen(effect)
                case m.GoTo():
                    self.effects.append(["stage", effect.stage])

    def _value(self, written: Scalar) -> Scalar:
        """The value of a written scalar: ``$arg``, ``@looked-up fact``, ``=field`` or itself."""
        if isinstance(written, str) and written:
            if written[0] == "$":
                value = self.args.get(written[1:])
                return ",".join(value) if isinstance(value, tuple) else value
            if written[0] == "@":
                return self.facts.extra.get(written[1:])
            if written[0] == "=":
                return self.fields.get(written[1:])
        return written

    def _set(self, name: str, value: Scalar) -> None:
        if self.fields.get(name) != value or name not in self.fields:
            self.fields[name] = value
            self.effects.append(["set", name, value])

    # assignments

    def _assign(self, effect: m.Assign) -> None:
        codes: list[str]
        if effect.unit.startswith("$"):
            given = self.args.get(effect.unit[1:])
            codes = list(given) if isinstance(given, tuple) else [str(given)] if given else []
            if not codes and not effect.role:
                raise Impossible(Refusal("invalid", {}, {effect.unit[1:]: "required"}))
            if not codes:
                return  # nobody named, nobody assigned
        elif effect.unit == "@actor":
            codes = [self.facts.actor.unit]
        else:
            codes = [str(self._value(effect.unit) or "")]
        parent = self._parent(effect.inside) if effect.inside else 0
        person = str(self._value(effect.person) or "") if effect.person != "@actor" else self.facts.actor.person
        for code in codes:
            self._open(effect, code, person, parent)

    def _parent(self, slot: str) -> int:
        """The assignment in whose inside the new one is made: the one the actor holds."""
        mine = [a for a in self.assignments if a.slot == slot and holds_part(a, self.facts.actor)]
        if self.command.target is not None:
            mine = [a for a in mine if a.no == self.command.target]
        if not mine:
            raise Impossible(Refusal("invalid", {"slot": slot}, {"target": "not_found"}))
        return mine[0].no

    def _open(self, effect: m.Assign, code: str, person: str, parent: int) -> None:
        unit = self.facts.units.get(code)
        if code and unit is None:
            raise Impossible(Refusal("invalid", {"unit": code}, {effect.unit.lstrip("$@="): "not_found"}))
        if code and effect.mode == "assist" and any(
            a.live and a.slot == effect.slot and a.unit == code for a in self.assignments
        ):
            raise Impossible(Refusal("invalid", {"unit": code}, {effect.unit.lstrip("$@="): "already_has_it"}))
        assignment = Assignment(
            no=len(self.assignments) + 1,
            slot=effect.slot,
            mode=effect.mode,
            unit=code,
            path=unit.path if unit else "",
            role=effect.role,
            person=person,
            parent=parent,
            letter=bool(unit and not unit.accounts),
            status=OPEN,
            opened_at=self.now,
        )
        self.assignments.append(assignment)
        self.effects.append(["open", assignment_json(assignment)])
        for name in effect.clocks:
            self._start(self.playbook.clocks[name], assignment, "")

    def _released(self, effect: m.Release) -> list[Assignment]:
        live = [a for a in self.assignments if a.live and effect.slot in ("*", a.slot)]
        if effect.whose == "all":
            return live
        if effect.whose in ("lead", "assist"):
            return [a for a in live if a.mode == effect.whose]
        live = [a for a in live if a.letter or holds_part(a, self.facts.actor)]
        if effect.whose == "assist_mine":
            live = [a for a in live if a.mode == "assist"]
        if self.command.target is not None:
            live = [a for a in live if a.no == self.command.target]
        if len(live) == 1:
            return live
        raise Impossible(Refusal("invalid", {"slot": effect.slot}, {"target": "required" if live else "not_found"}))

    def _end(self, assignment: Assignment, outcome: str) -> None:
        """End an assignment, its clocks, and what was handed on inside it."""
        for child in [a for a in self.assignments if a.live and a.parent == assignment.no]:
            self._end(child, "parent_" + outcome)
        for clock in [c for c in self.clocks.values() if c.assignment == assignment.no and c.status != STOPPED]:
            self._stop(clock)
        self.assignments[assignment.no - 1] = replace(
            assignment, status="ended", ended_at=self.now, outcome=outcome
        )
        self.effects.append(["end", assignment.no, outcome])

    def _take(self, effect: m.Take) -> None:
        actor = self.facts.actor
        mine = [
            a
            for a in self.assignments
            if a.slot == effect.slot and a.status == OPEN and (holds_part(a, actor) or a.letter)
        ]
        if self.command.target is not None:
            mine = [a for a in mine if a.no == self.command.target]
        if len(mine) != 1:
            code = "required" if mine else "not_found"
            raise Impossible(Refusal("invalid", {"slot": effect.slot}, {"target": code}))
        person = "" if mine[0].unit else actor.person  # work of a unit stays with the unit; a pool task becomes mine
        taken = replace(mine[0], status="taken", person=person or mine[0].person)
        self.assignments[taken.no - 1] = taken
        self.effects.append(["take", taken.no, person])

    def _reopen(self, effect: m.Reopen) -> None:
        ended = [a for a in self.assignments if a.slot == effect.slot and not a.live and a.mode in ("lead", "sole")]
        if not ended:
            raise Impossible(Refusal("invalid", {"slot": effect.slot}, {"target": "not_found"}))
        last = ended[-1]
        again = replace(
            last, no=len(self.assignments) + 1, status="taken", opened_at=self.now, ended_at=0, outcome="", parent=0
        )
        self.assignments.append(again)
        self.effects.append(["open", assignment_json(again)])
        for name in effect.clocks:
            self._start(self.playbook.clocks[name], again, "")

    # clocks

    def _clock_act(self, effect: m.ClockAct) -> None:
        if effect.act == "start":
            self._start(self.playbook.clocks[effect.clock], None, effect.until)
            return
        for clock in list(self.clocks.values()):
            if effect.clock not in ("*", clock.spec):
                continue
            if effect.act == "stop" and clock.status != STOPPED:
                self._stop(clock)
            elif effect.act == "pause" and clock.status == RUNNING:
                self._pause(clock)
            elif effect.act == "resume" and clock.status == PAUSED:
                self._put(self._resumed(clock))
            elif effect.act == "extend" and clock.status == RUNNING:
                self._extend(clock)

    def _calendar(self, spec: m.ClockSpec, holder: str) -> Any:
        return self.facts.calendar(holder if spec.calendar == "unit" and holder else None)

    def _left(self, clock: Clock) -> int:
        spec = self.playbook.clocks[clock.spec]
        return deadlines.remaining(
            self._calendar(spec, clock.holder), self.now, clock.due_at, TimeUnit(clock.unit)
        )

    def _pause(self, clock: Clock) -> None:
        left = self._left(clock)
        self._put(replace(clock, status=PAUSED, remaining=left, stopped_at=self.now, version=clock.version + 1))

    def _stop(self, clock: Clock) -> None:
        paused = clock.status == PAUSED
        left = clock.remaining if paused else self._left(clock)
        at = clock.stopped_at if paused else self.now
        self._put(replace(clock, status=STOPPED, remaining=left, stopped_at=at, version=clock.version + 1))

    def _put(self, clock: Clock) -> None:
        self.clocks[clock.id] = clock
        self.effects.append(["clock", clock_json(clock)])

    def _limit(self, spec: m.ClockSpec) -> Limit | None:
        if spec.source == "fixed":
            return spec.limit
        if spec.source == "tier":
            return spec.tiers.get(str(self.fields.get("tier") or next(iter(spec.tiers), "")))
        value, unit = self.fields.get("limit_value"), self.fields.get("limit_unit")
        if isinstance(value, int) and isinstance(unit, str) and value > 0:
            return Limit(value, TimeUnit(unit))
        return None

    def _start(self, spec: m.ClockSpec, assignment: Assignment | None, until: str) -> None:
        holder = assignment.unit if assignment else ""
        clock_id = f"{spec.name}:{assignment.no}" if assignment else spec.name
        if spec.resumes and assignment is not None:
            earlier = self._earlier(spec, holder)
            if earlier is not None:
                fresh = replace(
                    earlier, id=clock_id, assignment=assignment.no, version=0, status=PAUSED
                )
                self._put(self._resumed(fresh))
                return
        calendar = self._calendar(spec, holder)
        if spec.source == "until":
            at = instant_of(self._until(until), self.facts)
            if at is None:
                if spec.optional:
                    return
                raise Impossible(Refusal("invalid", {}, {until.lstrip("$@="): "required"}))
            due_at, provisional = at, False
            limit = Limit(max(1, (at - self.now + 59) // 60), TimeUnit.URGENT_MINUTE)
        else:
            found = self._limit(spec)
            if found is None:
                if spec.optional:
                    return
                raise Impossible(Refusal("invalid", {"clock": spec.name}, {"standard": "required"}))
            limit = found
            due = deadlines.due(calendar, self.now, limit)
            due_at, provisional = due.at, due.provisional
        self._put(
            Clock(
                id=clock_id,
                spec=spec.name,
                assignment=assignment.no if assignment else 0,
                holder=holder,
                status=RUNNING,
                limit_value=limit.value,
                unit=limit.unit.value,
                started_at=self.now,
                due_at=due_at,
                next_at=self._warn_at(spec, calendar, self.now, due_at, limit.unit),
                provisional=provisional,
            )
        )

    def _until(self, written: str) -> Arg:
        return self.args.get(written[1:]) if written.startswith("$") else self._value(written)

    def _warn_at(self, spec: m.ClockSpec, calendar: Any, start: int, due_at: int, unit: TimeUnit) -> int:
        if not spec.warn or due_at <= start:
            return due_at
        at = deadlines.fraction(calendar, start, due_at, spec.warn, unit)
        return at if start < at < due_at else due_at

    def _earlier(self, spec: m.ClockSpec, holder: str) -> Clock | None:
        """The last stopped clock of this name with the same holder, whose assignment was not completed."""
        for clock in reversed(list(self.clocks.values())):
            if clock.spec == spec.name and clock.holder == holder and clock.status == STOPPED:
                return clock
        return None

    def _resumed(self, clock: Clock) -> Clock:
        spec = self.playbook.clocks[clock.spec]
        calendar = self._calendar(spec, clock.holder)
        unit = TimeUnit(clock.unit)
        if clock.phase >= 2 or clock.stopped_at > clock.due_at:  # overdue already: the fact stays, the ladder goes on
            return replace(
                clock, status=RUNNING, remaining=0, stopped_at=0, next_at=self.now, version=clock.version + 1
            )
        due = deadlines.resume(calendar, self.now, clock.remaining, unit)
        return replace(
            clock,
            status=RUNNING,
            remaining=0,
            stopped_at=0,
            due_at=due.at,
            next_at=due.at if clock.phase else self._warn_at(spec, calendar, self.now, due.at, unit),
            provisional=due.provisional,
            version=clock.version + 1,
        )

    def _extend(self, clock: Clock) -> None:
        """Once the original limit on top of the current deadline (handbook B.1.4)."""
        spec = self.playbook.clocks[clock.spec]
        calendar = self._calendar(spec, clock.holder)
        due = deadlines.due(calendar, clock.due_at, clock.limit)
        self._put(
            replace(
                clock,
                due_at=due.at,
                next_at=self._warn_at(spec, calendar, self.now, due.at, TimeUnit(clock.unit)),
                phase=0,
                rung="",
                extended=clock.extended + 1,
                provisional=due.provisional,
                version=clock.version + 1,
            )
        )

    # what the ticker asks for

    def expire(self, clock: Clock) -> str:
        """Act on a clock whose ``next_at`` has come. Returns what was done: warned, due or the rung's name."""
        spec = self.playbook.clocks[clock.spec]
        ladder = self.playbook.ladders.get(spec.ladder)
        if clock.phase == 0 and self.now < clock.due_at:
            self._put(replace(clock, phase=1, next_at=clock.due_at, version=clock.version + 1))
            self._alert(clock, "holder", "warn")
            return "warned"
        if clock.phase < 2 and spec.move:
            self._put(replace(clock, phase=2, next_at=NEVER, version=clock.version + 1))
            self.make(self.playbook.moves[spec.move])
            return "due"
        if ladder is None:
            self._put(replace(clock, phase=2, next_at=NEVER, version=clock.version + 1))
            return "due"
        rung = ladder.rungs[ladder.first]
        if clock.phase >= 2 and clock.rung:
            current = ladder.rungs[clock.rung]
            rung = ladder.rungs[current.next] if current.next else current
        due = deadlines.due(self._calendar(spec, clock.holder), self.now, rung.after)
        self._put(
            replace(clock, phase=max(2, clock.phase + (clock.phase >= 2)), rung=rung.name, next_at=due.at,
                    version=clock.version + 1)
        )  # fmt: skip
        if clock.phase < 2:
            self._alert(clock, "holder", "due")
        self._alert(clock, rung.role, "due" if clock.phase < 2 else "overdue")
        return "due" if clock.phase < 2 else rung.name

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
                to += [_receiver(a) for a in self.assignments if a.slot == name and a.live]
        if to:
            self.effects.append(["notify", {"to": to, "message": effect.message}])


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
