"""M09, the building as the smallest grid: registered with head, Party group and grid; a profile that is counted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from api.conftest import Api, api
from gewu.registry import buildings
from gewu.registry.models import Building
from gewu.registry.snapshot import build
from support.district import directory, district_id

__all__ = ["api"]

PAILOU, WANGJIANGLU = "500101018", "500101001007"


def test_a_clerk_opens_the_buildings_of_a_community_and_one_of_them(api: Api) -> None:
    clerk = api.of("clerk-500101001007")
    page = clerk.get("/buildings", params={"place": WANGJIANGLU}).json()
    assert len(page["items"]) == 35
    one = page["items"][0]
    assert one["community"]["code"] == WANGJIANGLU
    assert one["code"].startswith(f"{WANGJIANGLU}B")
    assert one["synthetic"] is True
    assert one["head"] == "head-500101001007B0001"
    found = clerk.get(f"/buildings/{one['code']}")
    assert found.status_code == 200
    assert found.json() == one
    assert clerk.get("/buildings/500101001007B9999").status_code == 404


def test_the_profile_of_pailou_is_what_is_printed_and_counted_from_rows(api: Api) -> None:
    office = api.as_("comprehensive_office")
    found = office.get("/buildings/profile", params={"place": PAILOU}).json()
    assert (found["buildings"], found["without_property_management"]) == (951, 701)
    assert found["synthetic"] == 951
    row = Building.objects.filter(
        district_id=district_id(), place__startswith=PAILOU, property_management=False
    ).first()
    assert row is not None
    Building.objects.filter(pk=row.pk).update(property_management=True)
    try:
        again = office.get("/buildings/profile", params={"place": PAILOU}).json()
        assert again["without_property_management"] == 700
    finally:
        row.save()


def test_every_page_leads_to_the_next_until_all_are_seen(api: Api) -> None:
    office = api.as_("comprehensive_office")
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = office.get("/buildings", params={"place": PAILOU, "limit": 200, "after": after}).json()
        seen += [item["code"] for item in page["items"]]
        after = page["after"]
    assert len(seen) == len(set(seen)) == 951
    assert seen == sorted(seen)


def test_a_picker_finds_by_words_within_a_place(api: Api) -> None:
    office = api.as_("comprehensive_office")
    found = office.get("/buildings", params={"place": WANGJIANGLU, "q": "望江路 12"}).json()["items"]
    assert [item["code"] for item in found] == ["500101001007B0012"]
    assert office.get("/buildings", params={"place": PAILOU, "q": "望江路"}).json()["items"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"place": "999999"}, 404),
        ({"place": "50010'"}, 422),
        ({"limit": "0"}, 422),
        ({"q": "x" * 101}, 422),
        ({"day": "2024-13-01"}, 422),
        ({"plaice": "1"}, 422),
    ],
)
def test_what_cannot_be_asked_is_refused(api: Api, query: dict[str, str], status: int) -> None:
    answer = api.as_("comprehensive_office").get("/buildings", params=query)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_nobody_without_a_post_reads_them(api: Api) -> None:
    assert api.client().get("/buildings").status_code == 401


def test_a_directory_holds_no_building_so_that_reloading_costs_nothing_for_them(db: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        build(district_id())
    tables = " ".join(query["sql"] for query in seen.captured_queries)
    assert "registry_building" not in tables
    assert "registry_organisation" not in tables
    assert sum(post.role == "building_head" for post in directory().posts.values()) == 2


def test_a_profile_of_the_district_takes_one_statement_and_little_time(db: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    day = directory().as_of
    buildings.profile(district_id(), day)
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as seen:
        found = buildings.profile(district_id(), day, "500101")
    assert len(seen.captured_queries) == 1
    assert found.buildings == 3800
    assert time.perf_counter() - begun < 1


def test_a_pack_with_a_building_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    from gewu.registry.packs import check_pack
    from registry.conftest import write_pack

    pack = write_pack(tmp_path / "mini")
    head = "code,name_zh,name_en,place,head,successor\n"
    pack.write("buildings.csv", head + "990101001001B0001,甲楼,House A,990101001001001,,\n")
    assert check_pack(pack.path) == []
    for row, reason in (
        ("990101002001B0001,乙楼,House B,990101001001001,,\n", "is not the code 990101001001 of its place"),
        ("990101001001B0002,乙楼,House B,990101,,\n", "990101 is a district"),
        ("990101001001B0002,乙楼,House B,nowhere,,\n", "'nowhere' is not a place"),
        ("990101001001B0001,乙楼,House B,990101001001001,,\n", "stands twice"),
        ("990101001001B0002,乙楼,House B,990101001001001,officer1,\n", "is a post of role mini_officer"),
        ("990101001001B0002,乙楼,House B,990101001001001,,990101001001B0002\n", "is its own successor"),
    ):
        pack.write("buildings.csv", head + "990101001001B0001,甲楼,House A,990101001001001,,\n" + row)
        assert [p.line for p in check_pack(pack.path) if reason in p.reason] == [3], reason
