"""Teams and projects in numbers: members by duty, planned quantities against those done, funds by source; and the lines
behind each.

A number is nothing but a filter: sums and lists read the same conditions. A line that was replaced does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries import open_texts
from gewu.cases.queries.marks import seq_of, uuid_of
from gewu.ledger.door import Acting
from gewu.occasions.kinds import readable
from gewu.occasions.queries.lists import Filter, conditions
from gewu.registry.directory import get_directory

PAGE = 50


@dataclass(frozen=True, slots=True)
class _Kind:
    table: str
    key: str
    quantity: str
    measure: str
    day: str


LINES = {
    "members": _Kind("occasions_attendance", "x.level", "x.heads", "'person'", "x.at"),
    "plan": _Kind("occasions_plan", "x.item", "x.quantity", "x.measure", "x.at"),
    "funds": _Kind("occasions_fund", "x.source", "x.amount", "x.measure", "x.on_day::timestamptz"),
}
"""Kinds of lines: where they stand, by what they are summed, how much each is."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The lines of one key and measure: how much, in how many lines, of how many occasions."""

    key: str
    measure: str
    quantity: int
    lines: int
    occasions: int


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A line of a list. ``name`` is what the team or project is called; empty once its words are erased."""

    occasion: UUID
    number: str
    type: str
    name: str
    seq: int
    line: int
    key: str
    measure: str
    quantity: int
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class WorkPage:
    """Some lines, newest occasion first; ``after`` begins the next page, None at the end."""

    rows: list[WorkLine]
    after: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """An item: planned, and done so far, over how many projects."""

    item: str
    measure: str
    planned: int
    done: int
    projects: int


@dataclass(frozen=True, slots=True)
class PollRow:
    """One consultation. Who was asked and did not answer is shown, and does not agree."""

    asked: int
    agree: int
    against: int
    carried: bool
    on_day: date
    at: datetime
    way: str

    @property
    def unanswered(self) -> int:
        return self.asked - self.agree - self.against


@dataclass(frozen=True, slots=True)
class Works:
    """What a team or project has beside its moves: lines that count, progress by item, consultations newest last."""

    progress: list[Progress]
    plan: list[WorkLine]
    funds: list[WorkLine]
    polls: list[PollRow]


def sums(district_id: int, acting: Acting, kind: str, wanted: Filter, key: str = "", measure: str = "") -> list[Sum]:
    """Sums of a kind of lines by key and measure, in one statement. ``kind`` is one of ``LINES``."""
    if not readable(get_directory(district_id), acting):
        return []
    spec = LINES[kind]
    where, params = _meant(district_id, acting, spec, wanted, key, measure)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {spec.key}, {spec.measure}, sum({spec.quantity}), count(*), count(DISTINCT x.record_id)"
            f"{_from(spec)} WHERE {' AND '.join(where)} GROUP BY 1, 2 HAVING sum({spec.quantity}) > 0 ORDER BY 1, 2",
            params,
        )
        return [Sum(row[0], row[1], *map(int, row[2:])) for row in cursor.fetchall()]


def list_lines(
    district_id: int, acting: Acting, kind: str, wanted: Filter, *, key: str = "", measure: str = "",
    after: str | None = None, limit: int = PAGE,
) -> WorkPage:  # fmt: skip
    """The lines behind a sum, newest occasion first, in one statement. Raises ``BadCursor``."""
    if not readable(get_directory(district_id), acting):
        return WorkPage([], None)
    spec = LINES[kind]
    where, params = _meant(district_id, acting, spec, wanted, key, measure)
    if after:
        mark, _, seq = after.partition(".")
        where.append("(x.record_id, x.seq) < (%s, %s)")
        params += [uuid_of(mark), seq_of(seq)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT x.record_id, o.number, o.type, x.seq, x.line, {spec.key}, {spec.measure}, {spec.quantity},"
            f" {spec.day}, o.sealed, x.sealed, k.key_id, k.wrapped{_from(spec)}"
            " JOIN ledger_recordkey k ON k.district_id = x.district_id AND k.record_id = x.record_id"
            f" WHERE {' AND '.join(where)} ORDER BY x.record_id DESC, x.seq DESC LIMIT %s",
            [*params, limit + 1],
        )
        found = cursor.fetchall()
    rows = [_line(district_id, row) for row in found[:limit]]
    return WorkPage(rows, f"{rows[-1].occasion}.{rows[-1].seq}" if len(found) > limit else None)


def progress(district_id: int, acting: Acting, wanted: Filter, record_id: UUID | None = None) -> list[Progress]:
    """Planned against done by item, of projects that the filter means (or of one), in one statement.

    What was built without having been planned stands there with 0 planned.
    """
    if not readable(get_directory(district_id), acting):
        return []
    where, params = conditions(district_id, acting, wanted)
    if record_id is not None:
        where.append("o.record_id = %s")
        params.append(record_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH meant AS (SELECT o.district_id, o.record_id FROM occasions_occasion o JOIN ledger_record r"
            f" ON r.district_id = o.district_id AND r.id = o.record_id WHERE {' AND '.join(where)}),"
            " lines AS (SELECT x.record_id, x.item, x.measure, x.quantity AS planned, 0 AS done FROM occasions_plan x"
            f" JOIN meant USING (district_id, record_id) WHERE {_counts('occasions_plan')}"
            " UNION ALL SELECT x.record_id, x.item, x.measure, 0, x.quantity FROM occasions_result x"
            f" JOIN meant USING (district_id, record_id) WHERE NOT x.struck AND {_counts('occasions_result')})"
            " SELECT item, measure, sum(planned), sum(done), count(DISTINCT record_id) FROM lines"
            " GROUP BY item, measure HAVING sum(planned) + sum(done) > 0 ORDER BY item, measure",
            params,
        )
        return [Progress(row[0], row[1], *map(int, row[2:])) for row in cursor.fetchall()]


def get_works(district_id: int, acting: Acting, type_: str, record_id: UUID) -> Works:
    """What a team or project has, in four statements. Whether it may be seen was asked before (``get_occasion``)."""
    wanted = Filter(type_)
    lines = {kind: _of_one(district_id, kind, record_id) for kind in ("plan", "funds")}
    return Works(
        progress(district_id, acting, wanted, record_id), lines["plan"], lines["funds"], _polls(district_id, record_id)
    )


def _of_one(district_id: int, kind: str, record_id: UUID) -> list[WorkLine]:
    spec = LINES[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT x.record_id, o.number, o.type, x.seq, x.line, {spec.key}, {spec.measure}, {spec.quantity},"
            f" {spec.day}, NULL, x.sealed, k.key_id, k.wrapped{_from(spec)}"
            " JOIN ledger_recordkey k ON k.district_id = x.district_id AND k.record_id = x.record_id"
            f" WHERE x.district_id = %s AND x.record_id = %s AND {_counts(spec.table)} AND {spec.quantity} > 0"
            " ORDER BY x.seq",
            [district_id, record_id],
        )
        return [_line(district_id, row) for row in cursor.fetchall()]


def _polls(district_id: int, record_id: UUID) -> list[PollRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.asked, x.agree, x.against, x.carried, x.on_day, x.at, x.sealed, k.key_id, k.wrapped"
            " FROM occasions_poll x"
            " JOIN ledger_recordkey k ON k.district_id = x.district_id AND k.record_id = x.record_id"
            " WHERE x.district_id = %s AND x.record_id = %s ORDER BY x.seq",
            [district_id, record_id],
        )
        found = cursor.fetchall()
    return [PollRow(*(*row[:6], _opened(district_id, record_id, row[6:]).get("way", ""))) for row in found]


def _opened(district_id: int, record_id: UUID, row: Sequence[Any]) -> dict[str, str]:
    """Words of a row: ciphertext, key, wrapped key. None once they are erased."""
    return open_texts(district_id, record_id, row[1], row[2], row[0]) or {}


def _line(district_id: int, row: tuple[Any, ...]) -> WorkLine:
    first = _opened(district_id, row[0], (row[9], *row[11:13]))
    own = _opened(district_id, row[0], row[10:13])
    note = own.get("note") or own.get("body") or ""
    return WorkLine(*(*row[:3], first.get("name", ""), *row[3:9], note))


def _from(spec: _Kind) -> str:
    return (
        f" FROM {spec.table} x JOIN occasions_occasion o ON o.district_id = x.district_id"
        " AND o.record_id = x.record_id JOIN ledger_record r ON r.district_id = x.district_id AND r.id = x.record_id"
    )


def _counts(table: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {table} c WHERE c.district_id = x.district_id AND c.record_id = x.record_id"
        " AND c.corrects = x.line)"
    )


def _meant(
    district_id: int, acting: Acting, spec: _Kind, wanted: Filter, key: str, measure: str
) -> tuple[list[str], list[Any]]:
    where, params = conditions(district_id, acting, wanted)
    where += [_counts(spec.table), f"{spec.quantity} > 0"]
    for condition, value in ((f"{spec.key} = %s", key), (f"{spec.measure} = %s", measure)):
        if value:
            where.append(condition)
            params.append(value)
    return where, params


@dataclass(frozen=True, slots=True)
class KindRow:
    """Teams or projects of one kind."""

    sort: str
    all: int
    late: int
    ended: int


def kinds(district_id: int, acting: Acting, wanted: Filter) -> list[KindRow]:
    """How many there are of each kind, in one statement over the conditions of their list."""
    if not readable(get_directory(district_id), acting):
        return []
    where, params = conditions(district_id, acting, wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.sort, count(*), count(*) FILTER (WHERE NOT r.ended AND r.due_at < now()),"
            " count(*) FILTER (WHERE r.ended) FROM occasions_occasion o"
            " JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.record_id"
            f" WHERE {' AND '.join(where)} GROUP BY 1 ORDER BY 1",
            params,
        )
        return [KindRow(row[0], *map(int, row[1:])) for row in cursor.fetchall()]


def days_of(period: str) -> tuple[date, date]:
    """The first and the last day of a month ``2026-11`` or a year ``2026``."""
    year, _, month = period.partition("-")
    if not month:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    first = date(int(year), int(month), 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, following - timedelta(days=1)
