"""Export to Parquet: facts, recurrence, appeals and the events themselves, as of one instant.

Everything comes from one repeatable-read snapshot, straight from the server's COPY through a pipe into the columnar
writer: nothing is held in memory and no second copy lies on disk. Free words are not in it, nor names; of erased
records the position is left out too. The folder is written beside its place and renamed when it is whole.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from django.db import connection, transaction

import gewu
from gewu.evaluation import columns as c
from gewu.evaluation.engine import APPEALS, EVENTS, FACTS, RECURRENCE
from gewu.evaluation.packfiles import definitions_of
from gewu.evaluation.readme import README
from gewu.evaluation.values import months
from gewu.registry.directory import get_directory

MANIFEST = "export.json"
DEFINITIONS = "definitions.json"
FORMAT = 1
_BLOCK = 1 << 20
_NULL = "\\N"


class NotAnExport(FileExistsError):
    """The folder exists and is no export, so it is not overwritten."""


class NoDistrict(LookupError):
    """There is no such district, or none at all."""


@dataclass(slots=True)
class Exported:
    """What was written."""

    folder: Path
    as_of: int
    rows: dict[str, int] = field(default_factory=dict)
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Table:
    """A file: its columns with their types, and the query that gives them. ``lists`` come as words with blanks."""

    file: str
    types: Mapping[str, str]
    query: str
    lists: Sequence[str] = ()


Step = Callable[[str, int], Any]


def export(
    district_ids: Sequence[int], folder: Path, *, step: Step | None = None, now: datetime | None = None
) -> Exported:
    """Write an export of these districts (an empty list means all). ``step(label, total)`` gives something with
    ``advance(n)``, for each file. Raises ``NotAnExport``, ``NoDistrict`` and ``OSError``.
    """
    folder = folder.absolute()
    if folder.exists() and not (folder / MANIFEST).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotAnExport(f"{folder} exists and is no export: name another folder, or empty it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made = _write(list(district_ids), partial, step, now or datetime.now(UTC))
        _put_in_place(partial, folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    made.folder = folder
    return made


def _put_in_place(partial: Path, folder: Path) -> None:
    """The new folder takes the old one's name; the old one goes last."""
    partial.chmod(0o750)
    old = folder.with_name(f"{partial.name}-old")
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _write(district_ids: list[int], partial: Path, step: Step | None, now: datetime) -> Exported:
    as_of = int(now.timestamp())
    made = Exported(partial, as_of)
    with _snapshot():
        ids = _districts(district_ids)
        for table in _tables(ids):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM ({table.query}) q")
                total = int(cursor.fetchone()[0])
            progress = step(table.file, total) if step else None
            _copy(table, partial, progress)
            made.rows[table.file] = total
        described = [_described(district_id, as_of) for district_id in ids]
    _json(partial / DEFINITIONS, {str(d["id"]): d.pop("definitions") for d in described})
    (partial / "README.txt").write_text(README, encoding="utf-8")
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": _digest(path), "rows": made.rows.get(path.name)}
        for path in sorted(partial.iterdir())
    }
    made.bytes = sum(path.stat().st_size for path in partial.iterdir())
    manifest = {
        "format": FORMAT,
        "gewu": gewu.__version__,
        "as_of": as_of,
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "districts": described,
        "files": files,
    }
    _json(partial / MANIFEST, manifest)
    return made


@contextmanager
def _snapshot() -> Iterator[None]:
    """One snapshot for everything that is read."""
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _districts(wanted: Sequence[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_district ORDER BY id")
        known = [int(row[0]) for row in cursor.fetchall()]
    chosen = [i for i in known if not wanted or i in wanted]
    if not chosen or len(chosen) < len(set(wanted)):
        raise NoDistrict("there is no such district")
    return chosen


def _described(district_id: int, as_of: int) -> dict[str, Any]:
    """A district: what it is called, its definitions, the months since its first report."""
    directory = get_directory(district_id)
    district, known = directory.district, definitions_of(district_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(reported_at) FROM evaluation_fact WHERE district_id = %s", [district_id])
        first = cursor.fetchone()[0]
    zone = ZoneInfo(district.timezone)
    until = datetime.fromtimestamp(as_of, zone)
    since = datetime.fromtimestamp(min(first or as_of, as_of), zone)
    count = (until.year - since.year) * 12 + until.month - since.month + 1
    return {
        "id": district_id,
        "code": district.code,
        "timezone": district.timezone,
        "periods": [
            {"code": p.code, "start": p.start, "end": p.end}
            for p in months(district.timezone, until.year, until.month, count)
        ],
        "definitions": {
            "version": known.version,
            "recurrence": known.recurrence.model_dump(),
            "indicators": [i.model_dump(by_alias=True, exclude_none=True) for i in known.indicators.values()],
            "grades": [g.model_dump() for g in known.grades],
            "formulas": [f.model_dump(exclude_none=True) for f in known.formulas.values()],
        },
    }


def _tables(ids: Sequence[int]) -> list[_Table]:
    here = f"district_id IN ({', '.join(str(i) for i in ids)})"
    types = (
        {"district_id": "INTEGER", "record_id": "VARCHAR"}
        | dict.fromkeys((*c.TEXTS, *c.PERSONS), "VARCHAR")
        | dict.fromkeys(c.FLAGS, "BOOLEAN")
        | dict.fromkeys(c.INSTANTS, "BIGINT")
        | dict.fromkeys(c.COUNTS, "INTEGER")
        | dict.fromkeys(c.ARRAYS, "VARCHAR[]")
        | {name: "INTEGER" if name.endswith("_late") else "BIGINT" for name in c.CLOCK_COLUMNS}
    )
    facts = ", ".join(f"array_to_string({n}, ' ') AS {n}" if n in c.ARRAYS else n for n in types)
    return [
        _Table(
            FACTS, types, f"SELECT {facts} FROM evaluation_fact WHERE {here} ORDER BY district_id, record_id", c.ARRAYS
        ),
        _Table(
            RECURRENCE,
            {"district_id": "INTEGER", "record_id": "VARCHAR", "next_record_id": "VARCHAR", "gap_seconds": "BIGINT"},
            "SELECT district_id, record_id, next_record_id, gap_seconds FROM evaluation_recurrence"
            f" WHERE {here} ORDER BY 1, 2",
        ),
        _Table(
            APPEALS,
            {"district_id": "INTEGER", "record_id": "VARCHAR", "number": "VARCHAR", "indicator": "VARCHAR"}
            | {"case_id": "VARCHAR", "unit": "VARCHAR", "stage": "VARCHAR"}
            | {"lodged_at": "BIGINT", "granted_at": "BIGINT", "rejected_at": "BIGINT"},
            "SELECT district_id, record_id, number, indicator, case_id, unit, stage, lodged_at, granted_at, rejected_at"
            f" FROM evaluation_appeal WHERE {here} ORDER BY 1, 2",
        ),
        _Table(
            EVENTS,
            {"district_id": "INTEGER", "record_id": "VARCHAR", "seq": "INTEGER", "at": "BIGINT", "actor": "VARCHAR"}
            | {"unit": "VARCHAR", "kind": "VARCHAR", "payload": "VARCHAR"},
            _events(here),
        ),
    ]


def _events(here: str) -> str:
    """Events of what is evaluated. A resident's visit has a secret, which stays here; so does an erased position."""
    where = here.replace("district_id", "e.district_id")
    return (
        "SELECT e.district_id, e.record_id, e.seq, (extract(epoch FROM e.at) * 1000000)::bigint AS at,"
        " CASE WHEN e.actor LIKE 'reporter%' THEN 'reporter' ELSE e.actor END AS actor, e.unit, e.kind,"
        " (CASE WHEN k.erased_at IS NULL THEN e.payload ELSE e.payload #- '{detail,lon_e6}' #- '{detail,lat_e6}'"
        " #- '{detail,candidates}' #- '{detail,outside_number}' END)::text AS payload"
        " FROM ledger_event e JOIN ledger_record r ON r.district_id = e.district_id AND r.id = e.record_id"
        " JOIN ledger_recordkey k ON k.district_id = e.district_id AND k.record_id = e.record_id"
        f" WHERE {where} AND r.kind IN ('case', 'score_appeal') ORDER BY e.district_id, e.record_id, e.seq"
    )


def _copy(table: _Table, folder: Path, progress: Any) -> None:
    """From the server through a pipe into the file."""
    pipe = folder / f".{table.file}.pipe"
    os.mkfifo(pipe, 0o600)
    faults: list[BaseException] = []
    writer = threading.Thread(target=_into_parquet, args=(table, pipe, folder / table.file, faults), daemon=True)
    writer.start()
    try:
        _feed(table, pipe, writer, progress)
    except BrokenPipeError:
        pass  # the reader ended; what it has to say is more to the point
    finally:
        writer.join()
        pipe.unlink()
    if faults:
        raise faults[0]


def _feed(table: _Table, pipe: Path, writer: threading.Thread, progress: Any) -> None:
    copying = f"COPY ({table.query}) TO STDOUT (FORMAT csv, NULL '{_NULL}')"
    with _opened(pipe, writer) as out, connection.cursor() as guard:
        guard.execute("SELECT 1")  # the connection is there and its transaction has begun
        with connection.connection.cursor() as cursor, cursor.copy(copying) as stream:
            for block in stream:
                data = bytes(block)
                out.write(data)
                if progress is not None:
                    progress.advance(data.count(b"\n"))


def _opened(pipe: Path, writer: threading.Thread) -> Any:
    """The pipe, once its reader is there. A reader that failed before it came is not waited for."""
    while True:
        try:
            number = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if not writer.is_alive():
                raise BrokenPipeError(errno.EPIPE, "the writer ended before it began") from error
            time.sleep(0.005)
            continue
        os.set_blocking(number, True)
        return os.fdopen(number, "wb", buffering=_BLOCK)


def _into_parquet(table: _Table, pipe: Path, target: Path, faults: list[BaseException]) -> None:
    types = {name: "VARCHAR" if name in table.lists else kind for name, kind in table.types.items()}
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    chosen = ", ".join(
        f"CASE WHEN {name} = '' THEN CAST([] AS VARCHAR[]) ELSE string_split({name}, ' ') END AS {name}"
        if name in table.lists
        else f'"{name}"'
        for name in types
    )
    try:
        with duckdb.connect() as base:
            base.execute(
                f"COPY (SELECT {chosen} FROM read_csv({_text(pipe)}, header = false, auto_detect = false, delim = ',',"
                f" quote = '\"', escape = '\"', nullstr = '{_NULL}', max_line_size = 67108864,"
                f" columns = {{{columns}}}))"
                f" TO {_text(target)} (FORMAT parquet, COMPRESSION zstd)"
            )
    except BaseException as error:  # told to the thread that feeds
        faults.append(error)
        _drain(pipe)


def _drain(pipe: Path) -> None:
    """Let go of a feeder that may be waiting: without a reader its next write fails."""
    if stat.S_ISFIFO(pipe.stat().st_mode):
        os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
