"""Wanzhou as tests use it: its posts as identities, points on its map, a case walked through its stages."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from PIL import Image

from gewu.cases import services
from gewu.core.records import Photo
from gewu.ledger import attachments
from gewu.ledger.door import Acting, Outcome
from gewu.registry.directory import Directory, get_directory
from gewu.registry.entries import PostInfo
from gewu.registry.models import District, Post
from gewu.registry.people import ActorPost, actor_for

CODE = "500101"
POINT = (108.4087, 30.8075)
"""Near Gaosuntang, in the middle of the town."""
CATEGORY = "matter:06012"
START_US = 1_795_052_400_000_000
"""2026-11-19 10:00 in Chongqing, a Thursday, in working time."""
NOTHING = UUID(int=0)
_shades = itertools.count(1)


@lru_cache(maxsize=1)
def district_id() -> int:
    """The id of Wanzhou in the test database."""
    return District.objects.get(code=CODE).id


def directory() -> Directory:
    return get_directory(district_id())


def post(role: str, *, unit: str = "", covering: str = "", number: int = 0) -> PostInfo:
    """A post with this role, of this unit, whose scope covers a place; ``number`` chooses among several."""
    found = [
        p
        for p in directory().holders(role)
        if p.person is not None
        and (not unit or p.unit == unit)
        and (not covering or (p.prefixes and covering.startswith(p.prefixes)))
    ]
    return sorted(found, key=lambda p: p.code)[number]


def actor_post(code: str) -> ActorPost:
    """The acting identity of a post of Wanzhou."""
    return actor_for(Post.objects.get(district_id=district_id(), code=code))


def acting(role: str, *, unit: str = "", covering: str = "", number: int = 0) -> Acting:
    """The identity of somebody at such a post; without unit and place, one whose territory is the whole district."""
    covering = covering or ("" if unit else CODE)
    return services.acting_of(actor_post(post(role, unit=unit, covering=covering, number=number).code))


def picture(width: int = 64, height: int = 48, kind: str = "JPEG", **options: Any) -> bytes:
    """A small photo; no two are alike."""
    n = next(_shades)
    image = Image.new("RGB", (width, height), (n % 256, n // 256 % 256, 120))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(who: Acting, role: str = "scene") -> Photo:
    """A staged photo of this actor."""
    return Photo(str(attachments.stage(district_id(), picture(), who.actor.person, role).id), role)


@dataclass
class Walk:
    """A case on its way. Each verb makes one move in the name of the right post and returns the outcome."""

    at_us: int = START_US
    record_id: UUID = NOTHING
    number: str = ""
    follow_code: str = ""
    place: str = ""
    outcomes: list[Outcome] = field(default_factory=list)

    def later(self, minutes: float) -> Walk:
        self.at_us += int(minutes * 60_000_000)
        return self

    @property
    def version(self) -> int:
        return self.outcomes[-1].seq

    @property
    def stage(self) -> str:
        state = self.outcomes[-1].state
        assert state is not None
        return state.stage

    def intake(self, **texts: str) -> Walk:
        """By telephone, at ``POINT``."""
        made = services.register_intake(
            district_id(),
            acting("intake_officer"),
            services.Intake(
                {"source": "phone", "category": CATEGORY},
                {
                    "description": "路面有大片油污，行人易滑倒",
                    "reporter_name": "王某",
                    "reporter_phone": "13800000000",
                    **texts,
                },
                services.Where(*POINT),
            ),
            at_us=self.at_us,
        )
        self.record_id, self.number, self.follow_code = made.outcome.record_id, made.number, made.follow_code
        self.place = made.position.place
        self.outcomes.append(made.outcome)
        return self

    def move(self, who: Acting, name: str, **options: Any) -> Walk:
        options.setdefault("version", self.version)
        options.setdefault("at_us", self.at_us)
        self.outcomes.append(services.act(district_id(), who, self.record_id, name, **options))
        return self

    def collector(self, number: int = 0) -> Acting:
        return acting("collector", covering=self.place, number=number)

    def clerk(self, unit: str = "") -> Acting:
        return acting("unit_clerk", unit=unit or self.lead)

    @property
    def lead(self) -> str:
        state = self.outcomes[-1].state
        assert state is not None
        return [a.unit for a in state.assignments if a.slot == "handle" and a.mode == "lead"][-1]

    def filed(self) -> Walk:
        self.intake().later(5).move(acting("intake_officer"), "send_verify")
        who = self.collector()
        self.later(10).move(who, "confirm_exists", photos=[photo(who)])
        standard = directory().standards_for(CATEGORY)[0].key
        return self.later(5).move(acting("shift_leader"), "file", args={"category": CATEGORY, "standard": standard})

    def dispatched(self, lead: str = "", assists: tuple[str, ...] = ()) -> Walk:
        self.filed()
        lead = lead or services.suggested_unit(district_id(), self.record_id)
        args: dict[str, Any] = {"lead": lead}
        if assists:
            args["assists"] = assists
        return self.later(5).move(acting("dispatcher"), "dispatch", args=args)

    def handling(self, lead: str = "") -> Walk:
        self.dispatched(lead)
        return self.later(10).move(self.clerk(), "claim")

    def handled(self) -> Walk:
        self.handling()
        who = self.clerk()
        return self.later(20).move(
            who, "report_handled", texts={"result": "已清洗路面并撒沙防滑"}, photos=[photo(who, "after")]
        )

    def checked(self) -> Walk:
        self.handled().later(5).move(acting("dispatcher"), "send_check")
        who = self.collector(1)
        return self.later(15).move(who, "check_pass", photos=[photo(who)])

    def closed(self) -> Walk:
        return self.checked().later(5).move(acting("shift_leader"), "close", args={"closing_condition": True})

    def answered(self) -> Walk:
        return (
            self.closed().later(30).move(acting("intake_officer"), "answer", texts={"reply": "油污已清除，感谢反映。"})
        )
