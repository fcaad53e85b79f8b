"""The statements by which the door writes. Few, parameterised, each for all rows of one kind in the transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.core.evolve import state_from_json
from gewu.core.records import State
from gewu.ledger import rows
from gewu.ledger.writes import Writes

PARAMETER_LIMIT = 20_000
"""PostgreSQL takes 65,535 parameters a statement; more rows go in several."""


@dataclass(slots=True)
class Locked:
    """A record row under its lock, with the wrapped key of its words."""

    record_id: UUID
    state: State
    head: bytes
    created_at: datetime
    key_id: str
    wrapped: bytes | None


def lock(district_id: int, ids: Sequence[UUID], *, skip_locked: bool = False) -> dict[UUID, Locked]:
    """Lock record rows in id order and read them. With ``skip_locked`` rows that others hold are left out."""
    skip = " SKIP LOCKED" if skip_locked else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, r.state, r.head, r.created_at, k.key_id, k.wrapped FROM ledger_record r"
            " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
            f" WHERE r.district_id = %s AND r.id = ANY(%s) ORDER BY r.district_id, r.id FOR NO KEY UPDATE OF r{skip}",
            [district_id, list(ids)],
        )
        return {
            row[0]: Locked(row[0], state_from_json(as_json(row[1])), bytes(row[2]), row[3], row[4], _bytes(row[5]))
            for row in cursor.fetchall()
        }


def as_json(value: Any) -> Any:
    """A jsonb value as Python: the driver hands it over as text."""
    return json.loads(value) if isinstance(value, (str, bytes)) else value


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


@dataclass(frozen=True, slots=True)
class Answered:
    """An event that a command id already made."""

    command_id: UUID
    record_id: UUID
    seq: int
    kind: str
    at: datetime
    args: Any


def answered(district_id: int, command_ids: Sequence[UUID]) -> dict[UUID, Answered]:
    """Earlier events of these command ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT command_id, record_id, seq, kind, at, payload->'args' FROM ledger_event"
            " WHERE district_id = %s AND command_id = ANY(%s)",
            [district_id, list(command_ids)],
        )
        return {
            row[0]: Answered(row[0], row[1], row[2], row[3], row[4], as_json(row[5]) if row[5] is not None else {})
            for row in cursor.fetchall()
        }


def insert(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]], conflict: str = "") -> None:
    """Insert rows, in as few statements as parameters allow."""
    if not values:
        return
    step = max(1, PARAMETER_LIMIT // len(columns))
    row = "(" + ",".join(["%s"] * len(columns)) + ")"
    with connection.cursor() as cursor:
        for start in range(0, len(values), step):
            part = values[start : start + step]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * len(part))} {conflict}",
                [value for item in part for value in item],
            )


def update_detail(table: str, district_id: int, record_id: UUID, values: dict[str, Any]) -> None:
    """Overwrite columns of one projection row."""
    if not values:
        return
    sets = ", ".join(f"{name} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} WHERE district_id = %s AND record_id = %s",
            [*values.values(), district_id, record_id],
        )


def delete_of(table: str, district_id: int, record_id: UUID) -> None:
    """Delete the rows of one record in a journal's table."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE district_id = %s AND record_id = %s", [district_id, record_id])


def bind_attachments(district_id: int, record_id: UUID, seq: int, photos: Iterable[tuple[UUID, str]], by: str) -> int:
    """Tie uploaded photos that are still free, and the actor's own, to an event. Returns how many were."""
    wanted = list(photos)
    if not wanted:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_attachment a SET record_id = %s, seq = %s, role = v.role"
            " FROM unnest(%s::uuid[], %s::text[]) AS v(id, role)"
            " WHERE a.district_id = %s AND a.id = v.id AND a.record_id IS NULL AND a.uploaded_by = %s",
            [record_id, seq, [p for p, _ in wanted], [r for _, r in wanted], district_id, by],
        )
        return int(cursor.rowcount)


def write_states(writes: Writes, district_id: int, items: Sequence[tuple[UUID, State | None, State]]) -> None:
    """Clocks, assignments and links of records that went from one state to another."""
    clocks = [rows.clock_row(district_id, r, c) for r, old, new in items for c in rows.changed_clocks(old, new)]
    writes.upsert("ledger_clock", rows.CLOCK_COLUMNS, ("district_id", "record_id", "clock_id"), clocks)
    parts = [
        rows.assignment_row(district_id, r, a) for r, old, new in items for a in rows.changed_assignments(old, new)
    ]
    writes.upsert("ledger_assignment", rows.ASSIGNMENT_COLUMNS, ("district_id", "record_id", "no"), parts)
    links = [
        (district_id, r, kind, UUID(other), new.seq)
        for r, old, new in items
        for kind, other in rows.new_links(old, new)
    ]
    writes.insert("ledger_link", rows.LINK_COLUMNS, links, "ON CONFLICT DO NOTHING")
