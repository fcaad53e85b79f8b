"""The ways through a playbook: where moves lead, in which order stages are read, which clocks may run where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gewu.core.playbook import model as m
from gewu.core.records import LIVE_STATUSES


class Way(NamedTuple):
    """A move that leads from one stage to another, perhaps only in some cases."""

    move: m.Move
    source: str
    target: str
    perhaps: bool


def targets(move: m.Move, stage: str) -> list[tuple[str, bool]]:
    """Stages in which a record may stand after the move was made in ``stage``, each with whether only perhaps."""
    gone = list(dict.fromkeys(e.stage for e in m.walk(move.effects) if isinstance(e, m.GoTo)))
    certain = any(isinstance(e, m.GoTo) for e in move.effects)
    own = [] if certain else [move.to or stage]
    found = list(dict.fromkeys([*own, *gone]))
    return [(target, len(found) > 1) for target in found]


def ways(playbook: m.Playbook) -> list[Way]:
    """Every move that changes the stage, by the order of moves and of their sources."""
    return [
        Way(move, source, target, perhaps)
        for move in playbook.moves.values()
        for source in move.sources
        for target, perhaps in targets(move, source)
        if target != source
    ]


def staying(playbook: m.Playbook, stage: str) -> list[m.Move]:
    """Moves that may be made in a stage and can leave the record there."""
    return [v for v in playbook.moves_from[stage] if any(target == stage for target, _ in targets(v, stage))]


def everywhere(playbook: m.Playbook) -> list[m.Move]:
    """Moves that never change the stage and may be made in every stage that is no end."""
    active = {s.name for s in playbook.stages.values() if not s.end}
    if len(active) < 3:
        return []
    return [
        v
        for v in playbook.moves.values()
        if active <= set(v.sources) and all(target == s for s in v.sources for target, _ in targets(v, s))
    ]


def reading_order(playbook: m.Playbook) -> list[str]:
    """Stages so that work flows down the page: after those that forward moves come from, ends last.

    Where forward moves go in a circle, the order of the file decides.
    """
    place = {name: n for n, name in enumerate(playbook.stages)}
    forward: dict[str, set[str]] = {name: set() for name in playbook.stages}
    aside: dict[str, set[str]] = {name: set() for name in playbook.stages}
    for way in ways(playbook):
        if way.source == m.NEW:
            forward[way.target].add(m.NEW)
        elif way.move.direction != "backward":
            (forward if way.move.direction == "forward" else aside)[way.target].add(way.source)
    before = {name: forward[name] or aside[name] for name in playbook.stages}
    left = [s.name for s in playbook.stages.values() if not s.end]
    order: list[str] = []
    while left:
        free = [s for s in left if before[s].isdisjoint(left)]
        # In a circle the stage that a record meets first: the file names it first.
        chosen = min(free or left, key=place.__getitem__)
        order.append(chosen)
        left.remove(chosen)
    return [*order, *(s.name for s in playbook.stages.values() if s.end)]


# which clocks may run where


class _Ticking(NamedTuple):
    """A clock with the part it belongs to; slot "" is the record itself."""

    clock: str
    slot: str
    mode: str


class _Clocks(NamedTuple):
    running: frozenset[_Ticking]
    paused: frozenset[_Ticking]


def clocks_in(playbook: m.Playbook) -> dict[str, list[str]]:
    """For each stage the clocks that may run while a record stands there, by the order of the file.

    A clock that may run is never left out; one that other moves are sure to have ended may be named too many.
    """
    inside: dict[str, set[str]] = {}
    for move in playbook.moves.values():
        for effect in m.walk(move.effects):
            if isinstance(effect, m.Assign) and effect.inside:
                inside.setdefault(effect.inside, set()).add(effect.slot)
    nothing = _Clocks(frozenset(), frozenset())
    found: dict[str, _Clocks] = dict.fromkeys((m.NEW, *playbook.stages), nothing)
    changed = True
    while changed:
        changed = False
        for stage, now in list(found.items()):
            for move in playbook.moves_from[stage]:
                for effects in _variants(move.effects):
                    target = next((e.stage for e in reversed(effects) if isinstance(e, m.GoTo)), move.to or stage)
                    after = _after(move, effects, now, target != stage, inside)
                    both = _Clocks(found[target].running | after.running, found[target].paused | after.paused)
                    if both != found[target]:
                        found[target] = both
                        changed = True
    return {
        stage: [name for name in playbook.clocks if any(t.clock == name for t in found[stage].running)]
        for stage in playbook.stages
    }


def _variants(effects: tuple[m.EffectSpec, ...], most: int = 64) -> list[tuple[m.EffectSpec, ...]]:
    """Every series of effects that the conditions among them may choose."""
    found: list[tuple[m.EffectSpec, ...]] = [()]
    for effect in effects:
        if isinstance(effect, m.When):
            choices = _variants(effect.then, most) + _variants(effect.otherwise, most)
        else:
            choices = [(effect,)]
        grown = [(*before, *choice) for before in found for choice in choices]
        if len(grown) > most:  # too many to follow: all that may start is taken to start
            merged = tuple(e for choice in choices for e in choice if not isinstance(e, m.Release) and not _ends(e))
            grown = [(*before, *merged) for before in found]
        found = grown
    return found


def _ends(effect: m.EffectSpec) -> bool:
    return isinstance(effect, m.ClockAct) and effect.act in ("stop", "pause")


def _after(
    move: m.Move, effects: tuple[m.EffectSpec, ...], before: _Clocks, leaves: bool, inside: Mapping[str, set[str]]
) -> _Clocks:
    running, paused = set(before.running), set(before.paused)
    for slot, mode in _absent(move.guard):
        dead = {t for t in running | paused if slot in ("*", t.slot) and t.slot and mode in ("", t.mode)}
        running -= dead
        paused -= dead
    for effect in effects:
        _kill(effect, running, paused, leaves, inside)
        if isinstance(effect, m.ClockAct) and effect.act == "resume":
            running |= {t for t in paused if effect.clock in ("*", t.clock)}
        running |= set(_started(effect))
    return _Clocks(frozenset(running), frozenset(paused))


def _kill(
    effect: m.EffectSpec, running: set[_Ticking], paused: set[_Ticking], leaves: bool, inside: Mapping[str, set[str]]
) -> None:
    dead: set[_Ticking] = set()
    everything = running | paused
    if isinstance(effect, m.ClockAct) and effect.act == "stop":
        dead = {t for t in everything if effect.clock in ("*", t.clock)}
    elif isinstance(effect, m.ClockAct) and effect.act == "pause":
        still = {t for t in running if effect.clock in ("*", t.clock)}
        running -= still
        paused |= still
    elif isinstance(effect, m.Release):
        slots = {effect.slot}
        if effect.whose in ("all", "lead") or (effect.whose == "mine" and leaves):
            grown = True
            while grown:
                more = {s for slot in slots for s in inside.get(slot, ())} - slots
                slots |= more
                grown = bool(more)
        for t in everything:
            if not t.slot or not ("*" in slots or t.slot in slots):
                continue
            nested = effect.slot not in (t.slot, "*")
            if (
                effect.whose == "all"
                or nested
                or (effect.whose == "lead" and t.mode == "lead")
                or (effect.whose == "assist" and t.mode == "assist")
                or (effect.whose == "mine" and leaves and t.mode != "assist")
            ):
                dead.add(t)
    running -= dead
    paused -= dead


def _started(effect: m.EffectSpec) -> Iterator[_Ticking]:
    if isinstance(effect, m.Assign):
        yield from (_Ticking(c, effect.slot, effect.mode) for c in effect.clocks)
    elif isinstance(effect, m.Reopen):
        yield from (_Ticking(c, effect.slot, "lead") for c in effect.clocks)
    elif isinstance(effect, m.ClockAct) and effect.act == "start":
        for mode in ("lead", "assist") if effect.each else ("lead" if effect.slot else "",):
            yield _Ticking(effect.clock, effect.slot, mode)


def _absent(guard: m.Guard | None) -> Iterator[tuple[str, str]]:
    """Slots (with a mode, or "") of which no part is open where the guard holds."""
    if isinstance(guard, m.All):
        for part in guard.parts:
            yield from _absent(part)
    elif (
        isinstance(guard, m.CountOf)
        and set(LIVE_STATUSES) <= set(guard.status)
        and (guard.op, guard.value) in (("eq", 0), ("lt", 1), ("le", 0))
    ):
        yield guard.slot, guard.mode
