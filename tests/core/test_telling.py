"""Playbooks told: every kind of condition, effect and clock has its sentence, in both languages."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.smallbook import SMALL, load, spoiled
from core.standardbooks import NAMES, book
from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.playbook import model as m
from gewu.core.playbook.vocabulary import Words
from gewu.core.telling.book import Told, tell
from gewu.core.telling.clocks import clock_sentences
from gewu.core.telling.conditions import CONDITIONS, condition
from gewu.core.telling.consequences import CONSEQUENCES, consequence
from gewu.core.telling.speech import Speaker

HAN = re.compile(r"[\u4e00-\u9fff]")
BARE = re.compile(r"\b[a-z]+_[a-z_]+\b|[{}]|\bNone\b|\$|@")
"""What a code looks like that nobody gave a name, and a sentence with a hole."""


def named(kind: str, code: str) -> str:
    """A district that has a name for every code."""
    return f"名{len(code)}" if kind else ""


def english(kind: str, code: str) -> str:
    return f"Name of {len(code)}" if kind else ""


def everything(told: Told) -> list[str]:
    """All that is said, a sentence each."""
    return [
        *told.sentences,
        *(s for c in told.chapters for s in c.sentences),
        *(s for c in told.chapters for item in c.items for s in item.sentences),
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_playbook_is_told_without_a_bare_code(name: str, language: str) -> None:
    playbook = book(name)
    told = tell(playbook, language, named if language == "zh-CN" else english)
    assert {c.code for c in told.chapters} >= {m.NEW, *playbook.stages}
    assert {i.code for c in told.chapters for i in c.items} >= {*playbook.moves, *playbook.clocks}
    for sentence in everything(told):
        assert sentence.strip()
        assert not BARE.search(sentence), sentence
        assert sentence[-1] in ".。?？!！…", sentence
        if language == "zh-CN":
            assert HAN.search(sentence), sentence
        else:
            assert not HAN.search(sentence), sentence


def test_the_vocabulary_has_words_for_every_kind() -> None:
    assert set(CONDITIONS) == set(get_args(m.Guard))
    assert set(CONSEQUENCES) == set(get_args(m.EffectSpec))


NAMES_OF = st.sampled_from(["waiting", "task", "code", "show", "again", "work", "wait", "high", "elsewhere"])
WORDS = st.none() | st.just(Words("because", "因为"))
OPS = ("eq", "ne", "lt", "le", "gt", "ge")
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["high", "work_day", "x"]))
COMPARE = st.one_of(
    st.builds(m.Compare, st.sampled_from(["field", "arg", "counter"]), NAMES_OF, st.sampled_from(OPS), st.integers(0, 3), WORDS),
    st.builds(m.Compare, st.sampled_from(["field", "arg"]), NAMES_OF, st.sampled_from(["eq", "ne"]), SCALARS, WORDS),
    st.builds(m.Compare, st.sampled_from(["field", "arg"]), NAMES_OF, st.just("set"), st.booleans(), WORDS),
    st.builds(
        m.Compare, st.sampled_from(["field", "arg", "counter"]), NAMES_OF, st.sampled_from(["in", "not_in"]),
        st.tuples(SCALARS, SCALARS), WORDS,
    ),
)  # fmt: skip
STATUSES = st.sampled_from([("open", "taken"), ("open",), ("taken",), ("ended",)])
MODES = st.sampled_from(["", "lead", "assist", "sole"])
PLAIN = st.one_of(
    COMPARE,
    st.builds(
        m.Share,
        st.lists(NAMES_OF, min_size=1, max_size=3).map(tuple),
        st.lists(NAMES_OF, min_size=1, max_size=3).map(tuple),
        st.sampled_from(OPS),
        st.integers(0, 100),
        WORDS,
    ),
    st.builds(m.CountOf, NAMES_OF | st.just("*"), STATUSES, MODES, st.sampled_from(OPS), st.integers(0, 3), WORDS),
    st.builds(m.ClockIs, NAMES_OF, st.sampled_from(["running", "paused", "overdue", "idle"]), WORDS),
    st.builds(m.Did, NAMES_OF, WORDS),
    st.builds(m.WasPart, NAMES_OF, WORDS),
    st.builds(m.Tagged, NAMES_OF, WORDS),
)
GUARDS: st.SearchStrategy[m.Guard] = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.builds(m.All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(m.AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(m.Not, inner),
    ),
    max_leaves=6,
)
WRITTEN = st.sampled_from(["", "$code", "=code", "@actor", "plain"])
CLOCKS = st.lists(st.sampled_from(["wait", "task", "show"]), max_size=2).map(tuple)
LINE = st.just(1)
SIMPLE = st.one_of(
    st.builds(m.Assign, NAMES_OF, MODES, WRITTEN, st.sampled_from(["", "worker"]), WRITTEN,
              st.sampled_from(["", "task"]), CLOCKS, LINE),
    st.builds(m.Take, NAMES_OF, LINE),
    st.builds(m.Release, NAMES_OF | st.just("*"),
              st.sampled_from(["mine", "all", "lead", "assist", "assist_mine"]), st.sampled_from(["done", "x"]), LINE),
    st.builds(m.Reopen, NAMES_OF, CLOCKS, LINE),
    st.builds(m.ClockAct, st.sampled_from(["start", "stop", "pause", "resume", "extend"]), NAMES_OF | st.just("*"),
              st.sampled_from(["", "$code", "=code"]), LINE, st.sampled_from(["", "task"])),
    st.builds(m.SetField, NAMES_OF, SCALARS | WRITTEN, LINE),
    st.builds(m.CountUp, NAMES_OF, LINE),
    st.builds(m.Tag, NAMES_OF, st.booleans(), LINE),
    st.builds(m.BlockMove, NAMES_OF, st.lists(NAMES_OF, min_size=1, max_size=3).map(tuple), LINE),
    st.builds(m.LinkTo, NAMES_OF, WRITTEN, LINE),
    st.builds(m.Notify, st.lists(st.sampled_from(["holder:task", "role:chief", "reporter"]), min_size=1, max_size=3)
              .map(tuple), NAMES_OF, LINE),
    st.builds(m.PlaceAt, LINE),
    st.builds(m.GoTo, NAMES_OF, LINE),
)  # fmt: skip
EFFECTS: st.SearchStrategy[m.EffectSpec] = st.recursive(
    SIMPLE,
    lambda inner: st.builds(
        m.When, GUARDS, st.lists(inner, max_size=2).map(tuple), st.lists(inner, min_size=1, max_size=2).map(tuple), LINE
    ),
    max_leaves=4,
)


@given(guard=GUARDS, holds=st.booleans())
def test_any_condition_can_be_said_and_denied(guard: m.Guard, holds: bool) -> None:
    playbook = load(SMALL)
    move = playbook.moves["begin"]
    zh = condition(Speaker(playbook, "zh-CN", named), guard, move, holds)
    en = condition(Speaker(playbook, "en", english), guard, move, holds)
    assert HAN.search(zh), zh
    assert en.strip()
    assert not HAN.search(en), en
    assert condition(Speaker(playbook, "en", english), guard, move, not holds) != en
    assert "{" not in zh + en


@given(effect=EFFECTS)
def test_any_effect_can_be_said(effect: m.EffectSpec) -> None:
    playbook = load(SMALL)
    move = playbook.moves["begin"]
    zh = consequence(Speaker(playbook, "zh-CN", named), effect, move)
    en = consequence(Speaker(playbook, "en", english), effect, move)
    assert HAN.search(zh), zh
    assert zh.endswith("。"), zh
    assert en.endswith("."), en
    assert not HAN.search(en), en
    assert "{" not in zh + en


@given(
    source=st.sampled_from(["fixed", "fields", "tier", "until"]),
    unit=st.sampled_from(list(TimeUnit)),
    optional=st.booleans(),
    calendar=st.sampled_from(["district", "unit"]),
    warn=st.sampled_from([0, 80]),
    ladder=st.sampled_from(["", "alarm"]),
    resumes=st.booleans(),
)
def test_any_clock_can_be_said(
    source: str, unit: TimeUnit, optional: bool, calendar: str, warn: int, ladder: str, resumes: bool
) -> None:
    limit = Limit(2, unit) if source == "fixed" else None
    tiers = {"low": Limit(1, unit), "high": Limit(3, unit)} if source == "tier" else {}
    spec = m.ClockSpec(
        "wait", Words("Wait", "等待"), source, limit, tiers, optional, calendar, warn, ladder,
        "" if ladder else "show", resumes, 1,
    )  # fmt: skip
    playbook = load(SMALL)
    for language in ("en", "zh-CN"):
        said = clock_sentences(Speaker(playbook, language, named if language == "zh-CN" else english), spec)
        assert len(said) >= 2
        assert all(s.strip() and "{" not in s and bool(HAN.search(s)) == (language == "zh-CN") for s in said), said


def test_what_a_clerk_reads() -> None:
    told = tell(load(SMALL), "en", lambda kind, code: code.title() if kind == "role" else "")
    (shown,) = [c for c in told.chapters if c.code == "shown"]
    assert "“Show” (1 hour)" in shown.sentences[0]
    again, accept = shown.items
    assert again.sentences[:3] == ("Chief may do this.", "To be brought: a reason.", "This goes back.")
    assert "From then on nobody may do “Show”, until “Worked” was done." in again.sentences
    assert again.sentences[-1] == "Then it stands at “Working”."
    assert accept.sentences == ("Chief may do this.", "The clock “Show” stops.", "Then it stands at “Done”.")
    (clocks,) = [c for c in told.chapters if c.code == "clocks"]
    assert clocks.items[0].sentences[-1] == (
        "When it runs out, whoever has the part and Chief are told, 1 hour later Office, "
        "and then again every 4 hours until somebody acts."
    )


def test_what_a_clerk_reads_in_chinese() -> None:
    told = tell(load(SMALL), "zh-CN", lambda kind, code: "主任" if (kind, code) == ("role", "chief") else "")
    (shown,) = [c for c in told.chapters if c.code == "shown"]
    again = shown.items[0]
    assert again.sentences[:3] == ("由主任办理。", "须提供：理由。", "此为退回操作。")
    assert "此后不得办理“提交”，直至办理“作业”。" in again.sentences


def test_a_condition_stands_with_its_move() -> None:
    text = spoiled(
        ("    by: [{role: chief}]\n    effects:\n      - stop: show\n",
         "    by: [{role: chief}]\n    guard: {not: {did: show}}\n    effects:\n      - stop: show\n")
    )  # fmt: skip
    told = tell(load(text), "en")
    (accept,) = [i for c in told.chapters for i in c.items if i.code == "accept"]
    assert "Only if it is not the person who did “Show” last." in accept.sentences
