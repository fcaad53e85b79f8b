"""Cases that were solved, as anybody may know them: what, in which community, when. No words, no position, no number.

What is public of them is the community, never the grid or the door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

SOLVED = "c.closed_at IS NOT NULL AND (r.ended OR r.stage = 'closed') AND c.solved <> 'unsolved'"
"""What counts as solved: closed after a check, not declined, void or merged, and not denied by the reporter."""
COMMUNITY = 12
"""Digits of a community's code."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A solved case. ``place`` is at most a community's code."""

    record_id: UUID
    category: str
    place: str
    reported_at: datetime
    closed_at: datetime


def solved_cases(
    district_id: int,
    *,
    place: str = "",
    category: str = "",
    after: tuple[datetime, UUID] | None = None,
    limit: int = 20,
) -> list[Solved]:
    """Solved cases in a place and of a category (beginnings of codes), last closed first. One statement.

    ``after`` are instant and record of the last one before.
    """
    where = [SOLVED]
    params: list[Any] = [district_id]
    if place:
        where.append("r.place >= %s AND r.place < %s")
        params += [place, f"{place}~"]
    if category:
        where.append("c.category >= %s AND c.category < %s")
        params += [category, f"{category}~"]
    if after is not None:
        where.append("(c.closed_at, c.record_id) < (%s, %s)")
        params += after
    return _rows(" AND ".join(where), params, limit)


def _rows(where: str, params: list[Any], limit: int) -> list[Solved]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.record_id, c.category, left(r.place, {COMMUNITY}), c.reported_at, c.closed_at"
            " FROM cases_case c JOIN ledger_record r ON r.district_id = c.district_id AND r.id = c.record_id"
            f" WHERE c.district_id = %s AND {where} ORDER BY c.closed_at DESC, c.record_id DESC LIMIT %s",
            [*params, limit],
        )
        return [Solved(*row) for row in cursor.fetchall()]


def solved_by_community(district_id: int, since: datetime) -> dict[str, int]:
    """How many cases were solved in each community since an instant, by its code. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT left(r.place, {COMMUNITY}), count(*) FROM cases_case c"
            " JOIN ledger_record r ON r.district_id = c.district_id AND r.id = c.record_id"
            f" WHERE c.district_id = %s AND {SOLVED} AND c.closed_at >= %s AND length(r.place) >= {COMMUNITY}"
            " GROUP BY 1",
            [district_id, since],
        )
        return dict(cursor.fetchall())
