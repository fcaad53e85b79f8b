"""Maps of the district's own polygons, drawn as SVG: streets from afar, communities nearer, grids near by.

Synthetic polygons are hatched and the map says so. Longitude and latitude are degrees in WGS-84; the drawing is a plane
with the scale of the middle latitude, good enough for a district.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import shapely
from django.utils.html import escape
from django.utils.translation import gettext as _
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from gewu.registry import models
from gewu.registry.directory import Directory
from gewu.surfaces.desk.present import names

SIZES = {"small": (400, 300), "wide": (720, 405)}
"""Pixels of the drawings: beside a case, and for choosing a point."""
STREETS_ABOVE, COMMUNITIES_ABOVE = 0.22, 0.045
"""Spans in degrees of longitude above which streets, and above which communities are drawn; below it grids."""
LABELS = 40
NEAREST, FARTHEST = 0.004, 3.0


@dataclass(frozen=True, slots=True)
class View:
    """The part of the world that a map shows: its middle and width in degrees of longitude, and its size in pixels."""

    lon: float
    lat: float
    span: float
    width: int = 400
    height: int = 300

    @property
    def squeeze(self) -> float:
        """Length of a degree of longitude against one of latitude."""
        return math.cos(math.radians(self.lat))

    @property
    def rise(self) -> float:
        """The height in degrees of latitude."""
        return self.span * self.squeeze * self.height / self.width

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        half_x, half_y = self.span / 2, self.rise / 2
        return self.lon - half_x, self.lat - half_y, self.lon + half_x, self.lat + half_y

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        """Pixels of a position."""
        west, _south, _east, north = self.bounds
        return (lon - west) / self.span * self.width, (north - lat) / self.rise * self.height


@dataclass(frozen=True, slots=True)
class Ground:
    """The polygons of a district by kind, as they were loaded."""

    shapes: dict[str, list[tuple[str, BaseGeometry]]]
    trees: dict[str, shapely.STRtree]
    generated: frozenset[str]
    """Codes of polygons that nobody surveyed: synthetic places, and what is put together from them."""
    bounds: tuple[float, float, float, float]


_held: dict[int, tuple[object, Ground]] = {}
_lock = threading.Lock()


def ground(directory: Directory) -> Ground:
    """The polygons of a district, read once for each version of the registry (one statement)."""
    key = (directory.version, directory.as_of)
    held = _held.get(directory.district.id)
    if held is not None and held[0] == key:
        return held[1]
    with _lock:
        found = _load(directory)
        _held[directory.district.id] = (key, found)
        return found


def _load(directory: Directory) -> Ground:
    rows = models.Place.objects.filter(district_id=directory.district.id).values_list("code", "kind", "geometry")
    shapes: dict[str, list[tuple[str, BaseGeometry]]] = {}
    for code, kind, geometry in rows:
        if geometry is not None and directory.places[code].active:
            shapes.setdefault(kind, []).append((code, shape(geometry)))
    trees = {kind: shapely.STRtree([polygon for _code, polygon in found]) for kind, found in shapes.items()}
    everything = [polygon for _code, polygon in (shapes.get("district") or [x for y in shapes.values() for x in y])]
    bounds = shapely.total_bounds(everything).tolist() if everything else [0.0, 0.0, 1.0, 1.0]
    synthetic = [place.code for place in directory.places.values() if place.synthetic and place.active]
    generated = frozenset(code[:n] for code in synthetic for n in (9, 12, len(code)))
    return Ground(shapes, trees, generated, (bounds[0], bounds[1], bounds[2], bounds[3]))


def pair(text: str) -> tuple[float, float] | None:
    """``lon,lat`` as two finite numbers, or None."""
    parts = text.split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def view_of(directory: Directory, at: str = "", span: str = "", size: str = "small", place: str = "") -> View:
    """The view that was asked for: round a point, round a place, or the whole district."""
    width, height = SIZES.get(size, SIZES["small"])
    if place and not at:
        at, span = _round(directory, place)
    west, south, east, north = ground(directory).bounds
    whole = max(east - west, (north - south) / math.cos(math.radians((south + north) / 2)) * width / height) * 1.05
    middle = pair(at) or ((west + east) / 2, (south + north) / 2)
    try:
        wanted = float(span)
    except ValueError:
        wanted = whole
    wanted = wanted if math.isfinite(wanted) else whole
    wanted = round(min(max(wanted, NEAREST), whole, FARTHEST), 6)
    return View(round(middle[0], 6), round(middle[1], 6), wanted, width, height)


def _round(directory: Directory, place: str) -> tuple[str, str]:
    """Middle and span of a view in which a place lies among its neighbours; empty when it has no polygon."""
    info = directory.places.get(place)
    if info is None or info.kind == "district":
        return "", ""
    found = next((polygon for code, polygon in ground(directory).shapes.get(info.kind, ()) if code == place), None)
    if found is None:
        return "", ""
    west, south, east, north = found.bounds
    return f"{(west + east) / 2:.6f},{(south + north) / 2:.6f}", f"{max(east - west, north - south) * 2.5:.6f}"


def bounds_of(directory: Directory, place: str) -> str:
    """West, south, east, north of a place, joined by commas; empty when it has no polygon."""
    info = directory.places.get(place)
    shapes = ground(directory).shapes.get(info.kind, ()) if info else ()
    found = next((polygon for code, polygon in shapes if code == place), None)
    return ",".join(f"{edge:.6f}" for edge in found.bounds) if found is not None else ""


def draw(
    directory: Directory,
    view: View,
    point: tuple[float, float] | None,
    place: str,
    language: str,
    *,
    dark: bool = False,
) -> str:
    """The map as an SVG document. ``place`` is filled: the own cell on the map.

    Colours stand in attributes: a style element would need an exception in the content security policy.
    """
    return _drawn(_Key(directory, ground(directory)), view, point, place, language, DARK if dark else LIGHT)


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of a map, the values of the design tokens."""

    ground: str
    land: str
    line: str
    edge: str
    ink: str
    accent: str


LIGHT = Colours("#f6f5f1", "#ffffff", "#8d9692", "#59625f", "#1a1f1e", "#0f5e63")
DARK = Colours("#121514", "#1a1f1e", "#5f6a66", "#a2aba8", "#e6eae8", "#63c1c1")


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    directory: Directory
    ground: Ground

    def __hash__(self) -> int:
        return hash(id(self.ground))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.ground is self.ground


@lru_cache(maxsize=256)
def _drawn(
    key: _Key, view: View, point: tuple[float, float] | None, place: str, language: str, colours: Colours
) -> str:
    directory, found = key.directory, key.ground
    district_digits = len(directory.district.code)
    kind = _kind(view, found)
    frame = box(*view.bounds)
    wide = frame.buffer(view.span)
    tolerance = view.span / view.width * 0.7
    outline = f'fill="{colours.land}" stroke="{colours.edge}" stroke-width="1.5"'
    line = f'fill="none" stroke="{colours.line}" stroke-width=".7"'
    own = f'fill="{colours.accent}" fill-opacity=".25" stroke="{colours.accent}" stroke-width="1.6"'
    hatched: list[str] = []
    land = [_path(view, polygon.simplify(tolerance), outline) for _, polygon in _within(found, "district", frame)]
    parts: list[str] = []
    labels: list[str] = []
    cells = _within(found, kind, frame)
    for code, whole in cells:
        info = directory.places[code]
        polygon = whole.intersection(wide).simplify(tolerance)
        mine = len(place) > district_digits and (place.startswith(code) or code.startswith(place))
        if code in found.generated:
            hatched.append(_path(view, polygon, 'fill="url(#h)"'))
        parts.append(_path(view, polygon, own if mine else line))
        if len(cells) <= LABELS and kind != "grid":
            labels += _label(view, whole.intersection(frame), frame, info.name(language), language, colours)
    pin = [_pin(*view.xy(*point), colours)] if point is not None else []
    return _document(view, [*land, *hatched, *parts, *labels, *pin], _note(kind, language) if hatched else "", colours)


def _label(
    view: View, inner: BaseGeometry, frame: BaseGeometry, name: str, language: str, colours: Colours
) -> list[str]:
    if inner.is_empty or inner.area < frame.area / 90:
        return []
    spot = inner.representative_point()
    x, y = view.xy(spot.x, spot.y)
    return [_text(x, y, names.typeset(name, language), colours, "middle", colours.ink)]


def _text(x: float, y: float, text: str, colours: Colours, anchor: str, fill: str) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="12" font-family="{_FONT}" text-anchor="{anchor}" fill="{fill}"'
        f' stroke="{colours.land}" stroke-width="3" paint-order="stroke">{escape(text)}</text>'
    )


def _pin(x: float, y: float, colours: Colours) -> str:
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><rect x="-9" y="-9" width="18" height="18" rx="3"'
        f' fill="{colours.accent}" stroke="{colours.land}" stroke-width="2"/>'
        f'<rect x="-4" y="-4" width="8" height="8" rx="1" fill="{colours.land}"/></g>'
    )


def _kind(view: View, found: Ground) -> str:
    wanted = "street" if view.span > STREETS_ABOVE else "community" if view.span > COMMUNITIES_ABOVE else "grid"
    order = {"street": ("street", "community", "grid"), "community": ("community", "street", "grid")}
    return next((k for k in order.get(wanted, ("grid", "community", "street")) if k in found.shapes), "district")


def _within(found: Ground, kind: str, frame: BaseGeometry) -> list[tuple[str, BaseGeometry]]:
    if kind not in found.trees:
        return []
    hits = sorted(found.trees[kind].query(frame, predicate="intersects").tolist())
    return [found.shapes[kind][i] for i in hits]


def _path(view: View, geometry: BaseGeometry, attributes: str) -> str:
    rings = [ring for polygon in _polygons(geometry) for ring in (polygon.exterior, *polygon.interiors)]
    drawn = "".join(_ring(view, ring.coords) for ring in rings)
    return f'<path {attributes} d="{drawn}"/>' if drawn else ""


def _polygons(geometry: BaseGeometry) -> list[shapely.Polygon]:
    if isinstance(geometry, shapely.Polygon):
        return [] if geometry.is_empty else [geometry]
    return [p for p in getattr(geometry, "geoms", ()) if isinstance(p, shapely.Polygon) and not p.is_empty]


def _ring(view: View, points: Iterable[tuple[float, ...]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (view.xy(p[0], p[1]) for p in points)) + "Z"


def _note(kind: str, language: str) -> str:
    plain = {
        "street": _("Synthetic streets: generated, not surveyed"),
        "community": _("Synthetic communities: generated, not surveyed"),
        "grid": _("Synthetic grid: generated, not surveyed"),
    }
    return names.typeset(plain.get(kind, plain["grid"]), language)


_FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"


def _document(view: View, parts: list[str], note: str, colours: Colours) -> str:
    width, height = view.width, view.height
    said = (
        f'<rect y="{height - 24}" width="{width}" height="24" fill="{colours.ground}" fill-opacity=".92"/>'
        + _text(10, height - 8, note, colours, "start", colours.ink)
        if note
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        '<defs><pattern id="h" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line x1="0" y1="0" x2="0" y2="7" stroke="{colours.line}" stroke-opacity=".55"/></pattern></defs>'
        f'<rect width="{width}" height="{height}" fill="{colours.ground}"/>{"".join(parts)}{said}</svg>'
    )
