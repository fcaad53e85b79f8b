"""Conditions of the vocabulary in words: what has to hold, and the same denied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gewu.core.playbook import model as m
from gewu.core.playbook.vocabulary import Words
from gewu.core.records import LIVE_STATUSES
from gewu.core.telling.speech import Speaker

_DENIED = {
    "eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "in": "not_in", "not_in": "in",
}  # fmt: skip
_RELATIONS: Mapping[str, Words] = {
    "eq": Words("{subject} is {value}", "{subject}为{value}"),
    "ne": Words("{subject} is not {value}", "{subject}不为{value}"),
    "lt": Words("{subject} is below {value}", "{subject}小于{value}"),
    "le": Words("{subject} is at most {value}", "{subject}不超过{value}"),
    "gt": Words("{subject} is above {value}", "{subject}大于{value}"),
    "ge": Words("{subject} is at least {value}", "{subject}不少于{value}"),
    "in": Words("{subject} is {value}", "{subject}为{value}"),
    "not_in": Words("{subject} is none of these: {value}", "{subject}不属于：{value}"),
}
_GIVEN = {
    True: Words("{subject} is filled in", "已填写{subject}"),
    False: Words("{subject} is not filled in", "未填写{subject}"),
}
_TIMES: Mapping[str, Words] = {
    "eq": Words("{subject} was done exactly {value} times", "{subject}恰好办理过 {value} 次"),
    "ne": Words("{subject} was not done exactly {value} times", "{subject}办理次数不是 {value} 次"),
    "lt": Words("{subject} was done fewer than {value} times", "{subject}办理过不足 {value} 次"),
    "le": Words("{subject} was done at most {value} times", "{subject}办理过至多 {value} 次"),
    "gt": Words("{subject} was done more than {value} times", "{subject}办理过超过 {value} 次"),
    "ge": Words("{subject} was done at least {value} times", "{subject}办理过至少 {value} 次"),
}
_PARTS: Mapping[str, Words] = {
    "eq": Words("exactly {value} {subject}", "{subject}恰好 {value} 项"),
    "ne": Words("not exactly {value} {subject}", "{subject}不是 {value} 项"),
    "lt": Words("fewer than {value} {subject}", "{subject}不足 {value} 项"),
    "le": Words("at most {value} {subject}", "{subject}至多 {value} 项"),
    "gt": Words("more than {value} {subject}", "{subject}多于 {value} 项"),
    "ge": Words("at least {value} {subject}", "{subject}至少 {value} 项"),
}
_SHARES: Mapping[str, Words] = {
    "eq": Words("{part} make up exactly {value} % of {whole}", "{part}恰占{whole}的 {value}%"),
    "ne": Words("{part} do not make up exactly {value} % of {whole}", "{part}所占{whole}的比例不是 {value}%"),
    "lt": Words("{part} make up less than {value} % of {whole}", "{part}占{whole}不足 {value}%"),
    "le": Words("{part} make up at most {value} % of {whole}", "{part}占{whole}至多 {value}%"),
    "gt": Words("{part} make up more than {value} % of {whole}", "{part}占{whole}超过 {value}%"),
    "ge": Words("{part} make up at least {value} % of {whole}", "{part}占{whole}至少 {value}%"),
}
_CLOCKS: Mapping[tuple[str, bool], Words] = {
    ("running", True): Words("the clock {clock} runs", "{clock}时限正在计时"),
    ("running", False): Words("the clock {clock} does not run", "{clock}时限未在计时"),
    ("paused", True): Words("the clock {clock} is paused", "{clock}时限已暂停"),
    ("paused", False): Words("the clock {clock} is not paused", "{clock}时限未暂停"),
    ("overdue", True): Words("the clock {clock} is overdue", "{clock}时限已超"),
    ("overdue", False): Words("the clock {clock} is not overdue", "{clock}时限未超"),
    ("idle", True): Words("the clock {clock} neither runs nor pauses", "{clock}时限未计时也未暂停"),
    ("idle", False): Words("the clock {clock} runs or pauses", "{clock}时限正在计时或已暂停"),
}


def condition(speaker: Speaker, guard: m.Guard, move: m.Move | None = None, holds: bool = True) -> str:
    """A condition as a clause without a full stop; with ``holds`` false, that it does not hold.

    ``move`` is the one whose form an argument stands in.
    """
    return CONDITIONS[type(guard)](speaker, guard, move, holds)


def _all(speaker: Speaker, guard: m.All, move: m.Move | None, holds: bool) -> str:
    parts = [condition(speaker, part, move, holds) for part in guard.parts]
    return _both(speaker, parts) if holds else _either(speaker, parts)


def _any(speaker: Speaker, guard: m.AnyOf, move: m.Move | None, holds: bool) -> str:
    parts = [condition(speaker, part, move, holds) for part in guard.parts]
    return _either(speaker, parts) if holds else _both(speaker, parts)


def _both(speaker: Speaker, parts: list[str]) -> str:
    if not parts:
        return speaker.say("always", "任何情况下")
    return ("，且" if speaker.chinese else ", and ").join(parts)


def _either(speaker: Speaker, parts: list[str]) -> str:
    if not parts:
        return speaker.say("never", "任何情况下均不")
    return ("，或" if speaker.chinese else ", or ").join(parts)


def _not(speaker: Speaker, guard: m.Not, move: m.Move | None, holds: bool) -> str:
    return condition(speaker, guard.part, move, not holds)


def _compare(speaker: Speaker, guard: m.Compare, move: m.Move | None, holds: bool) -> str:
    if guard.source == "counter":
        return _counter(speaker, guard, holds)
    subject = speaker.field(guard.name, move if guard.source == "arg" else None)
    if guard.op == "set":
        return _GIVEN[(guard.value is not False) == holds][speaker.language].format(subject=subject)
    op = guard.op if holds else _DENIED[guard.op]
    if isinstance(guard.value, tuple):
        said = [speaker.value(guard.name, v) for v in guard.value]
        value = speaker.listed(said) if op == "not_in" else speaker.one_of(said)
    else:
        value = speaker.value(guard.name, guard.value)
    return _RELATIONS[op][speaker.language].format(subject=subject, value=value)


def _counter(speaker: Speaker, guard: m.Compare, holds: bool) -> str:
    subject = speaker.counter(guard.name)
    op = guard.op if holds else _DENIED.get(guard.op, "ne")
    if (op, guard.value) in (("lt", 1), ("le", 0), ("eq", 0)):
        return speaker.say("{subject} was never done before", "此前未办理过{subject}", subject=subject)
    if (op, guard.value) in (("ge", 1), ("gt", 0), ("ne", 0)):
        return speaker.say("{subject} was done before", "此前办理过{subject}", subject=subject)
    if op in ("in", "not_in", "set") or not isinstance(guard.value, int):
        values = guard.value if isinstance(guard.value, tuple) else (guard.value,)
        words = _RELATIONS["not_in" if op == "not_in" else "in"]
        times = speaker.say("the number of times of {subject}", "{subject}的办理次数", subject=subject)
        return words[speaker.language].format(subject=times, value=speaker.one_of(str(v) for v in values))
    return _TIMES[op][speaker.language].format(subject=subject, value=guard.value)


def _share(speaker: Speaker, guard: m.Share, move: m.Move | None, holds: bool) -> str:
    part, whole = (_sum(speaker, names, move) for names in (guard.of, guard.within))
    if (guard.op, guard.value) in (("le", 100), ("gt", 100)):
        inside = (guard.op == "le") == holds
        words = Words("{part} are not more than {whole}", "{part}不多于{whole}")
        other = Words("{part} are more than {whole}", "{part}多于{whole}")
        return (words if inside else other)[speaker.language].format(part=part, whole=whole)
    op = guard.op if holds else _DENIED[guard.op]
    return _SHARES[op][speaker.language].format(part=part, value=guard.value, whole=whole)


def _sum(speaker: Speaker, names: tuple[str, ...], move: m.Move | None) -> str:
    said = [speaker.field(name, move) for name in names]
    if len(said) == 1:
        return said[0]
    return speaker.say("{names} together", "{names}合计", names=speaker.listed(said))


def _counts(speaker: Speaker, guard: m.CountOf, _move: m.Move | None, holds: bool) -> str:
    op = guard.op if holds else _DENIED[guard.op]
    live = set(guard.status) == set(LIVE_STATUSES)
    standing = speaker.say("open", "未结束") if live else speaker.one_of(speaker.status(s) for s in guard.status)
    mode = f"{speaker.mode(guard.mode)}" if guard.mode else ""
    if guard.slot == "*":
        subject = speaker.say("{s} part {m}", "{s}的{m}任务", s=standing, m=mode).rstrip()
    else:
        subject = speaker.say(
            "{s} part {slot} {m}", "{s}的{m}{slot}", s=standing, slot=speaker.slot(guard.slot), m=mode
        )
        subject = subject.rstrip()
    if (op, guard.value) in (("lt", 1), ("le", 0), ("eq", 0)):
        return speaker.say("there is no {subject}", "没有{subject}", subject=subject)
    if (op, guard.value) in (("ge", 1), ("gt", 0), ("ne", 0)):
        return speaker.say("there is at least one {subject}", "至少有一项{subject}", subject=subject)
    counted = _PARTS[op][speaker.language].format(subject=subject, value=guard.value)
    return speaker.say("there are {counted}", "{counted}", counted=counted)


def _clock(speaker: Speaker, guard: m.ClockIs, _move: m.Move | None, holds: bool) -> str:
    return _CLOCKS[guard.status, holds][speaker.language].format(clock=speaker.clock(guard.clock))


def _did(speaker: Speaker, guard: m.Did, _move: m.Move | None, holds: bool) -> str:
    if holds:
        return speaker.say("it is the person who did {move} last", "办理人即最近一次{move}的办理人",
                           move=speaker.move(guard.move))  # fmt: skip
    return speaker.say("it is not the person who did {move} last", "办理人不是最近一次{move}的办理人",
                       move=speaker.move(guard.move))  # fmt: skip


def _was_part(speaker: Speaker, guard: m.WasPart, _move: m.Move | None, holds: bool) -> str:
    slot = speaker.slot(guard.slot)
    if holds:
        return speaker.say("the acting unit has or had the part {slot}", "办理单位承担或承担过{slot}", slot=slot)
    return speaker.say("the acting unit never had the part {slot}", "办理单位从未承担{slot}", slot=slot)


def _tagged(speaker: Speaker, guard: m.Tagged, _move: m.Move | None, holds: bool) -> str:
    tag = speaker.quoted(speaker.names("value", guard.tag) or guard.tag)
    if holds:
        return speaker.say("it is marked {tag}", "已标记{tag}", tag=tag)
    return speaker.say("it is not marked {tag}", "未标记{tag}", tag=tag)


CONDITIONS: Mapping[type[object], Callable[[Speaker, Any, m.Move | None, bool], str]] = {
    m.All: _all,
    m.AnyOf: _any,
    m.Not: _not,
    m.Compare: _compare,
    m.Share: _share,
    m.CountOf: _counts,
    m.ClockIs: _clock,
    m.Did: _did,
    m.WasPart: _was_part,
    m.Tagged: _tagged,
}
"""Every kind of condition has its words; a test compares with the vocabulary."""
