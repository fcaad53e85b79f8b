"""The district's own statistics by name: each asks what desk and REST ask, and says how many records are behind it.

A statistic takes what a figure's ``where`` says. Nothing here knows a figure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from gewu.assessments import kinds as k
from gewu.assessments.queries import rounds
from gewu.assessments.queries.points import points_of
from gewu.enforcement.bodies import acts
from gewu.enforcement.holders import Book, find
from gewu.enforcement.plan import team_counts
from gewu.evaluation import api as evaluation
from gewu.registry import buildings, devices
from gewu.registry.directory import Directory
from gewu.stories import spread

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which district, in which period, and what a figure's ``where`` says."""

    directory: Directory
    first: date
    last: date
    where: Mapping[str, Any]

    @property
    def district_id(self) -> int:
        return self.directory.district.id

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.directory.district.timezone)

    @property
    def periods(self) -> list[str]:
        """The period in months, whole years as years: what lists of occasions are filtered by."""
        found = []
        for first, last in spread.months(self.first, self.last):
            year = f"{first:%Y}"
            whole = self.first <= date(first.year, 1, 1) and self.last >= date(first.year, 12, 31)
            if whole and year not in found:
                found.append(year)
            elif not whole:
                found.append(f"{first:%Y-%m}")
            del last
        return found

    def holds(self, at: datetime | None) -> bool:
        """Whether an instant lies in the period, by the district's calendar."""
        return at is not None and self.first <= at.astimezone(self.zone).date() <= self.last


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure and the number of records that it rests on."""

    value: Number
    records: int

    @property
    def shown(self) -> int | float:
        """The figure as JSON has it: percentages and rates to two digits."""
        return self.value if isinstance(self.value, int) else round(float(self.value), 2)


Statistic = Callable[[Asked], Counted]
STATISTICS: dict[str, Statistic] = {}


def statistic(name: str) -> Callable[[Statistic], Statistic]:
    """Register a statistic under its name."""

    def register(function: Statistic) -> Statistic:
        STATISTICS[name] = function
        return function

    return register


def plain(count: int) -> Counted:
    """A count of records."""
    return Counted(count, count)


# ---- rounds of the showcase


def published_rounds(asked: Asked) -> list[rounds.RoundRow]:
    """Published rounds whose quarter lies in the period."""
    found = []
    for row in rounds.published(asked.district_id, limit=1000):
        year, quarter = int(row.period[:4]), int(row.period[-1])
        if asked.first <= date(year, quarter * 3 - 2, 1) <= asked.last:
            found.append(row)
    return found


@statistic("members of rounds")
def members(asked: Asked) -> Counted:
    """Units that took part in published rounds: streets or departments."""
    found = published_rounds(asked)
    units = {unit for row in found for unit in (row.streets if asked.where["of"] == "streets" else row.departments)}
    return Counted(len(units), len(found))


@statistic("rounds a quarter")
def rounds_a_quarter(asked: Asked) -> Counted:
    """Published rounds over the quarters of the period."""
    found = published_rounds(asked)
    quarters = {(first.year, (first.month + 2) // 3) for first, _last in spread.months(asked.first, asked.last)}
    rate = Fraction(len(found), len(quarters))
    return Counted(rate.numerator if rate.denominator == 1 else rate, len(found))


@statistic("points shown")
def points(asked: Asked) -> Counted:
    """Points that were built and shown in the published rounds."""
    shown = [
        point
        for row in published_rounds(asked)
        for point in points_of(asked.district_id, row.record_id)
        if point.built and not point.withdrawn
    ]
    return plain(len(shown))


@statistic("first in a row")
def first_in_a_row(asked: Asked) -> Counted:
    """How often in a row a department was ranked first, up to the last published round of the period."""
    standings = rounds.history(published_rounds(asked)).get(asked.where["unit"], [])
    return plain(standings[-1].firsts if standings else 0)


@statistic("honours")
def honours(asked: Asked) -> Counted:
    """Honours of a class and level that were awarded in the period."""
    found = [
        row
        for row in rounds.honours(asked.district_id, [k.AWARDED], limit=10_000)
        if (row.honour, row.level) == (asked.where["class"], asked.where["level"]) and asked.holds(row.awarded_at)
    ]
    return plain(len(found))


# ---- cases


@statistic("indicator")
def indicator(asked: Asked) -> Counted:
    """An indicator of the evaluation over the whole district."""
    known = evaluation.definitions(asked.district_id)
    period = evaluation.days(asked.directory.district.timezone, asked.first, asked.last)
    one = known[asked.where["code"]]
    table = evaluation.evaluate(
        evaluation.Live(asked.district_id), [one], evaluation.By.TOTAL, [period], as_of=int(time.time())
    )
    cell = table.cell(one.code, "")
    return Counted(cell.numerator, cell.n)


# ---- registry and reform


@statistic("buildings")
def standing_buildings(asked: Asked) -> Counted:
    """Buildings of a place, all or those without property management, on the last day of the period."""
    found = buildings.profile(asked.district_id, asked.last, asked.where.get("place", ""))
    return plain(getattr(found, asked.where["count"]))


@statistic("devices")
def standing_devices(asked: Asked) -> Counted:
    """Devices of a kind that are registered on the last day of the period; of a place, or with these words."""
    kind, place, words = (str(asked.where.get(name, "")) for name in ("kind", "place", "words"))
    wanted = devices.Wanted(asked.last, kind=kind, place=place, words=words)
    found = devices.counts(asked.district_id, wanted)
    return plain(sum(one.devices for one in found))


@statistic("party chain")
def party_chain(asked: Asked) -> Counted:
    """Organisations of one level of the Party chain on the last day of the period."""
    levels = {level.kind: level for level in buildings.coverage(asked.district_id, asked.last)}
    found = levels.get(asked.where["level"])
    return plain(found.organisations if found else 0)


@statistic("items transferred")
def items_transferred(asked: Asked) -> Counted:
    """Items that a unit holds on the last day of the period by an act of the period; of one field or all."""
    book = Book(asked.district_id)
    items = {item.code for item in find(asked.district_id, asked.where.get("field", ""))}
    held = [
        holder
        for item in book.items
        if item in items and (holder := book.on(item, asked.last)) is not None
        and holder.unit == asked.where["unit"] and holder.act and holder.since is not None
        and asked.first <= holder.since <= asked.last
    ]  # fmt: skip
    return plain(len(held))


@statistic("teams reduced")
def teams_reduced(asked: Asked) -> Counted:
    """By how many percent the teams of the acts of a period are fewer after than before."""
    listed = [act.teams for act in acts(asked.district_id) if asked.first <= act.day <= asked.last and act.teams]
    before = sum(team_counts(one)[0] for one in listed)
    after = sum(team_counts(one)[1] for one in listed)
    rate = Fraction(round(Fraction(10_000 * (before - after), before)), 100) if before else Fraction(0)
    return Counted(rate, before)
