"""Near cases: which ones somebody could mean who reports something at a place now.

Candidates are the cases within a hundred metres (in the same grid or community where nobody knows the point) that are
open, or were closed lately; ``ranking`` puts them in order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries.lists import COLUMNS, FROM, visible
from gewu.cases.queries.rows import CaseRow, open_texts, row_of
from gewu.cases.ranking import (
    ALIKE,
    HERE,
    MAJOR,
    METRES,
    METRES_PER_DEGREE,
    NAMED,
    NAMED_FROM,
    OTHER,
    SAME,
    Traits,
    jaccard,
    metres_between,
    score,
)
from gewu.cases.services import JOIN
from gewu.cases.words import pairs
from gewu.ledger.door import Acting
from gewu.ledger.keys import KeyFault
from gewu.registry.directory import Directory, get_directory

CLOSED_DAYS = 60
"""Cases closed so recently are shown too, marked: it may have come back."""
HORIZON_DAYS = 400
"""How far back open cases are looked for: a suspension lasts a year at most."""
MOST_AROUND = 300
"""Candidates that are weighed, the newest ones: a bound for places where something is reported every day."""
MOST_READ = 40
"""Candidates whose words are opened and compared."""
SHORTEST_PLACE = 12
"""Without a point a community is the largest place in which cases count as near."""

_CELL = 1000


@dataclass(frozen=True, slots=True)
class Near:
    """A case near by, and why it is thought of."""

    row: CaseRow
    traits: Traits
    score: float
    closed_at: datetime | None
    joinable: bool
    """Whether a further person may join it now: it is open, and its playbook knows joining."""

    @property
    def likely(self) -> bool:
        """Whether it is probable enough to ask somebody who did not look for it."""
        return self.traits.category in (SAME, NAMED) or self.traits.text >= ALIKE

    @property
    def here(self) -> bool:
        """Whether it is of the very spot."""
        return self.traits.metres is not None and self.traits.metres <= HERE


def near_cases(
    district_id: int,
    acting: Acting,
    *,
    lon_e6: int | None = None,
    lat_e6: int | None = None,
    place: str = "",
    category: str = "",
    text: str = "",
    at: datetime | None = None,
    besides: UUID | None = None,
    limit: int = 8,
) -> list[Near]:
    """Cases that the actor sees and that a report at this point (or in this grid) could be about, best first.

    Positions are millionths of a degree, WGS-84. ``at`` is when the report came (now), ``besides`` a case that is not
    to be among them. At most two statements; none when neither point nor a place small enough is known.
    """
    at = at or datetime.now(UTC)
    if lon_e6 is not None and lat_e6 is not None:
        found = _around(district_id, acting, lon_e6, lat_e6, at)
    elif len(place) >= SHORTEST_PLACE:
        found = _inside(district_id, acting, place, at)
    else:
        return []
    directory = get_directory(district_id)
    said = pairs(text)
    weighed: list[tuple[float, UUID, Traits, datetime | None]] = []
    for record_id, other, other_lon, other_lat, reported_at, closed_at in found:
        if record_id == besides:
            continue
        metres = None
        if lon_e6 is not None and lat_e6 is not None and other_lon is not None:
            metres = metres_between(lon_e6, lat_e6, other_lon, other_lat)
            if metres > METRES:
                continue
        days = abs((at - reported_at).total_seconds()) / 86_400
        traits = Traits(_categories(directory, category, other, said), metres, days, closed=closed_at is not None)
        weighed.append((score(traits), record_id, traits, closed_at))
    weighed.sort(key=lambda one: (-one[0], one[1]))
    chosen = weighed[: MOST_READ if said else limit]
    if not chosen:
        return []
    rows = _read(district_id, [record_id for _, record_id, _, _ in chosen])
    near = []
    for _, record_id, traits, closed_at in chosen:
        row = rows.get(record_id)
        if row is None:
            continue
        full = replace(traits, text=jaccard(said, _said(district_id, row))) if said else traits
        case = row_of(district_id, row)
        near.append(Near(case, full, score(full), closed_at, joinable(directory, case)))
    near.sort(key=lambda one: (-one.score, one.row.record_id))
    return near[:limit]


def joinable(directory: Directory, row: CaseRow) -> bool:
    """Whether a further person may join a case at its stage, under the playbook it started with."""
    playbook = directory.playbook(row.playbook, row.playbook_version)
    return playbook is not None and any(move.name == JOIN for move in playbook.moves_from.get(row.stage, ()))


def _categories(directory: Directory, one: str, other: str, said: frozenset[str]) -> str:
    """How two category keys go together."""
    if one and one == other:
        return SAME
    known = directory.categories.get(other)
    if known is None:
        return OTHER
    asked = directory.categories.get(one)
    if asked is not None:
        return MAJOR if (asked.kind, asked.major) == (known.kind, known.major) else OTHER
    named = [pairs(known.name_zh), pairs(known.name_en)]
    held = max((len(said & name) / len(name) for name in named if name), default=0.0)
    return NAMED if held >= NAMED_FROM else OTHER


# ---- statements

_TRAITS = "SELECT r.id, c.category, c.lon_e6, c.lat_e6, c.reported_at, c.closed_at"
_LIVE = "r.kind = 'case' AND c.reported_at >= %s AND (NOT r.ended OR c.closed_at >= %s)"


def around_statement(district_id: int, acting: Acting, lon_e6: int, lat_e6: int, at: datetime) -> tuple[str, list[Any]]:
    """The statement for candidates round a point, with its parameters: a few cells of the index ``cases_case_cell``."""
    high = METRES / METRES_PER_DEGREE * 1e6
    wide = high / max(0.01, math.cos(math.radians(lat_e6 / 1e6)))
    sight, sight_params = visible(acting)
    statement = (
        f"{_TRAITS} FROM cases_case c JOIN ledger_record r ON r.district_id = c.district_id AND r.id = c.record_id"
        " WHERE c.district_id = %s AND c.lat_e6 IS NOT NULL"
        " AND (c.lat_e6 / 1000) = ANY(%s) AND (c.lon_e6 / 1000) = ANY(%s)"
        f" AND c.lat_e6 BETWEEN %s AND %s AND c.lon_e6 BETWEEN %s AND %s AND {_LIVE}"
        f"{' AND ' + sight if sight else ''} ORDER BY c.reported_at DESC LIMIT %s"
    )
    south, north = round(lat_e6 - high), round(lat_e6 + high)
    west, east = round(lon_e6 - wide), round(lon_e6 + wide)
    params = [
        district_id, _cells(south, north), _cells(west, east), south, north, west, east, *_since(at), *sight_params,
        MOST_AROUND,
    ]  # fmt: skip
    return statement, params


def _cells(low: int, high: int) -> list[int]:
    """The cells between two coordinates. The database divides towards zero, and so does this."""
    return list(range(int(low / _CELL), int(high / _CELL) + 1))


def _since(at: datetime) -> tuple[datetime, datetime]:
    return at - timedelta(days=HORIZON_DAYS), at - timedelta(days=CLOSED_DAYS)


def _around(district_id: int, acting: Acting, lon_e6: int, lat_e6: int, at: datetime) -> list[tuple[Any, ...]]:
    statement, params = around_statement(district_id, acting, lon_e6, lat_e6, at)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _inside(district_id: int, acting: Acting, place: str, at: datetime) -> list[tuple[Any, ...]]:
    """Candidates in a grid or community, the newest ones."""
    sight, sight_params = visible(acting)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_TRAITS}{FROM} WHERE r.district_id = %s AND r.place >= %s AND r.place < %s AND {_LIVE}"
            f"{' AND ' + sight if sight else ''} ORDER BY r.id DESC LIMIT %s",
            [district_id, place, place + "\U0010ffff", *_since(at), *sight_params, MOST_AROUND],
        )
        return list(cursor.fetchall())


def _read(district_id: int, ids: list[UUID]) -> dict[UUID, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS}{FROM} WHERE r.district_id = %s AND r.id = ANY(%s)", [district_id, ids])
        return {row[0]: row for row in cursor.fetchall()}


def _said(district_id: int, row: tuple[Any, ...]) -> frozenset[str]:
    """What the first report says; nothing once it is erased."""
    try:
        texts = open_texts(district_id, row[0], row[24], row[25], row[18]) or {}
    except KeyFault:
        return frozenset()
    return pairs("\n".join(texts.get(name, "") for name in ("description", "title", "address")))
