"""A unit ends and another stands in its place: what it had open goes over as it is.

No playbook is asked, because no work is sent back or given anew: parts keep their number, their people, what was handed
on inside them and their running deadlines. Parts that have ended stay with whoever had them (see ADR 0018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gewu.core.evolve import clock_json
from gewu.core.playbook import model as m
from gewu.core.records import PAUSED, RUNNING, SYSTEM, Effect, Event, State, UnitFact

SUCCEED = "succeed_unit"
"""The kind of the event; ``args["act"]`` is the number of the act that says so, ``args["parts"]`` who had each part."""

HANDED_OVER = "handed_over"


class Heir(NamedTuple):
    """Who is to have a part, and the unit that must have it now."""

    old: str
    new: UnitFact


def succeed(playbook: m.Playbook, state: State, heirs: Mapping[int, Heir], act: str, now: int) -> Event | None:
    """The event by which these parts, by number, go over; None when none is live and still with its old unit."""
    effects: list[Effect] = []
    gone: list[str] = []
    told: dict[tuple[str, str], dict[str, str]] = {}
    units: dict[str, str] = {}
    for part in state.assignments:
        heir = heirs.get(part.no)
        if heir is None or not part.live or part.unit != heir.old:
            continue
        new = heir.new
        units[heir.old] = new.code
        effects.append(["hand", part.no, new.code, new.path, not new.accounts])
        gone.append(f"{part.no}:{part.unit}:{new.code}")
        told[new.code, part.role] = {"unit": new.code, "role": part.role} if part.role else {"unit": new.code}
        effects += [
            ["clock", clock_json(clock._replace(holder=new.code, version=clock.version + 1))]
            for clock in state.clocks
            if clock.assignment == part.no and clock.holder == part.unit and clock.status in (RUNNING, PAUSED)
        ]
    if not effects:
        return None
    for name, value in state.fields.items():
        field = playbook.fields.get(name)
        if field is not None and field.type == "unit" and isinstance(value, str) and value in units:
            effects.append(["set", name, units[value]])
    effects.append(["notify", {"to": list(told.values()), "message": HANDED_OVER}])
    payload = {"effects": effects, "args": {"act": act, "parts": gone}}
    return Event(SUCCEED, state.seq + 1, now, SYSTEM, "", payload)
