"""M18, volunteer teams of an estate: formed, enrolled by duty and never by name, given tasks, their service counted.
Played over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest

from api.conftest import Api
from gewu.ledger import ticker
from gewu.ledger.door import now_us
from gewu.ledger.rebuild import rebuild_all
from support.district import district_id
from support.estate_play import TEAM, Made, day, first
from support.occasions import OFFICE

YEAR = 365 * 86_400_000_000


def sums(who: httpx.Client, **asked: Any) -> dict[str, tuple[int, int]]:
    answer = who.get("/occasions/works/sums", params={"type": TEAM, "kind": "members", **asked})
    assert answer.status_code == 200, answer.text
    return {one["key"]["code"]: (one["quantity"], one["occasions"]) for one in answer.json()["items"]}


def serve(team: Made, item: str, quantity: int, **form: Any) -> None:
    team.move("record_result", form={"unit": OFFICE, "item": item, "quantity": quantity, **form})


def test_a_team_from_forming_to_dissolving(api: Api) -> None:
    team = Made(api, TEAM)
    shown = team.get()
    assert (shown["stage"]["code"], shown["clock"]["code"]) == ("serving", "look")
    assert (team.works()["name"], team.works()["sort"]["code"]) == ("邻里守望志愿服务队", "neighbours")
    team.move("attend", form={"level": "elder_party_member", "heads": 12})
    team.move("attend", form={"level": "building_head", "heads": 9})
    team.move("attend", form={"level": "skilled_owner", "heads": 11})
    assert sums(team.who) == {"elder_party_member": (12, 1), "building_head": (9, 1), "skilled_owner": (11, 1)}
    team.move("attend", form={"level": "skilled_owner", "heads": 10, "corrects": 3})
    team.move("attend", form={"level": "building_head", "heads": 0, "corrects": 2})
    assert sums(team.who) == {"elder_party_member": (12, 1), "skilled_owner": (10, 1)}
    team.move("collect", form={"words": "帮独居老人取药"})
    refused = team.send("dissolve", reason="不再需要")
    assert refused.status_code == 409  # a task is open
    team.move("settle_answered", matter=1, form={"unit": OFFICE, "answer": "已送到家"})
    serve(team, "good_deeds", 1)
    serve(team, "volunteer_times", 3)
    team.move("pause", reason="暑期")
    assert team.send("record_result", form={"unit": OFFICE, "item": "good_deeds", "quantity": 1}).status_code == 409
    team.move("resume")
    assert team.send("dissolve").status_code == 422  # with a reason only
    team.move("dissolve", reason="居民另组新队")
    shown = team.get()
    assert (shown["stage"]["code"], shown["ended"]) == ("dissolved", True)
    assert rebuild_all(district_id()).ok


def test_deeds_and_person_times_are_counted_by_period_and_open_their_lines(api: Api) -> None:
    team, other = Made(api, TEAM), Made(api, TEAM, sort="patrol", name="治安巡逻队")
    for one, item, quantity, on in (
        (team, "good_deeds", 40, "2019-03-05"),
        (team, "good_deeds", 30, "2019-11-02"),
        (team, "volunteer_times", 210, "2019-11-02"),
        (other, "good_deeds", 5, "2020-01-01"),
    ):
        serve(one, item, quantity, on=on)
    asked = {"type": TEAM, "from": "2019-01-01", "to": "2019-12-31"}
    totals = team.who.get("/occasions/results/totals", params=asked).json()["items"]
    assert {one["item"]["code"]: one["quantity"] for one in totals} == {
        "good_deeds": 70, "volunteer_times": 210,
    }  # fmt: skip
    lines = team.who.get("/occasions/results", params={**asked, "item": "good_deeds"}).json()["items"]
    assert sorted(line["quantity"] for line in lines) == [30, 40]
    team.move("strike_result", form={"line": 1}, reason="重复")
    lines = team.who.get("/occasions/results", params={**asked, "item": "good_deeds"}).json()["items"]
    assert [line["quantity"] for line in lines] == [30]


def test_teams_are_listed_and_counted_by_kind(api: Api) -> None:
    team = Made(api, TEAM)
    patrol = Made(api, TEAM, sort="patrol", name="治安巡逻队")
    for one, heads in ((team, 8), (patrol, 5)):
        one.move("attend", form={"level": "resident", "heads": heads})
    office = api.as_("comprehensive_office")
    assert sums(office)["resident"] == (13, 2)
    assert sums(office, sort="patrol")["resident"] == (5, 1)
    lines = office.get("/occasions/works/lines", params={"type": TEAM, "kind": "members", "key": "resident"}).json()
    assert {(row["name"], row["quantity"]) for row in lines["items"]} == {("治安巡逻队", 5), ("邻里守望志愿服务队", 8)}
    assert sum(row["quantity"] for row in lines["items"]) == sums(office)["resident"][0]
    listed = office.get("/occasions", params={"type": TEAM}).json()["items"]
    assert {row["number"] for row in listed} == {team.number, patrol.number}


def test_once_a_year_the_community_is_asked_whether_the_team_exists(
    api: Api, app_connection: psycopg.Connection
) -> None:
    team = Made(api, TEAM)
    ticker.tick(district_id(), now_us() + YEAR + 3_600_000_000)

    def told() -> list[str]:
        rows = app_connection.execute(
            "SELECT DISTINCT payload->>'message' FROM ledger_outgoing WHERE record_id = %s AND topic = 'notice'",
            [team.id],
        ).fetchall()
        return [row[0] for row in rows]

    assert "due" in told()
    assert team.stage() == "serving"  # a clock ends nothing by itself
    team.move("confirm_exists", form={"note": "仍在服务"})
    looks = [c["status"] for c in team.get()["clocks"] if c["clock"]["code"] == "look"]
    assert looks == ["stopped", "running"]
    assert datetime.fromisoformat(team.get()["due_at"]) > datetime.now(UTC)


def test_two_clerks_finish_one_task_at_once(api: Api) -> None:
    team = Made(api, TEAM)
    team.move("collect", form={"words": "清理楼道"})
    people = [team.who, api.as_("comprehensive_office")]
    body = {"matter": 1, "form": {"unit": OFFICE, "answer": "已清理"}}

    def finish(who: httpx.Client) -> httpx.Response:
        return who.post(f"/occasions/{team.id}/moves/settle_answered", json=body)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(finish, people))
    assert sorted(a.status_code for a in answers) == [200, 409]
    assert team.get()["counts"]["answered"] == 1


@pytest.mark.parametrize(
    ("move", "form", "status"),
    [
        ("attend", {"level": "hero", "heads": 1}, 422),
        ("attend", {"level": "resident", "heads": -1}, 422),
        ("attend", {"level": "resident", "heads": 1, "name": "王某"}, 422),
        ("record_result", {"unit": OFFICE, "item": "miracles", "quantity": 1}, 422),
        ("record_result", {"unit": OFFICE, "item": "good_deeds", "quantity": 0}, 422),
        ("record_result", {"unit": OFFICE, "item": "good_deeds", "quantity": 1, "on": day(2)}, 422),
        ("collect", {"words": ""}, 422),
    ],
)
def test_what_cannot_be_recorded(api: Api, move: str, form: dict[str, Any], status: int) -> None:
    team = Made(api, TEAM, who=api.as_("unit_clerk", unit=OFFICE))
    answer = team.send(move, form=form)
    assert answer.status_code == status, answer.text
    assert team.get()["version"] == 1


@pytest.mark.parametrize("change", [{"sort": "army"}, {"name": ""}, {"unit": "nobody"}, {"place": "999999"}])
def test_what_is_no_team(api: Api, change: dict[str, Any]) -> None:
    who = api.as_("unit_clerk", unit=OFFICE)
    assert who.post(f"/occasions/types/{TEAM}", json={"form": {**first(TEAM), **change}}).status_code == 422


def test_a_foreign_street_sees_and_keeps_nothing(api: Api) -> None:
    team = Made(api, TEAM)
    foreign = api.as_("unit_clerk", unit="office-taibai")
    assert foreign.get(f"/occasions/{team.id}").status_code == 404
    assert foreign.get(f"/occasions/{team.id}/works").status_code == 404
    assert team.send("attend", foreign, form={"level": "resident", "heads": 1}).status_code == 404
    assert sums(foreign) == {}
