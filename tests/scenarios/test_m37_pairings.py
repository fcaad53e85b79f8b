"""M37, the committee's task forces, each with the departments it works with from a day to a day."""

from __future__ import annotations

from pathlib import Path

from api.conftest import Api, api
from gewu.registry.models import Pairing
from support.district import district_id

__all__ = ["api"]


def _pairs(api: Api, **query: str) -> set[tuple[str, str]]:
    answer = api.as_("comprehensive_office").get("/pairings", params=query)
    assert answer.status_code == 200, answer.text
    return {(item["task_force"]["code"], item["department"]["code"]) for item in answer.json()["items"]}


def test_who_is_paired_with_whom_on_a_day(api: Api) -> None:
    found = _pairs(api, day="2026-11-20")
    assert {task_force for task_force, _department in found} == {"task-force-renewal", "task-force-sorting"}
    assert ("task-force-renewal", "housing-construction-commission") in found
    assert ("task-force-sorting", "urban-management-bureau") in found


def test_nobody_is_paired_before_the_committee_was_set_up(api: Api) -> None:
    assert _pairs(api, day="2024-11-26") == set()
    assert _pairs(api, day="2024-11-27") == _pairs(api)
    assert _pairs(api, all="true") == _pairs(api)


def test_a_pair_that_ends_is_there_to_its_last_day(api: Api) -> None:
    row = Pairing.objects.get(district_id=district_id(), task_force="task-force-sorting", department="ecology-bureau")
    Pairing.objects.filter(pk=row.pk).update(valid_to="2025-06-30")
    try:
        pair = ("task-force-sorting", "ecology-bureau")
        assert pair in _pairs(api, day="2025-06-30")
        assert pair not in _pairs(api, day="2025-07-01")
        assert pair in _pairs(api, all="true")
    finally:
        row.save()


def test_a_pair_of_bodies_that_are_no_task_force_or_overlap_is_refused(tmp_path: Path) -> None:
    from gewu.registry.packs import check_pack
    from registry.conftest import write_pack

    pack = write_pack(tmp_path / "mini")
    pack.append("units.csv", "force,bureau,task_force,专班,Task force,,,0,,,own")
    head = "task_force,department,valid_from,valid_to\n"
    pack.write("pairings.csv", head + "force,bureau,2025-01-01,2025-06-30\nforce,bureau,2025-07-01,\n")
    assert check_pack(pack.path) == []
    for row, reason in (
        ("squad,bureau,,\n", "unit squad is a squad, not a task_force"),
        ("force,nobody-here,,\n", "department 'nobody-here' is not a unit"),
        ("nothing,bureau,,\n", "task_force 'nothing' is not a unit"),
        ("force,bureau,2025-06-30,\n", "paired twice at a time, first on line 2"),
        ("force,bureau,2025-12-31,2025-12-01\n", "is before valid_from"),
    ):
        pack.write("pairings.csv", head + "force,bureau,2025-01-01,2025-06-30\n" + row)
        assert [p.line for p in check_pack(pack.path) if reason in p.reason] == [3], reason
