"""Small look-ups of cases, each one statement by index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries.lists import FROM
from gewu.ledger.errors import NotFound


@dataclass(frozen=True, slots=True)
class Basis:
    """What decides who is responsible for a case."""

    category: str
    owner: str
    place: str
    areas: tuple[str, ...]


def case_basis(district_id: int, record_id: UUID) -> Basis:
    """Raises ``NotFound``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.category, c.owner, r.place, r.areas{FROM} WHERE r.district_id = %s AND r.id = %s",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such case")
    return Basis(row[0], row[1], row[2], tuple(row[3]))


def number_of(district_id: int, record_id: UUID) -> str:
    """The case number of a record. Raises ``NotFound``."""
    return str(_one(district_id, record_id, "number"))


def waits_for_answer(district_id: int, record_id: UUID) -> bool:
    """Whether a case has a reporter who wants an answer. Raises ``NotFound``."""
    return bool(_one(district_id, record_id, "has_reporter"))


def first_waits(district_id: int, record_id: UUID) -> bool:
    """Whether the first reporter of a case wanted an answer, whoever joined later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload->'args'->'has_reporter' = 'true'::jsonb FROM ledger_event"
            " WHERE district_id = %s AND record_id = %s AND seq = 1",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _one(district_id: int, record_id: UUID, column: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM cases_case WHERE district_id = %s AND record_id = %s", [district_id, record_id]
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such case")
    return row[0]


def joins_of(district_id: int, record_id: UUID) -> list[int]:
    """The events by which further people joined a case, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq FROM ledger_event WHERE district_id = %s AND record_id = %s AND kind = 'join' ORDER BY seq",
            [district_id, record_id],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def find_by_number(district_id: int, number: str) -> UUID | None:
    """The record of a case number, by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id FROM cases_case WHERE district_id = %s AND number = %s", [district_id, number.strip()]
        )
        row = cursor.fetchone()
    return row[0] if row else None
