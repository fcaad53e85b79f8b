"""Clearly synthetic entries in the registers of the demonstration district, made by the same verbs that people use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.cases.services import acting_of
from gewu.core.records import Arg, Photo
from gewu.ledger import attachments
from gewu.ledger.door import Acting
from gewu.office import services
from gewu.office.services import Filled, Made
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import Post
from gewu.registry.people import actor_for

_HOUR = 3600
_DAY = 24 * _HOUR
_SCAN = (
    b"%PDF-1.4\n% An empty page that stands for a scan.\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Play:
    """The posts of a district and the instant up to which it is played."""

    def __init__(self, directory: Directory, now: int) -> None:
        self.directory, self.now = directory, now
        self.district_id = directory.district.id
        self.zone = ZoneInfo(directory.district.timezone)
        self.made = 0
        self.office, self.dispatcher = self.who("comprehensive_office"), self.who("dispatcher")

    def who(self, role: str, unit: str = "", number: int = 0) -> Acting:
        """Somebody at a post of this role. Raises ``LookupError`` where nobody holds one."""
        wide = self.directory.district.code
        posts = [
            p
            for p in self.directory.holders(role)
            if p.person is not None and (p.unit == unit if unit else wide in p.prefixes)
        ]
        if len(posts) <= number:
            raise LookupError(f"nobody holds the role {role}")
        code = sorted(p.code for p in posts)[number]
        return acting_of(actor_for(Post.objects.get(district_id=self.district_id, code=code)))

    def unit(self, *, accounts: bool, number: int = 0) -> str:
        """A unit that works in Gewu and has a clerk, or a body that gets letters."""
        if accounts:
            codes = {p.unit for p in self.directory.holders("unit_clerk") if p.person is not None}
        else:
            codes = {u.code for u in self.directory.units.values() if not u.accounts and u.active}
        found = sorted(codes)
        if not found:
            raise LookupError("no such unit")
        return found[number % len(found)]

    def day(self, ago: float) -> str:
        """The date so many days before now; a negative number lies ahead."""
        return (datetime.fromtimestamp(self.now, self.zone) - timedelta(days=ago)).date().isoformat()

    def at(self, ago: float) -> int:
        """Microseconds of the instant so many days before now."""
        return int(self.now - ago * _DAY) * 1_000_000

    def scan(self, by: Acting) -> tuple[Photo, ...]:
        """A document that stands for a scan."""
        staged = attachments.stage(self.district_id, _SCAN, by.actor.person, documents=True)
        return (Photo(str(staged.id), "other"),)

    def entry(self, make: Callable[..., Made], by: Acting, ago: float, texts: dict[str, str], **args: Arg) -> UUID:
        """A new entry, so many days ago."""
        photos = self.scan(by) if make is services.record_instruction else ()
        made = make(self.district_id, by, Filled(args, texts, photos), at_us=self.at(ago))
        self.made += 1
        return made.outcome.record_id

    def move(self, record: UUID, by: Acting, name: str, ago: float, version: int | None, **given: Any) -> None:
        """A move on an entry, so many days ago. Words are given as ``texts``, typed values as ``args``."""
        services.act(self.district_id, by, record, name, version=version, at_us=self.at(ago), **given)


def run(district_id: int, now: int) -> int:
    """Fill the four registers up to ``now`` (seconds) unless there is something in them. Returns how many entries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM office_entry WHERE district_id = %s)", [district_id])
        if cursor.fetchone()[0]:
            return 0
    play = Play(get_directory(district_id), now)
    _instructions(play)
    _orders(play)
    _letters(play)
    _handovers(play)
    return play.made


def _instructions(play: Play) -> None:
    office = play.office
    first = play.entry(
        services.record_instruction, office, 9,
        {"leader": "区政府分管领导（示例）", "words": "【示例】请城管局牵头，解决农贸市场周边占道经营反弹问题。"},
        own_number="示例批〔2026〕18号", own_day=play.day(10), variant="document", due_on=play.day(-6),
    )  # fmt: skip
    play.entry(
        services.issue_order, office, 8.9,
        {"matter": "【示例】农贸市场周边占道经营", "demand": "清理占道摊位，落实疏导点，防止反弹。"},
        unit=play.unit(accounts=True), due_on=play.day(-3), instruction=str(first),
    )  # fmt: skip
    play.entry(
        services.record_instruction, office, 0.2,
        {"leader": "区委值班领导（示例）", "words": "【示例】雨后人行道积水点要逐处核实，明确整改时限。"},
        own_number="示例批〔2026〕21号", own_day=play.day(0.2), variant="site", due_on=play.day(-10),
    )  # fmt: skip


def _orders(play: Play) -> None:
    office, unit = play.office, play.unit(accounts=True, number=1)
    clerk = play.who("unit_clerk", unit)
    late = play.entry(
        services.issue_order, office, 12,
        {"matter": "【示例】破损人行道板修复", "demand": "逐处修复并报前后照片。"}, unit=unit, due_on=play.day(2),
    )  # fmt: skip
    play.move(late, clerk, "acknowledge", 11.8, 1)
    play.move(late, office, "remind", 4, None, texts={"note": "【示例】请在期限内反馈。"})
    struck = play.entry(
        services.issue_order, office, 20,
        {"matter": "【示例】违规户外广告拆除", "demand": "一周内拆除并恢复立面。"}, unit=unit, due_on=play.day(12),
    )  # fmt: skip
    play.move(struck, clerk, "acknowledge", 19.9, 1)
    play.move(struck, clerk, "answer", 15, 2, texts={"answer": "【示例】已拆除四处，立面恢复。"})
    play.move(struck, office, "strike_off", 14, 3, args={"days": 30}, texts={"opinion": "同意销号，一个月后回头看。"})


def _letters(play: Play) -> None:
    who = play.dispatcher
    sent = play.entry(
        services.draft_letter, who, 7,
        {"subject": "【示例】关于移走闲置设施的函", "words": "请贵单位于十日内移走人行道上的闲置设施，并函复结果。"},
        unit=play.unit(accounts=False),
    )  # fmt: skip
    given: dict[str, Arg] = {"sent_on": play.day(6.8), "due_on": play.day(-3), "variant": "exchange"}
    play.move(sent, who, "send", 6.8, 1, args=given)
    play.entry(
        services.draft_letter, who, 0.1,
        {"subject": "【示例】关于核实井盖权属的函", "words": "请核实所列井盖的权属单位，并函复。"},
        unit=play.unit(accounts=False, number=1),
    )  # fmt: skip


def _handovers(play: Play) -> None:
    out, incoming = play.who("shift_leader"), play.who("shift_leader", number=1)
    made = play.entry(
        services.open_handover, out, 0.4, {"notes": "【示例】雨天，留意低洼处积水；热线来电偏多。"}, variant="night"
    )
    play.move(made, out, "hand_over", 0.39, 1, texts={"remark": "【示例】无其他事项。"})
    play.move(made, incoming, "take_over", 0.38, 2, args={"read": True}, texts={"remark": "【示例】已逐项核对。"})
