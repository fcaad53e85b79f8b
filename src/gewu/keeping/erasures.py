"""Erasing is written down outside the database, and repeated in a system that was restored from before it.

A backup that was made before an erasing still holds the wrapped key. So each erasing is also a line in
``GEWU_HOME/erasures.jsonl``; a restored system reads the journal and forgets again. A line names no person but the
post's holder by number, and no word of the record. The same holds for a released copy of a photo that was taken away
from the public: a restored system does not publish it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from gewu.home.layout import Home
from gewu.keeping.journal import COPY, Entry, append
from gewu.keeping.releases import repeat_withdrawal
from gewu.ledger.door import SYSTEM
from gewu.ledger.erasure import Erasing, erase, erase_photos
from gewu.ledger.errors import NotFound

REPEATED = "restore"
"""The reason of an erasing that is repeated after a restore; it is in the journal already."""


def note(erasing: Erasing) -> None:
    """Write an erasing down, as the last thing before it is committed (see ``gewu.ledger.erasure.watch``).

    Before, not after: if the commit then fails, a restored system forgets what somebody meant to be forgotten; the
    other way round it would remember what was to be forgotten.
    """
    if erasing.reason == REPEATED:
        return
    append(
        [Entry(erasing.district_id, erasing.record_id, erasing.at, erasing.what, erasing.reason, erasing.by)],
        Home.current(),
    )


def replay(entries: Iterable[Entry]) -> tuple[int, int]:
    """Erase again what a journal names. Returns (erased now, not there): what is erased already counts as neither."""
    done = missing = 0
    for entry in entries:
        if _is_forgotten(entry):
            continue
        try:
            if entry.what.startswith(COPY):
                repeat_withdrawal(entry)
            elif entry.what == "photos":
                erase_photos(entry.district_id, entry.record_id, SYSTEM, reason=REPEATED, at=entry.at)
            else:
                erase(entry.district_id, entry.record_id, SYSTEM, reason=REPEATED, at=entry.at)
            done += 1
        except NotFound:
            missing += 1  # the record is younger than the backup
    return done, missing


def _is_forgotten(entry: Entry) -> bool:
    there = "EXISTS (SELECT FROM ledger_record WHERE district_id = %s AND id = %s)"
    if entry.what.startswith(COPY):
        query = (
            "SELECT NOT EXISTS (SELECT FROM keeping_release WHERE district_id = %s AND record_id = %s AND copy_id = %s"
            f" AND withdrawn_at IS NULL) AND {there}"
        )
        copy = entry.what.removeprefix(COPY)
        params: list[Any] = [entry.district_id, entry.record_id, copy, entry.district_id, entry.record_id]
    elif entry.what == "photos":
        query = (
            "SELECT NOT EXISTS (SELECT FROM ledger_attachment WHERE district_id = %s AND record_id = %s"
            f" AND wrapped IS NOT NULL) AND {there}"
        )
        params = [entry.district_id, entry.record_id, entry.district_id, entry.record_id]
    else:
        query = (
            "SELECT EXISTS (SELECT FROM ledger_recordkey WHERE district_id = %s AND record_id = %s"
            " AND wrapped IS NULL AND erased_at IS NOT NULL)"
        )
        params = [entry.district_id, entry.record_id]
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return bool(cursor.fetchone()[0])
