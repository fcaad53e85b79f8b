"""Lines of occasions: keyset pages, filters, what is open and late.

Visible = prefix or area or overlap with involved, as for cases; who may look at all is asked of ``kinds.may_see``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries import narrowed, open_texts
from gewu.cases.queries.marks import uuid_of
from gewu.ledger.door import Acting
from gewu.ledger.rows import FOREVER
from gewu.ledger.store import as_json
from gewu.occasions.kinds import ARRIVE, CONVENE, readable, types
from gewu.registry.directory import get_directory

PAGE = 50
CAP = 1000
Cursor = str


@dataclass(frozen=True, slots=True)
class OccasionRow:
    """A line of a list. ``leader`` and ``spot`` are empty once the words are erased; days are the district's."""

    record_id: UUID
    type: str
    number: str
    stage: str
    ended: bool
    version: int
    day: date
    period: str
    place: str
    street: str
    building: str
    unit: str
    led_by: str
    starts_at: datetime | None
    ends_at: datetime | None
    opened_at: datetime | None
    adjourned_at: datetime | None
    settled_at: datetime | None
    followed_at: datetime | None
    noticed_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    postponements: int
    attendance: int
    matters: int
    withdrawn: int
    cases: int
    joined: int
    answered: int
    ended_cases: int
    answers: int
    tellings: int
    matters_open: int
    cases_open: int
    playbook_version: int
    due_at: datetime | None
    clock: str
    warns_at: datetime | None
    leader: str
    spot: str
    erased: bool
    sort: str = ""
    name: str = ""
    strand: str = ""
    activity: str = ""
    reached: int = 0
    subject: str = ""

    @property
    def playbook(self) -> str:
        """The name of its playbook, which is its type."""
        return self.type


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows. ``state``: open, late, ended, or all for none. ``held``: that it began."""

    type: str
    ended: bool | None = None
    late_at: datetime | None = None
    street: str = ""
    unit: str = ""
    period: str = ""
    """A month ``2026-11`` or a year ``2026``."""
    led_by: str = ""
    stage: str = ""
    number: str = ""
    held: bool | None = None
    sort: str = ""
    strand: str = ""
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first, and where the next begin; ``after`` is None at the end."""

    rows: list[OccasionRow]
    after: Cursor | None


COLUMNS = (
    "r.id, o.type, o.number, r.stage, r.ended, r.version, o.day, o.period, o.place, o.street, o.building, o.unit,"
    " o.led_by, o.starts_at, o.ends_at, o.opened_at, o.adjourned_at, o.settled_at, o.followed_at, o.noticed_at,"
    " o.closed_at, o.cancelled_at, o.postponements, o.attendance, o.matters, o.withdrawn, o.cases, o.joined,"
    " o.answered, o.ended, o.answers, o.tellings, o.matters_open, o.cases_open, r.playbook_version, r.due_at,"
    " r.state->'clocks', o.sort, o.strand, o.activity, o.reached, o.sealed, k.key_id, k.wrapped"
)
FROM = (
    " FROM occasions_occasion o"
    " JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.record_id"
    " JOIN ledger_recordkey k ON k.district_id = o.district_id AND k.record_id = o.record_id"
)
_PLAIN = 34


def list_occasions(
    district_id: int, acting: Acting, wanted: Filter, *, after: Cursor | None = None, limit: int = PAGE
) -> Page:
    """One page of a type, newest first, in one statement; empty for whom it is not. Raises ``BadCursor``."""
    if not readable(get_directory(district_id), acting):
        return Page([], None)
    where, params = conditions(district_id, acting, wanted)
    if after:
        where.append("o.record_id < %s")
        params.append(uuid_of(after))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}{FROM} WHERE {' AND '.join(where)} ORDER BY o.record_id DESC LIMIT %s",
            [*params, limit + 1],
        )
        found = cursor.fetchall()
    rows = [row_of(district_id, row) for row in found[:limit]]
    return Page(rows, str(rows[-1].record_id) if len(found) > limit else None)


def calls_on(district_id: int, acting: Acting, limit: int) -> list[OccasionRow]:
    """Open occasions that call the actor's post to a place, earliest deadline first, in one statement: those of types
    in which somebody arrives, where the post has a part that is not that of whoever calls."""
    calling = [name for name, playbook in types(get_directory(district_id)).items() if ARRIVE in playbook.moves]
    if not calling:
        return []
    who = acting.actor
    part = (
        "EXISTS (SELECT 1 FROM ledger_assignment a WHERE a.district_id = r.district_id AND a.record_id = r.id"
        " AND a.live AND a.slot <> %s AND (a.unit = '' OR a.unit = %s) AND (a.role = '' OR a.role = ANY(%s))"
        " AND (a.person = '' OR a.person = %s))"
    )
    where, params = narrowed(
        acting,
        ["o.district_id = %s", "o.type = ANY(%s)", "NOT r.ended", part],
        [district_id, calling, CONVENE, who.unit, sorted(who.roles), who.person],
        (),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}{FROM} WHERE {' AND '.join(where)} ORDER BY r.due_at, r.id LIMIT %s", [*params, limit]
        )
        return [row_of(district_id, row) for row in cursor.fetchall()]


def find_occasion(district_id: int, number: str) -> UUID | None:
    """The record of an occasion's number, exactly as it is written, by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id FROM occasions_occasion WHERE district_id = %s AND number = %s LIMIT 1",
            [district_id, number.strip()],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def numbers_of(district_id: int, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Type and number of those of these records that are occasions, in one statement."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, type, number FROM occasions_occasion WHERE district_id = %s AND record_id = ANY(%s)",
            [district_id, ids],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def conditions(district_id: int, acting: Acting, wanted: Filter) -> tuple[list[str], list[Any]]:
    """The conditions of a list with their values; ``o`` is the occasion, ``r`` its record."""
    where, params = narrowed(
        acting,
        ["o.district_id = %s", "o.type = %s"],
        [district_id, wanted.type],
        (
            ("o.street = %s", wanted.street),
            ("o.unit = %s", wanted.unit),
            ("o.led_by = %s", wanted.led_by),
            ("r.stage = %s", wanted.stage),
            ("o.sort = %s", wanted.sort),
            ("o.strand = %s", wanted.strand),
            ("o.activity = %s", wanted.activity),
            ("NOT r.ended AND r.due_at < %s", wanted.late_at),
        ),
    )
    if wanted.ended is not None:
        where.append("r.ended" if wanted.ended else "NOT r.ended")
    if wanted.held is not None:
        where.append(f"o.opened_at IS {'NOT ' if wanted.held else ''}NULL")
    if wanted.period:
        exact = len(wanted.period) > 4
        where.append("o.period = %s" if exact else "o.period >= %s AND o.period < %s")
        params += [wanted.period] if exact else [wanted.period, wanted.period + "~"]
    if wanted.number:
        escaped = wanted.number.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        where.append("o.number LIKE %s")
        params.append(f"%{escaped}%")
    return where, params


def row_of(district_id: int, row: tuple[Any, ...]) -> OccasionRow:
    """A line from the columns of ``COLUMNS``."""
    version, due, clocks, sort, strand, activity, reached, sealed, key_id, wrapped = row[_PLAIN:]
    running = [c for c in as_json(clocks) if c["status"] == "running"]
    first = min(running, key=lambda c: c["due_at"], default=None)
    warns = None
    if first is not None:
        at = first["started_at"] if first["phase"] else first["next_at"]
        warns = datetime.fromtimestamp(at, FOREVER.tzinfo) if at < first["due_at"] else None
    texts = open_texts(district_id, row[0], key_id, wrapped, sealed) or {}
    due_at, clock = None if due == FOREVER else due, first["spec"] if first else ""
    told = (texts.get("leader", ""), texts.get("where", ""), wrapped is None)
    more = (sort, texts.get("name", ""), strand, activity, reached, texts.get("subject", ""))
    return OccasionRow(*(*row[:_PLAIN], version, due_at, clock, warns, *told, *more))
