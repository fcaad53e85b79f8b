"""The rows of a pack as typed values. ``file`` and ``line`` say where each was written (line 0: already loaded)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from gewu.core.playbook import Playbook

CATEGORY_KINDS = ("matter", "component")
PLACE_KINDS = ("district", "street", "community", "grid")
ORGANISATION_KINDS = ("street_committee", "community_org", "grid_branch", "building_group")
"""The Party chain from the street down to the building."""
BUILDING_HEAD = "building_head"
TASK_FORCE = "task_force"
LIMIT_STATUSES = ("assumption", "official")
DAY_KINDS = ("rest", "workday")
UNKNOWN_OWNER = "unknown"
ANY = "*"
AREA_PREFIX = "area:"


class Row(Protocol):
    """What all rows have."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...


class DatedRow(Row, Protocol):
    """A row with its own validity, both days included."""

    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class DistrictRow:
    file: str
    line: int
    code: str
    name_en: str
    name_zh: str
    timezone: str
    work_day_mode: str
    default_calendar: str
    language: str
    bounds_source: str


@dataclass(frozen=True, slots=True)
class RoleRow:
    file: str
    line: int
    code: str
    name_en: str
    name_zh: str
    note: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    file: str
    line: int
    kind: str
    code: str
    major: str
    major_name_en: str
    major_name_zh: str
    name_en: str
    name_zh: str
    legacy_code: str
    local_extension: bool
    source: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True, slots=True)
class StandardRow:
    file: str
    line: int
    kind: str
    code: str
    category: str
    filing_en: str
    filing_zh: str
    closing_en: str
    closing_zh: str
    limit_value: int
    limit_unit: str
    urgent: bool
    limit_status: str
    source: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True, slots=True)
class PlaceRow:
    file: str
    line: int
    code: str
    kind: str
    parent: str
    name_en: str
    name_zh: str
    valid_from: date | None
    valid_to: date | None
    successor: str
    synthetic: bool
    source: str


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """A polygon of a place or area: GeoJSON geometry in WGS-84."""

    file: str
    line: int
    code: str
    geometry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AreaRow:
    file: str
    line: int
    code: str
    kind: str
    name_en: str
    name_zh: str
    prefixes: tuple[str, ...]
    shape: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    file: str
    line: int
    code: str
    parent: str
    kind: str
    name_en: str
    name_zh: str
    place: str
    calendar: str
    accounts: bool
    valid_from: date | None
    valid_to: date | None
    source: str
    work_phone: str = ""


@dataclass(frozen=True, slots=True)
class PostRow:
    file: str
    line: int
    code: str
    unit: str
    role: str
    login: str
    name_en: str
    name_zh: str
    prefixes: tuple[str, ...]
    areas: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    source: str
    work_phone: str = ""
    released: Mapping[str, str] = field(default_factory=dict)
    successor: str = ""


@dataclass(frozen=True, slots=True)
class OwnerRow:
    file: str
    line: int
    code: str
    name_en: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A responsibility rule. ``kind``, ``category``, ``place`` and ``owner`` may be ``*``."""

    file: str
    line: int
    kind: str
    category: str
    place: str
    owner: str
    unit: str
    queue: bool
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.kind, self.category, self.place, self.owner


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """``head`` is the code of the post of the building's head; that post needs no row of its own and no login."""

    file: str
    line: int
    code: str
    place: str
    name_en: str
    name_zh: str
    households: int | None
    built: int | None
    property_management: bool
    maintenance_fund: bool
    organisation: bool
    head: str
    party_group: bool
    valid_from: date | None
    valid_to: date | None
    successor: str
    synthetic: bool
    source: str


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A link of the Party chain; ``place`` is a place or, for a building group, a building."""

    file: str
    line: int
    code: str
    kind: str
    parent: str
    place: str
    name_en: str
    name_zh: str
    valid_from: date | None
    valid_to: date | None
    synthetic: bool
    source: str


@dataclass(frozen=True, slots=True)
class PairingRow:
    """A task force and a department that works with it."""

    file: str
    line: int
    task_force: str
    department: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class CalendarRow:
    file: str
    line: int
    code: str
    title_en: str
    title_zh: str
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HolidayRow:
    file: str
    line: int
    date: date
    kind: str
    name_en: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year whose holiday plan is published."""

    file: str
    line: int
    year: int


@dataclass(frozen=True, slots=True)
class PlaybookRow:
    file: str
    line: int
    name: str
    version: int
    kind: str
    title_en: str
    title_zh: str
    text: str
    bases: Mapping[str, str]
    """Texts of the playbooks that it extends, by name."""
    playbook: Playbook


@dataclass(frozen=True, slots=True)
class PlaybookSource:
    """A playbook file before it is compiled."""

    file: str
    text: str


@dataclass(slots=True)
class PackData:
    """A pack as read: the valid rows of every table. Bad rows are in the problems instead."""

    name: str = ""
    version: str = ""
    requires: Mapping[str, int] = field(default_factory=dict)
    """Names of required packs and the lines that name them."""
    district: DistrictRow | None = None
    roles: Sequence[RoleRow] = ()
    categories: Sequence[CategoryRow] = ()
    standards: Sequence[StandardRow] = ()
    places: Sequence[PlaceRow] = ()
    shapes: Sequence[ShapeRow] = ()
    areas: Sequence[AreaRow] = ()
    units: Sequence[UnitRow] = ()
    posts: Sequence[PostRow] = ()
    owners: Sequence[OwnerRow] = ()
    rules: Sequence[RuleRow] = ()
    buildings: Sequence[BuildingRow] = ()
    organisations: Sequence[OrganisationRow] = ()
    pairings: Sequence[PairingRow] = ()
    calendars: Sequence[CalendarRow] = ()
    holidays: Sequence[HolidayRow] = ()
    holiday_years: Sequence[YearRow] = ()
    playbook_sources: Sequence[PlaybookSource] = ()
    extras: Mapping[str, str] = field(default_factory=dict)
    """Texts of files that belong to upper floors, by their name (see ``extras``)."""
    playbooks: Sequence[PlaybookRow] = ()
    """Compiled from the sources once the required packs are known."""

    @property
    def territorial(self) -> Sequence[Row]:
        """All rows that only make sense inside a district."""
        return (
            *self.places, *self.shapes, *self.areas, *self.units, *self.posts, *self.rules, *self.buildings,
            *self.organisations, *self.pairings,
        )  # fmt: skip
