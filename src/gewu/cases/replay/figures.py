"""What a replay came to, counted in the ledger by SQL and not by the reader that wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over all cases of one district.

    ``closed_on_time`` and ``closed_overdue`` are closed cases whose handling clock had a target, by whether they were
    closed at the target or before, or later. ``place_agreed`` of ``place_compared``: of the cases that have both a
    position and a place that the export recorded, those where the one lies in the other.
    """

    cases: int
    events: int
    closed_on_time: int
    closed_overdue: int
    place_agreed: int
    place_compared: int


def count(district_id: int) -> Figures:
    """Count the district as it stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM cases_case WHERE district_id = %(d)s AND filed_at IS NOT NULL),"
            " (SELECT count(*) FROM ledger_event WHERE district_id = %(d)s)",
            {"d": district_id},
        )
        cases, events = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FILTER (WHERE closed <= due), count(*) FILTER (WHERE closed > due) FROM ("
            " SELECT coalesce(to_timestamp((e.payload->'detail'->>'printed_closed_at')::bigint), e.at) AS closed,"
            " k.due_at AS due FROM ledger_event e JOIN ledger_clock k ON k.district_id = e.district_id"
            " AND k.record_id = e.record_id AND k.spec = 'handle'"
            " WHERE e.district_id = %s AND e.kind = 'close') AS closings",
            [district_id],
        )
        on_time, overdue = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FILTER (WHERE r.place = e.payload->'detail'->>'recorded_place'), count(*)"
            " FROM ledger_record r JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
            " JOIN ledger_event e ON e.district_id = r.district_id AND e.record_id = r.id AND e.seq = 1"
            " WHERE r.district_id = %s AND c.lon_e6 IS NOT NULL AND e.payload->'detail' ? 'recorded_place'",
            [district_id],
        )
        agreed, compared = cursor.fetchone()
    return Figures(cases, events, on_time, overdue, agreed, compared)


def already_there(district_id: int, numbers: Sequence[str]) -> set[str]:
    """Those outside numbers that the district has a case for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outside_number FROM cases_case WHERE district_id = %s AND outside_number = ANY(%s)",
            [district_id, list(numbers)],
        )
        return {row[0] for row in cursor.fetchall()}


def stand_still(district_id: int, as_of: int) -> None:
    """Stop the district's clocks at an instant (seconds): history is looked at, not carried on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_standstill (district_id, as_of) VALUES (%s, to_timestamp(%s))"
            " ON CONFLICT (district_id) DO UPDATE SET as_of = greatest(ledger_standstill.as_of, excluded.as_of)",
            [district_id, as_of],
        )
