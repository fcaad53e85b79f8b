"""Stations, kiosks and counters: where residents are served, when and what for, as a list and on a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from gewu.core.places import PlaceLevel
from gewu.registry.directory import Directory
from gewu.registry.stations import KINDS, Station
from gewu.registry.stations import stations as listed
from gewu.surfaces.look.context import THEME_COOKIE
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.names import place_name
from gewu.surfaces.public.atlas import SIZES, Drawing, Window, atlas_of, draw
from gewu.surfaces.public.site import language, polite, with_district
from gewu.surfaces.throttle import budgets


@dataclass(frozen=True, slots=True)
class Line:
    """A station in the list; ``number`` is that on the drawing, 0 where no position is entered."""

    number: int
    kind: str
    name: str
    where: str
    address: str
    hours: str
    services: str
    phone: str
    access: str
    synthetic: bool
    code: str


@require_safe
@polite
@with_district
def stations(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The list of a street, of a kind, or of all; no statement once the registry is known."""
    budgets.spend_here(request, budgets.BOARD)
    found, street, kind = _wanted(request, directory)
    every = listed(directory)
    streets = sorted({station.place[: PlaceLevel.STREET.digits] for station in every})
    window = _window(directory, found, street)
    chosen = {name: value for name, value in (("street", street), ("kind", kind)) if value}
    context: dict[str, object] = {
        "district": _said(directory.district.name(language())),
        "lines": [_line(directory, number, station) for number, station in _numbered(found)],
        "any": bool(every),
        "street": street,
        "kind": kind,
        "streets": [(code, _said(place_name(directory, code, language()))) for code in streets],
        "kinds": [(code, kind_name(code)) for code in KINDS if any(s.kind == code for s in every)],
        "map": window is not None and any(s.lon is not None for s in found),
        "sizes": [(size, window.height(size)) for size in SIZES] if window else [],
        "query": urlencode(chosen),
        "directory": directory,
        "synthetic": atlas_of(directory).synthetic,
    }
    return render(request, "public/stations.html", context)


@require_safe
@polite
@with_district
def drawing(request: HttpRequest, directory: Directory, size: int) -> HttpResponse:
    """The drawing beside the list, with the same filters."""
    budgets.spend_here(request, budgets.BOARD)
    found, street, _kind = _wanted(request, directory)
    window = _window(directory, found, street)
    if window is None or size not in SIZES:
        raise Http404
    numbered = [(n, s.lon, s.lat) for n, s in _numbered(found) if s.lon is not None and s.lat is not None]
    wanted = Drawing(window, street or directory.district.code, chosen=street, numbered=numbered)
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    svg = draw(directory, atlas_of(directory), wanted, size, language(), theme)
    response = HttpResponse(svg, content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


@require_safe
@polite
@with_district
def points(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The stations of a list for its map (see ``docs/maps.md``)."""
    budgets.spend_here(request, budgets.BOARD)
    found, _street, _kind = _wanted(request, directory)
    features = []
    for number, station in _numbered(found):
        if station.lon is None:
            continue
        line = _line(directory, number, station)
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [station.lon, station.lat]},
                "properties": {
                    "title": f"{number} {line.name}",
                    "line": f"{line.kind} · {line.hours}",
                    "href": f"{reverse('public:stations')}#{station.code}",
                    "state": "stand",
                },
            }
        )
    response = JsonResponse({"type": "FeatureCollection", "features": features})
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def kind_name(kind: str) -> str:
    """What a kind is called."""
    return {
        "station": pgettext("station", "Rest station"),
        "kiosk": pgettext("station", "Kiosk"),
        "counter": pgettext("station", "Counter"),
    }.get(kind, kind)


def _wanted(request: HttpRequest, directory: Directory) -> tuple[list[Station], str, str]:
    every = listed(directory)
    street, kind = request.GET.get("street", ""), request.GET.get("kind", "")
    if street and directory.place(street) is None:
        raise Http404(pgettext("resident", "There is no such street."))
    kind = kind if kind in KINDS else ""
    return [s for s in every if s.place.startswith(street) and kind in ("", s.kind)], street, kind


def _numbered(found: list[Station]) -> list[tuple[int, Station]]:
    return list(enumerate(found, start=1))


def _window(directory: Directory, found: list[Station], street: str) -> Window | None:
    atlas = atlas_of(directory)
    if atlas.empty:
        return None
    points = [(s.lon, s.lat) for s in found if s.lon is not None and s.lat is not None]
    return atlas.window(street) if street in atlas.shapes else atlas.around(points, directory.district.code)


def _line(directory: Directory, number: int, station: Station) -> Line:
    said = language()

    def words(what: str) -> str:
        return _said(station.said(what, said))

    return Line(
        number if station.lon is not None else 0,
        kind_name(station.kind),
        words("name"),
        _said(place_name(directory, station.place, said)),
        words("address"),
        words("hours"),
        words("services"),
        station.work_phone,
        words("access"),
        station.synthetic,
        station.code,
    )


def _said(text: str) -> str:
    return spaced(text) if chinese(language()) else text
