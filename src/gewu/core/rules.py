"""Who may do what when: the questions ``decide`` asks before it makes an event, also asked alone to explain a page."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

from gewu.core.playbook import model as m
from gewu.core.records import (
    LIVE_STATUSES,
    PAUSED,
    REPORTER,
    RUNNING,
    SYSTEM,
    Actor,
    Arg,
    Assignment,
    Facts,
    Refusal,
    State,
)

_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "in": lambda a, b: a in b,
    "not_in": lambda a, b: a not in b,
    "set": lambda a, b: (a is not None and a != "") == (b is not False),
}

_ORDER = frozenset({"lt", "le", "gt", "ge"})


def holds_part(assignment: Assignment, actor: Actor) -> bool:
    """Whether the actor is the one (or one of those at the unit and post) who has this live assignment."""
    return assignment.status in LIVE_STATUSES and had_part(assignment, actor)


def had_part(assignment: Assignment, actor: Actor) -> bool:
    """Whether the actor is one of those who have this assignment, or had it before it ended."""
    return (
        not assignment.letter
        and (not assignment.person or assignment.person == actor.person)
        and (not assignment.unit or assignment.unit == actor.unit)
        and (not assignment.role or assignment.role in actor.roles)
    )


def grants(rule: m.ActorRule, part: Assignment, parts: Sequence[Assignment], actor: Actor) -> bool:
    """Whether a rule of relation holder or letter lets the actor act by this assignment.

    A letter that was handed on inside another assignment belongs to whoever holds that one.
    """
    if part.slot != rule.slot or part.status not in LIVE_STATUSES or rule.role not in actor.roles:
        return False
    if rule.status and part.status not in rule.status:
        return False
    if rule.mode and part.mode != rule.mode:
        return False
    if rule.relation == "letter":
        return part.letter and (not part.parent or holds_part(parts[part.parent - 1], actor))
    return rule.relation == "holder" and holds_part(part, actor)


def lost_part(
    move: m.Move, parts: Sequence[Assignment], actor: Actor, slot: str = "*", target: int | None = None
) -> bool:
    """Whether an assignment has ended by which the actor could have made the move: somebody of theirs was faster, or it
    was taken back. ``slot`` and ``target`` narrow which."""
    return any(
        part.status not in LIVE_STATUSES
        and slot in ("*", part.slot)
        and target in (None, part.no)
        and any(_granted(rule, part, parts, actor) for rule in move.actors if rule.slot == part.slot)
        for part in parts
    )


def _granted(rule: m.ActorRule, part: Assignment, parts: Sequence[Assignment], actor: Actor) -> bool:
    """Whether a rule let the actor act by an assignment while that lived."""
    if rule.role not in actor.roles or rule.mode not in ("", part.mode):
        return False
    if rule.relation == "letter":
        return part.letter and (not part.parent or had_part(parts[part.parent - 1], actor))
    return rule.relation == "holder" and had_part(part, actor)


def own_parts(move: m.Move, parts: Sequence[Assignment], actor: Actor, slot: str) -> list[Assignment]:
    """The live assignments in ``slot`` (any for ``*``) that are the actor's own in this move.

    Where the move names who may act by a part of that slot, those parts; else the parts the actor holds.
    """
    found = []
    for part in parts:
        if part.status in LIVE_STATUSES and slot in ("*", part.slot):
            rules = [r for r in move.actors if r.slot == part.slot]
            if any(grants(r, part, parts, actor) for r in rules) if rules else holds_part(part, actor):
                found.append(part)
    return found


def allowed(rule: m.ActorRule, state: State | None, actor: Actor) -> bool:
    """Whether one rule lets the actor make the move (place and guard are asked elsewhere)."""
    relation = rule.relation
    if relation in (SYSTEM, REPORTER):
        return relation in actor.roles
    if rule.role not in actor.roles:
        return False
    if relation == "any":
        return True
    if state is None:
        return False
    parts = state.assignments
    return any(part.slot == rule.slot and grants(rule, part, parts, actor) for part in parts)


def test(guard: m.Guard, state: State | None, actor: Actor, args: Mapping[str, Arg], now: int) -> bool:
    """Evaluate a guard."""
    return _TESTS[type(guard)](guard, state, actor, args, now)


def _all(guard: m.All, state: State | None, actor: Actor, args: Mapping[str, Arg], now: int) -> bool:
    return all(test(part, state, actor, args, now) for part in guard.parts)


def _any(guard: m.AnyOf, state: State | None, actor: Actor, args: Mapping[str, Arg], now: int) -> bool:
    return any(test(part, state, actor, args, now) for part in guard.parts)


def _not(guard: m.Not, state: State | None, actor: Actor, args: Mapping[str, Arg], now: int) -> bool:
    return not test(guard.part, state, actor, args, now)


def _compare(guard: m.Compare, state: State | None, _actor: Actor, args: Mapping[str, Arg], _now: int) -> bool:
    return holds(guard, _value(guard.source, guard.name, state, args))


def _share(guard: m.Share, _state: State | None, _actor: Actor, args: Mapping[str, Arg], _now: int) -> bool:
    part, whole = (sum(_number(args.get(name)) for name in names) for names in (guard.of, guard.within))
    if whole == 0:
        return _OPS[guard.op](0 if part == 0 else inf, guard.value)
    return _OPS[guard.op](100 * part, guard.value * whole)


def _number(value: Arg) -> int:
    return value if isinstance(value, int) else 0


def _counts(guard: m.CountOf, state: State | None, _actor: Actor, _args: Mapping[str, Arg], _now: int) -> bool:
    count = 0
    for part in state.assignments if state is not None else ():
        if (
            guard.slot in ("*", part.slot)
            and part.status in guard.status
            and (not guard.mode or part.mode == guard.mode)
        ):
            count += 1
    return _OPS[guard.op](count, guard.value)


def _clock(guard: m.ClockIs, state: State | None, actor: Actor, _args: Mapping[str, Arg], now: int) -> bool:
    return _clock_is(state, guard.clock, guard.status, now, actor.unit)


def _did(guard: m.Did, state: State | None, actor: Actor, _args: Mapping[str, Arg], _now: int) -> bool:
    return state is not None and state.doers.get(guard.move) == actor.person


def _was_part(guard: m.WasPart, state: State | None, actor: Actor, _args: Mapping[str, Arg], _now: int) -> bool:
    return state is not None and any(a.slot == guard.slot and a.unit == actor.unit for a in state.assignments)


def _tagged(guard: m.Tagged, state: State | None, _actor: Actor, _args: Mapping[str, Arg], _now: int) -> bool:
    return state is not None and guard.tag in state.tags


# The vocabulary is closed, so one look-up by type does for a chain of questions.
_TESTS: dict[type[object], Callable[[Any, State | None, Actor, Mapping[str, Arg], int], bool]] = {
    m.All: _all,
    m.AnyOf: _any,
    m.Not: _not,
    m.Compare: _compare,
    m.Share: _share,
    m.CountOf: _counts,
    m.ClockIs: _clock,
    m.Did: _did,
    m.WasPart: _was_part,
    m.Tagged: _tagged,
}


def holds(condition: m.Compare, value: Arg) -> bool:
    """Whether a comparison holds for a value. What is no number counts as 0 where order is asked."""
    if condition.op in _ORDER and not isinstance(value, int):
        value = 0
    return _OPS[condition.op](value, condition.value)


def _value(source: str, name: str, state: State | None, args: Mapping[str, Arg]) -> Arg:
    if source == "arg":
        return args.get(name)
    if state is None:
        return 0 if source == "counter" else None
    return state.counters.get(name, 0) if source == "counter" else state.fields.get(name)


def _clock_is(state: State | None, name: str, status: str, now: int, unit: str) -> bool:
    clocks = [c for c in state.clocks if c.spec == name] if state else []
    if status == "running":
        return any(c.status == RUNNING for c in clocks)
    if status == "paused":
        return any(c.status == PAUSED for c in clocks)
    if status == "overdue":
        mine = [c for c in clocks if c.holder and c.holder == unit]  # a unit answers for its own lateness only
        return any((now if c.status == RUNNING else c.stopped_at) > c.due_at for c in mine or clocks)
    return not any(c.status in (RUNNING, PAUSED) for c in clocks)


def explain(guard: m.Guard, state: State | None, actor: Actor, args: Mapping[str, Arg], now: int) -> m.Words | None:
    """The words of the first condition that does not hold, if it has any."""
    if isinstance(guard, m.All):
        for part in guard.parts:
            if not test(part, state, actor, args, now):
                return explain(part, state, actor, args, now)
        return None
    if isinstance(guard, m.AnyOf):
        for part in guard.parts:
            words = explain(part, state, actor, args, now)
            if words:
                return words
        return None
    if isinstance(guard, m.Not):
        inner = guard.part
        return None if isinstance(inner, (m.All, m.AnyOf, m.Not)) else inner.why
    return guard.why


def uses_args(guard: m.Guard | None) -> bool:
    """Whether a guard asks for arguments, so that it cannot be judged before the form is filled."""
    return any(isinstance(g, m.Share) or (isinstance(g, m.Compare) and g.source == "arg") for g in m.guards(guard))


def before_form(move: m.Move, state: State | None, facts: Facts, target: int | None = None) -> Refusal | None:
    """Everything that can be judged before the form is filled: stage, actor, scope, block. None when open.

    ``target`` is the assignment that a command names.
    """
    stage = state.stage if state else m.NEW
    if stage not in move.sources:
        return Refusal("wrong_stage", {"stage": stage, "from": list(move.sources)})
    if SYSTEM not in facts.actor.roles and not facts.in_scope:
        return Refusal("out_of_scope", {})
    for rule in move.actors:
        if allowed(rule, state, facts.actor):
            break
    else:
        if move.additive and state is not None and lost_part(move, state.assignments, facts.actor, target=target):
            return Refusal("part_ended", {})  # of an exclusive move its maker is told by the version
        return Refusal("not_allowed", {"roles": sorted({r.role or r.relation for r in move.actors})})
    if state is not None:
        for block in state.blocks:
            if block.move == move.name:
                return Refusal("blocked", {"by": block.by, "until": list(block.until)})
    return None


def guard_refusal(move: m.Move, state: State | None, facts: Facts, args: Mapping[str, Arg]) -> Refusal | None:
    """A refusal by the guard, with its words."""
    if move.guard is None or test(move.guard, state, facts.actor, args, facts.now):
        return None
    words = explain(move.guard, state, facts.actor, args, facts.now)
    return Refusal("guard", {"why": {"en": words.en, "zh": words.zh}} if words else {})


def moves_open(playbook: m.Playbook, state: State | None, facts: Facts) -> list[tuple[m.Move, Refusal | None]]:
    """Every move that leaves the present stage for a person, each with the reason why it is closed, or None.

    Moves of the system are left out. A guard on arguments is judged when the form comes in.
    """
    found: list[tuple[m.Move, Refusal | None]] = []
    for move in playbook.moves_from.get(state.stage if state else m.NEW, ()):
        if all(a.relation == SYSTEM for a in move.actors):
            continue
        refusal = before_form(move, state, facts)
        if refusal is None and not uses_args(move.guard):
            refusal = guard_refusal(move, state, facts, {})
        found.append((move, refusal))
    return found
