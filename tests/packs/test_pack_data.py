"""The packs that ship: complete, well-formed, in both languages, and an exact partition of the district."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from support.shipped import STANDARD, WANZHOU, table

UNITS_OF_TIME = {"urgent_minute", "urgent_hour", "urgent_day", "work_minute", "work_hour", "work_day"}
HAN = re.compile(r"[\u4e00-\u9fff]")

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
