"""Working calendars: from what packs and tables hold to the immutable calendars of the core."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gewu.core.calendar import Calendar, DayKind, Season, WorkDayMode


def parse_season(season: Mapping[str, Any]) -> Season:
    """A season of the core from its written form. Raises ``CalendarError`` naming the part that cannot be read."""
    return Season.parse(season["from"], season["to"], season["days"], season["windows"])


def make_calendar(
    spec: Mapping[str, Any],
    *,
    timezone: str,
    work_day_mode: str,
    exceptions: Mapping[date, str],
    published_years: frozenset[int],
) -> Calendar:
    """The calendar of the core that a stored spec describes. Raises ``CalendarError`` when it never works."""
    return Calendar(
        timezone=timezone,
        seasons=tuple(parse_season(season) for season in spec["seasons"]),
        exceptions={day: DayKind(kind) for day, kind in exceptions.items()},
        published_years=published_years,
        day_seconds=spec["day_seconds"],
        work_day_mode=WorkDayMode(work_day_mode),
    )
