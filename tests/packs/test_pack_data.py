"""The packs that ship: complete, well-formed, in both languages, and an exact partition of the district."""

from __future__ import annotations

import csv
import importlib
import json
import re
import sys
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import shapely
import yaml
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

ROOT = Path(__file__).resolve().parents[2]
STANDARD = ROOT / "packs" / "standard"
WANZHOU = ROOT / "packs" / "wanzhou"
# The tools are scripts beside the package, not part of it.
sys.path.insert(0, str(ROOT / "tools"))
make_wanzhou = importlib.import_module("make_wanzhou")
Dice = importlib.import_module("wanzhou_grids").Dice

UNITS_OF_TIME = {"urgent_minute", "urgent_hour", "urgent_day", "work_minute", "work_hour", "work_day"}
HAN = re.compile(r"[\u4e00-\u9fff]")
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


EVERY_TABLE = [
    pytest.param(pack, path.stem, id=f"{pack.name}/{path.name}")
    for pack in (STANDARD, WANZHOU)
    for path in sorted(pack.glob("*.csv"))
]


KEYS = {
    "categories": ("kind", "code"),
    "standards": ("kind", "code"),
    "responsibility": ("kind", "category", "place", "owner"),
    "holidays": ("date",),
    "holdings": ("item", "unit", "valid_from"),
    "measures": ("item",),
    "device_kinds": ("kind",),
    "programmes": ("programme", "member", "valid_from"),
    "pairings": ("task_force", "department", "valid_from"),
}


@pytest.mark.parametrize(("pack", "name"), EVERY_TABLE)
def test_no_key_stands_twice(pack: Path, name: str) -> None:
    counted = Counter(tuple(row[column] for column in KEYS.get(name, ("code",))) for row in table(pack, name))
    assert counted
    assert [key for key, count in counted.items() if count > 1] == []


@pytest.mark.parametrize(("pack", "name"), EVERY_TABLE)
def test_both_languages_are_filled_in_their_own_script(pack: Path, name: str) -> None:
    rows = table(pack, name)
    pairs = [column.removesuffix("_zh") for column in rows[0] if column.endswith("_zh")]
    english = {stem: f"{stem}_en" if f"{stem}_en" in rows[0] else stem for stem in pairs}
    optional = {("released", ""), ("hours", "")}  # most posts have no name that was released
    wrong = [
        (row, stem)
        for row in rows
        for stem in pairs
        if (stem, row[f"{stem}_zh"] + row[english[stem]]) not in optional
        if not HAN.search(row[f"{stem}_zh"]) or not row[english[stem]].strip() or HAN.search(row[english[stem]])
    ]
    assert wrong == []


def test_the_national_catalogue_is_whole_and_says_what_it_is() -> None:
    rows = table(STANDARD, "categories")
    national = [row for row in rows if row["local_extension"] == "0"]
    assert Counter(row["kind"] for row in national) == {"component": 153, "matter": 250}
    assert {row["source"] for row in national} == {"GB/T 47678.5-2026 (transcription, not the official text)"}
    assert {row["major"] for row in rows if row["local_extension"] == "1"} == {"90"}
    assert all(re.fullmatch(r"\d{5}", row["code"]) and row["code"].startswith(row["major"]) for row in rows)


def test_every_component_has_its_matter() -> None:
    by_kind: dict[str, set[str]] = defaultdict(set)
    for row in table(STANDARD, "categories"):
        by_kind[row["kind"]].add(row["code"])
    assert by_kind["component"] == {code for code in by_kind["matter"] if code < "06"}


@pytest.mark.parametrize(
    ("kind", "code", "legacy"),
    [
        ("matter", "06036", "01-36"),
        ("matter", "06039", ""),
        ("matter", "07008", ""),
        ("matter", "09001", "04-01"),
        ("component", "01069", "05-06"),
        ("component", "01002", "01-02"),
    ],
)
def test_older_codes_are_given_only_where_they_are_known(kind: str, code: str, legacy: str) -> None:
    found = {(row["kind"], row["code"]): row["legacy_code"] for row in table(STANDARD, "categories")}
    assert found[kind, code] == legacy


def test_every_standard_has_its_category_and_an_assumed_limit() -> None:
    known = {(row["kind"], row["code"]) for row in table(STANDARD, "categories")}
    for row in table(STANDARD, "standards"):
        assert (row["kind"], row["category"]) in known, row["code"]
        assert row["code"].startswith(f"{row['category']}-")
        assert row["limit_unit"] in UNITS_OF_TIME, row["code"]
        assert int(row["limit_value"]) > 0
        assert row["limit_status"] == "assumption"
        assert "assumption" in row["source"]


def test_every_matter_can_be_filed() -> None:
    matters = {row["code"] for row in table(STANDARD, "categories") if row["kind"] == "matter"}
    assert matters == {row["category"] for row in table(STANDARD, "standards")}


def test_danger_has_short_limits() -> None:
    for row in table(STANDARD, "standards"):
        if row["urgent"] == "1" and not row["category"].startswith("10"):
            assert row["limit_unit"] == "urgent_hour", row["code"]
            assert int(row["limit_value"]) <= 2, row["code"]


def test_street_trade_may_end_on_a_permitted_pitch() -> None:
    for category in ("09001", "09006"):
        rows = [row for row in table(STANDARD, "standards") if row["category"] == category]
        assert any("许可摊位" in row["closing_zh"] and "permitted pitch" in row["closing_en"] for row in rows)


def test_wanzhou_has_its_streets_and_communities() -> None:
    rows = table(WANZHOU, "places")
    kinds = Counter(row["kind"] for row in rows)
    assert (kinds["district"], kinds["street"], kinds["community"]) == (1, 52, 610)
    names = {row["code"]: row["name_en"] for row in rows}
    assert names["500101001"] == "Gaosuntang Street"
    assert names["500101156"] == "Tai'an Town"
    assert names["500101148"] == "Changling Town"
    assert names["500101238"] == "Dibao Tujia Township"


def test_codes_follow_the_national_pattern_and_only_grids_are_made_up() -> None:
    lengths = {"district": 6, "street": 9, "community": 12, "grid": 15}
    codes = {row["code"] for row in table(WANZHOU, "places")}
    for row in table(WANZHOU, "places"):
        assert re.fullmatch(rf"500101\d{{{lengths[row['kind']] - 6}}}", row["code"])
        assert row["kind"] == "district" or (row["parent"] in codes and row["code"].startswith(row["parent"]))
        assert row["synthetic"] == ("1" if row["kind"] == "grid" else "0")
        assert row["kind"] != "grid" or "generated" in row["source"]


def test_grids_are_numbered_from_one_without_a_hole() -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in table(WANZHOU, "places"):
        if row["kind"] == "grid":
            numbers[row["parent"]].append(int(row["code"][12:]))
    assert len(numbers) == 610
    for community, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), community
        assert 2 <= len(found) <= 6, community


@pytest.mark.parametrize(
    ("name", "count", "synthetic"),
    [("outline", 1, False), ("streets", 52, True), ("communities", 610, True), ("areas", 4, True)],
)
def test_shapes_say_whether_they_are_made_up(name: str, count: int, synthetic: bool) -> None:
    found = features(name)
    assert len(found) == count
    assert {feature["properties"]["synthetic"] for feature in found} == {synthetic}


def test_grids_say_that_they_are_made_up_and_match_the_table() -> None:
    assert all(feature["properties"]["synthetic"] is True for feature in features("grids"))
    assert set(shapes("grids")) == {row["code"] for row in table(WANZHOU, "places") if row["kind"] == "grid"}


def test_grids_cover_the_outline_exactly() -> None:
    grids = list(shapes("grids").values())
    outline = shapes("outline")["500101"]
    assert all(grid.is_valid and grid.geom_type == "Polygon" for grid in grids)
    assert shapely.coverage_is_valid(grids)
    assert shapely.coverage_union_all(grids).symmetric_difference(outline).area == 0


def test_a_point_inside_the_outline_lies_in_one_grid() -> None:
    outline = shapes("outline")["500101"]
    codes, grids = list(shapes("grids")), list(shapes("grids").values())
    tree = shapely.STRtree(grids)
    dice, found = Dice("points inside Wanzhou"), 0
    west, south, east, north = outline.bounds
    while found < 2000:
        point = Point(dice.between(west, east), dice.between(south, north))
        hits = [codes[i] for i in tree.query(point, predicate="intersects")]
        inside = outline.contains(point)
        found += inside
        assert len(hits) == (1 if inside else 0), point


@pytest.mark.parametrize(("level", "length"), [("streets", 9), ("communities", 12)])
def test_streets_and_communities_are_unions_of_their_grids(level: str, length: int) -> None:
    members: dict[str, list[BaseGeometry]] = defaultdict(list)
    for code, grid in shapes("grids").items():
        members[code[:length]].append(grid)
    assert set(members) == set(shapes(level))
    for code, polygon in shapes(level).items():
        assert polygon.geom_type == "Polygon", f"{code} is in several pieces"
        assert shapely.coverage_union_all(members[code]).equals(polygon), code


def test_urban_streets_lie_round_the_city_and_have_smaller_grids() -> None:
    urban = [code for code in shapes("streets") if make_wanzhou.is_urban(code)]
    assert len(urban) == 14
    for code in urban:
        middle = shapes("streets")[code].centroid
        assert 108.25 < middle.x < 108.5, code
        assert 30.7 < middle.y < 30.92, code
    areas: dict[bool, list[float]] = defaultdict(list)
    for code, grid in shapes("grids").items():
        areas[make_wanzhou.is_urban(code)].append(grid.area)
    assert sum(areas[True]) / len(areas[True]) < sum(areas[False]) / len(areas[False]) / 2


def test_the_same_input_gives_the_same_bytes() -> None:
    codes = [row["code"] for row in table(WANZHOU, "places") if row["kind"] in ("street", "community")]
    outline = make_wanzhou.read_outline(WANZHOU / "shapes" / "outline.geojson")
    grids = make_wanzhou.territory(codes, outline)
    written = make_wanzhou.geojson(grids, make_wanzhou.NOTE, synthetic=True)
    assert written == (WANZHOU / "shapes" / "grids.geojson").read_text(encoding="utf-8")
    areas = make_wanzhou.geojson(make_wanzhou.area_shapes(grids), make_wanzhou.NOTE, synthetic=True)
    assert areas == (WANZHOU / "shapes" / "areas.geojson").read_text(encoding="utf-8")


def test_stations_are_what_the_tool_writes_and_say_that_they_are_samples() -> None:
    names = {row["code"]: row["name_zh"] for row in table(WANZHOU, "places") if row["kind"] in ("street", "community")}
    middles = {code: polygon.representative_point() for code, polygon in shapes("communities").items()}
    places = make_wanzhou.place_rows(names, shapes("grids"))
    tool = importlib.import_module("wanzhou_stations")
    written = [
        dict(zip(tool.STATION_COLUMNS, row, strict=True))
        for row in tool.stations(make_wanzhou.street_list(names), places, middles)
    ]
    assert written == table(WANZHOU, "stations")
    assert all(row["synthetic"] == "1" and "示例" in row["name_zh"] for row in written)


def test_a_named_area_spans_parts_of_several_streets() -> None:
    area = next(row for row in table(WANZHOU, "areas") if row["code"] == "etdz")
    places = {row["code"] for row in table(WANZHOU, "places")}
    prefixes = area["places"].split()
    assert set(prefixes) <= places
    assert len({prefix[:9] for prefix in prefixes}) >= 4
    assert any(len(prefix) == 15 for prefix in prefixes)
    covered = [grid for code, grid in shapes("grids").items() if code.startswith(tuple(prefixes))]
    assert shapely.union_all(covered).equals(shapes("areas")[area["shape"]])


def in_force(row: dict[str, str], day: str = "2026-11-22") -> bool:
    return (not row["valid_from"] or row["valid_from"] <= day) and (not row["valid_to"] or row["valid_to"] >= day)


def test_units_and_posts_hang_together() -> None:
    units = {row["code"]: row for row in table(WANZHOU, "units")}
    roles = {row["code"] for row in table(STANDARD, "roles")}
    areas = {f"area:{row['code']}" for row in table(WANZHOU, "areas")}
    places = {row["code"] for row in table(WANZHOU, "places")}
    calendars = yaml.safe_load((STANDARD / "calendars.yaml").read_text(encoding="utf-8"))["calendars"]
    for unit in units.values():
        assert not unit["parent"] or unit["parent"] in units
        assert not unit["calendar"] or unit["calendar"] in calendars
        assert unit["source"]
    logins = Counter(row["login"] for row in table(WANZHOU, "posts") if row["login"])
    assert max(logins.values()) == 1
    assert {row["role"] for row in table(WANZHOU, "posts") if not row["login"]} == {"community_clerk"}
    for post in table(WANZHOU, "posts"):
        assert post["role"] in roles, post["code"]
        assert units[post["unit"]]["accounts"] == "1", post["code"]
        assert in_force(units[post["unit"]]), post["code"]
        assert set(post["scope"].split()) <= places | areas, post["code"]
    assert {post["role"] for post in table(WANZHOU, "posts")} == roles


def test_who_works_evenings_does_not_keep_office_hours() -> None:
    calendar = {row["code"]: row["calendar"] for row in table(WANZHOU, "units")}
    assert calendar["squad-gaosuntang"] == calendar["enforcement-detachment"] == "squad"
    assert calendar["sanitation-section"] == calendar["sanitation-crew-north"] == "sanitation"
    assert calendar["fire-rescue-detachment"] == "duty"
    assert calendar["water-resources-bureau"] == ""


def test_the_reform_is_told_by_dates() -> None:
    units = {row["code"]: row for row in table(WANZHOU, "units")}
    assert not in_force(units["sanitation-centre"])
    assert not in_force(units["planning-resources-detachment"])
    assert in_force(units["municipal-affairs-centre"])
    assert in_force(units["sanitation-centre"], "2024-11-26")
    assert not in_force(units["municipal-affairs-centre"], "2024-11-26")
    departments = [row for row in units.values() if row["kind"] == "department" and "2020-01" in row["source"]]
    assert len(departments) == 12  # the eleven of the showcase and transport, which joint duty brought in


def test_every_unit_that_answers_can_act() -> None:
    units = {row["code"]: row for row in table(WANZHOU, "units")}
    held: dict[str, set[str]] = defaultdict(set)
    for post in table(WANZHOU, "posts"):
        held[post["unit"]].add(post["role"])
    for rule in table(WANZHOU, "responsibility"):
        unit = units[rule["unit"]]
        assert in_force(unit), rule
        assert unit["accounts"] == "0" or held[rule["unit"]] >= {"unit_clerk", "worker"}, rule


def test_every_place_has_two_collectors_who_can_check_each_other() -> None:
    scopes = [row["scope"].split() for row in table(WANZHOU, "posts") if row["role"] == "collector"]
    for place in table(WANZHOU, "places"):
        able = [scope for scope in scopes if place["code"].startswith(tuple(scope))]
        assert len(able) >= (2 if place["kind"] != "district" else 1), place["code"]


def resolve(
    rules: dict[tuple[str, str, str, str], dict[str, str]], kind: str, code: str, way: list[str], owner: str
) -> str:
    """Unit that answers, by the order in which rules are compared: category, kind, place, owner."""
    for category in (code, code[:2]):
        for of_kind in (kind, "*"):
            for place in way:
                for who in (owner, "*"):
                    rule = rules.get((of_kind, category, place, who))
                    if rule:
                        return rule["unit"]
    return ""


def test_every_category_place_and_owner_has_a_unit() -> None:
    rules = {
        (row["kind"], row["category"], row["place"], row["owner"]): row for row in table(WANZHOU, "responsibility")
    }
    assert {len(category) for _, category, _, _ in rules} == {2, 5}
    owners = [row["code"] for row in table(STANDARD, "owners")]
    streets = [row["code"] for row in table(WANZHOU, "places") if row["kind"] == "street"]
    ways = [["*"], ["area:etdz", "500101027", "*"], *([street, "*"] for street in streets)]
    for category in table(STANDARD, "categories"):
        for way in ways:
            for owner in owners:
                assert resolve(rules, category["kind"], category["code"], way, owner), (category, way, owner)


@pytest.mark.parametrize(
    ("code", "way", "owner", "unit"),
    [
        ("09006", ["500101001", "*"], "*", "squad-gaosuntang"),
        ("09006", ["500101156", "*"], "*", "office-taian"),
        ("09006", ["area:etdz", "500101027", "*"], "*", "etdz-city-management"),
        ("06012", ["500101001", "*"], "*", "sanitation-section"),
        ("06036", ["500101017", "*"], "*", "squad-taibai"),
        ("01001", ["500101001", "*"], "*", "water-company"),
        ("01001", ["500101001", "*"], "power", "power-company"),
        ("01007", ["500101001", "*"], "telecom", "telecom-desk"),
        ("01001", ["500101001", "*"], "unknown", "ownerless-queue"),
        ("01023", ["500101001", "*"], "*", "ownerless-queue"),
        ("10002", ["500101001", "*"], "telecom", "telecom-desk"),
        ("10002", ["500101001", "*"], "unknown", "municipal-works"),
        ("90004", ["500101001", "*"], "*", "gas-company"),
        ("90012", ["500101001", "*"], "unknown", "municipal-works"),
    ],
)
def test_who_answers(code: str, way: list[str], owner: str, unit: str) -> None:
    rules = {
        (row["kind"], row["category"], row["place"], row["owner"]): row for row in table(WANZHOU, "responsibility")
    }
    assert resolve(rules, "matter", code, way, owner) == unit


def test_everyday_matters_never_wait_for_a_letter() -> None:
    letters = {row["code"] for row in table(WANZHOU, "units") if row["accounts"] == "0"}
    by_letter = [row for row in table(WANZHOU, "responsibility") if row["unit"] in letters and row["owner"] == "*"]
    assert {row["category"] for row in by_letter} == {"01042", "02042"}  # post boxes and railway bridges
    assert all(row["queue"] == "1" for row in table(WANZHOU, "responsibility") if row["unit"] == "ownerless-queue")
