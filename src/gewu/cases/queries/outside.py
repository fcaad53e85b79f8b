"""Cases as anybody may know them: where they stand, and when that changed. No words, no names, no positions.

Each function is one statement, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.ledger.store import as_json

CLOSED = "closed"
"""The stage in which a case is solved, though its answer is still being written."""
UNLISTED = ("voided",)
"""Stages that are told to whoever asks by number, and not listed: tests, abuse, mistakes."""

_CLOSED = f"(r.ended OR r.stage = '{CLOSED}')"
_UPDATED = f"CASE WHEN {_CLOSED} THEN coalesce(c.closed_at, r.updated_at) ELSE r.updated_at END"
_MERGED = (
    "CASE WHEN r.stage = 'merged' THEN (SELECT t.number FROM ledger_link l"
    " JOIN cases_case t ON t.district_id = l.district_id AND t.record_id = l.other_id"
    " WHERE l.district_id = r.district_id AND l.record_id = r.id AND l.kind = 'merged_into' LIMIT 1) END"
)
_FROM = " FROM cases_case c JOIN ledger_record r ON r.district_id = c.district_id AND r.id = c.record_id"
# An event that changes the stage; the others (notes, photos, warnings) are no news for outsiders.
_CHANGES = """jsonb_path_exists(e.payload->'effects', 'strict $[*] ? (@[0] == "stage")')"""


Span = tuple[datetime, datetime]
"""From one instant to another, both included."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are asked for. ``numbers`` find any case, the others only those that are listed.

    ``categories`` and ``streets`` (the first nine digits of a place) None are all; ``closed`` None is either.
    """

    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None
    streets: tuple[str, ...] | None = None
    closed: bool | None = None
    reported: Span | None = None
    updated: Span | None = None
    limit: int = 1000
    offset: int = 0


@dataclass(frozen=True, slots=True)
class PublicRow:
    """What is public of a case. ``updated_at`` of a closed one is when it was closed."""

    record_id: UUID
    number: str
    stage: str
    closed: bool
    place: str
    category: str
    lead_unit: str
    standard: str
    reported_at: datetime
    updated_at: datetime
    due_at: datetime | None
    held_until: str | None
    goes_on: str | None
    playbook: str
    playbook_version: int


@dataclass(frozen=True, slots=True)
class PublicChange:
    """An event that put a case into another stage."""

    number: str
    seq: int
    at: datetime
    effects: Sequence[Any]
    playbook: str
    playbook_version: int


_COLUMNS = (
    f"c.record_id, c.number, r.stage, {_CLOSED}, r.place, c.category, c.lead_unit, c.standard, c.reported_at,"
    f" {_UPDATED}, c.handle_due_at, r.state->'fields'->>'suspended_until', {_MERGED}, r.playbook, r.playbook_version"
)


def public_cases(district_id: int, wanted: Wanted) -> list[PublicRow]:
    """Cases, newest first."""
    where = ["c.district_id = %s", "r.kind = 'case'"]
    params: list[Any] = [district_id]
    if wanted.numbers:
        where.append("c.number = ANY(%s)")
        params.append(list(wanted.numbers))
    else:
        where.append("r.stage <> ALL(%s)")
        params.append(list(UNLISTED))
    if wanted.reported is not None:
        where.append("c.reported_at BETWEEN %s AND %s")
        params += wanted.reported
    if wanted.updated is not None:
        # By the index on events to those that changed in this span, then by the instant that is told.
        where.append(
            "c.record_id IN (SELECT e.record_id FROM ledger_event e WHERE e.district_id = %s"
            f" AND e.at BETWEEN %s AND %s) AND {_UPDATED} BETWEEN %s AND %s"
        )
        params += [district_id, *wanted.updated, *wanted.updated]
    if wanted.categories is not None:
        where.append("c.category = ANY(%s)")
        params.append(list(wanted.categories))
    if wanted.closed is not None:
        where.append(_CLOSED if wanted.closed else f"NOT {_CLOSED}")
    if wanted.streets is not None:
        where.append("left(r.place, 9) = ANY(%s)")
        params.append(list(wanted.streets))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}{_FROM} WHERE {' AND '.join(where)}"
            " ORDER BY c.reported_at DESC, c.record_id DESC LIMIT %s OFFSET %s",
            [*params, wanted.limit, wanted.offset],
        )
        return [PublicRow(*row) for row in cursor.fetchall()]


def public_steps(district_id: int, records: Sequence[UUID]) -> dict[UUID, list[tuple[datetime, Sequence[Any]]]]:
    """The changes of stage of these records, oldest first."""
    found: dict[UUID, list[tuple[datetime, Sequence[Any]]]] = {record: [] for record in records}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.record_id, e.at, e.payload->'effects' FROM ledger_event e"
            f" WHERE e.district_id = %s AND e.record_id = ANY(%s) AND {_CHANGES} ORDER BY e.record_id, e.seq",
            [district_id, list(records)],
        )
        for record, at, effects in cursor.fetchall():
            found[record].append((at, as_json(effects)))
    return found


def public_changes(district_id: int, span: Span | None, numbers: Sequence[str], limit: int) -> list[PublicChange]:
    """Changes of stage after the first, oldest first, of some cases (by number) or of all."""
    where = ["e.district_id = %s", "r.kind = 'case'", "e.seq > 1", _CHANGES]
    params: list[Any] = [district_id]
    if span is not None:
        where.append("e.at BETWEEN %s AND %s")
        params += span
    if numbers:
        where.append("c.number = ANY(%s)")
        params.append(list(numbers))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.number, e.seq, e.at, e.payload->'effects', r.playbook, r.playbook_version{_FROM}"
            " JOIN ledger_event e ON e.district_id = c.district_id AND e.record_id = c.record_id"
            f" WHERE {' AND '.join(where)} ORDER BY e.at, e.record_id, e.seq LIMIT %s",
            [*params, limit],
        )
        return [PublicChange(n, seq, at, as_json(effects), p, v) for n, seq, at, effects, p, v in cursor.fetchall()]
