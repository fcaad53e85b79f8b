"""M38 and M40, two levels of centres: a matter hops between the street's centre and the district's; every hop has from,
to, reason and time; one order drives routing and field action, on one timeline."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html import unescape
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from api.conftest import Api
from desk.conftest import Sit, text
from gewu.cases.queries import get_case
from gewu.evaluation.api import By, Live, Period, definitions, evaluate
from gewu.ledger.rebuild import rebuild_all
from support.district import Walk, acting, district_id, photo
from support.meetings import Here, in_days
from support.occasions import BUREAU, OFFICE
from support.occasions import STREET as OFFICE_STREET

NOW_US = int(datetime.now(UTC).timestamp() * 1_000_000)
HOUR = 60


def _on_street() -> Walk:
    """A case of a community that the street's centre, through the posts of its office, is handling."""
    return Here(at_us=NOW_US - 8 * HOUR * 60_000_000).handling(OFFICE)


def _lift(api: Api, case: Walk, reason: str = "需区级部门处置") -> httpx.Response:
    return _send(api.as_("unit_clerk", unit=OFFICE), case, "lift_to_district", reason)


def _return(api: Api, case: Walk, lead: str = OFFICE, reason: str = "属地可处置") -> httpx.Response:
    return _send(api.as_("dispatcher"), case, "return_to_street", reason, lead=lead)


def _send(who: httpx.Client, case: Walk, move: str, reason: str, **form: Any) -> httpx.Response:
    body: dict[str, Any] = {"form": form}
    if reason:
        body["reason"] = reason
    version = who.get(f"/cases/{case.record_id}").json().get("version", 1)
    return who.post(f"/cases/{case.record_id}/moves/{move}", json=body, headers={"If-Match": f'"{version}"'})


def _state(case: Walk) -> Any:
    return get_case(district_id(), acting("dispatcher"), case.record_id).state


def _days() -> dict[str, str]:
    return {"from": in_days(-2), "to": in_days(1)}


def test_a_matter_hops_up_and_down_and_every_hop_is_written(api: Api) -> None:
    case = _on_street()
    assert _lift(api, case, reason="").status_code == 422  # never without a reason
    up = _lift(api, case)
    assert up.status_code == 200, up.text
    assert (_state(case).stage, _state(case).fields["centre"]) == ("filed", "district")
    assert [part for part in _state(case).assignments if part.live] == []
    down = _return(api, case)
    assert down.status_code == 200, down.text
    assert (_state(case).stage, _state(case).fields["centre"], _state(case).counters["hops"]) == (
        "dispatched", "street", 2,
    )  # fmt: skip
    desk = api.as_("dispatcher")
    hops = desk.get("/cases/hops", params=_days()).json()["items"]
    assert [(h["to_level"], (h["from_unit"] or {}).get("code"), (h["to_unit"] or {}).get("code")) for h in hops] == [
        ("street", None, OFFICE),
        ("district", OFFICE, None),
    ]
    assert hops[1]["held_s"] >= 7 * 3600
    assert hops[0]["held_s"] >= 0
    # One timeline: routing and field action, each hop with its reason.
    timeline = desk.get(f"/cases/{case.record_id}").json()["timeline"]
    told = [(e["kind"], (e["texts"] or {}).get("reason", "")) for e in timeline][-2:]
    assert told == [("lift_to_district", "需区级部门处置"), ("return_to_street", "属地可处置")]
    assert rebuild_all(district_id()).ok


def test_one_order_drives_routing_and_field_action(api: Api) -> None:
    case = _on_street()
    assert _lift(api, case).status_code == 200
    lifted = case.at_us = int(datetime.now(UTC).timestamp() * 1_000_000)
    version = _state(case).seq
    case.later(10).move(acting("dispatcher"), "dispatch", args={"lead": BUREAU}, version=version)
    clerk = case.clerk(BUREAU)
    case.later(5).move(clerk, "claim").later(5).move(clerk, "arrive", version=None)
    case.later(30).move(
        clerk, "report_handled", texts={"result": "已清洗"}, photos=[photo(clerk, "after")], version=_state(case).seq
    )
    shown = api.as_("dispatcher").get(f"/cases/{case.record_id}").json()
    kinds = [e["kind"] for e in shown["timeline"]]
    assert kinds[-5:] == ["lift_to_district", "dispatch", "claim", "arrive", "report_handled"]
    # The hop's time is an indicator by data: from handing up to the next dispatch.
    known = definitions(district_id())
    now = lifted // 1_000_000
    period = Period("now", now - 86_400, now + 86_400)
    table = evaluate(
        Live(district_id()), [known["lifted"], known["hop_time"]], By.TOTAL, [period],
        as_of=now + 86_400,
    )  # fmt: skip
    cells = {code: cell for (code, _group, _period), cell in table.cells.items()}
    assert (cells["lifted"].numerator, cells["hop_time"].denominator) == (1, 1)
    assert 590 <= cells["hop_time"].numerator <= 620


def test_hops_per_level_and_each_number_opens_its_records(api: Api) -> None:
    first, second = _on_street(), _on_street()
    for case in (first, second):
        assert _lift(api, case).status_code == 200
    assert _return(api, first).status_code == 200
    desk = api.as_("dispatcher")
    totals = {t["to_level"]: t for t in desk.get("/cases/hops/totals", params=_days()).json()["items"]}
    for level, n in (("district", 2), ("street", 1)):
        assert (totals[level]["hops"], totals[level]["cases"]) == (n, n)
        listed = desk.get("/cases/hops", params={**_days(), "to_level": level}).json()["items"]
        assert len(listed) == n
    page = desk.get("/cases/hops", params={**_days(), "limit": 2})
    rest = desk.get("/cases/hops", params={**_days(), "limit": 2, "after": page.json()["after"]})
    assert len(page.json()["items"] + rest.json()["items"]) == 3
    away = api.as_("unit_clerk", unit="office-taibai")
    assert away.get("/cases/hops", params=_days()).json()["items"] == []


def test_only_a_street_hands_up_and_only_a_streets_office_gets_it_back(api: Api) -> None:
    bureau = Here(at_us=NOW_US - HOUR * 60_000_000).handling(BUREAU)
    refused = _send(api.as_("unit_clerk", unit=BUREAU), bureau, "lift_to_district", "不归我管")
    assert refused.status_code == 409
    assert "street" in refused.text
    case = _on_street()
    assert _return(api, case).status_code == 409  # it is not with the district
    assert _lift(api, case).status_code == 200
    for lead, status in ((BUREAU, 409), ("none", 422), ("", 422)):
        assert _return(api, case, lead).status_code == status, lead
    assert _return(api, case, reason="").status_code == 422
    other = api.as_("unit_clerk", unit="office-taibai")
    assert other.post(f"/cases/{case.record_id}/moves/lift_to_district", json={"reason": "x"}).status_code in (404, 428)
    assert _state(case).counters["hops"] == 1


@pytest.mark.parametrize(
    "wanted",
    [{}, {"from": "2026-01-01"}, {"from": "x", "to": "y"}, {"from": "2026-02-01", "to": "2026-01-01"},
     {"from": "0001-01-01", "to": "9999-12-31"}, {"from": "2026-01-01", "to": "2026-02-01", "to_level": "city"},
     {"from": "2026-01-01", "to": "2026-02-01", "after": "x"}],
)  # fmt: skip
def test_what_cannot_be_asked(api: Api, wanted: dict[str, str]) -> None:
    assert api.as_("dispatcher").get("/cases/hops", params=wanted).status_code in (400, 422)


def test_two_centres_act_on_one_matter_at_once(api: Api) -> None:
    case = _on_street()
    assert _lift(api, case).status_code == 200
    desks = [api.as_("dispatcher"), api.as_("dispatcher")]
    version = desks[0].get(f"/cases/{case.record_id}").json()["version"]
    head = {"If-Match": f'"{version}"'}

    def send(n: int) -> int:
        if n:
            body: dict[str, Any] = {"form": {"lead": BUREAU}}
            return desks[1].post(f"/cases/{case.record_id}/moves/dispatch", json=body, headers=head).status_code
        body = {"form": {"lead": OFFICE}, "reason": "属地可处置"}
        return desks[0].post(f"/cases/{case.record_id}/moves/return_to_street", json=body, headers=head).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == [200, 409]
    assert _state(case).stage == "dispatched"
    assert rebuild_all(district_id()).ok


def test_the_desk_has_hops_by_street_with_the_cases_behind_them(api: Api, sit: Sit) -> None:
    first, second = _on_street(), _on_street()
    for case in (first, second):
        assert _lift(api, case, reason="需区级部门处置").status_code == 200
    assert _return(api, first).status_code == 200
    office = sit("comprehensive_office")
    days = _days()
    page = text(office.get("/desk/hops", **days))
    assert re.search(r"Gaosuntang Street Office\s*2\s*2\s*\d+\s*h.*?1\s*1", page), page
    assert "of 2 cases" in page
    raw = office.get("/desk/hops", **days).content.decode()
    assert 'aria-current="page">Hops</a>' in raw
    up = next(unescape(url) for url in re.findall(r'href="(\?[^"]*direction=district[^"]*#hops)"', raw))
    behind = office.client.get(f"/desk/hops{up.partition('#')[0]}").content.decode()
    assert set(re.findall(r'href="(/desk/cases/\d+)"', behind)) == {f"/desk/cases/{c.number}" for c in (first, second)}
    down = office.get("/desk/hops", **days, direction="street", street=OFFICE_STREET).content.decode()
    assert set(re.findall(r'href="(/desk/cases/\d+)"', down)) == {f"/desk/cases/{first.number}"}
    assert "No matter hopped" in text(office.get("/desk/hops", **days, street="500101017"))
    book = load_workbook(io.BytesIO(office.get("/desk/hops/sheet", **days).content))
    cells = [str(cell.value) for tab in book for row in tab for cell in row]
    assert {first.number, second.number} <= set(cells)
    assert sum("up to the district" in cell for cell in cells) == 3  # two hops, one line of sums
    # The street's clerk sees its own, another street's nothing; who works outside has no such page.
    assert first.number in sit("unit_clerk", unit=OFFICE).get("/desk/hops", **days).content.decode()
    assert first.number not in sit("unit_clerk", unit="office-taibai").get("/desk/hops", **days).content.decode()
    assert sit("collector").get("/desk/hops", **days).status_code == 403
    assert 'href="/desk/hops"' not in sit("collector").get("/desk/tasks").content.decode()
    for bad in ({"from": "x"}, {"to": "2026-13-01"}, {"after": "x"}, {"street": "nowhere"}):
        assert office.get("/desk/hops", **{**days, **bad}).status_code == 422, bad
    assert office.get("/desk/hops", **{"from": "2026-02-02", "to": "2026-02-01"}).status_code == 422
    assert len(office.tenant_statements(f"/desk/hops?from={days['from']}&to={days['to']}")) <= 3 + 1
