"""A sheet of a queue on its way: asked for, made by a process of its own under a lease, fetched, removed after a day.

A sheet that was broken off is begun anew by whoever takes it up: it is a copy of what is, so nothing is lost by that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.home.layout import Home
from gewu.ledger.door import Acting, new_id
from gewu.ledger.rows import dumps
from gewu.ledger.store import as_json

KEEP = timedelta(hours=24)
LEASE = timedelta(seconds=60)
MOST_ROWS = 50_000
MOST_WAITING = 3
"""So many sheets of one person are made or wait at a time."""
SHOWN = 20
WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
WORK = (WAITING, RUNNING)

_COLUMNS = (
    "id", "person", "post", "language", "title", "query", "sight", "status", "total", "done", "size", "worker",
    "made_at", "done_at",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM worklists_sheet WHERE district_id = %s"


class Superseded(Exception):
    """Somebody else makes this sheet by now, or it was cancelled."""


class Busy(Exception):
    """The person has ``MOST_WAITING`` sheets on their way already."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A row of ``worklists_sheet``."""

    district_id: int
    id: UUID
    person: str
    post: str
    language: str
    title: str
    query: dict[str, str]
    sight: str
    status: str
    total: int
    done: int
    size: int
    worker: str
    made_at: datetime
    done_at: datetime | None

    @property
    def path(self) -> Path:
        """Where the file is kept, readable by nobody else."""
        return Home.current().path / "sheets" / str(self.district_id) / f"{self.id}.xlsx"

    @property
    def works(self) -> bool:
        """Whether it is on its way."""
        return self.status in WORK

    @property
    def until(self) -> datetime:
        """Until when it is kept."""
        return (self.done_at or self.made_at) + KEEP


def sight_of(acting: Acting) -> str:
    """A digest of what an identity may see: the same as long as unit, roles and territory are."""
    scope = acting.scope
    parts = [acting.actor.person, acting.actor.unit, acting.path, *sorted(acting.actor.roles)]
    if scope is not None:
        parts += ["|", *sorted(scope.prefixes), "|", *sorted(scope.areas)]
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def ask(district_id: int, acting: Acting, post: str, language: str, title: str, query: Mapping[str, str]) -> UUID:
    """Have a sheet made. Raises ``Busy``."""
    fresh = new_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO worklists_sheet (district_id, id, person, post, language, title, query, sight, status, total,"
            " done, size, worker, lease_until, made_at, done_at)"
            " SELECT %s, %s, %s, %s, %s, %s, %s, %s, 'waiting', 0, 0, 0, '', NULL, %s, NULL WHERE (SELECT count(*)"
            " FROM worklists_sheet WHERE district_id = %s AND person = %s AND status = ANY(%s)) < %s",
            [
                district_id, fresh, acting.actor.person, post, language, title, dumps(dict(query)), sight_of(acting),
                datetime.now(UTC), district_id, acting.actor.person, list(WORK), MOST_WAITING,
            ],
        )  # fmt: skip
        if not cursor.rowcount:
            raise Busy
    return fresh


def of_person(district_id: int, person: str, post: str) -> list[Sheet]:
    """The latest sheets of a person at a post."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SELECT} AND person = %s AND post = %s ORDER BY made_at DESC LIMIT %s",
            [district_id, person, post, SHOWN],
        )
        return [_sheet(district_id, row) for row in cursor.fetchall()]


def get(district_id: int, sheet_id: UUID, person: str, post: str) -> Sheet | None:
    """A sheet of this person at this post."""
    return next(iter(_some(district_id, " AND id = %s AND person = %s AND post = %s", [sheet_id, person, post])), None)


def cancel(sheet: Sheet) -> None:
    """Stop it, or throw away what was made."""
    _set(sheet, "status = 'cancelled', done_at = %s, lease_until = NULL", [datetime.now(UTC)])
    sheet.path.unlink(missing_ok=True)


# ---- what the worker does


def claim(district_id: int, worker: str, now: datetime) -> Sheet | None:
    """The sheet of a district that waits longest and that nobody makes, under a lease."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE worklists_sheet s SET worker = %s, lease_until = %s, status = 'running', done = 0 FROM (SELECT id"
            " FROM worklists_sheet WHERE district_id = %s AND status IN ('waiting', 'running')"
            " AND (lease_until IS NULL OR lease_until <= %s) ORDER BY made_at LIMIT 1 FOR UPDATE SKIP LOCKED) f"
            f" WHERE s.district_id = %s AND s.id = f.id RETURNING {', '.join(f's.{name}' for name in _COLUMNS)}",
            [worker, now + LEASE, district_id, now, district_id],
        )
        row = cursor.fetchone()
    return _sheet(district_id, row) if row else None


def advance(sheet: Sheet, done: int, total: int, now: datetime) -> None:
    """Say how far it is, and keep the lease. Raises ``Superseded``."""
    _working(sheet, "done = %s, total = %s, lease_until = %s", [done, total, now + LEASE])


def finish(sheet: Sheet, done: int, size: int, now: datetime) -> None:
    """It can be fetched. Raises ``Superseded``."""
    _working(
        sheet, "status = 'done', done = %s, total = %s, size = %s, done_at = %s, lease_until = NULL",
        [done, done, size, now],
    )  # fmt: skip


def fail(sheet: Sheet, now: datetime) -> None:
    """It cannot be made. Raises ``Superseded``."""
    _working(sheet, "status = 'failed', done_at = %s, lease_until = NULL", [now])


def purge(district_id: int, now: datetime) -> int:
    """Remove sheets that were kept long enough, with their files. Returns how many."""
    old = _some(district_id, " AND coalesce(done_at, made_at) < %s AND status <> 'running'", [now - KEEP])
    for sheet in old:
        sheet.path.unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM worklists_sheet WHERE district_id = %s AND id = ANY(%s)",
            [district_id, [sheet.id for sheet in old]],
        )
    return len(old)


def _working(sheet: Sheet, sets: str, params: list[Any]) -> None:
    if not _set(sheet, sets, params, " AND status = 'running' AND worker = %s", [sheet.worker]):
        raise Superseded(str(sheet.id))


def _set(sheet: Sheet, sets: str, params: list[Any], more: str = "", values: Sequence[Any] = ()) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE worklists_sheet SET {sets} WHERE district_id = %s AND id = %s{more}",
            [*params, sheet.district_id, sheet.id, *values],
        )
        return bool(cursor.rowcount)


def _some(district_id: int, more: str, params: list[Any]) -> list[Sheet]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT}{more}", [district_id, *params])
        return [_sheet(district_id, row) for row in cursor.fetchall()]


def _sheet(district_id: int, row: Sequence[Any]) -> Sheet:
    found = dict(zip(_COLUMNS, row, strict=True))
    found["query"] = as_json(found["query"])
    return Sheet(district_id=district_id, **found)
