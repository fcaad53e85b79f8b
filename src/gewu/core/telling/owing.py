"""Who owes what by when: every deadline that runs or is paused, where its limit comes from, and which rule says so."""

from __future__ import annotations

from dataclasses import dataclass

from gewu.core.playbook import model as m
from gewu.core.records import PAUSED, RUNNING, Clock
from gewu.core.telling.asking import Asking, book_rule, holder, versions
from gewu.core.telling.clocks import limit_sentence
from gewu.core.telling.speech import Speaker


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


def owed(asking: Asking, clock: Clock) -> Owed:
    s, state = asking.speaker, asking.state
    spec = asking.playbook.clocks[clock.spec]
    part = state.assignment(clock.assignment)
    who = holder(asking, part) if part is not None else s.say("whoever may act at this stage", "本环节可办理的岗位")
    pauses, seconds = _pauses(asking, clock)
    source = _source(asking, clock, spec)
    rule = s.say(
        "{book}, clock {t} ({name}), {file} line {line}", "{book}，时限{t}（{name}），{file} 第 {line} 行",
        book=book_rule(s, asking.playbook), t=s.clock(spec.name), name=spec.name, file=asking.playbook.file,
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
    for event, version in reversed(list(versions(asking.events, asking.state.playbook_version))):
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
    for event, version in versions(asking.events, asking.state.playbook_version):
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
