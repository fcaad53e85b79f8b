"""Deadlines by walking: the slow, obvious way to count working time, to hold the fast one against.

It shares no code with the product. It looks at the local clock once a minute, asks whether that minute belongs to a
window, and counts. Every edge of a window and every offset of the zones used lies on a whole minute, so a minute
works as a whole or not at all.

A clock that is turned back does not undo a window: what counts is the furthest time the clock has shown so far.
"""

import csv
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

HOLIDAYS = Path(__file__).parents[2] / "packs" / "standard" / "holidays.csv"
MINUTE = 60

# The date on the furthest clock, and the dates whose windows the minute belongs to, earlier first.
Minute = tuple[date, tuple[date, ...]]


@dataclass(frozen=True)
class Plan:
    """A calendar in the words of a pack. ``kinds`` are (date, "rest" or "workday")."""

    zone: str
    seasons: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    kinds: frozenset[tuple[date, str]] = frozenset()
    published: frozenset[int] = frozenset()
    day_hours: int = 8
    end_of_day: bool = False


@cache
def chinese_holidays() -> frozenset[tuple[date, str]]:
    """The departures from Monday to Friday that the standard pack ships."""
    with HOLIDAYS.open(encoding="utf-8", newline="") as file:
        return frozenset((date.fromisoformat(row["date"]), row["kind"]) for row in csv.DictReader(file))


@dataclass
class Seen:
    """What has been looked at: days (UTC) minute by minute, and the ends of dates."""

    sheets: dict[int, "list[Minute]"]
    ends: dict[date, int | None]


@cache
def _seen(_plan: Plan) -> Seen:
    return Seen({}, {})


@lru_cache(maxsize=400)
def furthest_clock(zone: str, number: int) -> list[datetime]:
    """For each minute of a day (UTC), the furthest that the clock on the wall has shown."""
    readings: list[datetime] = []
    furthest = datetime(1900, 1, 1)  # noqa: DTZ001 - without a zone on purpose: so a clock on the wall is
    for minute in range(number * 1440 - 180, (number + 1) * 1440):
        furthest = max(furthest, datetime.fromtimestamp(minute * MINUTE, ZoneInfo(zone)).replace(tzinfo=None))
        readings.append(furthest)
    return readings[180:]


class Stepper:
    """Walks through one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.kinds = dict(plan.kinds)
        # The minutes are the same whatever a working day is worth, so such plans share what has been looked at.
        self._seen = _seen(replace(plan, day_hours=8, end_of_day=False))
        self._windows: dict[date, list[tuple[datetime, datetime]]] = {}

    # What a day is

    def is_workday(self, day: date) -> bool:
        if day.year in self.plan.published and day in self.kinds:
            return self.kinds[day] == "workday"
        return day.isoweekday() <= 5

    def seasons_of(self, day: date) -> list[tuple[str, tuple[str, ...]]]:
        here = day.strftime("%m-%d")
        found = []
        for first, last, mask, windows in self.plan.seasons:
            wraps = first > last
            if (first <= here <= last) if not wraps else (here >= first or here <= last):
                found.append((mask, windows))
        return found

    def windows_of(self, day: date) -> list[tuple[datetime, datetime]]:
        if day not in self._windows:
            midnight = datetime.combine(day, datetime.min.time())
            found = []
            for mask, windows in self.seasons_of(day):
                if mask == "workdays" and not self.is_workday(day):
                    continue
                for text in windows:
                    hours, minutes, to_hours, to_minutes = (int(part) for part in text.replace("-", ":").split(":"))
                    start = midnight + timedelta(hours=hours, minutes=minutes)
                    end = midnight + timedelta(hours=to_hours, minutes=to_minutes)
                    found.append((start, end if end > start else end + timedelta(days=1)))
            self._windows[day] = found
        return self._windows[day]

    # What a minute is

    def minute(self, instant: int) -> Minute:
        number, second = divmod(instant, 86_400)
        sheet = self._seen.sheets.get(number)
        if sheet is None:
            sheet = self._seen.sheets[number] = self._look_through(number)
        return sheet[second // MINUTE]

    def _look_through(self, number: int) -> list[Minute]:
        sheet: list[Minute] = []
        for shown in furthest_clock(self.plan.zone, number):
            today = shown.date()
            days = [
                day
                for day in (today - timedelta(days=1), today)
                for start, end in self.windows_of(day)
                if start <= shown < end
            ]
            found = (today, tuple(sorted(set(days))))
            sheet.append(sheet[-1] if sheet and sheet[-1] == found else found)  # one object for a whole window
        return sheet

    def works(self, instant: int) -> bool:
        return bool(self.minute(instant)[1])

    def day_of(self, instant: int) -> date:
        """The local date, or the day before while its window still runs."""
        shown, owners = self.minute(instant)
        return owners[0] if owners else shown

    def closing_day(self, due_at: int) -> date:
        """The day that a deadline closes: that of the window it ends or lies in, else its local date."""
        owners = self.minute(due_at - 1)[1]
        return owners[0] if owners else self.minute(due_at)[0]

    # Walking

    def walk(self, start: int, seconds: int) -> int:
        """The instant at which so many working seconds have passed."""
        now = start
        while seconds > 0:
            minute_end = (now // MINUTE + 1) * MINUTE
            if self.works(now):
                step = min(seconds, minute_end - now)
                seconds -= step
                now += step
            else:
                now = minute_end
        return now

    def count(self, start: int, end: int) -> int:
        """Working seconds between two instants."""
        now, total = start, 0
        while now < end:
            stop = min(end, (now // MINUTE + 1) * MINUTE)
            if self.works(now):
                total += stop - now
            now = stop
        return total

    def last_end(self, day: date) -> int | None:
        """The end of the last window of a date, found minute by minute; None when the date has none."""
        if day not in self._seen.ends:
            midnight = (day - date(1970, 1, 1)).days * 86_400
            minutes = range(midnight - 14 * 3600, midnight + 62 * 3600, MINUTE) if self.windows_of(day) else ()
            inside = [instant for instant in minutes if day in self.minute(instant)[1]]
            self._seen.ends[day] = inside[-1] + MINUTE if inside else None
        return self._seen.ends[day]

    # The four answers

    def due(self, start: int, value: int, unit: str) -> int:
        kind, length = unit.split("_")
        if kind == "work" and length == "day" and self.plan.end_of_day:
            return self.resume(start, value, unit)
        hours = {"minute": 1 / 60, "hour": 1, "day": 24 if kind == "urgent" else self.plan.day_hours}[length]
        return self.resume(start, round(value * hours * 3600), unit)

    def resume(self, now: int, rest: int, unit: str) -> int:
        if unit.startswith("urgent"):
            return now + rest
        if unit != "work_day" or not self.plan.end_of_day:
            return self.walk(now, rest)
        day = self.day_of(now)
        end = self.last_end(day)
        if rest == 0:
            while end is None or end <= now:
                day += timedelta(days=1)
                end = self.last_end(day)
            return end
        while rest > 0:
            day += timedelta(days=1)
            end = self.last_end(day)
            rest -= 0 if end is None else 1
        assert end is not None
        return end

    def remaining(self, now: int, due_at: int, unit: str) -> int:
        if unit.startswith("urgent"):
            return max(0, due_at - now)
        if unit != "work_day" or not self.plan.end_of_day:
            return self.count(now, due_at)
        days = 0
        if due_at > now:
            day, last = self.day_of(now), self.closing_day(due_at)
            while day < last:
                day += timedelta(days=1)
                days += 0 if self.last_end(day) is None else 1
        return days

    def fraction(self, start: int, due_at: int, percent: int, unit: str) -> int:
        """The first second at which so much of the working (or all) time is used, second by second at the end."""
        continuous = unit.startswith("urgent")
        total = due_at - start if continuous else self.count(start, due_at)
        now, used = start, 0
        while used * 100 < percent * total:
            if continuous or self.works(now):
                left = -(-(percent * total - used * 100) // 100)
                step = min(left, (now // MINUTE + 1) * MINUTE - now)
                used += step
            else:
                step = (now // MINUTE + 1) * MINUTE - now
            now += step
        return now

    def in_doubt(self, start: int, due_at: int) -> bool:
        """Whether a day from the start's to the deadline's has a kind that nobody has published yet."""
        if due_at <= start:
            return False
        first = self.day_of(start)
        yesterday = self.minute(start)[0] - timedelta(days=1)
        if yesterday.year not in self.plan.published:
            # A day of rest whose evening would still run, were it a workday after all.
            worked = replace(
                self.plan, kinds=frozenset({(yesterday, "workday")}), published=frozenset({yesterday.year})
            )
            first = min(first, Stepper(worked).day_of(start))
        day, last = first, self.closing_day(due_at)
        while day <= last:
            if day.year not in self.plan.published and any(mask == "workdays" for mask, _ in self.seasons_of(day)):
                return True
            day += timedelta(days=1)
        return False
