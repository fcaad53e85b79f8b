"""Laws that every record of the standard case playbook keeps, whatever people do in whatever order (random walks)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest

from core.playwalk import Walker, faults
from gewu.core.decide import decide
from gewu.core.evolve import evolve, replay, state_from_json, state_json
from gewu.core.playbook import Playbook, load_playbook
from gewu.core.playbook import model as m
from gewu.core.records import RUNNING, Actor, Command, Event, Refusal, State

PATH = Path(__file__).parents[2] / "packs" / "standard" / "playbooks" / "case.yaml"
SEEDS = tuple(range(14))
STEPS = 160


@lru_cache(maxsize=1)
def case() -> Playbook:
    """The standard playbook."""
    return load_playbook(PATH.read_text(encoding="utf-8"), PATH.name)


@dataclass
class Step:
    """One accepted event: the state before, the event, the state after, the time."""

    before: State | None
    event: Event
    after: State
    now: int


@dataclass
class Life:
    """All events of one record."""

    steps: list[Step] = field(default_factory=list)

    @property
    def state(self) -> State:
        return self.steps[-1].after


@lru_cache(maxsize=len(SEEDS))
def lives(seed: int) -> tuple[Life, ...]:
    """Several records walked by the same town, each until it ends or the steps run out."""
    rng = random.Random(seed)
    walker = Walker(case(), rng, shy=0.9)
    found = []
    for _ in range(30):
        life, state = Life(), None
        for _ in range(STEPS):
            if state is not None and case().stages[state.stage].end and rng.random() < 0.15:
                break
            walker.pass_time()
            while state is not None and rng.random() < 0.9:
                rung = list(walker.ring(state))
                if not rung:
                    break
                event = rung[0][1]
                assert isinstance(event, Event)
                life.steps.append(Step(state, event, evolve(state, event), walker.now))
                state = life.state
            made = walker.attempt(state)
            if made is not None and isinstance(made[2], Event):
                life.steps.append(Step(state, made[2], evolve(state, made[2]), walker.now))
                state = life.state
        found.append(life)
    return tuple(found)


def steps(seed: int) -> Iterator[Step]:
    for life in lives(seed):
        yield from life.steps


def test_walks_go_through_the_whole_playbook() -> None:
    """A guard for the other tests here: they say nothing about moves that never come."""
    everything = [step for seed in SEEDS for step in steps(seed)]
    made = {step.event.kind for step in everything}
    assert made - {"expire"} == {v.name for v in case().moves.values() if not v.system}


def test_a_suspension_runs_out_by_itself() -> None:
    """Rare among moves at random, so it is looked for until one comes; the laws hold of that walk too."""
    for seed in range(300):
        resumed = [s for s in steps(seed) if s.before and s.before.stage == "suspended" and s.event.kind == "expire"]
        if any(step.after.stage == "handling" for step in resumed):
            break
    else:
        raise AssertionError("no walk in which a suspension runs out")
    for life in lives(seed):
        assert replay(step.event for step in life.steps) == life.state


@pytest.mark.parametrize("seed", SEEDS)
def test_replaying_the_events_gives_the_state(seed: int) -> None:
    for life in lives(seed):
        assert replay(step.event for step in life.steps) == life.state
        assert [step.event.seq for step in life.steps] == list(range(1, len(life.steps) + 1))
        stored = [json.loads(json.dumps(step.event.payload)) for step in life.steps]
        assert replay(replace(s.event, payload=p) for s, p in zip(life.steps, stored, strict=True)) == life.state


@pytest.mark.parametrize("seed", SEEDS)
def test_a_state_survives_being_stored(seed: int) -> None:
    for step in steps(seed):
        assert state_from_json(json.loads(json.dumps(state_json(step.after)))) == step.after


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_dropped_and_nobody_waits_without_a_clock(seed: int) -> None:
    for step in steps(seed):
        assert faults(case(), step.after) == [], step.event


@pytest.mark.parametrize("seed", SEEDS)
def test_no_clock_runs_for_a_part_that_ended(seed: int) -> None:
    for step in steps(seed):
        for clock in step.after.clocks:
            part = step.after.assignment(clock.assignment)
            assert clock.status != RUNNING or part is None or part.live
            assert clock.status != RUNNING or case().clocks[clock.spec].ladder or case().clocks[clock.spec].move


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_change_only_by_being_taken_or_ended(seed: int) -> None:
    for step in steps(seed):
        before = step.before.assignments if step.before else ()
        for old, new in zip(before, step.after.assignments, strict=False):
            kept = ("no", "slot", "mode", "unit", "path", "role", "parent", "letter", "opened_at")
            assert all(getattr(old, name) == getattr(new, name) for name in kept)
            assert old.live or old == new
        assert [a.no for a in step.after.assignments] == list(range(1, len(step.after.assignments) + 1))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_return_undid_waits_until_the_work_was_done_again(seed: int) -> None:
    undone: dict[str, tuple[set[str], frozenset[str]]] = {}
    for move in case().moves.values():
        blocked = [e for e in move.effects if isinstance(e, m.BlockMove)]
        if blocked:
            undone[move.name] = ({e.move for e in blocked}, frozenset(u for e in blocked for u in e.until))
    assert set(undone) == {v.name for v in case().moves.values() if v.direction == "backward"}
    for life in lives(seed):
        shut: dict[str, frozenset[str]] = {}
        for step in life.steps:
            kind = step.event.kind
            assert kind not in shut, f"{kind} was made before {shut}"
            shut = {move: until for move, until in shut.items() if kind not in until}
            for move in undone.get(kind, (set(), frozenset()))[0]:
                shut[move] = undone[kind][1]


@pytest.mark.parametrize("seed", SEEDS)
def test_at_most_two_extensions_and_one_suspension(seed: int) -> None:
    for life in lives(seed):
        granted = sum(1 for s in life.steps if ["end", "approved"] in [[e[0], e[-1]] for e in s.event.effects])
        stages = [s.after.stage for s in life.steps]
        entered = sum(1 for a, b in pairwise(stages) if b == "suspended" != a)
        assert life.state.counters.get("extensions", 0) <= 2
        assert entered == life.state.counters.get("suspensions", 0) <= 1
        assert granted == life.state.counters.get("extensions", 0) + entered
        assert all(clock.extended <= 2 for clock in life.state.clocks)


def late(state: State, now: int) -> set[tuple[str, str]]:
    """Who is late with what: (name of the clock, its holder)."""
    return {(c.spec, c.holder) for c in state.clocks if (now if c.status == RUNNING else c.stopped_at) > c.due_at}


@pytest.mark.parametrize("seed", SEEDS)
def test_being_late_is_a_fact_that_only_an_extension_can_undo(seed: int) -> None:
    for life in lives(seed):
        facts: set[tuple[str, str]] = set()
        for step in life.steps:
            if step.before is not None:
                facts |= late(step.before, step.now)
            if step.event.kind == "approve_extension":
                facts = {(spec, who) for spec, who in facts if spec not in ("handle", "assist", "work")}
            missing = facts - late(step.after, step.now)
            assert not missing, (step.event.kind, missing)
            facts |= late(step.after, step.now)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_unlate_clock_gets_back_what_it_had(seed: int) -> None:
    """A suspended clock that continues by the second comes back with the same seconds left."""
    for life in lives(seed):
        left: dict[str, int] = {}
        for step in life.steps:
            for clock in step.after.clocks:
                if clock.status == "paused" and clock.unit.startswith("urgent") and clock.stopped_at <= clock.due_at:
                    left[clock.id] = clock.remaining
                elif clock.status == RUNNING and clock.id in left:
                    assert clock.due_at == step.now + left.pop(clock.id)
                else:
                    left.pop(clock.id, None)


@pytest.mark.parametrize("seed", SEEDS)
def test_exclusive_moves_ask_for_the_version_and_additive_ones_do_not(seed: int) -> None:
    walker = Walker(case(), random.Random(seed))
    seen = set()
    for step in steps(seed):
        walker.now = step.now
        made = walker.attempt(step.after)
        if made is None or not isinstance(made[2], Event):
            continue
        command, actor, _ = made
        old = replace(command, version=step.after.seq - 1)
        answer = decide(case(), step.after, old, walker.facts(actor))
        additive = case().moves[command.move].additive
        seen.add(additive)
        assert isinstance(answer, Event) if additive else isinstance(answer, Refusal) and answer.code == "stale"
    assert seen == {True, False}


@pytest.mark.parametrize("seed", SEEDS)
def test_additive_moves_of_two_people_may_come_in_either_order(seed: int) -> None:
    walker = Walker(case(), random.Random(seed))
    additive = [v.name for v in case().moves.values() if v.additive]
    tried = 0
    for step in steps(seed):
        walker.now = step.now + 60
        one, two = walker.attempt(step.after, additive), walker.attempt(step.after, additive)
        if one is None or two is None or not (isinstance(one[2], Event) and isinstance(two[2], Event)):
            continue
        ends = [_both(step.after, *pair, walker) for pair in ((one[:2], two[:2]), (two[:2], one[:2]))]
        if ends[0] is None or ends[1] is None:
            assert one[0].target == two[0].target is not None, "only one of them can have what both reach for"
            continue
        tried += 1
        # What is written last stays: the last one's name, answers, and whether a return still shuts a move.
        first, second = (
            end._replace(doers={}, fields={}, blocks=(), links=tuple(sorted(end.links))) for end in ends if end
        )
        assert first == second
    assert tried > 10


def _both(state: State, one: tuple[Command, Actor], two: tuple[Command, Actor], walker: Walker) -> State | None:
    for command, actor in (one, two):
        answer = decide(case(), state, command, walker.facts(actor))
        if isinstance(answer, Refusal):
            return None
        state = evolve(state, answer)
    return state
