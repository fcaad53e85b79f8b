"""A million cases in minutes: the rows of real cases copied under new ids, in SQL.

The copies have the shape and the spread of real cases, stand in the same indexes and are due later, so that the first
page of a list holds real ones. They have no words (a key is bound to the id it was made for) and no events: they are
good for lists and for evaluation, and for nothing else.
"""

from __future__ import annotations

from typing import Any

from bench.house import House, plain, written_columns

_TABLES = ("ledger_record", "ledger_recordkey", "cases_case", "ledger_clock", "ledger_assignment", "evaluation_fact")
_SPREAD = "interval '365 days'"
_MONTH = 30 * 86_400


def grow(house: House, wanted: int) -> int:
    """Bring the district to about so many cases. Returns how many there are."""
    with plain(owner=True) as connection:
        there = _count(connection, house.district_id)
        tables = [t for t in _TABLES if connection.execute("SELECT to_regclass(%s)", [t]).fetchone()[0]]
        while there < wanted:
            _double(connection, house.district_id, tables, min(there, wanted - there))
            there = _count(connection, house.district_id)
        connection.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
    return there


def _count(connection: Any, district_id: int) -> int:
    return int(
        connection.execute(
            "SELECT count(*) FROM ledger_record WHERE district_id = %s AND kind = 'case'", [district_id]
        ).fetchone()[0]
    )


def _double(connection: Any, district_id: int, tables: list[str], count: int) -> None:
    """Copy so many records. A new id keeps its place in time: the old one's first digits, and fresh ones behind."""
    with connection.transaction():
        connection.execute(
            "CREATE TEMPORARY TABLE twin ON COMMIT DROP AS SELECT id AS old, gen_random_uuid() AS fresh,"
            " row_number() OVER (ORDER BY id) AS n FROM ledger_record"
            " WHERE district_id = %s AND kind = 'case' ORDER BY id LIMIT %s",
            [district_id, count],
        )
        connection.execute(
            "ALTER TABLE twin ADD COLUMN id uuid; UPDATE twin SET id ="
            " overlay(fresh::text PLACING left(old::text, 14) FROM 1 FOR 14)::uuid; CREATE INDEX ON twin (old)"
        )
        for table in tables:
            key = "id" if table == "ledger_record" else "record_id"
            columns = written_columns(connection, table)
            given = []
            for name in columns:
                if name == key:
                    given.append("twin.id")
                elif name == "wrapped":
                    given.append("NULL")
                elif name in ("due_at", "next_at") and table == "ledger_record":
                    given.append(f"CASE WHEN t.{name} < '9000-01-01' THEN t.{name} + {_SPREAD} ELSE t.{name} END")
                elif name in ("due_at", "next_at") and table == "ledger_clock":
                    given.append(f"CASE WHEN t.status = 'running' THEN t.{name} + {_SPREAD} ELSE t.{name} END")
                elif table == "evaluation_fact" and name.endswith(("_at", "_due", "_done")):
                    given.append(f"t.{name} - {_MONTH} * (twin.n % 12)")
                elif name == "number":
                    given.append("left(t.number, 14) || substr(twin.id::text, 16)")
                else:
                    given.append(f"t.{name}")
            names = ", ".join(columns)
            connection.execute(
                f"INSERT INTO {table} ({names}) SELECT {', '.join(given)} FROM {table} t"
                f" JOIN twin ON twin.old = t.{key} WHERE t.district_id = {int(district_id)}"
            )
