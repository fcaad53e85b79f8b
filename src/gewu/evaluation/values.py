"""What evaluation is asked with and answers in. Whole numbers until the very end: a value is an exact fraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """Instants from ``start`` up to, not including, ``end`` (seconds since the epoch, UTC)."""

    code: str
    start: int
    end: int


def days(timezone: str, first: date, last: date, code: str = "") -> Period:
    """The days from ``first`` to ``last``, both included, as they pass in a time zone."""
    zone = ZoneInfo(timezone)
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    return Period(code or f"{first}/{last}", int(start.timestamp()), int(end.timestamp()))


def month(timezone: str, year: int, number: int) -> Period:
    """A calendar month, code ``2026-11``."""
    first = date(year, number, 1)
    following = date(year + number // 12, number % 12 + 1, 1)
    return days(timezone, first, following - timedelta(days=1), f"{year}-{number:02d}")


def months(timezone: str, year: int, number: int, count: int) -> list[Period]:
    """``count`` months, the last of them this one, the oldest first."""
    index = year * 12 + number - 1
    return [month(timezone, at // 12, at % 12 + 1) for at in range(index - count + 1, index + 1)]


def quarter(timezone: str, year: int, number: int) -> Period:
    """A calendar quarter, code ``2026-Q4``. Raises ``ValueError`` for a number that is none of 1 to 4."""
    if not 1 <= number <= 4:
        raise ValueError(f"there is no quarter {number}")
    following = date(year + number // 4, number % 4 * 3 + 1, 1)
    return days(timezone, date(year, number * 3 - 2, 1), following - timedelta(days=1), f"{year}-Q{number}")


def year_of(timezone: str, year: int) -> Period:
    """A calendar year, code ``2026``."""
    return days(timezone, date(year, 1, 1), date(year, 12, 31), str(year))


class By(StrEnum):
    """What the figures are grouped by. Groups are codes; see ``docs/evaluation.md``."""

    TOTAL = "total"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    ZONE = "zone"
    """Named areas; a case in two of them counts in both."""
    UNIT = "unit"
    """The lead unit; what counts receipts and returns goes to the unit that received and returned."""
    CATEGORY = "category"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Where:
    """Which cases count at all. Empty means all. ``places`` are prefixes of place codes, ``categories`` of category
    keys (``matter:06``), ``units`` are lead units. ``person`` counts only what this person did, by each indicator's
    own column; indicators without one are left out (see ``own_figures``).
    """

    places: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    person: str = ""


EVERYWHERE = Where()
"""No restriction."""


@dataclass(frozen=True, slots=True)
class Live:
    """The facts of a district in PostgreSQL."""

    district_id: int


@dataclass(frozen=True, slots=True)
class Parquet:
    """The facts of a district in a folder that ``gewu export --parquet`` wrote."""

    folder: Path
    district_id: int


Source = Live | Parquet


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. ``numerator`` over ``denominator``, or a count in ``numerator`` with denominator 0, or a sum of
    seconds over a number of cases.

    ``adjusted_*`` leave out what appeals took away; the plain ones are the facts. ``unanswered`` are shown and not
    counted. ``exempt``: late cases counted as in time in the adjusted figure. ``left_out``: cases taken out of it.
    """

    numerator: int = 0
    denominator: int = 0
    unanswered: int = 0
    adjusted_numerator: int = 0
    adjusted_denominator: int = 0
    exempt: int = 0
    left_out: int = 0
    counted: bool = False
    """A count: there is no denominator and the value is the numerator."""

    @property
    def n(self) -> int:
        """How many cases (or receipts) the figure rests on."""
        return self.numerator if self.counted else self.denominator

    @property
    def value(self) -> Fraction | None:
        """The fact, exact: a share from 0 to 1, a mean in seconds, a count; None where there is nothing to judge."""
        return _value(self.numerator, self.denominator, self.counted)

    @property
    def adjusted(self) -> Fraction | None:
        """The same after appeals."""
        return _value(self.adjusted_numerator, self.adjusted_denominator, self.counted)

    def __add__(self, other: Cell) -> Cell:
        """Two groups or periods taken together. (Shares of top categories do not add up; see ``Table.total``.)"""
        return Cell(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.unanswered + other.unanswered,
            self.adjusted_numerator + other.adjusted_numerator,
            self.adjusted_denominator + other.adjusted_denominator,
            self.exempt + other.exempt,
            self.left_out + other.left_out,
            self.counted or other.counted,
        )


def _value(numerator: int, denominator: int, counted: bool) -> Fraction | None:
    if counted:
        return Fraction(numerator)
    return Fraction(numerator, denominator) if denominator else None


class Labelled(Protocol):
    """What a table knows of a definition (see ``definitions.Indicator``)."""

    @property
    def code(self) -> str: ...
    @property
    def additive(self) -> bool: ...
    @property
    def counts(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by indicator, group and period. ``definitions_version`` names the definitions they were made by."""

    by: By
    periods: tuple[Period, ...]
    indicators: tuple[Labelled, ...]
    as_of: int
    definitions_version: str
    cells: Mapping[tuple[str, str, str], Cell] = field(default_factory=dict)

    def cell(self, indicator: str, group: str = "", period: str = "") -> Cell:
        """One figure; all noughts where nothing happened. Without a period, the only or first one."""
        found = self.cells.get((indicator, group, period or self.periods[0].code))
        if found is not None:
            return found
        return Cell(counted=any(i.code == indicator and i.counts for i in self.indicators))

    def groups(self) -> list[str]:
        """All groups with any figure, in order of their codes."""
        return sorted({group for _, group, _ in self.cells})

    def total(self, indicator: str, groups: Sequence[str] | None = None, periods: Sequence[str] | None = None) -> Cell:
        """The figures of several groups and periods together. Raises ``ValueError`` for one that does not add up."""
        known = next((i for i in self.indicators if i.code == indicator), None)
        if known is None:
            raise ValueError(f"there is no indicator {indicator!r} in this table")
        if not known.additive:
            raise ValueError(f"{indicator} does not add up over groups or periods: ask for it as a whole")
        total = Cell(counted=known.counts)
        for code in self.groups() if groups is None else groups:
            for period in [p.code for p in self.periods] if periods is None else periods:
                total += self.cell(indicator, code, period)
        return total


class Part(StrEnum):
    """Which records of a figure are meant."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    REST = "rest"
    """In the denominator and not in the numerator."""
    UNANSWERED = "unanswered"
    EXEMPT = "exempt"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Found:
    """A record behind a figure: its id, its number, the instant that put it into the period, and what it is about."""

    record_id: UUID
    number: str
    at: int
    category: str = ""
    place: str = ""
    lead_unit: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A composite score of a group: exact value rounded once, its grade, and its rank where ranking is allowed.

    ``points`` is in tenths of a point (0 to 1000), None when not assessable. ``weight`` is how much of the formula's
    weight could be assessed, of ``weights``.
    """

    formula: str
    group: str
    points: int | None
    grade: str
    rank: int | None
    weight: int
    weights: int
    terms: tuple[Term, ...] = ()

    @property
    def text(self) -> str:
        """``87.5``, or a dash."""
        return "–" if self.points is None else f"{self.points // 10}.{self.points % 10}"


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a score: its indicator, its weight, and its exact value from 0 to 100, None without a denominator."""

    indicator: str
    weight: int
    value: Fraction | None


def rounded(value: Fraction, decimals: int = 1) -> str:
    """An exact value as text, rounded once, half away from nought: for showing only."""
    scaled = half_up(value * 10**decimals)
    sign, whole = ("-", -scaled) if scaled < 0 else ("", scaled)
    if not decimals:
        return f"{sign}{whole}"
    return f"{sign}{whole // 10**decimals}.{whole % 10**decimals:0{decimals}d}"


def half_up(value: Fraction) -> int:
    """The nearest whole number, half away from nought."""
    doubled = abs(value) * 2
    nearest = (doubled.numerator // doubled.denominator + 1) // 2
    return -nearest if value < 0 else nearest
