"""Deadlines: how long a limit lasts, what is left of it, and when a part of it is used.

Five functions over a :class:`~gewu.core.calendar.Calendar` and integer instants (seconds since the epoch, UTC).

==================================  ===================================================================================
unit                                measure
==================================  ===================================================================================
``urgent_minute .. urgent_day``     seconds that run continuously, nights and holidays included; a day is 24 hours
``work_minute``, ``work_hour``      seconds inside working windows
``work_day``, mode ``hours``        seconds inside working windows, ``Calendar.day_seconds`` to the day
``work_day``, mode ``end_of_day``   whole working days; the deadline is the end of a day's last window
==================================  ===================================================================================

*Measure* is what :func:`remaining` returns and :func:`resume` takes: seconds, or days in the last row. A clock that
stops keeps that number and the unit; a clock that goes on with the same unit gets it back, whatever the calendar has
brought in between; another unit starts again with :func:`due`.

Units and continuous running: handbook of the field, B.1.4; the two modes of the working day are cities' practice.
"""

from dataclasses import dataclass
from enum import StrEnum

from gewu.core.calendar import Calendar, WorkDayMode
from gewu.core.daytables import EARLIEST, LATEST, out_of_range

__all__ = ["Due", "Limit", "TimeUnit", "WorkDayMode", "due", "fraction", "remaining", "resume"]


class TimeUnit(StrEnum):
    """The unit of a limit."""

    URGENT_MINUTE = "urgent_minute"
    URGENT_HOUR = "urgent_hour"
    URGENT_DAY = "urgent_day"
    WORK_MINUTE = "work_minute"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"

    __hash__ = str.__hash__  # a member is looked up for every deadline, and the hash of enumerations runs in Python


# Plain names: reading a member off its class costs more than the search of a year's windows.
_WORK_DAY = TimeUnit.WORK_DAY
_END_OF_DAY = WorkDayMode.END_OF_DAY
_URGENT = {TimeUnit.URGENT_MINUTE: 60, TimeUnit.URGENT_HOUR: 3600, TimeUnit.URGENT_DAY: 86_400}
_WORK = {TimeUnit.WORK_MINUTE: 60, TimeUnit.WORK_HOUR: 3600}


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a unit; never negative."""

    value: int
    unit: TimeUnit

    def __post_init__(self) -> None:
        if self.value < 0:
            raise ValueError(f"a limit of {self.value} {self.unit}: a limit cannot be negative")


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline. Provisional: it depends on a day whose year has no published holiday plan yet."""

    at: int
    provisional: bool


# A frozen class sets its fields the slow way; a deadline is made for every clock, so set the slots themselves.
_set_at = vars(Due)["at"].__set__
_set_provisional = vars(Due)["provisional"].__set__


def _made(at: int, provisional: bool) -> Due:
    made = object.__new__(Due)
    _set_at(made, at)
    _set_provisional(made, provisional)
    return made


def _continuous(start: int, seconds: int) -> Due:
    at = start + seconds
    if not EARLIEST <= start <= at < LATEST:
        raise out_of_range(at if start >= EARLIEST else start)
    return _made(at, False)


def due(calendar: Calendar, start: int, limit: Limit) -> Due:
    """The deadline of a limit that starts running at `start`.

    A start outside windows runs from the next window on. A deadline that coincides with the end of a window is that
    end. In mode ``end_of_day`` the day of the start is not counted.
    Raises CalendarRangeError when start or deadline leave the years 1990 to 2100.
    """
    unit = limit.unit
    seconds = _URGENT.get(unit)
    if seconds is not None:
        return _continuous(start, limit.value * seconds)
    if unit is _WORK_DAY:
        if calendar.work_day_mode is _END_OF_DAY:
            return resume(calendar, start, limit.value, unit)
        at = calendar.advance(start, limit.value * calendar.day_seconds)
    else:
        at = calendar.advance(start, limit.value * _WORK[unit])
    return _made(at, calendar.is_provisional(start, at))


def remaining(calendar: Calendar, now: int, due_at: int, unit: TimeUnit) -> int:
    """What is left of a limit at `now`, in the unit's measure (see above); 0 once the deadline has passed.

    In mode ``end_of_day`` these are the working days after today's, up to and including the deadline's: on the last
    day 0 are left although the deadline is still to come.
    """
    if due_at <= now:
        return 0
    if unit in _URGENT:
        return due_at - now
    if unit is _WORK_DAY and calendar.work_day_mode is _END_OF_DAY:
        return calendar.working_days(now, due_at)
    return calendar.working_seconds(now, due_at)


def resume(calendar: Calendar, now: int, remaining: int, unit: TimeUnit) -> Due:
    """The deadline when a stopped clock goes on at `now` with what was left, in the unit's measure.

    Nothing left is due at once; in mode ``end_of_day`` it is due at the end of the first working day not over.
    Raises ValueError for a negative rest and CalendarRangeError outside the years 1990 to 2100.
    """
    if remaining < 0:
        raise ValueError(f"a clock cannot go on with {remaining} left: what remains is never negative")
    if unit in _URGENT:
        return _continuous(now, remaining)
    if unit is _WORK_DAY and calendar.work_day_mode is _END_OF_DAY:
        at = calendar.add_working_days(now, remaining)
    else:
        at = calendar.advance(now, remaining)
    return _made(at, calendar.is_provisional(now, at))


def fraction(calendar: Calendar, start: int, due_at: int, percent: int, unit: TimeUnit) -> int:
    """The first instant at which `percent` of the time from start to deadline is used.

    For ``urgent_*`` that is a share of all seconds, for ``work_*`` (both modes) of the working seconds. 0 gives the
    start, 100 the deadline itself, more than 100 an instant after it. Where no working second lies between start
    and deadline, all seconds count. Raises ValueError for a negative percentage.
    """
    if percent < 0:
        raise ValueError(f"{percent} percent of a limit: a share cannot be negative")
    if percent == 0 or due_at <= start:
        return start if percent == 0 else due_at
    if percent == 100:
        return due_at
    total = 0 if unit in _URGENT else calendar.working_seconds(start, due_at)
    if total == 0:
        return start + _share(due_at - start, percent)
    return calendar.advance(start, _share(total, percent))


def _share(total: int, percent: int) -> int:
    return -(-total * percent // 100)
