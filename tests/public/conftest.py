"""Visitors of the public pages, and what they leave in the database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest

from api.conftest import Api
from support.visitors import NewVisitor, Stored, Visitor


@pytest.fixture
def visitor(live_server: str) -> Iterator[NewVisitor]:
    """Make visitors. Each has an address that nobody has used before, so that limits do not meet."""
    made: list[Visitor] = []

    def make(language: str = "zh-CN", address: str = "") -> Visitor:
        a, b, c = secrets.token_bytes(3)
        made.append(Visitor(live_server, address or f"127.{a}.{b}.{2 + c % 250}", language))
        return made[-1]

    yield make
    for one in made:
        one.http.close()


@pytest.fixture
def stored(app_connection: psycopg.Connection) -> Stored:
    return Stored(app_connection)


@pytest.fixture
def api(live_server: str, owner_connection: psycopg.Connection) -> Iterator[Api]:
    """The API of the live server; budgets of attempts start whole."""
    owner_connection.execute("TRUNCATE throttle_budget")
    found = Api(live_server)
    yield found
    found.close()
