"""Two centres: a matter hops between the centre of a street, which works through the posts of its office, and that of
the district. Each hop is an event with its reason; here its row, who may make it, and the lists of hops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.cases.queries import BadCursor, visible
from gewu.core.records import Arg, Refusal, State
from gewu.ledger.door import Acting
from gewu.ledger.errors import Refused
from gewu.ledger.projections import Change
from gewu.ledger.rows import moment
from gewu.registry.directory import Directory, get_directory

UP, DOWN = "lift_to_district", "return_to_street"
LEVELS = {UP: "district", DOWN: "street"}
"""Where each move leads."""
LIFTED = "lifted"
PAGE = 50


class HopJournal:
    """A row for each hop. See ``gewu.ledger.projections.Journal``."""

    table = "cases_hop"
    columns: tuple[str, ...] = ("at", "to_level", "from_unit", "to_unit", "held_s")

    def rows(self, change: Change) -> list[tuple[Any, ...]]:
        """The row of a hop; none for an erased record."""
        level = LEVELS.get(change.event.kind)
        if level is None or change.before is None or change.texts() is None:
            return []
        at, left = change.event.at, _left(change.before, change.event.kind)
        unit, since = left if left is not None else ("", None)
        held = at - since if since is not None else None
        to = "" if level == "district" else str(change.event.payload.get("args", {}).get("lead", ""))
        return [(moment(at), level, unit, to, held)]


def _left(before: State, move: str) -> tuple[str, int] | None:
    """Who had the case and since when: the unit that leads, or the district's centre since it was handed up."""
    leads = [part for part in before.assignments if part.slot == "handle" and part.mode == "lead"]
    if not leads:
        return None
    if move == UP:
        return (leads[-1].unit, leads[-1].opened_at)
    return ("", leads[-1].ended_at) if leads[-1].outcome == LIFTED else None


def refuse_level(directory: Directory, acting: Acting, move: str, args: Mapping[str, Arg]) -> None:
    """Up goes what a street has, down what a street's office can take. Raises ``Refused``."""
    if move == UP and not _of_street(directory, acting.actor.unit):
        raise Refused(Refusal("guard", {"why": {
            "en": "Only the centre of a street hands up to the district centre; return the case instead",
            "zh": "仅镇街治理中心可上报区治理中心，其他单位请退单",
        }}))  # fmt: skip
    lead = args.get("lead")
    if move == DOWN and isinstance(lead, str) and lead in directory.units and not _of_street(directory, lead):
        raise Refused(Refusal("guard", {"why": {
            "en": "This is not the office of a street: dispatch the case instead",
            "zh": "该单位不是街道办事处，请直接派遣",
        }}))  # fmt: skip


def _of_street(directory: Directory, code: str) -> bool:
    unit = directory.units.get(code)
    return unit is not None and len(unit.place) > len(directory.district.code)


@dataclass(frozen=True, slots=True)
class Hop:
    """A hop in a list. ``held_s``: seconds for which the level that it left had the case."""

    record_id: UUID
    seq: int
    number: str
    at: datetime
    to_level: str
    from_unit: str
    to_unit: str
    held_s: int | None
    stage: str
    ended: bool
    playbook: str
    playbook_version: int


@dataclass(frozen=True, slots=True)
class HopPage:
    """Some hops, newest first; ``after`` begins the next page."""

    rows: list[Hop]
    after: str | None


@dataclass(frozen=True, slots=True)
class HopTotals:
    """Hops of a period by where they led, of how many cases, and the mean seconds at the level that was left."""

    to_level: str
    hops: int
    cases: int
    mean_held_s: int | None


@dataclass(frozen=True, slots=True)
class UnitHops:
    """The hops of a period that one unit made or got, by where they led."""

    unit: str
    to_level: str
    hops: int
    cases: int
    mean_held_s: int | None


def by_unit(
    district_id: int, acting: Acting, first: date, last: date, *, to_level: str = "", units: Sequence[str] | None = None
) -> list[UnitHops]:
    """What a period brought for each unit of a street, of what the actor sees, in one statement.

    ``units`` narrows it to hops that these units made or got.
    """
    where, params = _conditions(district_id, acting, first, last, to_level, units)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE h.to_level WHEN 'district' THEN h.from_unit ELSE h.to_unit END AS unit, h.to_level, count(*),"
            " count(DISTINCT h.record_id), avg(h.held_s)::bigint FROM cases_hop h"
            " JOIN ledger_record r ON r.district_id = h.district_id AND r.id = h.record_id"
            f" WHERE {' AND '.join(where)} GROUP BY 1, 2 ORDER BY 1, 2",
            params,
        )
        return [UnitHops(*row) for row in cursor.fetchall()]


def totals(
    district_id: int, acting: Acting, first: date, last: date, *, units: Sequence[str] | None = None
) -> list[HopTotals]:
    """What a period of days brought, of what the actor sees, in one statement."""
    where, params = _conditions(district_id, acting, first, last, "", units)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.to_level, count(*), count(DISTINCT h.record_id), avg(h.held_s)::bigint FROM cases_hop h"
            " JOIN ledger_record r ON r.district_id = h.district_id AND r.id = h.record_id"
            f" WHERE {' AND '.join(where)} GROUP BY h.to_level",
            params,
        )
        found = {row[0]: HopTotals(*row) for row in cursor.fetchall()}
    return [found.get(level, HopTotals(level, 0, 0, None)) for level in LEVELS.values()]


def list_hops(
    district_id: int, acting: Acting, first: date, last: date, *, to_level: str = "",
    units: Sequence[str] | None = None, after: str | None = None, limit: int = PAGE,
) -> HopPage:  # fmt: skip
    """The hops behind a number, newest first, in one statement. Raises ``BadCursor``."""
    where, params = _conditions(district_id, acting, first, last, to_level, units)
    if after:
        mark, _, seq = after.partition(".")
        if not (seq.isascii() and seq.isdigit() and len(seq) < 10):
            raise BadCursor("this page mark is not valid")
        where.append("(h.record_id, h.seq) < (%s, %s)")
        try:
            params += [UUID(mark), int(seq)]
        except ValueError as error:
            raise BadCursor("this page mark is not valid") from error
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.record_id, h.seq, c.number, h.at, h.to_level, h.from_unit, h.to_unit, h.held_s, r.stage, r.ended,"
            " r.playbook, r.playbook_version FROM cases_hop h"
            " JOIN ledger_record r ON r.district_id = h.district_id AND r.id = h.record_id"
            " JOIN cases_case c ON c.district_id = h.district_id AND c.record_id = h.record_id"
            f" WHERE {' AND '.join(where)} ORDER BY h.record_id DESC, h.seq DESC LIMIT %s",
            [*params, limit + 1],
        )
        found = cursor.fetchall()
    rows = [Hop(*row) for row in found[:limit]]
    return HopPage(rows, f"{rows[-1].record_id}.{rows[-1].seq}" if len(found) > limit else None)


def _conditions(
    district_id: int, acting: Acting, first: date, last: date, to_level: str, units: Sequence[str] | None = None
) -> tuple[list[str], list[Any]]:
    zone = ZoneInfo(get_directory(district_id).district.timezone)
    begin = datetime(first.year, first.month, first.day, tzinfo=zone)
    end = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
    where, params = ["h.district_id = %s", "h.at >= %s", "h.at < %s"], [district_id, begin, end]
    sight, more = visible(acting)
    if sight:
        where.append(sight)
        params += more
    if to_level:
        where.append("h.to_level = %s")
        params.append(to_level)
    if units is not None:
        where.append("(h.from_unit = ANY(%s) OR h.to_unit = ANY(%s))")
        params += [list(units), list(units)]
    return where, params
