"""A playbook in the form the engine runs: frozen, complete, cross-checked names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gewu.core.deadlines import Limit
from gewu.core.playbook.vocabulary import (
    All,
    AnyOf,
    Assign,
    BlockMove,
    ClockAct,
    ClockIs,
    Compare,
    CountOf,
    CountUp,
    Did,
    EffectSpec,
    GoTo,
    Guard,
    LinkTo,
    Not,
    Notify,
    PlaceAt,
    Release,
    Reopen,
    SetField,
    Share,
    Tag,
    Tagged,
    Take,
    WasPart,
    When,
    Words,
    guards,
    walk,
)

__all__ = [
    "NEW",
    "ActorRule",
    "All",
    "AnyOf",
    "Assign",
    "BlockMove",
    "ClockAct",
    "ClockIs",
    "ClockSpec",
    "Compare",
    "CountOf",
    "CountUp",
    "Did",
    "EffectSpec",
    "FormField",
    "GoTo",
    "Guard",
    "Ladder",
    "LinkTo",
    "Move",
    "Not",
    "Notify",
    "PlaceAt",
    "Playbook",
    "Release",
    "Reopen",
    "Rung",
    "SetField",
    "Share",
    "Slot",
    "Stage",
    "Tag",
    "Tagged",
    "Take",
    "Tier",
    "WasPart",
    "When",
    "Words",
    "guards",
    "walk",
]

NEW = "new"
"""The stage before a record exists: moves from ``new`` create."""


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    title: Words
    end: bool
    line: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of part in a record. ``after_end`` parts may stay open in an end stage (an appeal under review).

    ``items`` are things on a list (matters on a table): nobody has one, and whoever may make a move that releases one
    ends the one the command names.
    """

    name: str
    title: Words
    after_end: bool
    line: int
    items: bool = False


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
    past: bool = False
    """A date may lie in the past: the day of a document."""
    free: bool = field(init=False)
    """Free words, which a command brings among its texts; all else is among its arguments."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "free", self.type in ("text", "phone"))


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
        """Whether nobody but the system makes it."""
        return all(a.relation == "system" for a in self.actors)


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
    unheld: frozenset[str] = frozenset()
    """Roles that nobody holds: only in what the checker makes of a playbook for one district (see ``held``)."""

    def roles(self) -> dict[str, int]:
        """Every role that a move, a rung, an assignment or a notice names, with the first line that does."""
        found: dict[str, int] = {}
        for move in self.moves.values():
            for rule in move.actors:
                if rule.role:
                    found.setdefault(rule.role, rule.line)
            for effect in walk(move.effects):
                if isinstance(effect, Assign) and effect.role:
                    found.setdefault(effect.role, effect.line)
                elif isinstance(effect, Notify):
                    for to in effect.to:
                        if to.startswith("role:"):
                            found.setdefault(to.removeprefix("role:"), effect.line)
        for ladder in self.ladders.values():
            for rung in ladder.rungs.values():
                if rung.role != "holder":
                    found.setdefault(rung.role, rung.line)
        return found
