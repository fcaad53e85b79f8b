"""What members of a programme owe each month: held, planned, not yet, missed; and who is told of it, once a step.

A clock belongs to a record. A street that schedules nothing has none, so it is a daily look at the calendar that tells
it, and the office after it: nothing is missed in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.db import connection, transaction

from gewu.ledger.outbox.administration import write
from gewu.occasions.programmes import Membership, memberships
from gewu.registry.directory import Directory, get_directory

log = structlog.get_logger(__name__)

HELD, PLANNED, NOT_YET, MISSED, NOT_OWED = "held", "planned", "not_yet", "missed", "not_owed"

STEPS = (("plan", 10, False), ("hold", 5, True))
"""(step, working days left in the month, whether the office is told too). Assumptions."""
MISSED_STEP = "missed"
OFFICE = "role:comprehensive_office"


@dataclass(frozen=True, slots=True)
class Count:
    """Occasions of a unit in a month, by who led them: those that began, and those that are still to come."""

    street_held: int = 0
    street_planned: int = 0
    leader_held: int = 0
    leader_planned: int = 0

    def held(self, counts: str) -> int:
        """How many that began count for an obligation."""
        return (self.street_held if counts != "leader" else 0) + (self.leader_held if counts != "street" else 0)

    def planned(self, counts: str) -> int:
        """How many that are still to come would count."""
        return (self.street_planned if counts != "leader" else 0) + (self.leader_planned if counts != "street" else 0)


@dataclass(frozen=True, slots=True)
class Obligation:
    """A member's month. ``status``: held, planned, not_yet, missed, not_owed (no member for the whole
    month, or before anything was written down here)."""

    member: Membership
    period: str
    count: Count
    status: str


def months_of(year: int) -> tuple[str, ...]:
    """The periods of a year."""
    return tuple(f"{year}-{month:02}" for month in range(1, 13))


def bounds(period: str) -> tuple[date, date]:
    """The first and the last day of a period. Raises ``ValueError``."""
    year, _, month = period.partition("-")
    first = date(int(year), int(month), 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def today_of(directory: Directory, now: datetime) -> date:
    """The day in the district."""
    return now.astimezone(ZoneInfo(directory.district.timezone)).date()


def counts(district_id: int, type_: str, periods: Sequence[str]) -> tuple[dict[tuple[str, str], Count], dict[str, str]]:
    """Occasions of a type by (unit, period), and of each year the first period of which anything is known; in one
    statement. Cancelled ones do not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.known, c.* FROM (SELECT array(SELECT min(period) FROM (SELECT period FROM occasions_occasion"
            " WHERE district_id = %s AND type = %s AND period <> '' UNION SELECT period FROM occasions_reminder"
            " WHERE district_id = %s AND programme = %s) p GROUP BY left(period, 4)) AS known) b"
            " LEFT JOIN (SELECT unit, period,"
            " count(*) FILTER (WHERE led_by <> 'leader' AND opened_at IS NOT NULL),"
            " count(*) FILTER (WHERE led_by <> 'leader' AND opened_at IS NULL),"
            " count(*) FILTER (WHERE led_by = 'leader' AND opened_at IS NOT NULL),"
            " count(*) FILTER (WHERE led_by = 'leader' AND opened_at IS NULL)"
            " FROM occasions_occasion WHERE district_id = %s AND type = %s AND period = ANY(%s)"
            " AND cancelled_at IS NULL GROUP BY unit, period) c ON true",
            [district_id, type_, district_id, type_, district_id, type_, list(periods)],
        )
        found = cursor.fetchall()
    known = {period[:4]: period for period in found[0][0]}
    return {(row[1], row[2]): Count(*map(int, row[3:])) for row in found if row[1] is not None}, known


def obligations(district_id: int, programme: str, periods: Sequence[str], now: datetime) -> list[Obligation]:
    """What every member owes in these months and whether it did it; by member's code, then month. One statement.

    Months before anything was known of this programme here count as not owed, and years of which nothing is known:
    nobody wrote down what happened then.
    """
    directory = get_directory(district_id)
    found, known = counts(district_id, programme, periods)
    today = today_of(directory, now)
    present = f"{today:%Y-%m}"
    first = min([*known.values(), present])
    members = sorted((one for one in memberships(district_id) if one.programme == programme), key=lambda o: o.member)

    def kept(period: str) -> bool:
        return period >= first and (period[:4] in known or period[:4] >= present[:4])

    return [
        Obligation(one, period, count, _status(one, period, count, today) if kept(period) else NOT_OWED)
        for one in members
        for period in periods
        for count in [found.get((one.member, period), Count())]
    ]


def _status(one: Membership, period: str, count: Count, today: date) -> str:
    first, last = bounds(period)
    if not one.holds(first, last):
        return NOT_OWED
    if count.held(one.counts) >= one.least:
        return HELD
    if today > last:
        return MISSED
    return PLANNED if count.held(one.counts) + count.planned(one.counts) >= one.least else NOT_YET


def remind(district_id: int, now: datetime) -> None:
    """Tell members of what they owe, and the office of what is missed: each step once. Called once a day."""
    directory = get_directory(district_id)
    today = today_of(directory, now)
    present = f"{today:%Y-%m}"
    past = f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
    calendar = directory.calendar_for(None)
    last = bounds(present)[1]
    left = sum(calendar.is_workday(today + timedelta(days=n)) for n in range((last - today).days + 1))
    for programme in sorted({one.programme for one in memberships(district_id)}):
        for owed in obligations(district_id, programme, (past, present), now):
            if owed.status == MISSED:
                _tell(district_id, owed, MISSED_STEP, now, office=True)
            elif owed.status == NOT_YET:
                for step, days, office in STEPS:
                    if left <= days:
                        _tell(district_id, owed, step, now, office=office)


def _tell(district_id: int, owed: Obligation, step: str, now: datetime, *, office: bool) -> None:
    """Notices for the member's clerks, and for the office, unless they were told of this step before."""
    one = owed.member
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO occasions_reminder (district_id, programme, member, period, step, at)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [district_id, one.programme, one.member, owed.period, step, now],
            )
            if not cursor.rowcount:
                return
        payload = {
            "message": f"obligation_{step}", "event": "obligation", "programme": one.programme, "member": one.member,
            "period": owed.period,
        }  # fmt: skip
        write(district_id, "notice", f"unit:{one.member}/unit_clerk", payload, now)
        if office:
            write(district_id, "notice", OFFICE, payload, now)
    log.info("occasions.obligation", district=district_id, member=one.member, period=owed.period, step=step)
