"""From a position to a place: polygons in memory, no database query per point.

Longitude and latitude are degrees in WGS-84 unless a datum says otherwise; distances are metres on a local plane, right
to a few parts in a thousand across a district. Where polygons share an edge, the first code wins.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gewu.core.coordinates import CoordinateError, CoordinateSystem, checked, to_wgs84
from gewu.registry import models as m
from gewu.registry.directory import Directory

TOLERANCE_M = 5.0
"""How near to a neighbour's edge a position is in doubt: a phone's receiver knows no better under open sky."""

_METRES_PER_DEGREE = 111_320.0
GROUND_M = 0.01
"""Nearer than this to the outline is on it: neighbouring polygons differ by rounding."""

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.object_]


class BadPosition(ValueError):
    """The numbers are no position, or the datum is unknown."""


class OutsideDistrict(ValueError):
    """The position lies outside the district. ``distance_m`` is how far from its outline, in metres."""

    def __init__(self, lon: float, lat: float, distance_m: float, hint: str = "") -> None:
        self.lon = lon
        self.lat = lat
        self.distance_m = distance_m
        far = f"{distance_m:,.0f} m" if distance_m >= 1 else "less than 1 m"
        super().__init__(f"position {lon:.6f}, {lat:.6f} lies outside the district, {far} from its outline{hint}")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a point is. ``candidates`` begins with ``place_code``; it has more than one code near a boundary.

    ``synthetic``: the polygon that decided was generated, not surveyed.
    """

    place_code: str
    areas: tuple[str, ...]
    candidates: tuple[str, ...]
    on_boundary: bool
    lon: float
    lat: float
    synthetic: bool


class Territory:
    """Polygons with codes, indexed. Codes are sorted, so that the first polygon hit is the first by code."""

    def __init__(self, shapes: Mapping[str, BaseGeometry], outline: BaseGeometry | None = None) -> None:
        if not shapes:
            raise ValueError("a territory needs at least one polygon")
        self.codes: tuple[str, ...] = tuple(sorted(shapes))
        self._polygons = np.array([shapes[code] for code in self.codes], dtype=object)
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)
        self._outline = outline if outline is not None else shapely.union_all(self._polygons)
        shapely.prepare(self._outline)
        _west, south, _east, north = shapely.total_bounds(self._polygons)
        self._scale = np.array(
            [_METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2)), _METRES_PER_DEGREE], dtype=np.float64
        )
        self._metric = shapely.transform(self._polygons, lambda points: points * self._scale)
        self._metric_outline = shapely.transform(self._outline, lambda points: points * self._scale)
        self._degree = float(self._scale.min())

    @classmethod
    def from_geojson(cls, collection: Mapping[str, Any], code_property: str) -> Territory:
        """A territory from a GeoJSON FeatureCollection in WGS-84 whose features name themselves by a property.

        Features with the same code become one territory. Raises ``ValueError`` naming the feature that is no use.
        """
        parts: dict[str, list[BaseGeometry]] = {}
        features = collection.get("features")
        if not isinstance(features, list) or not features:
            raise ValueError("the territory is not a GeoJSON FeatureCollection with features")
        for number, feature in enumerate(features, start=1):
            code = (feature.get("properties") or {}).get(code_property)
            if code is None or isinstance(code, (bool, dict, list)) or not str(code).strip():
                raise ValueError(f"feature {number} of the territory has no property {code_property!r}")
            polygon = shape(feature["geometry"]) if feature.get("geometry") else None
            if polygon is None or polygon.geom_type not in ("Polygon", "MultiPolygon"):
                raise ValueError(f"feature {number} of the territory ({code}) is not a Polygon or MultiPolygon")
            if not polygon.is_valid:
                polygon = shapely.make_valid(polygon)
            parts.setdefault(str(code).strip(), []).append(polygon)
        return cls({code: shapely.union_all(found) for code, found in parts.items()})

    def assign_bulk(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> Codes:
        """The code for each point, ``""`` where it lies in no polygon. On a shared edge the first code wins.

        Coordinates that are not finite numbers lie nowhere.
        """
        xs, ys = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
        found = self._assign(xs, ys)
        codes: Codes = np.array([*self.codes, ""], dtype=object)[found]
        return codes

    def _assign(self, xs: Floats, ys: Floats) -> Indexes:
        """Index of the first polygon for each point; the number of polygons where there is none."""
        first = np.full(xs.shape, len(self.codes), dtype=np.intp)
        good = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
        points, polygons = self.bulk(shapely.points(xs[good], ys[good]))
        np.minimum.at(first, good[points], polygons)
        return first

    def near(self, point: shapely.Point, tolerance_m: float) -> list[tuple[float, int]]:
        """(distance in metres, index) of polygons within the tolerance, nearest first, then by code."""
        if not tolerance_m:  # those that hold it: no distance to compute, and half the work in the tree
            return [(0.0, index) for index in sorted(self._tree.query(point, predicate="intersects").tolist())]
        hits = self._tree.query(point, predicate="dwithin", distance=tolerance_m / self._degree)
        if len(hits) == 1:
            index = int(hits[0])
            if shapely.intersects(self._polygons[index], point):
                return [(0.0, index)]
        metres = shapely.distance(self._metric[hits], shapely.Point(point.x * self._scale[0], point.y * self._scale[1]))
        # A point on a shared edge is 0 from both only up to rounding on the scaled plane.
        inside = shapely.intersects(self._polygons[hits], point)
        pairs = zip(np.where(inside, 0.0, metres).tolist(), hits.tolist(), strict=True)
        return sorted(pair for pair in pairs if pair[0] <= tolerance_m)

    def outside_by(self, lon: float, lat: float) -> float:
        """Metres to the outline; 0 inside it or on it."""
        if shapely.intersects_xy(self._outline, lon, lat):
            return 0.0
        return float(shapely.distance(self._metric_outline, shapely.Point(lon * self._scale[0], lat * self._scale[1])))

    def holding(self, point: shapely.Point) -> tuple[str, ...]:
        """Codes of all polygons that hold the point, sorted."""
        hits = self._tree.query(point)
        if not len(hits):
            return ()
        return tuple(self.codes[hit] for hit in sorted(hits[self.holds(hits, point)]))

    def bulk(self, points: npt.NDArray[Any], tolerance_m: float = 0.0) -> tuple[Indexes, Indexes]:
        """Pairs of point index and polygon index, for polygons that hold the point or come within the tolerance.

        The tolerance is meant generously: nothing nearer is left out, something further may be let in.
        """
        if tolerance_m:
            pairs = self._tree.query(points, predicate="dwithin", distance=tolerance_m / self._degree)
        else:
            pairs = self._tree.query(points, predicate="intersects")
        return pairs[0], pairs[1]

    def holds(self, polygons: Indexes, points: npt.NDArray[Any] | shapely.Point) -> Flags:
        """Pair by pair, whether the polygon holds the point (or the one point that is given)."""
        return np.asarray(shapely.intersects(self._polygons[polygons], points), dtype=np.bool_)

    def outside(self, xs: Floats, ys: Floats) -> Flags:
        """Point by point, whether it lies outside the outline by more than rounding."""
        out: Flags = ~np.asarray(shapely.intersects_xy(self._outline, xs, ys), dtype=np.bool_)
        metric = shapely.points(xs[out] * self._scale[0], ys[out] * self._scale[1])
        out[out] = shapely.distance(self._metric_outline, metric) > GROUND_M
        return out


@dataclass(frozen=True, slots=True)
class _DistrictGround:
    """The polygons of one district: the finest ones, the ones above them, and the drawn areas."""

    leaves: Territory
    above: Territory | None
    areas: Territory | None
    synthetic: tuple[bool, ...]
    whole_areas: tuple[tuple[str, ...], ...]


def locate(
    directory: Directory, lon: float, lat: float, datum: str = "wgs84", tolerance_m: float = TOLERANCE_M
) -> Position:
    """The place of a position. Raises ``BadPosition``, or ``OutsideDistrict`` with the distance to the outline."""
    x, y = _wgs84(lon, lat, datum)
    ground = _ground(directory)
    point = shapely.Point(x, y)
    hits = ground.leaves.near(point, tolerance_m)
    if not hits or hits[0][0] > 0:
        outside = ground.leaves.outside_by(x, y)
        if outside > GROUND_M:
            raise OutsideDistrict(x, y, outside, _hint(ground, x, y, datum))
        if not hits:
            return _between(directory, ground, point)
    areas = ground.areas.holding(point) if ground.areas else ()
    index = hits[0][1]
    whole = ground.whole_areas[index]
    codes = ground.leaves.codes
    return Position(
        place_code=codes[index],
        areas=whole if not areas else tuple(sorted({*whole, *areas})),
        candidates=(codes[index],) if len(hits) == 1 else tuple(codes[i] for _, i in hits),
        on_boundary=len(hits) > 1 or hits[0][0] > 0,
        lon=x,
        lat=y,
        synthetic=ground.synthetic[index],
    )


def _between(directory: Directory, ground: _DistrictGround, point: shapely.Point) -> Position:
    """A position inside the outline that no finest polygon holds: the finest place above that does, or the district."""
    code = max(ground.above.holding(point) if ground.above else (), key=len, default=directory.district.code)
    place = directory.place(code)
    drawn = ground.areas.holding(point) if ground.areas else ()
    areas = tuple(sorted({*directory.areas_of(code), *drawn}))
    synthetic = place is not None and place.synthetic
    return Position(code, areas, (code,), on_boundary=False, lon=point.x, lat=point.y, synthetic=synthetic)


def _hint(ground: _DistrictGround, x: float, y: float, datum: str) -> str:
    swapped = -90 <= x <= 90 and ground.leaves.outside_by(y, x) == 0
    return ": are longitude and latitude swapped?" if swapped and datum == CoordinateSystem.WGS84 else ""


def locate_many(
    directory: Directory, points: Sequence[tuple[float, float]] | npt.ArrayLike, tolerance_m: float = TOLERANCE_M
) -> list[Position | None]:
    """Positions of many WGS-84 points (longitude, latitude); None for those outside the district or not finite.

    The same answers as ``locate``; points well inside one polygon, which is nearly all, are answered in bulk.
    """
    array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    ground = _ground(directory)
    found: list[Position | None] = [None] * len(array)
    wanted: Flags = np.asarray(np.isfinite(array).all(axis=1), dtype=np.bool_)
    wanted[wanted] = ~ground.leaves.outside(array[wanted, 0], array[wanted, 1])
    rows = np.flatnonzero(wanted)
    geometries = shapely.points(array[rows])
    hits, polygons = ground.leaves.bulk(geometries, tolerance_m)
    alone = np.bincount(hits, minlength=len(rows))[hits] == 1
    hits, polygons = hits[alone], polygons[alone]
    inside = ground.leaves.holds(polygons, geometries[hits])
    clear = dict(zip(hits[inside].tolist(), polygons[inside].tolist(), strict=True))
    drawn: dict[int, list[str]] = {}
    if ground.areas is not None:
        for hit, area in zip(*ground.areas.bulk(geometries), strict=True):
            drawn.setdefault(int(hit), []).append(ground.areas.codes[area])
    for hit, row in enumerate(rows.tolist()):
        lon, lat = array[row].tolist()
        index = clear.get(hit)
        if index is None:
            found[row] = locate(directory, lon, lat, tolerance_m=tolerance_m)
            continue
        code, whole = ground.leaves.codes[index], ground.whole_areas[index]
        areas = tuple(sorted({*whole, *drawn[hit]})) if hit in drawn else whole
        found[row] = Position(code, areas, (code,), False, lon, lat, ground.synthetic[index])
    return found


def _wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    for name, value in (("longitude", lon), ("latitude", lat)):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadPosition(f"{name} {value!r} is not a number")
    try:
        if datum == CoordinateSystem.WGS84:
            return checked(lon, lat)
        return to_wgs84(lon, lat, CoordinateSystem(datum))
    except CoordinateError as error:
        raise BadPosition(str(error)) from error
    except ValueError as error:
        known = ", ".join(system.value for system in CoordinateSystem)
        raise BadPosition(f"datum {datum!r} is unknown: use one of {known}") from error


# ---- one set of polygons per district and registry version

_Key = tuple[tuple[int, datetime | None], object]
_grounds: dict[int, tuple[_Key, _DistrictGround]] = {}
_lock = threading.Lock()


def _ground(directory: Directory) -> _DistrictGround:
    key = (directory.version, directory.as_of)
    held = _grounds.get(directory.district.id)
    if held is not None and held[0] == key:
        return held[1]
    with _lock:
        held = _grounds.get(directory.district.id)
        if held is not None and held[0] == key:
            return held[1]
        ground = _build(directory)
        _grounds[directory.district.id] = (key, ground)
        return ground


def _build(directory: Directory) -> _DistrictGround:
    district = directory.district
    places = _polygons(m.Place.objects.filter(district_id=district.id).values_list("code", "geometry"))
    places = {code: polygon for code, polygon in places.items() if directory.places[code].active}
    if not places:
        raise BadPosition(f"district {district.code} has no polygons, so positions cannot be located in it")
    parents = {code[:end] for code in places for end in range(1, len(code))}
    leaves = {code: polygon for code, polygon in places.items() if code not in parents}
    above = {code: polygon for code, polygon in places.items() if code in parents and code != district.code}
    areas = _polygons(m.Area.objects.filter(district_id=district.id).values_list("code", "geometry"))
    areas = {code: polygon for code, polygon in areas.items() if directory.areas[code].active}
    territory = Territory(leaves, places.get(district.code))
    return _DistrictGround(
        leaves=territory,
        above=Territory(above) if above else None,
        areas=Territory(areas) if areas else None,
        synthetic=tuple(directory.places[code].synthetic for code in territory.codes),
        whole_areas=tuple(directory.areas_of(code) for code in territory.codes),
    )


def _polygons(rows: Iterable[tuple[str, Any]]) -> dict[str, BaseGeometry]:
    return {code: shape(geometry) for code, geometry in rows if geometry is not None}
