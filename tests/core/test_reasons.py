"""Why a record stands where it stands: who brought it there by which rule, who owes what, what comes if nobody acts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime

import pytest

from core.casework import ZONE, at, post
from core.playwalk import START, Walker, calendar_of
from core.smallbook import SMALL, load, spoiled
from core.standardbooks import NAMES, book
from gewu.core.decide import EXPIRE, decide, system_actor
from gewu.core.evolve import evolve
from gewu.core.playbook import Playbook
from gewu.core.records import Actor, Command, Event, Facts, State
from gewu.core.telling.reasons import Asking, Reasons, reasons

CLERK, CHIEF, WORKER = post("clerk"), post("chief"), post("worker", "U1")


def written(instant: int) -> str:
    return datetime.fromtimestamp(instant, ZONE).strftime("%m-%d %H:%M")


def names(kind: str, code: str) -> str:
    return {"role": code.title(), "post": code.partition("@")[0]}.get(kind, "")


class Record:
    """One record of the small playbook, and what happened to it."""

    def __init__(self, playbook: Playbook, now: str = "2024-03-04 09:00") -> None:
        self.playbook = playbook
        self.now = at(now)
        self.state: State | None = None
        self.events: list[Event] = []

    def facts(self, actor: Actor) -> Facts:
        return Facts(self.now, actor, calendar_of)

    def do(self, actor: Actor, move: str, **texts: str) -> Record:
        version = self.state.seq if self.state else None
        return self._take(decide(self.playbook, self.state, Command(f"c{len(self.events)}", move, {}, texts, (), version),
                                 self.facts(actor)))  # fmt: skip

    def expire(self, clock: str) -> Record:
        return self._take(decide(self.playbook, self.state, Command("e", EXPIRE, {"clock": clock}),
                                 self.facts(system_actor())))  # fmt: skip

    def _take(self, answer: object) -> Record:
        assert isinstance(answer, Event), answer
        self.state = evolve(self.state, answer)
        self.events.append(answer)
        return self

    def later(self, minutes: int) -> Record:
        self.now += minutes * 60
        return self

    def why(self, language: str = "en") -> Reasons:
        assert self.state is not None
        return reasons(Asking(self.playbook, self.state, self.events, self.facts(system_actor()), written, names,
                              language, lambda _version: self.playbook))  # fmt: skip


def test_where_it_stands_and_by_which_rule() -> None:
    playbook = load(SMALL)
    record = Record(playbook).do(CLERK, "begin").later(10).do(CLERK, "give").later(5).do(WORKER, "work")
    why = record.why()
    assert why.here == (
        "It stands at “Working” since 03-04 09:10: DESK-clerk-1 did “Give out”.",
        (
            "The rule: playbook “Small” (small), version 1, move “Give out” (give), playbooks/small.yaml line "
            f"{playbook.moves['give'].line}."
        ),
    )
    assert why.since == at("2024-03-04 09:10")
    assert record.why("zh-CN").here[0] == "03-04 09:10由DESK-clerk-1办理“派发”，进入“在办”。"


def test_a_return_says_what_it_shut() -> None:
    record = Record(load(SMALL)).do(CLERK, "begin").do(CLERK, "give").do(WORKER, "show").do(CHIEF, "again", reason="no")
    why = record.why()
    assert "Since “Once more”, “Show” is shut until “Worked” was done." in why.here
    (show,) = [n for n in why.next if n.move == "show"]
    assert not show.open
    assert show.sentence == "“Show” cannot be done now: “Once more” closed it until “Worked” was done."
    (work,) = [n for n in why.next if n.move == "work"]
    assert work.open
    assert work.who == ("Worker",)


def test_who_owes_what_by_when() -> None:
    record = Record(load(SMALL)).do(CLERK, "begin").do(CLERK, "give")
    (owed,) = record.why().owes
    assert (owed.clock, owed.who, owed.part) == ("task:1", "Worker", "task")
    assert owed.due_at == at("2024-03-05 09:00")
    assert owed.sentence == "Worker owes “Task” by 03-05 09:00. 1 working day, fixed by the playbook."
    assert "clock “Task” (task)" in owed.rule
    (holding,) = record.why("zh-CN").holds
    assert holding.sentence == "Worker自03-04 09:00起承担“任务”（待接收）。"
    waiting = Record(load(SMALL)).do(CLERK, "begin").later(61).expire("wait").why()
    assert waiting.owes[0].who == "whoever may act at this stage"
    assert waiting.owes[0].late
    assert "is late" in waiting.owes[0].sentence


def test_what_comes_if_nobody_acts() -> None:
    why = Record(load(SMALL)).do(CLERK, "begin").why()
    assert [(c.at, c.what, c.told) for c in why.coming] == [
        (at("2024-03-04 09:48"), "warned", ()),
        (at("2024-03-04 10:00"), "due", ("Chief",)),
        (at("2024-03-04 11:00"), "office", ("Office",)),
    ]
    assert why.coming[-1].sentence.endswith("Then again every 4 hours, until somebody acts.")


def test_a_clock_that_moves_the_record_is_followed_further() -> None:
    text = spoiled(
        ("  wait: {title: {en: \"Wait\", zh: \"等待\"}, limit: {value: 1, unit: urgent_hour}, ladder: alarm}",
         "  wait: {title: {en: \"Wait\", zh: \"等待\"}, limit: {value: 1, unit: urgent_hour}, move: fall}"),
        ("  show:\n    title: {en: \"Show\", zh: \"提交\"}\n    from: working",
         ("  fall:\n    title: {en: \"Fall\", zh: \"到期\"}\n    from: waiting\n    to: shown\n    by: [{relation: system}]\n"
         "    effects:\n      - stop: wait\n      - start: show\n"
         "  show:\n    title: {en: \"Show\", zh: \"提交\"}\n    from: working")),
    )  # fmt: skip
    why = Record(load(text)).do(CLERK, "begin").why()
    assert [c.what for c in why.coming] == ["warned", "fall", "warned", "due", "office"]
    assert why.coming[1].sentence.endswith("the system does “Fall”. Then it stands at “Shown”.")
    assert "fall" not in [n.move for n in why.next]


def test_pauses_are_counted() -> None:
    text = spoiled(
        ("  work:\n", ("  rest:\n    title: {en: \"Rest\", zh: \"暂停\"}\n    from: working\n    by: [{role: chief}]\n"
         "    effects: [{pause: task}, {start: wait}]\n"
         "  go_on:\n    title: {en: \"Go on\", zh: \"继续\"}\n    from: working\n    by: [{role: chief}]\n"
         "    effects: [{resume: task}, {stop: wait}]\n  work:\n")),
    )  # fmt: skip
    record = Record(load(text)).do(CLERK, "begin").do(CLERK, "give").later(10).do(CHIEF, "rest").later(90)
    paused = next(o for o in record.why().owes if o.clock == "task:1")
    assert (paused.status, paused.pauses, paused.paused_seconds) == ("paused", 1, 5400)
    assert "the clock is paused. " in paused.sentence
    record.do(CHIEF, "go_on").later(60).do(CHIEF, "rest").later(30).do(CHIEF, "go_on")
    running = next(o for o in record.why().owes if o.clock == "task:1")
    assert (running.pauses, running.paused_seconds) == (2, 7200)
    assert "It was paused 2 times, 2 h 0 min in all." in running.sentence


def walked(name: str) -> Iterator[tuple[Playbook, State, list[Event], int]]:
    """Records of a playbook on their way, with their events."""
    playbook = book(name)
    for seed in range(6):
        walker = Walker(playbook, random.Random(seed), now=START, shy=0.99)
        state: State | None = None
        events: list[Event] = []
        for _ in range(25):
            walker.pass_time()
            made = walker.attempt(state)
            if made is None or not isinstance(made[2], Event):
                continue
            state = evolve(state, made[2])
            events.append(made[2])
            yield playbook, state, events, walker.now


@pytest.mark.parametrize("name", NAMES)
def test_any_record_of_any_playbook_can_be_explained(name: str) -> None:
    for playbook, state, events, now in walked(name):
        for language in ("en", "zh-CN"):
            facts = Facts(now, system_actor(), calendar_of)
            why = reasons(
                Asking(playbook, state, events, facts, written, names, language, lambda _v, same=playbook: same)
            )
            assert why.here
            assert json.dumps(why.as_dict())
            if not playbook.stages[state.stage].end:
                assert why.owes, f"nobody owes anything at {state.stage}"
                assert why.coming, f"nothing happens at {state.stage}"
                assert any(n.open for n in why.next), f"nobody can do anything at {state.stage}"
            said = [*why.here, *(x.sentence for x in (*why.owes, *why.holds, *why.next, *why.coming))]
            assert all(s.strip() and "{" not in s for s in said)
            assert [c.at for c in why.coming] == sorted(c.at for c in why.coming)
