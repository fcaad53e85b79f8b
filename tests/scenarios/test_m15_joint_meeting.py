"""M15, joint meetings of three levels: what exceeds a level is put on the table, gets an owner and a due date, and goes
to the next level where it is not solved. Played over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from api.conftest import Api
from gewu.cases import services as cases
from gewu.cases.queries import get_case
from gewu.core.records import RUNNING
from gewu.ledger import ticker
from gewu.ledger.rebuild import rebuild_all
from gewu.occasions import referrals
from gewu.office.queries import get_order
from gewu.office.services import Filled, issue_order
from support.district import CATEGORY, Walk, acting, district_id, photo
from support.meetings import LEVELS, TYPE, Meeting, at_level, chair, deliver, in_days, office
from support.occasion_play import when
from support.occasions import BUREAU, OFFICE, clerk

POLICE = "traffic-police"


def _case(walk: Walk) -> Any:
    return get_case(district_id(), office(), walk.record_id)


def _tier(walk: Walk) -> str:
    return str(_case(walk).state.fields.get("tier"))


def _solved(case: Walk) -> None:
    """Handle a case, have it checked, close and answer it."""
    version = _case(case).row.version
    who = clerk(case.lead)
    at = int(datetime.now(UTC).timestamp() * 1_000_000)
    steps: list[tuple[Any, str, dict[str, Any]]] = [
        (who, "report_handled", {"texts": {"result": "已清洗"}, "photos": [photo(who, "after")]}),
        (acting("dispatcher"), "send_check", {}),
        (case.collector(1), "check_pass", {"photos": [photo(case.collector(1))]}),
        (acting("shift_leader"), "close", {"args": {"closing_condition": True}}),
        (acting("intake_officer"), "answer", {"texts": {"reply": "已解决"}}),
    ]
    for n, (by, move, more) in enumerate(steps):
        cases.act(district_id(), by, case.record_id, move, version=version + n, at_us=at + n, **more)


def _order(walk: Walk) -> str:
    filled = Filled(
        {"unit": walk.lead, "due_on": in_days(60), "case": str(walk.record_id)},
        {"matter": "路面油污长期未解决", "demand": "由包片领导督办"},
    )
    return str(issue_order(district_id(), office(), filled).outcome.record_id)


def test_a_street_meeting_from_the_agenda_to_the_minutes(api: Api) -> None:
    big, owned, left = at_level("small", asked=True), at_level("small"), at_level("small", asked=True)
    meeting = Meeting(api)
    meeting.move("begin_collecting", form={"notice": "请各单位报送议题。"})
    meeting.bring("背街小巷停车难")
    meeting.bring("公厕选址")
    for case in (big, owned, left):
        answer = meeting.table(case)
        assert answer.status_code == 200, answer.text
    meeting.opened()
    meeting.move("adjourn", form={"summary": "五项议题"})
    assert meeting.send("finish_settling").status_code == 409
    # One way each: a case with owner and deadline, solved here, lifted, owner and due date, left where it is.
    assert meeting.settle(1, limit_days=10, tier="small", category=CATEGORY).status_code == 201
    answer = meeting.decide("settle_answered", 2, unit=OFFICE, answer="由街道出资，选址定于社区服务中心旁")
    assert answer.status_code == 200, answer.text
    refused = meeting.decide("decide_raise", 3, tier="big", answer="街道与部门联办")
    assert refused.status_code == 409  # a big matter needs who assists: neither record changed
    assert (_tier(big), meeting.item(3)["outcome"]) == ("small", "")
    lifted = meeting.decide(
        "decide_raise", 3, tier="big", assists=[POLICE], due_on=in_days(15), answer="街道与部门联办"
    )
    assert lifted.status_code == 200, lifted.text
    tasked = meeting.decide("decide_task", 4, unit=BUREAU, due_on=in_days(10), answer="市政所十日内完成")
    assert tasked.status_code == 200, tasked.text
    kept = meeting.decide("decide_leave", 5, reason="社区可以解决")
    assert kept.status_code == 200, kept.text
    meeting.move("finish_settling")
    shown = meeting.get()
    assert shown["stage"]["code"] == "following"
    assert [m["outcome"] for m in shown["matters"]] == ["case", "answered", "raised", "tasked", "kept"]
    assert [m["tabled"] for m in shown["matters"]] == [False, False, True, True, True]
    assert shown["matters"][3]["unit"]["code"] == BUREAU
    assert shown["matters"][3]["due_on"] == in_days(10)
    # The case says where its step was decided, and by whom.
    assert (_tier(big), _tier(owned), _tier(left)) == ("big", "small", "small")
    for case in (big, owned, left):
        assert ("decided_at", meeting.id) in [(kind, str(other)) for kind, other in _case(case).state.links]
        assert not [part for part in _case(case).state.assignments if part.slot == "step" and part.live]
    assert [e.kind for e in _case(big).timeline][-2:] == ["put_on_table", "raise_at_table"]
    assert _case(big).timeline[-1].unit == OFFICE
    # The owner is told.
    deliver()
    notices = api.as_("unit_clerk", unit=BUREAU).get("/notices").json()["items"]
    assert "tasked" in {n["message"]["code"] for n in notices}
    assert rebuild_all(district_id()).ok


def test_a_hard_matter_is_decided_in_the_district_with_order_and_milestone(api: Api) -> None:
    case = at_level("big")
    street = Meeting(api).opened()
    street.table(case)
    refused = street.decide("decide_raise", 1, tier="hard", answer="街道无权决定", order=_order(case))
    assert refused.status_code == 409
    district = Meeting(api, "district").opened()
    district.table(case)
    assert district.decide("decide_raise", 1, tier="hard", answer="列为难事").status_code == 409  # no follow-up order
    order = _order(case)
    lifted = district.decide("decide_raise", 1, tier="hard", order=order, answer="列为难事，区领导包案")
    assert lifted.status_code == 200, lifted.text
    assert _tier(case) == "hard"
    later = Meeting(api, "district").opened()
    later.table(case)
    tasked = later.decide(
        "decide_task", 1, unit=BUREAU, due_on=in_days(40), answer="分两步推进", milestone="完成方案",
        milestone_on=in_days(20),
    )  # fmt: skip
    assert tasked.status_code == 200, tasked.text
    state = get_order(district_id(), office(), UUID(order)).entry.state
    assert [c.spec for c in state.clocks if c.status == RUNNING and c.spec == "milestone"] == ["milestone"]
    assert rebuild_all(district_id()).ok


def test_what_is_referred_is_on_the_table_of_the_level_above_or_waits_for_it(api: Api) -> None:
    case = at_level("small")
    above = Meeting(api)
    below = Meeting(api, "community").opened()
    below.bring("楼顶漏水，多年未修")
    below.table(case)
    for no, move in ((1, "refer_up"), (2, "refer_case_up")):
        answer = below.decide(move, no, reason="社区无力解决")
        assert answer.status_code == 200, answer.text
    deliver()
    taken = above.get()["matters"]
    assert [(m["words"], m["tabled"], m["came_from"]) for m in taken] == [
        ("楼顶漏水，多年未修", False, below.number),
        ("超出本级能力，请会议研究", True, below.number),
    ]
    assert [m["went_to"] for m in below.get()["matters"]] == [above.number] * 2
    # Above the street no meeting is called yet: the matter waits, and is shown so.
    above.opened()
    above.decide("refer_up", 1, reason="须区级部门出资")
    deliver()
    assert (above.item(1)["waiting"], above.item(1)["went_to"]) == (True, "")
    office_ = api.as_("comprehensive_office")
    period = above.get()["period"]
    asked = {"type": TYPE, "period": period, "state": "waiting"}
    assert [m["number"] for m in office_.get("/occasions/matters", params=asked).json()["items"]] == [above.number]
    district = Meeting(api, "district")
    deliver()
    assert [m["came_from"] for m in district.get()["matters"]] == [above.number]
    assert above.item(1)["waiting"] is False
    referrals.catch_up(district_id(), datetime.now(UTC))
    assert len(district.get()["matters"]) == 1  # once, however often it is looked for
    assert district.opened().decide("refer_up", 1, reason="再上").status_code == 409
    assert rebuild_all(district_id()).ok


def test_what_was_solved_while_it_waited_waits_no_more_and_starves_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(referrals, "BATCH", 2)
    below = Meeting(api, "community").opened()
    walks = [at_level("small") for _ in range(3)]
    for no, case in enumerate(walks, start=1):
        below.table(case)
        assert below.decide("refer_case_up", no, reason="社区无力解决").status_code == 200
    for case in walks[:2]:
        _solved(case)
    office_ = api.as_("comprehensive_office")
    asked = {"type": TYPE, "period": below.get()["period"]}
    waiting = office_.get("/occasions/matters", params={**asked, "state": "waiting"}).json()["items"]
    assert [m["no"] for m in waiting] == [3]
    [level] = office_.get("/occasions/levels", params=asked).json()["items"]
    assert (level["items"]["referred"], level["items"]["waiting"]) == (3, 1)
    assert [m["waiting"] for m in below.get()["matters"]] == [False, False, True]
    above = Meeting(api)
    deliver()
    assert [m["case"]["number"] for m in above.get()["matters"]] == [walks[2].number]
    assert rebuild_all(district_id()).ok


def test_the_daily_look_says_that_something_is_left_and_ends_when_nothing_is(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(referrals, "BATCH", 1)
    meetings = [Meeting(api, starts_at=when(60 * n), ends_at=when(60 * n + 30)) for n in (24, 48)]
    streets = [m.get()["place"]["code"] for m in meetings]
    below = Meeting(api, "community").opened()
    for no, words in enumerate(("楼顶漏水", "停车难"), start=1):
        below.bring(words)
        assert below.decide("refer_up", no, reason="社区无力解决").status_code == 200
    rounds = 0
    while True:
        try:
            referrals.catch_up(district_id(), datetime.now(UTC))
            break
        except ticker.Unfinished:
            rounds += 1
            assert rounds < 5
    assert (streets[0], rounds) == (streets[1], 2)
    assert [m["words"] for m in meetings[0].get()["matters"]] == ["楼顶漏水", "停车难"]
    assert [m["went_to"] for m in below.get()["matters"]] == [meetings[0].number] * 2


def test_unresolved_by_its_due_date_it_is_told_and_proposed_for_the_next_level(api: Api) -> None:
    case = at_level("small")
    meeting = Meeting(api).opened()
    meeting.table(case)
    meeting.decide("decide_task", 1, unit=BUREAU, due_on=in_days(3), answer="三日内完成")
    meeting.move("adjourn")
    meeting.move("finish_settling")
    referrals.tell_late(district_id(), datetime.now(UTC) + timedelta(days=2))
    assert "decision_late" not in {e["kind"] for e in meeting.get()["timeline"]}
    for days in (5, 6, 7):
        referrals.tell_late(district_id(), datetime.now(UTC) + timedelta(days=days))
    told = [e for e in meeting.get()["timeline"] if e["kind"] == "decision_late"]
    assert len(told) == 1
    deliver()
    notices = api.as_("comprehensive_office").get("/notices").json()["items"]
    assert "late_decision" in {n["message"]["code"] for n in notices}
    assert meeting.decide("refer_followed", 1, reason="逾期未落实").status_code == 200
    deliver()
    assert (meeting.get()["stage"]["code"], meeting.item(1)["waiting"]) == ("resolved", True)
    district = Meeting(api, "district")
    deliver()
    taken = district.item(1)
    assert (taken["tabled"], taken["case"]["number"]) == (True, case.number)
    meeting.move("close")
    assert rebuild_all(district_id()).ok


def test_when_the_cases_have_ended_the_meeting_can_be_filed(api: Api) -> None:
    case = at_level("small")
    meeting = Meeting(api).opened()
    meeting.table(case)
    meeting.decide("decide_solved", 1, unit=BUREAU, answer="现场协调，由市政所处理")
    meeting.move("adjourn")
    meeting.move("finish_settling")
    _solved(case)
    deliver()
    shown = meeting.get()
    assert (shown["stage"]["code"], shown["matters"][0]["follow"]) == ("resolved", "ended")
    meeting.move("close")
    assert meeting.get()["ended"] is True


def test_items_solved_per_level_and_each_number_opens_its_records(api: Api) -> None:
    low = Meeting(api, "community").opened()
    low.bring("楼道堆物")
    low.bring("水箱清洗")
    low.decide("settle_answered", 1, unit=OFFICE, answer="社区当场清理")
    low.decide("refer_up", 2, reason="须街道协调")
    high = Meeting(api)
    deliver()
    high.opened().decide("settle_answered", 1, unit=OFFICE, answer="街道安排")
    high.bring("夜市扰民")
    office_ = api.as_("comprehensive_office")
    period = {"type": TYPE, "period": high.get()["period"]}
    found = {one["level"]: one for one in office_.get("/occasions/levels", params=period).json()["items"]}
    assert list(found) == ["community", "street"]
    assert (found["community"]["meetings"], found["street"]["from_below"]) == (1, 1)
    for level, state, n in (
        ("community", "counted", 2), ("community", "solved", 1), ("community", "referred", 1),
        ("community", "waiting", 0), ("street", "counted", 2), ("street", "solved", 1), ("street", "open", 1),
    ):  # fmt: skip
        assert found[level]["items"][state] == n, (level, state)
        listed = office_.get("/occasions/matters", params={**period, "led_by": level, "state": state}).json()["items"]
        assert len(listed) == n, (level, state)


def test_two_meetings_lift_one_case_and_one_of_them_wins(api: Api) -> None:
    case = at_level("private")
    meetings = [Meeting(api).opened(), Meeting(api, "district").opened()]
    for meeting in meetings:
        assert meeting.table(case).status_code == 200

    def lift(meeting: Meeting) -> httpx.Response:
        return meeting.decide("decide_raise", 1, tier="small", answer="升为小事")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lift, meetings))
    assert sorted(a.status_code for a in answers) == [200, 409], [a.text for a in answers]
    assert _tier(case) == "small"
    lost = next(m for m, a in zip(meetings, answers, strict=True) if a.status_code == 409)
    assert lost.item(1)["outcome"] == ""
    again = lift(lost)
    assert again.status_code == 409
    assert "one level at a time" in again.text
    assert lost.decide("not_taken", 1, reason="另一会议已决定").status_code == 200
    assert rebuild_all(district_id()).ok


def test_one_answer_to_one_request_however_often_it_is_sent(api: Api) -> None:
    case = at_level("small")
    meeting = Meeting(api).opened()
    meeting.table(case)
    key, body = str(uuid4()), {"matter": 1, "form": {"unit": BUREAU, "due_on": in_days(5), "answer": "五日内"}}
    answers = [meeting.send("decide_task", key=key, **body) for _n in range(2)]
    assert [(a.status_code, a.json()["replayed"]) for a in answers] == [(200, False), (200, True)]
    assert [e.kind for e in _case(case).timeline].count("note_from_table") == 1


@pytest.mark.parametrize(
    ("level", "change", "status"),
    [
        ("community", {"place": "500101001"}, 409),
        ("street", {"place": "500101001001"}, 409),
        ("district", {"place": "500101001"}, 409),
        ("street", {"unit": "office-taibai"}, 409),
        ("street", {"led_by": "city"}, 422),
        ("street", {"led_by": ""}, 422),
        ("street", {"leader": ""}, 422),
        ("street", {"ends_at": "2026-01-01T10:00:00+08:00"}, 409),
    ],
)
def test_what_cannot_be_called(api: Api, level: str, change: dict[str, str], status: int) -> None:
    form = {**LEVELS[level], "led_by": level, "starts_at": when(1), "ends_at": when(3), **change}
    answer = chair(api, level).post(f"/occasions/types/{TYPE}", json={"form": form})
    assert answer.status_code == status, answer.text


def test_bad_input_changes_neither_record(api: Api) -> None:
    case, far = at_level("small"), at_level("small")
    meeting = Meeting(api)
    assert meeting.table(case).status_code == 200
    assert meeting.table(case).status_code == 409  # on the table already
    for bad in ("", "none", str(uuid4()), meeting.id):
        answer = meeting.send("table_case", form={"case": bad, "words": "x"})
        assert answer.status_code == 422, (bad, answer.text)
    assert meeting.decide("decide_task", 1, unit=BUREAU, due_on=in_days(3), answer="x").status_code == 409  # not begun
    meeting.opened()
    meeting.bring("停车难")
    before = (meeting.get()["version"], _case(case).row.version)
    for move, item, form in (
        ("decide_task", 1, {"unit": "none", "due_on": in_days(3), "answer": "x"}),
        ("decide_task", 1, {"unit": BUREAU, "due_on": "2020-01-01", "answer": "x"}),
        ("decide_task", 1, {"unit": BUREAU, "due_on": in_days(3)}),
        ("decide_task", 1, {"unit": BUREAU, "due_on": in_days(3), "answer": "x", "milestone": "方案"}),
        ("decide_task", 9, {"unit": BUREAU, "due_on": in_days(3), "answer": "x"}),
        ("decide_task", 2, {"unit": BUREAU, "due_on": in_days(3), "answer": "x"}),
        ("decide_raise", 1, {"tier": "hard", "answer": "x"}),
        ("decide_raise", 1, {"tier": "big", "answer": "x", "order": str(far.record_id)}),
        ("decide_leave", 1, {}),
        ("settle_answered", 1, {"unit": OFFICE, "answer": "x"}),
        ("refer_up", 1, {}),
        ("refer_followed", 1, {}),
        ("take_up_case", 1, {"case": str(case.record_id), "origin": meeting.id, "origin_part": 1}),
    ):
        answer = meeting.decide(move, item, **form)
        assert answer.status_code in (404, 409, 422), (move, form, answer.text)
    assert (meeting.get()["version"], _case(case).row.version) == before
    # What a table does to a case nobody does on the case alone.
    alone: dict[str, dict[str, str]] = {
        "raise_at_table": {"meeting": meeting.id, "note": "x"}, "put_on_table": {"session": meeting.id},
        "note_from_table": {"meeting": meeting.id, "note": "x"}, "leave_at_table": {"meeting": meeting.id},
    }  # fmt: skip
    for move, form in alone.items():
        sent = api.as_("unit_clerk", unit=OFFICE).post(
            f"/cases/{case.record_id}/moves/{move}", json={"form": form, "reason": "x"},
            headers={"If-Match": f'"{before[1]}"'},
        )  # fmt: skip
        assert sent.status_code == 404, sent.text


def test_a_meeting_that_is_not_held_tells_somebody(api: Api) -> None:
    meeting = Meeting(api)
    ticker.tick(district_id(), int((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1_000_000))
    deliver()
    notices = api.as_("unit_clerk", unit=OFFICE).get("/notices").json()["items"]
    assert notices
    assert meeting.send("postpone", reason="防汛").status_code == 200
    away = api.as_("unit_clerk", unit="office-taibai")
    assert away.get(f"/occasions/{meeting.id}").status_code == 404
