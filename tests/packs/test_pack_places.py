"""Places and shapes of the district: codes as the nation writes them, an exact partition, what is made up said."""

from __future__ import annotations

import importlib
import re
from collections import Counter, defaultdict

import pytest
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from support.shipped import WANZHOU, Dice, features, make_wanzhou, shapes, table


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
