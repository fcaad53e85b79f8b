"""How many tasks of a period are done: of those that began in it, as they stand now. A number is a filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from gewu.ledger.door import Acting
from gewu.occasions.queries.lists import Filter, conditions


@dataclass(frozen=True, slots=True)
class Completion:
    """Tasks that were not dropped, those that are done, in time and not, those open, and those open beyond a limit."""

    tasks: int
    done: int
    in_time: int
    open: int
    late: int
    dropped: int


def completion(district_id: int, acting: Acting, wanted: Filter, now: datetime) -> Completion:
    """Count the tasks of a filter that the actor sees, in one statement."""
    where, params = conditions(district_id, acting, wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE o.cancelled_at IS NULL), count(*) FILTER (WHERE o.closed_at IS NOT NULL),"
            " count(*) FILTER (WHERE o.closed_at <= o.ends_at), count(*) FILTER (WHERE NOT r.ended),"
            " count(*) FILTER (WHERE NOT r.ended AND r.due_at < %s),"
            " count(*) FILTER (WHERE o.cancelled_at IS NOT NULL)"
            " FROM occasions_occasion o JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.record_id"
            f" WHERE {' AND '.join(where)}",
            [now, *params],
        )
        return Completion(*map(int, cursor.fetchone()))
