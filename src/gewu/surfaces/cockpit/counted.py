"""The numbers of the cockpit, counted at most once a minute for each district, territory and month.

Everything here is a count of cases by place, unit, stage or category: nobody's name, nobody's work. The whole page is
eight statements; whoever asks within the minute gets what was counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone

from gewu.cases.queries.standing import Late, count_late, count_standing
from gewu.evaluation import api
from gewu.evaluation.again import Spot, count_again
from gewu.evaluation.api import By, Live, Table
from gewu.evaluation.definitions import Definitions, Indicator
from gewu.evaluation.definitions.conditions import Condition, Words
from gewu.surfaces.cockpit.asked import Asked
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.public.remembered import Remembered

RATES = ("on_time_handling", "solved_rate", "satisfaction")
REPORTED = Indicator(
    code="cockpit_reported",
    title=Words(en="Reported", zh="上报"),
    of=("area",),
    at="reported_at",
    unit="count",
    numerator=Condition(set="reported_at"),
    better="neither",
    public=False,
    source="CJ/T 292",
)
ENDED = Indicator(
    code="cockpit_ended",
    title=Words(en="Ended", zh="办结"),
    of=("area",),
    at="ended_at",
    unit="count",
    numerator=Condition(set="ended_at"),
    better="neither",
    public=False,
    source="CJ/T 292",
    note=Words(
        en="Everything that left the stock: done, not filed, void or merged",
        zh="全部退出在办的案件：已办结、不予立案、作废、并案",
    ),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers as they stood at an instant."""

    at: datetime
    standing: dict[str, int]
    """Open cases by stage."""
    late: list[Late]
    flow: Table
    areas: Table
    """By street; within one street by community."""
    units: Table
    kinds: Table
    grids: Table
    again: list[Spot]

    @property
    def as_of(self) -> int:
        """The instant in seconds since the epoch."""
        return int(self.at.timestamp())


_kept: Remembered[Counted] = Remembered()


def indicator_of(known: Definitions, code: str) -> Indicator | None:
    """An indicator by its code: one of the district's, or one of the two that the cockpit's line is made of."""
    return {i.code: i for i in (REPORTED, ENDED)}.get(code) or known.indicators.get(code)


def rates_of(known: Definitions) -> list[Indicator]:
    """In time, solved, satisfied: those of them that the district has."""
    return [known.indicators[code] for code in RATES if code in known.indicators]


def counted(desk: Desk, asked: Asked) -> Counted:
    """The numbers that answer a question, kept for a minute."""
    known, zone = api.definitions(desk.district_id), desk.directory.district.timezone
    days = asked.days(zone)

    def count() -> Counted:
        at = timezone.now().astimezone(UTC).replace(microsecond=0)
        as_of, source, where = int(at.timestamp()), Live(desk.district_id), asked.where

        def table(indicators: list[Indicator], by: By) -> Table:
            return api.evaluate(source, indicators, by, [asked.period], as_of=as_of, where=where)

        rates = rates_of(known)
        return Counted(
            at,
            count_standing(desk.district_id, where.places),
            count_late(desk.district_id, where.places, at),
            api.evaluate(source, [REPORTED, ENDED], By.TOTAL, days, as_of=as_of, where=where),
            table([REPORTED, *rates], By.COMMUNITY if asked.street else By.STREET),
            table(rates, By.UNIT),
            table(rates, By.CATEGORY),
            table([REPORTED], By.GRID),
            count_again(desk.district_id, asked.period, as_of=as_of, where=where),
        )

    key = (
        desk.district_id,
        desk.directory.version,
        known.version,
        asked.where.places,
        bool(asked.street),
        asked.period.code,
        days[-1].code,
    )
    return _kept.get(key, count)
