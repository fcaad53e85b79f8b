"""A record goes over to another version of its playbook: one event with every concrete change, or the reasons why not.

Nothing of this is guessed. What the new version does not have must be mapped by whoever orders the change; a record for
which something is left open stays under its version. The event carries the new version and each clock as it stands
afterwards, so that ``evolve`` needs neither of the two playbooks (see ADR 0019).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gewu.core import deadlines
from gewu.core.calendar import Calendar, CalendarRangeError
from gewu.core.clockwork import DUE
from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.evolve import clock_json
from gewu.core.playbook import model as m
from gewu.core.records import PAUSED, RUNNING, STOPPED, SYSTEM, Clock, Effect, Event, Facts, State

MIGRATE = "migrate_playbook"
"""The kind of the event; ``args`` are ``from``, ``to`` and ``act``, the number of the order by which it was done."""


@dataclass(frozen=True, slots=True)
class How:
    """What whoever orders the change has decided. ``clocks``: old name to new name, "" stops the clock.

    ``keep_deadlines`` leaves running deadlines where they are though the limit changed.
    """

    stages: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[str, str] = field(default_factory=dict)
    keep_deadlines: bool = False


class Hindrance(NamedTuple):
    """Why a record cannot go over: a stable code and the name it is about.

    Codes: other_kind, stage_gone, slot_gone, clock_gone, stranded (``name`` is the reason), calendar.
    """

    code: str
    name: str


class Shift(NamedTuple):
    """A deadline that moves. ``to`` 0: the clock is stopped."""

    clock: str
    spec: str
    before: int
    to: int


@dataclass(frozen=True, slots=True)
class Carried:
    """How one record goes over: the event, or what hinders it, and the deadlines that move."""

    event: Event | None
    hindrances: tuple[Hindrance, ...]
    shifts: tuple[Shift, ...]


def carry_over(old: m.Playbook, new: m.Playbook, state: State, how: How, facts: Facts, act: str = "") -> Carried:
    """Take a record over from ``old`` to ``new``. Pure: whether it could end there is the checker's question."""
    found = _hindrances(new, state, how)
    if found:
        return Carried(None, tuple(found), ())
    effects: list[Effect] = [["adopt", new.name, new.version]]
    stage = how.stages.get(state.stage, state.stage)
    if stage != state.stage:
        effects.append(["stage", stage])
    effects += [["unblock", block.move] for block in state.blocks if block.move not in new.moves]
    shifts: list[Shift] = []
    try:
        for clock in state.clocks:
            if clock.status != STOPPED:
                _clock(old, new, state, clock, how, facts, effects, shifts)
    except CalendarRangeError:
        return Carried(None, (Hindrance("calendar", ""),), ())
    args: dict[str, Any] = {"from": state.playbook_version, "to": new.version, "act": act}
    event = Event(MIGRATE, state.seq + 1, facts.now, SYSTEM, "", {"effects": effects, "args": args})
    return Carried(event, (), tuple(shifts))


def _hindrances(new: m.Playbook, state: State, how: How) -> list[Hindrance]:
    found: list[Hindrance] = []
    if new.kind != state.kind:
        found.append(Hindrance("other_kind", new.kind))
    if how.stages.get(state.stage, state.stage) not in new.stages:
        found.append(Hindrance("stage_gone", state.stage))
    for part in state.assignments:
        hindrance = Hindrance("slot_gone", part.slot)
        if part.live and part.slot not in new.slots and hindrance not in found:
            found.append(hindrance)
    for clock in state.clocks:
        name = how.clocks.get(clock.spec, clock.spec)
        hindrance = Hindrance("clock_gone", clock.spec)
        if clock.status != STOPPED and name and name not in new.clocks and hindrance not in found:
            found.append(hindrance)
    return found


def _clock(
    old: m.Playbook, new: m.Playbook, state: State, clock: Clock, how: How, facts: Facts, effects: list[Effect],
    shifts: list[Shift],
) -> None:  # fmt: skip
    """One clock that runs or is paused: stopped, renamed, given another deadline, or left as it is."""
    name = how.clocks.get(clock.spec, clock.spec)
    before = old.clocks.get(clock.spec)
    if name != clock.spec:
        calendar = _calendar(before, clock, facts)
        effects.append(["clock", clock_json(_stopped(clock, calendar, facts.now))])
    if not name:
        shifts.append(Shift(clock.id, clock.spec, clock.due_at, 0))
        return
    after = clock
    if name != clock.spec:
        taken = {e[1]["id"] for e in effects if e[0] == "clock"} | {c.id for c in state.clocks}
        after = clock._replace(id=_free(taken, name, clock.assignment), spec=name, version=1)
    after = _fitted(before, new, new.clocks[name], state, after, how, facts)
    if after != clock:
        if after.id == clock.id:
            after = after._replace(version=clock.version + 1)
        effects.append(["clock", clock_json(after)])
    if after.due_at != clock.due_at:
        shifts.append(Shift(clock.id, name, clock.due_at, after.due_at))


def _calendar(spec: m.ClockSpec | None, clock: Clock, facts: Facts) -> Calendar:
    """The working time by which a clock counts."""
    return facts.calendar(clock.holder if spec is not None and spec.calendar == "unit" and clock.holder else None)


def _stopped(clock: Clock, calendar: Calendar, now: int) -> Clock:
    version = clock.version + 1
    if clock.status == PAUSED:
        return clock._replace(status=STOPPED, version=version)
    left = deadlines.remaining(calendar, now, clock.due_at, TimeUnit(clock.unit))
    return clock._replace(status=STOPPED, remaining=left, stopped_at=now, version=version)


def _free(known: Collection[str], name: str, assignment: int) -> str:
    wanted = f"{name}:{assignment}" if assignment else name
    free, number = wanted, 1
    while free in known:
        number += 1
        free = f"{wanted}~{number}"
    return free


def _fitted(
    before: m.ClockSpec | None, new: m.Playbook, spec: m.ClockSpec, state: State, clock: Clock, how: How, facts: Facts
) -> Clock:
    """The clock as the new version wants it: its deadline, its warning, a rung that the ladder has."""
    calendar = _calendar(spec, clock, facts)
    ladder = new.ladders.get(spec.ladder)
    if clock.rung and (ladder is None or clock.rung not in ladder.rungs):
        clock = clock._replace(rung="")
    limit = _limit(spec, state)
    late = clock.phase >= DUE or facts.now > clock.due_at
    if clock.status == RUNNING and not late and not how.keep_deadlines and limit is not None and before is not None:
        # What was paused or extended has a deadline that no limit explains: it stays where it is.
        untouched = deadlines.due(_calendar(before, clock, facts), clock.started_at, clock.limit).at == clock.due_at
        if untouched and (limit != clock.limit or spec.calendar != before.calendar):
            due = deadlines.due(calendar, clock.started_at, limit)
            if due.at <= facts.now:  # nobody is made late by a change of rules
                due = deadlines.due(calendar, facts.now, limit)
                if due.at > clock.due_at:
                    due = deadlines.Due(clock.due_at, clock.provisional)
            clock = clock._replace(
                limit_value=limit.value, unit=limit.unit.value, due_at=due.at, provisional=due.provisional, phase=0,
                next_at=due.at,
            )  # fmt: skip
    if clock.status == RUNNING and clock.phase == 0:
        warned = _warning(spec, calendar, clock)
        clock = clock._replace(next_at=warned) if warned > facts.now else clock._replace(next_at=clock.due_at)
    return clock


def _warning(spec: m.ClockSpec, calendar: Calendar, clock: Clock) -> int:
    """When a running clock has to act first: its warning, or its deadline where it gives none."""
    if not spec.warn or clock.due_at <= clock.started_at:
        return clock.due_at
    at = deadlines.fraction(calendar, clock.started_at, clock.due_at, spec.warn, TimeUnit(clock.unit))
    return at if clock.started_at < at < clock.due_at else clock.due_at


def _limit(spec: m.ClockSpec, state: State) -> Limit | None:
    """The limit by the new version, where it says one itself; what was set by hand or by a standard stays."""
    if spec.source == "fixed":
        return spec.limit
    if spec.source == "tier":
        tier = state.fields.get("tier") or ("" if spec.optional else next(iter(spec.tiers), ""))
        return spec.tiers.get(str(tier))
    return None
