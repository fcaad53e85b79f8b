"""Answers about buildings, the Party chain, paired bodies, items of enforcement and bodies that follow each other."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.common import Named


class BuildingOut(Out):
    """A building: counts and posts, nobody's name."""

    code: str
    name: str
    place: Named
    community: Named
    households: int | None
    built: int | None
    property_management: bool
    maintenance_fund: bool
    organisation: bool
    head: str = Field(description="The code of the post of its head; empty where there is none.")
    party_group: bool
    valid_from: date | None
    valid_to: date | None
    successor: str
    synthetic: bool
    source: str


class BuildingPage(Out):
    """Buildings by code. ``after`` goes into the next request; null on the last page."""

    items: list[BuildingOut]
    after: str | None


class BuildingProfileOut(Out):
    """Counts over the buildings of a place, from their rows."""

    place: Named
    day: date
    buildings: int
    households: int
    with_head: int
    with_party_group: int
    with_property_management: int
    without_property_management: int
    with_maintenance_fund: int
    with_organisation: int
    synthetic: int


class ChainLevelOut(Out):
    """One level of the Party chain: how many places of the level have an organisation."""

    level: Named
    organisations: int
    places: int
    covered: int
    synthetic: int


class ChainOut(Out):
    place: Named
    day: date
    levels: list[ChainLevelOut]


class PairingOut(Out):
    """A task force and a department that works with it."""

    task_force: Named
    department: Named
    valid_from: date | None
    valid_to: date | None
    source: str


class Pairings(Out):
    day: date | None
    items: list[PairingOut]


class SpanOut(Out):
    """A holder from a day to a day, both included."""

    unit: Named
    valid_from: date | None
    valid_to: date | None
    act: str
    power: bool = Field(description="False when the unit has ended and nobody follows it.")


class ItemOut(Out):
    """An item of enforcement with who holds it on the day."""

    code: str
    name: str
    field: Named
    basis: str
    holder: Named | None
    act: str
    since: date | None
    power: bool
    synthetic: bool


class ItemPage(Out):
    day: date
    items: list[ItemOut]
    after: str | None


class ItemHistoryOut(Out):
    """An item and every holder it had."""

    item: ItemOut
    order: str
    fine_individual: str
    fine_unit: str
    measure: str
    source: str
    holders: list[SpanOut]


class PowerOut(Out):
    """Whether a unit may act on an item on a day."""

    item: str
    unit: Named
    day: date
    power: bool
    holder: Named | None


class StepOut(Out):
    """One unit in the place of another, by an act."""

    old: Named
    new: Named
    valid_from: date
    valid_to: date | None
    act: str


class BodyOut(Out):
    """A unit as it stands on a day, where it went and what went into it."""

    code: str
    name: str
    kind: str
    day: date
    valid_from: date | None
    last_day: date | None
    stands: bool
    successor: Named | None
    way: list[StepOut]
    followed: list[StepOut]
    took_over: list[StepOut]


class TeamsOut(Out):
    """How many teams there were and are, counted from the act's list; ``basis`` says what the list rests on."""

    before: int
    after: int
    basis: str
    note: str


class ActOut(Out):
    """An act that was carried out."""

    number: str
    day: date
    title: str
    source: str
    counter_of: str
    taken_back_by: str
    units: int
    items: int
    parts: int
    teams: TeamsOut | None
    applied_at: datetime


class Acts(Out):
    items: list[ActOut]
