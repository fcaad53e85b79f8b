"""Density as hexagons: counts of small cells brought together, in a plane that is true to scale at the middle."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from gewu.cases.queries.maps import MapCell

CORNERS = [(math.cos(math.radians(60 * n + 30)), math.sin(math.radians(60 * n + 30))) for n in range(6)]


def hexagons(cells: Iterable[MapCell], lat: float, radius: float) -> list[dict[str, Any]]:
    """Features of hexagons (GeoJSON, WGS-84) with the number ``n`` of what lies in them, the fullest first.

    ``lat`` is the latitude of the middle, ``radius`` from the middle of a hexagon to its corners, both in degrees of
    latitude. The net is fixed to the earth, so that hexagons stay in place when the map is moved.
    """
    squeeze = max(0.01, math.cos(math.radians(round(lat, 1))))
    found: Counter[tuple[int, int]] = Counter()
    for cell in cells:
        found[_hexagon(cell.lon_e6 / 1e6 * squeeze, cell.lat_e6 / 1e6, radius)] += cell.n
    return [_feature(at, n, squeeze, radius) for at, n in sorted(found.items(), key=lambda one: (-one[1], one[0]))]


def _hexagon(x: float, y: float, radius: float) -> tuple[int, int]:
    """The axial coordinates of the hexagon (a corner at the top) that holds a point."""
    q, r = (math.sqrt(3) / 3 * x - y / 3) / radius, (2 / 3 * y) / radius
    s = -q - r
    rounded_q, rounded_r, rounded_s = round(q), round(r), round(s)
    off_q, off_r, off_s = abs(rounded_q - q), abs(rounded_r - r), abs(rounded_s - s)
    if off_q > off_r and off_q > off_s:
        rounded_q = -rounded_r - rounded_s
    elif off_r > off_s:
        rounded_r = -rounded_q - rounded_s
    return rounded_q, rounded_r


def _feature(at: tuple[int, int], n: int, squeeze: float, radius: float) -> dict[str, Any]:
    q, r = at
    x, y = radius * math.sqrt(3) * (q + r / 2), radius * 1.5 * r
    ring = [[round((x + radius * dx) / squeeze, 6), round(y + radius * dy, 6)] for dx, dy in CORNERS]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {"n": n},
    }
