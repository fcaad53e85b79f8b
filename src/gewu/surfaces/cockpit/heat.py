"""Cases by grid on the district's own polygons, shaded by how many; synthetic grids are hatched and the map says so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from gewu.core.places import PlaceLevel
from gewu.registry.directory import Directory
from gewu.surfaces.cockpit.draw import SMALL, WIDTH, cut, fill, linked, rect, stroke, svg, text
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.maps import Ground, View, ground
from gewu.surfaces.look.typography import sign

HIGHEST, FOOT = 460, 44
LABELLED = 12
"""With more streets than these none is labelled: few of the names would fit."""
SHADES = (0.22, 0.42, 0.62, 0.82, 1.0)
THIN = ' stroke-opacity=".5"'
STREET = PlaceLevel.STREET.digits


def steps(most: int) -> list[int]:
    """The least counts of at most five shades, from one up: ``[1, 2, 3]``, ``[1, 5, 9, 13, 17]``."""
    width = max(1, math.ceil(most / len(SHADES)))
    return [1 + width * n for n in range(len(SHADES)) if 1 + width * n <= most]


def heat(
    directory: Directory, counts: Mapping[str, tuple[int, str]], street: str, language: str, *, pattern: str = "heat"
) -> str:
    """The map. ``counts``: for codes of grids, how many and the address of the records; ``pattern`` is an id.

    It shows the streets in which there are cases, or the one that was chosen.
    """
    found = ground(directory)
    streets = frozenset({street} if street else {code[:STREET] for code in counts})
    view, outlines, cells = _drawn(_Key(found), streets)
    most = max((n for n, _url in counts.values()), default=0)
    bounds = steps(most)
    shaded: list[str] = []
    hatched: list[str] = []
    plain: list[str] = []
    for code, path in cells:
        (hatched if code in found.generated else plain).append(path)
        n, url = counts.get(code, (0, ""))
        if n:
            shade = SHADES[len(SHADES) - len(bounds) + sum(n >= least for least in bounds) - 1]
            opacity = f' fill-opacity="{shade}"'
            shape = f'<path d="{path}" {fill("accent", opacity)}/>'
            shaded.append(linked(url, f"{names.place_full(directory, code, language)}{sign(':', language)}{n}", shape))
    ident = f"hatch-{pattern}"
    defs = (
        f'<defs><pattern id="{ident}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<path d="M0 0V6" {stroke("edge", 1, THIN)}/></pattern></defs>'
    )
    hatching = stroke("line", 0.5).replace('fill="none"', f'fill="url(#{ident})"')
    drawn = [
        defs,
        *(f'<path d="{path}" {fill("surface")}/>' for _code, path in outlines),
        *shaded,
        f'<path d="{"".join(plain)}" {stroke("line", 0.5)} pointer-events="none"/>' if plain else "",
        f'<path d="{"".join(hatched)}" {hatching} pointer-events="none"/>' if hatched else "",
        *(f'<path d="{path}" {stroke("ink-2", 0.9)} pointer-events="none"/>' for _code, path in outlines),
        *_labels(directory, found, view, streets, language),
        _foot(view.height, bounds, most, synthetic=bool(hatched), language=language),
    ]
    return svg(view.height + FOOT, "".join(drawn))


def _foot(top: int, bounds: list[int], most: int, *, synthetic: bool, language: str) -> str:
    drawn = [rect(0, top, WIDTH, FOOT, fill("surface"))]
    x = 0.0
    for number, least in enumerate(bounds):
        last = bounds[number + 1] - 1 if number + 1 < len(bounds) else most
        said = str(least) if least == last else f"{least}–{last}"
        opacity = f' fill-opacity="{SHADES[len(SHADES) - len(bounds) + number]}"'
        drawn.append(rect(x, top + 8, 14, 12, fill("accent", opacity)))
        drawn.append(text(x + 19, top + 18, said, "ink-2", SMALL))
        x += 36 + 8 * len(said)
    if synthetic:
        said = names.typeset(_("Hatched: synthetic grids, generated, not surveyed"), language)
        drawn.append(text(0, top + 38, cut(said, WIDTH, SMALL), "ink-2", SMALL))
    return "".join(drawn)


class _Key:
    """The polygons of a district as a key: the same as long as they are."""

    __slots__ = ("ground",)

    def __init__(self, found: Ground) -> None:
        self.ground = found

    def __hash__(self) -> int:
        return hash(id(self.ground))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.ground is self.ground


Paths = list[tuple[str, str]]


@lru_cache(maxsize=64)
def _drawn(key: _Key, streets: frozenset[str]) -> tuple[View, Paths, Paths]:
    """The view of these streets, their outlines and their grids. With no street, the whole district."""
    shapes = key.ground.shapes
    outlines = [(c, p) for c, p in shapes.get("street", ()) if c in streets or not streets]
    cells = [(c, p) for c, p in shapes.get("grid", ()) if c[:STREET] in streets or not streets]
    inside = [p for _code, p in (outlines or cells)]
    west, south, east, north = shapely.total_bounds(inside).tolist() if inside else key.ground.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    high, broad = (north - south) / squeeze * 1.02, (east - west) * 1.02 or 1.0
    height = min(max(round(WIDTH * high / broad), 160), HIGHEST)
    span = max(broad, high * WIDTH / height)
    view = View((west + east) / 2, (south + north) / 2, span, WIDTH, height)
    tolerance = span / WIDTH * 0.6
    return view, _paths(view, outlines, tolerance), _paths(view, cells, tolerance)


def _paths(view: View, shapes: Iterable[tuple[str, BaseGeometry]], tolerance: float) -> Paths:
    return [(code, path) for code, shape in shapes if (path := _path(view, shape.simplify(tolerance)))]


def _path(view: View, shape: BaseGeometry) -> str:
    polygons = shape.geoms if hasattr(shape, "geoms") else [shape]
    rings = [
        ring
        for polygon in polygons
        if isinstance(polygon, shapely.Polygon) and not polygon.is_empty
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (view.xy(p[0], p[1]) for p in ring.coords)) + "Z"
        for ring in rings
    )


def _labels(directory: Directory, found: Ground, view: View, streets: frozenset[str], language: str) -> list[str]:
    drawn: list[str] = []
    if len(streets) > LABELLED:
        return drawn
    frame = box(*view.bounds)
    for code, polygon in found.shapes.get("street", ()):
        if code not in streets or polygon.area < frame.area / 45:
            continue
        spot = polygon.representative_point()
        x, y = view.xy(spot.x, spot.y)
        name = cut(names.typeset(directory.places[code].name(language), language), 150, SMALL)
        drawn.append(text(x, y, name, "ink", SMALL, "middle", halo=True))
    return drawn
