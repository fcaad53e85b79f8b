"""How many statements a request costs, beside who asks (token and post) and BEGIN and COMMIT."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from api.conftest import token
from gewu.ledger.numbers import numbers
from gewu.registry.directory import refresh
from support.district import CODE, Walk, acting, photo, post


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements of this thread's connection, but those that find out who asks."""
    found: list[str] = []

    def collect(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "registry_apitoken" not in sql:
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(collect):
        yield found


@pytest.fixture
def client(db: object) -> Client:
    """A client in this process, with a registry in memory as after the first request."""
    numbers.forget()
    refresh()
    code = post("shift_leader", covering=CODE).code
    found = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token(code)}"})
    assert found.get("/api/v1/places/locate?lon=108.4087&lat=30.8075").status_code == 200
    return found


def test_a_list_of_fifty_takes_at_most_three(client: Client) -> None:
    for _ in range(51):
        Walk().intake()
    with statements() as found:
        answer = client.get("/api/v1/cases")
    assert len(answer.json()["items"]) == 50
    assert len(found) <= 3, found
    with statements() as found:
        assert client.get(answer.headers["Link"].partition(">")[0].strip("<")).json()["after"] is None
    assert len(found) <= 3, found


def test_a_case_with_its_whole_story_takes_at_most_eight(client: Client) -> None:
    walk = Walk().answered()
    with statements() as found:
        answer = client.get(f"/api/v1/cases/{walk.record_id}")
    assert len(answer.json()["timeline"]) == len(walk.outcomes)
    assert len(found) <= 8, found


def test_a_new_case_with_photos_takes_at_most_twelve(client: Client) -> None:
    officer = post("intake_officer", covering=CODE).code
    photos = [{"id": photo(acting("intake_officer")).id, "role": "scene"} for _ in range(3)]
    body = {
        "form": {
            "description": "路灯不亮",
            "source": "phone",
            "category": "matter:06012",
            "reporter_phone": "13800000000",
        },
        "position": {"lon": 108.4087, "lat": 30.8075},
        "photos": photos,
    }
    with statements() as found:
        answer = client.post(
            "/api/v1/cases/intakes",
            data=body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token(officer)}"},
        )
    assert answer.status_code == 201, answer.content
    assert len(found) <= 12, found
