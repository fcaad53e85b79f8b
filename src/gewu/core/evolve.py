"""``evolve``: the only way a record's state changes. Any event made by ``decide`` applies, and none needs a playbook.

Effects, as they stand in ``event.payload["effects"]`` (JSON values only):

=========  ==========================================================================================
stage      name
place      code, [area codes]
set        field, value
count      counter, new value
tag        tag, true or false
open       assignment as a mapping (see ``Assignment``)
take       assignment number, person ("" keeps it with the unit)
end        assignment number, outcome
hand       assignment number, unit, its path, whether by letter: the part goes over to the unit that follows
clock      clock as a mapping (see ``Clock``); replaces the clock of that id
block      move, [moves that lift the block]
unblock    move
link       kind, record id
did        move: remembers who made it
notify     receivers and message; changes nothing in the record
attach     photo id, role; changes nothing in the record
adopt      playbook, version: from here on the record lives under that one
birth      kind, playbook, version: the first effect of a record's first event
=========  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from gewu.core.records import Assignment, Block, Clock, Event, Scalar, State

_NO_CHANGE = frozenset({"notify", "attach", "birth"})
_ASSIGNMENT_FIELDS = Assignment._fields
_CLOCK_FIELDS = Clock._fields
_clock_values = itemgetter(*_CLOCK_FIELDS)
_new_tuple = tuple.__new__


def evolve(state: State | None, event: Event) -> State:
    """The state after ``event``. Raises ``ValueError`` only for an event that no ``decide`` made."""
    effects = event.effects
    if state is None:
        if not effects or effects[0][0] != "birth":
            raise ValueError("the first event of a record must begin with birth")
        _, kind, playbook, version = effects[0]
        state = State(kind=kind, playbook=playbook, playbook_version=version, stage="new")
    if event.seq != state.seq + 1:
        raise ValueError(f"event {event.seq} does not follow version {state.seq}")
    stage, place, areas, tags = state.stage, state.place, state.areas, state.tags
    fields: dict[str, Scalar] | None = None
    counters: dict[str, int] | None = None
    doers: dict[str, str] | None = None
    assignments: list[Assignment] | None = None
    clocks: dict[str, Clock] | None = None
    blocks, links = state.blocks, state.links
    playbook, version = state.playbook, state.playbook_version
    for effect in effects:
        name = effect[0]
        if name == "clock":
            clocks = {c.id: c for c in state.clocks} if clocks is None else clocks
            clocks[effect[1]["id"]] = clock_from_json(effect[1])
        elif name == "set":
            fields = dict(state.fields) if fields is None else fields
            fields[effect[1]] = effect[2]
        elif name in _NO_CHANGE:
            continue
        elif name == "stage":
            stage = effect[1]
        elif name == "open":
            assignments = list(state.assignments) if assignments is None else assignments
            if effect[1]["no"] != len(assignments) + 1:
                raise ValueError("assignment numbers have a gap")
            assignments.append(Assignment(**effect[1]))
        elif name == "end":
            assignments = list(state.assignments) if assignments is None else assignments
            no = effect[1]
            assignments[no - 1] = assignments[no - 1]._replace(status="ended", ended_at=event.at, outcome=effect[2])
        elif name == "take":
            assignments = list(state.assignments) if assignments is None else assignments
            old = assignments[effect[1] - 1]
            assignments[effect[1] - 1] = old._replace(status="taken", person=effect[2] or old.person)
        elif name == "hand":
            assignments = list(state.assignments) if assignments is None else assignments
            no = effect[1]
            assignments[no - 1] = assignments[no - 1]._replace(unit=effect[2], path=effect[3], letter=effect[4])
        elif name == "count":
            counters = dict(state.counters) if counters is None else counters
            counters[effect[1]] = effect[2]
        elif name == "tag":
            tags = tags | {effect[1]} if effect[2] else tags - {effect[1]}
        elif name == "block":
            blocks = (*(b for b in blocks if b.move != effect[1]), Block(effect[1], tuple(effect[2]), event.kind))
        elif name == "unblock":
            blocks = tuple(b for b in blocks if b.move != effect[1])
        elif name == "link":
            links = (*links, (effect[1], effect[2]))
        elif name == "did":
            doers = dict(state.doers) if doers is None else doers
            doers[effect[1]] = event.actor
        elif name == "place":
            place, areas = effect[1], tuple(effect[2])
        elif name == "adopt":
            playbook, version = effect[1], effect[2]
        else:
            raise ValueError(f"unknown effect {name!r}")
    return State(
        state.kind,
        playbook,
        version,
        stage,
        event.seq,
        place,
        areas,
        state.fields if fields is None else fields,
        state.counters if counters is None else counters,
        tags,
        state.assignments if assignments is None else tuple(assignments),
        state.clocks if clocks is None else tuple(clocks.values()),
        blocks,
        state.doers if doers is None else doers,
        links,
    )


def replay(events: Iterable[Event]) -> State | None:
    """Fold all events of one record."""
    state: State | None = None
    for event in events:
        state = evolve(state, event)
    return state


def assignment_json(assignment: Assignment) -> dict[str, Any]:
    """An assignment as JSON values by field name."""
    return dict(zip(_ASSIGNMENT_FIELDS, assignment, strict=True))


def clock_json(clock: Clock) -> dict[str, Any]:
    """A clock as JSON values by field name, in the order of the fields."""
    # Written out: the one mapping that is made for nearly every command, and half as long in the making this way.
    (
        clock_id, spec, assignment, holder, status, limit_value, unit, started_at, due_at, next_at, phase, remaining,
        extended, provisional, version, rung, stopped_at,
    ) = clock  # fmt: skip
    return {
        "id": clock_id,
        "spec": spec,
        "assignment": assignment,
        "holder": holder,
        "status": status,
        "limit_value": limit_value,
        "unit": unit,
        "started_at": started_at,
        "due_at": due_at,
        "next_at": next_at,
        "phase": phase,
        "remaining": remaining,
        "extended": extended,
        "provisional": provisional,
        "version": version,
        "rung": rung,
        "stopped_at": stopped_at,
    }


def clock_from_json(data: dict[str, Any]) -> Clock:
    """Inverse of ``clock_json``. Fields that an older event does not have yet get their defaults."""
    if len(data) == len(_CLOCK_FIELDS):  # all are there, in whatever order: several times faster than by keyword
        return _new_tuple(Clock, _clock_values(data))
    return Clock(**data)


def state_json(state: State) -> dict[str, Any]:
    """The state as JSON values, the inverse of ``state_from_json``; equal states give equal mappings."""
    return {
        "kind": state.kind,
        "playbook": state.playbook,
        "playbook_version": state.playbook_version,
        "stage": state.stage,
        "seq": state.seq,
        "place": state.place,
        "areas": list(state.areas),
        "fields": dict(state.fields),
        "counters": dict(state.counters),
        "tags": sorted(state.tags),
        "assignments": [assignment_json(a) for a in state.assignments],
        "clocks": [clock_json(c) for c in state.clocks],
        "blocks": [{"move": b.move, "until": list(b.until), "by": b.by} for b in state.blocks],
        "doers": dict(state.doers),
        "links": [list(link) for link in state.links],
    }


def state_from_json(data: dict[str, Any]) -> State:
    """Inverse of ``state_json``."""
    return State(
        data["kind"],
        data["playbook"],
        data["playbook_version"],
        data["stage"],
        data["seq"],
        data["place"],
        tuple(data["areas"]),
        data["fields"],
        data["counters"],
        frozenset(data["tags"]),
        tuple([Assignment(**a) for a in data["assignments"]]),
        tuple([clock_from_json(c) for c in data["clocks"]]),
        tuple(Block(b["move"], tuple(b["until"]), b["by"]) for b in data["blocks"]),
        data["doers"],
        tuple((kind, record) for kind, record in data["links"]),
    )
