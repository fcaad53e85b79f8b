"""What stands now: open cases by stage, and what is late and with whom. Counts are whole; nothing here names a person.

A case is late when the first of its deadlines has passed; it is with whoever that clock waits for: a unit, or, where no
unit has it yet, the desk whose turn its stage is. ``places`` are prefixes of place codes, none means all of them. The
counts and the lists behind them come from the same conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

MOST = 1000

_FIRST_CLOCK = (
    " JOIN LATERAL (SELECT k.holder FROM ledger_clock k WHERE k.district_id = r.district_id AND k.record_id = r.id"
    " AND k.status = 'running' ORDER BY k.due_at, k.clock_id LIMIT 1) first ON true"
)


@dataclass(frozen=True, slots=True)
class Late:
    """What is late with one holder: a unit, or (``unit`` empty) the desk whose turn the stage is."""

    unit: str
    stage: str
    n: int
    oldest: datetime
    """The deadline that passed longest ago."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An open case: what it is about, and its first deadline."""

    record_id: UUID
    number: str
    stage: str
    category: str
    place: str
    lead_unit: str
    reported_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Which:
    """Which open cases: of these stages (none means all); with ``late_at``, late at that instant.

    ``unit`` (with ``late_at``) None asks for any holder, an empty one for what no unit has.
    """

    places: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    late_at: datetime | None = None
    unit: str | None = None


def count_standing(district_id: int, places: Sequence[str]) -> dict[str, int]:
    """Number of open cases in each stage, not capped. One statement."""
    where, params = _conditions(district_id, Which(tuple(places)))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT r.stage, count(*) FROM ledger_record r WHERE {where} GROUP BY 1", params)
        return {stage: int(n) for stage, n in cursor.fetchall()}


def count_late(district_id: int, places: Sequence[str], at: datetime) -> list[Late]:
    """What is late at an instant and with whom, the one with the oldest deadline first. One statement."""
    where, params = _conditions(district_id, Which(tuple(places), late_at=at))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT first.holder, CASE WHEN first.holder = '' THEN r.stage ELSE '' END, count(*), min(r.due_at)"
            f" FROM ledger_record r{_FIRST_CLOCK} WHERE {where} GROUP BY 1, 2 ORDER BY 4, 1, 2",
            params,
        )
        return [Late(unit, stage, int(n), oldest) for unit, stage, n, oldest in cursor.fetchall()]


def list_standing(
    district_id: int, wanted: Which, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Standing]:
    """The cases behind such a number, the earliest deadline first; ``after`` is (due_at, record_id) of the last one."""
    where, params = _conditions(district_id, wanted)
    if after is not None:
        where += " AND (r.due_at, r.id) > (%s, %s)"
        params += after
    joined = _FIRST_CLOCK if wanted.late_at is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, c.number, r.stage, c.category, r.place, c.lead_unit, c.reported_at, r.due_at"
            " FROM ledger_record r JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
            f"{joined} WHERE {where} ORDER BY r.due_at, r.id LIMIT %s",
            [*params, min(limit, MOST)],
        )
        return [Standing(*row) for row in cursor.fetchall()]


def _conditions(district_id: int, wanted: Which) -> tuple[str, list[Any]]:
    where = ["r.district_id = %s", "r.kind = 'case'", "NOT r.ended"]
    params: list[Any] = [district_id]
    if wanted.places:
        where.append("(" + " OR ".join("(r.place >= %s AND r.place < %s)" for _ in wanted.places) + ")")
        params += [bound for place in wanted.places for bound in (place, place + "\U0010ffff")]
    if wanted.stages:
        where.append("r.stage = ANY(%s)")
        params.append(list(wanted.stages))
    if wanted.late_at is not None:
        where.append("r.due_at < %s")
        params.append(wanted.late_at)
    if wanted.unit is not None:
        where.append("first.holder = %s")
        params.append(wanted.unit)
    return " AND ".join(where), params
