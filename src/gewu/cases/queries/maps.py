"""Cases on a map: single ones while they are few, counts by small cells when they are many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries.lists import Filter, conditions
from gewu.cases.queries.rows import warns_at_of
from gewu.ledger.door import Acting
from gewu.ledger.rows import FOREVER
from gewu.ledger.store import as_json

Box = tuple[int, int, int, int]
"""West, south, east, north in millionths of a degree, WGS-84."""

_FROM = (
    " FROM ledger_record r JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
    " WHERE {where} AND c.lat_e6 IS NOT NULL AND c.lat_e6 BETWEEN %s AND %s AND c.lon_e6 BETWEEN %s AND %s"
    " AND (c.lat_e6 / 1000) BETWEEN %s AND %s"
)


@dataclass(frozen=True, slots=True)
class MapCase:
    """A case as a point: what it is, where, and how its clock stands. No words of anybody."""

    record_id: UUID
    number: str
    category: str
    place: str
    stage: str
    ended: bool
    playbook: str
    playbook_version: int
    lon_e6: int
    lat_e6: int
    due_at: datetime | None
    warns_at: datetime | None


@dataclass(frozen=True, slots=True)
class MapCell:
    """How many cases lie in a cell, and its middle in millionths of a degree."""

    lon_e6: int
    lat_e6: int
    n: int


def cases_within(
    district_id: int, acting: Acting, wanted: Filter, box: Box, *, limit: int
) -> tuple[list[MapCase], bool]:
    """The cases of a filter inside a box, the most urgent first, and whether there are more. One statement."""
    where, params = _where(district_id, acting, wanted, box)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, c.number, c.category, r.place, r.stage, r.ended, r.playbook, r.playbook_version, c.lon_e6,"
            f" c.lat_e6, r.due_at, r.state->'clocks'{where} ORDER BY r.due_at, r.id LIMIT %s",
            [*params, limit + 1],
        )
        found = cursor.fetchall()
    return [_case(row) for row in found[:limit]], len(found) > limit


def cells_within(
    district_id: int, acting: Acting, wanted: Filter, box: Box, *, across: int, up: int, limit: int
) -> list[MapCell]:
    """How many cases of a filter lie in each cell of a box, the fullest first. One statement.

    ``across`` and ``up`` are the sides of a cell in millionths of a degree.
    """
    where, params = _where(district_id, acting, wanted, box)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (c.lon_e6 - %s) / %s, (c.lat_e6 - %s) / %s, count(*){where}"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %s",
            [box[0], across, box[1], up, *params, limit],
        )
        return [
            MapCell(box[0] + x * across + across // 2, box[1] + y * up + up // 2, n) for x, y, n in cursor.fetchall()
        ]


def _where(district_id: int, acting: Acting, wanted: Filter, box: Box) -> tuple[str, list[Any]]:
    found, params = conditions(district_id, acting, wanted)
    west, south, east, north = box
    cells = int(south / 1000), int(north / 1000)  # towards zero, as the index ``cases_case_cell`` divides
    return _FROM.format(where=" AND ".join(found)), [*params, south, north, west, east, *cells]


def _case(row: tuple[Any, ...]) -> MapCase:
    record_id, number, category, place, stage, ended, playbook, version, lon_e6, lat_e6, due, clocks = row
    return MapCase(
        record_id,
        number,
        category,
        place,
        stage,
        ended,
        playbook,
        version,
        lon_e6,
        lat_e6,
        None if ended or due == FOREVER else due,
        None if ended else warns_at_of(as_json(clocks)),
    )
