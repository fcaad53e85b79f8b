"""The figures of a bulletin: three months, each as it stood at its own end, so that they can be compared.

A month's figure follows the month's cases and still moves afterwards. Asking for last month as of today would give it
weeks more to look better; so every month is asked as of its own end, and this one as of now while it lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gewu.evaluation.api import By, Cell, Definitions, Live, Period, Table, Where, evaluate, month, rounded
from gewu.evaluation.definitions import Indicator
from gewu.papers import model as m

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Month:
    """A month and as of when it is judged (seconds since the epoch)."""

    period: Period
    as_of: int


@dataclass(frozen=True, slots=True)
class Months:
    """The month of a bulletin, the one before, and the same one a year ago."""

    this: Month
    before: Month
    year_ago: Month


def months_of(timezone: str, year: int, number: int, now: int) -> Months:
    """The three months. Raises `ValueError` for a month that has not begun."""

    def one(at_year: int, at_number: int) -> Month:
        period = month(timezone, at_year, at_number)
        return Month(period, min(period.end, now))

    this = one(year, number)
    if this.period.start >= now:
        raise ValueError(f"{this.period.code} has not begun")
    earlier = (year, number - 1) if number > 1 else (year - 1, 12)
    return Months(this, one(*earlier), one(year - 1, number))


@dataclass(frozen=True, slots=True)
class Grouped:
    """Figures of one kind of group in the three months."""

    by: By
    this: Table
    before: Table
    year_ago: Table

    def groups(self) -> list[str]:
        """Groups with any figure this month or the one before."""
        return sorted({*self.this.groups(), *self.before.groups()})

    @property
    def has_year_ago(self) -> bool:
        """Whether anything is known of a year ago."""
        return bool(self.year_ago.cells)


def ask(
    district_id: int, known: Definitions, indicators: Sequence[Indicator], by: By, months: Months, where: Where
) -> Grouped:
    """The figures, in three statements."""

    def one(of: Month) -> Table:
        return evaluate(
            Live(district_id), indicators, by, [of.period], as_of=of.as_of, where=where, version=known.version
        )

    return Grouped(by, one(months.this), one(months.before), one(months.year_ago))


def value_cell(indicator: Indicator, cell: Cell, link: str = "") -> m.Cell:
    """The value as it is printed: a count, a percentage with one decimal, hours with one decimal; a dash for none."""
    value = _shown(indicator, cell)
    if value is None:
        return m.Cell("—")
    if indicator.unit == "count":
        return m.whole(cell.numerator, link)
    text = rounded(value)
    if indicator.unit == "percent":
        return m.Cell(f"{text}%", float(Fraction(text) / 100), "0.0%", link)
    return m.Cell(text, float(text), "0.0", link)


def change_cell(indicator: Indicator, now: Cell, before: Cell) -> m.Cell:
    """How the printed value differs from an earlier one: counts, percentage points, hours; a dash where one lacks."""
    here, there = _shown(indicator, now), _shown(indicator, before)
    if here is None or there is None:
        return m.Cell("—")
    if indicator.unit == "count":
        return m.signed(now.numerator - before.numerator)
    change = Fraction(rounded(here)) - Fraction(rounded(there))
    text = rounded(change)
    return m.Cell(f"+{text}" if change > 0 else text if change else "0.0", float(change), "+0.0;-0.0;0.0")


def _shown(indicator: Indicator, cell: Cell) -> Fraction | None:
    """The exact value in the unit in which it is printed: cases, percent, hours."""
    value = cell.value
    if value is None or indicator.unit == "count":
        return value
    return value * 100 if indicator.unit == "percent" else value / _HOUR
