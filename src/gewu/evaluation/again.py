"""Where a problem came again: cases that were reported where one of their kind had been closed before.

What counts as the same problem, and within how many days, stands in the definitions (``recurrence``); the pairs are
found by ``recurrence.refresh_daily``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from gewu.evaluation.conditions import literal
from gewu.evaluation.statement import restrictions
from gewu.evaluation.values import Found, Period, Where

COMMUNITY_DIGITS = 12
LONGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Spot:
    """A place (to the community) and a category, and how many cases of it came again there."""

    place: str
    category: str
    n: int


def count_again(district_id: int, period: Period, *, as_of: int, where: Where) -> list[Spot]:
    """Places and categories of a period's cases that were the same problem again, the most frequent first.

    One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT substr(f.place, 1, {COMMUNITY_DIGITS}), f.category, count(*) FROM evaluation_fact f"
            f" WHERE {_conditions(district_id, period, as_of, where)} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        )
        return [Spot(place, category, int(n)) for place, category, n in cursor.fetchall()]


def again_behind(
    district_id: int,
    period: Period,
    *,
    as_of: int,
    where: Where,
    limit: int,
    spot: tuple[str, str] | None = None,
    after: tuple[int, UUID] | None = None,
) -> list[Found]:
    """The cases behind such a number, the oldest first: those of a ``spot`` (place, category), or all of them.

    ``after`` is (at, record_id) of the last one. One statement. Raises ``ValueError`` for a spot that is none.
    """
    wanted = _conditions(district_id, period, as_of, where)
    if spot is not None:
        wanted += (
            f" AND substr(f.place, 1, {COMMUNITY_DIGITS}) = {literal(spot[0])} AND f.category = {literal(spot[1])}"
        )
    if after is not None:
        wanted += f" AND (f.reported_at, f.record_id) > ({int(after[0])}, '{UUID(str(after[1]))}'::uuid)"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.record_id, f.number, f.reported_at, f.category, f.place, f.lead_unit, f.stage"
            f" FROM evaluation_fact f WHERE {wanted}"
            f" ORDER BY f.reported_at, f.record_id LIMIT {min(int(limit), LONGEST_PAGE)}"
        )
        return [Found(*row) for row in cursor.fetchall()]


def _conditions(district_id: int, period: Period, as_of: int, where: Where) -> str:
    again = (
        "EXISTS (SELECT 1 FROM evaluation_recurrence r"
        " WHERE r.district_id = f.district_id AND r.next_record_id = f.record_id)"
    )
    found: Sequence[str] = (
        f"f.district_id = {int(district_id)}",
        f"f.reported_at >= {int(period.start)}",
        f"f.reported_at < {int(period.end)}",
        f"f.reported_at <= {int(as_of)}",
        *restrictions(where, "f.lead_unit"),
        again,
    )
    return " AND ".join(found)
