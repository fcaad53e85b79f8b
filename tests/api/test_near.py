"""Over HTTP: finding by words, near cases, and joining one; the public door knows whose code it is."""

from __future__ import annotations

from uuid import uuid4

from api.conftest import CATEGORY, LAT, LON, Api, intake
from api.test_bad_input import problem_of

JOIN = {"source": "hotline", "description": "我也滑倒了", "name": "李某", "phone": "13911112222"}


def test_words_find_cases_newest_first_with_the_place_where_they_stand(api: Api) -> None:
    first, second = intake(api), intake(api)
    dispatcher = api.as_("dispatcher")
    found = dispatcher.get("/cases", params={"q": "大片油污"}).json()
    assert [item["number"] for item in found["items"]] == [second["number"], first["number"]]
    assert "大片油污" in found["items"][0]["excerpt"]
    page = dispatcher.get("/cases", params={"q": "大片油污", "limit": 1})
    assert 'rel="next"' in page.headers["Link"]
    rest = dispatcher.get("/cases", params={"q": "大片油污", "limit": 1, "after": page.json()["after"]}).json()
    assert [item["number"] for item in rest["items"]] == [first["number"]]
    assert dispatcher.get("/cases", params={"q": "大片油渍"}).json()["items"] == []
    assert dispatcher.get("/cases", params={"q": "13800000000"}).json()["items"] == []
    assert len(api.as_("intake_officer").get("/cases", params={"q": "138 0000 0000"}).json()["items"]) == 2
    assert dispatcher.get("/cases", params={"q": "大片油污", "stage": "handling"}).json()["items"] == []
    problem_of(dispatcher.get("/cases", params={"q": "油" * 201}), 422, "invalid")
    problem_of(dispatcher.get("/cases", params={"q": "油污", "after": "x"}), 422, "bad_cursor")


def test_near_cases_are_told_with_their_reasons(api: Api) -> None:
    case = intake(api)
    officer = api.as_("intake_officer")
    wanted = {"lon": LON, "lat": LAT, "category": CATEGORY}
    [near] = officer.get("/cases/near", params=wanted).json()["items"]
    assert near["case"]["number"] == case["number"]
    assert near["why"].startswith("same category, at the same place")
    assert (near["category"], near["distance_m"], near["closed_at"], near["joinable"]) == ("same", 0, None, True)
    chinese = officer.get("/cases/near", params=wanted, headers={"Accept-Language": "zh-CN"}).json()["items"][0]["why"]
    assert chinese.startswith("同一类别，同一地点")
    place = case["place"]["code"]
    assert len(officer.get("/cases/near", params={"place": place}).json()["items"]) == 1
    for bad in ({}, {"lon": LON}, {"lon": LON, "lat": LAT, "text": "x"}):
        problem_of(officer.get("/cases/near", params=bad), 422, "invalid")
    problem_of(officer.get("/cases/near", params={"lon": 122.5, "lat": 30.0}), 422, "outside_district")


def test_who_joins_gets_a_code_of_their_own(api: Api) -> None:
    case = intake(api)
    officer = api.as_("intake_officer")
    key = {"Idempotency-Key": str(uuid4())}
    answer = officer.post(f"/cases/{case['number']}/join", json=JOIN, headers=key)
    assert answer.status_code == 200, answer.text
    joined = answer.json()
    assert answer.headers["ETag"] == '"2"'
    assert joined["number"] == case["number"]
    assert joined["follow_code"] != case["follow_code"]
    again = officer.post(f"/cases/{case['number']}/join", json=JOIN, headers=key)
    assert again.json() == {**joined, "replayed": True}
    with api.client() as stranger:
        path = f"/public/reports/{case['number']}/follow"
        own = stranger.post(path, json={"code": joined["follow_code"]}).json()
        first = stranger.post(path, json={"code": case["follow_code"]}).json()
    assert own["description"] == JOIN["description"]
    assert "油污" in first["description"]
    for private in ("李某", "王某", "13911112222", "13800000000"):
        assert private not in str(own) + str(first)


def test_joining_says_why_it_does_not_go(api: Api) -> None:
    case = intake(api)
    officer = api.as_("intake_officer")
    path = f"/cases/{case['number']}/join"
    problem_of(officer.post("/cases/50010120261122999/join", json=JOIN), 404, "not_found")
    problem_of(officer.post(path, json={**JOIN, "source": "nonsense"}), 422, "invalid")
    problem_of(officer.post(path, json={**JOIN, "phone": "call me"}), 422, "invalid")
    problem_of(officer.post(path, json={**JOIN, "words": "x"}), 422, "invalid")
    problem_of(api.as_("dispatcher").post(path, json=JOIN), 403, "not_allowed")


def test_who_joined_is_not_asked_in_place_of_the_first(api: Api) -> None:
    case = intake(api)
    joined = api.as_("intake_officer").post(f"/cases/{case['number']}/join", json=JOIN).json()
    leader = api.as_("shift_leader")
    leader.post(
        f"/cases/{case['id']}/moves/void", json={"reason": "测试"}, headers={"If-Match": '"2"'}
    ).raise_for_status()
    with api.client() as stranger:
        own = stranger.post(f"/public/reports/{case['number']}/follow", json={"code": joined["follow_code"]}).json()
        assert not own["may_follow_up"]
        answer = stranger.post(
            f"/public/reports/{case['number']}/follow-up", json={"code": joined["follow_code"], "solved": "solved"}
        )
    problem_of(answer, 403, "not_allowed")
