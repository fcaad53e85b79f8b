"""What a directory holds: immutable values, free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gewu.core.playbook.model import Words
from gewu.registry.responsibility import Rule


@dataclass(frozen=True, slots=True)
class Named:
    """An entry with a name in both languages."""

    id: int
    code: str
    name_en: str
    name_zh: str

    def name(self, language: str) -> str:
        """The name in the language a surface speaks (``en``, ``zh-hans`` ...)."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class DistrictInfo(Named):
    timezone: str
    work_day_mode: str
    default_calendar: str
    language: str
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class RoleInfo(Named):
    note: str


@dataclass(frozen=True, slots=True)
class OwnerInfo(Named):
    pass


@dataclass(frozen=True, slots=True)
class CategoryInfo(Named):
    """``active`` is false for a category that its pack no longer has: old records still show its name."""

    kind: str
    major: str
    major_name_en: str
    major_name_zh: str
    legacy_code: str
    local_extension: bool
    active: bool

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}"

    def major_name(self, language: str) -> str:
        return self.major_name_zh if language.startswith("zh") else self.major_name_en


@dataclass(frozen=True, slots=True)
class StandardInfo:
    """``category`` is a category's key (``matter:06012``); ``limit_unit`` a value of ``TimeUnit``."""

    id: int
    kind: str
    code: str
    category: str
    filing: Words
    closing: Words
    limit_value: int
    limit_unit: str
    urgent: bool
    limit_status: str
    active: bool

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True, slots=True)
class PlaceInfo(Named):
    kind: str
    parent: str
    synthetic: bool
    successor: str
    valid_from: date | None
    valid_to: date | None
    active: bool


@dataclass(frozen=True, slots=True)
class AreaInfo(Named):
    """``drawn``: has a polygon of its own, beside or instead of the places it is made of."""

    kind: str
    prefixes: tuple[str, ...]
    drawn: bool
    active: bool


@dataclass(frozen=True, slots=True)
class UnitInfo(Named):
    """``path`` is ``/PARENT/UNIT/``. A unit without ``accounts`` takes part by official letter.

    ``successor`` is the unit that stands in its place on the day of the directory, after a reform. ``work_phone`` is
    the line of the office.
    """

    kind: str
    parent: str
    path: str
    place: str
    calendar: str
    accounts: bool
    valid_from: date | None
    valid_to: date | None
    active: bool
    successor: str = ""
    work_phone: str = ""


@dataclass(frozen=True, slots=True)
class PostInfo(Named):
    """``person`` is the id of who holds it, or None while it is vacant.

    ``public_name`` may be told to everybody: it was released by the present holder or by law; else it is None.
    ``successor`` is the post that stands in the place of one that has ended.
    """

    unit: str
    role: str
    person: int | None
    login: str
    prefixes: tuple[str, ...]
    areas: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    active: bool
    work_phone: str = ""
    public_name: PublicName | None = None
    successor: str = ""


@dataclass(frozen=True, slots=True)
class PublicName:
    """A released name: ``basis`` is ``agreed`` or ``law``, ``since`` the day of the release where it is known."""

    zh: str
    en: str
    basis: str
    since: date | None

    def name(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """Somebody who holds posts in the district; ``posts`` are the codes of those that are active."""

    id: int
    login: str
    name_en: str
    name_zh: str
    posts: tuple[str, ...]

    def name(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Responsibility:
    """The unit that answers, whether as the queue for the ownerless, and the rule that says so, also in words."""

    unit: UnitInfo
    queue: bool
    rule: Rule
    why: Words


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that a dispatcher may choose, best first; ``rule`` is None where only its territory speaks for it."""

    unit: UnitInfo
    queue: bool
    rule: Rule | None
    why: Words


@dataclass(frozen=True, slots=True)
class StoredPlaybook:
    """A playbook's text, compiled when it is first asked for."""

    name: str
    version: int
    kind: str
    title: Words
    file: str
    text: str
    bases: Mapping[str, str]
    of_district: bool
    active: bool


@dataclass(frozen=True, slots=True)
class CalendarPlan:
    """What calendars are built from: specs by code, the holiday plan in force, and its published years."""

    specs: Mapping[str, Mapping[str, Any]]
    exceptions: Mapping[date, str]
    published_years: frozenset[int]
