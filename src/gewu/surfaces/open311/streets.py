"""Where a request is shown: at a point in the middle of its street or town, because that is all that is public.

Residents read the street of a case, never its position, so neither does Open311 tell or search by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from shapely.geometry import shape

from gewu.registry.directory import Directory
from gewu.registry.models import Place
from gewu.surfaces.open311.reading import Circle

CODE_LENGTH = 9
"""A national code is told down to the street or town."""
_EARTH_M = 6_371_000.0
_Points = Mapping[str, tuple[float, float]]
_held: dict[int, tuple[object, _Points]] = {}


def points_of(directory: Directory) -> _Points:
    """A point (longitude, latitude in degrees, WGS-84) inside each street or town that has a polygon."""
    district = directory.district.id
    held = _held.get(district)
    if held is None or held[0] != directory.version:
        rows = Place.objects.filter(district_id=district, kind="street").exclude(geometry=None)
        found = {}
        for code, geometry in rows.values_list("code", "geometry"):
            middle = shape(geometry).representative_point()
            found[code] = (round(middle.x, 5), round(middle.y, 5))
        held = _held[district] = (directory.version, found)
    return held[1]


def street_of(place: str) -> str:
    """The street or town that a place lies in; the district for what is known no better."""
    return place[:CODE_LENGTH]


def within(directory: Directory, circle: Circle) -> tuple[str, ...]:
    """The streets whose point lies in a circle."""
    near = (c for c, point in points_of(directory).items() if _metres(point, circle) <= circle.radius_m)
    return tuple(near)


def _metres(point: tuple[float, float], circle: Circle) -> float:
    """Along the great circle."""
    lon, lat = math.radians(point[0]), math.radians(point[1])
    other_lon, other_lat = math.radians(circle.lon), math.radians(circle.lat)
    half = math.sin((lat - other_lat) / 2) ** 2
    half += math.cos(lat) * math.cos(other_lat) * math.sin((lon - other_lon) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))
