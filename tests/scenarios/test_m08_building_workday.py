"""M08, building workday: at least one a month for each street; matters heard face to face leave the table with unit and
deadline; the follow-up ends when all are closed and the building has been told. Played over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from api.conftest import Api
from gewu.ledger import outbox, ticker
from gewu.ledger.rebuild import rebuild_all
from gewu.occasions import following, obligations
from support.district import CATEGORY, district_id
from support.occasion_play import ZONE, Play, workday_form
from support.occasions import BUREAU, OFFICE, TYPE, Session, clerk, solve

ELEVEN = 11


def _deliver() -> None:
    while outbox.deliver(district_id(), datetime(2030, 1, 1, tzinfo=UTC))[0]:
        pass


def test_from_the_announcement_to_the_notice_at_the_building(api: Api) -> None:
    play = Play(api)
    play.move("begin_collecting", form={"notice": "本周五上午在 3 栋楼下现场办公，欢迎反映问题。"})
    play.collect("3 单元路灯不亮", raised=7)
    play.collect("停车难", raised=30, source="community")
    play.move("open_session")
    refused = play.send("adjourn")
    assert refused.status_code == 409  # nobody has signed in yet
    for level, heads, more in (
        ("leader", 1, {"body": "区政府分管领导"}),
        ("department", 2, {"unit": BUREAU}),
        ("community", 3, {}),
        ("residents", 26, {}),
    ):
        play.move("attend", form={"level": level, "heads": heads, **more})
    play.collect("下水道堵塞", raised=4)
    play.move("answer_at_table", form={"matter": 1, "unit": BUREAU, "question": "何时修？", "answer": "三个工作日内"})
    play.move("adjourn", form={"summary": "三个问题，两个交办，一个当场答复"})
    assert play.send("finish_settling").status_code == 409  # matters are on the table still
    first = play.settle(1, limit_days=3)
    assert first.status_code == 201, first.text
    big = play.settle(2, limit_days=15, tier="big", assists=["traffic-police"])
    assert big.status_code == 201, big.text
    play.move("settle_answered", matter=3, form={"unit": BUREAU, "answer": "已现场疏通", "solved": "community"})
    play.move("finish_settling")
    shown = play.get()
    assert (shown["stage"]["code"], shown["counts"]["cases_open"], shown["heads"]) == ("following", 2, 32)
    assert [m["phase"] for m in shown["matters"]] == ["before", "before", "at"]
    assert [m["case"]["stage"]["code"] if m["case"] else m["outcome"] for m in shown["matters"]] == [
        "dispatched", "dispatched", "answered",
    ]  # fmt: skip
    bureau = api.as_("unit_clerk", unit=BUREAU)
    case = bureau.get(f"/cases/{first.json()['case_id']}").json()
    assert case["source"] == TYPE
    assert {one["clock"]["code"] for one in case["clocks"]} >= {"claim", "handle"}
    # the leader's own office sees what the street settled
    assert play.get(api.as_("comprehensive_office"))["number"] == play.number
    assert rebuild_all(district_id()).ok


def test_when_the_last_case_ends_the_building_is_told(api: Api) -> None:
    session = Session().scheduled().following()
    solve(session.case())
    _deliver()
    play = Play.__new__(Play)
    play.api, play.who, play.id = api, api.as_("unit_clerk", unit=OFFICE), str(session.record_id)
    assert play.get()["stage"]["code"] == "noticing"
    today = datetime.now(ZONE).date().isoformat()
    play.move("notice_back", form={"posted_on": today, "way": "board", "words": "路灯已修好", "heads": 40})
    play.move("close")
    shown = play.get()
    assert (shown["stage"]["code"], shown["ended"]) == ("closed", True)
    assert [(t["final"], t["way"], t["heads"]) for t in shown["told"]] == [(True, "board", 40)]


def test_leader_led_and_street_led_sessions_are_counted_apart(api: Api) -> None:
    office = api.as_("comprehensive_office")
    led = Play(api, office, led_by="leader", leader="区委常委")
    led.move("open_session")
    own = Play(api)
    own.collect("路灯")
    own.move("open_session")
    period = own.get()["period"]
    found = office.get("/occasions/figures", params={"period": period}).json()
    assert (found["leader_sessions"], found["street_sessions"], found["matters"], found["leader_matters"]) == (
        1,
        1,
        1,
        0,
    )
    listed = office.get("/occasions", params={"led_by": "leader", "held": "true", "period": period}).json()["items"]
    assert [row["number"] for row in listed] == [led.number]
    owed = office.get("/occasions/obligations", params={"period": period}).json()["items"]
    mine = next(row for row in owed if row["member"]["code"] == OFFICE)
    assert (mine["status"], mine["street_held"], mine["leader_held"]) == ("held", 1, 1)


def test_a_leaders_session_does_not_stand_in_for_the_streets_own(api: Api) -> None:
    office = api.as_("comprehensive_office")
    led = Play(api, office, led_by="leader", leader="区委常委")
    led.move("open_session")
    owed = office.get("/occasions/obligations", params={"period": led.get()["period"]}).json()["items"]
    mine = next(row for row in owed if row["member"]["code"] == OFFICE)
    assert (mine["status"], mine["leader_held"]) == ("not_yet", 1)


def test_the_month_of_every_street_and_what_was_missed(api: Api, app_connection: psycopg.Connection) -> None:
    """Eleven streets owe one each; two hold theirs, one plans it. Nothing is missed in silence."""
    start = 1_793_498_400_000_000  # 2026-11-01 10:00
    hour = 3_600_000_000
    held = Session(at_us=start).scheduled().opened()
    other = Session(at_us=start).scheduled(unit="office-taibai", place="500101017001")
    other.opened(clerk("office-taibai"))
    Session(at_us=start).scheduled(unit="office-pailou", place="500101018001", starts_in=28 * 24 * hour)
    month = "2026-11"

    def told(message: str) -> dict[str, int]:
        rows = app_connection.execute(
            "SELECT destination, count(*) FROM ledger_outgoing WHERE topic = 'notice' AND payload->>'message' = %s"
            " AND payload->>'period' = %s GROUP BY destination",
            [message, month],
        ).fetchall()
        return dict(rows)

    def statuses(at: datetime) -> dict[str, str]:
        found = obligations.obligations(district_id(), TYPE, (month,), at)
        return {one.member.member: one.status for one in found}

    middle = datetime(2026, 11, 12, 9, tzinfo=ZONE)
    obligations.remind(district_id(), middle)
    assert told("obligation_plan") == {}
    state = statuses(middle)
    assert len(state) == ELEVEN
    assert (state[OFFICE], state["office-taibai"], state["office-pailou"], state["office-wuqiao"]) == (
        "held", "held", "planned", "not_yet",
    )  # fmt: skip
    for day in (19, 20, 23):
        obligations.remind(district_id(), datetime(2026, 11, day, 9, tzinfo=ZONE))
    plan = told("obligation_plan")
    assert plan["unit:office-wuqiao/unit_clerk"] == 1
    assert len(plan) == ELEVEN - 3
    assert all(n == 1 for n in plan.values())
    for day in (26, 27, 30):
        obligations.remind(district_id(), datetime(2026, 11, day, 9, tzinfo=ZONE))
    assert told("obligation_hold")["role:comprehensive_office"] == ELEVEN - 3
    for day in (1, 2, 3):
        obligations.remind(district_id(), datetime(2026, 12, day, 9, tzinfo=ZONE))
    missed = told("obligation_missed")
    assert missed["unit:office-wuqiao/unit_clerk"] == 1
    assert missed["unit:office-pailou/unit_clerk"] == 1  # planned, and never held
    assert missed["role:comprehensive_office"] == ELEVEN - 2
    assert f"unit:{OFFICE}/unit_clerk" not in missed
    assert statuses(datetime(2026, 12, 1, tzinfo=ZONE))["office-pailou"] == "missed"
    assert held.view().row.period == month
    _deliver()
    notices = api.as_("unit_clerk", unit="office-wuqiao").get("/notices").json()["items"]
    assert {n["message"]["code"] for n in notices} == {"obligation_plan", "obligation_hold", "obligation_missed"}


def test_postponed_with_a_reason_it_counts_where_it_is_held(api: Api) -> None:
    play = Play(api)
    assert play.send("postpone").status_code == 422
    play.move("postpone", reason="防汛值守")
    assert play.get()["stage"]["code"] == "postponed"
    later = datetime.now(ZONE).replace(day=1) + timedelta(days=40)
    end = later + timedelta(hours=2)
    play.move(
        "reschedule",
        form={"starts_at": later.isoformat(timespec="seconds"), "ends_at": end.isoformat(timespec="seconds")},
    )
    shown = play.get()
    assert (shown["stage"]["code"], shown["period"], shown["counts"]["postponements"]) == (
        "scheduled",
        f"{later:%Y-%m}",
        1,
    )
    ticker.tick(district_id(), int((later + timedelta(days=2)).timestamp() * 1_000_000))  # never held: somebody is told
    _deliver()
    notices = play.who.get("/notices").json()["items"]
    assert notices


def test_a_matter_that_is_not_claimed_alerts_the_dispatcher(api: Api, app_connection: psycopg.Connection) -> None:
    session = Session().scheduled().opened().settle()
    case = session.settled[0].case_id
    ticker.tick(district_id(), session.at_us + 3 * 86_400_000_000)
    rows = app_connection.execute(
        "SELECT destination FROM ledger_outgoing WHERE record_id = %s AND payload->>'clock' LIKE 'claim%%'", [case]
    ).fetchall()
    assert ("role:dispatcher",) in rows
    shown = api.as_("unit_clerk", unit=OFFICE).get(f"/occasions/{session.record_id}").json()
    assert shown["matters"][0]["case"]["stage"]["code"] == "dispatched"
    following.catch_up(district_id(), datetime.now(UTC))
    assert api.as_("unit_clerk", unit=OFFICE).get(f"/occasions/{session.record_id}").json()["counts"]["cases_open"] == 1


def test_two_clerks_settle_one_matter_at_once(api: Api) -> None:
    play = Play(api)
    play.collect("路灯不亮")
    play.move("open_session")
    people = [api.as_("unit_clerk", unit=OFFICE), api.as_("comprehensive_office")]
    body = {"lead": BUREAU, "limit_days": 5}

    def settle(who: httpx.Client) -> httpx.Response:
        return who.post(f"/occasions/{play.id}/matters/1/case", json=body)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(settle, people))
    assert sorted(a.status_code for a in answers) == [201, 409]
    assert len(api.as_("comprehensive_office").get("/cases").json()["items"]) == 1


def test_two_phones_with_one_id_add_one_matter(api: Api) -> None:
    play = Play(api)
    key = str(uuid4())
    form = {"words": "下水道堵塞", "category": CATEGORY}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _n: play.send("collect", key=key, form=form), range(2)))
    assert [a.status_code for a in answers] == [200, 200]
    assert sorted(a.json()["replayed"] for a in answers) == [False, True]
    assert play.get()["counts"]["matters"] == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"unit": "office-taibai"}, 409),
        ({"place": "500101017001"}, 409),
        ({"place": "999999"}, 422),
        ({"led_by": "mayor"}, 422),
        ({"leader": ""}, 422),
        ({"ends_at": "2026-01-01T10:00:00+08:00"}, 409),
        ({"starts_at": "tomorrow"}, 422),
        ({"unknown": 1}, 422),
    ],
)
def test_what_cannot_be_scheduled(api: Api, change: dict[str, Any], status: int) -> None:
    who = api.as_("unit_clerk", unit=OFFICE)
    answer = who.post(f"/occasions/types/{TYPE}", json={"form": {**workday_form(), **change}})
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_who_may_not(api: Api) -> None:
    play = Play(api)
    away = api.as_("unit_clerk", unit="office-taibai")
    assert away.get(f"/occasions/{play.id}").status_code == 404
    assert play.send("collect", away, form={"words": "x"}).status_code == 404
    bureau = api.as_("unit_clerk", unit=BUREAU)
    assert play.send("open_session", bureau).status_code == 403
    worker = api.as_("worker", unit=BUREAU)
    assert worker.get("/occasions").status_code == 403
    assert play.who.post("/occasions/types/none", json={"form": {}}).status_code == 404
    assert play.send("settle_case", form={}).status_code == 404
    assert play.settle(9).status_code == 422


@pytest.mark.parametrize(
    ("move", "body", "status"),
    [
        ("settle_joined", {"matter": 1, "form": {"case": "none"}}, 422),
        ("settle_joined", {"matter": 1, "form": {}}, 422),
        ("settle_joined", {"form": {"case": "none"}}, 422),
        ("settle_joined", {"matter": 1, "form": {"case": str(uuid4())}}, 404),
        ("case_ended", {"form": {"case": "x", "ended": "answered"}}, 422),
        ("withdraw_matter", {"matter": 7, "reason": "x", "form": {}}, 422),
        ("collect", {"form": {"words": "x", "place": "none"}}, 422),
        ("collect", {"form": {"words": "x", "raised": 0}}, 422),
        ("postpone", {"form": {}}, 422),
        ("schedule", {"form": {}}, 404),
    ],
)
def test_bad_moves_are_refused_and_change_nothing(api: Api, move: str, body: dict[str, Any], status: int) -> None:
    play = Play(api)
    play.collect("路灯")
    before = play.get()["version"]
    answer = play.send(move, **body)
    assert answer.status_code == status, answer.text
    assert play.get()["version"] == before


@pytest.mark.parametrize("period", ["0000", "2026-13", "9999", "x"])
def test_periods_that_there_are_not(api: Api, period: str) -> None:
    who = api.as_("comprehensive_office")
    for path in ("/occasions", "/occasions/obligations", "/occasions/figures", "/occasions/matters"):
        assert who.get(path, params={"period": period}).status_code == 422
    assert who.get("/occasions", params={"type": "none"}).status_code == 422
    assert who.get("/occasions", params={"after": "x"}).status_code in (400, 422)
