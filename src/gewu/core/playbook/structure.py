"""What can be seen wrong in a playbook without walking through it."""

from __future__ import annotations

from collections.abc import Iterator

from gewu.core.playbook import model as m
from gewu.core.playbook.lines import Problem
from gewu.core.playbook.liveness import started


def structural_problems(playbook: m.Playbook) -> list[Problem]:
    """Loops, clocks nobody answers, stages without a way in or out, parts nobody can act on."""
    found = [
        *_chains(playbook),
        *_clocks(playbook),
        *_stages(playbook),
        *_system_moves(playbook),
        *_parts(playbook),
    ]
    return sorted(set(found))


def _chains(playbook: m.Playbook) -> Iterator[Problem]:
    for ladder in playbook.ladders.values():
        loop = _loop(ladder.first, {name: rung.next for name, rung in ladder.rungs.items()})
        if loop:
            line = ladder.rungs[loop[-1]].line
            yield Problem(playbook.file, line, f"ladder {ladder.name} loops: {' > '.join((*loop, loop[0]))}")
        else:
            passed = _follow(ladder.first, {name: rung.next for name, rung in ladder.rungs.items()})
            for rung in ladder.rungs.values():
                if rung.name not in passed:
                    yield Problem(playbook.file, rung.line, f"ladder {ladder.name}: rung {rung.name} is never reached")
            last = ladder.rungs[passed[-1]]
            if last.role == "holder":
                reason = "alerts only the holder who is late already: the last rung names a role"
                yield Problem(playbook.file, last.line, f"ladder {ladder.name}: rung {last.name} {reason}")
    nexts = {name: tier.next for name, tier in playbook.tiers.items()}
    told: set[str] = set()
    for name in playbook.tiers:
        loop = _loop(name, nexts)
        if loop and told.isdisjoint(loop):
            told |= set(loop)
            line = playbook.tiers[loop[-1]].line
            yield Problem(playbook.file, line, f"the tiers loop: {' > '.join((*loop, loop[0]))}")


def _follow(first: str, nexts: dict[str, str]) -> list[str]:
    passed: list[str] = []
    while first and first not in passed:
        passed.append(first)
        first = nexts[first]
    return passed


def _loop(first: str, nexts: dict[str, str]) -> list[str]:
    """The loop that a chain runs into, or nothing."""
    passed = _follow(first, nexts)
    back = nexts[passed[-1]]
    return passed[passed.index(back) :] if back else []


def _clocks(playbook: m.Playbook) -> Iterator[Problem]:
    starts: dict[str, bool] = {}
    for move in playbook.moves.values():
        for effect in m.walk(move.effects):
            for name in started(effect):
                starts[name] = True
    for clock in playbook.clocks.values():
        if not clock.ladder and not clock.move:
            reason = "nobody answers when it runs out: give it a ladder or a move"
            yield Problem(playbook.file, clock.line, f"clock {clock.name}: {reason}")
        if clock.name not in starts:
            yield Problem(playbook.file, clock.line, f"clock {clock.name} is never started")


def _stages(playbook: m.Playbook) -> Iterator[Problem]:
    ways: dict[str, set[str]] = {name: set() for name in (m.NEW, *playbook.stages)}
    for move in playbook.moves.values():
        targets = {e.stage for e in m.walk(move.effects) if isinstance(e, m.GoTo)}
        if move.to:
            targets.add(move.to)
        for source in move.sources:
            ways[source] |= targets
    reached = {m.NEW}
    edge = [m.NEW]
    while edge:
        for target in ways[edge.pop()]:
            if target not in reached:
                reached.add(target)
                edge.append(target)
    if not any(stage.end for stage in playbook.stages.values()):
        first = next(iter(playbook.stages.values()))
        yield Problem(playbook.file, first.line, "no stage is an end: nothing can ever be finished")
    for stage in playbook.stages.values():
        if stage.name not in reached:
            yield Problem(playbook.file, stage.line, f"stage {stage.name} cannot be reached: no move leads there")
        elif not stage.end and not ways[stage.name] - {stage.name}:
            yield Problem(playbook.file, stage.line, f"stage {stage.name} has no way out: no move leaves it")


def _system_moves(playbook: m.Playbook) -> Iterator[Problem]:
    made = {clock.move for clock in playbook.clocks.values()}
    for move in playbook.moves.values():
        if all(rule.relation == "system" for rule in move.actors) and move.name not in made:
            reason = "only the system may make it, but no clock does"
            yield Problem(playbook.file, move.line, f"move {move.name} can never be made: {reason}")


def _parts(playbook: m.Playbook) -> Iterator[Problem]:
    given: dict[str, set[str]] = {}
    for move in playbook.moves.values():
        for effect in m.walk(move.effects):
            if isinstance(effect, m.Assign):
                given.setdefault(effect.slot, set()).add(effect.role)
    for move in playbook.moves.values():
        for rule in move.actors:
            roles = given.get(rule.slot, set())
            if rule.slot and (not roles or (rule.relation == "holder" and not roles & {"", rule.role})):
                reason = f"nobody is ever given the part {rule.slot} by which {rule.role} could make it"
                yield Problem(playbook.file, rule.line, f"move {move.name}: {reason}")
