"""Effects of the vocabulary in words: what happens when a move is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gewu.core.playbook import model as m
from gewu.core.playbook.vocabulary import Words
from gewu.core.telling.conditions import condition
from gewu.core.telling.speech import Speaker

_ACTS: Mapping[str, Words] = {
    "stop": Words("The clock {clock} stops.", "停止{clock}时限。"),
    "pause": Words("The clock {clock} pauses.", "暂停{clock}时限。"),
    "resume": Words("The clock {clock} goes on.", "恢复{clock}时限。"),
    "extend": Words("The clock {clock} is extended once by its own limit.", "{clock}时限按原时限延长一次。"),
}
_ALL_ACTS: Mapping[str, Words] = {
    "stop": Words("All clocks stop.", "停止全部时限。"),
    "pause": Words("All clocks pause.", "暂停全部时限。"),
    "resume": Words("All paused clocks go on.", "恢复全部已暂停的时限。"),
    "extend": Words("All clocks are extended once by their own limits.", "全部时限按各自原时限延长一次。"),
}
_RELEASED: Mapping[str, Words] = {
    "mine": Words("The own part {slot} ends{outcome}.", "本方的{slot}结束{outcome}。"),
    "assist_mine": Words("The own part {slot} as assistant ends{outcome}.", "本方的协办{slot}结束{outcome}。"),
    "all": Words("All parts {slot} end{outcome}.", "全部{slot}结束{outcome}。"),
    "lead": Words("The lead's part {slot} ends{outcome}.", "主办方的{slot}结束{outcome}。"),
    "assist": Words("The assistants' parts {slot} end{outcome}.", "协办方的{slot}结束{outcome}。"),
}


def consequence(speaker: Speaker, effect: m.EffectSpec, move: m.Move | None = None) -> str:
    """An effect as one sentence, or several. ``move`` is the one whose form values come from."""
    return CONSEQUENCES[type(effect)](speaker, effect, move)


def consequences(
    speaker: Speaker, effects: tuple[m.EffectSpec, ...], move: m.Move | None = None, *, counted: bool = True
) -> list[str]:
    """What happens, in order. What is only remembered is put into one sentence.

    Without ``counted`` it is not said that a move counts itself, which is how it is whenever a condition asks for that.
    """
    said: list[str] = []
    remembered: list[str] = []
    for effect in effects:
        kept = _kept(effect)
        own = isinstance(effect, m.CountUp) and move is not None and speaker.counted_by(effect.counter) == [move.name]
        if kept:
            remembered += [speaker.field(name) for name in kept]
        elif counted or not own:
            said.append(consequence(speaker, effect, move))
    if remembered:
        names = speaker.listed(dict.fromkeys(remembered))
        said.append(speaker.say("Kept with the record: {names}.", "记入档案：{names}。", names=names))
    return said


def _kept(effect: m.EffectSpec) -> list[str]:
    """The fields that an effect takes over as they were written or looked up, if it does nothing else."""
    if isinstance(effect, m.SetField):
        return [effect.field] if isinstance(effect.value, str) and effect.value[:1] in ("$", "@") else []
    if isinstance(effect, m.When) and not effect.otherwise and isinstance(effect.guard, m.Compare):
        guard = effect.guard
        own = [e for e in effect.then if isinstance(e, m.SetField) and e.value == f"${guard.name}"]
        if guard.source == "arg" and guard.op == "set" and len(own) == len(effect.then):
            return [e.field for e in own]
    return []


def _written(speaker: Speaker, written: object, field: str, move: m.Move | None) -> str:
    """A value as a playbook writes it."""
    if isinstance(written, str) and written[:1] == "$":
        return speaker.say(
            "what {field} in the form says", "表单中{field}所填内容", field=speaker.field(written[1:], move)
        )
    if isinstance(written, str) and written[:1] == "@":
        return speaker.say("what is looked up for {field}", "查得的{field}", field=speaker.field(written[1:]))
    if isinstance(written, str) and written[:1] == "=":
        return speaker.say("what {field} says", "{field}的内容", field=speaker.field(written[1:]))
    return speaker.value(field, written)


def _assign(speaker: Speaker, effect: m.Assign, move: m.Move | None) -> str:
    who = _receiver(speaker, effect, move)
    if not who:
        return speaker.say("One more {slot} is put down.", "增列一项{slot}。", slot=speaker.slot(effect.slot))
    mode = "" if effect.mode in ("", "sole") else speaker.say(" {m}", "（{m}）", m=speaker.mode(effect.mode))
    inside = speaker.say(
        ", inside the own part {slot}", "（在本方{slot}之内）", slot=speaker.slot(effect.inside)
    ) if effect.inside else ""  # fmt: skip
    said = speaker.say(
        "{who} gets the part {slot}{mode}{inside}.", "{who}承担{slot}{mode}{inside}。",
        who=speaker.begun(who), slot=speaker.slot(effect.slot), mode=mode, inside=inside,
    )  # fmt: skip
    return speaker.sentences([said, _starting(speaker, effect.clocks)]) if effect.clocks else said


def _receiver(speaker: Speaker, effect: m.Assign, move: m.Move | None) -> str:
    role = speaker.role(effect.role) if effect.role else ""
    if effect.person == "@actor":
        return speaker.say("whoever acts", "办理人本人")
    if effect.unit == "@actor":
        unit = speaker.say("the acting unit", "办理单位")
    elif effect.unit == "@part":
        unit = speaker.say("the unit for which this is done", "本项任务所属单位")
    elif effect.unit[:1] == "$":
        unit = speaker.say("the unit named under {f}", "{f}所指定的单位", f=speaker.field(effect.unit[1:], move))
    else:
        unit = _written(speaker, effect.unit, "", move) if effect.unit else ""
    if unit and role:
        unit = speaker.say("{unit} ({role})", "{unit}（{role}）", unit=unit, role=role)
    anybody = unit or role
    if effect.person[:1] == "$":
        named = speaker.say("whoever is named under {f}", "{f}所指定的人", f=speaker.field(effect.person[1:], move))
    else:
        named = _written(speaker, effect.person, "", move) if effect.person else ""
    if named and anybody:
        return speaker.say("{named}, or else {who}", "{named}（未指定时为{who}）", named=named, who=anybody)
    return named or anybody


def _starting(speaker: Speaker, clocks: tuple[str, ...]) -> str:
    names = speaker.listed(speaker.clock(name) for name in clocks)
    if len(clocks) == 1:
        return speaker.say("The clock {names} starts.", "开始{names}计时。", names=names)
    return speaker.say("The clocks {names} start.", "开始{names}计时。", names=names)


def _take(speaker: Speaker, effect: m.Take, _move: m.Move | None) -> str:
    return speaker.say("Whoever acts takes up the part {slot}.", "办理方接收{slot}。", slot=speaker.slot(effect.slot))


def _release(speaker: Speaker, effect: m.Release, _move: m.Move | None) -> str:
    outcome = speaker.names("value", effect.outcome)
    said = speaker.say(" ({o})", "（{o}）", o=outcome) if outcome else ""
    if effect.slot == "*" and effect.whose == "all":
        return speaker.say("All open parts end{said}.", "全部未结束的任务结束{said}。", said=said)
    kind = speaker.playbook.slots.get(effect.slot)
    if effect.whose == "mine" and kind is not None and kind.items:
        return speaker.say(
            "The {slot} that is meant is struck off{said}.", "所指的{slot}销项{said}。",
            slot=speaker.slot(effect.slot), said=said,
        )  # fmt: skip
    words = _RELEASED.get(effect.whose, _RELEASED["all"])
    slot = "" if effect.slot == "*" else speaker.slot(effect.slot)
    return words[speaker.language].format(slot=slot or speaker.say("of any kind", "任务"), outcome=said)


def _reopen(speaker: Speaker, effect: m.Reopen, _move: m.Move | None) -> str:
    said = speaker.say(
        "Whoever had the part {slot} last gets it again.", "原承办方重新承担{slot}。", slot=speaker.slot(effect.slot)
    )
    return speaker.sentences([said, _starting(speaker, effect.clocks)]) if effect.clocks else said


def _clock(speaker: Speaker, effect: m.ClockAct, move: m.Move | None) -> str:
    if effect.act != "start":
        words = (_ALL_ACTS if effect.clock == "*" else _ACTS)[effect.act]
        return words[speaker.language].format(clock=speaker.clock(effect.clock))
    until = ""
    if effect.until:
        until = speaker.say(" until {v}", "，至{v}", v=_written(speaker, effect.until, "", move))
    part = ""
    if effect.each:
        part = speaker.say(
            " for each that has the part {slot}", "（{slot}各方分别计时）", slot=speaker.slot(effect.slot)
        )
    elif effect.slot:
        part = speaker.say(
            " for whoever has the part {slot}", "（由{slot}的经办方负责）", slot=speaker.slot(effect.slot)
        )
    return speaker.say(
        "The clock {clock} starts{part}{until}.", "开始{clock}计时{part}{until}。",
        clock=speaker.clock(effect.clock), part=part, until=until,
    )  # fmt: skip


def _set(speaker: Speaker, effect: m.SetField, move: m.Move | None) -> str:
    field = speaker.field(effect.field)
    if effect.value is None:
        return speaker.say("{field} is cleared.", "清空{field}。", field=field)
    value = _written(speaker, effect.value, effect.field, move)
    return speaker.say("{field} becomes {value}.", "{field}记为{value}。", field=field, value=value)


def _count(speaker: Speaker, effect: m.CountUp, _move: m.Move | None) -> str:
    return speaker.say(
        "It is counted how often {what} is done.", "{what}的办理次数加一。", what=speaker.counter(effect.counter)
    )


def _tag(speaker: Speaker, effect: m.Tag, _move: m.Move | None) -> str:
    tag = speaker.quoted(speaker.names("value", effect.tag) or effect.tag)
    if effect.on:
        return speaker.say("It is marked {tag}.", "标记{tag}。", tag=tag)
    return speaker.say("The mark {tag} is taken away.", "取消标记{tag}。", tag=tag)


def _block(speaker: Speaker, effect: m.BlockMove, _move: m.Move | None) -> str:
    return speaker.say(
        "From then on nobody may do {move}, until {until} was done.", "此后不得办理{move}，直至办理{until}。",
        move=speaker.move(effect.move), until=speaker.moves(effect.until),
    )  # fmt: skip


def _link(speaker: Speaker, effect: m.LinkTo, move: m.Move | None) -> str:
    other = _written(speaker, effect.record, "", move)
    kind = speaker.names("value", effect.kind)
    said = speaker.say(" ({k})", "（{k}）", k=kind) if kind else ""
    return speaker.say(
        "It is tied to another record: {other}{said}.", "关联另一记录：{other}{said}。", other=other, said=said
    )


def _notify(speaker: Speaker, effect: m.Notify, _move: m.Move | None) -> str:
    told = speaker.listed(speaker.told(to) for to in effect.to)
    return speaker.say(
        "Told to {told}: {message}.", "通知{told}：{message}。", told=told, message=speaker.message(effect.message)
    )


def _place(speaker: Speaker, _effect: m.PlaceAt, _move: m.Move | None) -> str:
    return speaker.say("Its place is where the position was found to lie.", "地点按定位结果确定。")


def _go(speaker: Speaker, effect: m.GoTo, _move: m.Move | None) -> str:
    return speaker.say("It goes to {stage} instead.", "改为进入{stage}。", stage=speaker.stage(effect.stage))


def _when(speaker: Speaker, effect: m.When, move: m.Move | None) -> str:
    if_ = condition(speaker, effect.guard, move)
    then = speaker.sentences(consequences(speaker, effect.then, move))
    other = speaker.sentences(consequences(speaker, effect.otherwise, move))
    if not then:
        denied = condition(speaker, effect.guard, move, False)
        return speaker.say("If {c}: {o}", "如{c}：{o}", c=denied, o=other)
    said = speaker.say("If {c}: {t}", "如{c}：{t}", c=if_, t=then)
    return speaker.sentences([said, speaker.say("Otherwise: {o}", "否则：{o}", o=other)]) if other else said


CONSEQUENCES: Mapping[type[object], Callable[[Speaker, Any, m.Move | None], str]] = {
    m.Assign: _assign,
    m.Take: _take,
    m.Release: _release,
    m.Reopen: _reopen,
    m.ClockAct: _clock,
    m.SetField: _set,
    m.CountUp: _count,
    m.Tag: _tag,
    m.BlockMove: _block,
    m.LinkTo: _link,
    m.Notify: _notify,
    m.PlaceAt: _place,
    m.GoTo: _go,
    m.When: _when,
}
"""Every kind of effect has its words; a test compares with the vocabulary."""
