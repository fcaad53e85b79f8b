"""The directory answers who, where and what without a query."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gewu.core.deadlines import Limit, TimeUnit, due
from gewu.registry.directory import Directory, UnknownDistrict, get_directory
from gewu.registry.snapshot import build
from registry.conftest import TODAY


@pytest.fixture
def directory(mini: int) -> Directory:
    return build(mini, TODAY)


@pytest.mark.parametrize(
    ("category", "place", "areas", "owner", "unit", "line"),
    [
        ("matter:97002", "990101", (), "", "bureau", 2),
        ("matter:97002", "990101001001001", (), "", "squad", 3),
        ("matter:97002", "990101002001001", (), "", "bureau", 2),
        # The longer category wins over the finer place.
        ("matter:97001", "990101001", (), "", "bureau", 4),
        # A community lies in the zone, so the area is known without being named; a grid's own rule beats it.
        ("matter:97001", "990101001001", (), "", "team", 5),
        ("matter:97001", "990101001001001", (), "", "team", 5),
        ("matter:97001", "990101001001002", (), "", "squad", 6),
        # An area may also come with the position.
        ("matter:97001", "990101002001001", ("zone",), "", "team", 5),
        ("component:98001", "990101002", (), "minipower", "bureau", 7),
        ("component:98001", "990101002", (), "miniwater", "waterworks", 8),
        ("component:98001", "990101002", (), "unknown", "nobody", 9),
        ("component:98001", "990101002", (), "", "bureau", 7),  # not stated: the rule for any owner
    ],
)
def test_the_most_specific_rule_wins(
    directory: Directory, category: str, place: str, areas: tuple[str, ...], owner: str, unit: str, line: int
) -> None:
    found = directory.responsible(category, place, areas, owner)
    assert found is not None
    assert (found.unit.code, found.rule.file, found.rule.line) == (unit, "responsibility.csv", line)


def test_the_queue_for_the_ownerless_says_so(directory: Directory) -> None:
    found = directory.responsible("component:98001", "990101002", (), "unknown")
    assert found is not None
    assert found.queue
    assert found.why.en == "98 Facilities; anywhere; owner unknown"
    assert found.why.zh == "98 设施；全区；权属 unknown"


def test_candidates_come_by_rule_and_then_by_territory(directory: Directory) -> None:
    found = directory.candidates("matter:97001", "990101001001002")
    assert [c.unit.code for c in found] == ["squad", "team", "bureau"]
    assert [c.rule is not None for c in found] == [True, True, True]
    found = directory.candidates("component:98001", "990101001001002", (), "minipower")
    assert [(c.unit.code, c.rule is not None) for c in found] == [
        ("bureau", True),
        ("squad", False),
        ("team", False),
    ]
    assert found[1].why.zh == "属地：东街"


def test_nothing_is_responsible_for_a_category_of_another_kind(directory: Directory) -> None:
    assert directory.responsible("component:97001", "990101002", (), "minipower") is None


def test_lookups_need_no_sql(directory: Directory) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert directory.category("matter:97001") is not None
        assert directory.standard("matter:97001-1") is directory.standard("97001-1")
        assert [s.code for s in directory.standards_for("component:98001")] == ["98001-1"]
        assert directory.responsible("matter:97001", "990101001001") is not None
        assert directory.calendar_for("squad") is not None
        assert directory.current_playbook() is not None
        assert [u.code for u in directory.children("bureau")] == ["nobody", "squad"]
        assert [p.code for p in directory.holders("mini_officer")] == ["officer1"]
        assert directory.areas_of("990101001001002") == ("zone",)
    assert len(queries) == 0


def test_what_does_not_exist_is_none(directory: Directory) -> None:
    assert directory.category("matter:00000") is None
    assert directory.standard("matter:97001-9") is None
    assert directory.owner("nobody") is None
    assert directory.unit("x") is None
    assert directory.playbook("x") is None
    assert directory.playbook("mini", 7) is None
    assert directory.post_person("mini-officer1") is None
    with pytest.raises(UnknownDistrict):
        get_directory(999_999)


def test_categories_of_packs_that_are_not_required_are_not_here(directory: Directory) -> None:
    assert set(directory.categories) == {"matter:97001", "matter:97002", "component:98001"}
    assert {p.name for p in directory.playbooks} == {"mini"}


def test_validity_is_a_matter_of_the_day(directory: Directory) -> None:
    person = directory.posts["clerk1"].person
    assert person == directory.posts["clerk2"].person
    for day, active in (
        (date(2024, 12, 31), []),
        (date(2025, 1, 1), ["clerk1"]),
        (date(2025, 6, 30), ["clerk1"]),
        (date(2025, 7, 1), ["clerk2"]),
    ):
        found = build(directory.district.id, day).post_person(str(person))
        assert (list(found.posts) if found else []) == active


# ---- working time


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").astimezone(UTC).timestamp())


def test_units_without_a_calendar_take_that_of_the_unit_above(directory: Directory) -> None:
    assert directory.calendar_for("team") is directory.calendar_for("squad")
    assert directory.calendar_for("nobody") is directory.calendar_for(None)
    assert directory.calendar_for("no-such-unit") is directory.calendar_for(None)
    # The squad works evenings also on Sundays; the office does not.
    assert directory.calendar_for("squad").is_open(at("2025-06-01T23:30"))
    assert directory.calendar_for("squad").is_open(at("2025-06-02T01:30"))
    assert not directory.calendar_for(None).is_open(at("2025-06-01T09:30"))


def test_holidays_and_make_up_days_count(directory: Directory) -> None:
    office = directory.calendar_for(None)
    assert not office.is_workday(date(2025, 1, 1))
    assert office.is_workday(date(2025, 1, 26))
    assert due(office, at("2025-01-25T09:00"), Limit(2, TimeUnit.WORK_HOUR)).at == at("2025-01-26T10:00")


def test_years_without_a_published_plan_are_provisional(directory: Directory) -> None:
    office = directory.calendar_for(None)
    assert not due(office, at("2025-12-29T09:00"), Limit(2, TimeUnit.WORK_DAY)).provisional
    assert due(office, at("2025-12-29T09:00"), Limit(5, TimeUnit.WORK_DAY)).provisional
