"""Why a record stands where it stands: which event brought it there, who owes what by when, what may happen next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from gewu.core.migrate import MIGRATE
from gewu.core.playbook import model as m
from gewu.core.records import PAUSED, REPORTER, RUNNING, SYSTEM, Actor, Assignment, Event, Facts, Refusal
from gewu.core.rules import before_form, guard_refusal, uses_args
from gewu.core.telling.asking import Asking, book_rule, holder, move_of, versions
from gewu.core.telling.coming import Coming, coming
from gewu.core.telling.conditions import condition
from gewu.core.telling.owing import Owed, owed

__all__ = ["Asking", "Holding", "Next", "Owed", "Reasons", "reasons"]


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody who has an open part."""

    who: str
    part: str
    since: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Next:
    """A move that leaves from here: who can make it, or why nobody can now."""

    move: str
    title: str
    who: tuple[str, ...]
    open: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """The whole explanation, in one language."""

    stage: str
    stage_title: str
    since: int
    ended: bool
    rule: str
    here: tuple[str, ...]
    holds: tuple[Holding, ...]
    owes: tuple[Owed, ...]
    next: tuple[Next, ...]
    coming: tuple[Coming, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; instants are seconds since the epoch."""
        return asdict(self)


def reasons(asking: Asking) -> Reasons:
    """Explain a record from its playbook, its state and its events."""
    state, book = asking.state, asking.playbook
    stage = book.stages[state.stage]
    brought = _brought_here(asking)
    return Reasons(
        stage=state.stage,
        stage_title=stage.title[asking.language],
        since=brought[0].at if brought else 0,
        ended=stage.end,
        rule=_move_rule(asking, *brought) if brought else book_rule(asking.speaker, book),
        here=tuple(_here(asking, brought)),
        holds=tuple(_holding(asking, part) for part in state.assignments if part.live),
        owes=tuple(owed(asking, clock) for clock in state.clocks if clock.status in (RUNNING, PAUSED)),
        next=tuple(_next(asking)),
        coming=tuple(coming(asking.speaker, state, asking.facts, asking.when)),
    )


# why here


def _brought_here(asking: Asking) -> tuple[Event, int] | None:
    """The event that brought the record to its stage, with the version of its playbook then."""
    found = None
    for event, version in versions(asking.events, asking.state.playbook_version):
        stages = [e[1] for e in event.effects if e[0] == "stage"]
        if stages and stages[-1] == asking.state.stage:
            found = event, version
        elif stages:
            found = None
    return found


def _here(asking: Asking, brought: tuple[Event, int] | None) -> list[str]:
    s = asking.speaker
    said = []
    if brought is None:
        return [s.say("It stands at {stage}.", "目前处于{stage}。", stage=s.stage(asking.state.stage))]
    event, version = brought
    move = move_of(asking.book(version), event)
    by = _by(asking, event)
    if event.kind == MIGRATE:
        how = s.say("the change to a new version of the playbook", "流程换版")
    elif move is not None:
        how = s.quoted(move.title[asking.language])
    else:
        how = s.quoted(event.kind)
    said.append(s.say(
        "It stands at {stage} since {when}: {by} did {how}.", "{when}由{by}办理{how}，进入{stage}。",
        stage=s.stage(asking.state.stage), when=asking.when(event.at), by=by, how=how,
    ))  # fmt: skip
    said.append(s.say("The rule: {rule}.", "依据：{rule}。", rule=_move_rule(asking, event, version)))
    for block in asking.state.blocks:
        said.append(s.say(
            "Since {by}, {move} is shut until {until} was done.", "因{by}，须先办理{until}，方可办理{move}。",
            by=s.move(block.by), move=s.move(block.move), until=s.moves(block.until),
        ))  # fmt: skip
    return said


def _by(asking: Asking, event: Event) -> str:
    s = asking.speaker
    if event.actor == SYSTEM:
        return s.say("the system", "系统")
    if event.actor.startswith(REPORTER):
        return s.role(REPORTER)
    return asking.names("post", f"{event.actor}@{event.unit}") or asking.names("unit", event.unit) or event.unit


def _move_rule(asking: Asking, event: Event, version: int) -> str:
    s = asking.speaker
    book = asking.book(version)
    if book is None:
        return s.say("version {n} of the playbook, not loaded", "流程第 {n} 版（未载入）", n=version)
    said = book_rule(s, book)
    move = move_of(book, event)
    if move is None:
        return said
    return s.say(
        "{book}, move “{t}” ({name}), {file} line {line}", "{book}，操作“{t}”（{name}），{file} 第 {line} 行",
        book=said, t=move.title[s.language], name=move.name, file=book.file, line=move.line,
    )  # fmt: skip


# who owes what


def _holding(asking: Asking, part: Assignment) -> Holding:
    s = asking.speaker
    who = holder(asking, part)
    standing = s.listed([*([s.mode(part.mode)] if part.mode != "sole" else []), s.status(part.status)])
    sentence = s.say(
        "{who} has the part {slot} ({standing}) since {when}.", "{who}自{when}起承担{slot}（{standing}）。",
        who=s.begun(who), slot=s.slot(part.slot), standing=standing, when=asking.when(part.opened_at),
    )  # fmt: skip
    return Holding(who, part.slot, part.opened_at, sentence)


# what next


def _next(asking: Asking) -> Iterator[Next]:
    s, state = asking.speaker, asking.state
    for move in asking.playbook.moves_from[state.stage]:
        if all(rule.relation == SYSTEM for rule in move.actors):
            continue
        title = move.title[asking.language]
        who: list[str] = []
        refusals: list[Refusal] = []
        for rule in move.actors:
            for name, actor in _actors(asking, rule):
                refusal = _refused(asking, move, actor)
                if refusal is None:
                    who.append(name)
                else:
                    refusals.append(refusal)
        who = list(dict.fromkeys(who))
        if who:
            sentence = s.say("“{t}”: {who}.", "“{t}”：{who}。", t=title, who=s.one_of(who))
            if uses_args(move.guard) and move.guard is not None:
                only = s.say("Only if {c}.", "条件：{c}。", c=condition(s, move.guard, move))
                sentence = s.sentences([sentence, only])
        else:
            why = _why_not(asking, move, refusals)
            sentence = s.say("“{t}” cannot be done now: {why}.", "“{t}”暂不能办理：{why}。", t=title, why=why)
        yield Next(move.name, title, tuple(who), bool(who), sentence)


def _actors(asking: Asking, rule: m.ActorRule) -> Iterator[tuple[str, Actor]]:
    """Everybody whom a rule lets act on this record, by name."""
    s = asking.speaker
    if rule.relation == SYSTEM:
        return
    if rule.relation == REPORTER:
        yield s.role(REPORTER), Actor("", "", frozenset({REPORTER}))
    elif rule.relation == "any":
        yield s.role(rule.role), Actor("", "", frozenset({rule.role}))
    else:
        parts = asking.state.assignments
        for part in parts:
            if not part.live or part.slot != rule.slot or part.letter is not (rule.relation == "letter"):
                continue
            above = asking.state.assignment(part.parent) if part.letter else None
            source = above or part
            unit = "" if part.letter and above is None else source.unit
            roles = frozenset({rule.role, source.role} - {""})
            name = s.actor(rule) if part.letter else holder(asking, part)
            yield name, Actor(source.person if not part.letter or above else "", unit, roles)


def _refused(asking: Asking, move: m.Move, actor: Actor) -> Refusal | None:
    facts = Facts(asking.facts.now, actor, asking.facts.calendar)
    refusal = before_form(move, asking.state, facts)
    if refusal is None and not uses_args(move.guard):
        refusal = guard_refusal(move, asking.state, facts, {})
    return refusal


def _why_not(asking: Asking, move: m.Move, refusals: list[Refusal]) -> str:
    s = asking.speaker
    blocked = next((r for r in refusals if r.code == "blocked"), None)
    if blocked is not None:
        return s.say(
            "{by} closed it until {until} was done", "因{by}，须先办理{until}",
            by=s.move(str(blocked.detail["by"])), until=s.moves(blocked.detail["until"]),
        )  # fmt: skip
    guarded = next((r for r in refusals if r.code == "guard"), None)
    if guarded is not None:
        why = guarded.detail.get("why")
        if why:
            return str(why["zh" if s.chinese else "en"])
        if move.guard is not None:
            return s.say("only if {c}", "条件为{c}", c=condition(s, move.guard, move))
    slots = s.one_of(dict.fromkeys(s.actor(rule) for rule in move.actors if rule.relation != SYSTEM))
    return s.say("it is for {who}, and nobody is that now", "须由{who}办理，目前无此经办方", who=slots)
