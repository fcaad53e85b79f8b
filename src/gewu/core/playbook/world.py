"""The small world in which the checker tries a playbook: who may act, what they may write, what chance may bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from gewu.core.calendar import Calendar, Season
from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.playbook import model as m
from gewu.core.playbook.shadow import HOUR, NOW, SAME, somebody
from gewu.core.playbook.sight import OTHER, Seen, Sight
from gewu.core.records import RUNNING, Actor, Arg, Assignment, Clock, Command, Facts, Photo, Scalar, State, UnitFact
from gewu.core.rules import holds, test

DESK = "desk"
"""A unit that has no part in the record."""
_MOST_UNITS = 8
_MOST_FIELDS = 40


class Try(NamedTuple):
    """Somebody who might make a move: ``sure`` unless it takes an unlikely person or one who need not act at all."""

    actor: Actor
    target: int | None
    sure: bool


class Chance(NamedTuple):
    """One way in which everything that is left to chance may fall: (kind, name, value) of each doubt."""

    values: tuple[tuple[str, str, Arg], ...]


@lru_cache(maxsize=1)
def _calendar() -> Calendar:
    """Every second is working time: how long a limit is makes no difference here."""
    return Calendar("UTC", (Season.parse("01-01", "12-31", "all", ("00:00-24:00",)),))


def _always(_unit: str | None) -> Calendar:
    return _calendar()


def _unit_facts() -> dict[str, UnitFact]:
    names = [DESK, "u", "l", *(f"{kind}{n}" for kind in "ul" for n in range(1, 40))]
    names += [f"{kind}-{a}-{n}" for kind in "ul" for a in range(_MOST_FIELDS) for n in range(_MOST_UNITS)]
    return {name: UnitFact(name, name, not name.startswith("l")) for name in names}


_UNITS = _unit_facts()
_NOBODY = Actor("", "", frozenset())
_LIMIT = Limit(1, TimeUnit.URGENT_HOUR)


class World:
    """Enumerates commands for one reading of one playbook."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self._facts: dict[tuple[Actor, Chance], Facts] = {}
        self._commands: dict[tuple[str, int | None], tuple[Command, ...]] = {
            (name, None): tuple(self._written(seen)) for name, seen in sight.seen.items()
        }

    def commands(self, name: str, target: int | None) -> tuple[Command, ...]:
        """Every way to fill the form of a move that some rule can tell from the others."""
        found = self._commands.get((name, target))
        if found is None:
            found = tuple(replace(c, target=target) for c in self._commands[name, None])
            self._commands[name, target] = found
        return found

    # forms

    def _written(self, seen: Seen) -> Iterator[Command]:
        move = seen.move
        texts = {f.name: "10000" if f.type == "phone" else "x" for f in move.form if f.free and f.required}
        if move.reason:
            texts["reason"] = "x"
        photos = tuple(
            Photo(f"{role}{n}", "other" if role == "any" else role)
            for role, needed in move.photos.items()
            for n in range(needed)
        )
        fields = [f for f in move.form if not f.free]
        shares = self._shares(move)
        known: set[tuple[object, ...]] = set()
        for values in product(*(self._values(move, f, i) for i, f in enumerate(fields))):
            args = {f.name: v for f, v in zip(fields, values, strict=True) if v is not None}
            if shares:
                # Of forms that differ in the numbers only, one for each way in which the shares can come out.
                alike: tuple[object, ...] = tuple(self._alike(move, f.name, args.get(f.name)) for f in fields)
                alike += tuple(test(share, None, _NOBODY, args, NOW) for share in shares)
                if alike in known:
                    continue
                known.add(alike)
            yield Command(move.name, move.name, args, texts, photos, 1)

    def _shares(self, move: m.Move) -> list[m.Share]:
        guards = (*self.sight.gates[move.name], *self.sight.branches[move.name])
        return [g for g in guards if isinstance(g, m.Share)]

    def _values(self, move: m.Move, field: m.FormField, index: int) -> tuple[Arg, ...]:
        """Values of one form field, one for each kind that guards and effects tell apart."""
        found: dict[tuple[object, ...], Arg] = {}
        for value in self._candidates(move, field, index):
            if value is not None or not field.required:
                found.setdefault(self._signature(move, field.name, value), value)
        return tuple(found.values())

    def _candidates(self, move: m.Move, field: m.FormField, index: int) -> list[Arg]:
        named = [v for v in self._named(move, field.name) if isinstance(v, str)]
        match field.type:
            case "choice":
                return [None, *field.choices]
            case "bool":
                return [None, True, False]
            case "tick":
                return [None, True] if field.required else [None, True, False]
            case "int" | "instant":
                numbers = {v + d for v in self._named(move, field.name) if isinstance(v, int) for d in (-1, 0, 1)}
                shares = [g for g in self._shares(move) if field.name in (*g.of, *g.within)]
                numbers |= {n for share in shares for n in (0, 1, 2, share.value, 100)}
                low = field.minimum if field.minimum is not None else (NOW if field.type == "instant" else 0)
                high = field.maximum if field.maximum is not None else 2**40
                return [None, low, *sorted(n for n in numbers if low <= n <= high)]
            case "date":
                return [None, "2023-11-14"]
            case "unit":
                return [None, f"u-{index}-0", f"l-{index}-0"]
            case "units":
                most = min(_MOST_UNITS, self._most_units(move, field.name))
                groups = [
                    tuple(f"u-{index}-{n}" for n in range(a)) + tuple(f"l-{index}-{n}" for n in range(b))
                    for b, a in product(range(most + 1), repeat=2)
                ]
                return [None, *(g for g in groups if g)]
            case "person":
                given = [e for e in self._uses(move, field.name) if isinstance(e, m.Assign)]
                return [None, *(somebody(e.role) for e in given), SAME]
            case _:
                return [None, *named, OTHER]

    def _most_units(self, move: m.Move, name: str) -> int:
        slots = {e.slot for e in self.sight.effects[move.name] if isinstance(e, m.Assign) and e.unit == f"${name}"}
        return max((self.sight.cap(s) for s in slots), default=1)

    def _uses(self, move: m.Move, name: str) -> Iterator[m.EffectSpec]:
        written = f"${name}"
        for effect in self.sight.effects[move.name]:
            match effect:
                case m.SetField(value=value, field=field) if value == written and field in self.sight.fields:
                    yield effect
                case m.Assign(unit=unit, person=person) if written in (unit, person):
                    yield effect
                case m.ClockAct(until=until) if until == written:
                    yield effect
                case _:
                    pass

    def _named(self, move: m.Move, name: str) -> Iterator[Scalar]:
        """Values that conditions on the argument, or on a field it is stored in, name."""
        atoms = self._arg_atoms(move, name)
        for effect in self._uses(move, name):
            if isinstance(effect, m.SetField):
                atoms += self.sight.atoms.get(effect.field, [])
        for atom in atoms:
            yield from atom.value if isinstance(atom.value, tuple) else (atom.value,)

    def _arg_atoms(self, move: m.Move, name: str) -> list[m.Compare]:
        guards = (*self.sight.gates[move.name], *self.sight.branches[move.name])
        return [g for g in guards if isinstance(g, m.Compare) and g.source == "arg" and g.name == name]

    def _signature(self, move: m.Move, name: str, value: Arg) -> tuple[object, ...]:
        counted = any(name in (*share.of, *share.within) for share in self._shares(move))
        return (*self._alike(move, name, value), value if counted else None)

    def _alike(self, move: m.Move, name: str, value: Arg) -> tuple[object, ...]:
        """What conditions on this field alone, and effects, can tell of a value."""
        found: list[object] = [holds(atom, value) for atom in self._arg_atoms(move, name)]
        for effect in self._uses(move, name):
            if isinstance(effect, m.SetField):
                stored = ",".join(value) if isinstance(value, tuple) else value
                found.append(self.sight.classify(effect.field, stored))
            elif isinstance(effect, m.ClockAct):
                found.append(value is None)
            elif isinstance(effect, m.Assign):
                if effect.unit == f"${name}":
                    plain = (effect.slot, effect.mode) in self.sight.plain
                    found.append(min(_how_many(value), self.sight.cap(effect.slot)) if plain else value)
                if effect.person == f"${name}":
                    found.append(value if effect.slot in self.sight.personal else value is not None)
        return tuple(found)

    # people

    def tries(self, seen: Seen, state: State | None) -> Iterator[Try]:
        """Everybody worth trying for a move in a state; persons that no rule tells apart count as one."""
        done: set[tuple[Actor, int | None]] = set()
        for one in self._all_tries(seen, state):
            if (one.actor, one.target) not in done:
                done.add((one.actor, one.target))
                yield one

    def _all_tries(self, seen: Seen, state: State | None) -> Iterator[Try]:
        tried = False
        for rule in seen.move.actors:
            if rule.relation == "reporter":
                # A resident may act, but nobody may count on it.
                yield Try(Actor(somebody(rule.relation), "", frozenset({rule.relation})), None, False)
            elif rule.relation == "any":
                if not (tried and self.sight.nobody_in_particular(seen)):
                    yield from self._anybody(seen, rule, state)
                tried = True
            elif rule.relation in ("holder", "letter") and state is not None:
                for part in state.assignments:
                    if part.live and part.slot == rule.slot and not self._nobodys(part, state):
                        yield from self._through(seen, rule, part, state)

    def _nobodys(self, part: Assignment, state: State | None = None) -> bool:
        """Whether nobody is to be had who holds the part, or speaks by letter for who has it."""
        if part.letter:
            part = (state.assignment(part.parent) if state is not None else None) or part._replace(role="")
        return part.role in self.sight.playbook.unheld

    def _anybody(self, seen: Seen, rule: m.ActorRule, state: State | None) -> Iterator[Try]:
        roles = frozenset({rule.role})
        for person, sure in self._persons(seen, rule.role, state):
            yield Try(Actor(person, DESK, roles), None, sure)
        if state is None or not seen.touches:
            return
        for part in state.assignments:
            if part.live and (part.slot in seen.touches or "*" in seen.touches) and not self._nobodys(part):
                plain = part.letter or part.role in ("", rule.role)
                everyone = roles | ({part.role} if part.role else set())
                for person, sure in self._persons(seen, rule.role, state, part):
                    yield Try(Actor(person, part.unit or DESK, everyone), part.no, sure and plain)

    def _through(self, seen: Seen, rule: m.ActorRule, part: Assignment, state: State) -> Iterator[Try]:
        if rule.relation == "letter":
            above = state.assignment(part.parent)
            unit = above.unit if above else DESK
            roles = frozenset({rule.role, above.role} if above and above.role else {rule.role})
            plain = above is None or above.role in ("", rule.role)
        else:
            unit = part.unit or DESK
            roles = frozenset({rule.role, part.role} if part.role else {rule.role})
            plain = part.role in ("", rule.role)
        targets: list[int | None] = [part.no]
        if seen.touches - {rule.slot, "*"}:
            targets += [None, *(a.no for a in state.assignments if a.live and a.slot in seen.touches)]
        for person, sure in self._persons(seen, rule.role, state, None if rule.relation == "letter" else part):
            for target in targets:
                yield Try(Actor(person, unit, roles), target, sure and plain)

    def _persons(
        self, seen: Seen, role: str, state: State | None, part: Assignment | None = None
    ) -> list[tuple[str, bool]]:
        """Who might act, each with whether such a person is to be had.

        The one whose doings are asked about is tried where that can make a difference. Who alone may follow up what
        they did is to be had if that took the same role. Whoever was named for a part may have left.
        """
        if part is not None and part.person:
            return [(part.person, False)]
        name = seen.move.name
        asked = self.sight.asked_of[name]
        found = [(somebody(role), True)]
        if self.sight.identity_matters(seen):
            found.append((SAME, not asked))
        if asked and state is not None:
            found += [(state.doers[m], False) for m in asked if m in state.doers]
        return found

    # chance

    def chances(self, seen: Seen, one: Try | None, state: State | None) -> list[Chance]:
        """Every combination of what chance may bring to a move in a state; with no doubt there is one, empty.

        Of a field that is left to chance but for whether it has a value, only values come that agree with that.
        """
        options: list[list[tuple[str, str, Arg]]] = []
        for doubt in (*seen.gate, *seen.branch):
            if doubt.kind == "did" and (one is None or one.actor.person != SAME):
                continue  # somebody else is always to be had
            values = doubt.values
            if doubt.kind == "field" and state is not None and doubt.name in self.sight.fields:
                there = state.fields.get(doubt.name) is not None
                values = tuple(v for v in values if (v is not None) == there) or values
            options.append([(doubt.kind, doubt.name, value) for value in values])
        return [Chance(values) for values in product(*options)]

    def given(self, state: State | None, chance: Chance, actor: Actor) -> tuple[State | None, Facts]:
        """The state in which chance has brought these values, and the facts that go with it."""
        known = self._facts.get((actor, chance))
        if known is None:
            extra: dict[str, Scalar] = {"limit_value": 1, "limit_unit": "urgent_hour"}
            extra.update((n, v) for k, n, v in chance.values if k == "extra" and not isinstance(v, tuple))
            known = Facts(NOW, actor, _always, True, _UNITS, _LIMIT, "0", (), extra)
            self._facts[actor, chance] = known
        if state is None or not chance.values or all(kind == "extra" for kind, _, _ in chance.values):
            return state, known
        return self._settled(state, chance, actor), known

    def _settled(self, state: State, chance: Chance, actor: Actor) -> State:
        fields, counters, doers = dict(state.fields), dict(state.counters), dict(state.doers)
        clocks, assignments = state.clocks, state.assignments
        for kind, name, value in chance.values:
            if kind == "field":
                # Of a field that is also followed it is known whether it has a value.
                if name not in self.sight.fields or (value is not None) == (fields.get(name) is not None):
                    fields[name] = None if isinstance(value, tuple) else value
            elif kind == "counter" and isinstance(value, int):
                counters[name] = value
            elif kind == "did" and value:
                doers[name] = actor.person
            elif kind == "late" and value:
                clocks = _late(clocks, name, actor.unit)
            elif kind == "was_part" and value:
                assignments = _was_part(assignments, name, actor.unit)
        return state._replace(fields=fields, counters=counters, doers=doers, clocks=clocks, assignments=assignments)


def _how_many(value: Arg) -> int:
    return len(value) if isinstance(value, tuple) else int(value is not None)


def _late(clocks: tuple[Clock, ...], spec: str, unit: str) -> tuple[Clock, ...]:
    """The clocks with those of one name late; an old one of the acting unit stands for those that were forgotten."""
    moved = tuple(
        c._replace(due_at=NOW - HOUR, stopped_at=c.stopped_at and NOW - 1, phase=max(c.phase, 2), next_at=NOW + HOUR)
        if c.spec == spec
        else c
        for c in clocks
    )
    past = Clock(
        f"{spec}:past", spec, 0, unit, "stopped", 1, "urgent_hour", NOW - 9 * HOUR, NOW - 8 * HOUR, NOW, 2, 0,
        stopped_at=NOW - 7 * HOUR,
    )  # fmt: skip
    return moved if any(c.spec == spec for c in clocks) else (past, *moved)


def _was_part(assignments: tuple[Assignment, ...], slot: str, unit: str) -> tuple[Assignment, ...]:
    no = len(assignments) + 1
    past = Assignment(no, slot, "assist", unit, unit, "", "", 0, False, "ended", NOW - HOUR, NOW - 1, "past")
    return (*assignments, past)


def run_out(state: State, clock: Clock) -> State:
    """The state in which a clock has come to its deadline."""
    assert clock.status == RUNNING
    due = clock._replace(due_at=NOW, next_at=NOW, phase=1)
    return state._replace(clocks=tuple(due if c.id == clock.id else c for c in state.clocks))
