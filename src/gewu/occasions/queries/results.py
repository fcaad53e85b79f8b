"""What occasions brought, counted from lines of results by item, unit and more, and the lines behind it.

A number is nothing but a filter: ``totals`` and ``list_results`` read the same conditions. A line that was replaced or
struck does not count. A body that took part and has not reported is named by ``unreported``: it is no zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries import narrowed, open_texts
from gewu.cases.queries.marks import day_of, seq_of, uuid_of
from gewu.ledger.door import Acting
from gewu.occasions.kinds import AGENCY, KIND, readable
from gewu.registry.directory import get_directory

PAGE = 50
NAMED = 100
"""So many occasions of a body are named at most where reports are missing; all of them are counted."""
DIMENSIONS = {
    "item": "x.item",
    "unit": "x.unit",
    "strand": "x.strand",
    "type": "r.playbook",
    "month": "to_char(x.on_day, 'YYYY-MM')",
    "occasion": "x.record_id::text",
}
"""What totals can be grouped by."""


_COUNTS = (
    "NOT x.struck AND NOT EXISTS (SELECT 1 FROM occasions_result c WHERE c.district_id = x.district_id"
    " AND c.record_id = x.record_id AND c.corrects = x.line)"
)
_FROM = " FROM occasions_result x JOIN ledger_record r ON r.district_id = x.district_id AND r.id = x.record_id"


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which lines are meant; all conditions hold together. ``first`` and ``last`` are days, both included."""

    type: str = ""
    item: str = ""
    items: tuple[str, ...] = ()
    unit: str = ""
    strand: str = ""
    first: date | None = None
    last: date | None = None
    occasion: UUID | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A sum. ``keys`` are in the order of what was grouped by; ``measure`` is empty where items of several
    measures come together, and then ``quantity`` means nothing but for ``lines``."""

    keys: tuple[str, ...]
    measure: str
    quantity: int
    lines: int
    occasions: int


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A line of results. ``basis`` and ``note`` are empty once the words are erased."""

    occasion: UUID
    number: str
    type: str
    line: int
    seq: int
    unit: str
    item: str
    quantity: int
    measure: str
    strand: str
    place: str
    on_day: date
    corrects: int
    at: datetime
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Some lines, newest day first; ``after`` begins the next page, None at the end."""

    rows: list[ResultRow]
    after: str | None


@dataclass(frozen=True, slots=True)
class Unreported:
    """A body that takes or took part and has not reported. ``due``: in how many occasions a report is due, or was
    closed without it; ``to_come``: in how many no report is due yet.

    ``occasions`` are both together and ``under_way`` those to come, the newest first and at most ``NAMED`` of each:
    a narrower period or a single body shows the others.
    """

    unit: str
    due: int
    to_come: int
    occasions: tuple[UUID, ...]
    under_way: tuple[UUID, ...]


def totals(district_id: int, acting: Acting, wanted: ResultFilter, by: Sequence[str] = ("item",)) -> list[Total]:
    """Sums of the lines that count, of what the actor sees, in one statement. ``by`` names ``DIMENSIONS``."""
    if not readable(get_directory(district_id), acting):
        return []
    keys = [DIMENSIONS[name] for name in by]
    where, params = conditions(district_id, acting, wanted)
    grouped = f" GROUP BY {', '.join(str(n) for n in range(1, len(keys) + 1))}" if keys else ""
    order = f" ORDER BY {', '.join(str(n) for n in range(1, len(keys) + 1))}" if keys else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {''.join(f'{key}, ' for key in keys)}"
            "CASE WHEN min(x.measure) = max(x.measure) THEN min(x.measure) ELSE '' END, coalesce(sum(x.quantity), 0),"
            f" count(*), count(DISTINCT x.record_id){_FROM} WHERE {' AND '.join(where)}{grouped}{order}",
            params,
        )
        found = cursor.fetchall()
    size = len(keys)
    return [Total(tuple(row[:size]), row[size] or "", *map(int, row[size + 1 :])) for row in found if row[size + 2]]


def list_results(
    district_id: int, acting: Acting, wanted: ResultFilter, *, after: str | None = None, limit: int = PAGE
) -> ResultPage:
    """The lines behind a number, newest day first, in one statement. Raises ``BadCursor``."""
    if not readable(get_directory(district_id), acting):
        return ResultPage([], None)
    where, params = conditions(district_id, acting, wanted)
    if after:
        where.append("(x.on_day, x.record_id, x.seq) < (%s, %s, %s)")
        params += _mark(after)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.record_id, o.number, o.type, x.line, x.seq, x.unit, x.item, x.quantity, x.measure, x.strand,"
            " coalesce(nullif(x.place, ''), o.place), x.on_day, x.corrects, x.at, x.sealed, k.key_id, k.wrapped"
            f"{_FROM} JOIN occasions_occasion o ON o.district_id = x.district_id AND o.record_id = x.record_id"
            " JOIN ledger_recordkey k ON k.district_id = x.district_id AND k.record_id = x.record_id"
            f" WHERE {' AND '.join(where)} ORDER BY x.on_day DESC, x.record_id DESC, x.seq DESC LIMIT %s",
            [*params, limit + 1],
        )
        found = cursor.fetchall()
    rows = []
    for row in found[:limit]:
        texts = open_texts(district_id, row[0], row[15], row[16], row[14]) or {}
        rows.append(ResultRow(*(*row[:14], texts.get("basis", ""), texts.get("note", ""))))
    last = rows[-1] if len(found) > limit else None
    return ResultPage(rows, f"{last.on_day.isoformat()}.{last.occasion}.{last.seq}" if last else None)


def unreported(district_id: int, acting: Acting, wanted: ResultFilter) -> list[Unreported]:
    """Bodies that took part in occasions of the filter and have not reported, by code, in one statement.

    An occasion is meant where it began by the last day and had not ended before the first.
    """
    if not readable(get_directory(district_id), acting):
        return []
    where, params = narrowed(
        acting,
        ["a.district_id = %s", "a.slot = %s", "r.kind = %s", "o.cancelled_at IS NULL"],
        [district_id, AGENCY, KIND],
        (
            ("r.playbook = %s", wanted.type),
            ("a.unit = %s", wanted.unit),
            ("r.id = %s", wanted.occasion),
            ("(o.starts_at IS NULL OR o.starts_at < %s::date + 1)", wanted.last),
            ("(o.ends_at IS NULL OR o.ends_at >= %s::date)", wanted.first),
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unit, count(*) FILTER (WHERE NOT coming), count(*) FILTER (WHERE coming),"
            " (array_agg(id ORDER BY id DESC))[:%s], (array_agg(id ORDER BY id DESC) FILTER (WHERE coming))[:%s]"
            " FROM (SELECT a.unit, r.id, bool_or(a.live AND NOT EXISTS (SELECT 1"
            " FROM ledger_clock c WHERE c.district_id = a.district_id AND c.record_id = a.record_id"
            " AND c.assignment = a.no AND c.spec = 'report')) AS coming FROM ledger_assignment a"
            " JOIN ledger_record r ON r.district_id = a.district_id AND r.id = a.record_id"
            " JOIN occasions_occasion o ON o.district_id = r.district_id AND o.record_id = r.id"
            f" WHERE {' AND '.join(where)} AND (a.live OR a.outcome = %s) GROUP BY a.unit, r.id) found"
            " GROUP BY unit ORDER BY unit",
            [NAMED, NAMED, *params, "missing"],
        )
        return [
            Unreported(unit, due, to_come, tuple(occasions), tuple(under_way or ()))
            for unit, due, to_come, occasions, under_way in cursor.fetchall()
        ]


def conditions(district_id: int, acting: Acting, wanted: ResultFilter) -> tuple[list[str], list[Any]]:
    """The conditions of a filter with their values; ``x`` is the line, ``r`` the record of its occasion."""
    return narrowed(
        acting,
        ["x.district_id = %s", _COUNTS],
        [district_id],
        (
            ("r.playbook = %s", wanted.type),
            ("x.item = %s", wanted.item),
            ("x.item = ANY(%s)", list(wanted.items)),
            ("x.unit = %s", wanted.unit),
            ("x.strand = %s", wanted.strand),
            ("x.on_day >= %s", wanted.first),
            ("x.on_day <= %s", wanted.last),
            ("x.record_id = %s", wanted.occasion),
        ),
    )


def _mark(text: str) -> list[Any]:
    day, _, rest = text.partition(".")
    mark, _, seq = rest.partition(".")
    return [day_of(day), uuid_of(mark), seq_of(seq)]
