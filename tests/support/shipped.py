"""The packs that ship as their files have them, and the tool that writes the district's."""

from __future__ import annotations

import csv
import importlib
import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

ROOT = Path(__file__).resolve().parents[2]
STANDARD = ROOT / "packs" / "standard"
WANZHOU = ROOT / "packs" / "wanzhou"
# The tools are scripts beside the package, not part of it.
sys.path.insert(0, str(ROOT / "tools"))
make_wanzhou = importlib.import_module("make_wanzhou")
Dice = importlib.import_module("wanzhou_grids").Dice

Table = list[dict[str, str]]


@lru_cache
def table(pack: Path, name: str) -> Table:
    """Rows of one CSV file of a pack."""
    with (pack / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@lru_cache
def shapes(name: str) -> dict[str, BaseGeometry]:
    """Polygons of one shapes file of the Wanzhou pack by code."""
    return {feature["properties"]["code"]: shape(feature["geometry"]) for feature in features(name)}


def features(name: str) -> list[dict[str, Any]]:
    collection = json.loads((WANZHOU / "shapes" / f"{name}.geojson").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = collection["features"]
    return found
