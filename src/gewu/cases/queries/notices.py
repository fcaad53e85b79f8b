"""Notices for a post: messages to its role, its unit or its holder, about records that it may see.

Reading is each person's own: a notice that came for a post waits for everybody who held one like it when it came (see
``gewu.ledger.outbox.readers``). A program that acts for a post reads for whoever holds the post, as with all it does.
"""

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
    unread: bool
    kind: str = "case"


_MINE = "JOIN ledger_reading g ON g.district_id = n.district_id AND g.notice_id = n.id AND g.reader = %s"
_ABOUT = (
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
    """Number of notices that wait for the person at this post, at most ``UNREAD_CAP`` + 1, in one statement."""
    where, params = _where(district_id, acting)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM ledger_notice n {_MINE}{_ABOUT}"
            f" WHERE g.district_id = %s AND g.read_at IS NULL AND {where} LIMIT %s) capped",
            [acting.actor.person, district_id, *params, UNREAD_CAP + 1],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def list_notices(
    district_id: int, acting: Acting, *, unread: bool = False, after: str | None = None
) -> tuple[list[Notice], str | None]:
    """One page of notices, newest first, and where the next begins; in one statement. Raises ``BadCursor``."""
    where, params = _where(district_id, acting)
    if unread:
        where += " AND g.district_id = %s AND g.read_at IS NULL"
        params.append(district_id)
    if after:
        params.append(uuid_of(after))
        where += " AND n.id < %s"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.id, n.record_id, coalesce(c.number, ''), coalesce(c.category, ''), coalesce(r.place, ''),"
            " coalesce(r.playbook, ''), coalesce(r.playbook_version, 0), n.message, n.detail, n.at, g.read_at,"
            " g.notice_id IS NOT NULL AND g.read_at IS NULL, coalesce(r.kind, 'house')"
            f" FROM ledger_notice n {'' if unread else 'LEFT '}{_MINE}{_ABOUT}"
            f" WHERE {where} ORDER BY {'g.notice_id' if unread else 'n.id'} DESC LIMIT %s",
            [acting.actor.person, *params, PAGE + 1],
        )
        found = cursor.fetchall()
    notices = [Notice(*(*row[:8], as_json(row[8]) or {}, *row[9:])) for row in found[:PAGE]]
    return notices, str(notices[-1].id) if len(found) > PAGE else None


def mark_read(district_id: int, acting: Acting, notices: Sequence[UUID], at: datetime) -> int:
    """Mark these notices as read by the person at this post, or all for an empty sequence. Returns how many waited."""
    where, params = _where(district_id, acting)
    if notices:
        where += " AND n.id = ANY(%s)"
        params.append(list(notices))
    mine = "district_id = %s AND reader = %s AND read_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE ledger_reading SET read_at = %s WHERE {mine} AND notice_id IN"
            f" (SELECT n.id FROM ledger_notice n {_MINE}{_ABOUT} WHERE g.read_at IS NULL AND {where})",
            [at, district_id, acting.actor.person, acting.actor.person, *params],
        )
        return int(cursor.rowcount)
