"""Notices for a post: messages to its role, its unit or its holder, about records that it may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries.lists import visible
from gewu.cases.queries.marks import uuid_of
from gewu.ledger.door import Acting
from gewu.ledger.store import as_json

PAGE = 50
UNREAD_CAP = 99
"""Unread notices are counted up to here and shown as "99+"."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message as a page shows it. The playbook is that of its record; number and category are empty for records
    that are no cases (``kind``). What the house itself tells is about no record: its kind is ``house``."""

    id: UUID
    record_id: UUID | None
    number: str
    category: str
    place: str
    playbook: str
    playbook_version: int
    message: str
    detail: dict[str, Any]
    at: datetime
    read_at: datetime | None
    kind: str = "case"


_FROM = (
    " FROM ledger_notice n"
    " LEFT JOIN ledger_record r ON r.district_id = n.district_id AND r.id = n.record_id"
    " LEFT JOIN cases_case c ON c.district_id = n.district_id AND c.record_id = n.record_id"
)


def _where(district_id: int, acting: Acting) -> tuple[str, list[Any]]:
    """A notice is for a post when role, unit and person, as far as it names them, are the post's own."""
    where = [
        "n.district_id = %s",
        "n.role <> 'reporter'",
        "(n.role = '' OR n.role = ANY(%s))",
        "(n.unit = '' OR n.unit = %s)",
        "(n.person = '' OR n.person = %s)",
        "(n.role <> '' OR n.unit <> '' OR n.person <> '')",
    ]
    params: list[Any] = [district_id, sorted(acting.actor.roles), acting.actor.unit, acting.actor.person]
    sight, sight_params = visible(acting)
    if sight:
        where.append(f"(n.record_id IS NULL OR {sight})")
        params += sight_params
    return " AND ".join(where), params


def unread_notices(district_id: int, acting: Acting) -> int:
    """Number of unread notices, at most ``UNREAD_CAP`` + 1, in one statement."""
    where, params = _where(district_id, acting)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1{_FROM} WHERE {where} AND n.read_at IS NULL LIMIT %s) capped",
            [*params, UNREAD_CAP + 1],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def list_notices(
    district_id: int, acting: Acting, *, unread: bool = False, after: str | None = None
) -> tuple[list[Notice], str | None]:
    """One page of notices, newest first, and where the next begins; in one statement. Raises ``BadCursor``."""
    where, params = _where(district_id, acting)
    if unread:
        where += " AND n.read_at IS NULL"
    if after:
        params.append(uuid_of(after))
        where += " AND n.id < %s"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.id, n.record_id, coalesce(c.number, ''), coalesce(c.category, ''), coalesce(r.place, ''),"
            " coalesce(r.playbook, ''), coalesce(r.playbook_version, 0), n.message, n.detail, n.at, n.read_at,"
            f" coalesce(r.kind, 'house'){_FROM} WHERE {where} ORDER BY n.id DESC LIMIT %s",
            [*params, PAGE + 1],
        )
        found = cursor.fetchall()
    notices = [Notice(*(*row[:8], as_json(row[8]) or {}, *row[9:])) for row in found[:PAGE]]
    return notices, str(notices[-1].id) if len(found) > PAGE else None


def mark_read(district_id: int, acting: Acting, notices: Sequence[UUID], at: datetime) -> int:
    """Mark these notices as read, or all of the post's for an empty sequence. Returns how many were unread."""
    where, params = _where(district_id, acting)
    if notices:
        where += " AND n.id = ANY(%s)"
        params.append(list(notices))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_notice SET read_at = %s WHERE district_id = %s AND read_at IS NULL AND id IN"
            f" (SELECT n.id{_FROM} WHERE {where})",
            [at, district_id, *params],
        )
        return int(cursor.rowcount)
