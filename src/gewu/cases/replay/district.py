"""The district of a replay: a pack written from the mapping, the territory and the rows, and loaded like any other.

Units and categories are created as they are found. What earlier replays created keeps its code and stays.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Names
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
import yaml
from shapely.geometry import mapping as geojson
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gewu.cases.replay.export import BadExport, Row
from gewu.cases.replay.mapping import Mapping
from gewu.registry import models as m
from gewu.registry.packs import load_pack

CALENDAR = "always"
KIND = "matter"
NAME_LENGTH = 180
_MOST_PLACES = 999


@dataclass(frozen=True, slots=True)
class Registered:
    """The codes under which a district knows what the export names."""

    district_id: int
    desk: str
    units: Names[str, str]
    categories: Names[str, str]
    """By the name in the export; the value is the category's key, ``matter:CODE``."""
    places: Names[str, str]
    """By place key (see ``Mapping.place_key``)."""


def read_territory(path: Path, mapping: Mapping) -> dict[str, BaseGeometry]:
    """Polygons by place key. Raises ``BadExport`` when the file is no GeoJSON in WGS-84 with the named property."""
    try:
        collection = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadExport(f"{path} cannot be read as GeoJSON: {error}") from error
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features or collection.get("type") != "FeatureCollection":
        raise BadExport(f"{path} is not a GeoJSON FeatureCollection with features")
    crs = json.dumps(collection.get("crs") or "CRS84")
    if "CRS84" not in crs and "EPSG::4326" not in crs and "EPSG:4326" not in crs:
        raise BadExport(f"{path}: coordinates must be WGS-84 longitude and latitude, not {crs}")
    parts: dict[str, list[BaseGeometry]] = {}
    for number, feature in enumerate(features, start=1):
        key, polygon = _feature(feature, mapping)
        if not key or polygon is None:
            what = f"property {mapping.spec.places.property!r} that the pattern knows" if not key else "polygon"
            raise BadExport(f"{path}: feature {number} has no {what}")
        parts.setdefault(key, []).append(polygon)
    if len(parts) > _MOST_PLACES:
        raise BadExport(f"{path} names {len(parts)} places; a district takes {_MOST_PLACES}")
    return {key: found[0] if len(found) == 1 else shapely.union_all(found) for key, found in parts.items()}


def _feature(feature: Any, mapping: Mapping) -> tuple[str, BaseGeometry | None]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    value = (properties or {}).get(mapping.spec.places.property)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    key = mapping.place_key(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    try:
        polygon = shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError):
        return key, None
    if polygon.geom_type not in ("Polygon", "MultiPolygon") or polygon.is_empty:
        return key, None
    return key, polygon if polygon.is_valid else shapely.make_valid(polygon)


def place_codes(district: str, keys: Iterable[str]) -> dict[str, str]:
    """Nine-digit codes: whole numbers from 1 to 999 stand for themselves, other names are counted in their order."""
    names = sorted(keys)
    if all(key.isascii() and key.isdigit() and 0 < int(key) <= _MOST_PLACES for key in names):
        return {key: f"{district}{int(key):03d}" for key in names}
    return {key: f"{district}{number:03d}" for number, key in enumerate(names, start=1)}


def register(mapping: Mapping, territory: Names[str, BaseGeometry], rows: Sequence[Row]) -> Registered:
    """Make or complete the district. Raises ``PackError`` when the registry refuses it, and then nothing changed."""
    spec = mapping.spec
    majors: dict[str, Counter[str]] = {}
    for row in rows:
        if row.category:
            majors.setdefault(row.category, Counter())[row.major or row.category] += 1
    units = _units(mapping, {row.unit for row in rows if row.unit})
    categories = _categories(mapping, majors)
    places = place_codes(spec.district.code, territory)
    with tempfile.TemporaryDirectory(prefix="gewu-replay-") as folder:
        root = Path(folder) / mapping.pack
        _write_pack(root, mapping, territory, places, units, categories)
        load_pack(root)
    district = m.District.objects.get(code=spec.district.code)
    keys = {name: f"{KIND}:{row['code']}" for name, row in categories.items()}
    return Registered(district.pk, spec.desk.code, {name: row["code"] for name, row in units.items()}, keys, places)


def _units(mapping: Mapping, named: set[str]) -> dict[str, dict[str, str]]:
    """Units by the name in the export: those there are, and the new ones."""
    known = m.Unit.objects.filter(pack=mapping.pack)
    names = {_written(mapping, row.source): row.code for row in known if _written(mapping, row.source)}
    codes = _codes(named, names, {mapping.spec.desk.code})
    found = {}
    for name, code in codes.items():
        title = mapping.spec.units.get(name)
        en, zh = (title.en, title.zh) if title else (name[:NAME_LENGTH], name[:NAME_LENGTH])
        found[name] = {"code": code, "name_en": en, "name_zh": zh, "source": _source(mapping, name)}
    return found


def _categories(mapping: Mapping, majors: Names[str, Counter[str]]) -> dict[str, dict[str, str]]:
    """Categories by the name in the export. Codes carry the mapping's name: the catalogue is one for all districts."""
    prefix = f"{mapping.name}-"
    stored = {_written(mapping, row.source): row for row in m.Category.objects.filter(pack=mapping.pack)}
    codes = _codes(set(majors), {name: row.code for name, row in stored.items() if name}, set(), prefix)
    found = {}
    for name, code in codes.items():
        counted = majors.get(name)
        major = min(counted, key=lambda one: (-counted[one], one)) if counted else stored[name].major_name_en
        found[name] = {
            "kind": KIND, "code": code, "major": prefix + _slug(major), "major_name_en": major[:NAME_LENGTH],
            "major_name_zh": major[:NAME_LENGTH], "name_en": name[:NAME_LENGTH], "name_zh": name[:NAME_LENGTH],
            "local_extension": "1", "source": _source(mapping, name),
        }  # fmt: skip
    return found


def _source(mapping: Mapping, name: str) -> str:
    return f"{mapping.name}: {name}"


def _written(mapping: Mapping, source: str) -> str:
    """The name in the export that a registry row was made for; ``""`` for the rows of the mapping itself."""
    prefix = f"{mapping.name}: "
    return source.removeprefix(prefix) if source.startswith(prefix) else ""


def _codes(names: set[str], known: Names[str, str], taken: set[str], prefix: str = "") -> dict[str, str]:
    """A code for every name: the one it has, or a new one made of its letters."""
    codes = dict(known)
    used = {*taken, *codes.values()}
    for name in sorted(names - set(codes)):
        stem = code = prefix + _slug(name)
        number = 1
        while code in used:
            number += 1
            code = f"{stem}-{number}"
        codes[name] = code
        used.add(code)
    return dict(sorted(codes.items()))


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    return slug or "n" + hashlib.sha256(name.encode()).hexdigest()[:8]


def _write_pack(
    root: Path,
    mapping: Mapping,
    territory: Names[str, BaseGeometry],
    places: Names[str, str],
    units: Names[str, Names[str, str]],
    categories: Names[str, Names[str, str]],
) -> None:
    spec = mapping.spec
    district = spec.district
    (root / "playbooks").mkdir(parents=True)
    (root / "shapes").mkdir()
    (root / "playbooks" / spec.playbook).write_text(mapping.playbook_text, encoding="utf-8")
    _yaml(root / "pack.yaml", {
        "pack": mapping.pack,
        "version": str(spec.version),
        "title": spec.title.model_dump(),
        "district": {
            "code": district.code, "name": district.name.model_dump(), "timezone": district.timezone,
            "work_day_mode": "hours", "default_calendar": CALENDAR, "language": district.language,
            "bounds_source": "the territory given to the replay",
        },
    })  # fmt: skip
    always = {"from": "01-01", "to": "12-31", "days": "all", "windows": ["00:00-24:00"]}
    title = {"en": "Round the clock", "zh": "全天"}
    _yaml(root / "calendars.yaml", {"calendars": {CALENDAR: {"title": title, "day_hours": "24", "seasons": [always]}}})
    _csv(root / "roles.csv", [{"code": code, **_names(names)} for code, names in spec.roles.items()])
    _csv(root / "categories.csv", list(categories.values()))
    desk = {"code": spec.desk.code, **_names(spec.desk.name), "source": "mapping"}
    _csv(root / "units.csv", [
        {"parent": "", "kind": "department", "place": district.code, "calendar": CALENDAR, "accounts": "1", **unit}
        for unit in (desk, *units.values())
    ])  # fmt: skip
    _csv(root / "posts.csv", _posts(mapping, desk, units.values()))
    rule = {"kind": "*", "category": "*", "place": "*", "owner": "*", "unit": spec.desk.code, "queue": "1"}
    _csv(root / "responsibility.csv", [rule])
    rows = [{"code": district.code, "kind": "district", "parent": "", **_names(district.name)}]
    for key, code in places.items():
        name = {lang: text.replace("{}", key)[:NAME_LENGTH] for lang, text in _names(spec.places.name).items()}
        rows.append({"code": code, "kind": "street", "parent": district.code, **name})
    _csv(root / "places.csv", rows)
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": geojson(territory[key])}
        for key, code in places.items()
    ]
    collection = {"type": "FeatureCollection", "features": features}
    (root / "shapes" / "places.geojson").write_text(json.dumps(collection), encoding="utf-8")


def _posts(mapping: Mapping, desk: Names[str, str], units: Iterable[Names[str, str]]) -> list[dict[str, str]]:
    """One post for each role at the desk, one for the handling role in every unit. Nobody logs in: it is history."""
    spec, role = mapping.spec, mapping.unit_role
    pairs = [(desk, code) for code in spec.roles if code != role] + [(unit, role) for unit in (desk, *units)]
    return [
        {
            "code": f"{code}-{unit['code']}", "unit": unit["code"], "role": code, "login": "",
            "name_en": f"{unit['name_en']}, {spec.roles[code].en}"[:NAME_LENGTH],
            "name_zh": f"{unit['name_zh']}{spec.roles[code].zh}"[:NAME_LENGTH], "scope": spec.district.code,
        }
        for unit, code in pairs
    ]  # fmt: skip


def _names(names: Any) -> dict[str, str]:
    return {"name_en": names.en, "name_zh": names.zh}


def _yaml(path: Path, data: Any) -> None:
    # Every scalar in quotes: codes begin with 0, and a bare 025025 would be an octal number to some readers.
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_style='"'), encoding="utf-8")


def _csv(path: Path, rows: Sequence[Names[str, str]]) -> None:
    if not rows:
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
