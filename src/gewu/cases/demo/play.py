"""One case of the demonstration on its way: each verb makes a move in the name of the right post at a likely time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from gewu.cases.demo import texts as t
from gewu.cases.demo.cast import Cast, Player
from gewu.cases.demo.pictures import VARIANTS, picture
from gewu.core import deadlines
from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.records import Arg, Command, Photo
from gewu.ledger.bulk import Step
from gewu.ledger.door import Acting
from gewu.ledger.lookups import Position
from gewu.ledger.pictures import Upload
from gewu.registry.directory import Directory
from gewu.registry.entries import StandardInfo

MICRO = 1_000_000
MINUTE = 60
OPENS, CLOSES = 7, 22
"""Hours between which the duty desk works through its queues."""


def uuid7_at(instant: int) -> UUID:
    """A fresh UUIDv7 of an instant, so that lists ordered by id show what is recent first."""
    value = (instant * 1000 + secrets.randbelow(1000)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return UUID(int=value | 0b10 << 62 | secrets.randbits(62))


@dataclass
class Play:
    """A case being played. ``now`` is the instant of the story, in seconds; steps and uploads gather as it goes."""

    directory: Directory
    cast: Cast
    rng: Random
    subject: t.Subject
    position: Position
    now: int
    serial: int
    record_id: UUID = field(init=False)
    has_reporter: bool = False
    steps: list[Step] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    lead: str = ""
    started: int = 0
    due_at: int = 0
    spot: str = ""
    on_duty: dict[str, Player] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.record_id = uuid7_at(self.now)
        self.zone = ZoneInfo(self.directory.district.timezone)
        self.spot = self.rng.choice(t.SPOTS)
        standards = self.directory.standards_for(self.subject.category)
        self.standard: StandardInfo = self.rng.choice(standards)
        self.limit = Limit(self.standard.limit_value, TimeUnit(self.standard.limit_unit))

    # ---- time and people

    def later(self, low: float, high: float) -> Play:
        """Some minutes pass."""
        self.now += int(self.rng.uniform(low, high) * MINUTE)
        return self

    def at_desk(self, low: float, high: float) -> Play:
        """Some minutes pass at the duty desk, which rests at night."""
        self.later(low, high)
        at = datetime.fromtimestamp(self.now, self.zone)
        if at.hour >= CLOSES or at.hour < OPENS:
            day = at.date() + timedelta(days=1 if at.hour >= CLOSES else 0)
            morning = datetime(day.year, day.month, day.day, OPENS, tzinfo=self.zone)
            self.now = int(morning.timestamp()) + self.rng.randrange(40 * MINUTE)
        return self

    def work(self, unit: str, minutes: int) -> Play:
        """Working minutes of a unit pass."""
        calendar = self.directory.calendar_for(unit or None)
        self.now = deadlines.due(calendar, self.now, Limit(minutes, TimeUnit.WORK_MINUTE)).at
        return self

    def one(self, players: Sequence[Player], role: str) -> Acting:
        """The post of a role that has this case; the same one as long as the case lives."""
        if role not in self.on_duty:
            self.on_duty[role] = self.rng.choice(list(players))
        return self.on_duty[role].acting

    def intake(self) -> Acting:
        return self.one(self.cast.intake, "intake")

    def shift(self) -> Acting:
        return self.one(self.cast.shift, "shift")

    def dispatcher(self) -> Acting:
        return self.one(self.cast.dispatch, "dispatcher")

    def clerk(self) -> Acting:
        return self.one(self.cast.clerks(self.lead), f"clerk {self.lead}")

    def collector(self) -> Acting:
        return self.rng.choice(self.cast.collectors(self.position.place)).acting

    # ---- moves

    def move(
        self, who: Acting, name: str, args: dict[str, Arg] | None = None, photos: Sequence[str] = (), **words: str
    ) -> Play:
        """Make a move now; ``photos`` are roles of generated pictures."""
        brought = tuple(Photo(str(self._upload(who, role)), role) for role in photos)
        said = {key: value for key, value in words.items() if value}
        command = Command(str(uuid7_at(self.now)), name, args or {}, said, brought)
        position = self.position if not self.steps else None
        self.steps.append(Step(command, who, self.now * MICRO, position))
        return self

    def _upload(self, who: Acting, role: str) -> UUID:
        photo = uuid7_at(self.now)
        image = picture(self.subject.scene, role, self.rng.randrange(VARIANTS))
        self.uploads.append(Upload(photo, image, role, who.actor.person, self.now * MICRO))
        return photo

    def description(self) -> str:
        said = self.rng.choice(self.subject.reports).replace("{spot}", self.spot)
        return t.MARK + said

    def address(self) -> str:
        names = [self.directory.place(self.position.place[:digits]) for digits in (9, 12)]
        return "".join(place.name_zh for place in names if place is not None) + self.spot

    def basics(self) -> dict[str, Arg]:
        args: dict[str, Arg] = {"category": self.subject.category}
        if self.subject.owner:
            args["owner"] = self.subject.owner
        return args

    def call(self, source: str) -> Play:
        """Somebody calls, comes by or writes; the intake officer registers it in one step."""
        args = {**self.basics(), "source": source}
        name, phone = self._reporter(source != "api" and self.rng.random() < 0.85, args)
        return self.move(
            self.intake(), "register_intake", args, description=self.description(), address=self.address(),
            reporter_name=name, reporter_phone=phone,
        )  # fmt: skip

    def web(self, source: str = "web") -> Play:
        """A resident reports on the public page; it waits for the intake officer."""
        args: dict[str, Arg] = {"source": source}
        if self.rng.random() < 0.6:
            args["category"] = self.subject.category
        name, phone = self._reporter(self.rng.random() < 0.8, args)
        photos = ("scene",) if self.rng.random() < 0.6 else ()
        return self.move(
            self.cast.reporter, "report", args, photos, description=self.description(), address=self.address(),
            reporter_name=name, reporter_phone=phone,
        )  # fmt: skip

    def _reporter(self, known: bool, args: dict[str, Arg]) -> tuple[str, str]:
        self.has_reporter = known
        if not known:
            return "", ""
        args["has_reporter"] = True
        return self.rng.choice(t.REPORTERS), str(t.PHONE_BASE + self.serial)

    def find(self) -> Play:
        """A collector finds it on the round."""
        args = {**self.basics(), "source": "collector"}
        said = {"description": self.description(), "address": self.address()}
        return self.move(self.collector(), "report", args, ("scene",), **said)

    def register(self) -> Play:
        return self.at_desk(2, 11).move(self.intake(), "register", self.basics())

    def verified(self) -> Play:
        """Sent for verification, and found to be so."""
        self.at_desk(2, 10).move(self.intake(), "send_verify")
        return self.later(8, 26).move(
            self.collector(), "confirm_exists", photos=("scene",), note=self.rng.choice(t.NOTES_EXISTS)
        )

    def filing(self) -> dict[str, Arg]:
        args: dict[str, Arg] = {"category": self.subject.category, "standard": self.standard.key}
        return {**args, "urgent": True} if self.standard.urgent else args

    def file(self) -> Play:
        return self.at_desk(2, 11).move(self.shift(), "file", self.filing())

    def file_found(self) -> Play:
        reason = self.rng.choice(t.REASONS_FOUND)
        return self.at_desk(2, 11).move(self.shift(), "file_unverified", self.filing(), reason=reason)

    def responsible(self) -> str:
        """The unit that the rules name."""
        found = self.directory.responsible(
            self.subject.category, self.position.place, self.position.areas, self.subject.owner
        )
        return found.unit.code if found else ""

    def dispatch(self, lead: str = "", assists: tuple[str, ...] = ()) -> Play:
        self.lead = lead or self.responsible()
        if not self.by_letter and not self.cast.clerks(self.lead):
            self.lead = next(code for code in self.able() if self.cast.clerks(code))
        args: dict[str, Arg] = {"lead": self.lead, **({"assists": assists} if assists else {})}
        self.at_desk(2, 11).move(self.dispatcher(), "dispatch", args, note=self.rng.choice(t.INSTRUCTIONS))
        self.started = self.now
        self.due_at = deadlines.due(self.directory.calendar_for(self.lead), self.now, self.limit).at
        return self

    def able(self) -> list[str]:
        """Units that may be asked and have somebody who answers, the likeliest first; at least two."""
        found = self.directory.candidates(
            self.subject.category, self.position.place, self.position.areas, self.subject.owner
        )
        codes = dict.fromkeys([one.unit.code for one in found] + list(self.cast.common))
        return [code for code in codes if self.cast.clerks(code)]

    @property
    def by_letter(self) -> bool:
        """Whether the lead unit has no accounts here and is written to."""
        unit = self.directory.unit(self.lead)
        return unit is not None and not unit.accounts

    def used(self, percent: int) -> int:
        """The instant when so much of the handling limit is used."""
        calendar = self.directory.calendar_for(self.lead)
        return deadlines.fraction(calendar, self.started, self.due_at, percent, self.limit.unit)

    def until(self, instant: int) -> Play:
        """Time goes on to an instant, never back."""
        self.now = max(self.now, instant)
        return self

    def day_after(self, days: int) -> date:
        return datetime.fromtimestamp(self.now, self.zone).date() + timedelta(days=days)
