"""Bulk writing against COPY of the same rows, and a storm of due clocks."""

from __future__ import annotations

import time
from typing import Any

from bench.house import CODE, House, plain, role
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
        cursor = connection.execute(
            f"SELECT * FROM {table} WHERE district_id = %s AND {key} = ANY(%s)", [district_id, ids]
        )
        rows = cursor.fetchall()
        if rows:
            found[table] = ([c.name for c in cursor.description], rows)
    return found


def replay(house: House, size: int) -> Result:
    """Whole lives of cases through ``execute_many``, against COPY of the very rows that they left."""
    from gewu.cases.demo.month import Maker
    from gewu.ledger.bulk import execute_many
    from gewu.ledger.pictures import stage_pictures
    from gewu.registry.directory import get_directory

    directory = get_directory(house.district_id)
    month = Maker(directory, 21, size, int(time.time())).month()
    lives = month.lives
    stage_pictures(house.district_id, month.uploads)
    wall, cpu = time.perf_counter(), time.process_time()
    done = execute_many(house.district_id, lives, mute=True)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert not done.failed, done.failed[:3]
    ids = [life.record_id for life in lives]
    with plain(owner=True) as connection:
        connection.execute("SET search_path = public")
        rows = rows_of(connection, house.district_id, ids)
        bare: list[float] = []
        for _ in range(3):
            connection.execute("BEGIN")
            connection.execute(
                "UPDATE ledger_attachment SET record_id = NULL WHERE district_id = %s AND record_id = ANY(%s)",
                [house.district_id, ids],
            )
            for table in reversed(rows):
                key = "id" if table == "ledger_record" else "record_id"
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                connection.execute(
                    f"DELETE FROM {table} WHERE district_id = %s AND {key} = ANY(%s)", [house.district_id, ids]
                )
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            connection.execute("COMMIT")
            begun = time.perf_counter()
            connection.execute("BEGIN")
            for table, (columns, found) in rows.items():
                with (
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream,
                ):
                    for row in found:
                        stream.write_row([_text(v) for v in row])
            connection.execute("COMMIT")
            bare.append(time.perf_counter() - begun)
    limit = sorted(bare)[1]
    return Result(
        "replay", wall / len(lives) * 1000, "ms/case", limit / len(lives) * 1000, "COPY of the same rows", 8.0, "low",
        cpu_ms=cpu / len(lives) * 1000, size=len(lives),
        more={"cases_per_s": len(lives) / wall, "events": done.events, "events_per_s": done.events / wall},
    )  # fmt: skip


def _text(value: Any) -> Any:
    import json

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
    from datetime import UTC, datetime

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
