"""Numbers by which people know records, for whatever leaves or lists many of them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from gewu.office.queries import kind_of


def numbers_of(district_id: int, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers of cases and of entries of registers. Two statements at most."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, number FROM cases_case WHERE district_id = %s AND record_id = ANY(%s)",
            [district_id, wanted],
        )
        found: dict[UUID, str] = dict(cursor.fetchall())
    rest = [one for one in wanted if one not in found]
    return found | {one: number for one, (_, number) in kind_of(district_id, rest).items()} if rest else found
