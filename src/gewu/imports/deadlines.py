"""Deadlines of other platforms: shown beside ours, told once when 80 % of the time is used and once when it is over.

They are facts of the platform, not clocks of the playbook: they move nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from gewu.ledger.door import new_id
from gewu.ledger.rows import OUTGOING_COLUMNS, dumps
from gewu.ledger.store import insert

LIMIT = 500
WARNED, PASSED = 1, 2
MESSAGES = {WARNED: "outside_warn", PASSED: "outside_due"}
ALWAYS = "role:dispatcher"


@dataclass(frozen=True, slots=True)
class Outside:
    """What a platform calls a case, and until when it wants an answer."""

    record_id: UUID
    platform: str
    number: str
    received_at: datetime
    deadline_at: datetime | None
    warn_at: datetime | None
    times_seen: int


def of_records(district_id: int, records: Sequence[UUID]) -> dict[UUID, list[Outside]]:
    """The outside numbers of these records, in one statement."""
    if not records:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, platform, outside_number, received_at, deadline_at, warn_at, times_seen"
            " FROM imports_item WHERE district_id = %s AND record_id = ANY(%s) ORDER BY deadline_at, outside_number",
            [district_id, list(records)],
        )
        found: dict[UUID, list[Outside]] = {}
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(Outside(*row))
    return found


def tell(district_id: int, now: datetime) -> int:
    """Notices for the dispatcher and whoever has the case, for deadlines that near or passed. Returns how many items.

    Each item is told at most twice; an item whose deadline was moved by its platform begins anew.
    """
    told = 0
    for level, column in ((PASSED, "deadline_at"), (WARNED, "warn_at")):
        told += _tell(district_id, level, column, now)
    return told


def _tell(district_id: int, level: int, column: str, now: datetime) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT i.platform, i.outside_number, i.record_id, r.ended, i.deadline_at, r.version"
                " FROM imports_item i"
                " JOIN ledger_record r ON r.district_id = i.district_id AND r.id = i.record_id"
                f" WHERE i.district_id = %s AND i.told < %s AND i.{column} <= %s"
                f" ORDER BY i.{column} LIMIT %s FOR UPDATE OF i SKIP LOCKED",
                [district_id, level, now, LIMIT],
            )
            due = cursor.fetchall()
            if not due:
                return 0
            cursor.execute(
                "UPDATE imports_item i SET told = %s FROM unnest(%s::text[], %s::text[]) AS v (platform, number)"
                " WHERE i.district_id = %s AND i.platform = v.platform AND i.outside_number = v.number",
                [level, [row[0] for row in due], [row[1] for row in due], district_id],
            )
        open_ones = [row for row in due if not row[3]]
        holders = _holders(district_id, [row[2] for row in open_ones])
        messages = []
        for code, number, record_id, _, deadline, version in open_ones:
            payload = dumps(
                {
                    "message": MESSAGES[level], "event": "import", "platform": code, "outside_number": number,
                    "outside_deadline": int(deadline.timestamp()),
                }
            )  # fmt: skip
            messages += [
                (
                    district_id, new_id(), record_id, version, "notice", to, payload, "waiting", 0, now, "", now, None,
                )
                for to in dict.fromkeys((ALWAYS, *holders.get(record_id, ())))
            ]  # fmt: skip
        insert("ledger_outgoing", OUTGOING_COLUMNS, messages)
    return len(open_ones)


def _holders(district_id: int, records: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Who has a live part in these records, as destinations of notices."""
    if not records:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, unit, role, person FROM ledger_assignment"
            " WHERE district_id = %s AND record_id = ANY(%s) AND live AND NOT letter ORDER BY no",
            [district_id, list(records)],
        )
        found: dict[UUID, list[str]] = {}
        for record_id, unit, role, person in cursor.fetchall():
            to = f"person:{person}" if person else f"unit:{unit}/{role}" if unit else f"role:{role}"
            found.setdefault(record_id, []).append(to)
    return found
