"""How operations of agencies stand, many at once: their agencies with the state of their reports, heads mustered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from gewu.occasions.kinds import AGENCY, REPORTED
from gewu.occasions.queries.agencies import HAS_REPORTED as IN
from gewu.occasions.queries.agencies import INVITATION, INVITED
from gewu.occasions.queries.agencies import NOT_REPORTED as OUT
from gewu.occasions.queries.agencies import TAKES_PART as PART

_STATUS = {REPORTED: IN, "missing": OUT}


@dataclass(frozen=True, slots=True)
class Standing:
    """An operation in a list: (unit, how it stands) of those that were invited, and the people mustered."""

    agencies: tuple[tuple[str, str], ...]
    heads: int


def standings(district_id: int, occasions: Sequence[UUID]) -> dict[UUID, Standing]:
    """The same for each of these, in two statements. An agency whose report is due by a clock counts as not reported.

    Lines of heads that were replaced do not count.
    """
    if not occasions:
        return {}
    found: dict[UUID, dict[str, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.record_id, a.unit, a.slot, a.live, a.outcome, c.record_id IS NOT NULL FROM ledger_assignment a"
            " LEFT JOIN ledger_clock c ON c.district_id = a.district_id AND c.record_id = a.record_id"
            " AND c.assignment = a.no AND c.spec = 'report'"
            " WHERE a.district_id = %s AND a.record_id = ANY(%s) AND a.slot = ANY(%s) ORDER BY a.record_id, a.no",
            [district_id, list(occasions), [INVITATION, AGENCY]],
        )
        for record, unit, slot, live, outcome, due in cursor.fetchall():
            units = found.setdefault(record, {})
            if slot == INVITATION:
                units[unit] = INVITED if live else PART if outcome == "accepted" else outcome
            elif live:
                units[unit] = OUT if due else PART
            else:
                units[unit] = _STATUS.get(outcome, outcome)
        cursor.execute(
            "SELECT x.record_id, sum(x.heads) FROM occasions_attendance x WHERE x.district_id = %s"
            " AND x.record_id = ANY(%s) AND NOT EXISTS (SELECT 1 FROM occasions_attendance c"
            " WHERE c.district_id = x.district_id AND c.record_id = x.record_id AND c.corrects = x.line)"
            " GROUP BY x.record_id",
            [district_id, list(occasions)],
        )
        heads = dict(cursor.fetchall())
    return {one: Standing(tuple(found.get(one, {}).items()), int(heads.get(one) or 0)) for one in occasions}
