"""Appeals as somebody at the desk reads them: a unit its own, the reviewers those of their territory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries.page import TimelineEntry, timeline_of
from gewu.core.evolve import state_from_json
from gewu.core.records import State
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.ledger.keys import Cipher, unwrap
from gewu.ledger.store import as_json

REVIEWERS = frozenset({"dispatcher", "shift_leader", "comprehensive_office"})
"""Roles that see the appeals of all units in their territory."""
MOST = 200

_COLUMNS = (
    "a.record_id, a.number, a.indicator, f.number, a.unit, a.stage, a.lodged_at, coalesce(a.granted_at, a.rejected_at),"
    " r.place, r.areas, r.involved"
)
_FROM = (
    " FROM evaluation_appeal a"
    " JOIN ledger_record r ON r.district_id = a.district_id AND r.id = a.record_id"
    " LEFT JOIN evaluation_fact f ON f.district_id = a.district_id AND f.record_id = a.case_id"
)


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One appeal. ``case_number`` is empty when the case is no longer there."""

    record_id: UUID
    number: str
    indicator: str
    case_number: str
    unit: str
    stage: str
    lodged_at: int
    decided_at: int | None


@dataclass(frozen=True, slots=True)
class AppealView:
    """One appeal with its state and what was said. Texts are None where they were erased."""

    row: AppealRow
    state: State
    timeline: list[TimelineEntry]


def may_see_appeals(acting: Acting) -> bool:
    """Whether somebody has appeals to see: a unit's clerk and the reviewers."""
    return bool(acting.actor.roles & (REVIEWERS | {"unit_clerk"}))


def _sees(acting: Acting, unit: str, seen: Sequence[Any]) -> bool:
    if acting.actor.roles & REVIEWERS:
        return acting.sees(*seen)
    return "unit_clerk" in acting.actor.roles and acting.actor.unit == unit


def list_appeals(district_id: int, acting: Acting) -> list[AppealRow]:
    """The latest appeals that somebody may see, at most ``MOST``, the newest first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}{_FROM} WHERE a.district_id = %s AND (%s OR a.unit = %s)"
            f" ORDER BY a.lodged_at DESC, a.record_id DESC LIMIT {MOST}",
            [district_id, bool(acting.actor.roles & REVIEWERS), acting.actor.unit],
        )
        return [_row(row) for row in cursor.fetchall() if _sees(acting, row[4], row[8:11])]


def get_appeal(district_id: int, acting: Acting, record_id: UUID) -> AppealView:
    """One appeal. Two statements. Raises ``NotFound``, also for one that is not for the actor's eyes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}, r.state, k.key_id, k.wrapped{_FROM}"
            " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
            " WHERE a.district_id = %s AND a.record_id = %s",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    if row is None or not _sees(acting, row[4], row[8:11]):
        raise NotFound("no such appeal")
    cipher = None
    if row[13] is not None:
        cipher = Cipher(unwrap(bytes(row[13]), row[12], district_id, record_id), district_id, record_id)
    timeline = timeline_of(district_id, record_id, cipher, ())
    return AppealView(_row(row), state_from_json(as_json(row[11])), timeline)


def _row(row: Sequence[Any]) -> AppealRow:
    return AppealRow(row[0], row[1], row[2], row[3] or "", row[4], row[5], row[6], row[7])
