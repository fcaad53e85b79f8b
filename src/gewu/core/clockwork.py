"""Deadlines within one event: clocks started, stopped, paused, resumed, extended, and what happens when one runs out.

A clock that was late stays late: pausing, stopping, handing back and doing again keep its deadline. Only an extension
moves a deadline, and it was asked for before the deadline passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gewu.core import deadlines
from gewu.core.calendar import Calendar
from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.evolve import clock_from_json, clock_json
from gewu.core.forms import instant_of
from gewu.core.playbook import model as m
from gewu.core.records import PAUSED, RUNNING, STOPPED, Arg, Assignment, Clock, Effect, Facts, Refusal, Scalar, State

NEVER = 253_402_300_799
"""The end of year 9999: ``next_at`` of a clock that has nothing more to say."""
DUE = 2
"""The phase of a clock whose deadline was acted on; the rungs of its ladder do not change it."""
_UNITS: dict[str, TimeUnit] = {unit.value: unit for unit in TimeUnit}


class ImpossibleError(Exception):
    """An effect cannot be made concrete; carries the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Clockwork:
    """The clocks of one record as they change within one event. Every change is also put down as an effect."""

    __slots__ = ("clocks", "effects", "facts", "fields", "now", "playbook")

    def __init__(
        self,
        playbook: m.Playbook,
        state: State | None,
        facts: Facts,
        fields: Mapping[str, Scalar],
        effects: list[Effect],
    ) -> None:
        self.playbook = playbook
        self.facts = facts
        self.now = facts.now
        self.fields = fields
        self.effects = effects
        self.clocks: dict[str, Clock] = {c.id: c for c in state.clocks} if state else {}

    def put(self, clock: Clock) -> None:
        """Replace the clock of that id."""
        self.clocks[clock.id] = clock
        self.effects.append(["clock", clock_json(clock)])

    def change(self, clock: Clock, **changes: Any) -> None:
        """Put a clock with these fields changed, as its next version unless ``version`` is given."""
        written = clock_json(clock)
        written["version"] += 1
        written.update(changes)
        self.clocks[written["id"]] = clock_from_json(written)
        self.effects.append(["clock", written])

    def calendar(self, spec: m.ClockSpec, holder: str) -> Calendar:
        """The calendar by which a clock counts: the unit's own or the district's."""
        return self.facts.calendar(holder if spec.calendar == "unit" and holder else None)

    # acts

    def act(self, act: str, name: str) -> None:
        """Stop, pause, resume or extend all clocks of a name, or all clocks for ``*``."""
        for clock in list(self.clocks.values()):
            if name not in ("*", clock.spec):
                continue
            if act == "stop" and clock.status != STOPPED:
                self._stop(clock)
            elif act == "pause" and clock.status == RUNNING:
                self._pause(clock)
            elif act == "resume" and clock.status == PAUSED:
                self._resume(clock)
            elif act == "extend" and clock.status == RUNNING:
                self._extend(clock)

    def stop_for(self, number: int) -> None:
        """Stop the clocks of an assignment that ends."""
        for clock in list(self.clocks.values()):
            if clock.assignment == number and clock.status != STOPPED:
                self._stop(clock)

    def start(self, name: str, assignment: Assignment | None, until: Arg = None, asked: str = "") -> None:
        """Start a clock for an assignment or for the record.

        ``until`` is its instant or date, ``asked`` the form field that was to give it. Raises ``ImpossibleError``.
        """
        spec = self.playbook.clocks[name]
        holder = assignment.unit if assignment else ""
        clock_id = f"{name}:{assignment.no}" if assignment else name
        if spec.resumes and assignment is not None:
            earlier = self._earlier(spec, holder)
            if earlier is not None:
                self._resume(earlier._replace(id=clock_id, assignment=assignment.no, version=0, status=PAUSED))
                return
        calendar = self.calendar(spec, holder)
        provisional = False
        if spec.source == "until":
            at = instant_of(until, self.facts)
            if at is None:
                if spec.optional:
                    return
                raise ImpossibleError(Refusal("invalid", {}, {asked: "required"}))
            due_at = at
            limit = Limit(max(1, (at - self.now + 59) // 60), TimeUnit.URGENT_MINUTE)
        else:
            found = self._limit(spec)
            if found is None:
                if spec.optional:
                    return
                raise ImpossibleError(Refusal("invalid", {"clock": name}, {"standard": "required"}))
            limit = found
            due = deadlines.due(calendar, self.now, limit)
            due_at, provisional = due.at, due.provisional
        self.put(
            Clock(
                self._free_id(clock_id),
                name,
                assignment.no if assignment else 0,
                holder,
                RUNNING,
                limit.value,
                limit.unit.value,
                self.now,
                due_at,
                self._warn_at(spec, calendar, self.now, due_at, limit.unit),
                provisional=provisional,
            )
        )

    def _free_id(self, wanted: str) -> str:
        """The id for a clock that starts again. An earlier one that was late keeps its own: being late is a fact."""
        number, free = 1, wanted
        while (old := self.clocks.get(free)) is not None:
            if old.phase < DUE and (old.stopped_at or self.now) <= old.due_at:
                return free
            if old.status != STOPPED:
                self._stop(old)
            number += 1
            free = f"{wanted}~{number}"
        return free

    def _left(self, clock: Clock) -> int:
        calendar = self.calendar(self.playbook.clocks[clock.spec], clock.holder)
        return deadlines.remaining(calendar, self.now, clock.due_at, _UNITS[clock.unit])

    def _pause(self, clock: Clock) -> None:
        self.change(clock, status=PAUSED, remaining=self._left(clock), stopped_at=self.now)

    def _stop(self, clock: Clock) -> None:
        if clock.status == PAUSED:  # what was left and since when stands already
            self.change(clock, status=STOPPED)
        else:
            self.change(clock, status=STOPPED, remaining=self._left(clock), stopped_at=self.now)

    def _limit(self, spec: m.ClockSpec) -> Limit | None:
        if spec.source == "fixed":
            return spec.limit
        if spec.source == "tier":
            # Without a tier the lowest one's limit holds, unless the clock may do without.
            tier = self.fields.get("tier") or ("" if spec.optional else next(iter(spec.tiers), ""))
            return spec.tiers.get(str(tier))
        value, unit = self.fields.get("limit_value"), self.fields.get("limit_unit")
        if isinstance(value, int) and isinstance(unit, str) and value > 0:
            return Limit(value, TimeUnit(unit))
        return None

    @staticmethod
    def _warn_at(spec: m.ClockSpec, calendar: Calendar, start: int, due_at: int, unit: TimeUnit) -> int:
        if not spec.warn or due_at <= start:
            return due_at
        at = deadlines.fraction(calendar, start, due_at, spec.warn, unit)
        return at if start < at < due_at else due_at

    def _earlier(self, spec: m.ClockSpec, holder: str) -> Clock | None:
        """The last clock of this name that the same holder had; it goes on with what was left."""
        for clock in reversed(self.clocks.values()):
            if clock.spec == spec.name and clock.holder == holder and clock.status == STOPPED:
                return clock
        return None

    def _resume(self, clock: Clock) -> None:
        if clock.phase >= DUE or clock.stopped_at > clock.due_at:  # late already: the fact stays, the ladder goes on
            self.change(clock, status=RUNNING, remaining=0, stopped_at=0, next_at=self.now)
            return
        spec = self.playbook.clocks[clock.spec]
        calendar = self.calendar(spec, clock.holder)
        unit = _UNITS[clock.unit]
        due = deadlines.resume(calendar, self.now, clock.remaining, unit)
        self.change(
            clock,
            status=RUNNING,
            remaining=0,
            stopped_at=0,
            due_at=due.at,
            next_at=due.at if clock.phase else self._warn_at(spec, calendar, self.now, due.at, unit),
            provisional=due.provisional,
        )

    def _extend(self, clock: Clock) -> None:
        """Once the original limit on top of the present deadline (handbook B.1.4)."""
        spec = self.playbook.clocks[clock.spec]
        calendar = self.calendar(spec, clock.holder)
        due = deadlines.due(calendar, clock.due_at, clock.limit)
        self.change(
            clock,
            due_at=due.at,
            next_at=self._warn_at(spec, calendar, self.now, due.at, _UNITS[clock.unit]),
            phase=0,
            rung="",
            extended=clock.extended + 1,
            provisional=due.provisional,
        )

    # running out

    def warn(self, clock: Clock) -> None:
        """The warning before the deadline has been given."""
        self.change(clock, phase=1, next_at=clock.due_at)

    def fall_silent(self, clock: Clock) -> None:
        """The deadline was acted on and the clock has nothing more to say."""
        self.change(clock, phase=DUE, next_at=NEVER)

    def climb(self, clock: Clock, ladder: m.Ladder) -> m.Rung:
        """Go to the next rung of the ladder; the last is told again at its interval until somebody answers."""
        rung = ladder.rungs[ladder.first]
        if clock.phase >= DUE and clock.rung:
            current = ladder.rungs[clock.rung]
            rung = ladder.rungs[current.next] if current.next else current
        due = deadlines.due(self.calendar(self.playbook.clocks[clock.spec], clock.holder), self.now, rung.after)
        phase = clock.phase + 1 if clock.phase >= DUE else DUE
        self.change(clock, phase=phase, rung=rung.name, next_at=due.at)
        return rung
