"""Counts of cases for everybody: by month, street, major class and how it stands. No case is told by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from gewu.cases.queries.outside import UNLISTED
from gewu.cases.queries.solved import SOLVED

Counted = tuple[str, str, str, str, int]
"""Month of the report (``2026-11``), street (nine digits), category (empty: not sorted yet), state, how many."""
STATES = ("open", "solved", "ended")
STREET = 9


def counts(district_id: int, timezone: str, since: datetime) -> list[Counted]:
    """How many cases were reported since an instant, in one statement.

    ``solved`` as ``solved_cases`` means it; ``ended``: declined, merged, or closed and denied by the reporter;
    ``open``: everything else. Void ones are tests and mistakes and are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_char(c.reported_at AT TIME ZONE %s, 'YYYY-MM'), left(r.place, {STREET}), c.category,"
            f" CASE WHEN {SOLVED} THEN 'solved' WHEN r.ended OR r.stage = 'closed' THEN 'ended' ELSE 'open' END,"
            " count(*) FROM cases_case c JOIN ledger_record r ON r.district_id = c.district_id AND r.id = c.record_id"
            " WHERE c.district_id = %s AND c.reported_at >= %s AND r.stage <> ALL(%s) GROUP BY 1, 2, 3, 4",
            [timezone, district_id, since, list(UNLISTED)],
        )
        return [(month, street, category, state, n) for month, street, category, state, n in cursor.fetchall()]
