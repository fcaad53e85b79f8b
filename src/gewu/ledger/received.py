"""The book of what devices outside have sent: which items came, how often, and what became of each (ADR 28).

It decides nothing: whether a command was carried out is told by the ledger alone. The book tells a device which of its
numbers never came, lets an item go on once the one before it was answered, whatever the answer, and shows to the
people who run the system what a phone keeps sending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

WAITING = "waiting"
MOST_MISSING = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """An item and what became of it: accepted, replayed, refused, conflict, waiting."""

    item: UUID
    seq: int
    kind: str
    status: str
    code: str
    record_id: UUID | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What came from a device: the highest number, and numbers below it that never came (at most 100)."""

    highest: int
    missing: tuple[int, ...]


def write_down(district_id: int, device: UUID, person: str, entries: Sequence[Entry], at: datetime) -> None:
    """Note what came and what became of it; an item that came before keeps its first instant. One statement."""
    if not entries:
        return
    row = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_received AS r (district_id, device, item, seq, person, kind, status, code, record_id,"
            f" first_at, last_at) VALUES {', '.join([row] * len(entries))}"
            " ON CONFLICT (district_id, device, item) DO UPDATE SET status = EXCLUDED.status, code = EXCLUDED.code,"
            " record_id = coalesce(EXCLUDED.record_id, r.record_id), last_at = EXCLUDED.last_at, times = r.times + 1",
            [
                value
                for e in entries
                for value in (
                    district_id, device, e.item, e.seq, person, e.kind, e.status, e.code, e.record_id, at, at,
                )
            ],
        )  # fmt: skip


def answered(district_id: int, items: Sequence[UUID]) -> set[UUID]:
    """Those of these items that came and were answered for good, whatever the answer was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT item FROM ledger_received WHERE district_id = %s AND item = ANY(%s) AND status <> %s",
            [district_id, list(items), WAITING],
        )
        return {row[0] for row in cursor.fetchall()}


def owner(district_id: int, device: UUID) -> str | None:
    """Whose device it is; None for one that never sent anything."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person FROM ledger_received WHERE district_id = %s AND device = %s LIMIT 1", [district_id, device]
        )
        row = cursor.fetchone()
    return str(row[0]) if row else None


def seen(district_id: int, device: UUID) -> Seen:
    """Which numbers of a device came, counted from the lowest that is still in the book."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH came AS (SELECT DISTINCT seq FROM ledger_received WHERE district_id = %s AND device = %s),"
            " gaps AS (SELECT seq, lead(seq) OVER (ORDER BY seq) AS next FROM came)"
            " SELECT (SELECT coalesce(max(seq), 0) FROM came), ARRAY(SELECT n FROM gaps"
            " CROSS JOIN LATERAL generate_series(gaps.seq + 1, least(gaps.next - 1, gaps.seq + %s)) AS n"
            " WHERE gaps.next > gaps.seq + 1 ORDER BY n LIMIT %s)",
            [district_id, device, MOST_MISSING, MOST_MISSING],
        )
        highest, missing = cursor.fetchone()
    return Seen(int(highest), tuple(missing))


def forget(district_id: int, before: datetime) -> int:
    """Remove what came last before this instant. Returns how many items."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_received WHERE district_id = %s AND last_at < %s", [district_id, before])
        return int(cursor.rowcount)
