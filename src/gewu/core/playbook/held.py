"""What is left of a playbook in a district where nobody holds some of its roles.

A way to act that names such a role is left out: whoever else may make the move makes it. That is refused where nobody
else is there: a move without any other way, a part with its clocks, a notice, the first and the last alarm of a ladder.
What is left out changes what can happen, so it is for the checker to walk through what is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from gewu.core.playbook import model as m
from gewu.core.playbook.lines import Problem
from gewu.core.playbook.liveness import started
from gewu.core.playbook.sight import Sight


@dataclass(frozen=True, slots=True)
class Left:
    """A playbook without what nobody can do. ``remarks`` say what was left out, ``problems`` where that is too much.

    ``alike``: nothing that was left out can be told from what is left, so that what was proved of the whole holds.
    """

    playbook: m.Playbook
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    alike: bool = True


def left_of(playbook: m.Playbook, held: Collection[str] | None) -> Left:
    """What is left where only these roles are held; None: all are."""
    unheld = frozenset[str]() if held is None else frozenset(playbook.roles()).difference(held)
    if not unheld:
        return Left(playbook)
    reader = _Reader(playbook, unheld)
    problems: dict[str, Problem] = {}
    for role, line, why in (*reader.moves(), *reader.ladders()):
        reason = f"role {role!r} is needed here, but nobody holds it: {why}"
        problems.setdefault(role, Problem(playbook.file, line, reason))
    moves = {move.name: replace(move, actors=reader.left(move)) for move in playbook.moves.values()}
    moves_from = {stage: tuple(moves[one.name] for one in some) for stage, some in playbook.moves_from.items()}
    return Left(
        replace(playbook, moves=moves, moves_from=moves_from, unheld=unheld),
        tuple(sorted(problems.values())),
        tuple(sorted(Problem(playbook.file, line, reason) for line, reason in reader.remarks())),
        reader.alike(),
    )


Need = tuple[str, int, str]
"""A role, the line that names it, and what it is needed for."""
_TO_BE_HAD = ("any", "holder", "letter")
"""Relations of people who may be counted on: residents need not act, and the system acts by clocks."""
_MAKES = "left to the others who may: {}"
_HAS = "nobody will have the part {}; others may do all that it allows"
_TOLD = "only the others are told by {}"
_HEARS = "the alarm {} is heard by nobody; the next one is given all the same"


class _Reader:
    """Goes through everything that names a role which nobody holds."""

    def __init__(self, playbook: m.Playbook, unheld: frozenset[str]) -> None:
        self.playbook = playbook
        self.unheld = unheld
        effects = [effect for move in playbook.moves.values() for effect in m.walk(move.effects)]
        self._clocked = {
            effect.slot
            for effect in effects
            if isinstance(effect, (m.Assign, m.Reopen, m.ClockAct)) and effect.slot and started(effect)
        }
        self._told: dict[tuple[int, str, str], list[str]] = {}

    def left(self, move: m.Move) -> tuple[m.ActorRule, ...]:
        """The ways to make a move that somebody has."""
        return tuple(rule for rule in move.actors if rule.role not in self.unheld)

    def _out(self, move: m.Move) -> tuple[m.ActorRule, ...]:
        return tuple(rule for rule in move.actors if rule.role in self.unheld)

    def moves(self) -> Iterator[Need]:
        """What moves cannot do without; of what they can, a remark is noted."""
        for move in self.playbook.moves.values():
            left = [rule for rule in self.left(move) if rule.relation != "system"]
            for rule in self._out(move):
                if not left:
                    yield rule.role, rule.line, f"nobody else may make the move {move.name}"
                else:
                    self._note(rule.line, rule.role, _MAKES, move.name)
            for effect in m.walk(move.effects):
                if isinstance(effect, m.Assign) and effect.role in self.unheld:
                    yield from self._part(move, effect)
                elif isinstance(effect, m.Notify):
                    yield from self._notice(move, effect)

    def _part(self, move: m.Move, effect: m.Assign) -> Iterator[Need]:
        if effect.slot in self._clocked:
            yield effect.role, effect.line, f"nobody else would have the part {effect.slot}, which has a clock"
            return
        for other in self.playbook.moves.values():
            mine = [r for r in self._out(other) if r.slot == effect.slot and r.relation == "holder"]
            free = [r for r in self.left(other) if r.relation in _TO_BE_HAD and r.slot != effect.slot]
            if mine and not free:
                reason = f"only the part {effect.slot} lets somebody make the move {other.name}"
                yield effect.role, effect.line, reason
                return
        self._note(effect.line, effect.role, _HAS, effect.slot)

    def _notice(self, move: m.Move, effect: m.Notify) -> Iterator[Need]:
        lost = [to.removeprefix("role:") for to in effect.to if to.removeprefix("role:") in self.unheld]
        for role in lost:
            if len(lost) == len(effect.to):
                yield role, effect.line, f"nobody else is told of {effect.message}"
            else:
                self._note(effect.line, role, _TOLD, move.name)

    def ladders(self) -> Iterator[Need]:
        """Alarms that nobody would hear. In between one may be missing: the next is given all the same."""
        for ladder in self.playbook.ladders.values():
            for rung in ladder.rungs.values():
                if rung.role not in self.unheld:
                    continue
                if rung.name == ladder.first or not rung.next:
                    which = "first" if rung.name == ladder.first else "last"
                    yield rung.role, rung.line, f"nobody would hear the {which} alarm of the ladder {ladder.name}"
                else:
                    self._note(rung.line, rung.role, _HEARS, f"{ladder.name} {rung.name}")

    def _note(self, line: int, role: str, what: str, name: str) -> None:
        names = self._told.setdefault((line, role, what), [])
        if name not in names:
            names.append(name)

    def remarks(self) -> Iterator[tuple[int, str]]:
        """What goes on without somebody, by line; to be asked after ``moves`` and ``ladders``."""
        for (line, role, what), names in self._told.items():
            yield line, f"nobody holds the role {role!r}: {what.format(', '.join(names))}"

    def alike(self) -> bool:
        """Whether only such ways are gone as the checker tries once for all roles (see ``Sight.nobody_in_particular``).

        A copy of the playbook without them is walked through as the playbook itself is, step by step.
        """
        changed = [move for move in self.playbook.moves.values() if self._out(move)]
        effects = [effect for move in self.playbook.moves.values() for effect in m.walk(move.effects)]
        if any(isinstance(effect, m.Assign) and effect.role in self.unheld for effect in effects):
            return False
        sight = Sight(self.playbook, None)
        return all(
            all(rule.relation == "any" for rule in self._out(move))
            and any(rule.relation == "any" for rule in self.left(move))
            and sight.nobody_in_particular(sight.seen[move.name])
            for move in changed
        )
