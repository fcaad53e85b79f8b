"""What the rules of one playbook can tell apart.

The checker keeps of a record exactly what some guard, effect or clock of the playbook can see. This module reads that
off the playbook once: which fields, counters and tags matter and which of their values differ to any rule, in which
stages they still can matter, how many parts alike a count can distinguish, and what is left to chance.

*Left to chance* (a ``Doubt``) are values the checker does not follow: whether a clock is late, whether a unit had a
part long ago, whether the acting person is the one who made an earlier move, what a look-up brings; on the coarse level
also counters and fields that only choose between effects. A move that reads a doubt is tried with every value of it:
each outcome may happen, and the move counts as a way out only if all outcomes are ways out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gewu.core.deadlines import TimeUnit
from gewu.core.playbook import model as m
from gewu.core.playbook.liveness import LIMIT_FIELDS, Liveness
from gewu.core.records import Arg, Scalar
from gewu.core.rules import holds, uses_args

Followed = frozenset[tuple[str, str]]
"""Counters and fields to follow, as (``counter`` or ``field``, name)."""

OTHER = "~other"
"""A value that no rule names."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a move asks for that is left to chance. ``kind``: field, counter, late, was_part, did, extra."""

    kind: str
    name: str
    values: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One move as the checker sees it: what it asks of chance, and whether it changes anything that matters."""

    move: m.Move
    gate: tuple[Doubt, ...]
    branch: tuple[Doubt, ...]
    inert: bool
    asks_did: bool
    asks_form: bool
    """Whether the guard asks for what is written in the form."""
    loose: Followed
    """What the move asks for that could be followed but is left to chance. With none, no closer look sees it anew."""
    touches: frozenset[str]
    """Slots in which the move picks the actor's own part: the command may have to name it."""


class Sight:
    """The reading of one playbook.

    ``followed`` names counters and choosing fields that are not to be left to chance; each makes for more situations.
    None follows all of them.
    """

    def __init__(self, playbook: m.Playbook, followed: Followed | None) -> None:
        self.playbook = playbook
        self.followed = followed
        self._classes: dict[tuple[str, tuple[bool, ...]], Scalar] = {}
        self._known: dict[tuple[str, type[object], Scalar], Scalar] = {}
        self.gates = {n: tuple(m.guards(v.guard)) for n, v in playbook.moves.items()}
        self.branches = {
            n: tuple(g for e in m.walk(v.effects) if isinstance(e, m.When) for g in m.guards(e.guard))
            for n, v in playbook.moves.items()
        }
        self.effects = {n: tuple(m.walk(v.effects)) for n, v in playbook.moves.items()}
        self._read_fields()
        self._read_counts()
        self.tags = frozenset(g.tag for g in self._all_guards() if isinstance(g, m.Tagged))
        self.asked_of = {
            name: frozenset(g.move for g in _positive(move.guard) if isinstance(g, m.Did))
            for name, move in playbook.moves.items()
        }
        """For each move those that only their maker may follow up with it."""
        self.did_positive = frozenset[str]().union(*self.asked_of.values())
        self.reopened = frozenset(e.slot for e in self._all_effects() if isinstance(e, m.Reopen))
        self.personal = self._personal_slots()
        self.named = self._named_slots()
        self.lifting = frozenset(u for e in self._all_effects() if isinstance(e, m.BlockMove) for u in e.until)
        self.seen = {name: self._see(move) for name, move in playbook.moves.items()}
        self.plain = self._plain()
        """Kinds of parts for which letters make no difference."""
        conditions = {name: (*self.gates[name], *self.branches[name]) for name in playbook.moves}
        self.liveness = Liveness(playbook, conditions, self.effects)

    def _all_guards(self) -> Iterator[m.Guard]:
        for name in self.playbook.moves:
            yield from self.gates[name]
            yield from self.branches[name]

    def _all_effects(self) -> Iterator[m.EffectSpec]:
        for effects in self.effects.values():
            yield from effects

    # fields

    def _read_fields(self) -> None:
        """Find the fields that matter, the conditions on each, and what else their values are used for."""
        self.atoms: dict[str, list[m.Compare]] = {}
        gated: set[str] = set()
        used: set[str] = set()
        for name in self.playbook.moves:
            for guard in (*self.gates[name], *self.branches[name]):
                if isinstance(guard, m.Compare) and guard.source == "field":
                    self.atoms.setdefault(guard.name, []).append(guard)
            gated |= {g.name for g in self.gates[name] if isinstance(g, m.Compare) and g.source == "field"}
        self.unit_fields: set[str] = set()
        self.set_fields: set[str] = set()
        for effect in self._all_effects():
            if isinstance(effect, m.Assign):
                for written in (effect.unit, effect.person):
                    if written.startswith("="):
                        used.add(written[1:])
                if effect.unit.startswith("="):
                    self.unit_fields.add(effect.unit[1:])
            if isinstance(effect, m.ClockAct) and effect.until.startswith("="):
                used.add(effect.until[1:])
                self.set_fields.add(effect.until[1:])
        clocks = self.playbook.clocks.values()
        if any(c.source == "fields" for c in clocks):
            used |= set(LIMIT_FIELDS)
            self.set_fields |= set(LIMIT_FIELDS)
        if any(c.source == "tier" and c.optional for c in clocks):
            # Every tier has a limit; only a record without a tier has none.
            used.add("tier")
            self.set_fields.add("tier")
        changed = True
        while changed:  # a field copied into one that matters matters in the same way
            changed = False
            for effect in self._all_effects():
                if isinstance(effect, m.SetField) and isinstance(effect.value, str) and effect.value.startswith("="):
                    source, target = effect.value[1:], effect.field
                    if target in self.atoms or target in used:
                        before = (len(self.atoms.get(source, [])), source in used)
                        mine = self.atoms.setdefault(source, [])
                        mine += [a for a in self.atoms.get(target, []) if a not in mine]
                        used.add(source)
                        if target in self.unit_fields:
                            self.unit_fields.add(source)
                        changed |= before != (len(mine), True)
        names = set(self.atoms) | used
        loose = {n for n in self.atoms if not self._follows("field", n)}
        self.loose_fields = frozenset(loose)
        self.fields = frozenset(names - loose | used)

    def _follows(self, kind: str, name: str) -> bool:
        return self.followed is None or (kind, name) in self.followed

    def classify(self, name: str, value: Scalar) -> Scalar:
        """The representative of all values of a field that no rule can tell from ``value``."""
        key = (name, type(value), value)
        known = self._known.get(key)
        if known is None:
            known = self._classes.setdefault((name, self._vector(name, value)), value)
            self._known[key] = known
        return known

    def _vector(self, name: str, value: Scalar) -> tuple[bool, ...]:
        loose = name in self.loose_fields  # then only whether there is a value is followed
        facts = [] if loose else [holds(atom, value) for atom in self.atoms.get(name, ())]
        present = value is not None and value != ""
        if name in self.set_fields:
            facts.append(present)
        if name in self.unit_fields:
            facts += [present, str(value).startswith("l")]
        return tuple(facts)

    def _field_values(self, name: str) -> tuple[Scalar, ...]:
        """One value of each kind that the rules tell apart, None among them."""
        if name == "limit_unit":
            candidates: list[Scalar] = [None, *(u.value for u in TimeUnit)]
        elif name == "limit_value":
            candidates = [None, *_around(self.atoms.get(name, ())), 1]
        else:
            candidates = [None, *_around(self.atoms.get(name, ())), OTHER, True, False]
            if name in self.unit_fields:
                candidates += ["u", "l"]
        found: dict[tuple[bool, ...], Scalar] = {}
        for value in candidates:
            full = (*self._vector(name, value), *(holds(atom, value) for atom in self.atoms.get(name, ())))
            found.setdefault(full, value)
        return tuple(found.values())

    # counters and counts

    def _read_counts(self) -> None:
        self.counter_cap: dict[str, int] = {}
        self._counter_atoms: dict[str, list[m.Compare]] = {}
        for guard in self._all_guards():
            if isinstance(guard, m.Compare) and guard.source == "counter":
                self._counter_atoms.setdefault(guard.name, []).append(guard)
                values = guard.value if isinstance(guard.value, tuple) else (guard.value,)
                top = max((v for v in values if isinstance(v, int)), default=0) + 1
                self.counter_cap[guard.name] = max(self.counter_cap.get(guard.name, 1), top)
        self.counters = frozenset(n for n in self.counter_cap if self._follows("counter", n))
        self._cap: dict[str, int] = {}
        self.ended: set[tuple[str, str]] = set()
        for guard in self._all_guards():
            if isinstance(guard, m.CountOf):
                needed = guard.value if guard.op in ("lt", "ge") else guard.value + 1
                self._cap[guard.slot] = max(self._cap.get(guard.slot, 1), needed)
                if "ended" in guard.status:
                    self.ended.add((guard.slot, guard.mode))

    def cap(self, slot: str) -> int:
        """More parts alike than this are one to every count in the playbook."""
        return max(self._cap.get(slot, 1), self._cap.get("*", 1))

    # persons

    def _personal_slots(self) -> frozenset[str]:
        """Slots in which it matters who exactly has the part."""
        slots = {e.slot for e in self._all_effects() if isinstance(e, m.Assign) and not e.role}
        for name, move in self.playbook.moves.items():
            if any(isinstance(g, m.Did) for g in (*self.gates[name], *self.branches[name])):
                slots |= {rule.slot for rule in move.actors if rule.relation == "holder"}
        return frozenset(slots)

    def nobody_in_particular(self, seen: Seen) -> bool:
        """Whether it makes no difference which of the roles makes the move: nothing asks now or later who it was."""
        name = seen.move.name
        return not (
            seen.touches
            or seen.asks_did
            or self.identity_matters(seen)
            or self.asked_of[name]
            or name in self.did_positive
        )

    def identity_matters(self, seen: Seen) -> bool:
        """Whether something asks who exactly makes the move."""
        if seen.asks_did or not self.personal.isdisjoint(seen.touches):
            return True
        return any(
            isinstance(e, m.Assign) and e.person == "@actor" and e.slot in self.personal
            for e in self.effects[seen.move.name]
        )

    def _named_slots(self) -> frozenset[str]:
        """Slots whose parts may hang on one person, who may leave: what only that person can do nobody may count on."""
        named = {e.slot for e in self._all_effects() if isinstance(e, m.Assign) and e.person}
        pooled = {e.slot for e in self._all_effects() if isinstance(e, m.Assign) and not e.unit}
        return frozenset(named | {e.slot for e in self._all_effects() if isinstance(e, m.Take) and e.slot in pooled})

    def _plain(self) -> frozenset[tuple[str, str]]:
        """Kinds of parts, as (slot, mode), that a body without accounts can do everything about that others can.

        There it makes no difference to any rule whether a letter went out or not.
        """
        assigned = [e for e in self._all_effects() if isinstance(e, m.Assign)]
        roles: dict[str, set[str]] = {}
        for effect in assigned:
            roles.setdefault(effect.slot, set()).add(effect.role)
        loose = {
            slot
            for seen in self.seen.values()
            for slot in seen.touches
            if not any(rule.slot == slot for rule in seen.move.actors)
        }
        plain: set[tuple[str, str]] = set()
        marked: set[tuple[str, str]] = set()
        for effect in assigned:
            kind = (effect.slot, effect.mode)
            speakers = roles.get(effect.inside) if effect.inside else None
            held, by_letter = set(), set()
            for seen in self.seen.values():
                for rule in seen.move.actors:
                    if seen.inert or rule.slot != effect.slot or rule.mode not in ("", effect.mode):
                        continue
                    ability = (seen.move.name, rule.status)
                    if rule.relation == "holder" and effect.role in ("", rule.role):
                        held.add(ability)
                    elif rule.relation == "letter" and (speakers is None or speakers <= {rule.role}):
                        by_letter.add(ability)
            hidden = effect.slot in self.personal or effect.slot in loose or "*" in loose
            (marked if hidden or (effect.unit and held != by_letter) else plain).add(kind)
        return frozenset(plain - marked)

    # moves

    def _see(self, move: m.Move) -> Seen:
        name = move.name
        gate = self._doubts(self.gates[name])
        branch = tuple(d for d in (*self._doubts(self.branches[name]), *self._extras(move)) if d not in gate)
        touches: set[str] = set()
        for effect in self.effects[name]:
            match effect:
                case m.Release(slot=slot, whose="mine" | "assist_mine") | m.Take(slot=slot):
                    touches.add(slot)
                case m.Assign(inside=slot) if slot:
                    touches.add(slot)
                case m.Assign(unit="@part"):
                    touches |= {rule.slot for rule in move.actors if rule.slot}
                case _:
                    pass
        asks_did = any(isinstance(g, m.Did) for g in (*self.gates[name], *self.branches[name]))
        loose = frozenset((d.kind, d.name) for d in (*gate, *branch) if d.kind in ("field", "counter"))
        return Seen(move, gate, branch, self._inert(move), asks_did, uses_args(move.guard), loose, frozenset(touches))

    def _doubts(self, guards: Iterable[m.Guard]) -> tuple[Doubt, ...]:
        found: dict[tuple[str, str], Doubt] = {}
        for guard in guards:
            doubt: Doubt | None = None
            if isinstance(guard, m.Compare) and guard.source == "field" and guard.name in self.loose_fields:
                doubt = Doubt("field", guard.name, self._field_values(guard.name))
            elif isinstance(guard, m.Compare) and guard.source == "counter" and guard.name not in self.counters:
                doubt = Doubt("counter", guard.name, self._counter_values(guard.name))
            elif isinstance(guard, m.ClockIs) and guard.status == "overdue":
                doubt = Doubt("late", guard.clock, (False, True))
            elif isinstance(guard, m.WasPart):
                doubt = Doubt("was_part", guard.slot, (False, True))
            elif isinstance(guard, m.Did) and guard.move not in self.did_positive:
                doubt = Doubt("did", guard.move, (False, True))
            if doubt is not None:
                found[doubt.kind, doubt.name] = doubt
        return tuple(found.values())

    def _counter_values(self, name: str) -> tuple[int, ...]:
        found: dict[tuple[bool, ...], int] = {}
        for value in range(self.counter_cap[name] + 1):
            found.setdefault(tuple(holds(a, value) for a in self._counter_atoms[name]), value)
        return tuple(found.values())

    def _extras(self, move: m.Move) -> list[Doubt]:
        """What look-ups may bring, where it matters. A standard that is named has a limit."""
        has_standard = any(f.type == "standard" and f.required for f in move.form)
        found = []
        for effect in self.effects[move.name]:
            written: list[tuple[str, tuple[Scalar, ...]]] = []
            if isinstance(effect, m.SetField) and isinstance(effect.value, str) and effect.field in self.fields:
                written.append((effect.value, self._field_values(effect.field)))
            if isinstance(effect, m.Assign):
                written.append((effect.unit, (None, "u", "l")))
            for text, values in written:
                if text.startswith("@") and text not in ("@actor", "@part"):
                    known = has_standard and text[1:] in LIMIT_FIELDS
                    found.append(Doubt("extra", text[1:], tuple(v for v in values if v is not None or not known)))
        return found

    def _inert(self, move: m.Move) -> bool:
        """Whether the move changes nothing that any rule can see."""
        if move.to and set(move.sources) != {move.to}:
            return False
        if move.name in self.lifting or move.name in self.did_positive:
            return False
        for effect in self.effects[move.name]:
            if isinstance(effect, (m.Notify, m.LinkTo, m.PlaceAt, m.When)):
                continue
            if isinstance(effect, m.SetField) and effect.field not in self.fields:
                continue
            if isinstance(effect, m.CountUp) and effect.counter not in self.counters:
                continue
            if isinstance(effect, m.Tag) and effect.tag not in self.tags:
                continue
            return False
        return True


def _around(atoms: Iterable[m.Compare]) -> list[Scalar]:
    """The values that conditions name, and for whole numbers their neighbours."""
    found: list[Scalar] = []
    for atom in atoms:
        values = atom.value if isinstance(atom.value, tuple) else (atom.value,)
        for value in values:
            found.append(value)
            if isinstance(value, int) and not isinstance(value, bool):
                found += [value - 1, value + 1]
    return found


def _positive(guard: m.Guard | None, sign: bool = True) -> Iterator[m.Guard]:
    """The conditions that must hold (not those that must not) for a guard to hold."""
    if isinstance(guard, (m.All, m.AnyOf)):
        for part in guard.parts:
            yield from _positive(part, sign)
    elif isinstance(guard, m.Not):
        yield from _positive(guard.part, not sign)
    elif sign and guard is not None:
        yield guard
