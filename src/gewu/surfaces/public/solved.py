"""What was solved near me: closed cases by community, before and after where somebody released the pictures.

Told are kind, community, days and how long it took; never the door, the number or a word of whoever reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gewu.cases.queries.solved import COMMUNITY, Solved, solved_by_community, solved_cases
from gewu.keeping import releases
from gewu.registry import boards, positions
from gewu.registry.directory import Directory
from gewu.registry.divisions import divided
from gewu.registry.entries import PlaceInfo
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces.look.dates import chinese, span_words
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.names import category_name, place_name
from gewu.surfaces.public.atlas import atlas_of
from gewu.surfaces.public.places import find_places
from gewu.surfaces.public.remembered import Remembered
from gewu.surfaces.public.site import bounded, language, polite, with_district
from gewu.surfaces.throttle import budgets

PAGE = 20
LONGEST = 60
DAYS = 90
"""Days back that the map counts."""
_counted: Remembered[dict[str, int]] = Remembered(most=8)
_kept: Remembered[list[Solved]] = Remembered(most=256)


@dataclass(frozen=True, slots=True)
class Line:
    """A solved case as the page tells it; ``before`` and ``after`` are copies that somebody released."""

    what: str
    where: str
    reported: date
    closed: date
    took: str
    before: UUID | None
    after: UUID | None


@require_safe
@polite
@with_district
def solved(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The list of a street, a community or the whole district. One statement a minute, and one a request."""
    budgets.spend_here(request, budgets.BOARD)
    said = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    code = request.GET.get("place", "")
    place = directory.place(code) if code else None
    if code and (place is None or place.kind not in ("street", "community")):
        raise Http404(pgettext("resident", "There is no such street or community."))
    found = [p for p in find_places(directory, said) if p.kind in ("street", "community")] if said else []
    if place is None and len(found) == 1:
        return redirect(f"{reverse('public:solved')}?{urlencode({'place': found[0].code})}")
    after = _mark(request.GET.get("after", ""))
    key = (directory.district.id, directory.version, code, after)
    rows = _kept.get(key, lambda: solved_cases(directory.district.id, place=code, after=after, limit=PAGE + 1))
    shown = rows[:PAGE]
    # Asked each time, so that what is withdrawn is gone at once.
    copies = releases.public_copies(directory.district.id, [row.record_id for row in shown])
    more = {**({"place": code} if code else {}), "after": _next(shown[-1])} if len(rows) > PAGE else {}
    street = _street(directory, place)
    context: dict[str, object] = {
        "district": _said(directory.district.name(language())),
        "q": said,
        "found": [(_name(p), _above(directory, p), f"?{urlencode({'place': p.code})}") for p in found],
        "place": place,
        "place_name": _name(place) if place else "",
        "street": street.code if street else "",
        "street_name": _name(street) if street else "",
        "communities": [(_name(p), p.code) for p in boards.communities(directory, street.code)] if street else [],
        "groups": _groups(directory),
        "lines": [_line(directory, row, copies.get(row.record_id, {})) for row in shown],
        "first": after is None,
        "next_url": f"?{urlencode(more)}" if more else "",
        "outside": request.GET.get("outside") == "1",
        "directory": directory,
        "here": code,
    }
    response = render(request, "public/solved.html", context)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@polite
@with_district
def points(request: HttpRequest, directory: Directory) -> HttpResponse:
    """How many were solved in each community in a quarter of a year, at its middle: for the map of the page."""
    budgets.spend_here(request, budgets.BOARD)
    district = directory.district.id
    since = timezone.now() - timedelta(days=DAYS)
    counted = _counted.get((district, directory.version), lambda: solved_by_community(district, since))
    atlas = atlas_of(directory)
    features = []
    for code, n in sorted(counted.items()):
        place, middle = directory.place(code), atlas.middle(code)
        if place is None or middle is None:
            continue
        line = ngettext("%(n)d solved in 90 days", "%(n)d solved in 90 days", n) % {"n": n}
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": middle},
                "properties": {
                    "title": _name(place),
                    "line": _said(line),
                    "href": f"{reverse('public:solved')}?{urlencode({'place': code})}",
                    "state": "time",
                },
            }
        )
    response = JsonResponse({"type": "FeatureCollection", "features": features})
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


@never_cache
@require_POST
@bounded
@polite
@with_district
def here(request: HttpRequest, directory: Directory) -> HttpResponse:
    """From a position that the phone rounded to the page of its community; it is not kept and stands in no address."""
    budgets.spend_here(request, budgets.LOOK)
    try:
        lon, lat = round(float(request.POST.get("lon", "")), 3), round(float(request.POST.get("lat", "")), 3)
        at = positions.locate(directory, lon, lat).place_code
    except (ValueError, OverflowError, BadPosition, OutsideDistrict):
        return redirect(f"{reverse('public:solved')}?outside=1")
    found = directory.place(at[:COMMUNITY])
    if found is None or found.kind not in ("street", "community"):
        return redirect("public:solved")
    return redirect(f"{reverse('public:solved')}?{urlencode({'place': found.code})}")


@require_safe
@polite
@with_district
def photo(request: HttpRequest, directory: Directory, copy_id: UUID) -> HttpResponse:
    """A released copy. Browsers ask each time whether it still is, so that a withdrawn one is shown to nobody."""
    budgets.spend_here(request, budgets.PICTURE)
    data = releases.public_copy(directory.district.id, copy_id)
    if data is None:
        raise Http404(pgettext("resident", "There is no such photo, or it is not public."))
    tag = f'"{copy_id.hex}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(data, content_type="image/jpeg")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _line(directory: Directory, row: Solved, copies: dict[str, UUID]) -> Line:
    said = language()
    zone = ZoneInfo(directory.district.timezone)
    seconds = int((row.closed_at - row.reported_at).total_seconds())
    return Line(
        _said(category_name(directory, row.category, said)) if row.category else _("A problem"),
        _said(place_name(directory, row.place, said)),
        row.reported_at.astimezone(zone).date(),
        row.closed_at.astimezone(zone).date(),
        span_words(seconds, said),
        copies.get("before"),
        copies.get("after"),
    )


def _groups(directory: Directory) -> list[tuple[str, list[tuple[str, str]]]]:
    parts = divided(directory.places_in(directory.district.code))
    groups = [
        (pgettext("resident", "Streets"), parts.streets),
        (pgettext("resident", "Towns and townships"), parts.towns),
        ("", parts.rest),
    ]
    return [(title, [(_name(p), p.code) for p in part]) for title, part in groups if part]


def _street(directory: Directory, place: PlaceInfo | None) -> PlaceInfo | None:
    if place is None or place.kind == "street":
        return place
    return directory.place(place.parent)


def _above(directory: Directory, place: PlaceInfo) -> str:
    above = directory.place(place.parent)
    return _name(above) if above and above.code != directory.district.code else ""


def _name(place: PlaceInfo) -> str:
    return _said(place.name(language()))


def _said(text: str) -> str:
    return spaced(text) if chinese(language()) else text


def _next(row: Solved) -> str:
    return f"{int(row.closed_at.timestamp() * 1_000_000)}~{row.record_id.hex}"


def _mark(text: str) -> tuple[datetime, UUID] | None:
    """Where the page before ended; whatever else somebody wrote into the address begins anew."""
    at, _sep, record = text.partition("~")
    if not (at.isascii() and at.isdigit() and len(at) < 18):
        return None
    try:
        seconds, micros = divmod(int(at), 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), UUID(record)
    except (ValueError, OverflowError, OSError):
        return None
