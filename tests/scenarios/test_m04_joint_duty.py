"""M04, joint duty 3+X: core and invited agencies, plan, muster, patrols, support, results by item and agency, reports
and co-signing. An agency that has not reported is shown as such, never as zero. Played over HTTP, with real threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from api.conftest import Api
from gewu.ledger import outbox, ticker
from gewu.ledger.rebuild import rebuild_all
from gewu.ledger.verify import verify_all
from support.district import district_id
from support.duty import BUREAU, CORE, FIRE, FIVE, POLICE, TOBACCO, TRANSPORT, Duty, today
from support.occasion_play import when


def _deliver() -> None:
    while outbox.deliver(district_id(), datetime(2031, 1, 1, tzinfo=UTC))[0]:
        pass


def _later(days: float) -> None:
    """Clocks run as if so many days had passed."""
    ticker.tick(district_id(), int((datetime.now(UTC) + timedelta(days=days)).timestamp() * 1_000_000))


def _agencies(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["unit"]["code"]: one for one in shown["agencies"]}


def test_from_the_plan_to_the_co_signed_report(api: Api) -> None:
    duty = Duty(api)
    duty.move("set_teams", form={"teams": "城管、交警、运管混编四组", "route": "高笋塘至西山，早晚高峰"})
    assert duty.send("muster").status_code == 409  # nobody has accepted
    duty.invited(*FIVE)
    assert duty.send("invite", form={"unit": POLICE, "standing": "core", "from_on": today()}).status_code == 422
    _deliver()
    invited = [n for n in duty.by(BUREAU).get("/notices").json()["items"] if n["message"]["code"] == "invited"]
    assert len(invited) == 1  # each is told of its own invitation only
    refused = duty.send("decline", duty.by(FIRE), target=duty.part("invitation", FIRE))
    assert refused.status_code == 422  # a reason is owed
    duty.move("decline", duty.by(FIRE), target=duty.part("invitation", FIRE), reason="当日有灭火演练")
    assert duty.send("accept", duty.by(FIRE)).status_code == 409  # it has no invitation any more
    duty.invited(FIRE)  # asked again
    duty.accepted(*FIVE)
    assert duty.send("muster").status_code == 409  # no heads yet
    for unit, heads in zip(FIVE, (80, 60, 30, 15, 4), strict=True):
        duty.move("attend", form={"level": "agency", "unit": unit, "heads": heads})
    duty.move("attend", form={"level": "agency", "unit": TOBACCO, "heads": 5, "corrects": 5})
    duty.move("muster", form={"where": "体育场"})
    duty.move("begin_duty")
    shown = duty.get()
    assert (shown["stage"]["code"], shown["heads"]) == ("on_duty", 190)
    assert [(a["unit"]["code"], a["standing"]) for a in shown["agencies"]][:3] == [(unit, "core") for unit in CORE]
    assert {a["status"] for a in shown["agencies"]} == {"takes_part"}
    assert _agencies(shown)[TOBACCO]["letter"]
    patrol = {"on": today(), "hours": "18:00-21:00", "unit": POLICE, "where": "王牌路", "what": "劝离占道摊点 6 处"}
    duty.move("log_patrol", duty.by(POLICE), form=patrol)
    helped = {"on": today(), "unit": TRANSPORT, "helped": BUREAU, "swapped": True, "words": "运管劝导占道商贩"}
    duty.move("support", duty.by(TRANSPORT), form=helped)
    for unit, item, quantity in ((BUREAU, "road_occupying_business", 37), (POLICE, "vehicles_towed", 12)):
        assert duty.result(unit, item, quantity).status_code == 200
    assert duty.result(TOBACCO, "persuasions", 8).status_code == 200  # the office writes for it
    waiting = duty.totals()["not_reported"]
    assert {one["unit"]["code"] for one in waiting} == set(FIVE)
    assert all(one["under_way"] == [duty.id] for one in waiting)  # no report is due yet
    duty.move("end_duty", form={"summary": "按方案完成"})
    assert all(one["under_way"] == [] for one in duty.totals()["not_reported"])
    assert duty.send("all_reported").status_code == 409
    for unit in FIVE:
        assert duty.report(unit).status_code == 200
    assert duty.send("report", duty.by(POLICE), form={"words": "再报"}).json()["code"] == "part_ended"  # report twice
    assert duty.result(POLICE, "vehicles_towed", 1).status_code == 409  # its part has ended with the report
    assert duty.send("close_reporting", reason="x").status_code == 409  # all are in
    duty.move("all_reported")
    signed = {"signed_by": "支队长", "opinion": "同意"}
    for unit in FIVE[:4]:
        duty.move("sign", duty.speaks(unit), form=signed, target=duty.part("signature", unit))
    assert duty.send("close").status_code == 409  # one signature is missing
    duty.move("close_unsigned", reason="烟草专卖局函复另行会签")
    shown = duty.get()
    assert (shown["stage"]["code"], shown["ended"]) == ("closed", True)
    assert [a["signature"] for a in shown["agencies"]] == ["signed"] * 4 + ["unsigned"]
    assert [(p["unit"]["code"], p["where"]) for p in shown["patrols"]] == [(POLICE, "王牌路")]
    assert [(s["unit"]["code"], s["helped"]["code"], s["swapped"]) for s in shown["supports"]] == [
        (TRANSPORT, BUREAU, True)
    ]
    assert duty.sums() == {"persuasions": 8, "road_occupying_business": 37, "vehicles_towed": 12}
    assert duty.totals()["not_reported"] == []
    assert rebuild_all(district_id()).ok
    assert verify_all(district_id()).ok


def test_five_agencies_of_which_one_never_reports_one_is_late_and_two_report_at_once(api: Api) -> None:
    duty = Duty(api)
    parts = duty.worked()

    def send(unit: str) -> int:
        form = {"words": f"{unit} 已完成"}
        return duty.send("report", duty.by(unit), form=form, target=parts[unit]).status_code

    with ThreadPoolExecutor(4) as pool:  # two agencies at the same moment, each by two clerks' windows
        codes = list(pool.map(send, [POLICE, TRANSPORT, POLICE, TRANSPORT]))
    assert sorted(codes) == [200, 200, 409, 409]  # the second of an agency is told that it was done
    assert duty.get()["counts"]["attendance"] == 5
    _later(8)  # the limit of the two that are left is over: they and the office are told
    _deliver()
    late = [n["message"]["code"] for n in duty.by(FIRE).get("/notices").json()["items"]]
    told = [n["message"]["code"] for n in duty.office.get("/notices").json()["items"]]
    assert "due" in late
    assert "due" in told
    totals = duty.totals(by="unit,item")
    assert [one["unit"]["code"] for one in totals["not_reported"]] == [FIRE, TOBACCO]
    assert TOBACCO not in {one["unit"]["code"] for one in totals["items"]}  # named, and nowhere a zero
    assert {a["unit"]["code"] for a in duty.get()["agencies"] if a["status"] == "not_reported"} == {FIRE, TOBACCO}


def test_a_late_report_counts_and_is_marked_and_the_missing_one_stays_missing(api: Api) -> None:
    from gewu.occasions import services
    from support.district import acting

    duty = Duty(api).on_duty(BUREAU, FIRE, TOBACCO)
    duty.result(FIRE, "persuasions", 4)
    duty.move("end_duty")
    assert duty.report(BUREAU).status_code == 200
    from uuid import UUID

    eight_days = int((datetime.now(UTC) + timedelta(days=8)).timestamp() * 1_000_000)
    clerk = acting("unit_clerk", unit=FIRE)
    services.act(
        district_id(), clerk, UUID(duty.id), "report", texts={"words": "迟报说明"}, at_us=eight_days,
        target=duty.part("agency", FIRE),
    )  # fmt: skip
    shown = _agencies(duty.get())
    assert (shown[FIRE]["status"], shown[FIRE]["late"], shown[BUREAU]["late"]) == ("reported", True, False)
    assert duty.send("all_reported").status_code == 409
    assert duty.send("close_reporting").status_code == 422  # a reason is owed
    duty.move("close_reporting", reason="烟草专卖局两次催报未果")
    shown = _agencies(duty.get())
    assert (shown[TOBACCO]["status"], shown[TOBACCO]["signature"]) == ("not_reported", "")
    assert [one["unit"]["code"] for one in duty.totals()["not_reported"]] == [TOBACCO]
    assert duty.send("report", duty.office, form={"words": "补报"}).status_code in (403, 409)
    duty.move("sign", duty.by(BUREAU), target=duty.part("signature", BUREAU))
    duty.move("refuse_signature", duty.by(FIRE), target=duty.part("signature", FIRE), reason="数据口径有异议")
    duty.move("close")
    assert [(a["unit"]["code"], a["signature"]) for a in duty.get()["agencies"]] == [
        (BUREAU, "signed"), (FIRE, "refused"), (TOBACCO, ""),
    ]  # fmt: skip
    assert [one["unit"]["code"] for one in duty.totals()["not_reported"]] == [TOBACCO]  # for good


def test_a_campaign_may_last_for_months_and_not_for_ever(api: Api) -> None:
    bureau = api.as_("unit_clerk", unit=BUREAU)
    form = {"unit": BUREAU, "place": "500101", "purpose": "整治", "basis": "方案", "starts_at": when(1)}
    for ends, code in ((when(24 * 220), 201), (when(24 * 500), 409), (when(-3), 409)):
        made = bureau.post("/occasions/types/joint_duty", json={"form": {**form, "ends_at": ends}})
        assert made.status_code == code, made.text
    foreign = bureau.post("/occasions/types/joint_duty", json={"form": {**form, "unit": POLICE, "ends_at": when(9)}})
    assert foreign.status_code == 409  # a clerk plans for their own office


def test_an_operation_is_cancelled_with_a_reason_and_owes_no_report(api: Api) -> None:
    duty = Duty(api).invited(POLICE).accepted(POLICE)
    assert duty.send("cancel").status_code == 422
    duty.move("cancel", reason="遇暴雨红色预警")
    assert duty.get()["stage"]["code"] == "cancelled"
    assert duty.totals()["not_reported"] == []
