"""What a walk through a playbook proves wrong, each with the shortest way that leads there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from gewu.core.playbook import model as m
from gewu.core.playbook.explore import Explorer, Node, Walk
from gewu.core.playbook.lines import Problem
from gewu.core.playbook.shadow import Part, Shadow
from gewu.core.playbook.sight import Followed
from gewu.core.records import RUNNING

_NONE: Followed = frozenset()


class Finding(NamedTuple):
    """A problem, how certain it is, and what would have to be followed to be certain.

    ``firm``: it holds however closely one looks. ``if_reached``: it holds if the situation in which it was met can
    really be reached.
    """

    problem: Problem
    firm: bool
    if_reached: bool
    node: int
    loose: Followed


def findings(explorer: Explorer) -> list[Finding]:
    """Tell every problem of a walk once, where it is first met; of an unfinished walk those already certain."""
    verdict = _Verdict(explorer)
    return verdict.all() if explorer.walk.complete else [f for f in verdict.met() if f.firm]


class Landed(NamedTuple):
    """What is wrong where a walk began (None: nothing), and what would have to be followed to be sure."""

    problem: str | None
    loose: Followed


def landed(explorer: Explorer) -> Landed:
    """Whether a record in the situation of node 0 is watched, can be worked on, and can come to a clean end."""
    return _Verdict(explorer).of_first()


class _Verdict:
    """Reads the problems off a finished walk."""

    def __init__(self, explorer: Explorer) -> None:
        self.playbook = explorer.playbook
        self.sight = explorer.sight
        self.walk: Walk = explorer.walk
        self._told: set[tuple[str, ...]] = set()

    def all(self) -> list[Finding]:
        """Every problem once."""
        return [*self._never(), *self.met(), *self._forgotten(), *self._stranded()]

    def met(self) -> list[Finding]:
        """What is wrong where the walk has been, whatever else there may be."""
        return [*self._idle_clocks(), *self._standing(), *self._idle_parts(), *self._pushed()]

    def _found(self, line: int, reason: str, index: int, certain: bool = True, loose: Followed = _NONE) -> Finding:
        """A finding at a node, with the way there."""
        path = self.walk.path(index)
        text = f"{reason} (after {' > '.join(path)})"
        for step in path:
            loose |= self.sight.seen[step.split(" ")[0]].loose
        firm = certain and self.walk.nodes[index].firm
        return Finding(Problem(self.playbook.file, line, text), firm, certain, index, loose)

    def _sure(self, line: int, reason: str) -> Finding:
        return Finding(Problem(self.playbook.file, line, reason), True, True, 0, frozenset())

    def _once(self, *what: str) -> bool:
        if what in self._told:
            return False
        self._told.add(what)
        return True

    def of_first(self) -> Landed:
        """The verdict on the situation the walk began in."""
        for finding in (*self._standing(), *self._idle_parts()):
            if finding.node == 0:
                return Landed(finding.problem.reason.removesuffix(" (after )"), _NONE)
        shadow = self.walk.nodes[0].shadow
        if shadow is None or 0 in self._good():
            return Landed(None, _NONE)
        unsure = [e for node in self.walk.nodes for e in node.edges if e.hoped and not e.sure]
        loose = frozenset[tuple[str, str]]().union(*(self.sight.seen[e.move].loose for e in unsure))
        return Landed(f"stage {shadow.stage} is a dead end: no clean end can be reached from there", loose)

    def _stages(self) -> Iterator[tuple[int, Node, Shadow]]:
        for index, node in enumerate(self.walk.nodes):
            if node.shadow is not None:
                yield index, node, node.shadow

    # what never happens

    def _never(self) -> Iterator[Finding]:
        reached = {shadow.stage for _, _, shadow in self._stages()}
        made = {move for node in self.walk.nodes for move in node.moves}
        for stage in self.playbook.stages.values():
            if stage.name not in reached:
                reason = f"stage {stage.name} cannot be reached: no series of moves leads there"
                yield self._sure(stage.line, reason)
        for move in self.playbook.moves.values():
            if move.name not in made and any(s in reached or s == m.NEW for s in move.sources):
                reason = "can never be made: in no situation do actor, form, condition and effects fit"
                yield self._sure(move.line, f"move {move.name} {reason}")

    # clocks

    def _idle_clocks(self) -> Iterator[Finding]:
        for index, clock, reason in self.walk.idle:
            stage = self._stage(index)
            if self._once("idle", clock, reason):
                why = f"clock {clock} may run out in stage {stage}, where {reason}"
                yield self._found(self.playbook.clocks[clock].line, why, index)

    def _standing(self) -> Iterator[Finding]:
        """Situations in which somebody could wait for ever, and ends that are not clean."""
        for index, _, shadow in self._stages():
            stage = self.playbook.stages[shadow.stage]
            parts = list(_all_parts(shadow.parts))
            ticking = any(status == RUNNING for _, status in shadow.clocks) or any(
                status == RUNNING for part in parts for _, status in part.clocks
            )
            if stage.end:
                yield from self._at_end(index, stage, shadow, parts)
            if not ticking and (parts or not stage.end) and self._once("waits", stage.name):
                yield self._found(stage.line, f"stage {stage.name}: no clock runs, so it could wait for ever", index)

    def _at_end(self, index: int, stage: m.Stage, shadow: Shadow, parts: list[Part]) -> Iterator[Finding]:
        after = {name for name, slot in self.playbook.slots.items() if slot.after_end}
        for part in parts:
            if part.slot not in after and self._once("dropped", stage.name, part.slot):
                reason = f"the part {part.slot} is dropped: it is still open in the end stage {stage.name}"
                yield self._found(self._line(index), reason, index)
        left = list(shadow.clocks) + [c for part in parts if part.slot not in after for c in part.clocks]
        for clock, status in left:
            if self._once("left", stage.name, clock):
                kind = "paused" if status == "paused" else "running"
                reason = f"clock {clock} is left {kind} in the end stage {stage.name}"
                yield self._found(self._line(index), reason, index)

    def _line(self, index: int) -> int:
        """The line of the move that first led to a node."""
        node = self.walk.nodes[index]
        move = self.playbook.moves.get(node.label.split(" ")[0])
        return move.line if move else 1

    # parts

    def _acting(self, stage: str, part: Part) -> bool:
        """Whether whoever has the part has a move in this stage that is about it."""
        for move in self.playbook.moves_from[stage]:
            if self.sight.seen[move.name].inert:
                continue
            if self.playbook.slots[part.slot].items:
                if part.slot in self.sight.seen[move.name].touches and not _clock_only(move):
                    return True
                continue
            for rule in move.actors:
                fits = rule.slot == part.slot and (not rule.mode or rule.mode == part.mode)
                fits = fits and (not rule.status or part.status in rule.status)
                fits = fits and rule.relation == ("letter" if part.letter else "holder")
                if fits and (part.letter or part.role in ("", rule.role)):
                    return True
        return False

    def _idle_parts(self) -> Iterator[Finding]:
        """Parts whose clock runs while whoever has them may not act on them."""
        for index, _, shadow in self._stages():
            for part in _all_parts(shadow.parts):
                late = any(status == RUNNING for _, status in part.clocks)
                if late and not self._acting(shadow.stage, part) and self._once("idle part", shadow.stage, part.slot):
                    who = "for a body without accounts " if part.letter else ""
                    reason = f"has a running clock in stage {shadow.stage}, but whoever has it {who}has no move there"
                    yield self._found(self.playbook.slots[part.slot].line, f"the part {part.slot} {reason}", index)

    def _forgotten(self) -> Iterator[Finding]:
        """Parts that nobody can ever act on again while they are open."""
        carrying: dict[Part, list[int]] = {}
        for index, _, shadow in self._stages():
            for part in _all_parts(shadow.parts):
                if part.role in self.playbook.unheld and not part.letter:
                    continue  # others may do all that it allows: see ``held``
                carrying.setdefault(part._replace(clocks=(), inside=()), []).append(index)
        for part, nodes in carrying.items():
            alike = set(nodes)
            before: dict[int, list[int]] = {}
            for index in nodes:
                for edge in self.walk.nodes[index].edges:
                    for outcome in edge.outcomes:
                        if outcome in alike:
                            before.setdefault(outcome, []).append(index)
            answered = {i for i in nodes if self._acting(self._stage(i), part)}
            _spread(answered, before)
            for index in nodes:
                stage = self._stage(index)
                if index not in answered and self._once("forgotten", part.slot, stage):
                    who = " by a body without accounts" if part.letter else ""
                    reason = f"the part {part.slot} ({part.mode}, {part.status}) held{who} in stage {stage} is dropped"
                    line = self.playbook.slots[part.slot].line
                    yield self._found(line, f"{reason}: nobody can ever act on it", index)

    def _stage(self, index: int) -> str:
        shadow = self.walk.nodes[index].shadow
        return shadow.stage if shadow else m.NEW

    # returns

    def _pushed(self) -> Iterator[Finding]:
        """Returned work that its receiver may at once push back to where it came from, or beyond."""
        beyond = self._beyond()
        for index, node in enumerate(self.walk.nodes):
            if node.shadow is None:
                continue
            for edge in node.edges:
                back = self.playbook.moves[edge.move]
                if back.direction != "backward":
                    continue
                origin = node.shadow.stage
                redo = {u for e in back.effects if isinstance(e, m.BlockMove) for u in e.until}
                for outcome in edge.outcomes:
                    here = self._stage(outcome)
                    for name in self.walk.nodes[outcome].moves - redo:
                        move = self.playbook.moves[name]
                        goes = self.sight.liveness.targets(move, here) - {here}
                        if move.direction != "forward" or goes.isdisjoint(beyond[origin]) or move.system:
                            continue
                        if self._once("pushed", back.name, name):
                            reason = f"after {back.name} the receiver can push the work forward at once by {name}"
                            advice = f"name {name} under undoes, or under redo if it is how the work is done again"
                            loose = self.sight.seen[back.name].loose | self.sight.seen[name].loose
                            yield self._found(back.line, f"{reason}: {advice}", index, not loose, loose)

    def _beyond(self) -> dict[str, set[str]]:
        """Each stage with those that forward moves lead to from it."""
        steps: dict[str, set[str]] = {name: set() for name in self.playbook.stages}
        for move in self.playbook.moves.values():
            if move.direction == "forward":
                for source in move.sources:
                    if source != m.NEW:
                        steps[source] |= self.sight.liveness.targets(move, source)
        found = {}
        for stage in steps:
            reached, edge = {stage}, [stage]
            while edge:
                for target in steps[edge.pop()] - reached:
                    reached.add(target)
                    edge.append(target)
            found[stage] = reached
        return found

    # stranding

    def _stranded(self) -> Iterator[Finding]:
        """Situations from which no clean end can be reached by moves that are to be had whatever chance brings."""
        good = self._good()
        hoped = self._hoped()
        unsure = frozenset[tuple[str, str]]().union(
            *(
                self.sight.seen[edge.move].loose
                for index, node, _ in self._stages()
                if index not in good
                for edge in node.edges
                if edge.hoped and not edge.sure
            )
        )
        for index, _, shadow in self._stages():
            if index not in good and self._once("stranded", shadow.stage):
                stage = self.playbook.stages[shadow.stage]
                parts = sorted({part.slot for part in _all_parts(shadow.parts)})
                where = f"stage {stage.name}" + (f" with open {', '.join(parts)}" if parts else "")
                reason = f"{where} is a dead end: no clean end can be reached from there"
                if any(part.person for part in _all_parts(shadow.parts)):
                    reason += " unless the very person who has it acts, and people leave"
                yield self._found(stage.line, reason, index, index not in hoped, unsure)

    def _clean(self) -> set[int]:
        return {
            index
            for index, _, shadow in self._stages()
            if self.playbook.stages[shadow.stage].end and not shadow.parts and not shadow.clocks
        }

    def _good(self) -> set[int]:
        """Nodes with a way out: some certain move all of whose outcomes have one."""
        users: dict[int, list[tuple[int, int]]] = {}
        missing: list[list[int]] = []
        for index, node in enumerate(self.walk.nodes):
            missing.append([len(edge.outcomes) for edge in node.edges])
            for number, edge in enumerate(node.edges):
                if edge.sure:
                    for outcome in edge.outcomes:
                        users.setdefault(outcome, []).append((index, number))
        good = self._clean()
        queue = deque(good)
        while queue:
            for index, number in users.get(queue.popleft(), ()):
                missing[index][number] -= 1
                if not missing[index][number] and index not in good:
                    good.add(index)
                    queue.append(index)
        return good

    def _hoped(self) -> set[int]:
        """Nodes with a way out if chance always helps: only what is not among them is surely stranded."""
        before: dict[int, list[int]] = {}
        for index, node in enumerate(self.walk.nodes):
            for edge in node.edges:
                if edge.hoped:
                    for outcome in edge.outcomes:
                        before.setdefault(outcome, []).append(index)
        good = self._clean()
        _spread(good, before)
        return good


def _spread(reached: set[int], before: dict[int, list[int]]) -> None:
    """Add every node from which one of these can be reached."""
    queue = deque(reached)
    while queue:
        for index in before.get(queue.popleft(), ()):
            if index not in reached:
                reached.add(index)
                queue.append(index)


def _clock_only(move: m.Move) -> bool:
    return all(rule.relation == "system" for rule in move.actors)


def _all_parts(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        yield part
        yield from _all_parts(part.inside)
