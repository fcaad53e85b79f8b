"""Clearly synthetic councils and activities: one council judged by its residents, one still carrying out, one to come.

Words, votes and heads are sample data.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gewu.core.records import Arg
from gewu.ledger.door import Acting
from gewu.ledger.expiring import expire_due
from gewu.occasions import services
from gewu.occasions.kinds import REGISTER
from gewu.occasions.services import Filled

if TYPE_CHECKING:
    from gewu.occasions.demo import Play

COUNCIL, FOUR, ACTIVITY = "residents_council", "four_matters_five_deliberations", "activity"
_HOUR = 3600
_DAY = 24 * _HOUR
_PROPOSALS = (
    ("小区 2 号门加装路灯三盏", "services", "residents", 36, (31, 2, 1)),
    ("楼间空地划设非机动车停放区", "planning", "building_head", 22, (26, 6, 2)),
    ("共同出资更换单元门禁", "safety", "residents", 18, (15, 15, 4)),
)
"""What is proposed, the topic, from whom, by how many, and the votes: for, against, abstained. Sample words."""
_ACTIVITIES = (
    ("law_talk", "民法典进社区", 46), ("law_talk", "物业纠纷以案说法", 38), ("law_in_building", "楼栋普法会", 17),
    ("virtue_campaign", "德润万州宣传", 160), ("civility", "文明在行动", 75), ("model_family", "最美家庭表彰", 12),
    ("model_building", "五好楼栋评比", 24), ("co_building", "党建共建清洁日", 33), ("party_day", "主题党日进小区", 28),
    ("residents_meeting", "居民会议", 52), ("mutual_help", "邻里守望", 20), ("smart_training", "线上办事培训", 19),
)  # fmt: skip


def run(play: Play, streets: list[str]) -> int:
    """Three councils and a dozen activities in these street offices. Returns how many; 0 without the playbooks."""
    if any(play.directory.playbook(name) is None for name in (COUNCIL, FOUR, ACTIVITY)) or not streets:
        return 0
    made = play.made
    _Council(play, streets[0], -46).held().judged()
    _Council(play, streets[1 % len(streets)], -12, FOUR).held()
    _Council(play, streets[2 % len(streets)], 4).announced()
    for n, (kind, subject, reached) in enumerate(_ACTIVITIES):
        _activity(play, streets[n % len(streets)], kind, subject, reached, days=-2 - 4 * n)
    return play.made - made


def _activity(play: Play, unit: str, kind: str, subject: str, reached: int, days: int) -> None:
    place = play.community(play.directory.units[unit].place)
    starts = play.morning(days)
    args: dict[str, Arg] = {"activity": kind, "unit": unit, "place": place, "starts_at": starts, "reached": reached}
    filled = Filled(args, {"subject": f"【示例】{subject}", "where": "社区活动室（示例）"})
    services.schedule(
        play.district_id, play.who("unit_clerk", unit), ACTIVITY, filled, at_us=(starts + _DAY // 4) * 1_000_000,
        move=REGISTER,
    )  # fmt: skip
    play.made += 1


class _Council:
    """A council that was called twelve days before its day."""

    def __init__(self, play: Play, unit: str, days: int, kind: str = COUNCIL) -> None:
        self.play, self.unit, self.kind = play, unit, kind
        self.street: Acting = play.who("unit_clerk", unit)
        self.starts = play.morning(days) + 10 * _HOUR
        self.at = min(self.starts - 12 * _DAY, play.now - 8 * _DAY)
        place = play.community(play.directory.units[unit].place, "望江路")
        # The community calls its council; the street stands in where the post of the community's clerk is vacant.
        self.who: Acting = play.clerk_of(place) or self.street
        args: dict[str, Arg] = {
            "unit": unit, "place": place, "starts_at": self.starts, "ends_at": self.starts + 2 * _HOUR,
        }  # fmt: skip
        texts = {"leader": "社区党委书记（示例）", "where": "社区议事厅（示例）"}
        made = services.schedule(play.district_id, self.who, kind, Filled(args, texts), at_us=self.at * 1_000_000)
        self.id: UUID = made.outcome.record_id
        play.made += 1

    def move(self, name: str, *, later: int = 60, by: Acting | None = None, **given: Any) -> None:
        self.at += later
        self.play.move(self.id, by or self.who, name, self.at, **given)

    def day(self, more: int = 0) -> str:
        """The date of the present move, or so many days later."""
        return (datetime.fromtimestamp(self.at, self.play.zone) + timedelta(days=more)).date().isoformat()

    def announced(self) -> _Council:
        for n, (words, topic, source, raised, _votes) in enumerate(_PROPOSALS):
            args: dict[str, Arg] = {"topic": topic, "source": source, "raised": raised}
            if self.kind == FOUR:
                args["matter_kind"] = ("small", "small", "big")[n]
            self.move("collect", args=args, texts={"words": f"【示例】{words}"}, version=None)
        if self.kind == FOUR:
            self.move("screen", later=_HOUR, texts={"opinion": "三项均可列入议题。"})
        texts = {"notice": "欢迎居民参加议事。"}
        self.move("announce", later=_DAY, args={"posted_on": self.day(1), "way": "board"}, texts=texts)
        self.at += 4 * _DAY
        expire_due(self.play.district_id, [self.id], self.at * 1_000_000)
        return self

    def held(self) -> _Council:
        self.announced()
        self.at = max(self.at, self.starts)
        self.move("open_session", args={"present": 38, "stakeholders": 22})
        for level, heads in (("member", 9), ("stakeholder", 22), ("community", 3), ("residents", 4)):
            self.move("attend", args={"level": level, "heads": heads}, version=None)
        if self.kind == FOUR:
            self.move("begin_vote", later=_HOUR)
        for no, (words, *_rest, votes) in enumerate(_PROPOSALS, start=1):
            yes, against, abstained = votes
            args: dict[str, Arg] = {
                "present": 38, "stakeholders": 22, "votes_for": yes, "votes_against": against,
                "votes_abstained": abstained, "executor": "community" if no == 1 else "residents",
                "until": self.day(30),
            }  # fmt: skip
            motion = {"motion": f"同意{words}，由社区牵头实施"}
            self.move("resolve_matter", later=300, matter=no, args=args, texts=motion, version=None)
        self.move("adjourn", later=600, texts={"summary": "三项议题逐项表决，两项通过，一项票数相等未通过。"})
        args = {"posted_on": self.day(1), "way": "board", "days": 7}
        self.move("publish", later=_DAY, args=args, texts={"where": "社区公示栏（示例）"})
        return self

    def judged(self) -> _Council:
        for no in (1, 2):
            args: dict[str, Arg] = {"done_on": self.day(8)}
            texts = {"result": "已完成。"}
            self.move("report_done", later=8 * _DAY, by=self.street, matter=no, args=args, texts=texts, version=None)
        args = {"evaluated_on": self.day(2), "asked": 80, "satisfied": 57, "dissatisfied": 6}
        self.move("evaluate", later=2 * _DAY, args=args, texts={"words": "路灯亮了，停车整齐了。"})
        self.move("close", later=_HOUR)
        return self
