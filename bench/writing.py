"""Bulk writing against COPY of the same rows, and a storm of due clocks."""

from __future__ import annotations

import csv
import json
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.house import CODE, ROOT, House, plain, role, written_columns
from bench.measure import Result


def rows_of(connection: Any, district_id: int, ids: list[Any]) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Every row that these records have, by table, in an order in which they can be written."""
    names = [
        row[0]
        for row in connection.execute(
            "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_name)"
            " WHERE c.column_name = 'record_id' AND t.table_type = 'BASE TABLE' AND c.table_schema = 'public'"
            " ORDER BY c.table_name"
        ).fetchall()
    ]
    names = [n for n in names if n not in ("ledger_notice", "ledger_sealedhead", "ledger_attachment")]
    found = {}
    for table, key in [("ledger_record", "id"), *((name, "record_id") for name in names)]:
        columns = written_columns(connection, table)
        rows = connection.execute(
            f"SELECT {', '.join(columns)} FROM {table} WHERE district_id = %s AND {key} = ANY(%s)", [district_id, ids]
        ).fetchall()
        if rows:
            found[table] = (columns, rows)
    return found


def replay(size: int) -> Result:
    """An outside export from file to rows: read, decided and written, against COPY of the very rows that it left."""
    from gewu.cases import replay as room

    with tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder:
        export, territory = _city(Path(folder), size)
        cpu = time.process_time()
        spent: list[float] = []

        def step(label: str, _total: int | None) -> Any:
            if label == "verifying":  # not part of what is measured
                spent.append(time.process_time() - cpu)
            return _Quiet()

        mapping = ROOT / "packs" / "boston311" / "mapping.yaml"
        done = room.run(export, mapping=mapping, territory=territory, progress=step)
    assert done.chain_ok, done.faults[:3]
    assert done.cases_filed == size, (done.cases_filed, done.rejected[:3])
    with plain(owner=True) as connection:
        ids = [
            row[0]
            for row in connection.execute(
                "SELECT id FROM ledger_record WHERE district_id = %s", [done.district_id]
            ).fetchall()
        ]
        limit = _copied(connection, done.district_id, ids)
    return Result(
        "replay", done.seconds / size * 1000, "ms/case", limit / size * 1000, "COPY of the same rows", 8.0, "low",
        cpu_ms=spent[0] / size * 1000, size=size,
        more={"cases_per_s": size / done.seconds, "aim_per_s": 2000, "events": done.events,
              "where": _where(max(500, size // 8))},
    )  # fmt: skip


def _where(size: int) -> dict[str, float]:
    """Shares of a replay of other cases, in the thread that reads and decides; what writes beside it is not in it."""
    from bench.profile import shares
    from gewu.cases import replay as room

    mapping = ROOT / "packs" / "boston311" / "mapping.yaml"
    with tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder:
        export, territory = _city(Path(folder), size, first=201_000_000_000)
        return shares(lambda: room.run(export, mapping=mapping, territory=territory))


def _copied(connection: Any, district_id: int, ids: list[Any]) -> float:
    """Seconds in which the rows of these records are removed and copied back: the median of three copies."""
    rows = rows_of(connection, district_id, ids)
    bare: list[float] = []
    for _ in range(3):
        with connection.transaction():
            for table in reversed(rows):
                key = "id" if table == "ledger_record" else "record_id"
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                connection.execute(
                    f"DELETE FROM {table} WHERE district_id = %s AND {key} = ANY(%s)", [district_id, ids]
                )
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        begun = time.perf_counter()
        with connection.transaction():
            for table, (columns, found) in rows.items():
                into = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
                with connection.cursor() as cursor, cursor.copy(into) as stream:
                    for row in found:
                        stream.write_row([_text(v) for v in row])
        bare.append(time.perf_counter() - begun)
    return sorted(bare)[1]


class _Quiet:
    label = ""
    total: int | None = None
    done = 0

    def advance(self, count: int = 1) -> None:
        """Tell nobody."""


_COLUMNS = (
    "CASE_ENQUIRY_ID", "OPEN_DT", "TARGET_DT", "CLOSED_DT", "OnTime_Status", "CASE_STATUS", "CLOSURE_REASON",
    "CASE_TITLE", "SUBJECT", "REASON", "TYPE", "QUEUE", "Department", "Location", "ward", "LATITUDE", "LONGITUDE",
    "Source",
)  # fmt: skip


def _city(folder: Path, size: int, first: int = 101_000_000_000) -> tuple[Path, Path]:
    """A city of 22 squares and so many requests, four fifths of them with a target and closed."""
    pick = random.Random(17)
    squares = []
    for n in range(22):
        west, south = -71.2 + n % 5 * 0.05, 42.2 + n // 5 * 0.05
        ring = [[west, south], [west + 0.05, south], [west + 0.05, south + 0.05], [west, south + 0.05], [west, south]]
        squares.append(
            {
                "type": "Feature",
                "properties": {"WARD": str(n + 1)},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    territory = folder / "wards.geojson"
    territory.write_text(json.dumps({"type": "FeatureCollection", "features": squares}), encoding="utf-8")
    export = folder / "export.csv"
    with export.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        for n in range(size):
            ward = pick.randrange(22)
            opened = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=pick.randrange(250 * 86_400))
            closed = opened + timedelta(hours=pick.uniform(1, 400))
            target = opened + timedelta(hours=pick.choice((24, 48, 120, 240)))
            kind = pick.randrange(160)
            writer.writerow(
                {
                    "CASE_ENQUIRY_ID": str(first + n),
                    "OPEN_DT": _local(opened),
                    "TARGET_DT": _local(target) if n % 4 else "",
                    "CLOSED_DT": _local(closed) if n % 5 else "",
                    "CASE_STATUS": "Closed" if n % 5 else "Open",
                    "CASE_TITLE": f"Something of kind {kind} at a corner",
                    "REASON": f"Reason {kind % 40}",
                    "TYPE": f"Kind {kind}",
                    "Department": pick.choice(("PWDx", "BTDT", "ISD", "PARK")),
                    "Location": f"{n % 900 + 1} Long Street",
                    "ward": str(ward + 1),
                    "LATITUDE": f"{42.2 + ward // 5 * 0.05 + pick.uniform(0.001, 0.049):.4f}",
                    "LONGITUDE": f"{-71.2 + ward % 5 * 0.05 + pick.uniform(0.001, 0.049):.4f}",
                    "Source": pick.choice(("Constituent Call", "Citizens Connect App", "Self Service")),
                }
            )
    return export, territory


def _local(at: datetime) -> str:
    return at.strftime("%m/%d/%Y %I:%M:%S %p")


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def storm(house: House, size: int) -> Result:
    """Clocks that are all due at one instant: each has to fire exactly once."""
    from gewu.cases import services
    from gewu.core.records import Command
    from gewu.ledger import door, ticker
    from gewu.ledger.bulk import Life, Step, execute_many
    from gewu.ledger.numbers import reserve
    from gewu.registry.directory import get_directory

    directory = get_directory(house.district_id)
    who = role("intake_officer")
    at_us = door.now_us()
    position = services.position_of(directory, services.Where(108.4087, 30.8075))
    first = reserve(house.district_id, datetime.now(UTC).date(), size)
    lives = []
    for n in range(size):
        command = Command(
            str(door.new_id()), "register_intake", {"source": "phone", "category": "matter:06012"},
            {"description": "路面有大片油污"},
        )  # fmt: skip
        detail = services.detail_of(f"{CODE}99991231{first + n:06d}", position)
        lives.append(Life(door.new_id(), "case", [Step(command, who, at_us, position, detail)], mute=True))
    done = execute_many(house.district_id, lives, mute=True)
    assert done.records == size, done.failed[:3]
    # Between the warning at 80 % and the deadline: one thing to do for each clock.
    when = at_us + 13 * 60 * 1_000_000
    wall, cpu = time.perf_counter(), time.process_time()
    fired = ticker.run_until(house.district_id, when)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with plain() as connection:
        counts = connection.execute(
            "SELECT n, count(*) FROM (SELECT count(*) AS n FROM ledger_event WHERE district_id = %s"
            " AND record_id = ANY(%s) AND kind = 'expire' GROUP BY record_id) each GROUP BY n",
            [house.district_id, [life.record_id for life in lives]],
        ).fetchall()
    assert counts == [(1, size)], counts
    return Result(
        "due_storm", size / wall, "clocks/s", 1000, "the number set", 1.0, "high", cpu_ms=cpu / size * 1000, size=size,
        more={"fired": fired, "each_once": True},
    )  # fmt: skip
