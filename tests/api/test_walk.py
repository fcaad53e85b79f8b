"""A report made with plain HTTP walks to closed and answered, and tells its story on the way."""

from __future__ import annotations

from uuid import uuid4

from api.conftest import CATEGORY, DESCRIPTION, LAT, LON, Api, Steps, intake, photo


def test_a_report_by_plain_http_walks_to_closed_and_answered(api: Api) -> None:
    made = api.as_("collector").post(
        "/cases/reports",
        json={
            "form": {"description": DESCRIPTION, "source": "api", "category": CATEGORY, "has_reporter": True},
            "position": {"lon": LON, "lat": LAT},
            "outside_number": "12345-0815",
        },
    )
    assert made.status_code == 201, made.text
    case = made.json()
    assert made.headers["Location"] == f"/api/v1/cases/{case['id']}"
    assert made.headers["ETag"] == '"1"'
    assert len(case["number"]) == 19
    steps = Steps(api, case)
    steps.move(api.as_("intake_officer"), "register")
    steps.filed().handling()
    clerk = api.as_("unit_clerk", unit=steps.seen(api.as_("dispatcher"))["lead_unit"]["code"])
    steps.move(clerk, "report_handled", form={"result": "已清洗路面并撒沙防滑"}, photos=[photo(clerk, "after")])
    steps.move(api.as_("dispatcher"), "send_check")
    checker = steps.collector(1)
    steps.move(checker, "check_pass", photos=[photo(checker)])
    closed = steps.move(api.as_("shift_leader"), "close", form={"closing_condition": True})
    assert closed["stage"] == {"code": "closed", "name": "Closed, to be answered"}
    answered = steps.move(api.as_("intake_officer"), "answer", form={"reply": "油污已清除，感谢反映。"})
    assert answered["stage"]["code"] == "answered"
    seen = steps.seen(api.as_("intake_officer"))
    assert seen["ended"]
    assert seen["outside_number"] == "12345-0815"
    assert [e["kind"] for e in seen["timeline"]] == [
        "report", "register", "send_verify", "confirm_exists", "file", "dispatch", "claim", "report_handled",
        "send_check", "check_pass", "close", "answer",
    ]  # fmt: skip
    assert seen["timeline"][-1]["texts"] == {"reply": "油污已清除，感谢反映。"}
    assert {p["role"] for p in seen["photos"]} == {"scene", "after"}
    assert seen["due_at"] is None


def test_a_case_says_which_moves_are_open_how_to_fill_them_and_why_the_others_are_closed(api: Api) -> None:
    steps = Steps(api, intake(api))
    moves = {m["name"]: m for m in steps.seen(api.as_("intake_officer"))["moves"]}
    assert moves["send_verify"]["open"]
    assert moves["send_verify"]["form"]["properties"]["collector"]["x-type"] == "person"
    assert moves["file_unverified"]["closed_because"]["code"] == "not_allowed"
    assert "Shift leader" in moves["file_unverified"]["closed_because"]["detail"]
    assert moves["void"]["needs_reason"]
    assert moves["merge"]["href"].endswith(f"/cases/{steps.id}/merge")
    leader = api.as_("shift_leader")
    filing = {m["name"]: m for m in steps.seen(leader)["moves"]}["file_unverified"]["form"]
    assert set(filing["required"]) == {"category", "standard"}
    chinese = leader.get(f"/cases/{steps.id}", headers={"Accept-Language": "zh-CN"}).json()
    assert chinese["stage"]["name"] == "已受理"


def test_found_and_fixed_on_the_spot_takes_one_step_and_two_photos(api: Api) -> None:
    collector = api.as_("collector")
    standard = collector.get("/standards", params={"category": CATEGORY}).json()["items"][0]["key"]
    body = {
        "form": {"description": "小广告，已清除", "category": CATEGORY, "standard": standard},
        "position": {"lon": LON, "lat": LAT},
        "photos": [photo(collector, "before")],
    }
    refused = collector.post("/cases/fixes-on-spot", json=body)
    assert refused.status_code == 422
    assert refused.json()["code"] == "needs_photos"
    assert refused.json()["missing_photos"] == {"after": 1}
    body["photos"] = [*body["photos"], photo(collector, "after")]
    made = collector.post("/cases/fixes-on-spot", json=body)
    assert made.status_code == 201, made.text
    assert Steps(api, made.json()).seen(collector)["stage"]["code"] == "answered"


def test_sending_again_with_the_same_key_gives_the_first_answer(api: Api, rows: object) -> None:
    officer, key = api.as_("intake_officer"), str(uuid4())
    body = {"form": {"description": DESCRIPTION, "source": "phone", "category": CATEGORY}, "place": "500101"}
    first = officer.post("/cases/intakes", json=body, headers={"Idempotency-Key": key})
    again = officer.post("/cases/intakes", json=body, headers={"Idempotency-Key": key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert {**first.json(), "replayed": True} == again.json()
    assert first.headers["Location"] == again.headers["Location"]

    case_id, move_key = first.json()["id"], str(uuid4())
    headers = {"If-Match": '"1"', "Idempotency-Key": move_key}
    moved = officer.post(f"/cases/{case_id}/moves/send_verify", json={}, headers=headers)
    later = officer.post(f"/cases/{case_id}/moves/add_note", json={"form": {"note": "其后"}})
    assert later.json()["version"] == 3
    replay = officer.post(f"/cases/{case_id}/moves/send_verify", json={}, headers=headers)
    assert (moved.status_code, replay.status_code) == (200, 200), replay.text
    assert {**moved.json(), "replayed": True} == replay.json()
    assert replay.headers["ETag"] == moved.headers["ETag"] == '"2"'
    assert replay.headers["Idempotency-Replayed"] == "true"
    reused = officer.post(f"/cases/{case_id}/moves/add_note", json={"form": {"note": "x"}}, headers=headers)
    assert reused.status_code == 409
    assert reused.json()["code"] == "command_reused"


def test_merging_and_splitting_touch_both_cases_or_neither(api: Api) -> None:
    one, other = intake(api), intake(api)
    officer = api.as_("intake_officer")
    merged = officer.post(
        f"/cases/{other['id']}/merge",
        json={"form": {"target": one["id"]}, "reason": "同一处油污"},
        headers={"If-Match": '"1"'},
    )
    assert merged.status_code == 200, merged.text
    assert merged.json()["merged"]["stage"]["code"] == "merged"
    links = officer.get(f"/cases/{one['id']}").json()["links"]
    assert [(k["kind"], k["number"]) for k in links] == [("absorbed", other["number"])]
    again = officer.post(f"/cases/{other['id']}/merge", json={"form": {"target": one["id"]}, "reason": "x"})
    assert again.status_code == 428
    alone = officer.post(f"/cases/{one['id']}/moves/absorb", json={"form": {"child": other["id"]}})
    assert alone.status_code == 404
    leader = api.as_("shift_leader")
    part = {"form": {"description": "旁边的井盖", "category": CATEGORY}, "position": {"lon": LON, "lat": LAT}}
    key = {"Idempotency-Key": str(uuid4())}
    split = leader.post(f"/cases/{one['id']}/split", json=part, headers=key)
    assert split.status_code == 201, split.text
    again = leader.post(f"/cases/{one['id']}/split", json=part, headers=key)
    assert {**split.json(), "replayed": True} == again.json()
    child = leader.get(f"/cases/{split.json()['id']}").json()
    assert [(k["kind"], k["number"]) for k in child["links"]] == [("split_from", one["number"])]


def test_bulk_sends_each_to_its_unit_and_tells_what_could_not_go(api: Api) -> None:
    ready, early = Steps(api, intake(api)).filed(), Steps(api, intake(api))
    done = api.as_("dispatcher").post(
        "/cases/bulk",
        json={
            "move": "dispatch",
            "items": [{"id": ready.id, "version": ready.version}, {"id": early.id, "version": 1}],
        },
    )
    assert done.status_code == 200, done.text
    assert (done.json()["done"], done.json()["left"]) == (1, 1)
    good, bad = done.json()["items"]
    assert good["ok"]
    assert good["version"] == ready.version + 1
    assert bad["code"] == "wrong_stage"
    assert "Registered" in bad["detail"]
