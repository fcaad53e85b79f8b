"""A clearly synthetic joint meeting of each level, a matter that hops between two centres, two committee tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from gewu.cases import services as cases
from gewu.core.records import Arg
from gewu.ledger.door import Acting
from gewu.occasions import referrals, services, settling
from gewu.occasions.services import Filled
from gewu.occasions.settling import Order

if TYPE_CHECKING:
    from gewu.occasions.demo import Play

TYPE, TASK = "joint_meeting", "committee_task"
_HOUR = 3600
_DAY = 24 * _HOUR
_CATEGORY = "matter:06036"
_TASKS = (
    ("背街小巷更新", "renewal", "task-force-renewal", "housing-construction-commission", -40, 60),
    ("生活垃圾分类示范片区", "sorting", "task-force-sorting", "commerce-commission", -20, 90),
)
"""Name, field, task force, department, first day and length in days. Sample words."""


def run(play: Play, street: str) -> int:
    """Meetings from the community up, so that what is referred comes to the next; the hop; the tasks. Returns how many
    meetings."""
    if play.directory.playbook(TYPE) is None:
        return 0
    place = play.directory.units[street].place
    community = play.community(place)
    office = play.who("comprehensive_office")
    clerk = play.who("unit_clerk", street)
    code = play.directory.district.code
    committee = office.actor.unit
    low = _Meeting(play, clerk, "community", street, community, -9)
    low.matter("楼顶漏水，多年未修").matter("小区出口乱停车").matter("巷道杂物反复堆放").matter("背街油烟扰民")
    low.decide("settle_answered", 2, {"unit": street}, answer="【示例】社区划线并安排值守")
    low.decide("refer_up", 1, reason="【示例】社区无力解决")
    case, other = (low.case(item, street) for item in (3, 4))
    low.closed()
    high = _Meeting(play, clerk, "street", street, place, -5)
    referrals.place(play.district_id, high.record, high.before * 1_000_000)
    high.move("table_case", high.before, {"case": str(case)}, words="【示例】需街道明确责任和时限")
    due = f"{play.day(10):%Y-%m-%d}"
    high.decide("decide_task", 2, {"unit": street, "due_on": due}, answer="【示例】十日内整治完毕")
    high.decide("refer_up", 1, reason="【示例】须区级部门出资")
    high.closed()
    top = _Meeting(play, office, "district", committee, code, 3, held=False)
    referrals.place(play.district_id, top.record, play.now * 1_000_000)
    _hop(play, clerk, street, other)
    if play.directory.playbook(TASK) is not None:
        for one in _TASKS:
            _task(play, office, code, *one)
    return 3


class _Meeting:
    """A meeting that is called a few days before its day; ``held``: it has begun."""

    def __init__(
        self, play: Play, who: Acting, level: str, unit: str, place: str, days: int, *, held: bool = True
    ) -> None:
        self.play, self.who = play, who
        self.starts = play.morning(days)
        self.before = min(self.starts, play.now) - 3 * _DAY
        args: dict[str, Arg] = {
            "led_by": level, "unit": unit, "place": place, "starts_at": self.starts, "ends_at": self.starts + 2 * _HOUR,
        }  # fmt: skip
        chair = {"community": "社区党委书记", "street": "街道党工委书记", "district": "区委常委"}[level]
        texts = {"leader": f"{chair}（示例）", "where": "会议室（示例）"}
        made = services.schedule(play.district_id, who, TYPE, Filled(args, texts), at_us=self.before * 1_000_000)
        self.record: UUID = made.outcome.record_id
        self.begun = False
        play.made += 1

    def move(self, name: str, at: int, args: dict[str, Any] | None = None, **texts: str) -> None:
        self.play.move(self.record, self.who, name, at, args=args or {}, texts=texts)

    def matter(self, words: str) -> _Meeting:
        args = {"category": _CATEGORY, "source": "community"}
        self.move("collect", self.before, args, words=f"【示例】{words}")
        return self

    def decide(self, name: str, item: int, args: dict[str, Any] | None = None, **texts: str) -> None:
        if not self.begun:
            self.move("open_session", self.starts)
            self.move("attend", self.starts, {"level": "department", "heads": 6})
            self.begun = True
        at = self.starts + _HOUR
        self.play.move(self.record, self.who, name, at, args=args or {}, texts=texts, matter=item, version=None)

    def case(self, item: int, unit: str) -> UUID:
        """An item becomes a case of the street's office, which claims it."""
        order, at = Order(unit, 20, _CATEGORY, "small"), self.starts + _HOUR
        made = settling.settle_as_case(self.play.district_id, self.who, self.record, item, order, at_us=at * 1_000_000)
        _act(self.play, self.who, made.case_id, "claim", at + _HOUR, 1, args={"tier": "small"})
        return made.case_id

    def closed(self) -> None:
        self.move("adjourn", self.starts + 2 * _HOUR, summary="【示例】逐项研究并明确责任。")
        self.move("finish_settling", self.starts + 3 * _HOUR)


def _hop(play: Play, clerk: Acting, street: str, case: UUID) -> None:
    """A matter that the street's centre hands up, and that comes back to it a few hours later."""
    at = play.morning(-2)
    dispatcher = play.who("dispatcher")
    _act(play, clerk, case, "lift_to_district", at, 2, texts={"reason": "【示例】需区级统筹"})
    reason = {"reason": "【示例】已协调，由属地处置"}
    _act(play, dispatcher, case, "return_to_street", at + 5 * _HOUR, 3, args={"lead": street}, texts=reason)


def _act(play: Play, who: Acting, case: UUID, move: str, at: int, version: int, **given: Any) -> None:
    cases.act(play.district_id, who, case, move, version=version, at_us=at * 1_000_000, **given)


def _task(
    play: Play, office: Acting, place: str, name: str, sort: str, force: str, unit: str, first: int, length: int
) -> None:
    """A task that its owner has taken on and reported on."""
    if not {force, unit} <= set(play.directory.units):
        return
    starts = play.morning(first)
    args: dict[str, Arg] = {
        "sort": sort, "task_force": force, "unit": unit, "place": place, "starts_at": starts,
        "ends_at": starts + length * _DAY,
    }  # fmt: skip
    texts = {"name": f"{name}（示例）", "demand": "【示例】按年度计划完成"}
    made = services.schedule(play.district_id, office, TASK, Filled(args, texts), at_us=starts * 1_000_000)
    owner = play.who("unit_clerk", unit)
    record = made.outcome.record_id
    play.move(record, owner, "take_on", starts + _DAY)
    play.move(
        record, office, "set_milestone", starts + 2 * _DAY, args={"due_on": f"{play.day(15):%Y-%m-%d}"},
        texts={"milestone": "【示例】完成设计"},
    )  # fmt: skip
    play.move(
        record, owner, "report_progress", starts + 9 * _DAY, args={"progress": 40}, texts={"note": "【示例】推进中"}
    )
    play.made += 1
