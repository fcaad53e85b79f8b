"""M14, honours for residents: nominated by a street, reviewed, put up for public notice, objected to, awarded."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest

from api.conftest import Api
from gewu.ledger import ticker
from gewu.ledger.door import now_us
from gewu.ledger.rebuild import rebuild_all
from support.district import district_id
from support.showcase import DAY, place_of, streets


@pytest.fixture
def api(live_server: str) -> Any:
    found = Api(live_server)
    yield found
    for client in found.clients.values():
        client.close()


NAME = "周某兰"


def nominate(client: httpx.Client, unit: str, **form: Any) -> httpx.Response:
    given = {
        "class": "finest_building_head",
        "level": "district",
        "place": place_of(unit),
        "subject": "12 栋",
        "deeds": "组织邻里守望",
        **form,
    }
    return client.post("/honours", json={"form": given})


def move(client: httpx.Client, honour: str, name: str, **body: Any) -> httpx.Response:
    version = client.get(f"/honours/{honour}").json()["version"]
    return client.post(f"/honours/{honour}/moves/{name}", json=body, headers={"If-Match": f'"{version}"'})


def test_m14_an_honour_from_nomination_to_award(api: Api) -> None:
    unit = streets()[0]
    clerk, office = api.as_("unit_clerk", unit=unit), api.as_("comprehensive_office")
    refused = nominate(clerk, unit, name=NAME)
    assert refused.status_code == 422, "a name needs the nominee's agreement"
    answer = nominate(clerk, unit, name=NAME, agreed=True)
    assert answer.status_code == 201, answer.text
    honour = answer.json()["id"]
    assert f"〔{datetime.now(ZoneInfo('Asia/Shanghai')).year}〕" in answer.json()["number"]
    assert move(clerk, honour, "publicise", form={"days": 5}).status_code == 403
    assert move(office, honour, "award").status_code == 409, "not without a notice"
    assert move(office, honour, "publicise", form={"days": 2}).status_code == 422
    assert move(office, honour, "publicise", form={"days": 5}).status_code == 200
    view = office.get(f"/honours/{honour}").json()
    assert (view["stage"]["code"], view["name"]) == ("publicised", NAME)
    objection = move(api.as_("intake_officer"), honour, "object", reason="居民来电：事迹不实")
    assert objection.status_code == 200, objection.text
    ticker.tick(district_id(), now_us() + 6 * DAY)
    assert office.get(f"/honours/{honour}").json()["stage"]["code"] == "to_award"
    early = move(office, honour, "award")
    assert early.status_code in (409, 422)
    assert "objection" in early.text
    assert move(office, honour, "decide_objection", form={"outcome": "dismissed"}, reason="核实无误").status_code == 200
    assert move(office, honour, "award").status_code == 200
    listed = office.get("/honours").json()
    assert listed["awarded"] == {"finest_building_head": 1}
    assert [h["stage"]["code"] for h in listed["items"]] == ["awarded"]
    # The nominee changes their mind: the name is gone from every answer, the award stays.
    assert move(office, honour, "withdraw_name").status_code == 200
    after = office.get(f"/honours/{honour}")
    assert (after.json()["name"], after.json()["stage"]["code"]) == (None, "awarded")
    assert NAME not in after.text
    assert rebuild_all(district_id()).ok


def test_m14_an_upheld_objection_ends_it(api: Api) -> None:
    unit = streets()[1]
    clerk, office = api.as_("unit_clerk", unit=unit), api.as_("comprehensive_office")
    honour = nominate(clerk, unit, **{"class": "five_good_building"}).json()["id"]
    move(office, honour, "publicise", form={"days": 3})
    move(clerk, honour, "object", reason="楼道堆物")
    ticker.tick(district_id(), now_us() + 4 * DAY)
    move(office, honour, "decide_objection", form={"outcome": "upheld"}, reason="现场属实")
    refused = move(office, honour, "award")
    assert refused.status_code in (409, 422)
    assert move(office, honour, "reject", reason="异议成立").status_code == 200
    assert office.get("/honours").json()["awarded"] == {}


def test_m14_nothing_of_a_person_lies_in_plain(api: Api, owner_connection: psycopg.Connection) -> None:
    unit = streets()[2]
    nominate(api.as_("unit_clerk", unit=unit), unit, name=NAME, agreed=True)
    for table in ("ledger_event", "ledger_record", "assessments_round", "ledger_outgoing"):
        row = owner_connection.execute(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t").fetchone()
        assert row is not None
        assert NAME not in row[0]
