"""What happened to a case since somebody saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.ledger.store import as_json

_HARMLESS = frozenset({"notify", "attach", "did", "clock", "tag", "count"})
"""Effects that change nothing of what somebody on the way to the place has to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """An event, as far as it tells whoever was away what changed."""

    seq: int
    at: datetime
    kind: str
    actor: str
    unit: str
    args: dict[str, Any]
    harmless: bool
    """It only added something (a note, a photo, a warning): who goes on does not overwrite anybody's decision."""


def steps_since(district_id: int, record_id: UUID, version: int) -> list[Step]:
    """The events after a version, oldest first, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, at, kind, actor, unit, payload->'args', payload->'effects' FROM ledger_event"
            " WHERE district_id = %s AND record_id = %s AND seq > %s ORDER BY seq",
            [district_id, record_id, version],
        )
        return [
            Step(seq, at, kind, actor, unit, as_json(args) or {}, all(e[0] in _HARMLESS for e in as_json(effects)))
            for seq, at, kind, actor, unit, args, effects in cursor.fetchall()
        ]


def states_of(district_id: int, ids: list[UUID]) -> dict[UUID, Any]:
    """The states of some records, as they are stored; whoever asks has found them by a query that asks for sight."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state FROM ledger_record WHERE district_id = %s AND id = ANY(%s)", [district_id, ids]
        )
        return {row[0]: as_json(row[1]) for row in cursor.fetchall()}


def first_photos(district_id: int, ids: list[UUID], most: int) -> dict[UUID, list[UUID]]:
    """The first photos of some records, at most so many of each, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, id FROM"
            " (SELECT record_id, id, row_number() OVER (PARTITION BY record_id ORDER BY id) AS n"
            " FROM ledger_attachment WHERE district_id = %s AND record_id = ANY(%s) AND wrapped IS NOT NULL"
            " AND seq IS NOT NULL AND mime LIKE 'image/%%') p WHERE n <= %s ORDER BY record_id, id",
            [district_id, ids, most],
        )
        found: dict[UUID, list[UUID]] = {}
        for record_id, photo_id in cursor.fetchall():
            found.setdefault(record_id, []).append(photo_id)
    return found
