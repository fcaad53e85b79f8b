"""The API and the desk, for scenarios that are played over HTTP and looked at."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from api.conftest import Api
from desk.conftest import sit

__all__ = ["api", "sit"]


@pytest.fixture
def api(live_server: str, owner_connection: psycopg.Connection) -> Iterator[Api]:
    """The API of the live server; budgets of attempts start whole."""
    owner_connection.execute("TRUNCATE throttle_budget")
    found = Api(live_server)
    yield found
    found.close()
