"""M45, enforcement brought together: 21 + 255 + 19 items change their holder by an act; the old holder loses power."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.conftest import Api, api
from enforcement.conftest import DETACHMENT, REFORMS, Write, wanzhou, write
from gewu.enforcement.acts import read_act
from gewu.enforcement.reform import apply

__all__ = ["api", "wanzhou", "write"]

PLANNING, HOUSING = "planning-resources-detachment", "housing-construction-detachment"
DEFENCE = "defence-mobilisation-office"
LAST, FIRST = "2024-11-26", "2024-11-27"


@pytest.fixture
def reformed(wanzhou: int) -> Iterator[int]:
    """The district after the packaged act."""
    apply(wanzhou, read_act(REFORMS / "2024-2-enforcement.yaml"), by="test")
    return wanzhou


def _held(api: Api, unit: str, day: str) -> int:
    answer = api.as_("comprehensive_office").get("/enforcement/items", params={"unit": unit, "day": day, "limit": 500})
    assert answer.status_code == 200, answer.text
    return len(answer.json()["items"])


def _power(api: Api, unit: str, item: str, day: str) -> bool:
    answer = api.as_("comprehensive_office").get(f"/enforcement/items/{item}/power", params={"unit": unit, "day": day})
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["power"])


def test_items_move_from_three_fields_to_the_detachment(api: Api, reformed: int) -> None:
    before = {unit: _held(api, unit, LAST) for unit in (PLANNING, HOUSING, DEFENCE, DETACHMENT)}
    after = {unit: _held(api, unit, FIRST) for unit in (PLANNING, HOUSING, DEFENCE, DETACHMENT)}
    assert before == {PLANNING: 21, HOUSING: 255, DEFENCE: 19, DETACHMENT: 49}
    assert after == {PLANNING: 0, HOUSING: 0, DEFENCE: 0, DETACHMENT: 49 + 295}


def test_where_an_item_comes_from_stays_known(api: Api, reformed: int) -> None:
    office = api.as_("comprehensive_office")
    for field, count in (("planning_resources", 21), ("housing_construction", 255), ("defence_mobilisation", 19)):
        items = office.get("/enforcement/items", params={"field": field, "limit": 500}).json()["items"]
        assert len(items) == count
        assert {item["holder"]["code"] for item in items} == {DETACHMENT}
        assert {item["act"] for item in items} == {"Wanzhou-2024-2"}
        assert {item["synthetic"] for item in items} == {True}


def test_after_the_transfer_the_old_holder_may_not_act(api: Api, reformed: int) -> None:
    assert _power(api, DEFENCE, "D001", LAST)
    assert not _power(api, DEFENCE, "D001", FIRST)
    assert not _power(api, DETACHMENT, "D001", LAST)
    assert _power(api, DETACHMENT, "D001", FIRST)


def test_the_history_of_an_item_names_every_holder_with_days_and_act(api: Api, reformed: int) -> None:
    found = api.as_("comprehensive_office").get("/enforcement/items/D001").json()
    spans = [(s["unit"]["code"], s["valid_from"], s["valid_to"], s["act"]) for s in found["holders"]]
    assert spans == [(DEFENCE, None, LAST, ""), (DETACHMENT, FIRST, None, "Wanzhou-2024-2")]


def test_the_act_is_logged_with_number_day_and_the_teams_as_an_inference(api: Api, reformed: int) -> None:
    acts = api.as_("comprehensive_office").get("/acts").json()["items"]
    act = next(act for act in acts if act["number"] == "Wanzhou-2024-2")
    assert (act["day"], act["units"], act["items"]) == (FIRST, 2, 295)
    assert (act["teams"]["before"], act["teams"]["after"], act["teams"]["basis"]) == (13, 7, "inference")


def test_without_an_act_an_item_of_a_body_that_ended_is_nobodys(api: Api, wanzhou: int) -> None:
    found = api.as_("comprehensive_office").get("/enforcement/items/P001", params={"day": FIRST}).json()["item"]
    assert found["holder"]["code"] == PLANNING
    assert found["power"] is False
    assert not _power(api, PLANNING, "P001", FIRST)


def test_a_counter_act_gives_items_back_from_its_day(api: Api, wanzhou: int, write: Write) -> None:
    body = f"  items:\n    - {{codes: [E001, E002], from: {DETACHMENT}, to: traffic-police}}\n"
    apply(wanzhou, write(body, "T-1", "2026-11-01"), by="test")
    assert _power(api, "traffic-police", "E001", "2026-11-10")
    apply(wanzhou, write("  counter_of: T-1\n", "T-2", "2026-11-20"), by="test")
    held = {
        day: _power(api, DETACHMENT, "E001", day) for day in ("2026-10-31", "2026-11-01", "2026-11-19", "2026-11-20")
    }
    assert list(held.values()) == [True, False, False, True]
    acts = {act["number"]: act for act in api.as_("comprehensive_office").get("/acts").json()["items"]}
    assert acts["T-1"]["taken_back_by"] == "T-2"


def test_items_follow_a_unit_that_another_follows(api: Api, wanzhou: int, write: Write) -> None:
    body = "  merge:\n    - {units: [fire-rescue-detachment], into: traffic-police}\n"
    first = f"  items:\n    - {{codes: [E010], from: {DETACHMENT}, to: fire-rescue-detachment}}\n"
    apply(wanzhou, write(first, "T-1", "2026-11-01"), by="test")
    apply(wanzhou, write(body, "T-2", "2026-11-10"), by="test")
    assert _power(api, "fire-rescue-detachment", "E010", "2026-11-09")
    assert not _power(api, "fire-rescue-detachment", "E010", "2026-11-10")
    assert _power(api, "traffic-police", "E010", "2026-11-10")
    spans = api.as_("comprehensive_office").get("/enforcement/items/E010").json()["holders"]
    assert [s["unit"]["code"] for s in spans] == [DETACHMENT, "fire-rescue-detachment", "traffic-police"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/enforcement/items/NO-SUCH", 404),
        ("/enforcement/items/E001/power", 422),
        ("/enforcement/items/E001/power?unit=no-such-unit", 404),
        ("/enforcement/items?day=yesterday", 422),
        ("/bodies/no-such-unit", 404),
    ],
)
def test_bad_questions_are_refused(api: Api, path: str, status: int) -> None:
    assert api.as_("comprehensive_office").get(path).status_code == status
