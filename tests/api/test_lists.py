"""Lists page by keyset, count up to a cap, and are never silently wider than asked for."""

from __future__ import annotations

from api.conftest import CATEGORY, Api, Steps, intake
from gewu.ledger import outbox
from support.district import district_id


def test_pages_follow_one_another_without_gap_or_repeat(api: Api) -> None:
    made = [intake(api)["id"] for _ in range(5)]
    client = api.as_("dispatcher")
    for order in ("due", "recent"):
        seen: list[str] = []
        url = f"/cases?order={order}&limit=2"
        while True:
            answer = client.get(url)
            page = answer.json()
            assert len(page["items"]) <= 2
            seen += [row["id"] for row in page["items"]]
            if page["after"] is None:
                assert "Link" not in answer.headers
                break
            link, _, relation = answer.headers["Link"].partition(";")
            assert relation.strip() == 'rel="next"'
            url = link.strip("<>").removeprefix("/api/v1")
        assert sorted(seen) == sorted(made)
        if order == "recent":
            assert seen == made[::-1]


def test_conditions_narrow_a_list(api: Api) -> None:
    filed = Steps(api, intake(api)).filed()
    other = intake(api, position=None, place="500101")
    client = api.as_("dispatcher")

    def ids(**params: object) -> set[str]:
        answer = client.get("/cases", params=params)
        assert answer.status_code == 200, answer.text
        return {row["id"] for row in answer.json()["items"]}

    both = {filed.id, other["id"]}
    assert ids() == both
    assert ids(stage="filed") == {filed.id}
    assert ids(stage=["filed", "registered"]) == both
    assert ids(place=filed.place) == {filed.id}
    assert ids(place="500101") == both
    assert ids(category="matter:06") == both
    assert ids(category="matter:07") == set()
    assert ids(source="phone") == both
    assert ids(source="web") == set()
    assert ids(number=other["number"]) == {other["id"]}
    assert ids(ended="true") == set()
    assert ids(overdue="true") == set()
    assert ids(unit="NOBODY") == set()
    counts = client.get("/cases", params={"counts": "true", "limit": 1}).json()["counts"]
    assert (counts["filed"], counts["registered"], counts["closed"]) == (1, 1, 0)
    found = client.get(f"/cases/by-number/{other['number']}").json()
    assert found == {"id": other["id"], "number": other["number"]}


def test_mine_is_what_waits_for_my_unit_and_role(api: Api) -> None:
    steps = Steps(api, intake(api)).filed().handling()
    clerk = api.as_("unit_clerk", unit=steps.seen(api.as_("dispatcher"))["lead_unit"]["code"])
    mine = clerk.get("/cases", params={"mine": "true"}).json()["items"]
    assert [row["id"] for row in mine] == [steps.id]
    assert mine[0]["clock"]["code"] in ("handle", "claim")
    assert mine[0]["due_at"].endswith("+08:00")
    assert api.as_("dispatcher").get("/cases", params={"mine": "true"}).json()["items"] == []


def test_notices_reach_the_role_and_are_marked_as_read(api: Api) -> None:
    steps = Steps(api, intake(api)).filed()
    outbox.deliver(district_id())
    dispatcher = api.as_("dispatcher")
    notices = dispatcher.get("/notices").json()["items"]
    assert [(n["message"]["code"], n["number"]) for n in notices] == [("to_dispatch", steps.case["number"])]
    assert notices[0]["message"]["name"] == "A filed case waits for dispatch"
    assert steps.collector().post("/notices/read", json={"ids": [notices[0]["id"]]}).json() == {"marked": 0}
    assert dispatcher.post("/notices/read", json={"ids": [notices[0]["id"]]}).json() == {"marked": 1}
    assert dispatcher.get("/notices").json()["items"] == []
    (told,) = dispatcher.get("/notices", params={"unread": "false"}).json()["items"]
    assert (told["unread"], bool(told["read_at"])) == (False, True)
    (waits,) = api.as_("dispatcher", number=1).get("/notices").json()["items"]
    assert (waits["id"], waits["unread"], waits["read_at"]) == (told["id"], True, None), (
        "everybody reads for themselves"
    )


def test_the_registry_answers(api: Api) -> None:
    client = api.as_("dispatcher")
    here = client.get("/places/locate", params={"lon": 108.4087, "lat": 30.8075}).json()
    assert len(here["code"]) == 15
    assert here["synthetic"]
    assert here["candidates"][0]["code"] == here["code"]
    streets = client.get("/places").json()["items"]
    assert len(streets) == 52
    found = client.get("/categories", params={"category": CATEGORY}).json()["items"]
    assert [c["key"] for c in found] == [CATEGORY]
    chinese = client.get("/categories", params={"category": CATEGORY}, headers={"Accept-Language": "zh"}).json()
    assert chinese["items"][0]["name"] != found[0]["name"]
    standards = client.get("/standards", params={"category": CATEGORY}).json()["items"]
    assert standards
    assert all(s["category"] == CATEGORY and s["limit"] for s in standards)
    answer = client.get("/responsible", params={"category": CATEGORY, "place": here["code"]}).json()
    assert answer["unit"]["code"] == answer["candidates"][0]["unit"]["code"]
    assert client.get("/responsible", params={"category": "x", "place": "y"}).status_code == 422
    assert client.get("/units").json()["items"]
    book = client.get("/playbooks/case").json()
    assert {"report", "close"} <= {m["name"] for m in book["moves"]}
    assert "answered" in book["ends"]
    assert client.get("/playbooks/none").status_code == 404
    status = client.get("/status")
    assert status.status_code == 200, status.text
    assert status.json()["database"] == "ok"
