"""M19, upgrade of old estates: classified, diagnosed, listed with quantities, agreed by the residents, paid from
several sources, built in time, accepted by somebody else, handed to self-governance. Played over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from api.conftest import Api
from gewu.ledger import ticker
from gewu.ledger.door import now_us
from gewu.ledger.rebuild import rebuild_all
from support.district import district_id
from support.estate_play import PROJECT, ROADS, TEAM, Made, at_work, day, done, first, listed
from support.occasions import BUREAU, OFFICE

ITEMS = (("parking_regulated", 208), ("cameras_fitted", 61), ("access_controls", 45), ("hardened_road", 4000))


def test_from_the_diagnosis_to_self_governance(api: Api) -> None:
    play = listed(api, items=ITEMS)
    assert play.send("carry").status_code == 409  # nobody was asked
    play.move("consult", form={"asked": 320, "agree": 150, "against": 20, "on": day(-3), "way": "入户征求"})
    refused = play.send("carry")
    assert refused.status_code == 409  # not more than half of those asked: who does not answer does not agree
    assert "half" in refused.text
    play.move("consult", form={"asked": 320, "agree": 201, "against": 30, "on": day(), "way": "再次入户"})
    play.move("carry")
    polls = play.works()["consultations"]
    assert [(p["asked"], p["agree"], p["against"], p["unanswered"], p["carried"]) for p in polls] == [
        (320, 150, 20, 150, False), (320, 201, 30, 89, True),
    ]  # fmt: skip
    assert play.send("begin_works", form={"builder": BUREAU, "due_on": day(30)}).status_code == 409  # no funds yet
    for source, measure, amount in (
        ("residents", "yuan", 64_000), ("district", "yuan", 900_000), ("residents", "person-day", 120),
    ):  # fmt: skip
        play.move("fund", form={"source": source, "measure": measure, "amount": amount})
    play.move("fund", form={"source": "residents", "measure": "yuan", "amount": 66_000, "corrects": 1})
    play.move("begin_works", form={"builder": BUREAU, "due_on": day(30)})
    builder = api.as_("unit_clerk", unit=BUREAU)
    assert {c["clock"]["code"] for c in play.get(builder)["clocks"] if c["status"] == "running"} == {"works"}
    assert play.send("report_works", builder).status_code == 409  # nothing was built yet
    for item, quantity in (("parking_regulated", 200), ("cameras_fitted", 61), ("access_controls", 45)):
        done(play, builder, item, quantity)
    play.move("report_works", builder)
    office = api.as_("comprehensive_office")
    play.move("send_back", office, form={"defects": 2, "due_on": day(10)}, reason="车位线不清，道路未硬化")
    assert play.send("report_works", builder).status_code == 409  # mend first
    done(play, builder, "hardened_road", 4000)
    play.move("mend_defects", builder, form={"note": "已重新划线并硬化"})
    play.move("report_works", builder)
    play.move("accept_works", form={"finding": "符合清单"})
    team = Made(api, TEAM)
    for record in ("6f1b1f0e-8a55-4a5d-9a39-0d3a4b9f5a01", "nobody"):
        assert play.send("hand_over", form={"body": "小区自治小组", "record": record}).status_code == 422
    play.move("hand_over", form={"body": "小区自治小组", "record": team.id})
    play.move("close")
    assert play.stage() == "closed"
    shown = play.works()
    assert {(p["item"]["code"], p["planned"], p["done"], p["measure"]) for p in shown["progress"]} == {
        ("parking_regulated", 208, 200, "place"), ("cameras_fitted", 61, 61, "camera"),
        ("access_controls", 45, 45, "set"), ("hardened_road", 4000, 4000, "m2"),
    }  # fmt: skip
    assert [(f["key"]["code"], f["measure"], f["quantity"]) for f in shown["funds"]] == [
        ("district", "yuan", 900_000), ("residents", "person-day", 120), ("residents", "yuan", 66_000),
    ]  # fmt: skip
    assert rebuild_all(district_id()).ok


def test_sums_open_their_lines(api: Api) -> None:
    one, two = listed(api, items=ITEMS), listed(api, items=(("cameras_fitted", 9),))
    office = api.as_("comprehensive_office")
    found = office.get("/occasions/works/progress", params={"type": PROJECT}).json()["items"]
    planned = {p["item"]["code"]: (p["planned"], p["projects"]) for p in found}
    assert planned["cameras_fitted"] == (70, 2)
    lines = office.get(
        "/occasions/works/lines", params={"type": PROJECT, "kind": "plan", "key": "cameras_fitted", "limit": 1}
    )
    assert [row["number"] for row in lines.json()["items"]] == [two.number]
    rest = office.get(lines.links["next"]["url"].removeprefix("/api/v1"))
    assert [(row["number"], row["quantity"]) for row in rest.json()["items"]] == [(one.number, 61)]
    assert office.get("/occasions/works/sums", params={"type": PROJECT, "kind": "funds"}).json()["items"] == []
    assert office.get("/occasions/works/sums", params={"type": "case", "kind": "funds"}).status_code == 422
    assert office.get("/occasions/works/sums", params={"type": PROJECT, "kind": "gold"}).status_code == 422


def test_a_road_programme_is_the_same_with_roads(api: Api) -> None:
    play = at_work(api, ROADS, items=(("roads_renewed", 25),))
    builder = api.as_("unit_clerk", unit=BUREAU)
    for _ in range(8):
        done(play, builder, "roads_renewed", 1)
    assert [(p["planned"], p["done"], p["measure"]) for p in play.works()["progress"]] == [(25, 8, "road")]
    lines = play.who.get("/occasions/results", params={"type": ROADS, "item": "roads_renewed"}).json()["items"]
    assert len(lines) == 8
    play.move("strike_result", builder, form={"line": 8}, reason="误登记")
    assert play.works()["progress"][0]["done"] == 7


def test_the_builder_does_not_accept_its_own_work(api: Api) -> None:
    own = at_work(api, builder=OFFICE)  # the street builds with its own people
    done(own, own.who, "cameras_fitted", 61, OFFICE)
    own.move("report_works")
    for move, body in (
        ("accept_works", {"form": {"finding": "合格"}}),
        ("send_back", {"form": {"defects": 1, "due_on": day(5)}, "reason": "x"}),
    ):
        refused = own.send(move, **body)
        assert refused.status_code == 409, refused.text
    own.move("accept_works_for_office", api.as_("comprehensive_office"), form={"finding": "合格"})
    other = at_work(api)
    done(other, api.as_("unit_clerk", unit=BUREAU), "cameras_fitted", 61)
    other.move("report_works")  # the street reports for its builder
    refused = other.send("accept_works", form={"finding": "合格"})
    assert refused.status_code == 409
    assert "reported" in refused.text


def test_two_accept_at_once(api: Api) -> None:
    play = at_work(api)
    builder = api.as_("unit_clerk", unit=BUREAU)
    done(play, builder, "cameras_fitted", 61)
    play.move("report_works", builder)
    version = play.get()["version"]

    def accept(one: tuple[httpx.Client, str]) -> httpx.Response:
        who, move = one
        return who.post(
            f"/occasions/{play.id}/moves/{move}", json={"form": {"finding": "合格"}},
            headers={"If-Match": f'"{version}"'},
        )  # fmt: skip

    people = [(play.who, "accept_works"), (api.as_("comprehensive_office"), "accept_works_for_office")]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(accept, people))
    assert sorted(a.status_code for a in answers) == [200, 409], [a.text for a in answers]
    assert play.stage() == "accepted"


def test_two_replace_one_line_at_once(api: Api) -> None:
    play = Made(api, PROJECT)
    play.move("diagnose", form={"findings": "缺监控"})
    play.move("plan_item", form={"item": "cameras_fitted", "quantity": 60})
    people = [play.who, api.as_("comprehensive_office")]

    def replace(n: int) -> httpx.Response:
        form = {"item": "cameras_fitted", "quantity": 61 + n, "corrects": 1}
        return people[n].post(f"/occasions/{play.id}/moves/plan_item", json={"form": form})

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(replace, range(2)))
    assert sorted(a.status_code for a in answers) == [200, 409], [a.text for a in answers]
    assert play.works()["progress"][0]["planned"] in (61, 62)
    assert len(play.works()["plan"]) == 1


def test_residents_are_asked_again_when_the_list_changes(api: Api) -> None:
    play = listed(api)
    play.move("consult", form={"asked": 10, "agree": 10, "against": 0, "on": day()})
    play.move("carry")
    assert play.send("revise_list").status_code == 422  # with a reason only
    play.move("revise_list", reason="增加充电桩")
    assert play.send("submit_list").status_code == 409  # nothing changed yet
    play.move("plan_item", form={"item": "leisure_seats", "quantity": 15})
    play.move("submit_list")
    assert play.send("carry").status_code == 409  # what they agreed to was another list
    play.move("consult", form={"asked": 10, "agree": 6, "against": 4, "on": day()})
    play.move("carry")
    assert play.stage() == "funding"


def test_works_that_are_late_are_told_and_a_new_date_is_kept(api: Api, app_connection: psycopg.Connection) -> None:
    play = at_work(api)
    ticker.tick(district_id(), now_us() + 40 * 86_400_000_000)
    rows = app_connection.execute(
        "SELECT DISTINCT destination FROM ledger_outgoing WHERE record_id = %s AND payload->>'clock' LIKE 'works%%'",
        [play.id],
    ).fetchall()
    told = {row[0] for row in rows}
    assert f"unit:{BUREAU}/unit_clerk" in told
    assert "role:comprehensive_office" in told
    assert play.send("move_date", form={"due_on": day(60)}).status_code == 422  # with a reason only
    play.move("move_date", form={"due_on": day(60)}, reason="汛期停工")
    running = [c for c in play.get()["clocks"] if c["status"] == "running"]
    assert running[0]["due_at"][:10] >= day(59)


def test_a_project_may_be_dropped_with_a_reason(api: Api) -> None:
    play = at_work(api)
    play.move("drop_project", reason="列入整体拆迁")
    shown = play.get()
    assert (shown["stage"]["code"], shown["ended"]) == ("dropped", True)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"asked": 10, "agree": 8, "against": 3, "on": day()}, ""),
        ({"asked": 0, "agree": 0, "against": 0, "on": day()}, "asked"),
        ({"asked": 10, "agree": -1, "against": 0, "on": day()}, "agree"),
        ({"asked": 10, "agree": 5, "against": 0, "on": day(2)}, "on"),
        ({"asked": 10, "agree": 5, "on": day()}, "against"),
    ],
)
def test_what_is_no_consultation(api: Api, form: dict[str, Any], field: str) -> None:
    play = listed(api)
    answer = play.send("consult", form=form)
    assert answer.status_code == (422 if field else 409), answer.text
    assert field in answer.text
    assert play.works()["consultations"] == []


@pytest.mark.parametrize(
    ("move", "form"),
    [
        ("plan_item", {"item": "castles", "quantity": 1}),
        ("plan_item", {"item": "cameras_fitted", "quantity": -1}),
        ("plan_item", {"item": "cameras_fitted", "quantity": 10**12}),
        ("plan_item", {"item": "cameras_fitted", "quantity": 1, "corrects": 7}),
    ],
)
def test_what_cannot_be_planned(api: Api, move: str, form: dict[str, Any]) -> None:
    play = Made(api, PROJECT)
    play.move("diagnose", form={"findings": "缺监控"})
    assert play.send(move, form=form).status_code == 422
    assert play.works()["plan"] == []


def test_what_cannot_be_funded_or_built(api: Api) -> None:
    play = at_work(api)
    for form in (
        {"source": "casino", "measure": "yuan", "amount": 1},
        {"source": "street", "measure": "gold", "amount": 1},
        {"source": "street", "measure": "yuan", "amount": -1},
        {"source": "street", "measure": "yuan", "amount": 10**13},
        {"source": "street", "measure": "yuan", "amount": 1, "corrects": 9},
    ):
        assert play.send("fund", form=form).status_code == 422, form
    assert len(play.works()["funds"]) == 1
    foreign = api.as_("unit_clerk", unit="office-taibai")
    line = {"unit": "office-taibai", "item": "cameras_fitted", "quantity": 1}
    assert play.send("record_result", foreign, form=line).status_code == 404
    builder = api.as_("unit_clerk", unit=BUREAU)
    assert play.send("record_result", builder, form={**line, "unit": OFFICE}).status_code == 409
    assert play.send("hand_over", form={"body": "自治小组"}).status_code == 409


@pytest.mark.parametrize("change", [{"sort": "castle"}, {"name": ""}, {"unit": "nobody"}, {"place": "999999"}])
def test_what_is_no_project(api: Api, change: dict[str, Any]) -> None:
    who = api.as_("unit_clerk", unit=OFFICE)
    assert who.post(f"/occasions/types/{PROJECT}", json={"form": {**first(PROJECT), **change}}).status_code == 422
