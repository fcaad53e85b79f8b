"""Why a record stands where it stands: which event brought it there, who owes what by when, what may happen next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from gewu.core.migrate import MIGRATE
from gewu.core.playbook import model as m
from gewu.core.records import PAUSED, REPORTER, RUNNING, SYSTEM, Actor, Assignment, Clock, Event, Facts, Refusal, State
from gewu.core.rules import before_form, guard_refusal, uses_args
from gewu.core.telling.clocks import limit_sentence
from gewu.core.telling.coming import Coming, coming
from gewu.core.telling.conditions import condition
from gewu.core.telling.speech import Names, Speaker


@dataclass(frozen=True, slots=True)
class Owed:
    """A deadline that runs or is paused: whose it is, when it is due, and which rule says so. Instants in seconds."""

    clock: str
    title: str
    who: str
    part: str
    status: str
    started_at: int
    due_at: int
    late: bool
    pauses: int
    paused_seconds: int
    extended: int
    source: str
    rule: str
    sentence: str


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


@dataclass(slots=True)
class Asking:
    """What is known of a record, and how instants are written. ``book`` gives a version of its playbook."""

    playbook: m.Playbook
    state: State
    events: Sequence[Event]
    facts: Facts
    when: Callable[[int], str]
    names: Names
    language: str
    book: Callable[[int], m.Playbook | None]
    speaker: Speaker = field(init=False)

    def __post_init__(self) -> None:
        self.speaker = Speaker(self.playbook, self.language, self.names)


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
        rule=_move_rule(asking, *brought) if brought else _book_rule(asking.speaker, book),
        here=tuple(_here(asking, brought)),
        holds=tuple(_holding(asking, part) for part in state.assignments if part.live),
        owes=tuple(_owed(asking, clock) for clock in state.clocks if clock.status in (RUNNING, PAUSED)),
        next=tuple(_next(asking)),
        coming=tuple(coming(asking.speaker, state, asking.facts, asking.when)),
    )


# why here


def _versions(events: Sequence[Event], version: int) -> Iterator[tuple[Event, int]]:
    """Each event with the version of the playbook that it was judged by."""
    first = next((e[3] for event in events[:1] for e in event.effects if e[0] == "birth"), version)
    now = int(first)
    for event in events:
        for effect in event.effects:
            if effect[0] == "adopt":
                now = int(effect[2])
        yield event, now


def _brought_here(asking: Asking) -> tuple[Event, int] | None:
    """The event that brought the record to its stage, with the version of its playbook then."""
    found = None
    for event, version in _versions(asking.events, asking.state.playbook_version):
        stages = [e[1] for e in event.effects if e[0] == "stage"]
        if stages and stages[-1] == asking.state.stage:
            found = event, version
        elif stages:
            found = None
    return found


def _move_of(book: m.Playbook | None, event: Event) -> m.Move | None:
    """The move an event made; of a clock that ran out, the one that the clock makes."""
    if book is None:
        return None
    if event.kind in book.moves:
        return book.moves[event.kind]
    name = str(event.payload.get("args", {}).get("clock", "")).partition(":")[0].partition("~")[0]
    spec = book.clocks.get(name)
    return book.moves.get(spec.move) if spec is not None else None


def _here(asking: Asking, brought: tuple[Event, int] | None) -> list[str]:
    s = asking.speaker
    said = []
    if brought is None:
        return [s.say("It stands at {stage}.", "目前处于{stage}。", stage=s.stage(asking.state.stage))]
    event, version = brought
    move = _move_of(asking.book(version), event)
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


def _book_rule(s: Speaker, book: m.Playbook) -> str:
    return s.say(
        "playbook “{t}” ({name}), version {n}", "流程“{t}”（{name}）第 {n} 版",
        t=book.title[s.language], name=book.name, n=book.version,
    )  # fmt: skip


def _move_rule(asking: Asking, event: Event, version: int) -> str:
    s = asking.speaker
    book = asking.book(version)
    if book is None:
        return s.say("version {n} of the playbook, not loaded", "流程第 {n} 版（未载入）", n=version)
    said = _book_rule(s, book)
    move = _move_of(book, event)
    if move is None:
        return said
    return s.say(
        "{book}, move “{t}” ({name}), {file} line {line}", "{book}，操作“{t}”（{name}），{file} 第 {line} 行",
        book=said, t=move.title[s.language], name=move.name, file=book.file, line=move.line,
    )  # fmt: skip


# who owes what


def _holder(asking: Asking, part: Assignment) -> str:
    names = asking.names
    if part.person:
        return names("post", f"{part.person}@{part.unit}") or names("person", part.person) or part.person
    unit = names("unit", part.unit) or part.unit
    role = asking.speaker.role(part.role) if part.role else ""
    if unit and role:
        return asking.speaker.say("{unit} ({role})", "{unit}（{role}）", unit=unit, role=role)
    return unit or role or asking.speaker.say("nobody in particular", "未指定")


def _holding(asking: Asking, part: Assignment) -> Holding:
    s = asking.speaker
    who = _holder(asking, part)
    standing = s.listed([*([s.mode(part.mode)] if part.mode != "sole" else []), s.status(part.status)])
    sentence = s.say(
        "{who} has the part {slot} ({standing}) since {when}.", "{who}自{when}起承担{slot}（{standing}）。",
        who=s.begun(who), slot=s.slot(part.slot), standing=standing, when=asking.when(part.opened_at),
    )  # fmt: skip
    return Holding(who, part.slot, part.opened_at, sentence)


def _owed(asking: Asking, clock: Clock) -> Owed:
    s, state = asking.speaker, asking.state
    spec = asking.playbook.clocks[clock.spec]
    part = state.assignment(clock.assignment)
    who = _holder(asking, part) if part is not None else s.say("whoever may act at this stage", "本环节可办理的岗位")
    pauses, seconds = _pauses(asking, clock)
    source = _source(asking, clock, spec)
    rule = s.say(
        "{book}, clock {t} ({name}), {file} line {line}", "{book}，时限{t}（{name}），{file} 第 {line} 行",
        book=_book_rule(s, asking.playbook), t=s.clock(spec.name), name=spec.name, file=asking.playbook.file,
        line=spec.line,
    )  # fmt: skip
    late = clock.status == RUNNING and asking.facts.now > clock.due_at
    said = [_due_sentence(asking, clock, spec, who, late)]
    said.append(source)
    if pauses:
        said.append(s.say(
            "It was paused {n} times, {length} in all.", "曾暂停 {n} 次，共{length}。",
            n=pauses, length=duration(s, seconds),
        ))  # fmt: skip
    if clock.extended:
        said.append(s.say("It was extended {n} times.", "已延期 {n} 次。", n=clock.extended))
    return Owed(
        clock.id, spec.title[asking.language], who, part.slot if part else "", clock.status, clock.started_at,
        clock.due_at, late, pauses, seconds, clock.extended, source, rule, s.sentences(said),
    )  # fmt: skip


def _due_sentence(asking: Asking, clock: Clock, spec: m.ClockSpec, who: str, late: bool) -> str:
    s = asking.speaker
    parts = {"who": s.begun(who), "clock": s.clock(spec.name), "when": asking.when(clock.due_at)}
    if clock.status == PAUSED:
        return s.say("{who} owes {clock}; the clock is paused.", "{who}：{clock}，时限已暂停。", **parts)
    if late:
        return s.say("{who} owed {clock} by {when} and is late.", "{who}：{clock}应于{when}前完成，现已超时。", **parts)
    return s.say("{who} owes {clock} by {when}.", "{who}：{clock}须于{when}前完成。", **parts)


def _source(asking: Asking, clock: Clock, spec: m.ClockSpec) -> str:
    """Where the limit comes from: the playbook itself, a standard, the tier, or what was set by hand."""
    s = asking.speaker
    limit = s.limit(clock.limit)
    if spec.source == "tier":
        tier = asking.playbook.tiers.get(str(asking.state.fields.get("tier") or ""))
        title = tier.title[asking.language] if tier else ""
        return s.say("{limit}, for the tier “{t}”.", "时限{limit}，按“{t}”层级。", limit=limit, t=title)
    if spec.source == "until":
        move = _started_by(asking, clock)
        if move is None:
            return limit_sentence(s, spec)
        return s.say("The day was set by “{t}”.", "截止时间由“{t}”设定。", t=move.title[asking.language])
    if spec.source == "fields":
        return _kept_limit(asking, limit)
    return s.say("{limit}, fixed by the playbook.", "时限{limit}，由流程规定。", limit=limit)


def _kept_limit(asking: Asking, limit: str) -> str:
    """Of a limit that the record keeps: the standard it was taken from, or the move by which somebody set it."""
    s = asking.speaker
    for event, version in reversed(list(_versions(asking.events, asking.state.playbook_version))):
        if not any(e[0] == "set" and e[1] == "limit_value" for e in event.effects):
            continue
        book = asking.book(version)
        move = book.moves.get(event.kind) if book else None
        sets = [e for e in m.walk(move.effects) if isinstance(e, m.SetField)] if move else []
        looked_up = any(e.field == "limit_value" and str(e.value).startswith("@") for e in sets)
        if move is not None and not looked_up:
            return s.say("{limit}, set by “{t}”.", "时限{limit}，由“{t}”确定。", limit=limit, t=move.title[s.language])
        break
    standard = str(asking.state.fields.get("standard") or "")
    if standard:
        name = asking.names("standard", standard) or standard
        return s.say("{limit}, by the standard {n}.", "时限{limit}，按标准{n}。", limit=limit, n=name)
    return s.say("{limit}, as kept with the record.", "时限{limit}，按档案所记。", limit=limit)


def _started_by(asking: Asking, clock: Clock) -> m.Move | None:
    for event, version in _versions(asking.events, asking.state.playbook_version):
        if any(e[0] == "clock" and e[1]["id"] == clock.id for e in event.effects):
            book = asking.book(version)
            return book.moves.get(event.kind) if book else None
    return None


def _pauses(asking: Asking, clock: Clock) -> tuple[int, int]:
    """How often a clock was paused, and for how many seconds so far."""
    count = seconds = 0
    since: int | None = None
    for event in asking.events:
        for effect in event.effects:
            if effect[0] != "clock" or effect[1]["id"] != clock.id:
                continue
            if effect[1]["status"] == PAUSED and since is None:
                count, since = count + 1, event.at
            elif effect[1]["status"] != PAUSED and since is not None:
                seconds, since = seconds + event.at - since, None
    if since is not None:
        seconds += asking.facts.now - since
    return count, seconds


def duration(s: Speaker, seconds: int) -> str:
    """A length of time in its two largest units."""
    minutes = max(1, seconds // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return s.say("{d} d {h} h", "{d} 天 {h} 小时", d=days, h=hours)
    if hours:
        return s.say("{h} h {m} min", "{h} 小时 {m} 分钟", h=hours, m=rest)
    return s.say("{m} min", "{m} 分钟", m=rest)


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
            name = s.actor(rule) if part.letter else _holder(asking, part)
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
