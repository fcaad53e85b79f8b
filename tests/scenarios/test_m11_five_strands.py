"""M11, the five strands: each has a register of activities, with yearly figures that open their records. Over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.conftest import Api
from gewu.ledger import outbox, ticker
from gewu.ledger.rebuild import rebuild_all
from support.council_play import Council
from support.district import district_id
from support.occasion_play import ZONE, when
from support.occasions import BUREAU, COMMUNITY, OFFICE

ACTIVITY = "activity"
YEAR = str(datetime.now(ZONE).year)


def _form(kind: str = "law_talk", **more: Any) -> dict[str, Any]:
    return {
        "activity": kind, "subject": "民法典进社区", "unit": OFFICE, "place": COMMUNITY, "where": "社区广场", **more,
    }  # fmt: skip


def _held(who: httpx.Client, kind: str = "law_talk", reached: int = 40, key: str = "", **more: Any) -> httpx.Response:
    form = _form(kind, starts_at=when(-3), reached=reached, **more)
    headers = {"Idempotency-Key": key} if key else {}
    return who.post(f"/occasions/types/{ACTIVITY}/held", json={"form": form}, headers=headers)


def _planned(who: httpx.Client, kind: str = "virtue_campaign") -> str:
    form = _form(kind, starts_at=when(30), ends_at=when(32))
    made = who.post(f"/occasions/types/{ACTIVITY}", json={"form": form})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _move(who: httpx.Client, occasion: str, move: str, **body: Any) -> httpx.Response:
    version = who.get(f"/occasions/{occasion}").json()["version"]
    return who.post(f"/occasions/{occasion}/moves/{move}", json=body, headers={"If-Match": f'"{version}"'})


def _strands(who: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = who.get("/occasions/strands", params={"year": YEAR, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _listed(who: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    params = {"type": ACTIVITY, "period": YEAR, "held": "true", **asked}
    found: list[dict[str, Any]] = who.get("/occasions", params=params).json()["items"]
    return found


def test_what_was_planned_is_held_and_closed(api: Api) -> None:
    street = api.as_("unit_clerk", unit=OFFICE)
    planned = _planned(street)
    assert _strands(street)["items"] == []  # planned is not held
    assert _move(street, planned, "hold", form={}).status_code == 422
    assert _move(street, planned, "hold", form={"reached": 120, "note": "发放倡议书"}).status_code == 200
    assert _move(street, planned, "close", form={}).status_code == 200
    shown = street.get(f"/occasions/{planned}").json()
    assert (shown["stage"]["code"], shown["strand"], shown["reached"]) == ("closed", "rule_of_virtue", 120)


def test_clerks_enter_afterwards_what_was_held(api: Api) -> None:
    """The strand follows from the kind; every figure of the year opens its records."""
    street, other = api.as_("unit_clerk", unit=OFFICE), api.as_("unit_clerk", unit="office-taibai")
    office = api.as_("comprehensive_office")
    for who, kind, reached, more in (
        (street, "law_talk", 40, {}),
        (street, "law_in_building", 15, {}),
        (street, "law_talk", 25, {}),
        (other, "virtue_campaign", 200, {"unit": "office-taibai", "place": "500101017001"}),
        (other, "model_family", 0, {"unit": "office-taibai", "place": "500101017001"}),
        (office, "co_building", 30, {"unit": BUREAU}),
        (office, "smart_training", 12, {}),
        (street, "mutual_help", 9, {}),
    ):
        made = _held(who, kind, reached, **more)
        assert made.status_code == 201, made.text
        shown = who.get(f"/occasions/{made.json()['id']}").json()
        assert (shown["ended"], shown["activity"], shown["reached"]) == (True, kind, reached)
    found = _strands(office)
    by = {(row["strand"], row["activity"]): (row["sessions"], row["reached"]) for row in found["items"]}
    assert by == {
        ("party_building", "co_building"): (1, 30),
        ("rule_of_law", "law_in_building"): (1, 15),
        ("rule_of_law", "law_talk"): (2, 65),
        ("rule_of_virtue", "model_family"): (1, 0),
        ("rule_of_virtue", "virtue_campaign"): (1, 200),
        ("self_governance", "mutual_help"): (1, 9),
        ("smart_support", "smart_training"): (1, 12),
    }
    for row in found["items"]:
        behind = _listed(office, strand=row["strand"], activity=row["activity"])
        assert (len(behind), sum(one["reached"] for one in behind)) == (row["sessions"], row["reached"])
    assert len(_listed(office, strand="rule_of_law")) == 3
    streets = {row["street"]["code"]: row["sessions"] for row in found["streets"] if row["strand"] == "rule_of_law"}
    assert streets == {"500101001": 3}
    assert rebuild_all(district_id()).ok
    assert _strands(office) == found


def test_sessions_of_councils_stand_with_self_governance(api: Api) -> None:
    office = api.as_("comprehensive_office")
    play = Council(api).opened("路灯", "停车")
    play.carried(1)
    year = play.get()["period"][:4]
    found = _strands(office, year=year)
    councils = {row["type"]: row for row in found["councils"]}
    assert (councils["residents_council"]["sessions"], councils["residents_council"]["deliberated"]) == (1, 1)
    kinds = {row["kind"]: row["count"] for row in found["party_organisations"]}
    assert (kinds["street_committee"], kinds["community_org"], kinds["grid_branch"]) == (11, 94, 543)


def test_what_was_planned_and_not_held_is_told(api: Api) -> None:
    street = api.as_("unit_clerk", unit=OFFICE)
    _planned(street)
    ticker.tick(district_id(), int(datetime.now(ZONE).timestamp() + 3 * 86_400) * 1_000_000)
    while outbox.deliver(district_id(), datetime.fromisoformat("2030-01-01T00:00:00+00:00"))[0]:
        pass
    assert [n["message"]["code"] for n in street.get("/notices").json()["items"]]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"activity": "parade"}, 422),
        ({"activity": ""}, 422),
        ({"reached": -1}, 422),
        ({"reached": "viele"}, 422),
        ({"subject": ""}, 422),
        ({"unit": "office-taibai"}, 409),
        ({"place": "500101017001"}, 409),
        ({"place": "nowhere"}, 422),
        ({"starts_at": when(5)}, 409),  # it has not been held yet
        ({"strand": "rule_of_law"}, 422),  # follows from the kind
    ],
)
def test_what_cannot_be_registered(api: Api, change: dict[str, Any], status: int) -> None:
    street = api.as_("unit_clerk", unit=OFFICE)
    form = {**_form(starts_at=when(-3), reached=10), **change}
    answer = street.post(f"/occasions/types/{ACTIVITY}/held", json={"form": form})
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert _strands(street)["items"] == []


def test_one_form_sent_twice_is_one_activity(api: Api) -> None:
    street, key = api.as_("unit_clerk", unit=OFFICE), str(uuid4())
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _n: _held(street, key=key), range(2)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["number"] for a in answers}) == 1
    assert _strands(street)["items"][0]["sessions"] == 1


def test_who_may_not(api: Api) -> None:
    assert _held(api.as_("worker", unit=BUREAU)).status_code == 403
    street = api.as_("unit_clerk", unit=OFFICE)
    assert street.post("/occasions/types/residents_council/held", json={"form": {}}).status_code == 404
    for asked in ({"year": "1"}, {"year": "x"}, {"year": "9999"}):
        assert street.get("/occasions/strands", params=asked).status_code == 422
