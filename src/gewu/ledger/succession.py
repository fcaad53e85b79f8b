"""Open work of units that another follows, handed over through the door: whole records, locked, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg import errors as pg

from gewu.core.records import Command
from gewu.core.succession import SUCCEED, Heir, succeed
from gewu.ledger import store
from gewu.ledger.door import Written, new_id, opened, take, write
from gewu.ledger.errors import Busy, LedgerError
from gewu.registry.directory import Directory

BATCH = 500


@dataclass(frozen=True, slots=True)
class OpenPart:
    """A live part of a unit in a record, with the deadline of its earliest running clock (seconds; 0 without one)."""

    record_id: UUID
    kind: str
    no: int
    slot: str
    role: str
    unit: str
    due_at: int


@dataclass(frozen=True, slots=True)
class Handed:
    """A part that goes over, or went."""

    record_id: UUID
    no: int
    old: str
    new: str


def open_parts(district_id: int, units: Sequence[str]) -> list[OpenPart]:
    """All live parts of these units, by record: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.record_id, r.kind, a.no, a.slot, a.role, a.unit, extract(epoch FROM min(c.due_at))::bigint"
            " FROM ledger_assignment a"
            " JOIN ledger_record r ON r.district_id = a.district_id AND r.id = a.record_id"
            " LEFT JOIN ledger_clock c ON c.district_id = a.district_id AND c.record_id = a.record_id"
            " AND c.assignment = a.no AND c.status = 'running'"
            " WHERE a.district_id = %s AND a.live AND a.unit = ANY(%s)"
            " GROUP BY a.record_id, r.kind, a.no, a.slot, a.role, a.unit ORDER BY a.record_id, a.no",
            [district_id, list(units)],
        )
        return [
            OpenPart(record_id, kind, no, slot, role, unit, due_at or 0)
            for record_id, kind, no, slot, role, unit, due_at in cursor.fetchall()
        ]


def hand_over(directory: Directory, parts: Sequence[Handed], act: str, at_us: int) -> list[Handed]:
    """Give these parts to their new units, all or none; what is no longer live with the old unit is left out.

    Raises ``LedgerError`` when a new unit is not active, ``Busy`` when a record is held by somebody else too long.
    """
    heirs: dict[UUID, dict[int, Heir]] = {}
    for part in parts:
        fact = directory.unit_facts.get(part.new)
        if fact is None:
            raise LedgerError(f"unit {part.new} is not active, so it cannot take over from {part.old}")
        heirs.setdefault(part.record_id, {})[part.no] = Heir(part.old, fact)
    handed: list[Handed] = []
    ids = sorted(heirs)
    try:
        with transaction.atomic():
            for start in range(0, len(ids), BATCH):
                handed += _hand_over(directory, {i: heirs[i] for i in ids[start : start + BATCH]}, act, at_us)
    except OperationalError as error:
        if isinstance(error.__cause__, (pg.LockNotAvailable, pg.DeadlockDetected)):
            raise Busy("a record is being changed by somebody else") from error
        raise
    return handed


def _hand_over(directory: Directory, heirs: Mapping[UUID, Mapping[int, Heir]], act: str, at_us: int) -> list[Handed]:
    district_id = directory.district.id
    written, working, handed = Written(), [], []
    for row in store.lock(district_id, sorted(heirs)).values():
        work = opened(directory, row)
        event = succeed(work.playbook, row.state, heirs[row.record_id], act, at_us // 1_000_000)
        if event is None:
            continue  # it was done while the lock was waited for
        take(directory, work, Command(str(new_id()), SUCCEED), event, at_us, written)
        working.append(work)
        for told in event.payload["args"]["parts"]:
            no, old, new = told.split(":")
            handed.append(Handed(work.record_id, int(no), old, new))
    write(district_id, working, written, at_us)
    return handed
