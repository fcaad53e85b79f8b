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
from gewu.registry.divisions import divided
from gewu.registry.entries import PlaceInfo
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.public.duty import TYPE as DUTY
from gewu.surfaces.public.remembered import Remembered
from gewu.surfaces.public.showcase import period_name
from gewu.surfaces.public.site import language, with_district
from gewu.surfaces.public.workdays import TYPE as WORKDAY
from gewu.surfaces.public.workdays import month_name, present_month


@dataclass(frozen=True, slots=True)
class Territory:
    """Names and codes of what lies below the district, in their order. ``places`` where codes tell no kinds."""

    streets: list[tuple[str, str]]
    towns: list[tuple[str, str]]
    places: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Front:
    """The numbers behind the three doors. ``period`` is that of the latest published round, or empty."""

    sessions: int
    matters: int
    period: str
    results: int
    operations: int


_fronts: Remembered[_Front] = Remembered()


@require_safe
@with_district
def home(request: HttpRequest, directory: Directory) -> HttpResponse:
    """What this is and where it leads. Its numbers are at most a minute old."""
    month = present_month(directory)
    key = (directory.district.id, directory.version, month)
    front = _fronts.get(key, lambda: _front(directory.district.id, month))
    context: dict[str, object] = {
        "district": directory.district.name(language()),
        "month": month_name(month),
        "sessions": front.sessions,
        "matters": front.matters,
        "round": period_name(front.period) if front.period else "",
        "results": front.results,
        "operations": front.operations,
        "territory": territory(directory),
    }
    return render(request, "public/home.html", context)


def _front(district: int, month: str) -> _Front:
    """Four statements: two for workdays, one each for showcase and joint duty."""
    held = figures(district, SYSTEM, Filter(WORKDAY, period=month))
    rounds = published(district, 1)
    duty = totals(district, SYSTEM, ResultFilter(type=DUTY), by=())
    return _Front(
        held.sessions,
        held.matters,
        rounds[0].period if rounds else "",
        duty[0].lines if duty else 0,
        duty[0].occasions if duty else 0,
    )


def territory(directory: Directory) -> Territory:
    """Streets and towns of a district, by name, each leading to the boards of its communities."""
    found = divided(directory.places_in(directory.district.code))
    return Territory(
        *([(_name(place), place.code) for place in part] for part in (found.streets, found.towns, found.rest))
    )


def _name(place: PlaceInfo) -> str:
    name = place.name(language())
    return spaced(name) if language().startswith("zh") else name
