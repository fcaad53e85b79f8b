"""A resident without a login: reports, follows, says whether it was solved."""

from __future__ import annotations

from uuid import uuid4

from api.conftest import LAT, LON, Api, Steps
from api.test_bad_input import Rows, problem_of

REPORT = {
    "description": "路灯不亮三天了",
    "position": {"lon": LON, "lat": LAT},
    "name": "李某",
    "phone": "13900000000",
}


def test_a_resident_reports_follows_and_says_whether_it_was_solved(api: Api) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    with api.client() as client:
        made = client.post("/public/reports", json=REPORT, headers=key)
        assert made.status_code == 201, made.text
        assert client.post("/public/reports", json=REPORT, headers=key).json() == made.json()
        number, code = made.json()["number"], made.json()["code"]
        path = f"/public/reports/{number}/"
        found = client.post(path + "follow", json={"code": code.lower()}).json()
        assert found["stage"]["code"] == "reported"
        assert found["description"] == REPORT["description"]
        assert not found["may_follow_up"]
        early = client.post(path + "follow-up", json={"code": code, "solved": "solved"})
        problem_of(early, 409, "wrong_stage")
        officer = api.as_("intake_officer")
        steps = Steps(api, {"id": officer.get(f"/cases/by-number/{number}").json()["id"]})
        assert steps.seen(officer)["reporter"]["phone"] == "139****0000"
        steps.move(officer, "register")
        steps.move(api.as_("shift_leader"), "decline", reason="不属于受理范围")
        after = client.post(path + "follow", json={"code": code}).json()
        assert after["ended"]
        assert [s["title"] for s in after["steps"]] == ["Reported", "Registered", "Not filed"]


def test_number_without_its_code_opens_nothing(api: Api) -> None:
    with api.client() as client:
        made = client.post("/public/reports", json=REPORT).json()
        unknown = client.post("/public/reports/5001012026112299999/follow", json={"code": made["code"]})
        wrong = client.post(f"/public/reports/{made['number']}/follow", json={"code": "AAAAAAAA"})
        assert problem_of(unknown, 404, "not_found")["detail"] == problem_of(wrong, 404, "not_found")["detail"]
        for number in ("x", "%00", "1" * 60):
            problem_of(client.post(f"/public/reports/{number}/follow", json={"code": "AAAAAAAA"}), 404, "not_found")
        for _ in range(30):
            last = client.post(f"/public/reports/{made['number']}/follow", json={"code": "AAAAAAAA"})
            if last.status_code == 429:
                break
        problem_of(last, 429, "throttled")


def test_reports_from_one_address_are_limited(api: Api, rows: Rows) -> None:
    with api.client() as client:
        for _ in range(40):
            last = client.post("/public/reports", json=REPORT)
            if last.status_code == 429:
                break
        problem_of(last, 429, "throttled")
        assert 1 <= rows()["ledger_record"] <= 25


def test_bad_reports_leave_nothing(api: Api, rows: Rows) -> None:
    before = rows()
    with api.client() as client:
        for body in (
            {},
            {**REPORT, "description": "\x07"},
            {**REPORT, "phone": "call me"},
            {**REPORT, "position": {"lon": 122.5, "lat": 30.0}},
            {**REPORT, "category": "matter:1"},
            {**REPORT, "source": "phone"},
        ):
            assert client.post("/public/reports", json=body).status_code == 422, body
    assert rows() == before
