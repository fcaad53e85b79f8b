"""Nothing that a person, a phone or a hostile program can send makes the core raise, or changes what it refuses."""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.playwalk import Walker
from gewu.core.decide import EXPIRE, decide, system_actor
from gewu.core.evolve import evolve, state_json
from gewu.core.playbook import Playbook, load_playbook
from gewu.core.records import Actor, Command, Event, Photo, Refusal, State
from gewu.core.rules import moves_open

PATH = Path(__file__).parents[2] / "packs" / "standard" / "playbooks" / "case.yaml"
CODES = frozenset(
    [
        "unknown_move",
        "stale",
        "wrong_stage",
        "not_allowed",
        "part_ended",
        "out_of_scope",
        "blocked",
        "guard",
        "invalid",
        "needs_reason",
        "needs_photos",
        "not_due",
    ]
)
FAULTS = frozenset(
    [
        "unknown",
        "required",
        "type",
        "choice",
        "control",
        "too_long",
        "too_small",
        "too_large",
        "phone",
        "date",
        "past",
        "too_far",
        "not_ticked",
        "not_found",
        "already_has_it",
    ]
)


@lru_cache(maxsize=1)
def case() -> Playbook:
    return load_playbook(PATH.read_text(encoding="utf-8"), PATH.name)


@lru_cache(maxsize=1)
def situations() -> tuple[tuple[State | None, Walker], ...]:
    """States from all over the playbook, each with a walker whose time it is."""
    walker, state = Walker(case(), random.Random(4), shy=0.9), None
    found: dict[str, list[State | None]] = {"new": [None]}
    for _ in range(1500):
        state = walker.step(state)
        if state is not None:
            kept = found.setdefault(state.stage, [])
            if len(kept) < 6:
                kept.append(state)
            if case().stages[state.stage].end:
                state = None
    return tuple((s, walker) for group in found.values() for s in group)


TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", " ", "\x00", "a\x1bb", "\u202e", "\ud800", "x" * 5000, "06010", "01001-1", "2024-02-30"]),
    st.sampled_from(["1900-01-01", "2024-W01-1", "２０２４-01-01", "U1", "L1", "nobody", "true", "1" * 400]),
)
JUNK = st.one_of(
    TEXT,
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -1, 0, 2**63]),
    st.floats(),
    st.lists(TEXT, max_size=3),
    st.lists(TEXT, max_size=3).map(tuple),
    st.dictionaries(TEXT, st.integers(), max_size=2),
    st.binary(max_size=4),
)
NAMES = sorted({f.name for v in case().moves.values() for f in v.form} | {"reason", "target", "nonsense", "\x00"})
MOVES = [*sorted(case().moves), EXPIRE, "", "nonsense", "birth", "__class__"]


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_junk_is_refused_with_a_known_reason_or_is_an_event(data: st.DataObject) -> None:
    state, walker = data.draw(st.sampled_from(situations()))
    actor = data.draw(
        st.one_of(
            st.sampled_from(sorted(walker.town.actors.values(), key=lambda a: a.person)),
            st.just(Actor("resident", "", frozenset({"reporter"}))),
            st.just(Actor("", "", frozenset())),
            st.just(system_actor()),
        )
    )
    command = Command(
        "junk",
        data.draw(st.one_of(st.sampled_from(MOVES), JUNK)),
        data.draw(st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=4)),
        data.draw(st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=4)),
        tuple(Photo(str(n), role) for n, role in enumerate(data.draw(st.lists(TEXT, max_size=2)))),
        data.draw(st.one_of(st.just(state.seq if state else None), JUNK)),
        data.draw(st.one_of(st.none(), st.integers(-2, 9), JUNK)),
    )
    before = state_json(state) if state is not None else None
    answer = decide(case(), state, command, walker.facts(actor))
    if isinstance(answer, Refusal):
        assert answer.code in CODES
        assert set(answer.fields.values()) <= FAULTS
    else:
        after = evolve(state, answer)
        assert after.seq == (state.seq if state else 0) + 1
        assert not any(isinstance(v, (list, dict, float, bytes)) for v in after.fields.values())
    assert before == (state_json(state) if state is not None else None)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_one_bad_value_in_a_good_form_is_named(data: st.DataObject) -> None:
    """A form that would be accepted, with one field replaced by junk of a wrong kind: that field is named."""
    state, elder = data.draw(st.sampled_from(situations()))
    walker = Walker(case(), random.Random(data.draw(st.integers(0, 10_000))), now=elder.now)
    made = walker.attempt(state)
    if made is None or not isinstance(made[2], Event):
        return
    command, actor, _ = made
    move = case().moves[command.move]
    field = data.draw(st.sampled_from(move.form)) if move.form else None
    if field is None:
        return
    bad: Any = data.draw(st.sampled_from([3.5, b"x", ["U1"], {"a": 1}, "\x00", "x" * 5000]))
    args, texts = dict(command.args), dict(command.texts)
    (texts if field.free else args)[field.name] = bad
    spoiled = Command(command.id, command.move, args, texts, command.photos, command.version, command.target)
    answer = decide(case(), state, spoiled, walker.facts(actor))
    assert isinstance(answer, Refusal)
    assert set(answer.fields) == {field.name}


@pytest.mark.parametrize("index", range(0, 60, 3))
def test_what_a_page_offers_is_what_is_accepted_and_refused(index: int) -> None:
    """``moves_open`` explains exactly the moves of a stage: closed there is refused here, for the same reason."""
    state, walker = situations()[index % len(situations())]
    for actor in sorted(walker.town.actors.values(), key=lambda a: a.person)[::7]:
        offered = moves_open(case(), state, walker.facts(actor))
        here = case().moves_from[state.stage if state else "new"]
        assert {v.name for v, _ in offered} == {v.name for v in here if not v.system}
        for move, refusal in offered:
            if refusal is not None:
                command = Command("c", move.name, version=state.seq if state else None)
                answer = decide(case(), state, command, walker.facts(actor))
                assert isinstance(answer, Refusal)
                assert answer.code in (refusal.code, "invalid", "needs_reason", "needs_photos")
