"""The district's own polygons as a small drawing on which a place can be pointed at, without any script.

A page shows the drawing as an image button: the browser sends where it was pressed, in CSS pixels of the image. So the
size of the image is fixed (one for phones, one for wider screens), and a press can be turned back into a position.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gewu.registry.directory import Directory
from gewu.registry.models import Place

SIZES = (328, 640)
"""Sides of the drawing in CSS pixels: it fits a phone of 360, and the page's column."""
MARGIN = 1.06
NEAR_M = 600.0
"""Half the side of what is shown around a position, in metres."""

_METRES_PER_DEGREE = 111_320.0
_KINDS_LEFT_OUT = ("grid",)


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of ground: centre in degrees WGS-84, half its width in metres, and how high it is for its width.

    ``size`` is the width of the drawing in pixels throughout.
    """

    lon: float
    lat: float
    half_m: float
    ratio: float = 1.0

    def height(self, size: int) -> int:
        """The height of the drawing in pixels."""
        return round(size * self.ratio)

    def scale(self, size: int) -> tuple[float, float]:
        """Pixels per degree of longitude and latitude."""
        pixels = size / (2 * self.half_m)
        return pixels * _METRES_PER_DEGREE * math.cos(math.radians(self.lat)), pixels * _METRES_PER_DEGREE

    def pixel(self, lon: float, lat: float, size: int) -> tuple[float, float]:
        """Where a position lies on the drawing."""
        across, up = self.scale(size)
        return size / 2 + (lon - self.lon) * across, self.height(size) / 2 - (lat - self.lat) * up

    def position(self, x: float, y: float, size: int) -> tuple[float, float]:
        """The position (longitude, latitude) under a pixel."""
        across, up = self.scale(size)
        return self.lon + (x - size / 2) / across, self.lat - (y - self.height(size) / 2) / up

    def ground(self, size: int) -> BaseGeometry:
        """The shown ground with a margin, so that outlines do not end at the edge."""
        west, north = self.position(-6, -6, size)
        east, south = self.position(size + 6, self.height(size) + 6, size)
        return shapely.box(west, south, east, north)


class Atlas:
    """The polygons of a district down to its communities."""

    def __init__(self, directory: Directory) -> None:
        rows = (
            Place.objects.filter(district_id=directory.district.id, geometry__isnull=False)
            .exclude(kind__in=_KINDS_LEFT_OUT)
            .values_list("code", "geometry")
        )
        self.shapes: Mapping[str, BaseGeometry] = {
            code: shape(geometry) for code, geometry in rows if (place := directory.place(code)) and place.active
        }
        for polygon in self.shapes.values():
            shapely.prepare(polygon)
        self.root = directory.district.code
        # Generated places lie inside outlines that were generated with them.
        self.synthetic = any(place.synthetic for place in directory.places.values())

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.shapes

    def window(self, code: str) -> Window:
        """What is seen of a place, or of everything: never narrower than high, and not flatter than a strip."""
        found = self.shapes.get(code)
        if found is None:
            found = self.shapes.get(self.root) or shapely.union_all(list(self.shapes.values()))
        west, south, east, north = found.bounds
        lon, lat = (west + east) / 2, (south + north) / 2
        wide = (east - west) * _METRES_PER_DEGREE * math.cos(math.radians(lat))
        high = (north - south) * _METRES_PER_DEGREE
        return Window(lon, lat, max(wide, high) / 2 * MARGIN, min(1.0, max(0.5, high / max(wide, 1.0))))

    def around(self, points: Sequence[tuple[float, float]], code: str) -> Window:
        """What is seen of some points (longitude, latitude), with room around; of a place where there are none."""
        if not points:
            return self.window(code)
        west, east = min(p[0] for p in points), max(p[0] for p in points)
        south, north = min(p[1] for p in points), max(p[1] for p in points)
        lon, lat = (west + east) / 2, (south + north) / 2
        wide = (east - west) * _METRES_PER_DEGREE * math.cos(math.radians(lat))
        high = (north - south) * _METRES_PER_DEGREE
        half = max(wide, high, 2 * NEAR_M) / 2 * 1.15
        return Window(lon, lat, half, min(1.0, max(0.5, high / max(wide, 1.0))))

    def middle(self, code: str) -> tuple[float, float] | None:
        """A position (longitude, latitude) inside a place that stands for all of it; None without a polygon."""
        polygon = self.shapes.get(code)
        point = polygon.representative_point() if polygon is not None else None
        return (round(point.x, 5), round(point.y, 5)) if point is not None else None

    def parts(self, directory: Directory, code: str) -> list[str]:
        """The places right below one that have a polygon."""
        return [p.code for p in directory.places_in(code) if p.code in self.shapes]

    def part_at(self, directory: Directory, code: str, lon: float, lat: float) -> str:
        """Which part of a place holds a position; empty when none does."""
        point = shapely.Point(lon, lat)
        for part in self.parts(directory, code):
            if shapely.intersects(self.shapes[part], point):
                return part
        return ""


_held: dict[int, tuple[object, Atlas]] = {}
_lock = threading.Lock()


def atlas_of(directory: Directory) -> Atlas:
    """The atlas of a district, made once for each version of the registry."""
    key = (directory.version, directory.as_of)
    held = _held.get(directory.district.id)
    if held is None or held[0] != key:
        with _lock:
            held = _held.get(directory.district.id)
            if held is None or held[0] != key:
                held = (key, Atlas(directory))
                _held[directory.district.id] = held
    return held[1]


_LIGHT = {"land": "#ffffff", "paper": "#f6f5f1", "line": "#7f8984", "thin": "#c9c8c0", "ink": "#1a1f1e",
          "accent": "#0f5e63", "soft": "#e2efef"}  # fmt: skip
_DARK = {"land": "#1a1f1e", "paper": "#121514", "line": "#7b8783", "thin": "#3d4644", "ink": "#e6eae8",
         "accent": "#63c1c1", "soft": "#15312f"}  # fmt: skip


def _style(theme: str) -> str:
    """Colours of the look's tokens: an image does not see the page's own."""

    def rules(c: Mapping[str, str]) -> str:
        return (
            f".p{{fill:{c['paper']}}}.l{{fill:{c['land']};stroke:{c['thin']};stroke-width:1}}"
            f".s{{fill:{c['soft']};stroke:{c['line']};stroke-width:1.25}}"
            f".h{{stroke:{c['thin']};stroke-width:1}}.o{{fill:none;stroke:{c['line']};stroke-width:1.5}}"
            f"text{{fill:{c['ink']};stroke:{c['land']};stroke-width:3;paint-order:stroke;stroke-linejoin:round}}"
            f"text.n{{fill:{c['land']};stroke:none}}"
            f".m{{fill:{c['accent']};stroke:{c['land']};stroke-width:2}}.r{{fill:none;stroke:{c['accent']};stroke-width:2}}"
        )

    if theme == "dark":
        return rules(_DARK)
    light = rules(_LIGHT)
    return light if theme == "light" else f"{light}@media (prefers-color-scheme:dark){{{rules(_DARK)}}}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is wanted: the place whose parts are drawn, the one that is chosen, a position."""

    window: Window
    view: str
    chosen: str = ""
    point: tuple[float, float] | None = None
    numbered: Sequence[tuple[int, float, float]] = ()
    """Points of a list, with their number in it."""


def draw(directory: Directory, atlas: Atlas, wanted: Drawing, size: int, language: str, theme: str = "auto") -> str:
    """The drawing as an SVG document, ``size`` pixels wide."""
    window = wanted.window
    high = window.height(size)
    ground = window.ground(size)
    lines: list[str] = []
    labels: list[tuple[str, float, float]] = []
    parts = atlas.parts(directory, wanted.view)
    around = [c for c in atlas.parts(directory, atlas.root) if c not in parts]
    if not parts:  # a place without parts is drawn among its neighbours
        place = directory.place(wanted.view)
        parent = place.parent if place else atlas.root
        parts = atlas.parts(directory, parent)
    for code in (*around, *parts):
        polygon = atlas.shapes[code]
        if not shapely.intersects(ground, polygon):
            continue
        kind = "s" if code in (wanted.chosen, wanted.view) else "l"
        lines.append(f'<path class="{kind}" d="{_path(polygon, window, ground, size)}"/>')
        if code in parts:
            labels += _label(polygon, directory.places[code].name(language), window, ground, size)
    for code in dict.fromkeys((atlas.root, wanted.view)):
        if code in atlas.shapes:
            hatch = ' style="fill:url(#x)"' if atlas.synthetic and code == atlas.root else ""
            lines.append(f'<path class="o" d="{_path(atlas.shapes[code], window, ground, size)}"{hatch}/>')
    lines += _place_labels(labels, size, high)
    if wanted.point is not None:
        x, y = window.pixel(*wanted.point, size)
        centre = f'cx="{x:.1f}" cy="{y:.1f}"'
        lines.append(f'<circle class="r" {centre} r="16"/><circle class="m" {centre} r="7"/>')
    for number, lon, lat in wanted.numbered:
        x, y = window.pixel(lon, lat, size)
        if 0 <= x <= size and 0 <= y <= high:
            lines.append(f'<circle class="m" cx="{x:.1f}" cy="{y:.1f}" r="10"/>')
            lines.append(f'<text class="n" x="{x:.1f}" y="{y + 4:.1f}" font-size="11">{number}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{high}" viewBox="0 0 {size} {high}"'
        ' font-family="PingFang SC,Microsoft YaHei,Noto Sans CJK SC,Noto Sans SC,sans-serif"'
        f' font-size="{_font(size)}" text-anchor="middle"><style>{_style(theme)}</style>'
        '<defs><pattern id="x" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path class="h" d="M0 0V9" opacity=".55"/></pattern></defs>'
        f'<rect class="p" width="{size}" height="{high}"/>{"".join(lines)}</svg>'
    )


def _path(polygon: BaseGeometry, window: Window, ground: BaseGeometry, size: int) -> str:
    """The outline in pixels, cut to what is shown and no finer than half a pixel."""
    across, up = window.scale(size)
    seen = shapely.intersection(shapely.simplify(polygon, 0.5 / max(across, up)), ground)
    out = []
    for part in shapely.get_parts(seen):
        if part.geom_type != "Polygon":
            continue
        for ring in (part.exterior, *part.interiors):
            points = (window.pixel(lon, lat, size) for lon, lat in ring.coords[:-1])
            out.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z")
    return "".join(out)


def _font(size: int) -> int:
    return 12 if size < 400 else 14


def _label(
    polygon: BaseGeometry, name: str, window: Window, ground: BaseGeometry, size: int
) -> list[tuple[str, float, float]]:
    seen = shapely.intersection(polygon, ground)
    if seen.is_empty or not seen.area:
        return []
    middle = seen.representative_point()
    return [(name, *window.pixel(middle.x, middle.y, size))]


def _place_labels(labels: Sequence[tuple[str, float, float]], size: int, high: int) -> list[str]:
    """As many names as fit without touching one another or the edge."""
    taken: list[tuple[float, float, float, float]] = []
    out = []
    font = _font(size)
    for text, at_x, at_y in labels:
        wide = sum(font if ord(c) > 0x2E80 else font * 0.56 for c in text) / 2 + 3
        x = min(max(at_x, wide), size - wide)
        y = min(max(at_y, font), high - font / 2)
        box = (x - wide, y - font, x + wide, y + font / 2)
        if wide * 2 > size or any(_touch(box, other) for other in taken):
            continue
        taken.append(box)
        out.append(f'<text x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>')
    return out


def _touch(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def pressed(data: Mapping[str, Any]) -> tuple[int, float, float] | None:
    """Which drawing was pressed, and where: (size, x, y). A press from the keyboard gives 0, 0."""
    for size in SIZES:
        try:
            x, y = float(data[f"map{size}.x"]), float(data[f"map{size}.y"])
        except (KeyError, ValueError):
            continue
        if 0 <= x <= size and 0 <= y <= size:
            return size, x, y
    return None
