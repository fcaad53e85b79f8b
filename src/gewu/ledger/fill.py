"""Filling: rows of projections and journals for records that are older than these tables."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from gewu.ledger import rows, store
from gewu.ledger.keys import Cipher, unwrap
from gewu.ledger.progress import Progress
from gewu.ledger.projections import journals_of, projections_of
from gewu.ledger.rebuild import by_number, changes_of, page_of, select_from


def fill(district_id: int, progress: Progress | None = None) -> int:
    """Write the rows of projections and journals that records lack, because they are older than these tables.

    Idempotent; records that have their rows are left alone. Returns the number of records that got rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT kind FROM ledger_record WHERE district_id = %s", [district_id])
        kinds = sorted(row[0] for row in cursor.fetchall())
    tables = {p.table for kind in kinds for p in projections_of(kind)}
    tables |= {j.table for kind in kinds for j in journals_of(kind)}
    filled = 0
    last = UUID(int=0)
    while tables and (ids := page_of(district_id, last)):
        with transaction.atomic():
            filled += _fill_page(district_id, ids)
        last = ids[-1]
        if progress:
            progress.advance(len(ids))
    return filled


def _fill_page(district_id: int, ids: list[UUID]) -> int:
    """Under the lock of the records, so that nobody adds an event meanwhile."""
    locked = store.lock(district_id, ids)
    have: dict[str, set[UUID]] = {}
    for kind in {row.state.kind for row in locked.values()}:
        for table in [*(p.table for p in projections_of(kind)), *(j.table for j in journals_of(kind))]:
            have[table] = {r[0] for r in select_from(("record_id",), table, district_id, ids)}
    wanting = [
        i
        for i, row in locked.items()
        if any(i not in have[p.table] for p in projections_of(row.state.kind))
        or any(i not in have[j.table] for j in journals_of(row.state.kind))
    ]
    events: dict[UUID, list[tuple[Any, ...]]] = {i: [] for i in wanting}
    for row in select_from(rows.EVENT_COLUMNS, "ledger_event", district_id, wanting):
        events[row[1]].append(row)
    filled = 0
    for record_id in wanting:
        row = locked[record_id]
        cipher = None
        if row.wrapped is not None:
            cipher = Cipher(unwrap(row.wrapped, row.key_id, district_id, record_id), district_id, record_id)
        filled += _fill_record(
            district_id, record_id, row.state.kind, cipher, sorted(events[record_id], key=by_number), have
        )
    return filled


def _fill_record(
    district_id: int,
    record_id: UUID,
    kind: str,
    cipher: Cipher | None,
    events: list[tuple[Any, ...]],
    have: dict[str, set[UUID]],
) -> bool:
    """Write what one record lacks. Returns whether that was anything."""
    projections = [p for p in projections_of(kind) if record_id not in have[p.table]]
    journals = [j for j in journals_of(kind) if record_id not in have[j.table]]
    columns: dict[str, dict[str, Any]] = {p.table: {} for p in projections}
    added: dict[str, list[tuple[Any, ...]]] = {j.table: [] for j in journals}
    for change in changes_of(district_id, record_id, events, cipher, cipher is None):
        for projection in projections:
            columns[projection.table].update(projection.delta(change))
        for journal in journals:
            added[journal.table] += [(district_id, record_id, change.event.seq, *r) for r in journal.rows(change)]
    for projection in projections:
        values = columns[projection.table]
        if cipher is None:
            values |= dict.fromkeys(projection.private)
        names = ("district_id", "record_id", *values)
        store.insert(projection.table, names, [(district_id, record_id, *values.values())])
    for journal in journals:
        store.insert(journal.table, ("district_id", "record_id", "seq", *journal.columns), added[journal.table])
    return bool(projections or any(added.values()))
