"""Erasing: the key of a record's words is destroyed, and with it every word, wherever its ciphertext was copied.

The chain hashes ciphertext, so ``verify`` still passes; ``rebuild`` compares erased columns as erased.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from gewu.ledger import store
from gewu.ledger.attachments import path_of
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.ledger.projections import journals_of, projections_of


@dataclass(frozen=True, slots=True)
class Erasing:
    """An erasing that is about to be committed. ``what``: ``all`` or ``photos``; ``reason`` is a code, never words."""

    district_id: int
    record_id: UUID
    at: datetime
    what: str
    reason: str
    by: str


Watcher = Callable[[Erasing], None]
_WATCHERS: list[Watcher] = []
_FOLLOWERS: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """Tell upper floors of every erasing, as the last thing before it is committed: what they raise stops it."""
    if watcher not in _WATCHERS:
        _WATCHERS.append(watcher)


def follow(follower: Watcher) -> None:
    """Have ``follower`` erase in the same transaction what goes with a record, once no watcher stopped its erasing."""
    if follower not in _FOLLOWERS:
        _FOLLOWERS.append(follower)


def _tell(erasing: Erasing) -> None:
    for watcher in (*_WATCHERS, *_FOLLOWERS):
        watcher(erasing)


def erase(
    district_id: int, record_id: UUID, acting: Acting, *, reason: str = "request", at: datetime | None = None
) -> datetime:
    """Destroy the words, the private columns and the photos of a record. Idempotent; returns when it was erased.

    Who did it and when stands in the key's row, which stays. ``reason`` is a code (``request``, ``retention``,
    ``restore``), ``at`` the instant it counts from where an earlier erasing is repeated. Raises ``NotFound``, and what
    a watcher raises (``Held``).
    """
    with transaction.atomic():
        row = store.lock(district_id, [record_id]).get(record_id)
        if row is None:
            raise NotFound("no such record")
        now = at or datetime.now(UTC)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ledger_recordkey SET wrapped = NULL, erased_at = coalesce(erased_at, %s), erased_by ="
                " CASE WHEN erased_at IS NULL THEN %s ELSE erased_by END"
                " WHERE district_id = %s AND record_id = %s RETURNING erased_at",
                [now, acting.actor.person, district_id, record_id],
            )
            erased_at: datetime = cursor.fetchone()[0]
        photos = _forget_photos(district_id, record_id)
        for projection in projections_of(row.state.kind):
            store.update_detail(projection.table, district_id, record_id, dict.fromkeys(projection.private))
        for journal in journals_of(row.state.kind):
            store.delete_of(journal.table, district_id, record_id)
        if row.wrapped is not None or photos:
            _tell(Erasing(district_id, record_id, erased_at, "all", reason, acting.actor.person))
        transaction.on_commit(lambda: _unlink(district_id, photos))
    return erased_at


def erase_photos(
    district_id: int, record_id: UUID, acting: Acting, *, reason: str = "request", at: datetime | None = None
) -> int:
    """Destroy the photos of a record and leave its words. Returns how many there were; raises as ``erase``."""
    with transaction.atomic():
        if record_id not in store.lock(district_id, [record_id]):
            raise NotFound("no such record")
        photos = _forget_photos(district_id, record_id)
        if photos:
            _tell(Erasing(district_id, record_id, at or datetime.now(UTC), "photos", reason, acting.actor.person))
        transaction.on_commit(lambda: _unlink(district_id, photos))
    return len(photos)


def _forget_photos(district_id: int, record_id: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_attachment SET wrapped = NULL, sha256 = '', lon_e6 = NULL, lat_e6 = NULL, taken_at = NULL"
            " WHERE district_id = %s AND record_id = %s AND wrapped IS NOT NULL RETURNING id",
            [district_id, record_id],
        )
        return [r[0] for r in cursor.fetchall()]


def _unlink(district_id: int, photos: list[UUID]) -> None:
    """Only after the commit: a file without its key tells nothing, a key without its file would."""
    for photo_id in photos:
        path_of(district_id, photo_id).unlink(missing_ok=True)
