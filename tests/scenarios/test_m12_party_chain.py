"""M12, the Party chain from the street to the building: one organisation a place, coverage counted, no members."""

from __future__ import annotations

from pathlib import Path

from api.conftest import Api, api
from gewu.registry.models import Organisation
from support.district import district_id

__all__ = ["api"]


def _levels(api: Api, **query: str) -> dict[str, tuple[int, int, int]]:
    answer = api.as_("comprehensive_office").get("/party-chain", params=query)
    assert answer.status_code == 200, answer.text
    return {x["level"]["code"]: (x["organisations"], x["covered"], x["places"]) for x in answer.json()["levels"]}


def test_the_chain_has_what_is_printed_and_covers_its_places(api: Api) -> None:
    found = _levels(api)
    assert {kind: counts[0] for kind, counts in found.items()} == {
        "street_committee": 11, "community_org": 94, "grid_branch": 543, "building_group": 3454,
    }  # fmt: skip
    assert found["street_committee"] == (11, 11, 11)
    assert found["building_group"] == (3454, 3454, 3800)
    for organisations, covered, places in found.values():
        assert covered <= min(organisations, places)


def test_a_street_has_its_part_of_it_and_a_town_has_none(api: Api) -> None:
    pailou = _levels(api, place="500101018")
    assert pailou["street_committee"] == (1, 1, 1)
    assert pailou["community_org"][0] == 9
    assert pailou["building_group"][2] == 951
    assert {counts[0] for counts in _levels(api, place="500101109").values()} == {0}


def test_streets_add_up_to_the_district(api: Api) -> None:
    streets = Organisation.objects.filter(district_id=district_id(), kind="street_committee")
    parts = [_levels(api, place=code) for code in streets.values_list("place", flat=True)]
    whole = _levels(api)
    for kind in whole:
        assert sum(part[kind][0] for part in parts) == whole[kind][0]
        assert sum(part[kind][1] for part in parts) == whole[kind][1]


def test_an_organisation_that_ends_is_counted_no_more(api: Api) -> None:
    row = Organisation.objects.get(district_id=district_id(), code="party-500101001007")
    Organisation.objects.filter(pk=row.pk).update(valid_to="2026-01-31")
    try:
        assert _levels(api)["community_org"][0] == 93
        assert _levels(api, day="2026-01-31")["community_org"][0] == 94
    finally:
        row.save()


def test_an_answer_names_nobody(api: Api) -> None:
    text = api.as_("comprehensive_office").get("/party-chain").text
    assert not {"member", "person", "login", "phone"} & set(text.replace('"', " ").replace(":", " ").split())


def test_a_chain_that_hangs_wrong_is_refused(tmp_path: Path) -> None:
    from gewu.registry.packs import check_pack
    from registry.conftest import write_pack

    pack = write_pack(tmp_path / "mini")
    head = "code,kind,parent,place,name_zh,name_en\n"
    street = "p1,street_committee,,990101001,东街党工委,East committee\n"
    pack.write("organisations.csv", head + street + "p2,community_org,p1,990101001001,东一党组织,East One\n")
    assert check_pack(pack.path) == []
    for row, reason in (
        (
            "p2,community_org,p1,990101001,东一党组织,East One\n",
            "is a street, but a community_org belongs to a community",
        ),
        ("p2,community_org,nobody,990101001001,东一党组织,East One\n", "'nobody' is not an organisation"),
        ("p2,street_committee,p1,990101002,西街党工委,West\n", "cannot stand above a street_committee"),
        ("p2,building_group,p1,990101001001B0001,楼栋党小组,Group\n", "is not a building"),
        ("p2,community_org,,990101001001,东一党组织,East One\n", "parent is empty"),
        ("p1,community_org,p1,990101001001,东一党组织,East One\n", "stands twice"),
    ):
        pack.write("organisations.csv", head + street + row)
        assert [p.line for p in check_pack(pack.path) if reason in p.reason] == [3], reason
