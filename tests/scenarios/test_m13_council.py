"""M13, residents' council and 四事五议: propose, agenda, deliberate, resolve, publish, execute, evaluate.

Stakeholders are at least half of those present; sessions, matters deliberated and resolutions carried out are counted.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest

from api.conftest import Api
from gewu.ledger import outbox
from gewu.ledger.rebuild import rebuild_all
from gewu.registry.directory import get_directory
from support.council_play import COUNCIL, FOUR, Council, in_days, today
from support.district import district_id
from support.locks import waiting
from support.occasion_play import when
from support.occasions import BUREAU, COMMUNITY


def _deliver() -> None:
    while outbox.deliver(district_id(), datetime(2030, 1, 1, tzinfo=UTC))[0]:
        pass


def _figures(api: Api, period: str, kind: str = COUNCIL) -> dict[str, Any]:
    answer = api.as_("comprehensive_office").get("/occasions/figures", params={"type": kind, "period": period})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _behind(api: Api, period: str, state: str, kind: str = COUNCIL) -> list[dict[str, Any]]:
    params = {"type": kind, "period": period, "state": state}
    found: list[dict[str, Any]] = (
        api.as_("comprehensive_office").get("/occasions/matters", params=params).json()["items"]
    )
    return found


def test_from_the_proposal_to_the_judgement_of_the_residents(api: Api) -> None:
    play = Council(api)
    assert play.send("announce", form={"posted_on": today(), "way": "board"}).status_code == 409  # nothing proposed
    play.opened("加装小区路灯", "停车位收费", "楼顶种菜", "更换门禁", "修整花坛")
    play.move("answer_at_table", form={"matter": 1, "unit": BUREAU, "answer": "可利用现有线路"})
    play.carried(1)
    play.carried(2, executor="unit", unit=BUREAU, until=in_days(10))
    assert play.vote(3, 10, 25, 2).status_code == 200
    play.move("defer_matter", matter=4, reason="需先摸清费用")
    play.move("withdraw_matter", matter=5, reason="提议人撤回")
    play.published()
    shown = play.get()
    assert shown["stage"]["code"] == "following"
    assert [m["outcome"] for m in shown["matters"]] == ["adopted", "adopted", "rejected", "deferred", "withdrawn"]
    told = shown["told"][0]
    assert (told["posted_on"], told["days"], told["where"]) == (today(), 7, "社区公示栏")
    vote = shown["matters"][0]["vote"]
    assert (vote["present"], vote["stakeholders"], vote["votes_for"], vote["votes_against"]) == (40, 24, 30, 5)
    assert vote["execution"] is None
    period = shown["period"]
    found = _figures(api, period)
    assert (found["street_sessions"], found["deliberated"], found["adopted"], found["executing"]) == (1, 3, 2, 2)

    play.move("report_done", matter=1, form={"done_on": today(), "result": "三盏路灯已亮"})
    assert play.send("all_closed").status_code == 409  # one is still being carried out
    bureau = api.as_("unit_clerk", unit=BUREAU)
    assert play.send("report_not_done", bureau, matter=2, form={}).status_code == 422  # say why
    play.move("report_not_done", bureau, matter=2, reason="产权未落实", form={})
    shown = play.get()
    assert shown["stage"]["code"] == "evaluating"  # the last report takes it on
    done = [m["vote"]["execution"] for m in shown["matters"][:2]]
    assert [(d["outcome"], d["words"]) for d in done] == [("done", "三盏路灯已亮"), ("not_done", "产权未落实")]

    too_many = {"evaluated_on": today(), "asked": 60, "satisfied": 50, "dissatisfied": 11}
    assert play.send("evaluate", form=too_many).status_code == 409
    play.move("evaluate", form={"evaluated_on": today(), "asked": 60, "satisfied": 38, "dissatisfied": 7})
    judged = play.get()["evaluations"][0]
    assert (judged["asked"], judged["satisfied"], judged["dissatisfied"], judged["unanswered"]) == (60, 38, 7, 15)
    play.move("close")
    assert play.get()["ended"]
    found = _figures(api, period)
    assert (found["executed"], found["not_executed"], found["executing"]) == (1, 1, 0)
    assert (found["asked"], found["satisfied"], found["dissatisfied"]) == (60, 38, 7)
    for state in ("deliberated", "adopted", "rejected", "deferred", "executed", "not_executed", "executing"):
        assert len(_behind(api, period, state)) == found[state], state
    assert rebuild_all(district_id()).ok


def test_the_agenda_hangs_before_anybody_meets(api: Api) -> None:
    play = Council(api).announced()
    assert play.send("open_session", form={"present": 40, "stakeholders": 24}).status_code == 409
    play.wait(2)
    assert play.stage() == "announced"
    play.wait(4)
    assert play.stage() == "ready"


@pytest.mark.parametrize(
    ("present", "stakeholders", "status"), [(40, 19, 409), (41, 20, 409), (40, 20, 200), (40, 41, 409), (0, 0, 422)]
)
def test_the_quorum_is_half(api: Api, present: int, stakeholders: int, status: int) -> None:
    play = Council(api).announced().wait()
    answer = play.send("open_session", form={"present": present, "stakeholders": stakeholders})
    assert answer.status_code == status, answer.text
    if status == 409 and stakeholders < present:
        assert "利益相关方" in answer.text or "stakeholders" in answer.text


def test_without_a_quorum_a_new_date_is_set(api: Api) -> None:
    play = Council(api).announced().wait()
    assert play.send("record_no_quorum", form={"present": 40, "stakeholders": 20}).status_code == 409
    play.move("record_no_quorum", form={"present": 40, "stakeholders": 12})
    shown = play.get()
    assert (shown["stage"]["code"], shown["counts"]["postponements"]) == ("postponed", 1)
    play.move("reschedule", form={"starts_at": when(200), "ends_at": when(202)})
    play.move("announce", form={"posted_on": today(), "way": "board"})
    assert play.outcome(1) == ""  # what was proposed is still on the table


@pytest.mark.parametrize(
    ("yes", "no", "abstained", "outcome"),
    [(21, 20, 0, ""), (20, 19, 0, "adopted"), (19, 19, 0, "rejected"), (15, 10, 5, "rejected"), (16, 10, 5, "adopted")],
)
def test_how_a_vote_comes_out_is_counted(api: Api, yes: int, no: int, abstained: int, outcome: str) -> None:
    """More than half of the votes; a tie is not carried; more votes than people are refused."""
    play = Council(api).opened()
    answer = play.vote(1, yes, no, abstained)
    assert (answer.status_code == 200) is bool(outcome), answer.text
    assert play.outcome(1) == outcome
    execute = [a for a in play.get()["assignments"] if a["slot"]["code"] == "execute"]
    assert len(execute) == (outcome == "adopted")


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"stakeholders": 19}, 409),
        ({"present": 30}, 409),
        ({"votes_for": 0, "votes_against": 0, "votes_abstained": 0}, 409),
        ({"votes_for": -1}, 422),
        ({"votes_for": "many"}, 422),
        ({"executor": "unit"}, 409),
        ({"executor": "unit", "unit": "nobody"}, 422),
        ({"executor": "mayor"}, 422),
        ({"until": "2020-01-01"}, 422),
        ({"motion": ""}, 422),
    ],
)
def test_bad_votes_are_refused_and_change_nothing(api: Api, form: dict[str, Any], status: int) -> None:
    play = Council(api).opened()
    before = play.get()["version"]
    answer = play.vote(1, 30, 5, 2, **form)
    assert answer.status_code == status, answer.text
    assert play.get()["version"] == before
    assert play.vote(7, 30, 5).status_code == 422


def test_an_execution_that_is_overdue_is_told(api: Api, app_connection: psycopg.Connection) -> None:
    play = Council(api).opened()
    play.carried(1, executor="unit", unit=BUREAU, until=in_days(10))
    play.published().wait(20)
    rows = app_connection.execute(
        "SELECT DISTINCT destination FROM ledger_outgoing WHERE record_id = %s AND payload->>'clock' LIKE 'execute%%'",
        [play.id],
    ).fetchall()
    assert {f"unit:{BUREAU}/unit_clerk", "role:comprehensive_office"} <= {row[0] for row in rows}
    _deliver()
    notices = api.as_("unit_clerk", unit=BUREAU).get("/notices").json()["items"]
    assert any(n["message"]["code"] in ("due", "overdue") for n in notices)
    late = [c for c in play.get()["clocks"] if c["clock"]["code"] == "execute"]
    assert late
    play.move("report_done", api.as_("unit_clerk", unit=BUREAU), matter=1, form={"done_on": today(), "result": "完成"})
    assert play.stage() == "evaluating"


def test_a_matter_of_the_council_becomes_a_case(api: Api) -> None:
    play = Council(api).opened()
    made = play.settle(1, category="matter:06012")
    assert made.status_code == 201, made.text
    case = api.as_("unit_clerk", unit=BUREAU).get(f"/cases/{made.json()['case_id']}").json()
    assert case["source"] == COUNCIL
    play.published()
    assert (play.stage(), play.get()["counts"]["cases_open"]) == ("following", 1)
    assert _figures(api, play.get()["period"])["deliberated"] == 1


def test_two_clerks_settle_one_matter_at_once(api: Api, app_connection: psycopg.Connection) -> None:
    play = Council(api).opened("路灯", "停车")
    people = [play.who, api.as_("comprehensive_office")]
    version = play.get()["version"]
    form = {
        "motion": "加装", "present": 40, "stakeholders": 24, "votes_for": 30, "votes_against": 2, "votes_abstained": 0,
        "executor": "community", "until": in_days(30),
    }  # fmt: skip

    def settle(n: int) -> httpx.Response:
        move, body = [("resolve_matter", {"form": form}), ("defer_matter", {"reason": "再议", "form": {}})][n]
        headers = {"If-Match": f'"{version}"'}
        return people[n].post(f"/occasions/{play.id}/moves/{move}", json={"matter": 1, **body}, headers=headers)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(settle, range(2)))
    assert sorted(a.status_code for a in answers) == [200, 409]
    loser = next(a for a in answers if a.status_code == 409)
    assert "1" in loser.json()["detail"]
    assert play.outcome(1) in ("adopted", "deferred")


@pytest.mark.parametrize("others", [0, 1])
def test_two_clerks_report_one_resolution_at_once(api: Api, app_connection: psycopg.Connection, others: int) -> None:
    """Whoever is second is told so, whether or not their office still carries out another resolution."""
    play = Council(api).opened(*["路灯", "停车"][: others + 1])
    for no in range(others + 1):
        play.carried(no + 1)

    def report(n: int) -> httpx.Response:
        body: dict[str, Any] = {"matter": 1, "form": {"done_on": today(), "result": f"完成{n}"}}
        return play.who.post(f"/occasions/{play.id}/moves/report_done", json=body)

    # Both have to have read the resolution as open before either of them is let to the record.
    patience = time.monotonic() + 20
    with ThreadPoolExecutor(2) as pool:
        with app_connection.transaction():
            app_connection.execute("SELECT 1 FROM ledger_record WHERE id = %s FOR UPDATE", [play.id])
            sent = [pool.submit(report, n) for n in range(2)]
            while waiting(app_connection) < 2 and time.monotonic() < patience:
                time.sleep(0.01)
        reports = [each.result() for each in sent]
    assert sorted(a.status_code for a in reports) == [200, 409]
    assert "1" in next(a for a in reports if a.status_code == 409).json()["detail"]


def test_who_may_not(api: Api) -> None:
    play = Council(api).opened()
    away = api.as_("unit_clerk", unit="office-taibai")
    assert away.get(f"/occasions/{play.id}").status_code == 404
    assert play.send("resolve_matter", api.as_("unit_clerk", unit=BUREAU), matter=1, form={}).status_code == 403
    play.carried(1, executor="unit", unit=BUREAU)
    assert play.send("report_done", matter=1, form={"done_on": today(), "result": "x"}).status_code == 403
    other = api.as_("unit_clerk", unit="traffic-police")
    assert play.send("report_done", other, matter=1, form={"done_on": today(), "result": "x"}).status_code == 403
    form = {"unit": "office-taibai", "place": COMMUNITY, "leader": "x", "starts_at": when(1), "ends_at": when(2)}
    assert play.who.post(f"/occasions/types/{COUNCIL}", json={"form": form}).status_code == 409


def test_four_matters_and_five_deliberations(api: Api) -> None:
    """The same council with five steps and four kinds of matters, all of them marked as assumption."""
    play = Council(api, kind=FOUR)
    assert play.send("collect", form={"words": "路灯", "source": "residents"}).status_code == 422  # which of the four?
    for kind in ("small", "big"):
        play.propose(f"{kind} 事项", matter_kind=kind)
    assert play.send("announce", form={"posted_on": today(), "way": "board"}).status_code == 409  # not deliberated yet
    play.move("screen", form={"opinion": "两项均可列入"})
    play.move("announce", form={"posted_on": today(), "way": "board"})
    play.wait()
    assert play.send("open_session", form={"present": 30, "stakeholders": 14}).status_code == 409
    play.move("open_session", form={"present": 30, "stakeholders": 15})
    assert play.stage() == "consulting"
    assert play.vote(1, 30, 5).status_code == 409  # consulted, not put to the vote
    play.move("begin_vote")
    play.carried(1)
    assert play.vote(2, 5, 30).status_code == 200
    play.published()
    play.move("report_done", matter=1, form={"done_on": today(), "result": "完成"})
    assert play.stage() == "evaluating"
    shown = play.get()
    assert [(m["kind"], m["outcome"]) for m in shown["matters"]] == [("small", "adopted"), ("big", "rejected")]
    types = {t["type"]: t for t in api.as_("comprehensive_office").get("/occasions/types").json()["items"]}
    assert FOUR in types
    playbook = get_directory(district_id()).playbook(FOUR)
    assert playbook is not None
    assert len([one for one in playbook.stages.values() if "假定" in one.title["zh"]]) == 5
