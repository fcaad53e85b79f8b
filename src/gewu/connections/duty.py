"""Duty rosters decide who is told outside: whoever of those who hold the post is on duty when the message is due.

Nobody is left out for good by that: where nobody who could be told is on duty, all who hold the post are told, and
the bell of the desk rings for all of them in any case. What is for one person by name does not ask for rosters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.connections import snapshot
from gewu.connections.snapshot import RouteInfo
from gewu.registry.administration.rosters import EXTRA, on_duty
from gewu.registry.directory import Directory


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that waits on a route: by the posts of which units, and whether it is urgent."""

    notice: UUID
    units: tuple[str, ...]
    urgent: bool


@dataclass(frozen=True, slots=True)
class _Colleague:
    """The same notice on the route of somebody else; ``told_at`` None while it waits there."""

    route: RouteInfo
    told_at: datetime | None


def quiet(route: RouteInfo, at: time) -> bool:
    """Whether a time of day in the district lies in the quiet hours of a route."""
    begin, end = route.quiet_from, route.quiet_to
    if begin == end:
        return False
    return begin <= at < end if begin < end else at >= begin or at < end


def sort_out(
    waiting: Sequence[Waiting], route: RouteInfo, directory: Directory, now: datetime
) -> tuple[set[UUID], set[UUID]]:
    """Which of the notices that are due on a route are told now, and which need not be told by it any more.

    The others wait: for the colleague on duty to be told, or for this person's own duty. One statement where a unit has
    a roster these days, else none.
    """
    rostered = {x.unit for x in directory.extras.get(EXTRA, ())}
    asking = [w for w in waiting if route.person is not None and rostered.intersection(w.units)]
    told_by = _colleagues(asking, route, directory)
    tell, done = {w.notice for w in waiting} - {w.notice for w in asking}, set()

    @functools.cache  # hundreds of notices ask for a handful of units and instants
    def serving(unit: str, at: datetime) -> frozenset[int]:
        return frozenset(x.person for x in on_duty(directory, at, unit))

    for one in asking:
        match _decide(one, route, told_by.get(one.notice, ()), serving, directory, now):
            case "tell":
                tell.add(one.notice)
            case "done":
                done.add(one.notice)
    return tell, done


def _decide(
    one: Waiting,
    route: RouteInfo,
    colleagues: Sequence[_Colleague],
    serving: Callable[[str, datetime], frozenset[int]],
    directory: Directory,
    now: datetime,
) -> str:
    def serves(person: int | None, at: datetime) -> bool:
        return any(person in serving(unit, at) for unit in one.units)

    for other in colleagues:
        told = other.told_at
        if told is not None and serves(other.route.person, told) and not serves(route.person, told):
            return "done"
    if serves(route.person, now):
        return "tell"
    local = now.astimezone(ZoneInfo(directory.district.timezone)).time()
    for other in colleagues:
        # Who is on duty may sleep through what can wait, but nobody else has to sleep through what cannot.
        hears = not one.urgent or other.route.urgent_at_once or not quiet(other.route, local)
        if other.told_at is None and hears and serves(other.route.person, now):
            return "wait"
    return "tell"


def _colleagues(asking: Iterable[Waiting], route: RouteInfo, directory: Directory) -> Mapping[UUID, list[_Colleague]]:
    """The same notices on the routes of people who have a shift in those units these days."""
    notices = [w.notice for w in asking]
    units = {unit for w in asking for unit in w.units}
    people = {x.person for x in directory.extras.get(EXTRA, ()) if x.unit in units} - {route.person}
    routes = {r.id: r for r in snapshot.of(directory).routes if r.person in people}
    found: dict[UUID, list[_Colleague]] = {}
    if not notices or not routes:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT notice_id, route_id, told_at FROM ledger_telling"
            " WHERE district_id = %s AND notice_id = ANY(%s) AND route_id = ANY(%s)",
            [directory.district.id, notices, list(routes)],
        )
        for notice, other, told_at in cursor.fetchall():
            found.setdefault(notice, []).append(_Colleague(routes[other], told_at))
    return found
