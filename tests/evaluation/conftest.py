"""The hand-told cases, told once for all tests that only look at them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evaluation import hand
from evaluation.hand import Told
from gewu.evaluation.recurrence import refresh_recurrence
from support import district as d
from support.servers import Session


@pytest.fixture(scope="module")
def told(database_session: Session) -> Iterator[dict[str, Told]]:
    """The fifteen cases, with what recurred among them."""
    from django.db import connection, connections

    from conftest import _truncate_tenant_tables, names_its_district

    with connection.execute_wrapper(names_its_district):
        cases = hand.tell()
        refresh_recurrence(d.district_id())
        yield cases
    connections.close_all()
    _truncate_tenant_tables(database_session)
