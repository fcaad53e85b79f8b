"""What a page of figures is asked for: of whom, by what, for which time, as of when; and what a post may count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from gewu.evaluation import api
from gewu.evaluation.api import By, Definitions, Live, Period, Table, Where
from gewu.evaluation.definitions import Indicator
from gewu.surfaces.desk.who import EVALUATES, Desk

ROLES = tuple(sorted(EVALUATES))
AREA, DEPARTMENT, POST = "area", "department", "post"
EARLIEST, LATEST = 2000, 2100
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")
_LEVELS = {"street": By.STREET, "community": By.COMMUNITY}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is asked for. ``group`` None lists all groups for one indicator."""

    of: str
    by: By
    period: Period
    as_of: int
    indicator: Indicator | None
    group: str | None
    live: bool
    """Whether ``as_of`` is simply now."""

    @property
    def query(self) -> dict[str, str]:
        """The same question as a query string has it."""
        found = {"of": self.of, "month": self.period.code, "level": self.by.value}
        if not self.live:
            found["as_of"] = str(self.as_of)
        return found


def asked_of(request: HttpRequest, desk: Desk, known: Definitions) -> tuple[Asked, list[str]]:
    """The question of a request, and what of it was not understood."""
    data, errors = request.GET, []
    of = data.get("of", "") if data.get("of") in (AREA, DEPARTMENT, POST) else AREA
    by = By.UNIT if of == DEPARTMENT else _LEVELS.get(data.get("level", ""), By.STREET)
    zone = desk.directory.district.timezone
    period = period_of(data.get("month", ""), zone)
    if period is None:
        if data.get("month"):
            errors.append(_("Period: a month or a quarter, for example 2026-11 or 2026-Q4."))
        today = timezone.localdate()
        period = api.month(zone, today.year, today.month)
    as_of = instant_of(data.get("as_of", ""), zone)
    if as_of is None and data.get("as_of"):
        errors.append(_("As of: a day and a time, for example 2026-11-30 18:00."))
    code = data.get("indicator", "")
    indicator = known.indicators.get(code)
    if code and (indicator is None or of not in indicator.of):
        indicator = None
    group = data.get("group") if indicator is None else None
    now = int(timezone.now().timestamp())
    return Asked(of, by, period, now if as_of is None else as_of, indicator, group or None, as_of is None), errors


def period_of(text: str, zone: str) -> Period | None:
    """A month (``2026-11``), quarter (``2026-Q4``), year, or days (``2026-11-01/2026-11-15``); None when it is none."""
    try:
        if found := _MONTH.fullmatch(text):
            year, number = int(found[1]), int(found[2])
            return api.month(zone, year, number) if EARLIEST <= year < LATEST and 1 <= number <= 12 else None
        if found := _QUARTER.fullmatch(text):
            year = int(found[1])
            return api.quarter(zone, year, int(found[2])) if EARLIEST <= year < LATEST else None
        if found := _DAYS.fullmatch(text):
            first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
            good = first <= last and first.year >= EARLIEST and last.year < LATEST
            return api.days(zone, first, last) if good else None
    except ValueError:
        return None
    if re.fullmatch(r"\d{4}", text) and EARLIEST <= int(text) < LATEST:
        return api.year_of(zone, int(text))
    return None


def instant_of(text: str, zone: str) -> int | None:
    """An instant: seconds since the epoch, or local time as a form gives it; None when it is none."""
    text = text.strip()
    if re.fullmatch(r"\d{1,12}", text):
        at = int(text)
    else:
        try:
            found = datetime.fromisoformat(text.replace(" ", "T"))
        except ValueError:
            return None
        at = int((found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).timestamp())
    return at if datetime(EARLIEST, 1, 1, tzinfo=ZoneInfo(zone)).timestamp() <= at < 4_102_444_800 else None


def territory(desk: Desk) -> Where:
    """The cases a post may count: those of its territory."""
    scope = desk.acting.scope
    if scope is None or any(desk.directory.district.code.startswith(prefix) for prefix in scope.prefixes):
        return Where()
    if not scope.prefixes:
        raise PermissionDenied(_("This post has no territory of its own, so there is nothing to count for it."))
    return Where(places=tuple(sorted(scope.prefixes)))


def total_of(desk: Desk, indicators: Sequence[Indicator], asked: Asked) -> Table:
    """The figures of a post's whole territory, in one statement."""
    return api.evaluate(
        Live(desk.district_id), indicators, By.TOTAL, [asked.period], as_of=asked.as_of, where=territory(desk)
    )
