"""Lists of cases: keyset pages and capped counts.

Visible = place prefix or area or overlap with involved; the reporter's name is masked to whoever does not need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries.marks import instant_of, uuid_of
from gewu.cases.queries.rows import CaseRow, row_of
from gewu.core.places import PlaceLevel
from gewu.ledger.door import Acting
from gewu.ledger.rows import FOREVER

PAGE = 50
CAP = 200
"""Counts stop here and are shown as "200+": what a count costs does not grow with the cases that there are."""

FEW = 3000
"""So many cases of a filter are counted in one pass."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows. ``queue`` "mine" are cases in which the actor's unit, post or person has a live part."""

    stages: tuple[str, ...] = ()
    ended: bool | None = None
    overdue_at: datetime | None = None
    """Open cases that were late at this instant."""
    soon_at: datetime | None = None
    """Open cases that were in time at this instant, but had used the share of their limit at which they warn (80 %)."""
    calm_at: datetime | None = None
    """Open cases with a limit that were neither late nor near it at this instant."""
    due_by: datetime | None = None
    """Open cases that are due before this instant."""
    category: str = ""
    place: str = ""
    area: str = ""
    unit: str = ""
    number: str = ""
    source: str = ""
    mine: bool = False
    slots: tuple[str, ...] = ()
    """With ``mine``: only parts of these slots."""
    records: tuple[UUID, ...] = ()
    order: str = "due"
    """``due``: earliest deadline first. ``recent``: newest first."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows and where the next ones begin; ``after`` is None at the end."""

    rows: list[CaseRow]
    after: str | None


COLUMNS = (
    "r.id, c.number, c.outside_number, r.stage, r.ended, r.version, r.place, r.areas, c.category, c.source, c.urgent,"
    " c.flags, r.state->'tags', c.lead_unit, r.due_at, r.state->'clocks', c.reported_at, r.updated_at, c.sealed,"
    " c.lon_e6, c.lat_e6, r.playbook, r.playbook_version, r.state->'assignments', k.key_id, k.wrapped"
)
JOINS = (
    " JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
    " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
)
FROM = f" FROM ledger_record r{JOINS}"


def list_cases(
    district_id: int, acting: Acting, wanted: Filter, *, after: str | None = None, limit: int = PAGE
) -> Page:
    """One page of cases, in one statement."""
    where, params = conditions(district_id, acting, wanted)
    order = "r.id DESC" if wanted.order == "recent" else "r.due_at, r.id"
    if after:
        condition, values = _beyond(wanted.order, after)
        where.append(condition)
        params += values
    with connection.cursor() as cursor:
        # The page first, from narrow rows in the order of an index: the rest is read for its rows only.
        cursor.execute(
            f"SELECT {COLUMNS} FROM (SELECT r.id{_tables(where)} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT %s)"
            f" page JOIN ledger_record r ON r.district_id = %s AND r.id = page.id{JOINS} ORDER BY {order}",
            [*params, limit + 1, district_id],
        )
        found = cursor.fetchall()
    more = len(found) > limit
    rows = [row_of(district_id, row) for row in found[:limit]]
    if not more:
        return Page(rows, None)
    last = found[limit - 1]
    return Page(rows, str(last[0]) if wanted.order == "recent" else f"{last[14].isoformat()}~{last[0]}")


def versions(
    district_id: int, acting: Acting, wanted: Filter, *, after: str | None = None, limit: int = PAGE
) -> dict[UUID, int]:
    """The cases of a page and how often each has changed, in the page's order: what tells whether a page is of now.

    One statement that reads what ``list_cases`` finds a page by, and nothing else.
    """
    where, params = conditions(district_id, acting, wanted)
    if after:
        condition, values = _beyond(wanted.order, after)
        where.append(condition)
        params += values
    order = "r.id DESC" if wanted.order == "recent" else "r.due_at, r.id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, r.version{_tables(where)} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT %s",
            [*params, limit],
        )
        return dict(cursor.fetchall())


def _beyond(order: str, after: str) -> tuple[str, list[Any]]:
    """The condition on what comes behind a mark of ``Page.after``. Raises ``BadCursor``."""
    if order == "recent":
        return "r.id < %s", [uuid_of(after)]
    due, _, record = after.partition("~")
    return "(r.due_at, r.id) > (%s, %s)", [instant_of(due), uuid_of(record)]


def count_by_stage(district_id: int, acting: Acting, wanted: Filter) -> dict[str, int]:
    """Number of open cases in each stage, each at most ``CAP`` + 1, in one statement."""
    return counts(district_id, acting, wanted)[0]


def counts(
    district_id: int, acting: Acting, wanted: Filter, more: Sequence[Filter] = ()
) -> tuple[dict[str, int], list[int]]:
    """Numbers of open cases in the stages of a filter, and of the cases of more filters, each at most ``CAP`` + 1.

    One statement, which reads no more rows than it counts where an index fits the filter.
    """
    where, params = conditions(district_id, acting, replace(wanted, stages=(), ended=False))
    one_stage = f"SELECT 1{_tables(where)} WHERE r.stage = s.stage AND {' AND '.join(where)} LIMIT %s"
    begin = ""
    told = f"(SELECT count(*) FROM ({one_stage}) capped)"
    if _narrow(acting, wanted):
        # Few cases fit, or may: they are read once, and stage by stage only when they turn out to be many.
        begin = f"WITH few AS MATERIALIZED (SELECT r.stage{_tables(where)} WHERE {' AND '.join(where)} LIMIT %s) "
        few = "(SELECT count(*) FROM few WHERE few.stage = s.stage)"
        told = f"CASE WHEN (SELECT count(*) FROM few) < %s THEN {few} ELSE {told} END"
        values = [*params, FEW, FEW, *params, CAP + 1, list(wanted.stages)]
    else:
        values = [*params, CAP + 1, list(wanted.stages)]
    parts = [f"SELECT s.no, {told} FROM unnest(%s::text[]) WITH ORDINALITY AS s(stage, no)"]
    for number, one in enumerate(more, start=1):
        where, params = conditions(district_id, acting, one)
        parts.append(f"SELECT %s, count(*) FROM (SELECT 1{_tables(where)} WHERE {' AND '.join(where)} LIMIT %s) capped")
        values += [-number, *params, CAP + 1]
    with connection.cursor() as cursor:
        cursor.execute(begin + " UNION ALL ".join(parts), values)
        found = {int(no): int(count) for no, count in cursor.fetchall()}
    stages = {stage: found.get(no, 0) for no, stage in enumerate(wanted.stages, start=1)}
    return stages, [found[-number] for number in range(1, len(more) + 1)]


def _narrow(acting: Acting, wanted: Filter) -> bool:
    """Whether few cases may be counted: a filter is set, or the actor sees a part of the district only."""
    whole = acting.scope is None or any(len(prefix) <= PlaceLevel.DISTRICT.digits for prefix in acting.scope.prefixes)
    return not whole or replace(wanted, stages=(), ended=None, order="due") != Filter()


def count_to(district_id: int, acting: Acting, wanted: Filter, most: int) -> int:
    """Number of cases of a filter, at most ``most``: for work beside the pages, not for a page."""
    where, params = conditions(district_id, acting, wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1{_tables(where)} WHERE {' AND '.join(where)} LIMIT %s) capped",
            [*params, most],
        )
        return int(cursor.fetchone()[0])


def _tables(where: Iterable[str]) -> str:
    """What has to be read to count: the case beside its record only where a condition asks for it."""
    if any("c." in one for one in where):
        return " FROM ledger_record r JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
    return " FROM ledger_record r"


def conditions(district_id: int, acting: Acting, wanted: Filter) -> tuple[list[str], list[Any]]:
    """The conditions of a filter and of what the actor may see, with their parameters."""
    where = ["r.district_id = %s", "r.kind = 'case'"]
    params: list[Any] = [district_id]
    sight, sight_params = visible(acting)
    if sight:
        where.append(sight)
        params += sight_params
    if len(wanted.stages) == 1:
        where.append("r.stage = %s")  # one stage is in the order of its index, a list of them is not
        params.append(wanted.stages[0])
    elif wanted.stages:
        where.append("r.stage = ANY(%s)")
        params.append(list(wanted.stages))
    if wanted.ended is not None:
        where.append("r.ended" if wanted.ended else "NOT r.ended")
    if wanted.overdue_at is not None:
        where.append("NOT r.ended AND r.due_at < %s")
        params.append(wanted.overdue_at)
    if wanted.soon_at is not None:
        where.append("NOT r.ended AND r.warned AND r.due_at >= %s")
        params.append(wanted.soon_at)
    if wanted.calm_at is not None:
        where.append("NOT r.ended AND NOT r.warned AND r.due_at >= %s AND r.due_at < %s")
        params += [wanted.calm_at, FOREVER]
    if wanted.due_by is not None:
        where.append("NOT r.ended AND r.due_at < %s")
        params.append(wanted.due_by)
    for value, condition in (
        (wanted.number, "c.number = %s"),
        (wanted.source, "r.source = %s"),
        (wanted.unit, "r.lead_unit = %s"),
    ):
        if value:
            where.append(condition)
            params.append(value)
    if wanted.category:
        low, high = _prefix(wanted.category)
        where.append("r.category >= %s AND r.category < %s")
        params += [low, high]
    if wanted.place:
        low, high = _prefix(wanted.place)
        where.append("r.place >= %s AND r.place < %s")
        params += [low, high]
    if wanted.area:
        where.append("r.areas @> ARRAY[%s]")
        params.append(wanted.area)
    if wanted.records:
        where.append("r.id = ANY(%s)")
        params.append(list(wanted.records))
    if wanted.mine:
        where.append(
            "EXISTS (SELECT 1 FROM ledger_assignment a WHERE a.district_id = r.district_id AND a.record_id = r.id"
            " AND a.live AND (a.unit = '' OR a.unit = %s) AND (a.role = '' OR a.role = ANY(%s))"
            " AND (a.person = '' OR a.person = %s) AND (%s OR a.slot = ANY(%s)))"
        )
        who = acting.actor
        params += [who.unit, sorted(who.roles), who.person, not wanted.slots, list(wanted.slots)]
    return where, params


def _prefix(code: str) -> tuple[str, str]:
    """Bounds of all codes that begin with this one, in byte order."""
    return code, code + "\U0010ffff"


def narrowed(
    acting: Acting, where: Iterable[str], params: Iterable[Any], wanted: Iterable[tuple[str, Any]]
) -> tuple[list[str], list[Any]]:
    """Conditions with their values: those that always hold, what the actor sees of the record ``r``, and of what is
    wanted (a condition and its value) as much as was given. None, an empty text and an empty list are not given."""
    sight, sight_params = visible(acting)
    given = [(condition, value) for condition, value in wanted if value is not None and value not in ("", [], ())]
    return (
        [*where, *([sight] if sight else ()), *(condition for condition, _value in given)],
        [*params, *sight_params, *(value for _condition, value in given)],
    )


def visible(acting: Acting, alias: str = "r") -> tuple[str, list[Any]]:
    """The condition under which an actor sees a record; empty when everything is visible."""
    if acting.scope is None:
        return "", []
    parts: list[str] = []
    params: list[Any] = []
    for prefix in acting.scope.prefixes:
        low, high = _prefix(prefix)
        parts.append(f"({alias}.place >= %s AND {alias}.place < %s)")
        params += [low, high]
    if acting.scope.areas:
        parts.append(f"{alias}.areas && %s")
        params.append(sorted(acting.scope.areas))
    if acting.path:
        parts.append(f"{alias}.involved @> ARRAY[%s]")
        params.append(acting.path)
    return (f"({' OR '.join(parts)})", params) if parts else ("false", [])
