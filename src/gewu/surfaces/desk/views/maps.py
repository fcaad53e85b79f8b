"""Cases on maps of the desk: around one case, and a queue seen on the district."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases.queries import first_photos
from gewu.cases.queries.lists import Filter
from gewu.cases.queries.maps import Box, MapCase, cases_within, cells_within
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.maps import bounds_of, ground
from gewu.surfaces.desk.queues import FILTERS, asked_for, title
from gewu.surfaces.desk.views.case import open_case, record_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.dates import short_words
from gewu.surfaces.maps.hexes import hexagons

AROUND_M, AROUND_MOST = 600, 60
"""Metres round a case within which open ones are shown on its map, and how many at most."""
SINGLE = 400
"""So many cases are single points; more are hexagons."""
FAR, SINGLE_FAR = 11.0, 80
"""Below this zoom signs lie over each other: hexagons begin earlier."""
NEAR, PICTURED = 17.0, 12
"""From this zoom on so few cases show their first photos."""
CELLS = 6000
ACROSS = 22
"""Hexagons from one side of a map to the other."""


@desk_page()
@require_safe
def around(_request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """A case and the open ones near it as points, for the map on its page."""
    opened = open_case(desk, record_of(desk, number))
    row = opened.view.row
    features: list[dict[str, Any]] = []
    if row.lon_e6 is not None and row.lat_e6 is not None:
        up = AROUND_M / 111_320 * 1e6
        wide = up / max(0.01, math.cos(math.radians(row.lat_e6 / 1e6)))
        box = (
            round(row.lon_e6 - wide), round(row.lat_e6 - up), round(row.lon_e6 + wide), round(row.lat_e6 + up)
        )  # fmt: skip
        found, _more = cases_within(desk.district_id, desk.acting, Filter(ended=False), box, limit=AROUND_MOST)
        now = timezone.now()
        features = [_feature(desk, one, now) for one in found if one.number != number]
        place = names.place_short(desk.directory, row.place, desk.language)
        own = {"title": f"{number} {names.category(desk.directory, row.category, desk.language)}", "line": place}
        features.append(_point(row.lon_e6, row.lat_e6, {**own, "state": "own"}))
    return _answer({"type": "FeatureCollection", "features": features})


@desk_page()
@require_safe
def queue_map(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A queue on the map, with the filters it has as a list."""
    asked = asked_for(desk, request.GET.dict())
    kept = {k: v for k in FILTERS if (v := request.GET.get(k, ""))}
    query = urlencode({"queue": asked.code, **kept})
    context: dict[str, object] = {
        "queue": asked.code,
        "queue_title": title(asked.code, desk),
        "fields": asked.fields,
        "filtered": bool(kept),
        "errors": asked.errors,
        "points_url": f"{reverse('desk:map-points')}?{query}",
        "list_url": f"{reverse('desk:home')}?{query}",
        "place": asked.filter.place,
        "bounds": bounds_of(desk.directory, asked.filter.place) if asked.filter.place else "",
    }
    return page(request, desk, "desk/map.html", context, status=422 if asked.errors else 200)


@desk_page()
@require_safe
def points(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases of a queue inside ``bbox`` (west,south,east,north): points while they are few, else hexagons."""
    asked = asked_for(desk, request.GET.dict())
    box = _box(request.GET.get("bbox", ""), desk)
    if asked.errors:
        return _answer({"type": "FeatureCollection", "features": []})
    most = SINGLE_FAR if _zoom(request.GET.get("zoom", "")) < FAR else SINGLE
    found, more = cases_within(desk.district_id, desk.acting, asked.filter, box, limit=most)
    if not more:
        now = timezone.now()
        near = len(found) <= PICTURED and NEAR <= _zoom(request.GET.get("zoom", "")) < math.inf
        photos = first_photos(desk.district_id, [one.record_id for one in found], 1) if near and found else {}
        features = [_feature(desk, one, now, photos.get(one.record_id)) for one in found]
        return _answer({"type": "FeatureCollection", "features": features, "total": len(features)})
    west, south, east, north = box
    side = max(1, (east - west) // (ACROSS * 4))
    lat = (south + north) / 2e6
    squeeze = math.cos(math.radians(lat))
    cells = cells_within(
        desk.district_id, desk.acting, asked.filter, box, across=side, up=max(1, round(side * squeeze)), limit=CELLS
    )
    radius = (east - west) / 1e6 * squeeze / ACROSS / math.sqrt(3)
    features = hexagons(cells, lat, radius)
    return _answer({"type": "FeatureCollection", "features": features, "total": sum(cell.n for cell in cells)})


def _zoom(text: str) -> float:
    """How near the map is; as near as can be where that is not said."""
    try:
        return float(text)
    except ValueError:
        return math.inf


def _box(text: str, desk: Desk) -> Box:
    """The box that was asked for, in millionths of a degree, no larger than the district with a margin."""
    bounds = ground(desk.directory).bounds
    west, south, east, north = bounds[0] - 1, bounds[1] - 1, bounds[2] + 1, bounds[3] + 1
    try:
        asked = [float(part) for part in text.split(",")]
    except ValueError:
        asked = []
    if len(asked) == 4 and all(math.isfinite(edge) for edge in asked) and asked[0] < asked[2] and asked[1] < asked[3]:
        west, south = max(west, asked[0]), max(south, asked[1])
        east, north = max(west + 1e-6, min(east, asked[2])), max(south + 1e-6, min(north, asked[3]))
    return round(west * 1e6), round(south * 1e6), round(east * 1e6), round(north * 1e6)


def _feature(desk: Desk, one: MapCase, now: datetime, photos: Sequence[UUID] | None = None) -> dict[str, Any]:
    playbook = desk.playbook_of(one.playbook, one.playbook_version)
    stage = names.typeset(words.stage_name(playbook, one.stage, desk.language), desk.language)
    state = "ended" if one.ended else "time"
    if one.due_at is not None:
        state = "late" if one.due_at < now else "soon" if one.warns_at and one.warns_at <= now else "time"
    due = short_words(timezone.localtime(one.due_at), timezone.localtime(now), desk.language) if one.due_at else ""
    said = [names.place_short(desk.directory, one.place, desk.language), stage]
    if due:
        said.append(_("until %(at)s") % {"at": due})
    title = f"{one.number} {names.category(desk.directory, one.category, desk.language)}"
    facts = {"title": title, "line": " · ".join(said), "href": reverse("desk:case", args=[one.number]), "state": state}
    if photos:
        facts["photo"] = reverse("desk:thumb", args=[photos[0]])
    return _point(one.lon_e6, one.lat_e6, facts)


def _point(lon_e6: int, lat_e6: int, facts: dict[str, str]) -> dict[str, Any]:
    at = [lon_e6 / 1_000_000, lat_e6 / 1_000_000]
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": at}, "properties": facts}


def _answer(collection: dict[str, Any]) -> HttpResponse:
    answer = JsonResponse(collection, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
