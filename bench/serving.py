"""Intake over HTTP by many clients, against the same rows as one prepared statement from bare psycopg."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from bench import profile
from bench.house import House, gewu, plain, role
from bench.measure import Result, statements_of
from bench.writing import rows_of

T = TypeVar("T")

_CONNECTIONS = 8
_PROCESSES = 2


@contextmanager
def _served() -> Iterator[tuple[int, list[int]]]:
    """The web server as `gewu serve` starts it, two processes of four threads. Yields its port and process ids."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gewu", "web", f"--port={port}", "--workers=2", "--threads=4"]
    process = subprocess.Popen(command, env={**os.environ, "GEWU_LIFELINE": str(os.getpid())}, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        yield port, _family(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [pid, *(one for child in found for one in _family(child))]


def _cpu(pids: list[int]) -> float:
    """Seconds of CPU that processes have used."""
    ticks = 0
    for pid in pids:
        try:
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _client(port: int, token: str, seconds: float) -> tuple[list[float], list[str]]:
    """Keep several connections busy with requests that are ready before; count the 201s."""
    body = json.dumps(
        {
            "form": {"source": "phone", "category": "matter:06012", "description": "路面有大片油污，行人易滑倒"},
            "position": {"lon": 108.4087, "lat": 30.8075},
        },
        ensure_ascii=False,
    ).encode()
    fixed = (
        "POST /api/v1/cases/intakes HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    done: list[float] = []
    failed: list[str] = []
    end = time.perf_counter() + seconds

    def work(_number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter() < end:
                fields = (*fixed, f"Idempotency-Key: {uuid4()}", "", "")
                head = "\r\n".join(fields).encode()
                begun = time.perf_counter()
                line.sendall(head + body)
                answer = _answer(line)
                if answer.startswith(b"HTTP/1.1 201"):
                    done.append(time.perf_counter() - begun)
                else:
                    failed.append(answer[-600:].decode(errors="replace"))
                    return

    _on_threads(work, _CONNECTIONS)
    return done, failed


def _answer(line: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = line.recv(65536)
        if not more:
            return data
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    length = 0
    for field in head.split(b"\r\n")[1:]:
        name, _, value = field.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(rest) < length:
        rest += line.recv(65536)
    return head + b"\r\n\r\n" + rest


def intake(house: House, seconds: float) -> Result:
    """New cases over the token API from 16 connections, and the limit: their rows in one statement, two processes."""
    login = next(one["login"] for one in house.made["logins"] if one["role"] == "intake_officer")
    token = gewu("token", login)["token"]
    with _served() as (port, pids):
        _many(_client, (port, token, min(3.0, seconds)))  # warm-up
        before = _cpu(pids)
        begun = time.perf_counter()
        answers = _many(_client, (port, token, seconds))
        wall = time.perf_counter() - begun
        cpu = _cpu(pids) - before
    times = [t for done, _ in answers for t in done]
    failed = [f for _, failed in answers for f in failed]
    if failed:
        raise RuntimeError(f"an intake was refused: {failed[0]}")
    bare = _many(_bare, (_statement(house), seconds))
    limit = sum(bare) / seconds
    _sweep(house)
    rate = len(times) / wall
    return Result(
        "intake", rate, "cases/s", limit, "the same rows as one prepared statement, bare psycopg in 2 processes", 0.15,
        "high", cpu_ms=cpu / len(times) * 1000, statements=_statements(house), size=len(times),
        spread=statistics.pstdev(times) / statistics.mean(times) if len(times) > 1 else 0.0,
        more={"aim_per_s": 1000, "median_ms": statistics.median(times) * 1000,
              "p95_ms": statistics.quantiles(times, n=20)[-1] * 1000, "where": profile.intake(house, 200)},
    )  # fmt: skip


def _many(target: Callable[..., T], arguments: tuple[Any, ...]) -> list[T]:
    """Run a function in two processes and gather what each answers. Raises what one of them raised."""
    with ProcessPoolExecutor(_PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = [pool.submit(target, *arguments) for _ in range(_PROCESSES)]
        return [one.result() for one in running]


def _on_threads(work: Callable[[int], T], count: int) -> list[T]:
    """Run a function on so many threads at once and gather what each answers. Raises what one of them raised."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def _statements(house: House) -> int:
    """Statements of one intake, beside the look-up of the token."""
    from gewu.cases import services

    who = role("intake_officer")
    intake = services.Intake(
        {"source": "phone", "category": "matter:06012"},
        {"description": "路面有大片油污"},
        services.Where(108.4087, 30.8075),
    )
    services.register_intake(house.district_id, who, intake)
    sent = statements_of(lambda: services.register_intake(house.district_id, who, intake))
    return len(sent)


def _statement(house: House) -> tuple[str, list[Any], list[int]]:
    """The rows of the newest case as one statement, its parameters, and which of them are ids to be made anew."""
    with plain() as connection:
        record = connection.execute(
            "SELECT id FROM ledger_record WHERE district_id = %s AND kind = 'case' AND version = 1"
            " ORDER BY id DESC LIMIT 1",
            [house.district_id],
        ).fetchone()[0]
        tables = rows_of(connection, house.district_id, [record])
    parts, params, fresh = [], [], []
    for number, (table, (columns, rows)) in enumerate(tables.items()):
        lines = []
        for row in rows:
            marks = []
            for name, value in zip(columns, row, strict=True):
                if value == record or name in ("command_id", "id", "number"):
                    fresh.append(len(params))
                marks.append("%s")
                params.append(json.dumps(value) if isinstance(value, dict) else value)
            lines.append("(" + ", ".join(marks) + ")")
        parts.append(f"t{number} AS (INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(lines)})")
    return f"WITH {', '.join(parts)} SELECT 1", params, [record, *fresh]


def _sweep(house: House) -> None:
    """Remove what bare statements wrote: their records have random ids, and keys that open nothing."""
    with plain(owner=True) as connection:
        made = "substr(record_id::text, 15, 1) = '4'"
        rows = connection.execute(
            "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_name)"
            " WHERE c.column_name = 'record_id' AND t.table_type = 'BASE TABLE' AND t.table_schema = 'public'"
        ).fetchall()
        for table in [*(row[0] for row in rows), "ledger_record"]:
            which = made if table != "ledger_record" else made.replace("record_id", "id")
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            connection.execute(f"DELETE FROM {table} WHERE district_id = %s AND {which}", [house.district_id])
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _bare(made: tuple[str, list[Any], list[Any]], seconds: float) -> int:
    """Insert the same rows again and again under new ids, one commit each, on four connections."""
    statement, params, (record, *fresh) = made

    def work(_number: int) -> int:
        count = 0
        with plain() as connection:
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                one = uuid4()
                given = list(params)
                for index in fresh:
                    old = params[index]
                    given[index] = one if old == record else (uuid4() if not isinstance(old, str) else uuid4().hex)
                connection.execute(statement, given, prepare=True)
                count += 1
        return count

    return sum(_on_threads(work, 4))
