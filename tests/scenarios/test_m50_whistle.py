"""M50, a community blows the whistle and departments report in: called with a limit by cause, arrival outside (with its
position, once), joint handling, reports, and ratings of both sides. Played over HTTP, as a phone sends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.conftest import LAT, LON, Api
from api.test_field import Phone, statuses
from gewu.ledger import outbox, ticker
from gewu.ledger.models import Event
from gewu.ledger.rebuild import rebuild_all
from gewu.ledger.verify import verify_all
from support.district import district_id, post
from support.occasion_play import when
from support.occasions import BUREAU, COMMUNITY, OFFICE

SQUAD = "squad-gaosuntang"


class Whistle:
    """A whistle of the street office's clerk that calls the squad and the bureau."""

    def __init__(self, api: Api, cause: str = "hard", **more: Any) -> None:
        self.api, self.street = api, api.as_("unit_clerk", unit=OFFICE)
        form = {
            "cause": cause, "subject": "夜市油烟扰民，多次劝导无效", "unit": OFFICE, "place": COMMUNITY,
            "where": "望江路口", "starts_at": when(0), "units": [SQUAD, BUREAU], **more,
        }  # fmt: skip
        made = self.street.post("/occasions/types/whistle", json={"form": form})
        assert made.status_code == 201, made.text
        self.id = str(made.json()["id"])

    def get(self) -> dict[str, Any]:
        answer = self.street.get(f"/occasions/{self.id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def send(self, move: str, form: dict[str, Any] | None = None, **more: Any) -> Any:
        head = {"If-Match": f'"{self.get()["version"]}"'}
        return self.street.post(f"/occasions/{self.id}/moves/{move}", json={"form": form or {}, **more}, headers=head)


def phone(api: Api, unit: str) -> Phone:
    return Phone(api, post("unit_clerk", unit=unit).code)


def task(found: Phone, whistle: Whistle) -> dict[str, Any]:
    """The whistle among the day's tasks of a phone, or nothing."""
    tasks = found.client.get("/field/today").json()["tasks"]
    return next((one for one in tasks if one["id"] == whistle.id), {})


def step(found: Phone, whistle: Whistle, move: str, form: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    body = {"case": whistle.id, "move": move, "form": form or {}, "version": 1, **more}
    return found.item("move", {**body, "position": {"lon": LON, "lat": LAT}})


def events(whistle: Whistle) -> list[Event]:
    return list(Event.objects.filter(district_id=district_id(), record_id=UUID(whistle.id)).order_by("seq"))


def test_from_the_whistle_to_the_ratings_of_both_sides(api: Api) -> None:
    whistle = Whistle(api)
    squad, bureau = phone(api, SQUAD), phone(api, BUREAU)
    outbox.deliver(district_id())
    told = squad.client.get("/notices").json()["items"]
    assert [n["message"]["code"] for n in told] == ["called"]
    assert task(phone(api, "office-taibai"), whistle) == {}, "who is not called has no task"
    assert whistle.street.get("/field/today").json()["tasks"] == [], "who calls does not arrive"
    seen = task(squad, whistle)
    assert (seen["category"], seen["words"], seen["urgent"], seen["presence"]) == (
        "Whistle", "夜市油烟扰民，多次劝导无效", False, True,
    )  # fmt: skip
    assert "望江路口" in seen["place"]
    assert {"arrive", "decline"} <= {move["name"] for move in seen["moves"]}
    assert whistle.send("confirm", {"solved": "solved", "rating": 5}).status_code == 409, "nobody has arrived"
    # What was done outside comes late, twice and in the wrong order: each once, and only the arrival keeps a position.
    arrived, noted = step(squad, whistle, "arrive"), step(squad, whistle, "add_note", {"note": "摊主在场"})
    reported = step(squad, whistle, "report_outcome", {"result": "已责令加装净化器", "needed": "needed"})
    reported["after"] = arrived["id"]
    assert statuses(squad.sync(reported)) == ["waiting"]
    assert statuses(squad.sync(noted, arrived)) == ["accepted", "accepted"]
    assert statuses(squad.sync(arrived, reported, step(squad, whistle, "nonsense"))) == [
        "replayed", "accepted", "refused",
    ]  # fmt: skip
    assert task(squad, whistle) == {}, "its part is over"
    assert task(bureau, whistle)["moves"], "the other is still called"
    where = {e.kind: e.payload.get("detail", {}).get("site_lon_e6") for e in events(whistle)}
    assert where == {"schedule": None, "add_note": None, "arrive": round(LON * 1e6), "report_outcome": None}
    refused = squad.sync(step(squad, whistle, "arrive"))[0]
    assert (refused["status"], refused["code"]) == ("refused", "part_ended")
    (declined,) = bureau.sync(step(bureau, whistle, "decline", reason="属街道执法权限"))
    assert declined["status"] == "accepted"
    assert whistle.send("confirm", {"solved": "solved", "rating": 9}).status_code == 422
    assert whistle.send("confirm", {"solved": "solved", "rating": 5}).status_code == 200
    shown = whistle.get()
    assert shown["stage"]["code"] == "confirmed"
    late = bureau.sync(step(bureau, whistle, "arrive"))[0]
    assert late["status"] in ("refused", "conflict")
    assert late["number"] in ("", shown["number"])
    assert rebuild_all(district_id()).ok
    assert verify_all(district_id()).ok


@pytest.mark.parametrize(("cause", "hours"), [("emergency", 2), ("enforcement", 24)])
def test_each_cause_has_its_limit_to_arrive_and_an_emergency_is_urgent(api: Api, cause: str, hours: int) -> None:
    whistle = Whistle(api, cause)
    squad = phone(api, SQUAD)
    seen = task(squad, whistle)
    left = datetime.fromisoformat(seen["due_at"]) - datetime.now(UTC)
    assert timedelta(hours=hours, minutes=-5) < left <= timedelta(hours=hours)
    assert seen["urgent"] == (cause == "emergency")
    ticker.tick(district_id(), int((datetime.now(UTC) + timedelta(hours=hours, minutes=1)).timestamp() * 1_000_000))
    while outbox.deliver(district_id(), datetime.now(UTC) + timedelta(days=2))[0]:
        pass
    assert "due" in {n["message"]["code"] for n in squad.client.get("/notices").json()["items"]}
    assert "due" in {n["message"]["code"] for n in api.as_("comprehensive_office").get("/notices").json()["items"]}


def test_a_whistle_that_is_not_needed_any_more_is_called_off(api: Api) -> None:
    whistle = Whistle(api)
    assert whistle.send("call_off").status_code == 422, "a reason is owed"
    assert whistle.send("call_off", reason="摊主已自行整改").status_code == 200
    assert task(phone(api, SQUAD), whistle) == {}
    foreign = api.as_("unit_clerk", unit="office-taibai").post(
        f"/occasions/{whistle.id}/moves/call_off", json={"form": {}, "reason": "x"}, headers={"If-Match": '"1"'}
    )
    assert foreign.status_code in (403, 404, 409)
