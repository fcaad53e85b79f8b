"""However items arrive (twice, in another order, in other batches), the records are those of one clean delivery:
every good item once, steps on one case in the order in which they were made, poison set aside."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gewu.ledger import attachments
from gewu.ledger.door import new_id
from gewu.ledger.models import Event
from gewu.registry.models import Post
from gewu.registry.people import issue_token
from support.district import CATEGORY, Walk, acting, actor_post, directory, district_id, picture, post

GOOD = ["report", "note 1", "verify", "note 2", "fix", "after poison"]
POISON = ["poison", "poison shape"]
SIZE = len(GOOD) + len(POISON)


@dataclass
class Delivery:
    """A phone with eight items made offline, two of them poison, and the way to the server."""

    client: Client
    token: str
    person: str
    photos: list[str]
    walk: Walk = field(default_factory=lambda: Walk().intake().move(acting("intake_officer"), "send_verify"))
    device: str = field(default_factory=lambda: str(new_id()))
    items: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)

    def make(self) -> Delivery:
        one, two = ({"hash": name, "role": "scene"} for name in self.photos)
        new = {"category": CATEGORY, "description": "路灯不亮"}
        here = {"place": self.walk.place}
        standard = directory().standards_for(CATEGORY)[0].key
        before_after = [one | {"role": "before"}, two | {"role": "after"}]
        self._add("report", "report", {"form": {**new, "source": "collector"}, **here}, [one])
        first = self._step("note 1", "add_note", {"note": "1"})
        verified = self._step("verify", "confirm_exists", {}, [one, two], first)
        self._step("poison", "add_note", {}, [], verified)
        poison = self.items[-1]["id"]
        self._step("note 2", "add_note", {"note": "2"}, [], verified)
        self._add("fix", "fix_on_spot", {"form": {**new, "standard": standard}, **here}, before_after)
        self._add("poison shape", "report", {"form": [1]}, [])
        self._step("after poison", "add_note", {"note": "3"}, [], poison)
        return self

    def _step(self, name: str, move: str, form: dict[str, Any], photos: Any = (), after: str = "") -> str:
        body = {"case": str(self.walk.record_id), "move": move, "form": form, "version": self.walk.version}
        return self._add(name, "move", body, list(photos), after)

    def _add(self, name: str, kind: str, body: dict[str, Any], photos: list[dict[str, str]], after: str = "") -> str:
        made = (datetime.now(UTC) - timedelta(minutes=30 - len(self.items))).isoformat()
        item = {
            "id": str(new_id()),
            "seq": len(self.items) + 1,
            "kind": kind,
            "made_at": made,
            "body": body,
            "photos": photos,
        }
        self.items.append(item | ({"after": after} if after else {}))
        self.names[str(item["id"])] = name
        return str(item["id"])

    def send(self, batch: list[dict[str, Any]]) -> None:
        body = json.dumps({"device": self.device, "person": self.person, "items": batch})
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.client.post("/api/v1/field/sync", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.content
        for one in answer.json()["items"]:
            status = {"replayed": "accepted"}.get(one["status"], one["status"])
            name = self.names[one["id"]]
            before = self.answered.get(name, "waiting")
            assert before in ("waiting", status), f"{name}: {before}, then {status} ({one})"
            self.answered[name] = status

    def finish(self) -> None:
        """What a phone does until all is answered."""
        for _ in range(SIZE):
            waiting = [item for item in self.items if self.answered.get(self.names[item["id"]], "waiting") == "waiting"]
            if not waiting:
                return
            self.send(waiting)
        raise AssertionError(f"something never went: {self.answered}")


def phone_of() -> tuple[str, str, list[str]]:
    """Token, person and two photos of a collector."""
    place = Walk().intake().place
    code = post("collector", covering=place).code
    token = issue_token(
        Post.objects.get(district_id=district_id(), code=code), "t", datetime.now(UTC) + timedelta(days=1)
    )
    person = str(actor_post(code).person_id)
    photos = []
    for _ in range(2):
        data = picture()
        attachments.stage(district_id(), data, person)
        photos.append(hashlib.sha256(data).hexdigest())
    return token, person, photos


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=6), max_size=8))
def test_any_delivery_makes_the_same_records(db: object, plan: list[list[int]]) -> None:
    delivery = Delivery(Client(SERVER_NAME="localhost"), *phone_of()).make()
    for numbers in plan:
        delivery.send([delivery.items[n] for n in numbers])
    delivery.finish()
    delivery.send(delivery.items)  # once more from the beginning: an older page was restored

    wanted = dict.fromkeys(GOOD, "accepted") | dict.fromkeys(POISON, "refused")
    assert delivery.answered == wanted
    ids = [UUID(item["id"]) for item in delivery.items]
    events = Event.objects.filter(district_id=district_id(), command_id__in=ids).order_by("at", "seq")
    assert sorted(delivery.names[str(e.command_id)] for e in events) == sorted(GOOD)
    on_case = events.filter(record_id=delivery.walk.record_id).order_by("seq")
    told = [delivery.names[str(e.command_id)] for e in on_case]
    assert [n for n in told if n in ("note 1", "verify", "note 2")] == ["note 1", "verify", "note 2"]
    assert told.index("after poison") > told.index("verify")
    made = {delivery.names[str(e.command_id)]: [x[2] for x in e.payload["effects"] if x[0] == "attach"] for e in events}
    assert made["verify"] == ["scene", "scene"]
    assert made["fix"] == ["before", "after"]
