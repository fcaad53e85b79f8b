"""The values the core passes round: who acts, what is asked, what is known, what came of it.

All are frozen. An instant is an ``int`` of seconds since the epoch, UTC. Nothing here reads a clock or a database.
What a state is made of (assignments, clocks, blocks, the state itself) are named tuples: they are made anew with every
event, and a tuple is made several times faster than a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gewu.core.calendar import Calendar
from gewu.core.deadlines import Limit, TimeUnit

Scalar = str | int | bool | None
Arg = Scalar | tuple[str, ...]
Effect = list[Any]
"""A concrete effect as it stands in an event: a name followed by JSON values (see ``evolve``)."""

OPEN = "open"
TAKEN = "taken"
LIVE_STATUSES = (OPEN, TAKEN)

RUNNING = "running"
PAUSED = "paused"
STOPPED = "stopped"

SYSTEM = "system"
REPORTER = "reporter"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a move: a person at a post (``unit``, ``roles``), the system, or the reporter of this very record."""

    person: str
    unit: str = ""
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Photo:
    """An attachment a command brings: its id and its role in the file (``before``, ``after``, ``scene``, ``other``)."""

    id: str
    role: str = "other"


@dataclass(frozen=True, slots=True)
class Command:
    """A wish to make ``move``. ``version`` is the record version the actor saw; exclusive moves need it.

    ``args`` are typed values, ``texts`` free words (kept apart because they are encrypted), ``target`` the number of
    the assignment that is meant when the actor holds several.
    """

    id: str
    move: str
    args: Mapping[str, Arg] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    version: int | None = None
    target: int | None = None


@dataclass(frozen=True, slots=True)
class UnitFact:
    """What the registry knows of a unit that a command names."""

    code: str
    path: str
    accounts: bool = True


class Seat(NamedTuple):
    """Where somebody works and as what: the unit and the role of one of their posts."""

    unit: str
    role: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything ``decide`` may know beside the record: looked up before, so that deciding stays pure.

    ``calendar`` gives the working calendar of a unit (or of the district for ``None``). ``units`` holds the units that
    the command names. ``limit`` is the handling limit of the standard that the command names. ``place`` and ``areas``
    are the located position of a new or moved record. ``photos`` counts nothing: evidence comes with the command.
    ``people`` holds where the people work whom the command names; who is not in it is taken as they are named.
    """

    now: int
    actor: Actor
    calendar: Callable[[str | None], Calendar]
    in_scope: bool = True
    units: Mapping[str, UnitFact] = field(default_factory=dict)
    limit: Limit | None = None
    place: str = ""
    areas: tuple[str, ...] = ()
    extra: Mapping[str, Scalar] = field(default_factory=dict)
    """Looked-up values that effects may store, e.g. ``standard_urgent``."""
    people: Mapping[str, tuple[Seat, ...]] = field(default_factory=dict)


class Assignment(NamedTuple):
    """A part that a unit, post or person has in a record. ``no`` counts from 1 within the record."""

    no: int
    slot: str
    mode: str
    unit: str
    path: str
    role: str
    person: str
    parent: int
    letter: bool
    status: str
    opened_at: int
    ended_at: int = 0
    outcome: str = ""

    @property
    def live(self) -> bool:
        return self.status in LIVE_STATUSES


class Clock(NamedTuple):
    """A deadline as a fact. ``next_at`` is when the ticker has to act next; ``due_at`` is the deadline itself.

    ``phase`` counts the expiries already acted on: 0 none, 1 warned, 2 due, 3 and more the rungs of the ladder.
    ``remaining`` is set while paused or stopped, in the measure of ``unit`` (see ``deadlines.remaining``).
    """

    id: str
    spec: str
    assignment: int
    holder: str
    status: str
    limit_value: int
    unit: str
    started_at: int
    due_at: int
    next_at: int
    phase: int = 0
    remaining: int = 0
    extended: int = 0
    provisional: bool = False
    version: int = 1
    rung: str = ""
    stopped_at: int = 0

    @property
    def limit(self) -> Limit:
        return Limit(self.limit_value, TimeUnit(self.unit))


class Block(NamedTuple):
    """A forward move that a return closed, until one of ``until`` has been made."""

    move: str
    until: tuple[str, ...]
    by: str


_NOTHING: Mapping[str, Any] = {}


class State(NamedTuple):
    """A record as its events made it. Mappings are never changed in place."""

    kind: str
    playbook: str
    playbook_version: int
    stage: str
    seq: int = 0
    place: str = ""
    areas: tuple[str, ...] = ()
    fields: Mapping[str, Scalar] = _NOTHING
    counters: Mapping[str, int] = _NOTHING
    tags: frozenset[str] = frozenset()
    assignments: tuple[Assignment, ...] = ()
    clocks: tuple[Clock, ...] = ()
    blocks: tuple[Block, ...] = ()
    doers: Mapping[str, str] = _NOTHING
    links: tuple[tuple[str, str], ...] = ()

    def assignment(self, no: int) -> Assignment | None:
        """The assignment with this number, in O(1): numbers are positions."""
        return self.assignments[no - 1] if 0 < no <= len(self.assignments) else None

    def clock(self, clock_id: str) -> Clock | None:
        """The clock with this id, or None."""
        for clock in self.clocks:
            if clock.id == clock_id:
                return clock
        return None

    @property
    def involved(self) -> tuple[str, ...]:
        """Paths of all units that have or had a part, sorted."""
        return tuple(sorted({a.path for a in self.assignments if a.path}))

    @property
    def next_at(self) -> int | None:
        """When the earliest running clock wants attention, or None."""
        times = [c.next_at for c in self.clocks if c.status == RUNNING]
        return min(times) if times else None

    @property
    def due_at(self) -> int | None:
        """The earliest deadline of a running clock, or None."""
        times = [c.due_at for c in self.clocks if c.status == RUNNING]
        return min(times) if times else None


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted command with all its effects and every fact that was looked up for it."""

    kind: str
    seq: int
    at: int
    actor: str
    unit: str
    payload: Mapping[str, Any]

    @property
    def effects(self) -> list[Effect]:
        effects: list[Effect] = self.payload["effects"]
        return effects


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command was not accepted. ``code`` is stable; ``detail`` fills the sentence the surface shows.

    Codes: unknown_move, stale, wrong_stage, not_allowed, part_ended, out_of_scope, blocked, guard, invalid,
    needs_reason, needs_photos, not_due.
    """

    code: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    """For ``invalid``: form field -> code of what is wrong with it."""
