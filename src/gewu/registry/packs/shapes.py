"""Polygons of places and areas: ``shapes/*.geojson``, WGS-84."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import ShapeRow
from gewu.registry.packs.tables import CODE, read_text

FOLDER = "shapes"
_WGS84 = re.compile(r"CRS84|EPSG:+4326\Z")
_CODE_MEMBER = re.compile(r'"code"\s*:\s*"([^"\\]*)"|\n')


def read_shapes(root: Path, problems: Problems) -> list[ShapeRow]:
    """Every polygon of the pack that can be used; what is wrong with the others is reported."""
    rows: list[ShapeRow] = []
    folder = root / FOLDER
    if not folder.is_dir():
        return rows
    for path in sorted(folder.iterdir()):
        file = f"{FOLDER}/{path.name}"
        if path.suffix != ".geojson":
            problems.add(file, 1, "unknown file: shapes are *.geojson")
            continue
        rows += _read(path, file, problems)
    return rows


def _read(path: Path, file: str, problems: Problems) -> list[ShapeRow]:
    text = read_text(path, file, problems)
    if text is None:
        return []
    try:
        collection = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        problems.add(file, line, f"not valid JSON: {error}")
        return []
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or collection.get("type") != "FeatureCollection":
        problems.add(file, 1, "is not a GeoJSON FeatureCollection")
        return []
    crs = json.dumps(collection.get("crs") or "CRS84")
    if not _WGS84.search(crs.replace('"', "").rstrip("}")):
        problems.add(file, 1, f"coordinates must be WGS-84 longitude and latitude, not {crs}")
        return []
    lines = _lines_of_codes(text)
    rows = []
    for number, feature in enumerate(features, start=1):
        row = _feature(feature, number, file, lines, problems)
        if row is not None:
            rows.append(row)
    return rows


def _lines_of_codes(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    line = 1
    for found in _CODE_MEMBER.finditer(text):
        if found.group(1) is None:
            line += 1
        else:
            lines.setdefault(found.group(1), line)
    return lines


def _feature(feature: Any, number: int, file: str, lines: dict[str, int], problems: Problems) -> ShapeRow | None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    if not isinstance(code, str) or not CODE.match(code):
        problems.add(file, 1, f"feature {number} has no properties.code that is text")
        return None
    line = lines.get(code, 1)
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        problems.add(file, line, f"shape {code} is not a Polygon or MultiPolygon")
        return None
    try:
        polygon = shape(geometry)
    except (ValueError, TypeError, IndexError, KeyError, shapely.errors.ShapelyError) as error:
        problems.add(file, line, f"shape {code} cannot be read: {error}")
        return None
    reason = _fault(polygon)
    if reason:
        problems.add(file, line, f"shape {code} {reason}")
        return None
    if polygon.has_z:
        geometry = json.loads(json.dumps(mapping(shapely.force_2d(polygon))))
    return ShapeRow(file, line, code, {"type": geometry["type"], "coordinates": geometry["coordinates"]})


def _fault(polygon: BaseGeometry) -> str:
    """What is wrong with a polygon, as the rest of a sentence; empty when it is good."""
    if polygon.is_empty:
        return "is empty"
    points = shapely.get_coordinates(polygon)
    if not np.isfinite(points).all():
        return "has a coordinate that is not a number"
    if (np.abs(points) > (180, 90)).any():
        return "has a coordinate outside longitude -180..180, latitude -90..90"
    if not polygon.is_valid:
        return f"is not a valid polygon: {shapely.is_valid_reason(polygon)}"
    return ""
