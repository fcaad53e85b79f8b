"""Clearly synthetic sessions of the demonstration district, made by the same verbs that people use."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.cases.services import acting_of
from gewu.core.records import Arg
from gewu.ledger.door import Acting
from gewu.occasions import demo_council, demo_duty, demo_meetings, demo_whistles, demo_works, services, settling
from gewu.occasions.programmes import memberships
from gewu.occasions.services import Filled
from gewu.occasions.settling import Order
from gewu.occasions.table import seen_of
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import Post
from gewu.registry.people import actor_for

TYPE = "building_workday"
_HOUR = 3600
_DAY = 24 * _HOUR
_MATTERS = (
    ("小区门口路灯不亮，老人夜间出行不便", "matter:01037", 6, "small", 5),
    ("机动车乱停放，占用消防通道", "matter:09009", 31, "big", 15),
    ("楼前雨水箅子堵塞，雨天返水", "matter:01004", 12, "small", 5),
    ("单元门前堆放杂物", "matter:06036", 4, "private", 3),
)
"""What is raised, its category, by how many, the level proposed and the working days set. Sample words."""


class Play:
    """The posts of a district and the instant up to which it is played."""

    def __init__(self, directory: Directory, now: int) -> None:
        self.directory, self.now = directory, now
        self.district_id = directory.district.id
        self.zone = ZoneInfo(directory.district.timezone)
        self.made = 0

    def who(self, role: str, unit: str = "") -> Acting:
        """Somebody at a post of this role. Raises ``LookupError`` where nobody holds one."""
        wide = self.directory.district.code
        posts = [
            p.code
            for p in self.directory.holders(role)
            if p.person is not None and (p.unit == unit if unit else wide in p.prefixes)
        ]
        if not posts:
            raise LookupError(f"nobody holds the role {role}")
        return acting_of(actor_for(Post.objects.get(district_id=self.district_id, code=min(posts))))

    def clerk_of(self, place: str) -> Acting | None:
        """The clerk of a community, where somebody holds that post."""
        posts = [p.code for p in self.directory.holders("community_clerk") if p.person and p.prefixes == (place,)]
        if not posts:
            return None
        return acting_of(actor_for(Post.objects.get(district_id=self.district_id, code=min(posts))))

    def community(self, street: str, named: str = "") -> str:
        """A community of a street: the one of this name, else the first."""
        found = [p for p in self.directory.places_in(street) if p.kind == "community" and p.active]
        wanted = [p for p in found if p.name_zh.startswith(named)] if named else found
        return min((wanted or found), key=lambda p: p.code).code

    def day(self, days: float) -> date:
        """The day so many days from now."""
        return (datetime.fromtimestamp(self.now, self.zone) + timedelta(days=days)).date()

    def morning(self, days: float) -> int:
        """Nine o'clock of the day so many days from now."""
        day = self.day(days)
        return int(datetime(day.year, day.month, day.day, 9, tzinfo=self.zone).timestamp())

    def session(self, unit: str, days: float, place: str, *, leader: str = "", building: str = "3") -> UUID:
        """A session scheduled a week before its day."""
        starts = self.morning(days)
        who = self.who("comprehensive_office") if leader else self.who("unit_clerk", unit)
        args: dict[str, Arg] = {
            "led_by": "leader" if leader else "street", "unit": unit, "place": place, "building": building,
            "starts_at": starts, "ends_at": starts + 2 * _HOUR,
        }  # fmt: skip
        texts = {"leader": leader or "街道党工委书记（示例）", "where": f"{building} 栋楼下（示例）"}
        at = min(starts, self.now) - 7 * _DAY
        made = services.schedule(self.district_id, who, TYPE, Filled(args, texts), at_us=at * 1_000_000)
        self.made += 1
        return made.outcome.record_id

    def move(self, record: UUID, by: Acting, name: str, at: int, **given: Any) -> None:
        """A move at an instant; exclusive ones see the present version."""
        given.setdefault("version", seen_of(self.district_id, by, record).version)
        services.act(self.district_id, by, record, name, at_us=at * 1_000_000, **given)


def run(district_id: int, now: int) -> int:
    """Sessions of this month up to ``now`` (seconds), unless some of this time are there. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM occasions_occasion WHERE district_id = %s AND starts_at > %s)",
            [district_id, datetime.fromtimestamp(now - 92 * _DAY, ZoneInfo("UTC"))],
        )
        if cursor.fetchone()[0]:
            return 0
    play = Play(get_directory(district_id), now)
    members = [one.member for one in memberships(district_id) if one.programme == TYPE]
    for n, unit in enumerate(members):
        _street(play, unit, n)
    demo_duty.run(play)
    if members:
        demo_meetings.run(play, members[0])
    if members:
        demo_works.run(play, members[0])
        demo_whistles.run(play, members[0])
    demo_council.run(play, members)
    return play.made


def _street(play: Play, unit: str, n: int) -> None:
    """A street: most held one last month; this month some have, one is in session, some plan theirs, some do not."""
    found = play.directory.units[unit]
    place = play.community(found.place, "望江路")
    today = datetime.fromtimestamp(play.now, play.zone).day
    if n % 5 != 4:
        _held(play, unit, place, -today - 5 - n, settled=2)
    if n == 0:
        _held(play, unit, place, 0, settled=1)
    elif n in (1, 2, 5):
        _held(play, unit, place, -min(n + 1, max(today - 1, 0)), settled=3)
    elif n in (3, 6):
        record = play.session(unit, 2, place)
        play.move(record, play.who("unit_clerk", unit), "begin_collecting", play.now - _HOUR)
    if n == 1:
        _held(play, unit, place, -min(4, max(today - 1, 0)), leader="区委常委（示例）", settled=2)


def _held(play: Play, unit: str, place: str, days: float, *, leader: str = "", settled: int = 0) -> None:
    record = play.session(unit, days, place, leader=leader)
    who = play.who("comprehensive_office") if leader else play.who("unit_clerk", unit)
    starts = min(play.morning(days), play.now - _HOUR)
    before = starts - 2 * _DAY
    play.move(record, who, "begin_collecting", before)
    for no, (words, category, raised, _tier, _limit) in enumerate(_MATTERS):
        if no == len(_MATTERS) - 1:
            play.move(record, who, "open_session", starts)
        args = {"category": category, "raised": raised, "source": "residents"}
        at = starts if no == len(_MATTERS) - 1 else before
        play.move(record, who, "collect", at, args=args, texts={"words": f"【示例】{words}"}, version=None)
    bureau = _unit(play, _MATTERS[0][1], place)
    for level, heads, more in (
        *((("leader", 1, {}),) if leader else ()),
        ("department", 3, {"unit": bureau}),
        ("community", 2, {}),
        ("residents", 18 + int(-days) % 9, {}),
    ):
        play.move(record, who, "attend", starts, args={"level": level, "heads": heads, **more}, version=None)
    answer = {"question": "什么时候能修好？", "answer": "列入本周维修，完成后在楼栋公示。"}
    play.move(
        record, who, "answer_at_table", starts + 600, args={"matter": 1, "unit": bureau}, texts=answer, version=None
    )
    for no, (_words, category, _raised, tier, limit) in enumerate(_MATTERS[:settled], start=1):
        assists = (unit,) if tier == "big" else ()
        order = Order(_unit(play, category, place), limit, category, tier, assists)
        settling.settle_as_case(play.district_id, who, record, no, order, at_us=(starts + 1200) * 1_000_000)
    if settled >= 2:
        for no in range(settled + 1, len(_MATTERS) + 1):
            args = {"unit": bureau, "solved": "community"}
            texts = {"answer": "【示例】社区当场协调，已清理。"}
            play.move(record, who, "settle_answered", starts + 1800, matter=no, args=args, texts=texts, version=None)
        play.move(record, who, "adjourn", starts + 3000)
        play.move(record, who, "finish_settling", starts + 3300)


def _unit(play: Play, category: str, place: str) -> str:
    """The unit that is responsible for a category. Raises ``LookupError`` where none is."""
    found = play.directory.responsible(category, place, play.directory.areas_of(place), "")
    if found is None:
        raise LookupError(f"no unit is responsible for {category}")
    return found.unit.code
