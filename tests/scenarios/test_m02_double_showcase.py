"""M02, the double showcase: a round of a quarter from the announcement to the publication, played over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.conftest import Api
from gewu.ledger import ticker
from support.district import district_id, picture
from support.showcase import DAY, DEPARTMENTS, TRACKS, Showcase, place_of, streets


@pytest.fixture
def api(live_server: str) -> Any:
    found = Api(live_server)
    yield found
    for client in found.clients.values():
        client.close()


def photo(client: httpx.Client, role: str) -> dict[str, str]:
    answer = client.post("/attachments", files={"photo": ("p.jpg", picture(), "image/jpeg")}, data={"role": role})
    assert answer.status_code == 201, answer.text
    return {"id": answer.json()["id"], "role": role}


class Played:
    """A round over HTTP."""

    def __init__(self, api: Api, number: int = 5, departments: int = 4) -> None:
        self.api = api
        self.book = Showcase(streets=streets(number), departments=DEPARTMENTS[:departments])
        self.office = api.as_("comprehensive_office")
        plan = self.book.plan()
        form = {**plan, "streets": list(plan["streets"]), "departments": list(plan["departments"])}
        answer = self.office.post("/rounds", json={"form": form})
        assert answer.status_code == 201, answer.text
        self.at = f"/rounds/{answer.json()['id']}"
        self.points: dict[int, tuple[str, str]] = {}

    def clerk(self, unit: str) -> httpx.Client:
        return self.api.as_("unit_clerk", unit=unit)

    def view(self, client: httpx.Client | None = None) -> dict[str, Any]:
        answer = (client or self.office).get(self.at)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def move(self, client: httpx.Client, name: str, **body: Any) -> dict[str, Any]:
        headers = {"If-Match": f'"{self.view()["version"]}"'}
        answer = client.post(f"{self.at}/moves/{name}", json=body, headers=headers)
        assert answer.status_code == 200, f"{name}: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def nominate(self, unit: str, track: str, title: str, **form: Any) -> int:
        client = self.clerk(unit)
        given = {"title": title, "track": track, "place": place_of(unit), **form}
        number = int(self.move(client, "nominate", form=given, photos=[photo(client, "before")])["version"])
        self.points[number] = (track, unit)
        return number

    def built(self, number: int) -> None:
        client = self.clerk(self.points[number][1])
        form = {"entry": number, "result": "环境焕然一新"}
        self.move(client, "report_built", form=form, photos=[photo(client, "after")])

    def toured(self) -> None:
        self.move(self.office, "open_building")
        self.move(self.office, "open_tour", form={"tour_on": self.book.day(1)})
        form = {"day": self.book.day(0), "led_by": "区委主要领导", "party_delegates": 6, "congress_deputies": 4}
        self.move(self.office, "record_tour", form=form)

    def of(self, track: str, but: str = "") -> list[int]:
        return [no for no, (own, unit) in self.points.items() if own == track and unit != but]


def test_m02_a_quarters_round(api: Api) -> None:
    play = Played(api)
    bureau = play.clerk(play.book.departments[0])
    # What a department did for the streets since the last round.
    for item, quantity, measure in (("advert_clearing", 21, "place"), ("road_repair", 350, "square_metre")):
        form = {"item": item, "quantity": quantity, "measure": measure, "day": play.book.day(0), "street": streets()[0]}
        play.move(bureau, "record_service", form=form)
    for unit in play.book.streets[:-1]:
        for track in TRACKS:
            play.nominate(unit, track, "望江路社区小游园")
    # The office sees who is missing, and reminds just them.
    last = play.book.streets[-1]
    assert [u["code"] for u in play.view()["missing"]] == [last]
    play.move(play.office, "remind")
    for track in TRACKS:
        play.nominate(last, track, "长龙社区")
    for number in play.points:
        play.built(number)
    play.toured()
    codes = play.office.post(f"{play.at}/codes", json={"number": 12}).json()["codes"]
    assert len(set(codes)) == 12
    play.move(play.office, "open_voting", form={"vote_by": play.book.day(3)})

    # A street sees what the departments did when it rates them.
    seen = play.view(play.clerk(last))["services"]
    assert [(s["item"]["code"], s["quantity"], s["measure"]["code"]) for s in seen] == [
        ("advert_clearing", 21, "place"), ("road_repair", 350, "square_metre"),
    ]  # fmt: skip
    favourite = {track: play.of(track)[0] for track in TRACKS}
    for unit in (*play.book.streets, *play.book.departments):
        for track in TRACKS:
            able = play.of(track, but=unit)
            places = {str(no): 1 if no == favourite[track] else 2 for no in able}
            answer = play.clerk(unit).put(f"{play.at}/ballots/{track}", json={"places": places})
            assert answer.status_code == 200, answer.text
            assert len(answer.json()["receipt"]) == 32
    own = play.of("service")[-1]
    answer = play.clerk(last).put(f"{play.at}/ballots/service", json={"places": {str(own): 1}})
    assert answer.status_code == 422
    assert "own" in answer.text
    anybody = api.client()
    for code in codes[:10]:
        judge = anybody.post("/public/rounds/judge", json={"code": code}).json()
        assert judge["open"]
        assert len(judge["points"]) == 10
        for track in TRACKS:
            places = {str(p["entry"]): 1 for p in judge["points"] if p["track"]["code"] == track}
            places[str(favourite[track])] = 1
            body = {"code": code.lower(), "track": track, "places": {**places, str(play.of(track)[1]): 2}}
            answer = anybody.post("/public/rounds/ballots", json=body)
            assert answer.status_code == 200, answer.text
    assert anybody.post("/public/rounds/judge", json={"code": "2222-2222-2222"}).status_code == 404
    for number, unit in enumerate(play.book.streets):
        marks = {d: [5 if d == play.book.departments[0] else 4, 4] for d in play.book.departments}
        if not number:
            marks[play.book.departments[3]] = [None, None]  # nothing is said of one
        assert play.clerk(unit).put(f"{play.at}/rating", json={"marks": marks}).status_code == 200
    assert play.view()["missing"] == []

    # A retry of a ballot is harmless, and nobody is told what another voted.
    key = {"Idempotency-Key": str(uuid4())}
    body = {"places": {str(favourite["scenery"]): 1}}
    clerk = play.clerk(play.book.departments[2])
    first = clerk.put(f"{play.at}/ballots/scenery", json=body, headers=key).json()
    again = clerk.put(f"{play.at}/ballots/scenery", json=body, headers=key).json()
    assert (first["replayed"], again["replayed"], first["receipt"]) == (False, True, again["receipt"])
    assert clerk.get(f"{play.at}/ballots").json()["tracks"]["scenery"] == {str(favourite["scenery"]): 1}
    assert play.office.get(f"{play.at}/ballots").status_code == 403

    version = play.view()["version"]
    answer = play.office.post(f"{play.at}/close", headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text
    assert answer.json()["stage"]["code"] == "counted"
    result = play.view(clerk)["result"]
    for track in result["tracks"]:
        best = track["places"][0]
        assert (best["entry"], best["rank"], best["score"]) == (favourite[track["track"]["code"]], 1, best["score"])
        assert (track["ballots"], track["units"], track["delegates"]) == (19, 9, 10)
        assert best["n"] == 18, "its own street is recused"
    departments = result["departments"]
    assert (departments[0]["unit"]["code"], departments[0]["score"], departments[0]["rank"]) == (
        play.book.departments[0], 450, 1,
    )  # fmt: skip
    # The fourth was left out by one street, so four answered: too few for anything to be told.
    assert (departments[-1]["unanswered"], departments[-1]["rank"]) == ([1, 1], None)
    assert [d["rank"] for d in departments] == [1, 2, 2, None]

    # An objection has to be decided; then the result is published, departments stay inside.
    play.move(play.clerk(last), "object", reason="点位名次有误")
    ticker.tick(district_id(), play.book.at_us + 12 * DAY)
    assert play.view()["stage"]["code"] == "settled"
    version = play.view()["version"]
    refused = play.office.post(f"{play.at}/moves/publish", json={}, headers={"If-Match": f'"{version}"'})
    assert refused.status_code in (409, 422)
    assert "objection" in refused.text
    play.move(play.office, "decide_objection", form={"outcome": "dismissed"}, reason="计票无误")
    play.move(play.office, "publish")
    recount = play.office.get(f"{play.at}/recount").json()
    assert (recount["same"], recount["missing"]) == (True, 0)
    assert clerk.get(f"{play.at}/recount").status_code == 403
    public = anybody.get("/public/rounds").json()["items"]
    assert [r["period"] for r in public] == ["2026Q4"]
    text = anybody.get("/public/rounds").text
    assert not any(d in text for d in play.book.departments)
    assert [t["told"] for t in public[0]["tracks"]] == [True, True]
    assert all(len(t["places"]) < t["points"] for t in public[0]["tracks"])
    firsts = play.office.get("/rounds/history").json()["items"]
    assert {h["unit"]["code"]: h["rounds"][-1]["firsts"] for h in firsts}[play.book.departments[0]] == 1


def test_m02_the_auditor_reads_ballots_and_each_look_is_listed(api: Api) -> None:
    play = Played(api, departments=3)
    for unit in play.book.streets:
        for track in TRACKS:
            play.built(play.nominate(unit, track, "点位"))
    play.toured()
    play.move(play.office, "open_voting", form={"vote_by": play.book.day(3)})
    for unit in (*play.book.streets, *play.book.departments):
        able = play.of("service", but=unit)
        assert play.clerk(unit).put(
            f"{play.at}/ballots/service", json={"places": {str(no): 1 for no in able}}
        ).status_code == 200  # fmt: skip
    version = play.view()["version"]
    assert play.office.post(f"{play.at}/close", headers={"If-Match": f'"{version}"'}).status_code == 200
    auditor = api.as_("assessor")
    wanted = {"track": "service", "words": "异议核查"}
    assert play.office.post(f"{play.at}/looks", json=wanted).status_code == 403
    shown = auditor.post(f"{play.at}/looks", json=wanted).json()
    assert {s["voter"] for s in shown["items"]} == {*play.book.streets, *play.book.departments}
    listed = play.office.get(f"{play.at}/looks").json()["items"]
    assert [(x["track"], x["ballots"], x["words"]) for x in listed] == [("service", 8, "异议核查")]


def test_m02_bad_input_is_refused_with_a_sentence(api: Api) -> None:
    play = Played(api, departments=2)
    street = play.clerk(play.book.streets[0])
    for path, body in (
        ("ballots/service", {"places": {"1": 0}}),
        ("ballots/service", {"places": {"x": 1}}),
        ("ballots/service", {"places": []}),
        ("ballots/service", {}),
        ("ballots/Service", {"places": {"1": 1}}),
        ("rating", {"marks": {"x": [1]}}),
        ("rating", {"marks": {"x": [1.5, 2]}}),
        ("rating", {"marks": {"x": ["5", 2]}}),
    ):
        answer = street.put(f"{play.at}/{path}", json=body)
        assert answer.status_code in (409, 422), (path, body, answer.text)
        assert answer.json()["code"]
    answer = street.put(f"{play.at}/ballots/service", json={"places": {"1": 1}})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_stage")
    assert street.get(f"/rounds/{uuid4()}").status_code == 404
    assert play.office.post("/rounds", json={"form": {**play.book.plan(), "period": "2026Q4"}}).status_code == 422
    twice = play.office.post(
        "/rounds",
        json={"form": {**play.book.plan(), "streets": list(play.book.streets), "departments": [DEPARTMENTS[0]]}},
    )
    assert twice.status_code == 422
    assert "2026" in twice.text or "quarter" in twice.text
