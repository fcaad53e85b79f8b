"""Days, windows and seasons, and the tables of seconds that :class:`gewu.core.calendar.Calendar` searches.

Rooms outside the core import these names from :mod:`gewu.core.calendar`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

DAY = 86_400
FIRST_YEAR = 1990
LAST_YEAR = 2100

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
EARLIEST = (date(FIRST_YEAR, 1, 1).toordinal() - _EPOCH_ORDINAL - 1) * DAY  # a day of slack for time zones
LATEST = (date(LAST_YEAR + 1, 1, 1).toordinal() - _EPOCH_ORDINAL + 1) * DAY
_WINDOW = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_MONTH_DAY = re.compile(r"([01][0-9])-([0-3][0-9])")


class CalendarError(ValueError):
    """A calendar that cannot be built as described."""


class CalendarRangeError(ValueError):
    """An instant, or a deadline on its way, outside the years 1990 to 2100."""


def out_of_range(instant: int) -> CalendarRangeError:
    """The error for an instant outside the years that deadlines are computed for."""
    shown = f"second {instant} of the epoch"
    if abs(instant) < 10**11:
        shown = datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return CalendarRangeError(
        f"{shown} is outside the years {FIRST_YEAR} to {LAST_YEAR} that deadlines are computed for: check the date"
    )


class DayKind(StrEnum):
    """What a date is by the holiday plan."""

    WORKDAY = "workday"
    REST = "rest"


class DayMask(StrEnum):
    """The days a season works on: the workdays of the holiday plan, or every day."""

    WORKDAYS = "workdays"
    ALL = "all"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Local wall time, in seconds after the midnight of the day it belongs to; the end may lie past the next one."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and self.start < self.end <= self.start + DAY):
            raise CalendarError(
                f"window {self.start}..{self.end} s: it must start before midnight, end after its start "
                "and last at most 24 hours"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"08:00-12:00"``, ``"19:00-02:00"`` (ends the next day) or ``"00:00-24:00"`` (the whole day).

        Raises CalendarError for anything else, also for an end equal to its start.
        """
        found = _WINDOW.fullmatch(text)
        if found is None:
            raise CalendarError(f'window "{text}": write it as "HH:MM-HH:MM", for example "08:00-12:00"')
        hours, minutes, end_hours, end_minutes = (int(part) for part in found.groups())
        start, end = hours * 3600 + minutes * 60, end_hours * 3600 + end_minutes * 60
        if start >= DAY or end > DAY:
            raise CalendarError(f'window "{text}": a day ends at 24:00')
        if start == end:
            raise CalendarError(f'window "{text}" ends when it starts: write "00:00-24:00" for the whole day')
        return cls(start, end if end > start else end + DAY)


@dataclass(frozen=True, slots=True)
class Season:
    """A range of dates of every year, both ends included, and its working windows.

    ``first`` and ``last`` are (month, day); a range whose last day comes before its first wraps over new year.
    Where several seasons cover a date, the date has the windows of all of them.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    days: DayMask
    windows: tuple[Window, ...]

    def __post_init__(self) -> None:
        for month, day in (self.first, self.last):
            try:
                date(2000, month, day)  # a leap year, so that 29 February may be named
            except ValueError:
                raise CalendarError(f"season: {month:02d}-{day:02d} is no day of the year") from None
        if not self.windows:
            raise CalendarError("season: it has no window, so it never works; leave it out or give it one")

    @classmethod
    def parse(cls, first: str, last: str, days: str, windows: Iterable[str]) -> Self:
        """Read a season as packs write it: ``MM-DD``, ``MM-DD``, ``workdays`` or ``all``, windows as text.

        Raises CalendarError naming the part that cannot be read.
        """
        edges: list[tuple[int, int]] = []
        for text in (first, last):
            found = _MONTH_DAY.fullmatch(text)
            if found is None:
                raise CalendarError(f'season: "{text}" is no day of the year; write it as "MM-DD"')
            edges.append((int(found.group(1)), int(found.group(2))))
        try:
            mask = DayMask(days)
        except ValueError:
            raise CalendarError(f'season: days must be "workdays" or "all", not "{days}"') from None
        return cls(edges[0], edges[1], mask, tuple(Window.parse(text) for text in windows))

    def covers(self, day: date) -> bool:
        """Tell whether the date lies in this season."""
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True, slots=True)
class DayRules:
    """What a calendar says about single dates."""

    zone: ZoneInfo
    seasons: tuple[Season, ...]
    exceptions: Mapping[date, DayKind]
    published_years: frozenset[int]

    def is_workday(self, day: date) -> bool:
        """By the holiday plan where the year has one, else Monday to Friday (whatever ``exceptions`` says)."""
        if day.year in self.published_years:
            exception = self.exceptions.get(day)
            if exception is not None:
                return exception is DayKind.WORKDAY
        return day.weekday() < 5

    def windows(self, day: date) -> list[Window]:
        """The windows in force on a date, by start; they may overlap."""
        seasons = [season for season in self.seasons if season.covers(day)]
        if any(season.days is DayMask.WORKDAYS for season in seasons) and not self.is_workday(day):
            seasons = [season for season in seasons if season.days is DayMask.ALL]
        return sorted(window for season in seasons for window in season.windows)

    def pieces(self, day: date) -> list[tuple[int, int]]:
        """The windows in force on a date as instants, by start; they may overlap. Skipped hours are left out."""
        edges = ((self.edge(day, window.start), self.edge(day, window.end)) for window in self.windows(day))
        return [(start, end) for start, end in edges if start < end]

    def edge(self, day: date, seconds: int) -> int:
        """The first instant at which the local clock shows `seconds` after the date's midnight, or later."""
        wall = (day.toordinal() - _EPOCH_ORDINAL) * DAY + seconds
        clock = datetime.combine(day, datetime.min.time(), self.zone) + timedelta(seconds=seconds)
        instant = wall - _offset(clock)
        if self._reads(instant) >= wall:
            before = wall - _offset(clock.replace(fold=1))
            if before >= instant:  # the usual case: the clock shows this time once, or this is the first pass
                return instant
            # The time is skipped. The jump lies after `before` and not after `instant`.
            while instant - before > 1:
                middle = (before + instant) // 2
                if self._reads(middle) >= wall:
                    instant = middle
                else:
                    before = middle
        return instant

    def _reads(self, instant: int) -> int:
        return instant + _offset(datetime.fromtimestamp(instant, self.zone))

    def rows(self, year: int) -> list["DayRow"]:
        """One row for each date of a year."""
        first, beyond = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
        published = year in self.published_years
        midnights = self._midnights(first, beyond + 2)
        rows: list[DayRow] = []
        for ordinal, midnight, second, third in zip(
            range(first, beyond), midnights, midnights[1:], midnights[2:], strict=False
        ):
            day = date.fromordinal(ordinal)
            # A window ends at most 48 hours after this midnight. Where both days have 24 hours, adding is enough.
            plain = second - midnight == third - second == DAY
            if plain:
                pieces = [(midnight + window.start, midnight + window.end) for window in self.windows(day)]
            else:
                pieces = self.pieces(day)
            last_end = max([end for _, end in pieces]) if pieces else 0
            doubt = None if published else self._doubt(day, midnight, second, plain)
            rows.append(DayRow(midnight, pieces, last_end, doubt))
        return rows

    def _midnights(self, first: int, beyond: int) -> list[int]:
        """The midnights of a range of days, given by ordinal."""
        midnight = datetime.min.time()
        offsets = [
            _offset(datetime.combine(date.fromordinal(day), midnight, self.zone))
            for day in range(first - 1, beyond + 1)
        ]
        return [
            # Between two days of the same offset the clock was left alone; near a change it is asked.
            (day - _EPOCH_ORDINAL) * DAY - here if before == here == after else self.edge(date.fromordinal(day), 0)
            for day, before, here, after in zip(range(first, beyond), offsets, offsets[1:], offsets[2:], strict=False)
        ]

    def _doubt(self, day: date, midnight: int, next_midnight: int, plain: bool) -> tuple[int, int] | None:
        """The stretch in which a deadline would depend on whether this date is a workday; None where none does."""
        seasons = [season for season in self.seasons if season.covers(day)]
        if not any(season.days is DayMask.WORKDAYS for season in seasons):
            return None
        start = min([window.start for season in seasons for window in season.windows])
        end = max([window.end for season in seasons for window in season.windows])
        if plain:
            return (midnight + start, max(next_midnight, midnight + end))
        return (self.edge(day, start), max(next_midnight, self.edge(day, end)))


def _offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    if offset is None:
        raise CalendarError("the time zone has no offset from UTC")
    return offset.days * DAY + offset.seconds


class DayRow(NamedTuple):
    """One date: its midnight, its windows as instants, the end of the last (0 for none), and its stretch in doubt."""

    midnight: int
    pieces: list[tuple[int, int]]
    last_end: int
    doubt: tuple[int, int] | None


class Table:
    """The dates of consecutive years as sorted columns. Never changed once built.

    Day 0 is the last day of the year before ``first_year``, because its evening may reach into the first day.
    Instants from ``low`` up to, not including, ``high`` can be looked up.
    """

    __slots__ = (
        "before",
        "day_ends",
        "doubt_ends",
        "doubt_starts",
        "ends",
        "first_year",
        "high",
        "last_year",
        "low",
        "midnights",
        "starts",
        "through",
        "total",
        "work_ends",
    )

    def __init__(self, first_year: int, last_year: int, rows: list[DayRow], high: int) -> None:
        self.first_year, self.last_year = first_year, last_year
        self.low, self.high = rows[1].midnight, high
        self.midnights = [row.midnight for row in rows]
        self.day_ends = [row.last_end for row in rows]
        # Working stretches, merged; the first has no length, so that every instant has one that starts before it.
        self.starts, self.ends = [rows[0].midnight], [rows[0].midnight]
        self.work_ends: list[int] = []  # the end of each working day
        self.through: list[int] = []  # working days up to and including this day
        self.doubt_starts: list[int] = []
        self.doubt_ends: list[int] = []
        for row in rows:
            for start, end in row.pieces:
                _append(self.starts, self.ends, start, end)
            if row.last_end:
                self.work_ends.append(row.last_end)
            self.through.append(len(self.work_ends))
            if row.doubt is not None:
                joins = bool(self.doubt_ends) and row.midnight <= self.doubt_ends[-1]
                _append(self.doubt_starts, self.doubt_ends, row.midnight if joins else row.doubt[0], row.doubt[1])
        self.before: list[int] = []  # working seconds before each stretch
        total = 0
        for start, end in zip(self.starts, self.ends, strict=True):
            self.before.append(total)
            total += end - start
        self.total = total

    def used(self, instant: int) -> int:
        """Working seconds from the table's beginning up to an instant."""
        index = bisect_right(self.starts, instant) - 1
        end = self.ends[index]
        return self.before[index] + (instant if instant < end else end) - self.starts[index]

    def day(self, instant: int) -> int:
        """The day of an instant, as a row number: an evening's hours after midnight belong to the day before."""
        index = bisect_right(self.midnights, instant) - 1
        return index - 1 if self.day_ends[index - 1] > instant else index

    def closing_day(self, instant: int) -> int:
        """The day that a deadline at this instant closes: like `day`, but the end of a window still belongs to it."""
        index = bisect_right(self.midnights, instant) - 1
        return index - 1 if self.day_ends[index - 1] >= instant != self.day_ends[index] else index


def _append(starts: list[int], ends: list[int], start: int, end: int) -> None:
    if ends and start <= ends[-1]:
        ends[-1] = max(ends[-1], end)
    else:
        starts.append(start)
        ends.append(end)


class Tables:
    """The years built so far. It only ever grows, and a reader keeps the table it took, so threads need no lock."""

    __slots__ = ("_rows", "rules", "table")

    def __init__(self, rules: DayRules) -> None:
        self.rules = rules
        self._rows: dict[int, list[DayRow]] = {}
        self.table: Table | None = None

    def covering(self, start: int, end: int) -> Table:
        """A table in which both instants can be looked up. Raises CalendarRangeError outside 1990 to 2100."""
        table = self.table
        if table is not None and table.low <= start < table.high and table.low <= end < table.high:
            return table
        years = [self._year_of(start), self._year_of(end)]
        if table is not None:
            years += [table.first_year, table.last_year]
        return self._build(min(years), max(years))

    def _year_of(self, instant: int) -> int:
        # The first test keeps the conversion from overflowing; the second is the exact one, by the local clock.
        if EARLIEST <= instant < LATEST:
            year = datetime.fromtimestamp(instant, self.rules.zone).year
            if FIRST_YEAR <= year <= LAST_YEAR:
                return year
        raise out_of_range(instant)

    def longer(self, table: Table) -> Table:
        """The table with more years after its last. Raises CalendarRangeError after 2100."""
        if table.last_year >= LAST_YEAR:
            raise CalendarRangeError(
                f"the deadline would fall after the year {LAST_YEAR}: "
                "shorten the limit, or give the calendar more working time"
            )
        ahead = max(1, (table.last_year - table.first_year + 1) // 2)
        return self._build(table.first_year, min(LAST_YEAR, table.last_year + ahead))

    def _build(self, first_year: int, last_year: int) -> Table:
        rows = self._year(first_year - 1)[-1:]
        for year in range(first_year, last_year + 1):
            rows += self._year(year)
        table = Table(first_year, last_year, rows, self.rules.edge(date(last_year + 1, 1, 1), 0))
        self.table = table
        return table

    def _year(self, year: int) -> list[DayRow]:
        rows = self._rows.get(year)
        if rows is None:
            rows = self._rows[year] = self.rules.rows(year)
        return rows
