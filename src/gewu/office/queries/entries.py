"""Lines of the registers: keyset pages, counts, entries that speak of a case.

Visible = prefix or area or overlap with involved, as for cases; which registers a role may look into is asked of
``gewu.office.kinds.may_see``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries import open_texts, visible
from gewu.cases.queries.marks import uuid_of
from gewu.ledger.door import Acting
from gewu.ledger.rows import FOREVER
from gewu.ledger.store import as_json
from gewu.office.kinds import readable
from gewu.registry.directory import get_directory

PAGE = 50
CAP = 1000
EXCERPT = 120
_FIRST_WORDS = ("matter", "subject", "words", "notes")
"""Of the first words, those that say best what an entry is about."""

Cursor = str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A line of a register. Days are of the district's calendar; ``excerpt`` is empty once the words are erased.

    ``unit`` is the order's unit or the letter's body. ``due_on`` is the day by which a unit, a body or the office has
    to answer. ``variant`` is the shift of a handover or the way an instruction came. ``result`` is what the look-back
    found. ``matters`` and ``late`` are those of a handover's list.
    """

    record_id: UUID
    kind: str
    number: str
    stage: str
    ended: bool
    version: int
    day: date
    own_number: str
    own_day: date | None
    unit: str
    variant: str
    due_on: date | None
    sent_on: date | None
    reminders: int
    returns: int
    relapses: int
    result: str
    answered_at: datetime | None
    struck_off_at: datetime | None
    look_back_at: datetime | None
    closed_at: datetime | None
    matters: int | None
    late: int | None
    playbook: str
    playbook_version: int
    due_at: datetime | None
    """The first deadline of a running clock."""
    clock: str
    """The name of that clock."""
    warns_at: datetime | None
    excerpt: str
    erased: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows. ``late_at``: entries with a deadline before this instant."""

    kind: str
    ended: bool | None = None
    late_at: datetime | None = None
    unit: str = ""
    year: int = 0
    number: str = ""
    """A part of the number, or of the instruction's or letter's own."""
    records: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first, and where the next begin; ``after`` is None at the end."""

    rows: list[EntryRow]
    after: Cursor | None


COLUMNS = (
    "r.id, e.kind, e.number, r.stage, r.ended, r.version, e.day, e.own_number, e.own_day, e.unit, e.variant, e.due_on,"
    " e.sent_on, e.reminders, e.returns, e.relapses, e.result, e.answered_at, e.struck_off_at, e.look_back_at,"
    " e.closed_at, e.matters, e.late, r.playbook, r.playbook_version, r.due_at, r.state->'clocks', e.sealed, k.key_id,"
    " k.wrapped"
)
FROM = (
    " FROM office_entry e"
    " JOIN ledger_record r ON r.district_id = e.district_id AND r.id = e.record_id"
    " JOIN ledger_recordkey k ON k.district_id = e.district_id AND k.record_id = e.record_id"
)


def list_entries(
    district_id: int, acting: Acting, wanted: Filter, *, after: Cursor | None = None, limit: int = PAGE
) -> Page:
    """One page of a register, newest first, in one statement; empty for whom it is not. Raises ``BadCursor``."""
    if not readable(get_directory(district_id), acting, wanted.kind):
        return Page([], None)
    where, params = _where(district_id, acting, wanted)
    if after:
        where.append("e.record_id < %s")
        params.append(uuid_of(after))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}{FROM} WHERE {' AND '.join(where)} ORDER BY e.record_id DESC LIMIT %s",
            [*params, limit + 1],
        )
        found = cursor.fetchall()
    rows = [row_of(district_id, row) for row in found[:limit]]
    return Page(rows, str(rows[-1].record_id) if len(found) > limit else None)


def count_open(district_id: int, acting: Acting, kinds: Sequence[str], at: datetime) -> dict[str, tuple[int, int]]:
    """Open entries of each register and how many of them are late, each at most ``CAP`` + 1, in one statement."""
    sight, params = visible(acting)
    seen = f" AND {sight}" if sight else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.kind, n.open, n.late FROM unnest(%s::text[]) AS s(kind) CROSS JOIN LATERAL ("
            " SELECT count(*) AS open, count(*) FILTER (WHERE c.due_at < %s) AS late FROM ("
            f" SELECT r.due_at{FROM} WHERE e.district_id = %s AND e.kind = s.kind AND NOT r.ended{seen} LIMIT %s) c) n",
            [list(kinds), at, district_id, *params, CAP + 1],
        )
        return {kind: (int(n), int(late)) for kind, n, late in cursor.fetchall()}


def entries_about(
    district_id: int, acting: Acting, record_id: UUID, kinds: Sequence[str], limit: int = PAGE
) -> list[EntryRow]:
    """Entries of these registers that are linked to a record, newest first, in one statement."""
    sight, params = visible(acting)
    seen = f" AND {sight}" if sight else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}{FROM} WHERE e.district_id = %s AND e.related @> ARRAY[%s]::uuid[]"
            f" AND e.kind = ANY(%s){seen} ORDER BY e.record_id DESC LIMIT %s",
            [district_id, record_id, list(kinds), *params, limit],
        )
        return [row_of(district_id, row) for row in cursor.fetchall()]


def find_entry(district_id: int, number: str, kind: str = "") -> UUID | None:
    """The record of a register number, exactly as it is written, by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id FROM office_entry WHERE district_id = %s AND number = %s AND (%s = '' OR kind = %s)"
            " ORDER BY record_id DESC LIMIT 1",
            [district_id, number.strip(), kind, kind],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def kind_of(district_id: int, record_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Register and number of those of these records that are entries of a register, in one statement."""
    if not record_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, kind, number FROM office_entry WHERE district_id = %s AND record_id = ANY(%s)",
            [district_id, list(record_ids)],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _where(district_id: int, acting: Acting, wanted: Filter) -> tuple[list[str], list[Any]]:
    where = ["e.district_id = %s", "e.kind = %s"]
    params: list[Any] = [district_id, wanted.kind]
    sight, sight_params = visible(acting)
    if sight:
        where.append(sight)
        params += sight_params
    if wanted.ended is not None:
        where.append("r.ended" if wanted.ended else "NOT r.ended")
    if wanted.late_at is not None:
        where.append("NOT r.ended AND r.due_at < %s")
        params.append(wanted.late_at)
    if wanted.unit:
        where.append("e.unit = %s")
        params.append(wanted.unit)
    if wanted.year:
        where.append("e.year = %s")
        params.append(wanted.year)
    if wanted.number:
        where.append("(e.number LIKE %s OR e.own_number LIKE %s)")
        params += [_part(wanted.number)] * 2
    if wanted.records:
        where.append("e.record_id = ANY(%s)")
        params.append(list(wanted.records))
    return where, params


def _part(text: str) -> str:
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def row_of(district_id: int, row: tuple[Any, ...]) -> EntryRow:
    """A line from the columns of ``COLUMNS``."""
    running = [c for c in as_json(row[26]) if c["status"] == "running"]
    first = min(running, key=lambda c: c["due_at"], default=None)
    warns = None
    if first is not None:
        at = first["started_at"] if first["phase"] else first["next_at"]
        warns = datetime.fromtimestamp(at, FOREVER.tzinfo) if at < first["due_at"] else None
    texts = open_texts(district_id, row[0], row[28], row[29], row[27])
    due_at = None if row[25] == FOREVER else row[25]
    clock = first["spec"] if first else ""
    return EntryRow(*(*row[:25], due_at, clock, warns, excerpt_of(texts or {}), row[29] is None))


def excerpt_of(texts: dict[str, str]) -> str:
    """One line of what an entry is about."""
    text = next((" ".join(texts[name].split()) for name in _FIRST_WORDS if texts.get(name)), "")
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"
