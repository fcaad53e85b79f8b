"""The closed vocabulary of a playbook: the conditions it may ask and the effects it may have.

Because it is closed, a program can reason about every playbook; ``decide`` runs it, the checker proves things about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from gewu.core.records import Scalar


@dataclass(frozen=True, slots=True)
class Words:
    """One phrase in the product's two languages."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


# Guards: a closed vocabulary, so that the checker can reason about them.


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Guard


@dataclass(frozen=True, slots=True)
class Compare:
    """``field`` of the record or ``arg`` of the command against a constant. op: eq ne lt le gt ge in not_in set."""

    source: str
    name: str
    op: str
    value: Scalar | tuple[Scalar, ...]
    why: Words | None


@dataclass(frozen=True, slots=True)
class CountOf:
    """Number of assignments in ``slot`` with these statuses, modes, compared."""

    slot: str
    status: tuple[str, ...]
    mode: str
    op: str
    value: int
    why: Words | None


@dataclass(frozen=True, slots=True)
class ClockIs:
    """A clock of this name is running, paused, overdue, or idle (neither runs nor pauses).

    Overdue asks the clocks of the actor's own unit if it has any of this name, else all of them.
    """

    clock: str
    status: str
    why: Words | None


@dataclass(frozen=True, slots=True)
class Did:
    """The acting person was the last to make ``move``. Used under ``not``: somebody else has to check."""

    move: str
    why: Words | None


@dataclass(frozen=True, slots=True)
class WasPart:
    """The actor's unit has or had an assignment in ``slot``."""

    slot: str
    why: Words | None


@dataclass(frozen=True, slots=True)
class Tagged:
    tag: str
    why: Words | None


@dataclass(frozen=True, slots=True)
class Share:
    """What whole numbers of the form make up of others, in percent: the sum of ``of`` in the sum of ``within``.

    Compared without rounding. Of nothing, nothing is 0 percent, and anything else is more than any percentage.
    """

    of: tuple[str, ...]
    within: tuple[str, ...]
    op: str
    value: int
    why: Words | None


Guard = All | AnyOf | Not | Compare | Share | CountOf | ClockIs | Did | WasPart | Tagged


# Effects as written; ``decide`` turns them into concrete ones. "$name" takes the value of an argument, "@name" a
# looked-up fact, "=name" a field of the record.


@dataclass(frozen=True, slots=True)
class Assign:
    slot: str
    mode: str
    unit: str
    role: str
    person: str
    inside: str
    clocks: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Take:
    """The holder takes the assignment up (claims it)."""

    slot: str
    line: int


@dataclass(frozen=True, slots=True)
class Release:
    """End live assignments of ``slot`` (or of all slots for ``*``). ``whose``: mine, all, lead, assist, assist_mine."""

    slot: str
    whose: str
    outcome: str
    line: int


@dataclass(frozen=True, slots=True)
class Reopen:
    """Take up again the last ended lead assignment of ``slot`` by the same unit, with its clocks as they stood."""

    slot: str
    clocks: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class ClockAct:
    """``act``: start, stop, pause, resume, extend. ``clock``: a name or ``*``. ``until``: what holds the instant.

    ``slot``: whose live part the clock that is started belongs to; empty: the record's own. ``each``: every live part
    of the slot gets one.
    """

    act: str
    clock: str
    until: str
    line: int
    slot: str = ""
    each: bool = False


@dataclass(frozen=True, slots=True)
class SetField:
    field: str
    value: Scalar
    line: int


@dataclass(frozen=True, slots=True)
class CountUp:
    counter: str
    line: int


@dataclass(frozen=True, slots=True)
class Tag:
    tag: str
    on: bool
    line: int


@dataclass(frozen=True, slots=True)
class BlockMove:
    move: str
    until: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class LinkTo:
    kind: str
    record: str
    line: int


@dataclass(frozen=True, slots=True)
class Notify:
    """``to``: ``holder:SLOT``, ``opened:SLOT`` (parts that this event opened), ``role:ROLE``, ``reporter``."""

    to: tuple[str, ...]
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class PlaceAt:
    """Put the record at the position that was looked up for the command."""

    line: int


@dataclass(frozen=True, slots=True)
class GoTo:
    """Go to another stage than the move's ``to``."""

    stage: str
    line: int


@dataclass(frozen=True, slots=True)
class When:
    """Effects that hold only if the guard does."""

    guard: Guard
    then: tuple[EffectSpec, ...]
    otherwise: tuple[EffectSpec, ...]
    line: int


EffectSpec = (
    Assign
    | Take
    | Release
    | Reopen
    | ClockAct
    | SetField
    | CountUp
    | Tag
    | BlockMove
    | LinkTo
    | Notify
    | PlaceAt
    | GoTo
    | When
)


def walk(effects: tuple[EffectSpec, ...]) -> list[EffectSpec]:
    """All effects, those inside conditions too."""
    found: list[EffectSpec] = []
    for effect in effects:
        found.append(effect)
        if isinstance(effect, When):
            found += walk(effect.then) + walk(effect.otherwise)
    return found


def guards(guard: Guard | None) -> list[Guard]:
    """The guard and everything inside it."""
    if guard is None:
        return []
    if isinstance(guard, (All, AnyOf)):
        return [guard, *(inner for part in guard.parts for inner in guards(part))]
    if isinstance(guard, Not):
        return [guard, *guards(guard.part)]
    return [guard]
