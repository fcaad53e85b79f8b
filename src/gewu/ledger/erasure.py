"""Erasing: the key of a record's words is destroyed, and with it every word, wherever its ciphertext was copied.

The chain hashes ciphertext, so ``verify`` still passes; ``rebuild`` compares erased columns as erased.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from gewu.ledger import store
from gewu.ledger.attachments import path_of
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.ledger.projections import journals_of, projections_of


def erase(district_id: int, record_id: UUID, acting: Acting) -> datetime:
    """Destroy the words, the private columns and the photos of a record. Idempotent; returns when it was erased.

    Who did it and when stands in the key's row, which stays. Raises ``NotFound``.
    """
    with transaction.atomic():
        row = store.lock(district_id, [record_id]).get(record_id)
        if row is None:
            raise NotFound("no such record")
        now = datetime.now(UTC)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ledger_recordkey SET wrapped = NULL, erased_at = coalesce(erased_at, %s), erased_by ="
                " CASE WHEN erased_at IS NULL THEN %s ELSE erased_by END"
                " WHERE district_id = %s AND record_id = %s RETURNING erased_at",
                [now, acting.actor.person, district_id, record_id],
            )
            erased_at: datetime = cursor.fetchone()[0]
            cursor.execute(
                "UPDATE ledger_attachment SET wrapped = NULL, lon_e6 = NULL, lat_e6 = NULL, taken_at = NULL"
                " WHERE district_id = %s AND record_id = %s RETURNING id",
                [district_id, record_id],
            )
            photos = [r[0] for r in cursor.fetchall()]
        for projection in projections_of(row.state.kind):
            store.update_detail(projection.table, district_id, record_id, dict.fromkeys(projection.private))
        for journal in journals_of(row.state.kind):
            store.delete_of(journal.table, district_id, record_id)
    for photo_id in photos:
        path_of(district_id, photo_id).unlink(missing_ok=True)
    return erased_at
