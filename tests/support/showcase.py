"""A round of the double showcase on its way, each step in the name of the right post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gewu.assessments import ballots, services
from gewu.assessments.services import Filled
from gewu.ledger.door import Acting, Outcome, now_us
from support.district import NOTHING, acting, directory, district_id, photo

DAY = 86_400_000_000
STREETS = (
    "office-gaosuntang", "office-taibai", "office-pailou", "office-shuanghekou", "office-longdu", "office-zhoujiaba",
    "office-shalong-road", "office-zhonggulou", "office-baianba", "office-wuqiao", "office-chenjiaba",
)  # fmt: skip
DEPARTMENTS = (
    "education-commission", "economy-information-commission", "public-security-bureau", "civil-affairs-bureau",
    "planning-resources-bureau", "housing-construction-commission", "urban-management-bureau",
    "water-resources-bureau", "commerce-commission", "health-commission", "market-supervision-bureau",
)  # fmt: skip
TRACKS = ("service", "scenery")


def streets(number: int = 11) -> tuple[str, ...]:
    """Street offices that have a clerk."""
    held = {p.unit for p in directory().holders("unit_clerk") if p.person is not None}
    found = sorted(u.code for u in directory().units.values() if u.kind == "street_office" and u.code in held)
    assert len(found) >= number
    return tuple(found[:number])


def clerk(unit: str) -> Acting:
    return acting("unit_clerk", unit=unit)


def office() -> Acting:
    return acting("comprehensive_office")


def place_of(unit: str) -> str:
    """A community of a street."""
    return sorted(p.code for p in directory().places_in(directory().units[unit].place))[0]


@dataclass
class Showcase:
    """A round; days are counted from now, since ballots are given now."""

    streets: Sequence[str] = field(default_factory=lambda: streets(5))
    departments: Sequence[str] = DEPARTMENTS[:3]
    period: str = "2026Q4"
    quorum: int = 50
    record_id: UUID = NOTHING
    at_us: int = field(default_factory=now_us)
    outcomes: list[Outcome] = field(default_factory=list)
    points: dict[int, tuple[str, str]] = field(default_factory=dict)

    def day(self, days: int) -> str:
        from datetime import datetime, timedelta
        from zoneinfo import ZoneInfo

        at = datetime.fromtimestamp(self.at_us // 1_000_000, ZoneInfo(directory().district.timezone))
        return (at.date() + timedelta(days=days)).isoformat()

    @property
    def version(self) -> int:
        return self.outcomes[-1].seq

    @property
    def state(self) -> Any:
        return self.outcomes[-1].state

    def plan(self, **args: Any) -> dict[str, Any]:
        return {
            "period": self.period, "streets": tuple(self.streets), "departments": tuple(self.departments),
            "nominate_by": self.day(10), "build_by": self.day(40), "tour_on": self.day(45), "vote_by": self.day(50),
            "quorum": self.quorum, **args,
        }  # fmt: skip

    def announced(self, **args: Any) -> Showcase:
        filled = Filled(self.plan(**args), {"plan": "开展城市提升“双亮”活动"})
        made = services.announce(district_id(), office(), filled, at_us=self.at_us)
        self.record_id = made.outcome.record_id
        self.outcomes.append(made.outcome)
        return self

    def move(self, who: Acting, name: str, **options: Any) -> Showcase:
        options.setdefault("version", self.version)
        options.setdefault("at_us", self.at_us)
        self.outcomes.append(services.act(district_id(), who, self.record_id, name, **options))
        return self

    def nominate(self, unit: str, track: str, title: str = "望江路社区", **args: Any) -> int:
        who = clerk(unit)
        given = {"track": track, "place": place_of(unit), **args}
        self.move(who, "nominate", args=given, texts={"title": title}, photos=[photo(who, "before")])
        number = self.version
        self.points[number] = (track, unit)
        return number

    def built(self, number: int) -> Showcase:
        who = clerk(self.points[number][1])
        return self.move(who, "report_built", args={"entry": number}, photos=[photo(who, "after")])

    def nominated(self) -> Showcase:
        """A point in each track by each street, all built."""
        for unit in self.streets:
            for track in TRACKS:
                self.built(self.nominate(unit, track))
        return self

    def toured(self) -> Showcase:
        self.move(office(), "open_building").move(office(), "open_tour", args={"tour_on": self.day(1)})
        given = {"day": self.day(0), "party_delegates": 6, "congress_deputies": 4, "cppcc_members": 2}
        return self.move(office(), "record_tour", args=given, texts={"led_by": "区委主要领导"})

    def voting(self) -> Showcase:
        return self.announced().nominated().toured().opened()

    def opened(self) -> Showcase:
        return self.move(office(), "open_voting", args={"vote_by": self.day(5)})

    def of_track(self, track: str) -> list[int]:
        return [no for no, (own, _) in self.points.items() if own == track]

    def cast(self, unit: str, track: str, places: Mapping[int, int], **options: Any) -> ballots.Given:
        return ballots.cast(district_id(), self.record_id, clerk(unit), track, places, **options)

    def rate(self, unit: str, marks: Mapping[str, Sequence[int | None]], **options: Any) -> ballots.Given:
        return ballots.rate(district_id(), self.record_id, clerk(unit), marks, **options)

    def all_vote(self) -> Showcase:
        """Everybody ranks others' points by their number, and every street rates every department."""
        for unit in (*self.streets, *self.departments):
            for track in TRACKS:
                mine = [no for no in self.of_track(track) if self.points[no][1] != unit]
                self.cast(unit, track, {no: i for i, no in enumerate(mine, 1)})
        for unit in self.streets:
            self.rate(unit, {d: (5 - i % 3, 4) for i, d in enumerate(self.departments)})
        return self

    def counted(self) -> Showcase:
        found = services.close_and_count(
            district_id(), office(), self.record_id, version=self.version, at_us=self.at_us
        )
        self.outcomes += found
        return self

    def published(self) -> Showcase:
        from gewu.ledger import ticker

        assert ticker.tick(district_id(), self.at_us + 20 * DAY) >= 1
        version = services.stands(district_id(), office(), self.record_id).version
        return self.move(office(), "publish", version=version, at_us=self.at_us + 20 * DAY)
