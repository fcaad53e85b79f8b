"""A load is whole or not at all, changes nothing the second time, and never throws away what records may point at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from gewu.registry.directory import get_directory
from gewu.registry.overrides import OverrideError, end_override, set_override
from gewu.registry.packs import LoadReport, PackError, load_pack
from gewu.registry.packs.content import outdated
from gewu.registry.snapshot import build, districts
from registry.conftest import DISTRICT, FILES, SHAPES, TODAY, PackFolder, box
from support.servers import Session


@pytest.fixture
def rows(fresh_db: Session) -> Callable[..., list[Any]]:
    """Reads the tables directly."""

    def read(statement: str, *values: object) -> list[Any]:
        with psycopg.connect(fresh_db.owner()) as connection:
            return connection.execute(statement, values).fetchall()

    return read


def load(pack: PackFolder, today: date = TODAY) -> LoadReport:
    return load_pack(pack.path, today=today)


def mini_id() -> int:
    return next(d.id for d in districts() if d.code == DISTRICT)


def registry_content(rows: Callable[..., list[Any]]) -> dict[str, list[Any]]:
    tables = ["district", "place", "area", "role", "unit", "post", "person", "category", "standard", "owner"]
    tables += ["responsibilityrule", "calendarspec", "calendarday", "holidayyear", "playbook", "packload", "override"]
    return {table: rows(f"SELECT t::text FROM registry_{table} t ORDER BY 1") for table in tables}


def test_a_second_load_changes_nothing(pack: PackFolder, rows: Callable[..., list[Any]]) -> None:
    first = load(pack)
    assert first.created == 43
    assert (first.updated, first.retired) == (0, 0)
    before = registry_content(rows)
    second = load(pack)
    assert (second.changes, second.unchanged) == (0, first.created)
    after = registry_content(rows)
    assert len(after.pop("packload")) == len(before.pop("packload")) + 1
    assert after == before


def test_a_folder_that_changed_since_its_load_is_named(pack: PackFolder, rows: Callable[..., list[Any]]) -> None:
    folder = pack.path.parent
    assert outdated(folder) == [], "what was never loaded is nobody's concern"
    load(pack)
    assert outdated(folder) == []
    pack.append("roles.csv", "mini_new,新,New,")
    assert outdated(folder) == [pack.path]
    pack.append("units.csv", "desk,nowhere,desk,台,Desk,,,1,,,")
    with pytest.raises(PackError):
        load(pack)
    assert outdated(folder) == [pack.path], "a load that was refused took nothing over"
    pack.drop("units.csv", "desk,nowhere")
    load(pack)
    assert outdated(folder) == []


def test_a_bad_pack_leaves_no_trace(pack: PackFolder, rows: Callable[..., list[Any]]) -> None:
    load(pack)
    before = registry_content(rows)
    pack.append("roles.csv", "mini_new,新,New,")
    pack.append("units.csv", "desk,nowhere,desk,台,Desk,,,1,,,")
    with pytest.raises(PackError) as refused:
        load(pack)
    assert [(p.file, p.line) for p in refused.value.problems] == [("units.csv", 7)]
    assert registry_content(rows) == before


def test_a_required_pack_beside_is_loaded_with_it_or_not_at_all(
    pack: PackFolder, another: Callable[[str], PackFolder], rows: Callable[..., list[Any]]
) -> None:
    base = another("base")
    base.write("roles.csv", FILES["roles.csv"])
    (pack.path / "roles.csv").unlink()
    pack.replace("pack.yaml", 'version: "1"', 'version: "1"\nrequires: [base]')
    line = pack.append("owners.csv", "minigas,,Gas")
    with pytest.raises(PackError) as refused:
        load(pack)
    assert [(p.file, p.line) for p in refused.value.problems] == [("owners.csv", line)]
    assert rows("SELECT 1 FROM registry_role WHERE code = 'mini_officer'") == []
    pack.drop("owners.csv", "minigas")
    report = load(pack)
    assert [r.pack for r in report.required] == ["base"]
    assert rows("SELECT pack FROM registry_role WHERE code = 'mini_officer'") == [("base",)]
    assert load(pack).required == []


def test_what_differs_is_updated_and_what_vanished_is_ended(pack: PackFolder, rows: Callable[..., list[Any]]) -> None:
    load(pack)
    pack.replace("units.csv", "班,Team", "一班,Team One")
    pack.drop("posts.csv", "vacant")
    pack.drop("standards.csv", "97001-1")
    pack.shapes({**SHAPES, "990101002001001": box(108.02, 30.00, 108.035, 30.02)})
    report = load(pack, date(2025, 4, 1))
    assert (report.created, report.updated, report.retired) == (0, 2, 2)
    assert any("post: no longer in the pack, ended on 2025-04-01: vacant" in note for note in report.notes)
    assert rows("SELECT valid_to, retired_on FROM registry_post WHERE code = 'vacant'") == [
        (date(2025, 3, 31), date(2025, 4, 1))
    ]
    directory = build(mini_id(), date(2025, 4, 1))
    post = directory.post("vacant")
    assert post is not None
    assert not post.active
    assert directory.standard("matter:97001-1") is None
    assert directory.standards["matter:97001-1"].filing.en == "There is a heap"
    unit = directory.unit("team")
    assert unit is not None
    assert unit.name_zh == "一班"


def test_what_comes_back_is_the_same_row_again(pack: PackFolder, rows: Callable[..., list[Any]]) -> None:
    load(pack)
    [(before,)] = rows("SELECT id FROM registry_post WHERE code = 'vacant'")
    whole = pack.read("posts.csv")
    pack.drop("posts.csv", "vacant")
    load(pack)
    pack.write("posts.csv", whole)
    assert load(pack).updated == 1
    assert rows("SELECT id, valid_to, retired_on FROM registry_post WHERE code = 'vacant'") == [(before, None, None)]


def test_a_unit_moves_with_all_below_it(pack: PackFolder, fresh_db: Session) -> None:
    load(pack)
    unit = get_directory(mini_id()).unit("team")
    assert unit is not None
    assert unit.path == "/bureau/squad/team/"
    pack.replace("units.csv", "squad,bureau,squad", "squad,,squad")
    load(pack)
    unit = get_directory(mini_id()).unit("team")
    assert unit is not None
    assert unit.path == "/squad/team/"


def test_a_playbook_version_never_changes(pack: PackFolder, fresh_db: Session) -> None:
    load(pack)
    pack.replace("playbooks/mini.yaml", '"Close"', '"Finish"')
    with pytest.raises(PackError) as refused:
        load(pack)
    [problem] = refused.value.problems
    assert (problem.file, problem.line) == ("playbooks/mini.yaml", 2)
    assert "raise the version" in problem.reason
    pack.replace("playbooks/mini.yaml", "version: 1", "version: 2")
    load(pack)
    directory = get_directory(mini_id())
    current, old = directory.current_playbook(), directory.playbook("mini", 1)
    assert current is not None
    assert old is not None
    assert (current.version, current.moves["close"].title.en) == (2, "Finish")
    assert (old.version, old.moves["close"].title.en) == (1, "Close")


def test_a_playbook_that_strands_a_record_is_not_loaded(pack: PackFolder, rows: Callable[..., list[Any]]) -> None:
    pack.replace("playbooks/mini.yaml", "      - start: act\n", "")
    with pytest.raises(PackError) as refused:
        load(pack)
    assert {problem.file for problem in refused.value.problems} == {"playbooks/mini.yaml"}
    assert rows("SELECT 1 FROM registry_playbook WHERE name = 'mini'") == []


def test_a_loaded_playbook_is_still_asked_whether_its_roles_are_held(pack: PackFolder, fresh_db: Session) -> None:
    load(pack)
    pack.replace("posts.csv", "officer1,bureau,mini_officer,", "officer1,bureau,mini_clerk,")
    with pytest.raises(PackError) as refused:
        load(pack)
    assert [(p.file, p.line) for p in refused.value.problems] == [("playbooks/mini.yaml", 26)]


def test_another_pack_may_not_take_over_rows(
    pack: PackFolder, another: Callable[[str], PackFolder], fresh_db: Session
) -> None:
    load(pack)
    thief = another("thief")
    thief.write("owners.csv", "code,name_zh,name_en\nminiwater,我的,Mine\n")
    thief.write("categories.csv", FILES["categories.csv"])
    with pytest.raises(PackError) as refused:
        load(thief)
    assert [(p.file, p.line) for p in refused.value.problems] == [
        ("categories.csv", 2),
        ("categories.csv", 3),
        ("categories.csv", 4),
        ("owners.csv", 2),
    ]


def test_a_login_of_another_district_is_refused(pack: PackFolder, fresh_db: Session) -> None:
    load(pack)
    other = PackFolder(pack.path)
    other.write("pack.yaml", FILES["pack.yaml"].replace("mini\n", "mini2\n", 1).replace("990101", "990102"))
    for file in ("places.csv", "areas.csv", "units.csv", "posts.csv", "responsibility.csv"):
        other.write(file, FILES[file].replace("990101", "990102"))
    for file in ("categories.csv", "standards.csv", "owners.csv", "shapes/all.geojson"):
        (other.path / file).unlink()
    other.write("responsibility.csv", "kind,category,place,owner,unit\nmatter,*,*,*,bureau\ncomponent,*,*,*,bureau\n")
    other.drop("areas.csv", "park")
    other.replace("posts.csv", " area:park", "") if " area:park" in other.read("posts.csv") else None
    other.replace("posts.csv", "area:park", "990102")
    with pytest.raises(PackError) as refused:
        load(other)
    assert {(p.file, p.line) for p in refused.value.problems} == {("posts.csv", 2), ("posts.csv", 3), ("posts.csv", 4)}
    assert all("belongs to somebody outside this district" in p.reason for p in refused.value.problems)


def test_a_process_sees_at_once_what_it_loaded(pack: PackFolder, fresh_db: Session) -> None:
    load(pack)
    before = get_directory(mini_id())
    assert get_directory(mini_id()) is before
    pack.replace("owners.csv", "供水,Water", "供水,Tap water")
    load(pack)
    owner = get_directory(mini_id()).owner("miniwater")
    assert owner is not None
    assert owner.name_en == "Tap water"


# ---- overrides


def test_an_override_survives_a_reload_and_is_reported(pack: PackFolder, fresh_db: Session) -> None:
    load(pack)
    override = set_override("standard", "matter:97001-1", "limit_value", 6, reason="winter")
    standard = get_directory(mini_id()).standard("matter:97001-1")
    assert standard is not None
    assert standard.limit_value == 6
    pack.replace("standards.csv", "已清,It is gone,4", "已清,It is gone,5")
    report = load(pack)
    assert report.changes == 0
    [note] = report.notes
    assert "kept the override of standard matter:97001-1, limit_value: 6 (the pack says 5" in note
    assert "winter" in note
    end_override(override)
    standard = get_directory(mini_id()).standard("matter:97001-1")
    assert standard is not None
    assert standard.limit_value == 5
    assert load(pack).notes == []


def test_an_override_may_name_another_unit(pack: PackFolder, fresh_db: Session) -> None:
    from gewu.registry.models import District

    load(pack)
    district = District.objects.get(code=DISTRICT)
    set_override("rule", "matter:97001:area:zone:*", "unit", "squad", reason="swap", district=district)
    assert load(pack).changes == 0
    found = get_directory(district.pk).responsible("matter:97001", "990101001001001")
    assert found is not None
    assert found.unit.code == "squad"


@pytest.mark.parametrize(
    ("table", "key", "field", "value"),
    [
        ("standard", "matter:97001-1", "limit_value", 0),
        ("standard", "matter:97001-1", "limit_unit", "fortnight"),
        ("standard", "matter:97001-1", "code", "x"),
        ("standard", "matter:97001-9", "limit_value", 5),
        ("standard", "matter:97001-1", "colour", "red"),
        ("person", "mini-officer1", "login", "x"),
    ],
)
def test_an_override_has_to_meet_the_same_demands(
    pack: PackFolder, fresh_db: Session, table: str, key: str, field: str, value: object
) -> None:
    load(pack)
    with pytest.raises(OverrideError):
        set_override(table, key, field, value, reason="try")
