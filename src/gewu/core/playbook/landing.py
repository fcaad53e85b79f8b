"""Whether a record that is put down somewhere in a playbook, by no move of it, can still come to an end there.

The checker proves a playbook for records that began under it. One that comes from another version may stand in a
situation that no series of moves leads to; so the same walk is taken from there.
"""

from __future__ import annotations

from gewu.core.playbook import model as m
from gewu.core.playbook.explore import Explorer
from gewu.core.playbook.shadow import Shadow
from gewu.core.playbook.sight import Followed
from gewu.core.playbook.verdict import Landed, landed
from gewu.core.records import State

MOST = 6_000
_STEP = 150
_LOOKS = 4


class Landing:
    """Judges the situations of records that are to go on under one playbook; alike ones are judged once."""

    def __init__(self, playbook: m.Playbook) -> None:
        self.playbook = playbook
        self._coarse = Explorer(playbook, frozenset()).shadows
        self._judged: dict[Shadow, str | None] = {}

    def problem(self, state: State) -> str | None:
        """Why a record in this state would be stranded, or None when it is proved that it can end cleanly."""
        shadow = self._coarse.of(state)
        if shadow in self._judged:
            return self._judged[shadow]
        problem, closely = self._walk(state)
        if not closely:  # otherwise it hung on what this outline does not show
            self._judged[shadow] = problem
        return problem

    def _walk(self, state: State) -> tuple[str | None, bool]:
        """The verdict, and whether one had to look more closely than the coarse outline."""
        followed: Followed = frozenset()
        found = Landed(None, followed)
        for _ in range(_LOOKS):
            explorer = Explorer(self.playbook, followed)
            shadow = explorer.shadows.of(state)
            explorer.begin(shadow)
            size = 0
            while size < MOST:
                size = max(len(explorer.walk.nodes), size) + _STEP
                walk = explorer.run(size)
                found = landed(explorer)
                if found.problem is None or walk.complete:
                    break
            if found.problem is None or not found.loose - followed:
                break
            followed |= found.loose
        return found.problem, bool(followed)
