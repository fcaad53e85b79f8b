"""Every bad row of a pack is named by file, line and reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gewu.registry.packs import check_pack
from registry.conftest import FILES, SHAPES, TODAY, PackFolder, box


def problems(pack: PackFolder) -> list[tuple[str, int, str]]:
    return [(p.file, p.line, p.reason) for p in check_pack(pack.path, today=TODAY)]


def test_a_sound_pack_has_no_problem(pack: PackFolder) -> None:
    assert problems(pack) == []


ROWS = [
    ("roles.csv", "mini_officer,甲,A,", "stands twice, first on line 2"),
    ("roles.csv", "bad code,甲,A,", "is not a code"),
    ("roles.csv", "mini_x,,A,", "name_zh is empty"),
    ("roles.csv", "mini_x,甲,A", "has 3 fields where the header has 4"),
    ("roles.csv", "mini_x,甲\x07,A,", "control character"),
    ("categories.csv", "thing,97003,97,小,S,乱,H,,1,own", "is not one of matter, component"),
    ("categories.csv", "matter,97001,97,小,S,乱,H,,1,own", "category 'matter:97001' stands twice"),
    ("categories.csv", "matter,97003,97,小,S,乱,H,,yes,own", "neither 0 nor 1"),
    ("standards.csv", "97001-2,matter,97009,a,a,b,b,4,work_hour,0,assumption,", "matter:97009 is not in the catalogue"),
    ("standards.csv", "97001-2,matter,97001,a,a,b,b,4,fortnight,0,assumption,", "limit_unit 'fortnight'"),
    ("standards.csv", "97001-2,matter,97001,a,a,b,b,0,work_hour,0,assumption,", "limit_value '0'"),
    ("standards.csv", "97001-2,matter,97001,a,a,b,b,-4,work_hour,0,assumption,", "limit_value '-4'"),
    ("standards.csv", "97001-2,matter,97001,a,a,b,b,1.5,work_hour,0,assumption,", "limit_value '1.5'"),
    ("standards.csv", "97001-2,matter,97001,a,a,b,b,4,work_hour,0,guess,", "limit_status 'guess'"),
    ("standards.csv", "97001-2,matter,97001,a,,b,b,4,work_hour,0,assumption,", "filing_en is empty"),
    ("places.csv", "990101003001,community,990101003,甲,A,,,,0,", "parent '990101003' is not a place"),
    ("places.csv", "990101002002,community,990101001,甲,A,,,,0,", "does not begin with the code of its parent"),
    ("places.csv", "990101002002,community,990101002001,甲,A,,,,0,", "cannot contain a community"),
    ("places.csv", "9901010020,community,990101002,甲,A,,,,0,", "has 10 digits"),
    ("places.csv", "990101003,grid,990101,甲,A,,,,0,", "has the length of a street, not of a grid"),
    ("places.csv", "990101003,village,990101,甲,A,,,,0,", "kind 'village'"),
    ("places.csv", "990101003,street,990101,甲,A,2025-02-30,,,0,", "'2025-02-30' is not a date"),
    ("places.csv", "990101003,street,990101,甲,A,2025-02-03,2025-02-02,,0,", "valid_to 2025-02-02 is before"),
    ("places.csv", "990101003,street,990101,甲,A,,,990101009,0,", "successor '990101009'"),
    ("areas.csv", "lake,park,湖,Lake,990101009,,,,", "place '990101009' is not a place"),
    ("areas.csv", "lake,park,湖,Lake,,,,,", "neither places nor a shape"),
    ("areas.csv", "lake,park,湖,Lake,,somewhere,,,", "shape 'somewhere' is not in shapes/"),
    ("units.csv", "desk,office,desk,台,Desk,,,1,,,", "parent 'office' is not a unit"),
    ("units.csv", "desk,,desk,台,Desk,990101009,,1,,,", "place '990101009' is not a place"),
    ("units.csv", "desk,,desk,台,Desk,,night,1,,,", "calendar 'night' is not defined"),
    ("units.csv", "squad,,desk,台,Desk,,,1,,,", "unit 'squad' stands twice, first on line 3"),
    ("posts.csv", "p,desk,mini_clerk,,甲,A,990101,,,", "unit 'desk' is not a unit"),
    ("posts.csv", "p,squad,king,,甲,A,990101,,,", "role 'king' is not defined"),
    ("posts.csv", "p,squad,mini_clerk,,甲,A,990102,,,", "scope '990102' is not a place"),
    ("posts.csv", "p,squad,mini_clerk,,甲,A,area:lake,,,", "scope area:lake is not an area"),
    ("posts.csv", "p,waterworks,mini_clerk,mini-p,甲,A,990101,,,", "gets official letters"),
    ("responsibility.csv", "matter,97,*,*,desk,0,", "unit 'desk' is not a unit"),
    ("responsibility.csv", "matter,55,*,*,bureau,0,", "category '55' begins no matter category"),
    ("responsibility.csv", "matter,97,990102,*,bureau,0,", "place '990102' is not a place"),
    ("responsibility.csv", "matter,97,area:lake,*,bureau,0,", "place area:lake is not an area"),
    ("responsibility.csv", "matter,97,*,minigas,bureau,0,", "owner 'minigas' is not defined"),
    ("responsibility.csv", "matter,97001,area:zone,*,bureau,0,", "equal to line 5"),
    ("holidays.csv", "2026-01-01,rest,元旦,New Year", "holiday_years in pack.yaml does not list"),
    ("holidays.csv", "2025-13-01,rest,元旦,New Year", "is not a date"),
    ("holidays.csv", "2025-01-01,workday,元旦,New Year", "stands twice"),
    ("holidays.csv", "2025-01-02,feast,元旦,New Year", "kind 'feast'"),
    ("owners.csv", "miniwater,水,Water", "owner 'miniwater' stands twice"),
]


@pytest.mark.parametrize(("file", "row", "reason"), ROWS)
def test_a_bad_row_is_named(pack: PackFolder, file: str, row: str, reason: str) -> None:
    line = pack.append(file, row)
    found = problems(pack)
    assert {(f, n) for f, n, _ in found} == {(file, line)}, found
    assert any(reason in said for _, _, said in found), found


TEXTS = [
    ("pack.yaml", "language: zh", "language: zh\n  mayor: nobody", 12, "unknown field 'mayor'"),
    ("pack.yaml", 'code: "990101"', "code: 990101", 6, 'quote it, "990101"'),
    ("pack.yaml", "timezone: Asia/Shanghai", "timezone: Asia/Wanzhou", 8, "timezone 'Asia/Wanzhou' is unknown"),
    ("pack.yaml", "work_day_mode: hours", "work_day_mode: days", 9, "work_day_mode 'days'"),
    ("pack.yaml", "language: zh", "language: fr", 11, "language 'fr'"),
    ("pack.yaml", 'title: {en: "Mini", zh: "小区"}', 'title: {en: "Mini"}', 3, "has no 'zh'"),
    ("pack.yaml", "mini-office", "mini-day", 5, "default_calendar 'mini-day' is not defined"),
    ("pack.yaml", "holiday_years: [2025]", "holiday_years: [2025, soon]", 4, "whole number"),
    ("pack.yaml", 'version: "1"', 'version: "1"\nversion: "2"', 3, "key 'version' stands twice"),
    ("pack.yaml", 'version: "1"', 'version: "1"\nrequires: [elsewhere]', 3, "requires pack 'elsewhere'"),
    ("calendars.yaml", "19:00-02:00", "19:00", 10, "window"),
    ("calendars.yaml", '"05-01"', '"05-32"', 10, "season"),
    ("calendars.yaml", "day_hours: 8", "day_hours: 25", 4, "day_hours 25"),
    ("calendars.yaml", "day_hours: 8", "lunch: long", 4, "unknown field 'lunch'"),
    ("playbooks/mini.yaml", "role: mini_officer, after", "role: mini_judge, after", 14, "mini_judge"),
    ("playbooks/mini.yaml", "kind: case", "kind: case\ncolour: red", 4, "colour"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "reason"), TEXTS)
def test_a_bad_line_of_yaml_is_named(pack: PackFolder, file: str, old: str, new: str, line: int, reason: str) -> None:
    pack.replace(file, old, new)
    found = problems(pack)
    assert (file, line) in [(f, n) for f, n, _ in found], found
    assert any(reason in r for f, n, r in found if (f, n) == (file, line)), found


@pytest.mark.parametrize(
    ("file", "text", "line", "reason"),
    [
        ("pack.yaml", "pack: mini\n  version: 1\n", 2, "not valid YAML"),
        ("calendars.yaml", "calendars:\n  a: [1, 2\n", 3, "not valid YAML"),
        ("playbooks/mini.yaml", "playbook: mini\nstages: {a: [}\n", 2, "not valid YAML"),
        ("shapes/all.geojson", '{"type": "FeatureCollection",\n "features": [}\n', 2, "not valid JSON"),
        ("roles.csv", 'code,name_zh,name_en,note\nmini_x,"甲"乙,A,\n', 2, "not valid CSV"),
        ("roles.csv", "", 1, "is empty"),
        ("roles.csv", "code,name_zh,name_en,colour\nmini_x,甲,A,red\n", 1, "unknown field 'colour'"),
        ("roles.csv", "code,name_zh\nmini_x,甲\n", 1, "column 'name_en' is missing"),
        ("rolls.csv", "code,name_zh,name_en\n", 1, "unknown file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(pack: PackFolder, file: str, text: str, line: int, reason: str) -> None:
    pack.write(file, text)
    assert any(f == file and n == line and reason in r for f, n, r in problems(pack)), problems(pack)


def test_text_in_another_encoding_is_refused_with_its_line(pack: PackFolder) -> None:
    (pack.path / "owners.csv").write_bytes("code,name_zh,name_en\nminiwater,供水,Water\n".encode("gb18030"))
    assert ("owners.csv", 2, "is not UTF-8: save the file as UTF-8 text") in problems(pack)


def test_a_byte_order_mark_is_no_problem(pack: PackFolder) -> None:
    (pack.path / "owners.csv").write_bytes(b"\xef\xbb\xbf" + FILES["owners.csv"].encode())
    assert problems(pack) == []


def test_lines_are_real_lines_also_after_quoted_line_breaks(pack: PackFolder) -> None:
    pack.append("roles.csv", 'mini_a,甲,A,"one\ntwo\nthree"')
    line = pack.append("roles.csv", "mini_b,,B,")
    assert line == 7
    assert problems(pack) == [("roles.csv", 7, "name_zh is empty")]


def test_all_bad_rows_are_named_not_the_first_only(pack: PackFolder) -> None:
    lines = [pack.append("units.csv", f"u{n},nowhere,x,甲,A,,,1,,,") for n in range(3)]
    post = pack.append("posts.csv", "p,squad,king,,甲,A,990102,,,")
    found = [(f, n) for f, n, _ in problems(pack)]
    assert found == [("posts.csv", post), ("posts.csv", post), *(("units.csv", line) for line in lines)]


def test_units_that_are_each_others_parents_are_refused(pack: PackFolder) -> None:
    pack.replace("units.csv", "bureau,,bureau", "bureau,team,bureau")
    reasons = {(n, r) for f, n, r in problems(pack) if f == "units.csv"}
    assert (2, "is its own parent by way of bureau > team > squad > bureau") in reasons
    assert {n for n, _ in reasons} == {2, 3, 4}


# ---- shapes


def test_a_shape_that_crosses_itself_is_refused_with_its_line(pack: PackFolder) -> None:
    bow = {"type": "Polygon", "coordinates": [[[108, 30], [108.01, 30.01], [108.01, 30], [108, 30.01], [108, 30]]]}
    pack.shapes({**SHAPES, "990101002001001": bow})
    [(file, line, reason)] = problems(pack)
    assert (file, line) == ("shapes/all.geojson", 5)
    assert "990101002001001 is not a valid polygon: Self-intersection" in reason


@pytest.mark.parametrize(
    ("code", "geometry", "reason"),
    [
        ("990101777", box(108, 30, 108.01, 30.01), "belongs to no place and no area"),
        ("990101001", {"type": "Point", "coordinates": [108, 30]}, "not a Polygon"),
        ("990101001", box(108, 30, 208, 30.01), "outside longitude"),
        ("990101001", {"type": "Polygon", "coordinates": []}, "is empty"),
        ("990101001", {"type": "Polygon", "coordinates": [[[108, 30], [108, 31]]]}, "cannot be read"),
    ],
)
def test_a_bad_shape_is_named(pack: PackFolder, code: str, geometry: dict[str, object], reason: str) -> None:
    pack.shapes({**SHAPES, code: geometry})
    [(file, line, said)] = problems(pack)
    assert (file, line) == ("shapes/all.geojson", 7)
    assert reason in said


# ---- responsibility and roles


def test_a_category_without_a_unit_is_refused(pack: PackFolder) -> None:
    pack.drop("responsibility.csv", "matter,*,*")
    [(file, _, reason)] = problems(pack)
    assert file == "responsibility.csv"
    assert reason.startswith("no unit is responsible for matter:97002 in 990101, 990101002, 990101002001 and 1 more")


def test_an_owner_without_a_unit_is_refused(pack: PackFolder) -> None:
    pack.drop("responsibility.csv", "component,98,*,*")
    [(_, _, reason)] = problems(pack)
    assert reason.startswith("no unit is responsible for component:98001 in 990101, ")
    assert reason.endswith(", owner minipower")


def test_rules_place_by_place_may_cover_together(pack: PackFolder) -> None:
    pack.drop("responsibility.csv", "matter,*,*")
    for place in ("990101", "990101001", "990101002"):
        if place != "990101001":
            pack.append("responsibility.csv", f"matter,97002,{place},*,bureau,0,")
    assert problems(pack) == []


def test_a_drawn_area_covers_nothing_for_sure(pack: PackFolder) -> None:
    pack.drop("responsibility.csv", "matter,*,*")
    pack.append("responsibility.csv", "matter,97002,area:park,*,bureau,0,")
    assert any("no unit is responsible for matter:97002" in reason for _, _, reason in problems(pack))


def test_areas_that_meet_may_not_claim_one_place_for_two_units(pack: PackFolder) -> None:
    pack.append("areas.csv", "island,key_area,岛,Island,990101001001001 990101002,,,,")
    line = pack.append("responsibility.csv", "matter,97001,area:island,*,squad,0,")
    [(file, at, reason)] = problems(pack)
    assert (file, at) == ("responsibility.csv", line)
    assert "ties with line 5" in reason
    assert "990101001001001" in reason
    assert "team and squad" in reason


def test_areas_that_do_not_meet_may_have_units_of_their_own(pack: PackFolder) -> None:
    pack.append("areas.csv", "island,key_area,岛,Island,990101002,,,,")
    pack.append("responsibility.csv", "matter,97001,area:island,*,squad,0,")
    assert problems(pack) == []


def test_areas_that_meet_only_where_a_grid_rule_wins_are_no_tie(pack: PackFolder) -> None:
    pack.append("areas.csv", "island,key_area,岛,Island,990101001001002,,,,")
    pack.append("responsibility.csv", "matter,97001,area:island,*,bureau,0,")
    assert problems(pack) == []


def test_drawn_areas_that_overlap_may_not_name_two_units(pack: PackFolder) -> None:
    line = pack.append("responsibility.csv", "matter,97001,area:park,*,squad,0,")
    found = problems(pack)
    assert [(f, n) for f, n, _ in found] == [("responsibility.csv", line)]
    assert "ties with line 5" in found[0][2]


def test_a_role_that_a_playbook_needs_and_nobody_holds_is_refused(pack: PackFolder) -> None:
    pack.replace("posts.csv", "officer1,bureau,mini_officer,", "officer1,bureau,mini_clerk,")
    found = problems(pack)
    assert {f for f, _, _ in found} == {"playbooks/mini.yaml"}
    assert any(n == 26 and "role 'mini_officer' is needed" in r for _, n, r in found), found


def test_a_post_that_ended_holds_no_role(pack: PackFolder) -> None:
    pack.replace("posts.csv", "990101,,,own", "990101,2020-01-01,2024-12-31,own")
    assert any("mini_officer" in reason for _, _, reason in problems(pack))


def test_a_unit_that_ended_answers_for_nothing(pack: PackFolder) -> None:
    pack.replace(
        "units.csv", "team,squad,team,班,Team,990101001,,1,,,", "team,squad,team,班,Team,990101001,,1,,2025-03-02,"
    )
    assert ("responsibility.csv", 5, "unit team ended on 2025-03-02") in problems(pack)


def test_a_playbook_is_proved_and_not_only_read(pack: PackFolder) -> None:
    pack.replace("playbooks/mini.yaml", "  done: {", '  lost: {title: {en: "Lost", zh: "失"}}\n  done: {')
    assert [(f, n) for f, n, _ in problems(pack)] == [("playbooks/mini.yaml", 7)]


# ---- packs together


def test_a_pack_is_checked_together_with_the_one_beside_it(
    pack: PackFolder, another: Callable[[str], PackFolder]
) -> None:
    base = another("base")
    base.write("roles.csv", FILES["roles.csv"])
    (pack.path / "roles.csv").unlink()
    pack.replace("pack.yaml", 'version: "1"', 'version: "1"\nrequires: [base]')
    assert problems(pack) == []
    base.replace("roles.csv", "mini_clerk", "mini_other")
    assert ("posts.csv", 3, "role 'mini_clerk' is not defined") in problems(pack)
    base.append("roles.csv", "mini_z,,Z,")
    assert ("base/roles.csv", 4, "name_zh is empty") in problems(pack)


def test_the_roles_of_a_required_playbook_have_to_be_held_in_this_district(
    pack: PackFolder, another: Callable[[str], PackFolder]
) -> None:
    base = another("base")
    base.write("roles.csv", FILES["roles.csv"])
    base.write("playbooks/mini.yaml", FILES["playbooks/mini.yaml"])
    (pack.path / "roles.csv").unlink()
    (pack.path / "playbooks/mini.yaml").unlink()
    pack.replace("pack.yaml", 'version: "1"', 'version: "1"\nrequires: [base]')
    assert problems(base) == []
    assert problems(pack) == []
    pack.replace("posts.csv", "officer1,bureau,mini_officer,", "officer1,bureau,mini_clerk,")
    [(file, line, reason)] = problems(pack)
    assert (file, line) == ("base/playbooks/mini.yaml", 26)
    assert "role 'mini_officer' is needed here, but nobody holds it" in reason


def test_what_a_required_pack_defines_may_not_be_defined_again(
    pack: PackFolder, another: Callable[[str], PackFolder]
) -> None:
    another("base").write("roles.csv", FILES["roles.csv"])
    pack.replace("pack.yaml", 'version: "1"', 'version: "1"\nrequires: [base]')
    assert ("roles.csv", 2, "role 'mini_officer' is already defined by pack 'base'") in problems(pack)


def test_packs_that_require_each_other_are_refused(pack: PackFolder, another: Callable[[str], PackFolder]) -> None:
    another("base").append("pack.yaml", "requires: [mini]")
    pack.replace("pack.yaml", 'version: "1"', 'version: "1"\nrequires: [base]')
    assert any("require each other in a circle: mini > base > mini" in reason for _, _, reason in problems(pack))


def test_tables_of_a_territory_need_a_district(another: Callable[[str], PackFolder]) -> None:
    base = another("base")
    base.write("units.csv", "code,parent,kind,name_zh,name_en\nu,,x,甲,A\n")
    assert [(f, n) for f, n, _ in problems(base)] == [("units.csv", 2)]


def test_a_playbook_may_extend_one_of_a_required_pack(pack: PackFolder, another: Callable[[str], PackFolder]) -> None:
    base = another("base")
    base.write("roles.csv", FILES["roles.csv"])
    base.write("playbooks/mini.yaml", FILES["playbooks/mini.yaml"])
    (pack.path / "roles.csv").unlink()
    pack.replace("pack.yaml", 'version: "1"', 'version: "1"\nrequires: [base]')
    pack.write(
        "playbooks/mini.yaml",
        'playbook: mini-own\nversion: 1\nkind: case\nextends: mini\ntitle: {en: "Own", zh: "自有"}\n',
    )
    assert problems(pack) == []
    pack.replace("playbooks/mini.yaml", "extends: mini", "extends: nothing")
    assert any(f == "playbooks/mini.yaml" and n == 4 for f, n, _ in problems(pack))
