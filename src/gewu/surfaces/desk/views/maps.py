"""Cases on maps of the desk: around one case."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases.queries.lists import Filter
from gewu.cases.queries.maps import MapCase, cases_within
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.case import open_case, record_of
from gewu.surfaces.desk.who import Desk, desk_page
from gewu.surfaces.look.dates import short_words

AROUND_M, AROUND_MOST = 600, 60
"""Metres round a case within which open ones are shown on its map, and how many at most."""


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


def _feature(desk: Desk, one: MapCase, now: datetime) -> dict[str, Any]:
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
    return _point(one.lon_e6, one.lat_e6, facts)


def _point(lon_e6: int, lat_e6: int, facts: dict[str, str]) -> dict[str, Any]:
    at = [lon_e6 / 1_000_000, lat_e6 / 1_000_000]
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": at}, "properties": facts}


def _answer(collection: dict[str, Any]) -> HttpResponse:
    answer = JsonResponse(collection, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
