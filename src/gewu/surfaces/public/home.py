"""The first page: what residents can do here, the three doors behind which the district works, and its territory."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gewu.assessments.queries.rounds import published
from gewu.ledger.door import SYSTEM
from gewu.occasions.queries import Filter, figures
from gewu.occasions.queries.results import ResultFilter, totals
from gewu.registry.directory import Directory
from gewu.registry.entries import PlaceInfo
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.public.duty import TYPE as DUTY
from gewu.surfaces.public.showcase import period_name
from gewu.surfaces.public.site import language, with_district
from gewu.surfaces.public.workdays import TYPE as WORKDAY
from gewu.surfaces.public.workdays import month_name, present_month

STREET = "街道"
"""How the name of a street office's territory ends; other places below a district are towns and townships."""


@dataclass(frozen=True, slots=True)
class Territory:
    """The names of what lies below the district, in the order of codes."""

    streets: list[str]
    towns: list[str]


@require_safe
@with_district
def home(request: HttpRequest, directory: Directory) -> HttpResponse:
    """What this is and where it leads. Four statements: two for workdays, one each for showcase and joint duty."""
    district = directory.district.id
    month = present_month(directory)
    held = figures(district, SYSTEM, Filter(WORKDAY, period=month))
    rounds = published(district, 1)
    duty = totals(district, SYSTEM, ResultFilter(type=DUTY), by=())
    context: dict[str, object] = {
        "district": directory.district.name(language()),
        "month": month_name(month),
        "sessions": held.leader_sessions + held.street_sessions,
        "matters": held.matters,
        "round": period_name(rounds[0].period) if rounds else "",
        "results": duty[0].lines if duty else 0,
        "operations": duty[0].occasions if duty else 0,
        "territory": territory(directory),
    }
    return render(request, "public/home.html", context)


def territory(directory: Directory) -> Territory:
    """Streets and towns of a district, by name."""
    places = sorted(directory.places_in(directory.district.code), key=lambda place: place.code)
    streets = [_name(p) for p in places if p.name_zh.endswith(STREET)]
    towns = [_name(p) for p in places if not p.name_zh.endswith(STREET)]
    return Territory(streets, towns)


def _name(place: PlaceInfo) -> str:
    name = place.name(language())
    return spaced(name) if language().startswith("zh") else name
