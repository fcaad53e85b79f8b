"""The field's outbox at the server: every item answered for itself, photos by their content, nothing done twice."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.test import Client

from api.conftest import LAT, LON, Api, token
from api.test_budgets import statements
from gewu.cases.queries import get_case
from gewu.ledger.door import SYSTEM, new_id
from gewu.ledger.models import Attachment, Event
from support.district import CATEGORY, Walk, acting, actor_post, directory, district_id, photo, picture, post


class Phone:
    """A phone: numbers its items as the page does."""

    def __init__(self, api: Api, code: str, device: str = "") -> None:
        self.client: httpx.Client = api.of(code)
        self.device = device or str(new_id())
        self.person = str(actor_post(code).person_id)
        self.next = 0

    def item(
        self, kind: str, body: dict[str, Any], photos: list[dict[str, str]] | None = None, **more: Any
    ) -> dict[str, Any]:
        self.next += 1
        head = {"id": str(new_id()), "seq": self.next, "kind": kind, "made_at": datetime.now(UTC).isoformat()}
        return {**head, "photos": photos or [], "body": body, **more}

    def report(self, words: str = "路灯不亮", **more: Any) -> dict[str, Any]:
        form = {"description": words, "source": "collector", "category": CATEGORY}
        return self.item("report", {"form": form, "position": {"lon": LON, "lat": LAT}}, **more)

    def move(self, walk: Walk, name: str, form: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        body = {
            "case": str(walk.record_id),
            "move": name,
            "form": form or {},
            "version": more.pop("version", walk.version),
        }
        return self.item("move", body, **more)

    def photo(self, data: bytes | None = None, role: str = "scene") -> dict[str, str]:
        data = data or picture()
        name = hashlib.sha256(data).hexdigest()
        answer = self.client.post("/field/photos", files={"photo": ("p", data, "image/jpeg")}, data={"hash": name})
        assert answer.status_code in (200, 201), answer.text
        return {"hash": name, "role": role}

    def sync(self, *items: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.client.post("/field/sync", json={"device": self.device, "person": self.person, "items": items})
        assert answer.status_code == 200, answer.text
        self.answer = answer.json()
        found: list[dict[str, Any]] = self.answer["items"]
        assert [one["id"] for one in found] == [one["id"] for one in items]
        return found


@pytest.fixture
def verifying(api: Api) -> tuple[Walk, Phone]:
    """A case that waits for verification, and the phone of a collector of that place."""
    walk = Walk().intake().move(acting("intake_officer"), "send_verify")
    return walk, Phone(api, post("collector", covering=walk.place).code)


def statuses(answers: list[dict[str, Any]]) -> list[str]:
    return [one["status"] for one in answers]


def kinds(record_id: UUID) -> list[str]:
    events = Event.objects.filter(district_id=district_id(), record_id=record_id).order_by("seq")
    return list(events.values_list("kind", flat=True))


def test_an_item_that_comes_twice_is_done_once(verifying: tuple[Walk, Phone]) -> None:
    _, phone = verifying
    item = phone.report()
    first, second = phone.sync(item)[0], phone.sync(item)[0]
    assert (first["status"], second["status"]) == ("accepted", "replayed")
    assert first["number"] == second["number"]
    assert first["case"] == second["case"]
    assert kinds(UUID(first["case"])) == ["report"]


def test_when_it_was_done_is_kept_beside_when_it_came(verifying: tuple[Walk, Phone]) -> None:
    _, phone = verifying
    earlier = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    done, dreamt = phone.report(made_at="2026-01-01T00:00:00+08:00"), phone.report(made_at=earlier)
    answers = phone.sync(done, dreamt)
    events = [Event.objects.get(district_id=district_id(), record_id=UUID(a["case"])) for a in answers]
    assert "made_at" not in events[0].payload["detail"], "a clock that cannot be right is not believed"
    assert abs(datetime.now(UTC).timestamp() - 7200 - events[1].payload["detail"]["made_at"]) < 60
    made = get_case(district_id(), SYSTEM, UUID(answers[1]["case"])).timeline[0].made_at
    assert made is not None
    assert made.isoformat() == datetime.fromtimestamp(events[1].payload["detail"]["made_at"], UTC).isoformat()


def test_a_poison_item_is_refused_with_its_reason_and_the_others_go(verifying: tuple[Walk, Phone]) -> None:
    walk, phone = verifying
    items = [
        phone.report(),
        phone.item("report", {"form": {"description": "x" * 5000, "source": "collector"}}),
        phone.item("report", {"form": "no form at all"}),
        phone.item("move", {"case": "no id", "move": "add_note"}),
        phone.move(walk, "no_such_move"),
        phone.move(walk, "add_note", {"note": "seen"}),
    ]
    answers = phone.sync(*items)
    assert statuses(answers) == ["accepted", "refused", "refused", "refused", "refused", "accepted"]
    assert [one["code"] for one in answers[1:5]] == ["invalid", "invalid", "invalid", "unknown_move"]
    assert all(one["detail"] for one in answers[1:5])
    assert "xxx" not in answers[1]["detail"]
    assert phone.answer["highest"] == 6
    assert phone.answer["missing"] == []


def test_an_item_waits_for_the_one_before_and_not_for_one_that_was_refused(verifying: tuple[Walk, Phone]) -> None:
    walk, phone = verifying
    bad = phone.move(walk, "add_note")
    late = phone.move(walk, "add_note", {"note": "after it"}, after=bad["id"])
    assert statuses(phone.sync(late)) == ["waiting"]
    assert phone.answer["missing"] == []
    assert statuses(phone.sync(bad, late)) == ["refused", "accepted"]


def test_numbers_that_never_came_are_named(verifying: tuple[Walk, Phone]) -> None:
    _, phone = verifying
    items = [phone.report(f"item {n}") for n in range(5)]
    phone.sync(items[0], items[4])
    assert (phone.answer["highest"], phone.answer["missing"]) == (5, [2, 3, 4])
    phone.sync(items[2])
    assert phone.answer["missing"] == [2, 4]


def test_the_same_photo_is_sent_once_and_stands_in_two_cases(verifying: tuple[Walk, Phone]) -> None:
    _, phone = verifying
    data = picture()
    photo = phone.photo(data)
    again = phone.client.post("/field/photos", files={"photo": ("p", data, "image/jpeg")}, data={"hash": photo["hash"]})
    assert again.status_code == 200
    assert phone.client.post("/field/photos/known", json={"hashes": [photo["hash"], "0" * 64]}).json() == {
        "known": [photo["hash"]]
    }
    answers = phone.sync(phone.report(photos=[photo]), phone.report(photos=[photo, photo]))
    assert statuses(answers) == ["accepted", "accepted"]
    rows = [get_case(district_id(), SYSTEM, UUID(one["case"])).photos for one in answers]
    assert [len(found) for found in rows] == [1, 2]
    for row in (p for found in rows for p in found):
        shown = phone.client.get(f"/attachments/{row.id}", params={"size": "original"})
        assert shown.content == data


def test_an_item_waits_for_its_photo_and_a_cut_off_photo_is_refused(verifying: tuple[Walk, Phone]) -> None:
    _, phone = verifying
    data = picture(640, 480)
    name = hashlib.sha256(data).hexdigest()
    item = phone.report(photos=[{"hash": name, "role": "scene"}])
    answer = phone.sync(item)[0]
    assert (answer["status"], answer["code"]) == ("waiting", "photo_missing")
    cut = phone.client.post("/field/photos", files={"photo": ("p", data[:-50], "image/jpeg")}, data={"hash": name})
    assert cut.status_code == 422
    phone.photo(data)
    assert statuses(phone.sync(item)) == ["accepted"]
    assert Attachment.objects.filter(district_id=district_id(), record_id=None).count() == 0


def test_a_photo_of_somebody_else_is_not_known(api: Api, verifying: tuple[Walk, Phone]) -> None:
    walk, phone = verifying
    photo = phone.photo()
    other = Phone(api, post("collector", covering=walk.place, number=1).code)
    assert other.client.post("/field/photos/known", json={"hashes": [photo["hash"]]}).json() == {"known": []}
    assert statuses(other.sync(other.report(photos=[photo]))) == ["waiting"]


def test_notes_of_others_do_not_disturb_and_steps_of_others_are_told(verifying: tuple[Walk, Phone]) -> None:
    walk, phone = verifying
    item = phone.move(walk, "confirm_exists", photos=[phone.photo()])
    walk.move(acting("shift_leader"), "add_note", texts={"note": "please hurry"})
    assert statuses(phone.sync(item)) == ["accepted"]

    walk = Walk().intake().move(acting("intake_officer"), "send_verify")
    item = phone.move(walk, "confirm_exists", photos=[phone.photo()])
    walk.move(acting("shift_leader"), "recall_verify", texts={"reason": "wrong street"})
    answer = phone.sync(item)[0]
    assert answer["status"] == "conflict"
    assert answer["version"] == walk.version
    assert [one["title"] for one in answer["changed"]] == ["Recall the verification"]
    assert answer["changed"][0]["who"]
    assert answer["stage"] == "Registered"
    assert "confirm_exists" not in kinds(walk.record_id)
    item["body"]["version"] = answer["version"]
    again = phone.sync(item)[0]
    assert (again["status"], again["code"]) == ("refused", "wrong_stage"), "it may be tried, and the playbook decides"


def test_two_steps_of_one_phone_on_one_case_are_no_conflict(verifying: tuple[Walk, Phone]) -> None:
    walk, phone = verifying
    seen = walk.version
    relocated = phone.move(walk, "relocate", {"place": walk.place}, version=seen)
    relocated["body"]["reason"] = "the other side of the road"
    verified = phone.move(walk, "confirm_exists", photos=[phone.photo()], version=seen, after=relocated["id"])
    assert statuses(phone.sync(relocated, verified)) == ["accepted", "accepted"]
    assert kinds(walk.record_id)[-2:] == ["relocate", "confirm_exists"]


@pytest.mark.parametrize("urgent", [True, False])
def test_an_arrival_at_an_emergency_keeps_where_it_was_and_nothing_else_does(api: Api, urgent: bool) -> None:
    walk = Walk().intake().move(acting("intake_officer"), "send_verify")
    collector = walk.collector()
    walk.move(collector, "confirm_exists", photos=[photo(collector)])
    standard = directory().standards_for(CATEGORY)[0].key
    walk.move(acting("shift_leader"), "file", args={"category": CATEGORY, "standard": standard, "urgent": urgent})
    unit = directory().responsible(CATEGORY, walk.place, ()).unit.code
    walk.move(acting("dispatcher"), "dispatch", args={"lead": unit})
    clerk = post("unit_clerk", unit=unit).code
    walk.move(walk.clerk(), "claim")
    phone = Phone(api, clerk)
    item = phone.move(walk, "arrive")
    item["body"]["position"] = {"lon": LON, "lat": LAT}
    assert statuses(phone.sync(item)) == ["accepted"]
    detail = Event.objects.get(district_id=district_id(), record_id=walk.record_id, kind="arrive").payload["detail"]
    where = (round(LON * 1e6), round(LAT * 1e6)) if urgent else (None, None)
    assert (detail.get("site_lon_e6"), detail.get("site_lat_e6")) == where
    note = phone.move(walk, "add_note", {"note": "seen"})
    note["body"]["position"] = {"lon": LON, "lat": LAT}
    assert statuses(phone.sync(note)) == ["accepted"]
    kept = Event.objects.filter(district_id=district_id(), record_id=walk.record_id, kind="add_note").last()
    assert kept is not None
    assert "site_lon_e6" not in kept.payload.get("detail", {})


def test_a_device_belongs_to_one_person(api: Api, verifying: tuple[Walk, Phone]) -> None:
    walk, phone = verifying
    item = phone.report()
    phone.sync(item)
    other = Phone(api, post("collector", covering=walk.place, number=1).code, device=phone.device)
    for person in (phone.person, other.person):
        body = {"device": phone.device, "person": person, "items": [phone.report()]}
        refused = other.client.post("/field/sync", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "other_person")


def test_an_id_that_was_used_for_something_else_is_refused(verifying: tuple[Walk, Phone]) -> None:
    walk, phone = verifying
    item = phone.report()
    phone.sync(item)
    other = {**phone.move(walk, "add_note", {"note": "x"}), "id": item["id"]}
    answer = phone.sync(other)[0]
    assert (answer["status"], answer["code"]) == ("refused", "command_reused")


def test_today_tells_tasks_with_their_open_moves_and_what_may_be_entered(verifying: tuple[Walk, Phone]) -> None:
    walk, phone = verifying
    found = phone.client.get("/field/today").json()
    assert found["person"] == phone.person
    task = next(one for one in found["tasks"] if one["id"] == str(walk.record_id))
    assert task["parts"] == ["verify"]
    assert task["words"].startswith("路面有大片油污")
    moves = {one["name"]: one for one in task["moves"]}
    assert {"confirm_exists", "report_absent", "unable_to_verify", "add_note"} <= set(moves)
    assert not {"relocate", "recall_verify"} & set(moves), (
        "what needs a look-up, or another's part, is done at the desk"
    )
    assert moves["confirm_exists"]["needs_photos"] == {"any": 1}
    assert [one["name"] for one in found["making"]] == ["report", "fix_on_spot"]
    book = phone.client.get("/field/catalogue").json()
    assert len(book["categories"]) > 100
    assert all(place["code"].startswith("500101") for place in book["places"])


def test_a_day_with_many_tasks_takes_four_statements(db: object) -> None:
    walks = [Walk().intake().move(acting("intake_officer"), "send_verify") for _ in range(5)]
    code = post("collector", covering=walks[0].place).code
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token(code)}"})
    client.get("/api/v1/field/today")
    with statements() as found:
        answer = client.get("/api/v1/field/today")
    assert len(answer.json()["tasks"]) == 5
    assert len(found) <= 4, found  # cases, their states, their photos; whistles
