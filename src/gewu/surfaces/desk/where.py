"""Where something is, as a form says it: a name, coordinates in some datum, or a point on the map."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from gewu.cases.services import UnknownPlace, Where, position_of
from gewu.ledger.lookups import Position
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.formdata import clean_text, sentence
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Choice, Field

DATUMS = ("wgs84", "gcj02", "bd09")
_PAIR = re.compile(r"^\s*(-?[0-9.]+)\s*[,，\s]\s*(-?[0-9.]+)\s*$")


@dataclass(slots=True)
class Given:
    """What the form says of the place: what it means, and what is wrong with it."""

    where: Where = field(default_factory=Where)
    position: Position | None = None
    faults: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    empty: bool = True


def read(data: QueryDict, desk: Desk, *, required: bool = False) -> Given:
    """Read and locate the place of a form. Coordinates count before a name; ``side`` says which side of a boundary."""
    given = Given(typed={name: clean_text(data.get(name, "")) for name in ("place", "lon", "lat", "datum", "side")})
    typed = given.typed
    if typed["datum"] not in DATUMS:
        typed["datum"] = DATUMS[0]
    pair = _PAIR.match(typed["lon"]) if not typed["lat"] else None
    if pair:
        typed["lon"], typed["lat"] = pair[1], pair[2]
    if typed["lon"] or typed["lat"]:
        _coordinates(given)
    elif typed["place"]:
        meant = find.meant_place(desk.directory, typed["place"], desk.language)
        if meant.code:
            given.where, given.empty = Where(place=meant.code), False
        else:
            given.faults["place"] = sentence(meant)
    elif required:
        given.faults["place"] = _("Say where it is: a community, coordinates or a point on the map")
    if not given.faults and not given.empty:
        _locate(given, desk)
    return given


def _coordinates(given: Given) -> None:
    typed = given.typed
    try:
        lon, lat = float(typed["lon"]), float(typed["lat"])
    except ValueError:
        lon = lat = math.nan
    if not (math.isfinite(lon) and math.isfinite(lat)):
        given.faults["lon"] = _("Longitude and latitude are two numbers, like 108.4087 and 30.8075")
        return
    given.where, given.empty = Where(lon, lat, typed["datum"], typed["side"]), False


def _locate(given: Given, desk: Desk) -> None:
    try:
        given.position = position_of(desk.directory, given.where)
    except (OutsideDistrict, BadPosition, UnknownPlace) as error:
        name = "lon" if given.where.lon is not None else "place"
        text = words.error_text(error, desk.language, None, desk.directory)
        where = given.where
        if isinstance(error, BadPosition) and where.lat is not None and 90 < abs(where.lat) <= 180:
            text = f"{text} {words.error_words('swapped', desk.language)}"
        given.faults[name] = text


def fields(typed: dict[str, str], faults: dict[str, str], prefix: str = "at") -> dict[str, Field]:
    """The inputs for a place."""
    datums = {
        "wgs84": _("WGS-84 (satellite receivers)"),
        "gcj02": _("GCJ-02 (Amap, Tencent)"),
        "bd09": _("BD-09 (Baidu)"),
    }
    number = {"inputmode": "decimal", "autocomplete": "off"}
    return {
        "place": Field(
            "place",
            _("Community, street or grid"),
            value=typed.get("place", ""),
            hint=_("Its name or code"),
            error=faults.get("place", ""),
            required=True,
            prefix=prefix,
            attrs={"data-find": "places", "autocomplete": "off"},
        ),
        "lon": Field(
            "lon", _("Longitude"), value=typed.get("lon", ""), error=faults.get("lon", ""), prefix=prefix, attrs=number
        ),
        "lat": Field("lat", _("Latitude"), value=typed.get("lat", ""), prefix=prefix, attrs=number),
        "datum": Field(
            "datum",
            _("Coordinates are in"),
            "select",
            typed.get("datum") or DATUMS[0],
            choices=[Choice(code, datums[code]) for code in DATUMS],
            required=True,
            prefix=prefix,
        ),
    }


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a boundary."""

    code: str
    name: str
    picked: bool


def sides(position: Position, desk: Desk) -> list[Side]:
    """Both sides of a boundary that a point is near, to choose from; empty when it is on none."""
    if not position.on_boundary or len(position.candidates) < 2:
        return []
    return [
        Side(code, names.place_full(desk.directory, code, desk.language), code == position.place)
        for code in position.candidates
    ]
