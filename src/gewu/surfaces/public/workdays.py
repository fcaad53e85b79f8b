"""The building workday as residents see it: when and where leaders and departments come, and what came of it.

Who has not held one yet stands at the desk and not here. Names of residents are nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from gewu.ledger.door import SYSTEM
from gewu.occasions.queries import Figures, Filter, OccasionRow, figures, list_occasions
from gewu.registry.directory import Directory
from gewu.registry.names import place_name
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.public.remembered import Remembered
from gewu.surfaces.public.site import language, with_district

TYPE = "building_workday"
MONTHS = 13
"""How far back strangers may look: a year and the running month."""
MOST = 200
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was announced or held. ``spot`` is where people sit down, told once it is announced."""

    starts_at: datetime | None
    place: str
    building: str
    spot: str
    led_by_leader: bool
    matters: int
    settled: int
    follow: int


_kept: Remembered[tuple[list[OccasionRow], Figures]] = Remembered()


@require_safe
@with_district
def workdays(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The sessions of a month: those to come, those that were held, and what they brought, with n. At most a minute
    old."""
    offered = months(directory)
    wanted = request.GET.get("month", "") or offered[0]
    if wanted not in offered:
        raise Http404(pgettext("resident", "There are sessions of the last twelve months only."))
    district = directory.district.id
    shown, counted = _kept.get((district, directory.version, wanted), lambda: _of_month(district, wanted))
    context: dict[str, object] = {
        "district": directory.district.name(language()),
        "month": wanted,
        "month_name": month_name(wanted),
        "months": [(code, month_name(code)) for code in offered],
        "coming": [_session(directory, row) for row in shown if row.opened_at is None],
        "held": [_session(directory, row) for row in shown if row.opened_at is not None],
        "figures": counted,
    }
    return render(request, "public/workdays.html", context)


def _of_month(district: int, month: str) -> tuple[list[OccasionRow], Figures]:
    """What was told of a month, by its hour, and the figures: three statements."""
    asked = Filter(TYPE, period=month)
    rows = list_occasions(district, SYSTEM, asked, limit=MOST).rows
    shown = sorted((r for r in rows if _told(r)), key=lambda row: (row.starts_at is None, row.starts_at))
    return shown, figures(district, SYSTEM, asked)


def months(directory: Directory) -> list[str]:
    """The months that are shown, the running one first."""
    year, month = (int(part) for part in present_month(directory).split("-"))
    found = []
    for _n in range(MONTHS):
        found.append(f"{year}-{month:02}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def present_month(directory: Directory) -> str:
    """The running month in the district, ``2026-11``."""
    return f"{timezone.now().astimezone(ZoneInfo(directory.district.timezone)):%Y-%m}"


def month_name(month: str) -> str:
    """``2026-11`` as people say it."""
    year, _, number = month.partition("-")
    if chinese(language()):
        return spaced(f"{year}年{int(number)}月")
    return f"{date(int(year), int(number), 1):%B %Y}"


def _told(row: OccasionRow) -> bool:
    """Whether residents were told of it: it was announced or held, and not called off."""
    return row.cancelled_at is None and row.stage not in ("scheduled", "postponed")


def _session(directory: Directory, row: OccasionRow) -> Session:
    place = place_name(directory, row.place, language())
    return Session(
        row.starts_at,
        spaced(place) if chinese(language()) else place,
        row.building,
        row.spot,
        row.led_by == "leader",
        row.matters - row.withdrawn,
        row.matters - row.withdrawn - row.matters_open,
        row.cases_open,
    )
