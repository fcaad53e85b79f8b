"""Template tags of the desk."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gewu.surfaces import words
from gewu.surfaces.desk.present.case import Part, Shown
from gewu.surfaces.desk.present.maps import bounds_of
from gewu.surfaces.desk.present.moves import MoveForm, PhotoWish
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.maps import describe

register = template.Library()

CASE_SPAN = 0.02
"""Width of the map of a case, in degrees of longitude: a community and its neighbours."""


@register.filter
def photo_role(role: str) -> str:
    """What a photo shows: before, after, scene ..."""
    return words.name(role, get_language() or "en")


@register.filter
def any_error(form: MoveForm) -> bool:
    """Whether a field of the form has an error."""
    return any(one.error for one in form.inputs)


@register.filter
def photo_wishes(form: MoveForm) -> list[PhotoWish]:
    """The photo inputs of a form: those that it needs, else one that is optional where photos make sense."""
    if form.documents:
        least = max(0, sum(w.least for w in form.photos) - len(form.kept))
        label = _("Scan (PDF) or photos, at least %(n)d") % {"n": least} if least else _("Scans (PDF) or photos")
        return [PhotoWish("other", least, label)]
    if form.photos:
        have = [role for _id, role in form.kept]
        return [PhotoWish(w.role, max(0, w.least - have.count(w.role)), w.label) for w in form.photos]
    if form.move.additive or form.move.creates:
        return [PhotoWish("scene", 0, _("Photos"))]
    return []


@register.filter
def ended_parts(shown: Shown) -> list[Part]:
    """The parts that are over."""
    return [part for part in shown.parts if not part.live]


@register.inclusion_tag("desk/parts/map.html", takes_context=True)
def map_of(context: Context, shown: Shown) -> dict[str, Any]:
    """The map of a case: its point where it has one, else its place alone."""
    row = shown.view.row
    query = {"place": row.place}
    if row.lon_e6 is not None and row.lat_e6 is not None:
        point = f"{row.lon_e6 / 1_000_000:.6f},{row.lat_e6 / 1_000_000:.6f}"
        query |= {"at": point, "point": point, "span": str(CASE_SPAN)}
    alt = _("Map: the case lies in %(place)s") % {"place": shown.place}
    live = _live(context["desk"], shown) if context.get("desk") is not None else {}
    return {"map_query": urlencode(query), "map_alt": alt, "look_theme": context.get("look_theme", "auto"), **live}


def _live(desk: Desk, shown: Shown) -> dict[str, Any]:
    """What the live map of a case is told: its point, what lies near it, its own grid and the lead unit's territory."""
    row = shown.view.row
    unit = desk.directory.units.get(row.lead_unit)
    places = [row.place, unit.place if unit else ""]
    point = f"{row.lon_e6 / 1_000_000:.6f},{row.lat_e6 / 1_000_000:.6f}" if row.lon_e6 and row.lat_e6 else ""
    return {
        "directory": desk.directory,
        "map_base": describe.DESK,
        "map_points": reverse("desk:case-around", args=[row.number]) if point else "",
        "map_point": point,
        "map_bounds": "" if point else bounds_of(desk.directory, row.place),
        "map_places": " ".join(dict.fromkeys(code for code in places if len(code) > len(desk.directory.district.code))),
    }
