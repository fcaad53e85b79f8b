"""People at work on one case of the standard playbook, for tests that say what each operation does."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.playwalk import UNITS
from gewu.core.calendar import Calendar, Season
from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.decide import EXPIRE, decide, system_actor
from gewu.core.evolve import evolve
from gewu.core.playbook import Playbook, load_playbook
from gewu.core.records import Actor, Assignment, Clock, Command, Event, Facts, Photo, Refusal, State

PATH = Path(__file__).parents[2] / "packs" / "standard" / "playbooks" / "case.yaml"
ZONE = ZoneInfo("Asia/Shanghai")
HOUR, DAY = 3600, 86_400
OFFICE = Calendar("Asia/Shanghai", (Season.parse("01-01", "12-31", "workdays", ("08:00-12:00", "14:00-18:00")),))


def at(text: str) -> int:
    """Local date and time, ``2024-03-04 09:00`` (a Monday), as an instant."""
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).timestamp())


def post(role: str, unit: str = "DESK", number: int = 1) -> Actor:
    """Somebody at a post."""
    return Actor(f"{unit}-{role}-{number}", unit, frozenset({role}))


INTAKE = post("intake_officer")
LEADER = post("shift_leader")
DISPATCHER = post("dispatcher")
COLLECTOR = post("collector")
CLERK, CLERK2 = post("unit_clerk", "U1"), post("unit_clerk", "U2")
WORKER = post("worker", "U1")
RESIDENT = Actor("resident", "", frozenset({"reporter"}))
FOUR_HOURS = Limit(4, TimeUnit.URGENT_HOUR)
FIVE_DAYS = Limit(5, TimeUnit.WORK_DAY)
BEFORE, AFTER, SCENE = Photo("b", "before"), Photo("a", "after"), Photo("s", "scene")
NOTE = {"note": "words"}
REASON = {"reason": "because"}


@lru_cache(maxsize=1)
def case() -> Playbook:
    """The standard playbook."""
    return load_playbook(PATH.read_text(encoding="utf-8"), PATH.name)


class Work:
    """One case and the time. ``do`` expects a move to be accepted, ``refused`` gives the refusal."""

    def __init__(self, limit: Limit = FOUR_HOURS, now: str = "2024-03-04 09:00") -> None:
        self.limit = limit
        self.now = at(now)
        self._state: State | None = None
        self.events: list[Event] = []

    @property
    def state(self) -> State:
        assert self._state is not None, "there is no case yet"
        return self._state

    @property
    def stage(self) -> str:
        return self.state.stage

    def try_(self, move: str, actor: Actor, **given: Any) -> Event | Refusal:
        """Decide without changing anything. Keywords: args, texts, photos, target, version; anything else is an arg."""
        args = {**given.pop("args", {})}
        texts, photos = given.pop("texts", {}), given.pop("photos", ())
        target = given.pop("target", None)
        people = given.pop("people", {})
        version = given.pop("version", self._state.seq if self._state else None)
        args.update(given)
        extra = {"limit_value": self.limit.value, "limit_unit": self.limit.unit.value}
        facts = Facts(self.now, actor, lambda _unit: OFFICE, True, UNITS, self.limit, "500101001001", (), extra, people)
        return decide(case(), self._state, Command("c", move, args, texts, photos, version, target), facts)

    def do(self, move: str, actor: Actor, **given: Any) -> Event:
        """Make a move, a minute after the one before."""
        self.now += 60
        answer = self.try_(move, actor, **given)
        assert isinstance(answer, Event), (move, answer)
        self._state = evolve(self._state, answer)
        self.events.append(answer)
        return answer

    def refused(self, move: str, actor: Actor, **given: Any) -> Refusal:
        """The refusal of a move."""
        answer = self.try_(move, actor, **given)
        assert isinstance(answer, Refusal), (move, answer)
        return answer

    def wait(self, seconds: int) -> list[Event]:
        """Let time pass; clocks run out when their time comes. Gives the events they made."""
        until, made = self.now + seconds, []
        while (next_at := self.state.next_at) is not None and next_at <= until:
            clock = min((c for c in self.state.clocks if c.status == "running"), key=lambda c: c.next_at)
            self.now = max(self.now, next_at)
            made.append(self.do_expire(clock.id))
        self.now = until
        return made

    def do_expire(self, clock: str) -> Event:
        facts = Facts(self.now, system_actor(), lambda _unit: OFFICE)
        answer = decide(case(), self.state, Command("x", EXPIRE, {"clock": clock}), facts)
        assert isinstance(answer, Event), answer
        self._state = evolve(self.state, answer)
        self.events.append(answer)
        return answer

    def clock(self, name: str, number: int | None = None) -> Clock:
        """The clock of a name; the last one, or that of an assignment."""
        found = [c for c in self.state.clocks if c.spec == name and number in (None, c.assignment)]
        assert found, f"no clock {name}"
        return found[-1]

    def part(self, slot: str, mode: str = "") -> Assignment:
        """The live assignment in a slot."""
        found = [a for a in self.state.assignments if a.live and a.slot == slot and mode in ("", a.mode)]
        assert len(found) == 1, found
        return found[0]

    def told(self) -> list[dict[str, Any]]:
        """Whom the last event tells, and what."""
        return [e[1] for e in self.events[-1].effects if e[0] == "notify"]

    # the way to a stage

    def registered(self, **args: Any) -> Work:
        """Registered from a telephone call."""
        given = {"source": "phone", "category": "matter:06010", **args}
        self.do("register_intake", INTAKE, args=given, texts={"description": "a heap of rubbish"})
        return self

    def filed(self, **args: Any) -> Work:
        """Verified on site and filed."""
        self.registered(**args)
        self.do("send_verify", INTAKE)
        self.do("confirm_exists", COLLECTOR, photos=(SCENE,))
        self.do("file", LEADER, category="matter:06010", standard="06010-1")
        return self

    def dispatched(self, lead: str = "U1", assists: tuple[str, ...] = (), **args: Any) -> Work:
        """Dispatched to a lead unit and assists."""
        self.filed(**args)
        self.do("dispatch", DISPATCHER, lead=lead, **({"assists": assists} if assists else {}))
        return self

    def handling(self, lead: str = "U1", assists: tuple[str, ...] = (), **args: Any) -> Work:
        """Claimed by the lead unit."""
        self.dispatched(lead, assists, **args)
        self.do("claim", CLERK if lead == "U1" else DISPATCHER)
        return self

    def handled(self, **args: Any) -> Work:
        """Reported handled by the lead unit."""
        self.handling(**args)
        self.do("report_handled", CLERK, texts={"result": "cleared"}, photos=(AFTER,))
        return self

    def checked(self, result: str = "check_pass", **args: Any) -> Work:
        """Checked on site."""
        self.handled(**args)
        self.do("send_check", DISPATCHER)
        given: dict[str, Any] = {"photos": (SCENE,)} if result == "check_pass" else {"texts": NOTE}
        self.do(result, COLLECTOR, **given)
        return self

    def closed(self, **args: Any) -> Work:
        """Closed under the closing condition."""
        self.checked(**args)
        self.do("close", LEADER, closing_condition=True)
        return self
