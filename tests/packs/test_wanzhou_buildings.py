"""What the articles print about buildings, the Party chain and items stands in the pack as rows; the rest is marked."""

from __future__ import annotations

import csv
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

WANZHOU = Path(__file__).resolve().parents[2] / "packs" / "wanzhou"
PAILOU = "500101018"
STREETS_OF_2019 = 11


@lru_cache
def table(name: str) -> list[dict[str, str]]:
    with (WANZHOU / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_chain_has_the_printed_number_of_organisations_on_every_level() -> None:
    counted = Counter(row["kind"] for row in table("organisations"))
    assert counted == {"street_committee": 11, "community_org": 94, "grid_branch": 543, "building_group": 3454}


def test_pailou_has_its_buildings_and_those_without_property_management() -> None:
    rows = [row for row in table("buildings") if row["place"].startswith(PAILOU)]
    assert len(rows) == 951
    assert sum(row["property_management"] == "0" for row in rows) == 701
    assert all("Pailou Street Community" in row["source"] for row in rows)
    unmanaged = [int(row["built"]) for row in rows if row["property_management"] == "0"]
    assert all(1980 <= year < 2000 for year in unmanaged), "old estates of the eighties and nineties"


def test_every_building_says_that_it_is_made_up_and_stands_in_a_grid_of_its_community() -> None:
    grids = {row["code"] for row in table("places") if row["kind"] == "grid"}
    for row in table("buildings"):
        assert row["synthetic"] == "1"
        assert row["source"].startswith("synthetic")
        assert row["place"] in grids
        assert row["code"].startswith(row["place"][:12] + "B")


def test_a_group_hangs_on_every_building_that_has_one_and_on_no_other() -> None:
    with_group = {row["code"] for row in table("buildings") if row["party_group"] == "1"}
    groups = [row["place"] for row in table("organisations") if row["kind"] == "building_group"]
    assert len(groups) == len(set(groups))
    assert set(groups) == with_group


def test_the_chain_hangs_together_from_the_building_up_to_the_street() -> None:
    parents = {row["code"]: row["parent"] for row in table("organisations")}
    streets = {row["code"] for row in table("organisations") if row["kind"] == "street_committee"}
    assert len(streets) == STREETS_OF_2019
    for code in parents:
        above = code
        for _ in range(4):
            above = parents[above] or above
        assert above in streets, code


def test_no_name_of_a_person_and_no_member_stands_anywhere() -> None:
    columns = {column for name in ("buildings", "organisations") for column in table(name)[0]}
    assert not columns & {"person", "login", "member", "members", "phone", "secretary"}


def test_every_community_of_the_participating_streets_has_a_clerk_and_few_log_in() -> None:
    streets = {row["place"] for row in table("organisations") if row["kind"] == "street_committee"}
    clerks = [row for row in table("posts") if row["role"] == "community_clerk"]
    committees = {
        row["code"]
        for row in table("places")
        if row["kind"] == "community" and row["parent"] in streets and row["name_zh"].endswith("社区")
    }
    assert {row["scope"] for row in clerks} == committees
    assert len([row for row in clerks if not row["valid_to"]]) == 95
    assert 0 < sum(bool(row["login"]) for row in clerks) < 10


@pytest.mark.parametrize(
    ("field", "count", "made_up"),
    [
        ("urban_management", 49, False),
        ("planning_resources", 21, True),
        ("housing_construction", 255, True),
        ("defence_mobilisation", 19, True),
    ],
)
def test_items_by_the_field_they_come_from(field: str, count: int, made_up: bool) -> None:
    rows = [row for row in table("items") if row["field"] == field]
    assert len(rows) == count
    assert {row["synthetic"] for row in rows} == {str(int(made_up))}
    assert all(bool(row["basis"]) is not made_up for row in rows), "nothing is made up about the law"


def test_every_item_has_one_holder_in_the_pack() -> None:
    held = Counter(row["item"] for row in table("holdings"))
    assert held == dict.fromkeys((row["code"] for row in table("items")), 1)


def test_the_task_forces_are_paired_with_departments() -> None:
    units = {row["code"]: row["kind"] for row in table("units")}
    rows = table("pairings")
    assert {row["task_force"] for row in rows} == {"task-force-renewal", "task-force-sorting"}
    assert {units[row["department"]] for row in rows} == {"department"}
    assert all("assumption" in row["source"] for row in rows)
