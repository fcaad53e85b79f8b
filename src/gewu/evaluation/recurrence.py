"""Closed against solved: which closed cases were followed by another of the same kind at the same place.

Same place: within so many metres, or the same place code of a grid (the longest there is) where one of the two has no
position. The next such case reported after the closing and within the window counts. Both are written in the
definitions (``recurrence: {days, metres}``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from gewu.evaluation.conditions import DAY
from gewu.evaluation.packfiles import definitions_of
from gewu.ledger.bulk import copy

DEGREE = 111_195
"""Metres of a degree on a sphere of 6,371 km: a millionth of a degree is as many millionths of a metre."""
GRID_DIGITS = 15
LOCK = 0x6765_7775_7265_6375  # "gewurecu": two refreshes at a time would write the same rows


@dataclass(frozen=True, slots=True)
class Spot:
    """A case as recurrence sees it. ``lon_e6``, ``lat_e6`` are millionths of a degree or None."""

    record_id: UUID
    category: str
    place: str
    lon_e6: int | None
    lat_e6: int | None
    reported_at: int
    closed_at: int | None


def near(a: Spot, b: Spot, metres: int) -> bool:
    """Whether two cases are at the same place."""
    if a.lon_e6 is None or a.lat_e6 is None or b.lon_e6 is None or b.lat_e6 is None:
        return len(a.place) == GRID_DIGITS and a.place == b.place
    north = (a.lat_e6 - b.lat_e6) * DEGREE
    east = (a.lon_e6 - b.lon_e6) * DEGREE * math.cos(math.radians(a.lat_e6 / 1_000_000))
    return north * north + east * east <= (metres * 1_000_000) ** 2


def pairs(spots: Iterable[Spot], days: int, metres: int) -> list[tuple[UUID, UUID, int]]:
    """For each closed case the next one that is the same problem again: (case, next case, seconds between)."""
    found = []
    alike: dict[str, list[Spot]] = defaultdict(list)
    for spot in spots:
        if spot.category:
            alike[spot.category].append(spot)
    for group in alike.values():
        group.sort(key=lambda s: (s.reported_at, s.record_id))
        cells = _Cells(group, metres)
        for spot in group:
            following = cells.next_of(spot, days * DAY) if spot.closed_at is not None else None
            if following is not None and spot.closed_at is not None:
                found.append((spot.record_id, following.record_id, following.reported_at - spot.closed_at))
    return sorted(found)


class _Cells:
    """Cases of one category by squares of the ground, in order of time, so that not every pair is compared."""

    def __init__(self, spots: Sequence[Spot], metres: int) -> None:
        self.metres = metres
        # A square is at least the distance wide in both directions up to 60 degrees from the equator, twice that above.
        self.high = max(1, math.ceil(metres * 1_000_000 / DEGREE))
        self.squares: dict[tuple[int, int], list[Spot]] = defaultdict(list)
        self.grids: dict[str, list[Spot]] = defaultdict(list)
        for spot in spots:
            if spot.lon_e6 is not None and spot.lat_e6 is not None:
                self.squares[self._square(spot.lon_e6, spot.lat_e6)].append(spot)
            if len(spot.place) == GRID_DIGITS:
                self.grids[spot.place].append(spot)

    def _square(self, lon_e6: int, lat_e6: int) -> tuple[int, int]:
        return lon_e6 // (2 * self.high), lat_e6 // self.high

    def next_of(self, spot: Spot, window: int) -> Spot | None:
        """The first case reported from this one's closing on, within the window, at its place."""
        assert spot.closed_at is not None
        candidates = [self.grids.get(spot.place, [])]
        if spot.lon_e6 is not None and spot.lat_e6 is not None:
            x, y = self._square(spot.lon_e6, spot.lat_e6)
            reach = 1 if abs(spot.lat_e6) < 60_000_000 else 8
            candidates += [
                self.squares.get((x + dx, y + dy), []) for dx in range(-reach, reach + 1) for dy in (-1, 0, 1)
            ]
        best: Spot | None = None
        for group in candidates:
            for other in _between(group, spot.closed_at, spot.closed_at + window):
                if best is not None and (other.reported_at, other.record_id) >= (best.reported_at, best.record_id):
                    break
                if other.record_id != spot.record_id and near(spot, other, self.metres):
                    best = other
                    break
        return best


def _between(group: Sequence[Spot], first: int, last: int) -> Iterable[Spot]:
    """Cases reported within these instants, in order; the group is sorted by them."""
    low, high = 0, len(group)
    while low < high:
        middle = (low + high) // 2
        if group[middle].reported_at < first:
            low = middle + 1
        else:
            high = middle
    for spot in group[low:]:
        if spot.reported_at > last:
            return
        yield spot


_SPOTS = (
    "SELECT f.record_id, f.category, f.place, c.lon_e6, c.lat_e6, f.reported_at, f.closed_at FROM evaluation_fact f"
    " LEFT JOIN cases_case c ON c.district_id = f.district_id AND c.record_id = f.record_id"
    " WHERE f.district_id = %s AND (f.reported_at >= %s OR f.closed_at >= %s) AND f.ended NOT IN ('voided', 'merged')"
)
"""Cases reported or closed since: older ones can neither recur nor be a recurrence."""


def refresh_recurrence(district_id: int, since: int | None = None) -> int:
    """Find again what recurred; returns the number of rows. Idempotent.

    With ``since`` only cases closed from this instant on are looked at (and those whose window was still open then);
    rows of earlier ones stay. Void and merged cases are no recurrence, and nothing recurs after them.
    """
    rule = definitions_of(district_id).recurrence
    start = 0 if since is None else since - rule.days * DAY
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK >> 33, district_id])
            cursor.execute(_SPOTS, [district_id, start, start])
            spots = [Spot(*row) for row in cursor.fetchall()]
            looked = {s.record_id for s in spots if s.closed_at is not None and s.closed_at >= start}
            cursor.execute(
                "DELETE FROM evaluation_recurrence r USING evaluation_fact f WHERE r.district_id = %s"
                " AND f.district_id = r.district_id AND f.record_id = r.record_id"
                " AND (f.closed_at IS NULL OR f.closed_at >= %s)",
                [district_id, start],
            )
        rows: list[tuple[Any, ...]] = [
            (district_id, *pair) for pair in pairs(spots, rule.days, rule.metres) if pair[0] in looked
        ]
        copy("evaluation_recurrence", ("district_id", "record_id", "next_record_id", "gap_seconds"), rows)
    return len(rows)


def refresh_daily(district_id: int, now: datetime) -> None:
    """The day's work of the process that keeps house: closings of the last window and a day are looked at again."""
    refresh_recurrence(district_id, int(now.timestamp()) - DAY)
