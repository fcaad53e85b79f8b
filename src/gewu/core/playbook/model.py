"""A playbook in the form the engine runs: frozen, complete, cross-checked names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gewu.core.deadlines import Limit
from gewu.core.records import Scalar

NEW = "new"
"""The stage before a record exists: moves from ``new`` create."""


@dataclass(frozen=True, slots=True)
class Words:
    """One phrase in the product's two languages."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    title: Words
    end: bool
    line: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of part in a record. ``after_end`` parts may stay open in an end stage (an appeal under review)."""

    name: str
    title: Words
    after_end: bool
    line: int


@dataclass(frozen=True, slots=True)
class FormField:
    """A typed input.

    ``type``: text, phone, code, category, standard, owner, unit, units, person, place, record, choice, bool, tick, int,
    date, instant. ``text`` and ``phone`` are free words and encrypted.
    """

    name: str
    type: str
    title: Words
    required: bool
    choices: tuple[str, ...] = ()
    choice_titles: tuple[Words, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    max_days: int | None = None
    hint: Words | None = None

    @property
    def free(self) -> bool:
        return self.type in ("text", "phone")


@dataclass(frozen=True, slots=True)
class ActorRule:
    """One way to be allowed: ``relation`` is any, holder, letter, reporter or system.

    ``holder``: has the live assignment in ``slot`` (statuses limited by ``status`` when given). ``letter``: acts for a
    body without an account that has the assignment in ``slot``.
    """

    role: str
    relation: str
    slot: str
    status: tuple[str, ...]
    mode: str
    line: int


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


Guard = All | AnyOf | Not | Compare | CountOf | ClockIs | Did | WasPart | Tagged


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
    """``act``: start, stop, pause, resume, extend. ``clock``: a name or ``*``. ``until``: what holds the instant."""

    act: str
    clock: str
    until: str
    line: int


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
    """``to``: ``holder:SLOT``, ``role:ROLE``, ``reporter``."""

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


@dataclass(frozen=True, slots=True)
class Move:
    name: str
    title: Words
    sources: tuple[str, ...]
    to: str
    additive: bool
    direction: str
    actors: tuple[ActorRule, ...]
    guard: Guard | None
    form: tuple[FormField, ...]
    photos: Mapping[str, int]
    reason: bool
    effects: tuple[EffectSpec, ...]
    key: str
    bulk: bool
    hint: Words | None
    line: int
    repeats: bool = False
    declared: frozenset[str] = frozenset()
    """The names of the form's fields."""

    @property
    def creates(self) -> bool:
        return self.sources == (NEW,)

    @property
    def system(self) -> bool:
        return any(a.relation == "system" for a in self.actors)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of an alert ladder: tell ``role`` (or the holder for ``holder``); after ``after`` go to ``next``, or tell
    again at that interval when there is no next."""

    name: str
    role: str
    after: Limit
    next: str
    line: int


@dataclass(frozen=True, slots=True)
class Ladder:
    name: str
    first: str
    rungs: Mapping[str, Rung]
    line: int


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """``source``: fixed, fields, tier, until. ``calendar``: district or unit (of the assignment)."""

    name: str
    title: Words
    source: str
    limit: Limit | None
    tiers: Mapping[str, Limit]
    optional: bool
    calendar: str
    warn: int
    ladder: str
    move: str
    resumes: bool
    line: int


@dataclass(frozen=True, slots=True)
class Tier:
    name: str
    title: Words
    next: str
    line: int


@dataclass(frozen=True, slots=True)
class Playbook:
    """How one kind of record lives. Immutable; a record keeps the version it started under."""

    name: str
    version: int
    kind: str
    title: Words
    stages: Mapping[str, Stage]
    slots: Mapping[str, Slot]
    tiers: Mapping[str, Tier]
    fields: Mapping[str, FormField]
    moves: Mapping[str, Move]
    clocks: Mapping[str, ClockSpec]
    ladders: Mapping[str, Ladder]
    messages: Mapping[str, Words]
    file: str = ""
    moves_from: Mapping[str, tuple[Move, ...]] = field(default_factory=dict)
    watched: frozenset[str] = frozenset()
    """Moves whose last maker a guard asks for; only these are remembered in a record's state."""

    def roles(self) -> dict[str, int]:
        """Every role that a move, a rung or an assignment needs, with the first line that names it."""
        found: dict[str, int] = {}
        for move in self.moves.values():
            for rule in move.actors:
                if rule.role:
                    found.setdefault(rule.role, rule.line)
            for effect in walk(move.effects):
                if isinstance(effect, Assign) and effect.role:
                    found.setdefault(effect.role, effect.line)
        for ladder in self.ladders.values():
            for rung in ladder.rungs.values():
                if rung.role != "holder":
                    found.setdefault(rung.role, rung.line)
        return found


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
