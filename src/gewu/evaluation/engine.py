"""Runs the statement on either engine and folds its rows into a table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
from django.db import connection

from gewu.evaluation.definitions import Indicator
from gewu.evaluation.statement import Asking, Branch, Slots, granted_any, statement
from gewu.evaluation.values import By, Cell, Live, Period, Source, Table, Where

FACTS, RECURRENCE, APPEALS, EVENTS = "facts.parquet", "recurrence.parquet", "appeals.parquet", "events.parquet"
_VIEWS = {"evaluation_fact": FACTS, "evaluation_recurrence": RECURRENCE, "evaluation_appeal": APPEALS}


def run(
    source: Source,
    indicators: Sequence[Indicator],
    by: By,
    periods: Sequence[Period],
    *,
    as_of: int,
    where: Where,
    version: str,
) -> Table:
    """See ``api.evaluate``."""
    if not periods:
        raise ValueError("at least one period is needed")
    ordered = sorted(periods, key=lambda p: p.start)
    if any(p.end <= p.start for p in ordered) or any(a.end > b.start for a, b in pairwise(ordered)):
        raise ValueError("periods must not be empty and must not overlap: ask for them one call after the other")
    if len({i.code for i in indicators}) != len(indicators):
        raise ValueError("an indicator stands twice")
    asked = [i for i in indicators if not where.person or i.actor is not None]
    version = version or digest(indicators)
    if not asked:
        return Table(by, tuple(periods), tuple(asked), as_of, version, {})
    with _asked(source) as ask:
        # Columns are read so fast that planning what comes to nothing would take as long; rows are not.
        appeals = isinstance(source, Live) or bool(ask(granted_any(source.district_id, as_of)))
        text, branches = statement(Asking(source.district_id, by, periods, as_of, where, appeals), asked)
        rows = ask(text)
    return Table(by, tuple(periods), tuple(asked), as_of, version, _fold(rows, branches, periods))


def digest(indicators: Sequence[Indicator]) -> str:
    """A name for just these definitions."""
    return hashlib.sha256("".join(i.code + i.version for i in indicators).encode()).hexdigest()[:12]


Ask = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def _asked(source: Source) -> Iterator[Ask]:
    """Something that runs statements on the source's engine."""
    if isinstance(source, Live):
        with connection.cursor() as cursor:

            def live(text: str) -> list[tuple[Any, ...]]:
                cursor.execute(text)
                return list(cursor.fetchall())

            yield live
    else:
        with opened(source.folder) as base:
            yield lambda text: base.execute(text).fetchall()


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """An engine that finds an export's tables under the names they have in PostgreSQL.

    Raises ``FileNotFoundError`` when the folder is no export.
    """
    for name in _VIEWS.values():
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} is not an export: it has no {name}")
    base = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    base.execute("SET parquet_metadata_cache = true")  # each branch of a statement would read the same footer again
    for view, name in _VIEWS.items():
        path = str(folder / name).replace("'", "''")
        base.execute(f"CREATE VIEW {view} AS SELECT * FROM read_parquet('{path}')")
    return base


def _fold(
    rows: Iterable[tuple[Any, ...]], branches: list[Branch], periods: Sequence[Period]
) -> dict[tuple[str, str, str], Cell]:
    cells: dict[tuple[str, str, str], Cell] = {}
    tops: dict[tuple[str, str, str], list[int]] = {}
    empty, empty_count = Cell(), Cell(counted=True)
    for number, group, period, key, *counts in rows:
        if period is None:
            continue
        branch = branches[number]
        for indicator in branch.indicators:
            slots = branch.slots[indicator.code]
            at = (indicator.code, str(group), periods[period].code)
            if branch.kind == "appeal":
                if key == indicator.code:
                    cells[at] = _less(cells.get(at, Cell(counted=indicator.counts)), slots, counts)
                continue
            if branch.kind == "top":
                if counts[slots.denominator]:
                    tops.setdefault(at, []).append(int(counts[slots.denominator]))
                continue
            if branch.kind in ("received", "returned"):
                n = int(counts[slots.denominator])
                cell = Cell(n, 0, 0, n) if branch.kind == "returned" else Cell(0, n, 0, 0, n)
            else:
                cell = _cell(indicator, slots, counts)
            if cell != (empty_count if indicator.counts else empty):
                there = cells.get(at)
                cells[at] = cell if there is None else there + cell
    shares = {i.code: i.top for branch in branches for i in branch.indicators if i.top is not None}
    for at, found in tops.items():
        most = sum(sorted(found, reverse=True)[: shares[at[0]]])
        cells[at] = Cell(most, sum(found), 0, most, sum(found))
    return cells


def _read(counts: Sequence[Any], slot: int) -> int:
    return int(counts[slot]) if slot >= 0 else 0


def _cell(indicator: Indicator, slots: Slots, counts: Sequence[Any]) -> Cell:
    numerator, denominator = _read(counts, slots.numerator), _read(counts, slots.denominator)
    plain = slots.adjusted_numerator < 0
    return Cell(
        numerator,
        denominator,
        _read(counts, slots.unanswered),
        numerator if plain else _read(counts, slots.adjusted_numerator),
        denominator if plain else _read(counts, slots.adjusted_denominator),
        _read(counts, slots.exempt),
        0,
        indicator.counts,
    )


def _less(cell: Cell, slots: Slots, counts: Sequence[Any]) -> Cell:
    """A figure without the cases that appeals took out of it; the fact stays."""
    judged = _read(counts, slots.numerator) if cell.counted else _read(counts, slots.denominator)
    return Cell(
        cell.numerator,
        cell.denominator,
        cell.unanswered,
        cell.adjusted_numerator - _read(counts, slots.adjusted_numerator),
        cell.adjusted_denominator - _read(counts, slots.adjusted_denominator),
        cell.exempt,
        cell.left_out + judged,
        cell.counted,
    )
