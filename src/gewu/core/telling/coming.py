"""What happens to a record if nobody does anything: its clocks run out one after the other, as they would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from gewu.core.decide import EXPIRE, decide, system_actor
from gewu.core.evolve import evolve
from gewu.core.playbook import model as m
from gewu.core.records import RUNNING, Clock, Command, Event, Facts, State
from gewu.core.telling.speech import Speaker

MOST = 40
_FAR = 4_102_444_800
"""2100-01-01: a clock that wants attention later than this has nothing more to say."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that will happen at an instant (seconds) if nobody acts before."""

    at: int
    clock: str
    what: str
    """``warned``, ``due``, the name of a rung, or of the move that the system makes."""
    told: tuple[str, ...]
    sentence: str


def coming(speaker: Speaker, state: State, facts: Facts, when: Callable[[int], str]) -> Iterator[Coming]:
    """The ladder ahead, with instants. A last rung that is told again and again is told once, with its interval."""
    settled: set[str] = set()
    for _ in range(MOST):
        clock = min(
            (c for c in state.clocks if c.status == RUNNING and c.id not in settled and c.next_at < _FAR),
            key=lambda c: (c.next_at, c.id),
            default=None,
        )
        if clock is None:
            return
        at = max(clock.next_at, facts.now)
        command = Command("", EXPIRE, {"clock": clock.id})
        event = decide(speaker.playbook, state, command, replace(facts, now=at, actor=system_actor()))
        if not isinstance(event, Event):
            return
        after = evolve(state, event)
        step = _said(speaker, after, clock, event, when(at))
        spec = speaker.playbook.clocks[clock.spec]
        ladder = speaker.playbook.ladders.get(spec.ladder)
        now = after.clock(clock.id)
        if ladder is not None and now is not None and now.rung and not ladder.rungs[now.rung].next:
            settled.add(clock.id)  # the last rung: from here on it is the same again and again
            again = speaker.say(
                "Then again every {after}, until somebody acts.", "此后每{after}再次告知，直至有人办理。",
                after=speaker.limit(ladder.rungs[now.rung].after),
            )  # fmt: skip
            step = replace(step, sentence=speaker.sentences([step.sentence, again]))
        yield step
        state = after


def _said(speaker: Speaker, after: State, clock: Clock, event: Event, when: str) -> Coming:
    phase = str(event.payload["args"]["phase"])
    receivers = [one for e in event.effects if e[0] == "notify" for one in e[1]["to"]]
    told = tuple(dict.fromkeys(_receiver(speaker, one) for one in receivers))
    spec = speaker.playbook.clocks[clock.spec]
    name = speaker.clock(clock.spec)
    move = speaker.playbook.moves.get(spec.move)
    acted = phase == "due" and move is not None and any(e[0] not in ("clock", "notify") for e in event.effects)
    parts: dict[str, Any] = {"when": when, "clock": name, "n": spec.warn}
    if acted and move is not None:
        sentence = _moved(speaker, move, after, parts)
        phase = move.name
    elif phase == "warned":
        sentence = speaker.say("{when}: {n} % of {clock} is used.", "{when}：{clock}时限已过 {n}%。", **parts)
    elif phase == "due":
        sentence = speaker.say("{when}: {clock} runs out.", "{when}：{clock}时限届满。", **parts)
    else:
        sentence = speaker.say("{when}: {clock} is still late.", "{when}：{clock}仍超时。", **parts)
    if told:
        said = speaker.say("Told: {who}.", "告知{who}。", who=speaker.listed(told))
        sentence = speaker.sentences([sentence, said])
    at = event.at
    return Coming(at, clock.id, phase, told, sentence)


def _moved(speaker: Speaker, move: m.Move, after: State, parts: dict[str, Any]) -> str:
    said = speaker.say(
        "{when}: {clock} runs out, and the system does {move}.", "{when}：{clock}时限届满，系统办理{move}。",
        move=speaker.move(move.name), **parts,
    )  # fmt: skip
    stage = speaker.say("Then it stands at {stage}.", "进入{stage}。", stage=speaker.stage(after.stage))
    return speaker.sentences([said, stage])


def _receiver(speaker: Speaker, to: dict[str, Any]) -> str:
    if to.get("reporter"):
        return speaker.role("reporter")
    if to.get("person"):
        post = speaker.names("post", f"{to['person']}@{to.get('unit', '')}")
        return post or speaker.names("person", to["person"]) or str(to["person"])
    role = speaker.role(to["role"]) if to.get("role") else ""
    unit = speaker.names("unit", to["unit"]) or str(to["unit"]) if to.get("unit") else ""
    if unit and role:
        return speaker.say("{unit} ({role})", "{unit}（{role}）", unit=unit, role=role)
    return unit or role
