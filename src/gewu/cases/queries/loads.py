"""What people have on their hands: live parts of work inside units, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class Load:
    """How many open cases somebody has work in, and how many of these are late."""

    open: int = 0
    late: int = 0


def loads_of(district_id: int, people: Sequence[str], at: datetime, slot: str = "work") -> dict[str, Load]:
    """The loads of some people by their key; who has nothing is not in it. One statement, on the index of people."""
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.person, count(DISTINCT r.id), count(DISTINCT r.id) FILTER (WHERE r.due_at < %s)"
            " FROM ledger_assignment a"
            " JOIN ledger_record r ON r.district_id = a.district_id AND r.id = a.record_id"
            " WHERE a.district_id = %s AND a.person = ANY(%s) AND a.person <> '' AND a.live AND a.slot = %s"
            " AND NOT r.ended GROUP BY a.person",
            [at, district_id, list(people), slot],
        )
        return {person: Load(int(n), int(late)) for person, n, late in cursor.fetchall()}
