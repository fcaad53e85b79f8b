"""What the core wants to know of records: the events of one, without free words; how many stand at which stage."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from gewu.core.evolve import state_from_json
from gewu.core.playbook import Playbook
from gewu.core.records import Event, State
from gewu.ledger import rows, store


def history(district_id: int, record_id: UUID) -> list[Event]:
    """All events of a record, oldest first: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, seq, at, actor, unit, payload FROM ledger_event WHERE district_id = %s AND record_id = %s"
            " ORDER BY seq",
            [district_id, record_id],
        )
        return [
            Event(kind, seq, rows.micros(at) // 1_000_000, actor, unit, store.as_json(payload))
            for kind, seq, at, actor, unit, payload in cursor.fetchall()
        ]


def state_of(district_id: int, record_id: UUID) -> State | None:
    """Where a record stands; None when the district has no such record."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM ledger_record WHERE district_id = %s AND id = %s", [district_id, record_id])
        row = cursor.fetchone()
    return state_from_json(store.as_json(row[0])) if row else None


COUNTED = 1000
"""Records of a stage are counted so far; one more says that there are others."""


def count_standing(district_id: int, playbook: Playbook) -> Mapping[str, int]:
    """How many records of a playbook, whatever their version, stand at each stage that is no end: one statement.

    At most ``COUNTED`` + 1 for each.
    """
    stages = [stage.name for stage in playbook.stages.values() if not stage.end]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.name, n.number FROM unnest(%s::text[]) AS s(name), LATERAL (SELECT count(*) AS number FROM"
            " (SELECT 1 FROM ledger_record r WHERE r.district_id = %s AND r.kind = %s AND r.stage = s.name"
            " AND r.playbook = %s LIMIT %s) AS found) AS n",
            [stages, district_id, playbook.kind, playbook.name, COUNTED + 1],
        )
        return {stage: int(found) for stage, found in cursor.fetchall()}


def count_late(district_id: int, playbook: Playbook) -> Mapping[str, int]:
    """How many of these records are late at each stage that is no end: one statement, at most ``COUNTED`` + 1 each."""
    stages = [stage.name for stage in playbook.stages.values() if not stage.end]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.name, n.number FROM unnest(%s::text[]) AS s(name), LATERAL (SELECT count(*) AS number FROM"
            " (SELECT 1 FROM ledger_record r WHERE r.district_id = %s AND r.kind = %s AND r.stage = s.name"
            " AND r.playbook = %s AND r.due_at < now() LIMIT %s) AS found) AS n",
            [stages, district_id, playbook.kind, playbook.name, COUNTED + 1],
        )
        return {stage: int(found) for stage, found in cursor.fetchall()}
