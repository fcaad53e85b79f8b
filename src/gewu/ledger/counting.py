"""How much open work hangs on a person, a unit or a day: asked before somebody changes who and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

CAP = 10_000
"""Counted so far; one more says that there are others."""


def open_parts_of_person(district_id: int, person: str, unit: str) -> int:
    """Live parts of records in the name of a person at a unit: one statement."""
    return _count(
        "ledger_assignment WHERE district_id = %s AND live AND unit = %s AND person = %s", [district_id, unit, person]
    )


def open_parts_of_units(district_id: int, units: Sequence[str]) -> int:
    """Live parts of records with these units: one statement."""
    return _count("ledger_assignment WHERE district_id = %s AND live AND unit = ANY(%s)", [district_id, list(units)])


def open_cases_of_owner(district_id: int, owner: str) -> int:
    """Open records that belong to an owner of facilities, ``unknown`` for the ownerless: one statement."""
    return _count(
        "ledger_record WHERE district_id = %s AND kind = 'case' AND NOT ended AND state->'fields'->>'owner' = %s",
        [district_id, owner],
    )


def clocks_over(district_id: int, start: datetime) -> int:
    """Running deadlines that end at this instant or later, so that they passed over it or still will: one statement."""
    return _count("ledger_clock WHERE district_id = %s AND status = 'running' AND due_at >= %s", [district_id, start])


def _count(rest: str, params: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {rest} LIMIT {CAP + 1}) AS found", params)
        row = cursor.fetchone()
    return int(row[0]) if row else 0
