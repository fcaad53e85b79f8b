"""Walks through every outline of a record that a playbook allows, with the very ``decide`` that runs it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from gewu.core.decide import EXPIRE, decide, system_actor
from gewu.core.evolve import evolve
from gewu.core.playbook import model as m
from gewu.core.playbook.shadow import Shadow, Shadows
from gewu.core.playbook.sight import Followed, Seen, Sight
from gewu.core.playbook.world import Chance, Try, World, run_out
from gewu.core.records import RUNNING, Command, Event, Refusal, State
from gewu.core.rules import before_form, guard_refusal, test


class Edge(NamedTuple):
    """A move from a node: every outcome chance may choose, and whether the move is to be had for certain.

    ``hoped``: somebody who may be counted on can make it, if chance allows.
    """

    move: str
    outcomes: tuple[int, ...]
    sure: bool
    hoped: bool


Edges = dict[tuple[tuple[int, ...], str], tuple[bool, bool]]


def _add(edges: Edges, outcomes: list[int], move: str, sure: bool, hoped: bool) -> None:
    key = (tuple(sorted(set(outcomes))), move)
    before = edges.get(key, (False, False))
    edges[key] = (before[0] or sure, before[1] or hoped)


@dataclass(slots=True)
class Node:
    """One outline and what can happen to it."""

    shadow: Shadow | None
    parent: int
    label: str
    firm: bool = True
    """Whether a precise walk would come here too."""
    edges: list[Edge] = field(default_factory=list)
    moves: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Walk:
    """What was found: nodes in the order of their distance from the start; clocks whose move cannot be made."""

    nodes: list[Node]
    complete: bool
    idle: list[tuple[int, str, str]] = field(default_factory=list)
    """(node, clock, what is wrong) where a clock runs out and its move is not made."""

    def path(self, index: int) -> list[str]:
        """The shortest series of moves that leads to a node, each with the clock that made it if one did."""
        steps: list[str] = []
        while index:
            node = self.nodes[index]
            steps.append(node.label)
            index = node.parent
        return steps[::-1]


class Explorer:
    """One breadth-first walk over the shadows of one reading of a playbook; with ``only``, by those moves alone."""

    def __init__(self, playbook: m.Playbook, followed: Followed | None, only: frozenset[str] | None = None) -> None:
        self.playbook = playbook
        self.only = only
        self.sight = Sight(playbook, followed)
        self.shadows = Shadows(self.sight)
        self.world = World(self.sight)
        self.walk = Walk([Node(None, 0, "")], complete=False)
        self._known: dict[Shadow, int] = {}
        self._inert_done: set[tuple[str, str]] = set()
        self._queue: deque[int] = deque([0])

    def begin(self, shadow: Shadow) -> None:
        """Start from this outline instead of from nothing: node 0 is a record that is there already."""
        self.walk.nodes[0] = Node(shadow, 0, "")
        self._known[shadow] = 0

    def run(self, most: int) -> Walk:
        """Walk until nothing new is found or more than ``most`` nodes were; called again, it goes on from there."""
        while self._queue and len(self.walk.nodes) <= most:
            index = self._queue.popleft()
            node = self.walk.nodes[index]
            state = None if node.shadow is None else self.shadows.state(node.shadow)
            stage = m.NEW if state is None else state.stage
            edges: Edges = {}
            for move in self.playbook.moves_from[stage]:
                if self.only is not None and move.name not in self.only:
                    continue
                seen = self.sight.seen[move.name]
                if seen.inert and (stage, move.name) in self._inert_done:
                    continue
                self._try(index, seen, state, edges)
            if state is not None:
                self._run_out(index, state, edges)
            node.edges = [Edge(name, outcomes, *kind) for (outcomes, name), kind in edges.items()]
        self.walk.complete = not self._queue
        return self.walk

    def _try(self, index: int, seen: Seen, state: State | None, edges: Edges) -> None:
        name = seen.move.name
        for one in self.world.tries(seen, state):
            chances = self.world.chances(seen, one, state)
            commands = self.world.commands(name, one.target)
            if len(commands) > 1 and self._hopeless(seen, state, one, chances):
                continue
            for command in commands:
                outcomes: list[int] = []
                certain = one.sure
                for chance in chances:
                    after = self._decided(state, command, one, chance)
                    if after is None:
                        certain = False
                    else:
                        outcomes.append(self._node(after, index, name, not seen.loose))
                if not outcomes:
                    continue
                self.walk.nodes[index].moves.add(name)
                if seen.inert:
                    self._inert_done.add((m.NEW if state is None else state.stage, name))
                    return
                _add(edges, outcomes, name, certain, one.sure)

    def _hopeless(self, seen: Seen, state: State | None, one: Try, chances: list[Chance]) -> bool:
        """Whether the move is refused whatever chance brings and whatever is written, so that no form need be tried."""
        _, given = self.world.given(state, chances[0], one.actor)
        if before_form(seen.move, state, given) is not None:
            return True
        if seen.asks_form:
            return False
        settled = (self.world.given(state, chance, one.actor) for chance in (chances if seen.gate else chances[:1]))
        return all(guard_refusal(seen.move, here, facts, {}) is not None for here, facts in settled)

    def _decided(self, state: State | None, command: Command, one: Try, chance: Chance) -> State | None:
        settled, given = self.world.given(state, chance, one.actor)
        event = decide(self.playbook, settled, command, given)
        return None if isinstance(event, Refusal) else evolve(settled, event)

    def _run_out(self, index: int, state: State, edges: Edges) -> None:
        """Let every clock run out that makes a move. The others alert, which changes nothing a rule can see."""
        for clock in state.clocks:
            spec = self.playbook.clocks[clock.spec]
            if clock.status != RUNNING or not spec.move or clock.phase >= 2:
                continue
            move = self.playbook.moves[spec.move]
            if state.stage not in move.sources:
                self.walk.idle.append((index, spec.name, f"{spec.move} cannot be made in stage {state.stage}"))
            command = Command(EXPIRE, EXPIRE, {"clock": clock.id})
            due = run_out(state, clock)
            outcomes: list[int] = []
            certain = True
            seen = self.sight.seen[spec.move]
            for chance in self.world.chances(seen, None, due):
                settled, given = self.world.given(due, chance, system_actor())
                event = decide(self.playbook, settled, command, given)
                if not isinstance(event, Event):
                    certain = False
                    self.walk.idle.append((index, spec.name, f"{spec.move} is refused ({event.code})"))
                    continue
                if move.guard is not None and not test(move.guard, settled, given.actor, {}, given.now):
                    self.walk.idle.append((index, spec.name, f"the condition of {spec.move} may not hold"))
                else:
                    self.walk.nodes[index].moves.add(spec.move)
                label = f"{spec.move} (clock {spec.name})"
                outcomes.append(self._node(evolve(settled, event), index, label, not seen.loose))
            if outcomes:
                _add(edges, outcomes, spec.move, certain, True)

    def _node(self, state: State, parent: int, label: str, firm: bool) -> int:
        shadow = self.shadows.of(state)
        known = self._known.get(shadow)
        if known is None:
            known = len(self.walk.nodes)
            self._known[shadow] = known
            self.walk.nodes.append(Node(shadow, parent, label, firm and self.walk.nodes[parent].firm))
            self._queue.append(known)
        return known
