"""A session on its way: scheduled, announced, held and settled in the name of the right posts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gewu.cases import services as cases
from gewu.ledger.door import Acting, Outcome
from gewu.occasions import services, settling
from gewu.occasions.queries import OccasionView, get_occasion
from gewu.occasions.services import Filled, Made
from gewu.occasions.settling import Order, Settled
from support.district import CATEGORY, NOTHING, START_US, Walk, acting, district_id, photo

HOUR = 3_600_000_000
DAY = 24 * HOUR
STREET = "500101001"
COMMUNITY = "500101001001"
OFFICE = "office-gaosuntang"
BUREAU = "urban-management-bureau"
LAMP = "matter:06012"
TYPE = "building_workday"


def clerk(unit: str = OFFICE) -> Acting:
    """The clerk of a street office, or of another unit."""
    return acting("unit_clerk", unit=unit)


@dataclass
class Session:
    """An occasion on its way. Each verb makes one move and returns the session."""

    at_us: int = START_US
    record_id: UUID = NOTHING
    number: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)

    def later(self, us: int) -> Session:
        self.at_us += us
        return self

    @property
    def stage(self) -> str:
        return self.view().row.stage

    @property
    def version(self) -> int:
        return self.view().row.version

    def view(self, who: Acting | None = None) -> OccasionView:
        return get_occasion(district_id(), who or acting("comprehensive_office"), self.record_id)

    def scheduled(
        self, *, unit: str = OFFICE, place: str = COMMUNITY, led_by: str = "street", who: Acting | None = None,
        type_: str = TYPE, building: str = "3", starts_in: int = 2 * DAY, **texts: str,
    ) -> Session:  # fmt: skip
        starts = (self.at_us + starts_in) // 1_000_000
        args: dict[str, Any] = {
            "led_by": led_by,
            "unit": unit,
            "place": place,
            "starts_at": starts,
            "ends_at": starts + 7200,
        }
        if type_ == TYPE:
            args["building"] = building
        words = {"leader": "街道党工委书记", "where": "望江路社区 3 栋楼下", **texts}
        made: Made = services.schedule(district_id(), who or clerk(unit), type_, Filled(args, words), at_us=self.at_us)
        self.record_id, self.number = made.outcome.record_id, made.number
        self.outcomes.append(made.outcome)
        return self

    def move(self, name: str, who: Acting | None = None, **options: Any) -> Session:
        if "version" not in options:
            options["version"] = self.version
        options.setdefault("at_us", self.at_us)
        self.outcomes.append(services.act(district_id(), who or clerk(), self.record_id, name, **options))
        return self

    def collect(self, words: str = "3 单元路灯不亮", who: Acting | None = None, **args: Any) -> Session:
        given = {"category": CATEGORY, "source": "residents", "raised": 3, **args}
        return self.move("collect", who, args=given, texts={"words": words}, version=None)

    def attend(self, level: str = "residents", heads: int = 20, who: Acting | None = None, **args: Any) -> Session:
        return self.move("attend", who, args={"level": level, "heads": heads, **args}, version=None)

    def opened(self, who: Acting | None = None) -> Session:
        self.move("begin_collecting", who).collect(who=who)
        return self.later(2 * DAY).move("open_session", who).attend(who=who)

    def settle(self, matter: int = 1, who: Acting | None = None, **order: Any) -> Session:
        given = Order(**{"lead": BUREAU, "limit_days": 5, "tier": "small", **order})
        self.settled.append(
            settling.settle_as_case(district_id(), who or clerk(), self.record_id, matter, given, at_us=self.at_us)
        )
        return self

    def following(self) -> Session:
        self.opened().later(HOUR).settle().move("adjourn")
        return self.later(HOUR).move("finish_settling")

    def case(self, n: int = 0) -> Walk:
        """The n-th case of the session, to be walked on by its own verbs."""
        from gewu.ledger.models import Record

        found = self.settled[n]
        row = Record.objects.get(district_id=district_id(), id=found.case_id)
        return Walk(at_us=self.at_us, record_id=found.case_id, number=found.case_number, place=row.place)


def solve(case: Walk, unit: str = BUREAU) -> Walk:
    """Claim a case that was settled at a table, do it, have it checked, and close it."""
    who, version = clerk(unit), 1
    steps: list[tuple[Acting, str, dict[str, Any]]] = [
        (who, "claim", {"args": {"tier": "small"}}),
        (who, "report_handled", {"texts": {"result": "已更换灯具"}, "photos": [photo(who, "after")]}),
        (acting("dispatcher"), "send_check", {}),
        (case.collector(1), "check_pass", {"photos": [photo(case.collector(1))]}),
        (acting("shift_leader"), "close", {"args": {"closing_condition": True}}),
    ]
    for n, (by, move, options) in enumerate(steps):
        case.later(30)
        outcome = cases.act(district_id(), by, case.record_id, move, version=version + n, at_us=case.at_us, **options)
        case.outcomes.append(outcome)
    return case
