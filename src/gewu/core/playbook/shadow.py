"""Shadows: the finitely many outlines of a record that the checker walks through, and a record for each of them.

``Shadows.of`` keeps of a state what the rules can see (see ``sight``) and forgets instants, numbers and identities.
``Shadows.state`` makes a state again that has this shadow. Every rule treats two records with the same shadow alike, so
walking from the made one is walking from all.

Deadlines are made far away. Whether a clock is late is left to chance where a rule asks for it, so the checker need not
know which of two clocks runs out first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gewu.core.playbook.sight import Sight
from gewu.core.records import PAUSED, RUNNING, STOPPED, Assignment, Block, Clock, Scalar, State

NOW = 1_700_000_000
"""The instant at which every checked command is given."""
NEVER = 253_402_300_799
HOUR = 3600
SAME = "j"
"""The person whose doings are asked about."""

Clocks = tuple[tuple[str, str], ...]


def somebody(role: str) -> str:
    """Any person of a role; if one must not act who did something earlier, another is to be had."""
    return f"p:{role}"


class Part(NamedTuple):
    """A live assignment without its number. ``clocks`` are (name, running, paused or spent)."""

    slot: str
    mode: str
    role: str
    unit: bool
    letter: bool
    person: str
    status: str
    clocks: Clocks
    inside: tuple[Any, ...]


class Again(NamedTuple):
    """The ended assignment that a reopening would take up."""

    slot: str
    mode: str
    role: str
    unit: bool
    letter: bool
    person: str


class Shadow(NamedTuple):
    """All that the checker knows of a record."""

    stage: str
    fields: tuple[tuple[str, Scalar], ...]
    counters: tuple[tuple[str, int], ...]
    tags: frozenset[str]
    parts: tuple[Part, ...]
    clocks: Clocks
    blocks: tuple[tuple[str, tuple[str, ...]], ...]
    doers: tuple[tuple[str, str], ...]
    again: tuple[Again, ...]
    ended: tuple[tuple[str, str, int], ...]


class Shadows:
    """Turns states into shadows and back, for one reading of one playbook."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.playbook = sight.playbook
        self._moving = frozenset(n for n, c in self.playbook.clocks.items() if c.move)
        self._fields = {s: self._live(s, "field", sight.fields) for s in self.playbook.stages}
        self._counters = {s: self._live(s, "counter", sight.counters) for s in self.playbook.stages}
        self._tags = {s: frozenset(self._live(s, "tag", sight.tags)) for s in self.playbook.stages}

    def _live(self, stage: str, kind: str, names: frozenset[str]) -> tuple[str, ...]:
        live = self.sight.liveness.live[stage]
        return tuple(sorted(name for name in names if (kind, name) in live))

    # from a state

    def of(self, state: State) -> Shadow:
        """The shadow of a state."""
        sight, stage = self.sight, state.stage
        clocks: dict[int, list[tuple[str, str]]] = {}
        for clock in state.clocks:
            if clock.status != STOPPED:
                spent = clock.status == RUNNING and clock.spec in self._moving and clock.next_at >= NEVER
                clocks.setdefault(clock.assignment, []).append((clock.spec, "spent" if spent else clock.status))
        children: dict[int, list[Assignment]] = {}
        for a in state.assignments:
            if a.live:
                above = state.assignment(a.parent)
                children.setdefault(a.parent if above and above.live else 0, []).append(a)
        fields = []
        for name in self._fields[stage]:
            value = state.fields.get(name)
            if value is not None and value != "":
                value = sight.classify(name, value)
                if value is not None:
                    fields.append((name, value))
        counters = []
        for name in self._counters[stage]:
            count = min(state.counters.get(name, 0), sight.counter_cap[name])
            if count:
                counters.append((name, count))
        return Shadow(
            stage,
            tuple(fields),
            tuple(counters),
            state.tags & self._tags[stage],
            self._parts(children, 0, clocks),
            tuple(sorted(clocks.get(0, ()))),
            tuple(
                sorted(
                    (b.move, tuple(sorted(b.until)))
                    for b in state.blocks
                    if sight.liveness.block_matters(stage, b.move, b.until)
                )
            ),
            tuple(sorted((k, v) for k, v in state.doers.items() if k in sight.did_positive)),
            self._again(state),
            self._ended(state),
        )

    def _parts(
        self, children: dict[int, list[Assignment]], parent: int, clocks: dict[int, list[tuple[str, str]]]
    ) -> tuple[Part, ...]:
        here = children.get(parent)
        if here is None:
            return ()
        found = sorted(
            Part(
                a.slot,
                a.mode,
                a.role,
                bool(a.unit),
                a.letter and (a.slot, a.mode) not in self.sight.plain,
                self._person(a),
                a.status,
                tuple(sorted(clocks.get(a.no, ()))),
                self._parts(children, a.no, clocks),
            )
            for a in here
        )
        kept: list[Part] = []
        for part in found:
            if part not in kept or kept.count(part) < self.sight.cap(part.slot):
                kept.append(part)
        return tuple(kept)

    def _person(self, a: Assignment) -> str:
        if not a.person or a.slot not in self.sight.named:
            return ""
        return SAME if a.person == SAME and a.slot in self.sight.personal else somebody(a.role)

    def _again(self, state: State) -> tuple[Again, ...]:
        found = []
        for slot in self.sight.reopened:
            alike = [a for a in state.assignments if a.slot == slot and a.mode in ("lead", "sole")]
            last = next((a for a in reversed(alike) if not a.live), None)
            if last is not None and not any(a.live for a in alike):
                found.append(Again(slot, last.mode, last.role, bool(last.unit), last.letter, self._person(last)))
        return tuple(sorted(found))

    def _ended(self, state: State) -> tuple[tuple[str, str, int], ...]:
        found = []
        for slot, mode in sorted(self.sight.ended):
            count = sum(
                1 for a in state.assignments if not a.live and slot in ("*", a.slot) and (not mode or a.mode == mode)
            )
            if count:
                found.append((slot, mode, min(count, self.sight.cap(slot))))
        return tuple(found)

    # to a state

    def state(self, shadow: Shadow) -> State:
        """A state that has this shadow."""
        assignments: list[Assignment] = []
        clocks = [_clock(name, 0, "", status) for name, status in shadow.clocks]
        for slot, mode, count in shadow.ended:
            for _ in range(count - sum(1 for a in shadow.again if slot in ("*", a.slot) and mode in ("", a.mode))):
                past = Part(slot, mode or "assist", "", False, False, "", "ended", (), ())
                assignments.append(_assignment(past, len(assignments) + 1, 0))
        for again in shadow.again:
            assignments.append(_assignment(Part(*again, "ended", (), ()), len(assignments) + 1, 0))
        self._place(shadow.parts, 0, assignments, clocks)
        return State(
            kind=self.playbook.kind,
            playbook=self.playbook.name,
            playbook_version=self.playbook.version,
            stage=shadow.stage,
            seq=1,
            fields=dict(shadow.fields),
            counters=dict(shadow.counters),
            tags=shadow.tags,
            assignments=tuple(assignments),
            clocks=tuple(clocks),
            blocks=tuple(Block(move, until, "") for move, until in shadow.blocks),
            doers=dict(shadow.doers),
        )

    def _place(self, parts: tuple[Part, ...], parent: int, assignments: list[Assignment], clocks: list[Clock]) -> None:
        for part in parts:
            made = _assignment(part, len(assignments) + 1, parent)
            assignments.append(made)
            clocks += [_clock(name, made.no, made.unit, status) for name, status in part.clocks]
            self._place(part.inside, made.no, assignments, clocks)


def _assignment(part: Part, no: int, parent: int) -> Assignment:
    unit = f"{'l' if part.letter else 'u'}{no}" if part.unit else ""
    return Assignment(
        no, part.slot, part.mode, unit, unit, part.role, part.person, parent, part.letter, part.status, NOW - 1
    )


def _clock(name: str, assignment: int, holder: str, status: str) -> Clock:
    spent, paused = status == "spent", status == PAUSED
    return Clock(
        id=f"{name}:{assignment}" if assignment else name,
        spec=name,
        assignment=assignment,
        holder=holder,
        status=RUNNING if spent else status,
        limit_value=1,
        unit="urgent_hour",
        started_at=NOW - 1,
        due_at=NOW + HOUR,
        next_at=NEVER if spent else NOW + HOUR,
        phase=2 if spent else 0,
        remaining=HOUR if paused else 0,
        stopped_at=NOW - 1 if paused else 0,
    )
