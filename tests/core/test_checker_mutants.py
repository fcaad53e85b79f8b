"""The checker is sound: what it passes strands nobody. Twenty mutants of the standard case playbook, random walks.

Each test takes two mutants. What the loader or the checker refuses must be refused with a line; on what they pass,
people walk at random, and every situation met for the first time must be one that random work can still finish.
``GEWU_WALK_STEPS`` sets the steps walked on each, ``GEWU_MUTANTS`` how many there are (10000 and 200 for a thorough run).
"""

from __future__ import annotations

import os
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from core.mutants import mutant
from core.playwalk import Walker, can_finish, faults, outline
from gewu.core.playbook import Playbook, PlaybookError, check_playbook, load_playbook, read_yaml
from gewu.core.records import State

PATH = Path(__file__).parents[2] / "packs" / "standard" / "playbooks" / "case.yaml"
STEPS = int(os.environ.get("GEWU_WALK_STEPS", "1000"))
GROUPS = 10
EACH = int(os.environ.get("GEWU_MUTANTS", "20")) // GROUPS


@lru_cache(maxsize=1)
def case() -> Any:
    """The data of the standard playbook."""
    return read_yaml(PATH.read_text(encoding="utf-8"), PATH.name)[0]


def stranded(playbook: Playbook, seed: int, steps: int) -> str:
    """How a random walk gets stuck, or nothing."""
    walker = Walker(playbook, random.Random(seed), shy=0.9)
    finishing: set[tuple[object, ...]] = set()
    state: State | None = None
    idle = 0
    for step in range(steps):
        before, state = state, walker.step(state)
        if state is None:
            return "no record can be begun"
        wrong = faults(playbook, state)
        if wrong:
            return wrong[0]
        here = outline(playbook, state)
        if here not in finishing:
            if not can_finish(playbook, state, step):
                return f"no way to finish from stage {state.stage}: {here}"
            finishing.add(here)
        idle = idle + 1 if state is before else 0
        ended = playbook.stages[state.stage].end and walker.rng.random() < 0.3
        if idle > 20 and not playbook.stages[state.stage].end:
            return f"nobody has a move in stage {state.stage}"
        if ended or idle > 20 or walker.rng.random() < 0.005:
            state, idle = None, 0
    return ""


def test_the_playbook_itself_strands_nobody() -> None:
    playbook = load_playbook(PATH.read_text(encoding="utf-8"), PATH.name)
    assert check_playbook(playbook) == []
    assert stranded(playbook, 0, 2 * STEPS) == ""


def judged(seed: int) -> tuple[Playbook | None, str]:
    """The mutant of a seed if the checker passes it, none if it is refused; and what was changed."""
    text, change = mutant(case(), seed)
    try:
        playbook = load_playbook(text, "mutant.yaml")
        problems = check_playbook(playbook)
    except PlaybookError as error:
        problems = error.problems
    lines = text.count("\n") + 1
    assert all(p.file == "mutant.yaml" and 1 <= p.line <= lines and p.reason for p in problems), change
    return (None if problems else playbook), change


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_mutant_that_passes_strands_a_case(group: int) -> None:
    for seed in range(group * EACH, (group + 1) * EACH):
        playbook, change = judged(seed)
        if playbook is not None:
            assert stranded(playbook, seed, STEPS) == "", f"mutant {seed} ({change}) was passed"


def test_it_tells_sound_mutants_from_others() -> None:
    """One that passes nearly everything tells nothing, nor does one that refuses nearly everything."""
    passed = [judged(seed)[0] is not None for seed in range(20, 30)]
    assert 1 <= sum(passed) <= 8
