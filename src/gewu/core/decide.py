"""``decide``: a command becomes one event with all its effects, or a refusal that says why.

Total and pure: same playbook, state, command and facts, same answer. Every looked-up fact that matters later (unit,
limit, due instant) is written into the event, so that ``evolve`` needs no playbook.
"""

from __future__ import annotations

from typing import Any

from gewu.core.calendar import CalendarRangeError
from gewu.core.draft import Draft, ImpossibleError
from gewu.core.forms import check_form, clean
from gewu.core.playbook import model as m
from gewu.core.records import SYSTEM, Actor, Command, Event, Facts, Refusal, State
from gewu.core.rules import before_form, guard_refusal

EXPIRE = "expire"
"""The name of the system's command when a clock wants attention; ``args["clock"]`` is the clock's id."""


def decide(playbook: m.Playbook, state: State | None, command: Command, facts: Facts) -> Event | Refusal:
    """Judge ``command`` on a record in ``state`` (None before it exists). Never raises for anything a user can send."""
    if command.move == EXPIRE:
        return _expire(playbook, state, command, facts)
    move = playbook.moves.get(command.move) if isinstance(command.move, str) else None
    if move is None:
        return Refusal("unknown_move", {"move": str(command.move)[:80]})
    exclusive = not move.additive and state is not None and SYSTEM not in facts.actor.roles
    if exclusive and state is not None and (command.version != state.seq or command.version is True):
        return Refusal("stale", {"version": state.seq})
    refusal = before_form(move, state, facts, command.target)
    if refusal is not None:
        return refusal
    faults = check_form(move, command, facts)
    if faults:
        code = "needs_reason" if faults == {"reason": "required"} else "invalid"
        return Refusal(code, {}, faults)
    if move.photos:
        missing = _missing_photos(move, command)
        if missing:
            return Refusal("needs_photos", missing)
    args = clean(command.args)
    refusal = guard_refusal(move, state, facts, args)
    if refusal is not None:
        return refusal
    draft = Draft(playbook, state, command, facts, args)
    try:
        draft.make(move)
    except ImpossibleError as fault:
        return fault.refusal
    except CalendarRangeError:
        return Refusal("invalid", {}, {"date": "too_far"})
    payload: dict[str, Any] = {"effects": draft.effects}
    if args:
        payload["args"] = {k: list(v) if isinstance(v, tuple) else v for k, v in args.items()}
    return Event(move.name, (state.seq if state else 0) + 1, facts.now, facts.actor.person, facts.actor.unit, payload)


def _missing_photos(move: m.Move, command: Command) -> dict[str, int]:
    """Photo roles of which the command brings too few, with the number still missing."""
    missing = {}
    for role, needed in move.photos.items():
        have = sum(1 for p in command.photos if role in ("any", p.role))
        if have < needed:
            missing[role] = needed - have
    return missing


def _expire(playbook: m.Playbook, state: State | None, command: Command, facts: Facts) -> Event | Refusal:
    if SYSTEM not in facts.actor.roles:
        return Refusal("not_allowed", {"roles": [SYSTEM]})
    clock = state.clock(str(command.args.get("clock"))) if state else None
    if state is None or clock is None or clock.status != "running" or clock.next_at > facts.now:
        return Refusal("not_due", {"clock": str(command.args.get("clock"))})
    draft = Draft(playbook, state, command, facts, {})
    try:
        made = draft.expire(clock)
    except ImpossibleError as fault:
        return fault.refusal
    except CalendarRangeError:
        return Refusal("invalid", {}, {"date": "too_far"})
    payload: dict[str, Any] = {"effects": draft.effects, "args": {"clock": clock.id, "phase": made}}
    return Event(EXPIRE, state.seq + 1, facts.now, SYSTEM, "", payload)


def system_actor() -> Actor:
    """The actor in whose name clocks expire."""
    return Actor(SYSTEM, "", frozenset({SYSTEM}))
