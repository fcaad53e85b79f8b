"""What one transaction writes, gathered and sent in as few round trips as there can be.

Inserts and updates of different rows go out as parts of one statement (data-modifying ``WITH``): foreign keys are
checked at its end, so the order of its parts does not matter. A round trip costs more than a row, and such a statement
is atomic by itself. Its text is the same for every command of the same shape, so the server keeps it prepared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gewu.dbbackend.cursors import raw_cursor

PARAMETERS = 20_000
"""PostgreSQL takes 65,535 a statement; more go in several."""

UPDATES = 8
"""So many rows of one table are updated as parts of the statement; more are sent behind it, one shape at a time."""


class Writes:
    """Rows to insert and to update. ``district_id`` is named by every part, as on all tenant tables."""

    def __init__(self) -> None:
        self._inserts: list[tuple[str, tuple[str, ...], Sequence[Sequence[Any]], str]] = []
        self._updates: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[list[Any]]] = {}

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
        """Insert rows, with an ``ON CONFLICT`` clause if need be."""
        if rows:
            self._inserts.append((table, tuple(columns), rows, conflict))

    def upsert(self, table: str, columns: Sequence[str], key: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows or overwrite those of the same key."""
        sets = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in key)
        self.insert(table, columns, rows, f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}")

    def update(self, table: str, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Overwrite columns of one row."""
        if values:
            shape = (table, tuple(key), tuple(values))
            self._updates.setdefault(shape, []).append([*values.values(), *key.values()])

    @property
    def at_once(self) -> bool:
        """Whether everything goes in one statement, which needs no transaction round it."""
        size = sum(len(rows) * len(columns) for _, columns, rows, _ in self._inserts)
        return size <= PARAMETERS and all(len(rows) <= UPDATES for rows in self._updates.values())

    def send(self) -> None:
        """Write everything. More than one statement when ``at_once`` is false."""
        parts: list[str] = []
        params: list[Any] = []
        many: list[tuple[str, list[list[Any]]]] = []
        for table, columns, rows, conflict in self._inserts:
            width = len(columns)
            step = max(1, PARAMETERS // width)
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                if params and len(params) + len(part) * width > PARAMETERS:
                    _run(parts, params)
                    parts, params = [], []
                marks = ", ".join(_marks(len(params) + number * width, width) for number in range(len(part)))
                parts.append(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks} {conflict}")
                params += [value for row in part for value in row]
        for (table, key, columns), found in self._updates.items():
            if len(found) > UPDATES:
                many.append((_update(table, key, columns, 0), found))
                continue
            for row in found:
                parts.append(_update(table, key, columns, len(params)))
                params += row
        _run(parts, params)
        for statement, found in many:
            with raw_cursor() as cursor:
                cursor.executemany(statement, found)


def _marks(start: int, width: int) -> str:
    return "(" + ",".join([f"${number}" for number in range(start + 1, start + width + 1)]) + ")"


def _update(table: str, key: tuple[str, ...], columns: tuple[str, ...], start: int) -> str:
    sets = ", ".join([f"{name} = ${start + number}" for number, name in enumerate(columns, start=1)])
    start += len(columns)
    where = " AND ".join([f"{name} = ${start + number}" for number, name in enumerate(key, start=1)])
    return f"UPDATE {table} SET {sets} WHERE {where}"


def _run(parts: list[str], params: list[Any]) -> None:
    if not parts:
        return
    *before, last = parts
    head = ", ".join(f"w{number} AS ({part})" for number, part in enumerate(before))
    with raw_cursor() as cursor:
        cursor.execute(f"WITH {head} {last}" if head else last, params)
