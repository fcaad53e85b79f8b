"""Working time: which seconds of which days count for a deadline.

A :class:`Calendar` is a value. It reads no clock, and answers every question from tables of seconds since the epoch
(UTC), which it builds year by year when they are first needed and keeps.

Words used here and in :mod:`gewu.core.deadlines`:

*window*
    a stretch of local wall time, ``08:00-12:00``. It belongs to the day it starts on, also when it ends after
    midnight (``19:00-02:00``). The start belongs to the window, the end does not.
*working day*
    a date on which at least one window starts.
*day of an instant*
    its local date; but an instant inside a window that began the day before belongs to that day: half past midnight
    is still the evening shift.

An edge of a window is the first moment at which the local clock shows that time or a later one. So in the hour that
is skipped in spring an edge falls on the jump, and in the hour that comes twice in autumn it falls on the first
pass: windows that touch on paper touch in fact, and a window over the change is an hour shorter or longer.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from gewu.core.daytables import (
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    CalendarError,
    CalendarRangeError,
    DayKind,
    DayMask,
    DayRules,
    Season,
    Table,
    Tables,
    Window,
)

__all__ = [
    "DAY",
    "FIRST_YEAR",
    "LAST_YEAR",
    "Calendar",
    "CalendarError",
    "CalendarRangeError",
    "DayKind",
    "DayMask",
    "NaiveDatetimeError",
    "Season",
    "Window",
    "WorkDayMode",
    "from_datetime",
    "to_datetime",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WorkDayMode(StrEnum):
    """How ``work_day`` is counted: a day's working hours, or the end of the n-th working day after the start."""

    HOURS = "hours"
    END_OF_DAY = "end_of_day"


class NaiveDatetimeError(ValueError):
    """A date and time without a zone, which names no instant."""


def from_datetime(moment: datetime) -> int:
    """Seconds since the epoch; a fraction of a second is cut off downwards.

    Raises NaiveDatetimeError for a date and time without a zone.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise NaiveDatetimeError(f"{moment.isoformat()} has no time zone, so it names no instant: attach one first")
    since = moment - _EPOCH
    return since.days * DAY + since.seconds


def to_datetime(instant: int, timezone: str | tzinfo) -> datetime:
    """The aware date and time of an instant in a zone, given by object or by name (``"Asia/Shanghai"``).

    Raises CalendarError for an unknown zone name.
    """
    return datetime.fromtimestamp(instant, _zone(timezone) if isinstance(timezone, str) else timezone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # the last is what zoneinfo raises for a zone it does not have
        raise CalendarError(f'time zone "{name}" is unknown: use a name such as "Asia/Shanghai"') from None


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The working time of a unit.

    ``exceptions`` are the dates on which the holiday plan departs from Monday to Friday; they count only in
    ``published_years``. In any other year the workdays are Monday to Friday, and a deadline is provisional when it
    depends on them: seasons that work on ``all`` days leave no such doubt.
    ``day_seconds`` is the length of a ``work_day`` in mode ``hours``.

    Raises CalendarError when the calendar could never supply working time, and for an unknown zone.
    """

    timezone: str
    seasons: Sequence[Season]
    exceptions: Mapping[date, DayKind] = field(default_factory=dict, repr=False)
    published_years: Collection[int] = frozenset()
    day_seconds: int = 8 * 3600
    work_day_mode: WorkDayMode = WorkDayMode.HOURS
    _tables: Tables = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for day in self.exceptions:
            if isinstance(day, datetime):
                raise CalendarError(f"exception {day.isoformat()}: give a date, not a date and time")
        exceptions = MappingProxyType({day: DayKind(kind) for day, kind in self.exceptions.items()})
        if not 0 < self.day_seconds <= DAY:
            raise CalendarError(f"a working day of {self.day_seconds} s: give more than 0 and at most 24 hours")
        rules = DayRules(_zone(self.timezone), tuple(self.seasons), exceptions, frozenset(self.published_years))
        object.__setattr__(self, "exceptions", exceptions)
        object.__setattr__(self, "seasons", rules.seasons)
        object.__setattr__(self, "published_years", rules.published_years)
        object.__setattr__(self, "work_day_mode", WorkDayMode(self.work_day_mode))
        object.__setattr__(self, "_tables", Tables(rules))
        days = range(date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR + 1, 1, 1).toordinal())
        if not any(rules.pieces(date.fromordinal(day)) for day in days):
            raise CalendarError(
                "the calendar never supplies working time: give it a season whose days are not all at rest"
            )

    def __reduce__(self) -> tuple[type["Calendar"], tuple[object, ...]]:
        """Copies and other processes get the description; they build their own tables."""
        description = (self.timezone, self.seasons, dict(self.exceptions), self.published_years)
        return (Calendar, (*description, self.day_seconds, self.work_day_mode))

    # Days

    def is_workday(self, day: date) -> bool:
        """Tell whether a date is a workday by the holiday plan, or by Monday to Friday where its year has none."""
        return self._tables.rules.is_workday(day)

    def local_date(self, instant: int) -> date:
        """The date that the local clock shows."""
        return datetime.fromtimestamp(instant, self._tables.rules.zone).date()

    def working_date(self, instant: int) -> date:
        """The date an instant belongs to: that of the evening window that still runs, else the local date."""
        table = self._table(instant)
        shift = bisect_right(table.midnights, instant) - 1 - table.day(instant)
        return self.local_date(instant) - timedelta(days=shift)

    def windows_on(self, day: date) -> list[tuple[int, int]]:
        """The stretches of working time that start on a date, as instants; the end is not included."""
        merged: list[tuple[int, int]] = []
        for start, end in self._tables.rules.pieces(day):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return merged

    def is_provisional(self, start: int, end: int) -> bool:
        """Tell whether working time from start to end depends on a day whose year has no published holiday plan."""
        table = self._table(start)
        while end >= table.high and table.last_year < LAST_YEAR:
            table = self._tables.longer(table)
        index = bisect_right(table.doubt_ends, start)
        return index < len(table.doubt_starts) and table.doubt_starts[index] < end and start < end

    # Seconds

    def is_open(self, instant: int) -> bool:
        """Tell whether an instant lies in a window."""
        table = self._table(instant)
        return instant < table.ends[bisect_right(table.starts, instant) - 1]

    def opens_at(self, instant: int) -> int:
        """The instant itself when it lies in a window, else the start of the next window."""
        table = self._table(instant)
        index = bisect_right(table.starts, instant)
        if instant < table.ends[index - 1]:
            return instant
        while index >= len(table.starts):
            table = self._tables.longer(table)
            index = bisect_right(table.starts, instant)
        return table.starts[index]

    def working_seconds(self, start: int, end: int) -> int:
        """Working seconds from start to end; 0 when end is not after start."""
        if end <= start:
            return 0
        table = self._tables.covering(start, end)
        return table.used(end) - table.used(start)

    def advance(self, start: int, seconds: int) -> int:
        """The instant at which so many working seconds have passed.

        An end that coincides with the end of a window is that end, not the start of the next window. Nothing to
        count (0) gives the start itself, also outside windows. Raises CalendarRangeError outside 1990 to 2100.
        """
        if seconds <= 0:
            return start
        table = self._table(start)
        index = bisect_right(table.starts, start) - 1
        end = table.ends[index]
        target = table.before[index] + (start if start < end else end) - table.starts[index] + seconds
        while target > table.total:
            table = self._tables.longer(table)
        index = bisect_left(table.before, target) - 1
        return table.starts[index] + target - table.before[index]

    # Whole days

    def add_working_days(self, start: int, days: int) -> int:
        """The end of the last window of the n-th working day after the day of the start, which is not counted.

        0 days give the end of the first working day that is not over, which may be the day of the start.
        Raises CalendarRangeError outside 1990 to 2100.
        """
        table = self._table(start)
        today = table.day(start)
        if days > 0:
            index = table.through[today] + days - 1
            while index >= len(table.work_ends):
                table = self._tables.longer(table)
            return table.work_ends[index]
        index = table.through[today - 1] if today else 0
        while True:
            while index >= len(table.work_ends):
                table = self._tables.longer(table)
            if table.work_ends[index] > start:
                return table.work_ends[index]
            index += 1

    def working_days(self, start: int, end: int) -> int:
        """Working days after the day of the start, up to and including the day that a deadline at `end` closes."""
        table = self._tables.covering(start, end)
        return max(0, table.through[table.closing_day(end)] - table.through[table.day(start)])

    def _table(self, instant: int) -> Table:
        table = self._tables.table
        if table is not None and table.low <= instant < table.high:
            return table
        return self._tables.covering(instant, instant)
