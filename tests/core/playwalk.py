"""Walks through a playbook as people would: real actors at posts, real calendars, clocks that run out, forms filled at
random. It shares no code with the checker, whose verdicts it tests."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from gewu.core.calendar import Calendar, Season
from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.decide import EXPIRE, decide, system_actor
from gewu.core.evolve import evolve
from gewu.core.playbook import Playbook
from gewu.core.playbook import model as m
from gewu.core.records import RUNNING, Actor, Arg, Assignment, Command, Event, Facts, Photo, Refusal, State, UnitFact

START = int(datetime(2024, 3, 4, 1, tzinfo=UTC).timestamp())
DAY = 86_400
SILENT = 253_402_300_799

_OFFICE = Calendar("Asia/Shanghai", (Season.parse("01-01", "12-31", "workdays", ("08:00-12:00", "14:00-18:00")),))
_EVENING = Calendar("Asia/Shanghai", (Season.parse("01-01", "12-31", "all", ("06:00-14:00", "19:00-02:00")),))

UNITS = {
    code: UnitFact(code, f"/{path}/", accounts)
    for code, path, accounts in (
        ("DESK", "DESK", True),
        ("U1", "U1", True),
        ("U2", "U2", True),
        ("U3", "U3", True),
        ("S1", "U1/S1", True),
        ("L1", "L1", False),
        ("L2", "L2", False),
        ("C1", "U1/C1", False),
    )
}
LIMITS = (
    Limit(2, TimeUnit.URGENT_HOUR),
    Limit(4, TimeUnit.WORK_HOUR),
    Limit(1, TimeUnit.WORK_DAY),
    Limit(5, TimeUnit.WORK_DAY),
    Limit(3, TimeUnit.URGENT_DAY),
)


def calendar_of(unit: str | None) -> Calendar:
    """Squads work evenings, everybody else office hours."""
    return _EVENING if unit == "S1" else _OFFICE


@dataclass
class Town:
    """The people of a small town: for each role two persons in each unit with accounts, and one who holds them all."""

    roles: list[str]
    people: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    @classmethod
    def of(cls, playbook: Playbook) -> Town:
        town = cls(sorted(playbook.roles()))
        for unit, known in UNITS.items():
            if not known.accounts:
                continue
            every = Actor(f"{unit}-all", unit, frozenset(town.roles))
            town.actors[every.person] = every
            for role in town.roles:
                names = [f"{unit}-{role}-1", f"{unit}-{role}-2"]
                for name in names:
                    town.actors[name] = Actor(name, unit, frozenset({role}))
                town.people[unit, role] = [*names, every.person]
        return town

    def somebody(self, rng: random.Random, role: str, unit: str = "") -> Actor | None:
        """Anybody with a role, in a unit if one is asked for."""
        if unit:
            names = self.people.get((unit, role))
            return self.actors[rng.choice(names)] if names else None
        where = rng.choice(("DESK", "DESK", "U1", "U2", "U3", "S1"))
        return self.actors[rng.choice(self.people[where, role])]


@dataclass
class Walker:
    """One walk at a time over records of one playbook."""

    playbook: Playbook
    rng: random.Random
    town: Town = field(init=False)
    now: int = START
    number: int = 0
    shy: float = 0.0
    """How much less a move that cuts a record short draws people, so that walks go deep."""
    made: Counter[str] = field(default_factory=Counter)
    """What was made so far: the rare draws people more, so that walks go everywhere."""

    def __post_init__(self) -> None:
        self.town = Town.of(self.playbook)

    # commands as people give them

    def facts(self, actor: Actor, limit: Limit | None = None) -> Facts:
        """What the registry would say."""
        limit = limit or LIMITS[0]
        extra = {"limit_value": limit.value, "limit_unit": limit.unit.value}
        return Facts(self.now, actor, calendar_of, True, UNITS, limit, "500101001001", (), extra)

    def attempt(
        self, state: State | None, names: list[str] | None = None
    ) -> tuple[Command, Actor, Event | Refusal] | None:
        """One random try at a random move; None when nobody is there to make it."""
        rng = self.rng
        moves = self.playbook.moves_from[state.stage if state else m.NEW]
        if names is not None:
            moves = tuple(v for v in moves if v.name in names)
        weights = [self._weight(move, state) for move in moves]
        if not any(weights):
            return None
        move = rng.choices(moves, weights)[0]
        rule = rng.choice(move.actors)
        actor, part = self._actor(rule, state)
        if actor is None:
            return None
        self.number += 1
        args, texts = self._form(move, actor)
        photos = tuple(
            Photo(f"p{self.number}-{role}-{n}", "scene" if role == "any" else role)
            for role, needed in move.photos.items()
            for n in range(needed)
        )
        target = self._item(move, state) or (part.no if part is not None else None)
        command = Command(f"c{self.number}", move.name, args, texts, photos, state.seq if state else None, target)
        answer = decide(self.playbook, state, command, self.facts(actor, rng.choice(LIMITS)))
        if isinstance(answer, Event):
            self.made[move.name] += 1
        return command, actor, answer

    def _item(self, move: m.Move, state: State | None) -> int | None:
        """The item of a list that a move is about, where it strikes one off."""
        slots = {
            e.slot
            for e in m.walk(move.effects)
            if isinstance(e, m.Release) and e.whose == "mine" and e.slot != "*" and self.playbook.slots[e.slot].items
        }
        found = [a.no for a in state.assignments if a.live and a.slot in slots] if state is not None else []
        return self.rng.choice(found) if found else None

    def _weight(self, move: m.Move, state: State | None) -> float:
        """How much a move draws people: notes and returns less than work, the end of a record least where shy."""
        if state is not None and all(rule.relation in ("holder", "letter") for rule in move.actors):
            open_slots = {a.slot for a in state.assignments if a.live}
            if open_slots.isdisjoint(rule.slot for rule in move.actors):
                return 0.0
        weight = 0.03 if move.repeats else 0.4 if move.direction == "backward" else 1.0
        leads = {e.stage for e in m.walk(move.effects) if isinstance(e, m.GoTo)} | ({move.to} if move.to else set())
        if move.direction == "side" and move.to:
            weight *= 1 - 0.9 * self.shy  # put off, called off: seldom, or a walk that has to wait never gets far
        if move.direction == "side" or move.creates:
            weight *= 1 - self.shy * any(self.playbook.stages[stage].end for stage in leads)
        return weight / (1 + self.made[move.name])

    def _actor(self, rule: m.ActorRule, state: State | None) -> tuple[Actor | None, Assignment | None]:
        if rule.relation == "system":
            return None, None
        if rule.relation == "reporter":
            return Actor("resident", "", frozenset({"reporter"})), None
        if rule.relation == "any" or state is None:
            return self.town.somebody(self.rng, rule.role), None
        parts = [a for a in state.assignments if a.live and a.slot == rule.slot]
        if not parts:
            return None, None
        part = self.rng.choice(parts)
        if rule.relation == "letter":
            above = state.assignment(part.parent)
            return self.town.somebody(self.rng, rule.role, above.unit if above else ""), part
        if part.person:
            return self.town.actors.get(part.person), part
        return self.town.somebody(self.rng, part.role or rule.role, part.unit), part

    def _form(self, move: m.Move, actor: Actor) -> tuple[dict[str, Arg], dict[str, str]]:
        args: dict[str, Arg] = {}
        texts: dict[str, str] = {}
        for f in sorted(move.form, key=lambda f: f.type == "person"):
            if not f.required and self.rng.random() < 0.5:
                continue
            if f.free:
                texts[f.name] = "13800000000" if f.type == "phone" else "words"
            else:
                value = self._value(move, f, actor, args)
                if value is not None:
                    args[f.name] = value
        if move.reason:
            texts["reason"] = "because"
        return args, texts

    def _value(self, move: m.Move, f: m.FormField, actor: Actor, args: dict[str, Arg]) -> Arg:
        rng = self.rng
        accounts = [u for u, known in UNITS.items() if u != "DESK"]
        match f.type:
            case "choice":
                return rng.choice(f.choices)
            case "bool":
                return rng.random() < 0.5
            case "tick":
                return True
            case "int":
                low = f.minimum or 0
                high = f.maximum if f.maximum is not None else low + 5
                # Small numbers too, so that those of one form come to fit together.
                return rng.randint(low, min(high, low + 5) if rng.random() < 0.7 else high)
            case "instant":
                return self.now + rng.randint(3600, 20 * DAY)
            case "date":
                today = datetime.fromtimestamp(self.now, _OFFICE._tables.rules.zone).date()
                return (today + timedelta(days=rng.randint(0, min(f.max_days or 30, 60)))).isoformat()
            case "unit":
                return rng.choice(accounts)
            case "units":
                return tuple(rng.sample(accounts, rng.randint(1, 3)))
            case "person":
                return self._person(move, f, actor, args)
        return f"{f.type}:1"

    def _person(self, move: m.Move, f: m.FormField, actor: Actor, args: dict[str, Arg]) -> Arg:
        for effect in m.walk(move.effects):
            if isinstance(effect, m.Assign) and effect.person == f"${f.name}":
                unit = ""
                if effect.unit == "@actor":
                    unit = actor.unit
                given = args.get(effect.unit[1:]) if effect.unit.startswith("$") else None
                if isinstance(given, str):
                    unit = given
                found = self.town.somebody(self.rng, effect.role, unit) if effect.role else actor
                return found.person if found else None
        return actor.person

    # time

    def pass_time(self) -> None:
        """Mostly minutes, at times weeks."""
        most = self.rng.choices((60, 600, 3600, 6 * 3600, DAY, 20 * DAY), (8, 8, 4, 3, 2, 1))[0]
        self.now += int(most * self.rng.random()) + 1

    def ring(self, state: State) -> Iterator[tuple[Command, Event | Refusal]]:
        """The ticker: the clock that has waited longest, if one is due. Ask again with the new state."""
        due = [c for c in state.clocks if c.status == RUNNING and c.next_at <= self.now]
        if due:
            clock = min(due, key=lambda c: c.next_at)
            self.number += 1
            command = Command(f"c{self.number}", EXPIRE, {"clock": clock.id})
            yield command, decide(self.playbook, state, command, self.facts(system_actor()))

    def ring_all(self, state: State, most: int = 6) -> State:
        """Let what is due run out, a few alerts at most."""
        for _ in range(most):
            answers = list(self.ring(state))
            if not answers:
                break
            event = answers[0][1]
            assert isinstance(event, Event), f"a clock that is due cannot run out: {event}"
            state = evolve(state, event)
        return state

    def step(self, state: State | None, tries: int = 60) -> State | None:
        """One accepted move, after some time has passed. Returns the old state when nobody managed any."""
        self.pass_time()
        if state is not None:
            state = self.ring_all(state)
        for _ in range(tries):
            made = self.attempt(state)
            if made is not None and isinstance(made[2], Event):
                return evolve(state, made[2])
        return state


def faults(playbook: Playbook, state: State) -> list[str]:
    """What is wrong with a state by itself: an end that is not clean, a wait that no clock watches."""
    found = []
    ticking = [c for c in state.clocks if c.status == RUNNING and c.next_at < SILENT]
    live = [a for a in state.assignments if a.live]
    if playbook.stages[state.stage].end:
        late = {a.no for a in live if playbook.slots[a.slot].after_end}
        found += [f"{a.slot} is open in end stage {state.stage}" for a in live if a.no not in late]
        found += [
            f"clock {c.id} is {c.status} in end stage {state.stage}"
            for c in state.clocks
            if c.status != "stopped" and c.assignment not in late
        ]
        if late and not ticking:
            found.append(f"a part is open in {state.stage} and no clock runs")
    elif not ticking:
        found.append(f"stage {state.stage} waits and no clock runs")
    return found


def is_clean(playbook: Playbook, state: State) -> bool:
    """An end stage with nothing open and no clock left."""
    return (
        playbook.stages[state.stage].end
        and not any(a.live for a in state.assignments)
        and all(c.status == "stopped" for c in state.clocks)
    )


def outline(playbook: Playbook, state: State) -> tuple[object, ...]:
    """States that look alike to somebody who wants to finish them."""
    return (
        state.stage,
        tuple(
            sorted((a.slot, a.mode, a.role, a.letter, bool(a.person), a.status) for a in state.assignments if a.live)
        ),
        tuple(sorted((c.spec, c.status) for c in state.clocks if c.status != "stopped")),
        tuple(sorted(b.move for b in state.blocks)),
        tuple(sorted(state.tags)),
        state.fields.get("verification"),
        state.fields.get("check_result"),
    )


def can_finish(playbook: Playbook, state: State, seed: int, rollouts: int = 60, length: int = 40) -> bool:
    """Whether random work finds a clean end. Later rollouts leave out moves that open new parts."""
    opening = {
        v.name
        for v in playbook.moves.values()
        if any(isinstance(e, (m.Assign, m.Reopen)) for e in m.walk(v.effects)) and not v.to
    }
    closing = [n for n, v in playbook.moves.items() if n not in opening and (not v.additive or v.effects)]
    rng = random.Random(seed)
    for turn in range(rollouts):
        walker = Walker(playbook, rng, now=START + 400 * DAY)
        now: State = state
        for _ in range(length):
            if is_clean(playbook, now):
                return True
            walker.now += rng.choice((60, DAY, 60 * DAY))
            now = walker.ring_all(now)
            for _ in range(12):
                made = walker.attempt(now, closing if turn % 4 else None)
                if made is not None and isinstance(made[2], Event):
                    now = evolve(now, made[2])
                    break
        if is_clean(playbook, now):
            return True
    return False


def today(now: int) -> date:
    """The date in the town."""
    return _OFFICE.local_date(now)
