"""Statistics of occasions by name: sessions and matters, results, members, plans, what is owed; see ``statistics``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from gewu.assessments import kinds as k
from gewu.ledger.door import SYSTEM
from gewu.occasions import obligations
from gewu.occasions.queries import (
    Filter,
    OccasionRow,
    ResultFilter,
    figures,
    get_occasion,
    list_occasions,
    totals,
    works,
)
from gewu.stories import spread
from gewu.stories.statistics import STATISTICS, Asked, Counted, plain, published_rounds, statistic

__all__ = ["STATISTICS"]


@statistic("occasions")
def occasions(asked: Asked) -> Counted:
    """A figure of occasions of a type, as the desk shows it: sessions and matters, by who led; of some activities."""
    found = 0
    for period in asked.periods:
        for activity in asked.where.get("activities", [""]):
            more = {"activity": activity} if activity else {}
            wanted = Filter(asked.where["type"], period=period, **more)
            found += getattr(figures(asked.district_id, SYSTEM, wanted), asked.where["figure"])
    return plain(found)


@statistic("occasions begun")
def occasions_begun(asked: Asked) -> Counted:
    """Occasions of a type whose first day lies in the period, in a street if one is named."""
    found = [
        row
        for period in asked.periods
        for row in _all_occasions(
            asked.district_id, Filter(asked.where["type"], period=period, street=asked.where.get("street", ""))
        )
        if asked.holds(row.starts_at)
    ]
    return plain(len(found))


@statistic("members")
def team_members(asked: Asked) -> Counted:
    """Members of the teams formed in the period, of some duties."""
    return _lines(asked, "members", asked.where["duties"])


@statistic("planned")
def planned(asked: Asked) -> Counted:
    """The quantity of an item that the projects begun in the period plan."""
    return _lines(asked, "plan", [asked.where["item"]])


def _lines(asked: Asked, kind: str, keys: Sequence[str]) -> Counted:
    found = [
        one
        for period in asked.periods
        for one in works.sums(
            asked.district_id, SYSTEM, kind,
            Filter(asked.where["type"], period=period, street=asked.where.get("street", "")),
        )
        if one.key in keys
    ]  # fmt: skip
    return Counted(sum(one.quantity for one in found), sum(one.lines for one in found))


@statistic("solved by the street")
def solved_by_street(asked: Asked) -> Counted:
    """Matters of sessions that the street led and that are solved."""
    found = [figures(asked.district_id, SYSTEM, Filter(asked.where["type"], period=period)) for period in asked.periods]
    return plain(sum(one.solved - one.leader_solved for one in found))


@statistic("least a month")
def least_a_month(asked: Asked) -> Counted:
    """The least that any member of a programme held in any month of the period."""
    months = [f"{first:%Y-%m}" for first, _last in spread.months(asked.first, asked.last)]
    owed = obligations.obligations(
        asked.district_id, asked.where["programme"], months, datetime.fromtimestamp(time.time(), UTC)
    )
    held = [one.count.held(one.member.counts) for one in owed if one.status != obligations.NOT_OWED]
    return Counted(min(held, default=0), sum(held))


@statistic("results")
def results(asked: Asked) -> Counted:
    """The quantity of an item that occasions of a type brought, and the lines behind it."""
    where = asked.where
    wanted = ResultFilter(
        type=where.get("type", ""), item=where["item"], unit=where.get("unit", ""), first=asked.first, last=asked.last
    )
    found = totals(asked.district_id, SYSTEM, wanted, by=("item",))
    return Counted(sum(one.quantity for one in found), sum(one.lines for one in found))


@statistic("heads mustered")
def heads_mustered(asked: Asked) -> Counted:
    """Heads in the teams of occasions of a type that began in the period."""
    heads = lines = 0
    for period in asked.periods:
        for row in _all_occasions(asked.district_id, Filter(asked.where["type"], period=period, held=True)):
            if asked.holds(row.starts_at):
                found = get_occasion(asked.district_id, SYSTEM, row.record_id)
                heads += found.heads
                lines += len(found.attendance)
    return Counted(heads, lines)


def _all_occasions(district_id: int, wanted: Filter) -> Iterator[OccasionRow]:
    after = None
    while True:
        found = list_occasions(district_id, SYSTEM, wanted, after=after)
        yield from found.rows
        if (after := found.after) is None:
            return


@statistic("months with")
def months_with(asked: Asked) -> Counted:
    """Months of the period in which an occasion of a type began."""
    found = [
        figures(asked.district_id, SYSTEM, Filter(asked.where["type"], period=f"{first:%Y-%m}"))
        for first, _last in spread.months(asked.first, asked.last)
    ]
    held = [one.leader_sessions + one.street_sessions for one in found]
    return Counted(sum(1 for count in held if count), sum(held))


@statistic("mechanisms in use")
def mechanisms(asked: Asked) -> Counted:
    """How many of these ways of working left records in the period: rounds and types of occasions."""
    records = {}
    for name in asked.where["playbooks"]:
        if name == k.SHOWCASE:
            records[name] = len(published_rounds(asked))
        else:
            found = [figures(asked.district_id, SYSTEM, Filter(name, period=period)) for period in asked.periods]
            records[name] = sum(one.leader_sessions + one.street_sessions for one in found)
    return Counted(sum(1 for count in records.values() if count), sum(records.values()))
