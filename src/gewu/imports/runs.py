"""A file on its way: uploaded, looked through, confirmed by a person, carried out in batches, told.

The file and its bad rows are kept under a key of the run; the file goes when the run is over, the rows after
``KEEP_DAYS``, each with the key. A run is worked on under a lease; every batch is one transaction together with the
counts and the row up to which all is done, so that a run that was broken off goes on where it stood.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from gewu.home.layout import Home
from gewu.imports import left
from gewu.imports.intake import BAD, Taken
from gewu.imports.mapping import Platform
from gewu.imports.problems import BadFile, Problem, problem_of
from gewu.imports.sheets.table import MAX_BYTES
from gewu.ledger.door import new_id
from gewu.ledger.keys import Cipher, KeyFault, make_key, unwrap
from gewu.ledger.rows import dumps
from gewu.ledger.store import as_json

KEEP_DAYS = 14
LEASE = timedelta(seconds=60)
PAGE = 30
WAITING, CHECKING, CHECKED = "waiting", "checking", "checked"
CONFIRMED, RUNNING, DONE = "confirmed", "running", "done"
REFUSED, CANCELLED = "refused", "cancelled"
WORK = (WAITING, CHECKING, CONFIRMED, RUNNING)
OVER = (DONE, REFUSED, CANCELLED)

_COLUMNS = (
    "id", "platform", "file_name", "size", "person", "post", "language", "status", "choices", "preview", "fault",
    "total", "next_row", "created", "changed", "known", "bad", "alike", "key_id", "wrapped", "worker", "made_at",
    "done_at",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM imports_run WHERE district_id = %s"


class Superseded(Exception):
    """Somebody else works on this run by now, or it was cancelled."""


@dataclass(frozen=True, slots=True)
class Run:
    """A row of ``imports_run``."""

    district_id: int
    id: UUID
    platform: str
    file_name: str
    size: int
    person: str
    post: str
    language: str
    status: str
    choices: dict[str, str]
    preview: dict[str, Any]
    fault: list[Any]
    total: int
    next_row: int
    created: int
    changed: int
    known: int
    bad: int
    alike: int
    key_id: str
    wrapped: bytes | None
    worker: str
    made_at: datetime
    done_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in OVER

    @property
    def done_rows(self) -> int:
        """Rows that have an outcome."""
        return self.created + self.changed + self.known + self.bad

    @property
    def problem(self) -> Problem | None:
        """Why the whole file was refused."""
        return problem_of(self.fault) if self.fault else None

    @property
    def path(self) -> Path:
        """Where the file is kept."""
        return folder(self.district_id) / f"{self.id}.bin"

    def cipher(self) -> Cipher:
        """What its file and bad rows are encrypted with. Raises ``BadFile`` once it is gone."""
        if self.wrapped is None:
            raise BadFile("gone")
        try:
            return Cipher(unwrap(self.wrapped, self.key_id, self.district_id, self.id), self.district_id, self.id)
        except KeyFault as error:
            raise BadFile("gone") from error

    def data(self) -> bytes:
        """The bytes that were uploaded. Raises ``BadFile`` once they are gone."""
        try:
            return self.cipher().open_bytes(self.path.read_bytes())
        except (OSError, KeyFault) as error:
            raise BadFile("gone") from error


def folder(district_id: int) -> Path:
    """Where files wait: readable by nobody else, and encrypted besides."""
    return Home.current().path / "imports" / str(district_id)


# ---- making and reading


def upload(
    district_id: int,
    platform: Platform,
    file_name: str,
    data: bytes,
    *,
    person: str,
    post: str,
    language: str,
    now: datetime | None = None,
    worker: str = "",
) -> UUID:
    """Keep a file that was sent and have it looked through, by ``worker`` at once if one is named.

    Raises ``BadFile`` for one that is empty or too large.
    """
    now = now or datetime.now(UTC)
    if not data:
        raise BadFile("empty")
    if len(data) > MAX_BYTES:
        raise BadFile("too_large", megabytes=MAX_BYTES // (1024 * 1024))
    run_id = new_id()
    plain, key_id, wrapped = make_key(district_id, run_id)
    _store(folder(district_id) / f"{run_id}.bin", Cipher(plain, district_id, run_id).seal_bytes(data))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imports_run (district_id, id, platform, file_name, size, person, post, language, status,"
            " choices, preview, fault, total, next_row, created, changed, known, bad, alike, key_id, wrapped, worker,"
            " lease_until, made_at, done_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', '{}', '[]', 0, 0, 0,"
            " 0, 0, 0, 0, %s, %s, %s, %s, %s, NULL)",
            [
                district_id, run_id, platform.code, _short(file_name), len(data), person, post, language,
                CHECKING if worker else WAITING, key_id, wrapped, worker, now + LEASE if worker else None, now,
            ],
        )  # fmt: skip
    return run_id


def _short(name: str) -> str:
    bare = "".join(c for c in Path(name.replace("\\", "/")).name if c.isprintable())
    return bare[-120:] or "?"


def _store(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def get(district_id: int, run_id: UUID) -> Run | None:
    """One run."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} AND id = %s", [district_id, run_id])
        row = cursor.fetchone()
    return _run(district_id, row) if row else None


def recent(district_id: int, limit: int = PAGE) -> list[Run]:
    """The latest runs of a district."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} ORDER BY made_at DESC LIMIT %s", [district_id, limit])
        return [_run(district_id, row) for row in cursor.fetchall()]


def with_rows_left(district_id: int, platforms: Sequence[str]) -> list[Run]:
    """The runs of these platforms of which rows that were left out are still kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SELECT} AND platform = ANY(%s) AND wrapped IS NOT NULL AND EXISTS (SELECT FROM imports_fault f"
            " WHERE f.district_id = imports_run.district_id AND f.run_id = imports_run.id) ORDER BY id",
            [district_id, list(platforms)],
        )
        return [_run(district_id, row) for row in cursor.fetchall()]


def _run(district_id: int, row: Sequence[Any]) -> Run:
    found = dict(zip(_COLUMNS, row, strict=True))
    for name in ("choices", "preview", "fault"):
        found[name] = as_json(found[name])
    found["wrapped"] = None if found["wrapped"] is None else bytes(found["wrapped"])
    return Run(district_id=district_id, **found)


# ---- what a person decides


def confirm(
    run: Run, choices: Mapping[str, str], language: str, *, worker: str = "", now: datetime | None = None
) -> bool:
    """Have it carried out, with these meanings of unknown categories. False when it is not waiting for that.

    With ``worker`` it is that worker's at once.
    """
    if not worker:
        return _restart(run, CONFIRMED, choices, language)
    return _restart(run, RUNNING, choices, language, worker, (now or datetime.now(UTC)) + LEASE)


def look_again(run: Run, choices: Mapping[str, str], language: str) -> bool:
    """Look through it once more with these meanings of unknown categories."""
    return _restart(run, WAITING, choices, language)


def _restart(
    run: Run,
    status: str,
    choices: Mapping[str, str],
    language: str,
    worker: str = "",
    lease: datetime | None = None,
) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_run SET status = %s, choices = %s, language = %s, next_row = 0, created = 0, changed = 0,"
            " known = 0, bad = 0, alike = 0, worker = %s, lease_until = %s"
            " WHERE district_id = %s AND id = %s AND status = %s",
            [
                status,
                dumps({**run.choices, **choices}),
                language,
                worker,
                lease,
                run.district_id,
                run.id,
                CHECKED,
            ],
        )
        if not cursor.rowcount:
            return False
        left.forget(run)
    return True


def cancel(run: Run, now: datetime | None = None) -> bool:
    """Stop it. What was imported stays. False when it is over already."""
    return _end(run, CANCELLED, [], now or datetime.now(UTC))


# ---- what the worker does


def claim(district_id: int, worker: str, now: datetime) -> Run | None:
    """The run of a district that waits longest and that nobody works on, under a lease."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_run r SET worker = %s, lease_until = %s,"
            " status = CASE r.status WHEN 'waiting' THEN 'checking' WHEN 'confirmed' THEN 'running' ELSE r.status END"
            " FROM (SELECT id FROM imports_run WHERE district_id = %s"
            " AND status IN ('waiting', 'checking', 'confirmed', 'running')"
            " AND (lease_until IS NULL OR lease_until <= %s) ORDER BY made_at LIMIT 1 FOR UPDATE SKIP LOCKED) f"
            " WHERE r.district_id = %s AND r.id = f.id"
            f" RETURNING {', '.join(f'r.{name}' for name in _COLUMNS)}",
            [worker, now + LEASE, district_id, now, district_id],
        )
        row = cursor.fetchone()
    return _run(district_id, row) if row else None


def looked_at(run: Run, rows: int, now: datetime) -> None:
    """Say how far the first look is, and keep the lease. Raises ``Superseded``."""
    _advance(run, "next_row = %s", [rows], CHECKING, now)


def checked(run: Run, preview: Mapping[str, Any], bad: Sequence[Taken], now: datetime) -> None:
    """The first look is over: keep what it found for the person who decides. Raises ``Superseded``."""
    with transaction.atomic():
        left.forget(run)
        left.keep(run, bad)
        _advance(
            run,
            "status = 'checked', preview = %s, total = %s, next_row = 0, lease_until = NULL",
            [dumps(dict(preview)), preview["rows"]],
            CHECKING,
            now,
        )


@dataclass(slots=True)
class Progress:
    """How far a run that is carried out has come, as its worker knows it."""

    next_row: int


def settle(run: Run, progress: Progress, last_row: int, results: Sequence[Taken], now: datetime) -> None:
    """Write a batch's results down, in the batch's own transaction. Raises ``Superseded``, which undoes the batch."""
    bad = [one for one in results if one.outcome == BAD]
    counts = {name: sum(one.outcome == name for one in results) for name in ("created", "changed", "known", "bad")}
    alike = [[one.number, *one.alike] for one in results if one.alike]
    left.keep(run, bad)
    _advance(
        run,
        "next_row = %s, created = created + %s, changed = changed + %s, known = known + %s, bad = bad + %s,"
        " alike = alike + %s, preview = jsonb_set(preview, '{alike}', coalesce(preview->'alike', '[]') || %s::jsonb)",
        [last_row, *counts.values(), len(alike), dumps(alike)],
        RUNNING,
        now,
        next_row=progress.next_row,
    )


def _advance(
    run: Run, sets: str, params: list[Any], status: str, now: datetime, *, next_row: int | None = None
) -> None:
    at = " AND next_row = %s" if next_row is not None else ""
    lease = "" if "lease_until" in sets else ", lease_until = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE imports_run SET {sets}{lease} WHERE district_id = %s AND id = %s AND worker = %s"
            f" AND status = %s{at}",
            [
                *params, *([now + LEASE] if lease else []), run.district_id, run.id, run.worker, status,
                *([next_row] if next_row is not None else []),
            ],
        )  # fmt: skip
        if not cursor.rowcount:
            raise Superseded(f"run {run.id}")


def finish(run: Run, now: datetime) -> None:
    """Everything was done."""
    _end(run, DONE, [], now)


def refuse(run: Run, problem: Problem, now: datetime) -> None:
    """The file as a whole cannot be imported."""
    _end(run, REFUSED, problem.as_json(), now)


def _end(run: Run, status: str, fault: list[Any], now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_run SET status = %s, fault = %s, done_at = %s, lease_until = NULL"
            " WHERE district_id = %s AND id = %s AND NOT status = ANY(%s)",
            [status, dumps(fault), now, run.district_id, run.id, list(OVER)],
        )
        ended = bool(cursor.rowcount)
    run.path.unlink(missing_ok=True)  # its good rows live on as cases, under keys that can be erased
    return ended


def purge(district_id: int, now: datetime) -> int:
    """Remove what is older than ``KEEP_DAYS``: files that nobody confirmed, bad rows, and the keys of both."""
    limit = now - timedelta(days=KEEP_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SELECT} AND wrapped IS NOT NULL AND made_at < %s AND NOT status = ANY(%s)",
            [district_id, limit, [CONFIRMED, RUNNING]],
        )
        old = [_run(district_id, row) for row in cursor.fetchall()]
    for run in old:
        with transaction.atomic(), connection.cursor() as cursor:
            left.forget(run)
            cursor.execute(
                "UPDATE imports_run SET wrapped = NULL, status = CASE WHEN status = ANY(%s) THEN status ELSE %s END,"
                " done_at = coalesce(done_at, %s) WHERE district_id = %s AND id = %s",
                [list(OVER), CANCELLED, now, district_id, run.id],
            )
        run.path.unlink(missing_ok=True)
    return len(old)


def in_batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Rows in lists of at most so many."""
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
