"""Random work under fair choice ends every record, and no clock runs out in silence: for every playbook that ships.

A choice is fair when what was done often is chosen less, so that nothing that stays possible is put off for ever.
``GEWU_WALKS`` sets how many walks are taken through each playbook (10000 for a thorough run;
``-o log_cli=true --log-cli-level=INFO`` tells the numbers).
"""

from __future__ import annotations

import logging
import os
import random
from collections import Counter

import pytest

from core.playwalk import DAY, Walker, faults, is_clean
from core.standardbooks import NAMES, book
from gewu.core.evolve import evolve
from gewu.core.playbook import Playbook
from gewu.core.records import Event, State

log = logging.getLogger(__name__)
WALKS = int(os.environ.get("GEWU_WALKS", "15"))
MOST = 600
"""Accepted moves. A record that lives longer under fair choice is one that a playbook lets go round in circles."""
ALERTS = 8
SHY = (0.0, 0.9, 0.99)
"""A walk in three takes every way out as it comes; the others go deep."""


def test_there_are_playbooks_to_walk() -> None:
    assert {"case", "instruction", "letter"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_walk_ends_and_every_expiry_is_heard(name: str) -> None:
    playbook = book(name)
    lengths: Counter[int] = Counter()
    ends: Counter[str] = Counter()
    expired = 0
    for seed in range(WALKS):
        state, steps, heard = walk(playbook, seed)
        lengths[steps] += 1
        ends[state.stage] += 1
        expired += heard
    total = sum(n * count for n, count in lengths.items())
    log.info(
        "%s: %d walks, %d moves, longest %d, %d expiries, ends %s",
        name, WALKS, total, max(lengths), expired, dict(ends.most_common()),
    )  # fmt: skip
    assert max(lengths) < MOST
    assert expired or not playbook.clocks


def walk(playbook: Playbook, seed: int) -> tuple[State, int, int]:
    """One record from its beginning to a clean end: the last state, how many moves it took, how many clocks ran out."""
    walker = Walker(playbook, random.Random(seed), shy=SHY[seed % len(SHY)])
    state: State | None = None
    heard = idle = 0
    for step in range(MOST):
        if state is not None and is_clean(playbook, state):
            return state, step, heard
        walker.pass_time()
        if state is not None:
            if walker.rng.random() < 0.25:  # nobody came until something ran out
                walker.now = max(walker.now, min(state.due_at or 0, walker.now + 400 * DAY))
            state, rang = ring(walker, playbook, state)
            heard += rang
        before = state
        for _ in range(60 if state is not None else 600):
            made = walker.attempt(state)
            if made is not None and isinstance(made[2], Event):
                state = evolve(state, made[2])
                break
        assert state is not None, f"walk {seed}: no record can be begun"
        wrong = faults(playbook, state)
        assert not wrong, f"walk {seed}: {wrong}"
        idle = idle + 1 if state is before else 0
        assert idle < 40 or is_clean(playbook, state), f"walk {seed}: nobody finds a move in stage {state.stage}"
    raise AssertionError(f"walk {seed} goes on and on: {state.stage if state else 'new'}, {walker.made.most_common(8)}")


def ring(walker: Walker, playbook: Playbook, state: State) -> tuple[State, int]:
    """Let what is due run out, a few alerts at most; each deadline that passes must move the record or tell somebody."""
    heard = 0
    for _ in range(ALERTS):
        answers = list(walker.ring(state))
        if not answers:
            break
        command, event = answers[0]
        assert isinstance(event, Event), f"a clock that is due cannot run out: {event}"
        if event.payload["args"]["phase"] != "warned":
            heard += 1
            told = [e for e in event.effects if e[0] == "notify" and e[1]["to"]]
            acted = [e for e in event.effects if e[0] not in ("clock", "notify")]
            assert told or acted, f"{command.args['clock']} ran out in silence in stage {state.stage}"
        state = evolve(state, event)
    return state, heard
