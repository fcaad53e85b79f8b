"""A district's polygons as GeoJSON for maps: few points, in parts that stay small, each made once and kept packed.

The outline with its streets is one part, all communities another; grids come street by street, because a district has
thousands. Neighbours are made simpler together, so that they keep touching.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gewu.registry.directory import Directory
from gewu.surfaces.desk.present.maps import Ground, ground

OUTLINE, COMMUNITIES, GRIDS = "outline", "communities", "grids"
TOLERANCE = {"district": 0.0006, "street": 0.0006, "community": 0.00015, "grid": 0.00004}
"""Degrees within which a line may leave out corners: less than two pixels at the zoom where the kind appears."""
DIGITS = 5
"""Places after the point: a metre."""


@dataclass(frozen=True, slots=True)
class Packed:
    """An answer that is ready: bytes packed by gzip, and their mark."""

    body: bytes
    etag: str


_held: dict[int, tuple[Ground, dict[tuple[str, str], Packed]]] = {}
_marks: dict[int, tuple[Ground, str]] = {}
_lock = threading.Lock()


def packed(directory: Directory, part: str, street: str = "") -> Packed | None:
    """A part of a district's polygons: ``outline``, ``communities`` or the ``grids`` of a street; else None."""
    if part == GRIDS:
        place = directory.place(street)
        if place is None or place.kind != "street" or not place.active:
            return None
    elif part not in (OUTLINE, COMMUNITIES):
        return None
    found = ground(directory)
    with _lock:
        held = _held.get(directory.district.id)
        if held is None or held[0] is not found:
            held = _held[directory.district.id] = (found, {})
        parts = held[1]
        if (part, street) not in parts:
            parts[part, street] = _pack(_collection(directory, found, part, street))
        return parts[part, street]


def mark(directory: Directory) -> str:
    """A mark of all polygons of a district: another outline anywhere is another mark."""
    found = ground(directory)
    held = _marks.get(directory.district.id)
    if held is None or held[0] is not found:
        digest = hashlib.sha256()
        for kind, cells in sorted(found.shapes.items()):
            for code, polygon in sorted(cells, key=lambda cell: cell[0]):
                digest.update(f"{kind}{code}{directory.places[code].name('zh')}".encode() + shapely.to_wkb(polygon))
        held = _marks[directory.district.id] = (found, digest.hexdigest()[:12])
    return held[1]


def _collection(directory: Directory, found: Ground, part: str, street: str) -> dict[str, Any]:
    kinds = {OUTLINE: ("district", "street"), COMMUNITIES: ("community",), GRIDS: ("grid",)}[part]
    features: list[dict[str, Any]] = []
    for kind in kinds:
        cells = [(code, polygon) for code, polygon in found.shapes.get(kind, ()) if code.startswith(street)]
        for (code, _whole), polygon in zip(cells, _simpler([p for _c, p in cells], kind), strict=True):
            if not polygon.is_empty:
                features.append(_feature(directory, code, kind, polygon, made_up=code in found.generated))
    return {"type": "FeatureCollection", "features": features}


def _simpler(polygons: list[BaseGeometry], kind: str) -> list[BaseGeometry]:
    """The polygons with fewer corners. Where they do not fit together as a coverage each is made simpler alone."""
    if not polygons:
        return []
    tolerance = TOLERANCE[kind]
    if len(polygons) > 1 and shapely.coverage_is_valid(polygons):
        return list(shapely.coverage_simplify(polygons, tolerance))
    return [polygon.simplify(tolerance) for polygon in polygons]


def _feature(directory: Directory, code: str, kind: str, polygon: BaseGeometry, *, made_up: bool) -> dict[str, Any]:
    place = directory.places[code]
    spot = polygon.representative_point()
    properties: dict[str, Any] = {
        "c": code,
        "k": kind,
        "zh": place.name("zh"),
        "en": place.name("en"),
        "at": [round(spot.x, DIGITS), round(spot.y, DIGITS)],
    }
    if made_up:
        properties["g"] = 1
    return {"type": "Feature", "geometry": _rounded(mapping(polygon)), "properties": properties}


def _rounded(geometry: Any) -> dict[str, Any]:
    def walk(part: Any) -> Any:
        if isinstance(part[0], float | int):
            return [round(part[0], DIGITS), round(part[1], DIGITS)]
        return [walk(one) for one in part]

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


def _pack(collection: dict[str, Any]) -> Packed:
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
    return Packed(gzip.compress(text, 9, mtime=0), f'"{hashlib.sha256(text).hexdigest()[:20]}"')
