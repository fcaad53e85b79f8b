"""Clients that speak plain HTTP to the live server, each in the name of a post."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from gewu.registry.models import Post
from gewu.registry.people import issue_token, resolve_token
from support.district import CODE, district_id, picture, post

DESCRIPTION = "路面有大片油污，行人易滑倒"
LON, LAT = 108.4087, 30.8075
CATEGORY = "matter:06012"
_TOKENS: dict[str, str] = {}


def token(code: str) -> str:
    """A token of a post; another one when the database was made anew since."""
    if code not in _TOKENS or resolve_token(_TOKENS[code]) is None:
        holder = Post.objects.get(district_id=district_id(), code=code)
        _TOKENS[code] = issue_token(holder, "test", datetime.now(UTC) + timedelta(days=1))
    return _TOKENS[code]


@dataclass
class Api:
    """The server, and one client for each post that a test speaks for."""

    base: str
    clients: dict[str, httpx.Client] = field(default_factory=dict)
    made: list[httpx.Client] = field(default_factory=list)

    def client(self, **headers: str) -> httpx.Client:
        """A client without identity."""
        self.made.append(httpx.Client(base_url=f"{self.base}/api/v1", headers=headers, timeout=30))
        return self.made[-1]

    def of(self, code: str) -> httpx.Client:
        """A client with the token of a post."""
        if code not in self.clients:
            self.clients[code] = self.client(Authorization=f"Bearer {token(code)}")
        return self.clients[code]

    def as_(self, role: str, *, unit: str = "", covering: str = "", number: int = 0) -> httpx.Client:
        """A client for somebody with this role; without unit and place, one who sees the whole district."""
        covering = covering or ("" if unit else CODE)
        return self.of(post(role, unit=unit, covering=covering, number=number).code)

    def close(self) -> None:
        for client in self.made:
            client.close()


@pytest.fixture
def api(live_server: str, owner_connection: psycopg.Connection) -> Iterator[Api]:
    """The API of the live server; budgets of attempts start whole."""
    owner_connection.execute("TRUNCATE throttle_budget")
    found = Api(live_server)
    yield found
    found.close()


def photo(client: httpx.Client, role: str = "scene") -> dict[str, str]:
    """A photo that waits for its command, as a command names it."""
    answer = client.post("/attachments", files={"photo": ("a.jpg", picture(), "image/jpeg")}, data={"role": role})
    assert answer.status_code == 201, answer.text
    return {"id": answer.json()["id"], "role": role}


def intake(api: Api, **more: Any) -> dict[str, Any]:
    """A case registered at the duty desk."""
    form = {
        "description": DESCRIPTION,
        "source": "phone",
        "category": CATEGORY,
        "reporter_name": "王某",
        "reporter_phone": "13800000000",
    }
    body = {"form": form, "position": {"lon": LON, "lat": LAT}, **more}
    answer = api.as_("intake_officer").post("/cases/intakes", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@dataclass
class Steps:
    """A case on its way over HTTP."""

    api: Api
    case: dict[str, Any]
    version: int = 1

    @property
    def id(self) -> str:
        return str(self.case["id"])

    @property
    def place(self) -> str:
        return str(self.case["place"]["code"])

    def move(self, client: httpx.Client, name: str, **body: Any) -> dict[str, Any]:
        """Make a move that has to work."""
        answer = client.post(
            f"/cases/{self.id}/moves/{name}",
            json=body,
            headers={"If-Match": f'"{self.version}"', "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 200, f"{name}: {answer.text}"
        found: dict[str, Any] = answer.json()
        assert answer.headers["ETag"] == f'"{found["version"]}"'
        self.version = found["version"]
        return found

    def collector(self, number: int = 0) -> httpx.Client:
        return self.api.as_("collector", covering=self.place, number=number)

    def seen(self, client: httpx.Client) -> dict[str, Any]:
        """The case as this client sees it."""
        answer = client.get(f"/cases/{self.id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def filed(self) -> Steps:
        """From registered to filed."""
        self.move(self.api.as_("intake_officer"), "send_verify")
        self.move(self.collector(), "confirm_exists", photos=[photo(self.collector())])
        leader = self.api.as_("shift_leader")
        standard = leader.get("/standards", params={"category": CATEGORY}).json()["items"][0]["key"]
        self.move(leader, "file", form={"category": CATEGORY, "standard": standard})
        return self

    def handling(self) -> Steps:
        """From filed to being handled by the unit that the rules name."""
        dispatcher = self.api.as_("dispatcher")
        unit = dispatcher.get("/responsible", params={"category": CATEGORY, "place": self.place}).json()["unit"]["code"]
        self.move(dispatcher, "dispatch", form={"lead": unit})
        self.move(self.api.as_("unit_clerk", unit=unit), "claim")
        return self


@pytest.fixture
def rows(app_connection: psycopg.Connection) -> Callable[[], dict[str, int]]:
    """Counts the rows that a request could have left behind."""
    tables = ("ledger_record", "ledger_event", "cases_case", "ledger_attachment", "ledger_outgoing", "ledger_clock")

    def count() -> dict[str, int]:
        found = {}
        for table in tables:
            row = app_connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            assert row is not None
            found[table] = row[0]
        return found

    return count
