"""Differences between two versions of a playbook, and what hinders a record from going over, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gewu.core.migrate import Hindrance
from gewu.core.playbook import model as m
from gewu.core.playbook.difference import Change, differences
from gewu.core.playbook.vocabulary import Words
from gewu.core.telling.clocks import limit_of
from gewu.core.telling.speech import Names, Speaker, nameless

_SECTIONS: Mapping[str, Words] = {
    "stages": Words("stage", "环节"),
    "slots": Words("kind of part", "任务类型"),
    "tiers": Words("tier", "层级"),
    "fields": Words("field", "字段"),
    "moves": Words("move", "操作"),
    "clocks": Words("clock", "时限"),
    "ladders": Words("ladder", "告知阶梯"),
    "messages": Words("message", "通知"),
}
_WHAT: Mapping[str, Words] = {
    "gone": Words("{section} {name} is gone.", "取消{section}{name}。"),
    "new": Words("{section} {name} is new.", "新增{section}{name}。"),
    "changed": Words("{section} {name} changed: {keys}.", "{section}{name}有变化：{keys}。"),
}
_KEYS: Mapping[str, Words] = {
    "title": Words("title", "名称"),
    "end": Words("whether it is an end", "是否为结束"),
    "after_end": Words("whether it may outlive the end", "结束后可否保留"),
    "items": Words("whether it is a list", "是否为清单"),
    "next": Words("what follows", "后续"),
    "type": Words("type", "类型"),
    "required": Words("whether it is required", "是否必填"),
    "choices": Words("choices", "选项"),
    "choice_titles": Words("names of choices", "选项名称"),
    "minimum": Words("minimum", "最小值"),
    "maximum": Words("maximum", "最大值"),
    "max_days": Words("how far ahead", "最远日期"),
    "hint": Words("help", "说明"),
    "past": Words("whether past days are allowed", "可否为过去日期"),
    "sources": Words("where it may be made", "可办理环节"),
    "to": Words("where it leads", "去向"),
    "additive": Words("whether it needs the version seen", "是否须为最新版本"),
    "direction": Words("direction", "方向"),
    "actors": Words("who may make it", "办理人"),
    "guard": Words("condition", "条件"),
    "form": Words("form", "表单"),
    "photos": Words("photos", "照片"),
    "reason": Words("reason", "理由"),
    "effects": Words("effects", "结果"),
    "key": Words("key", "快捷键"),
    "bulk": Words("whether many at once", "可否批量"),
    "repeats": Words("whether it is done again and again", "可否反复办理"),
    "source": Words("where the limit comes from", "时限来源"),
    "limit": Words("limit", "时限"),
    "tiers": Words("limits by tier", "各层级时限"),
    "optional": Words("whether it may be left out", "可否不计时"),
    "calendar": Words("working time", "工作时间"),
    "warn": Words("warning", "预警"),
    "ladder": Words("ladder", "告知阶梯"),
    "move": Words("what the system does", "系统操作"),
    "resumes": Words("whether it goes on with what was left", "可否续算"),
    "first": Words("who is told first", "首先告知"),
    "rungs": Words("rungs", "各级告知"),
    "en": Words("English words", "英文"),
    "zh": Words("Chinese words", "中文"),
}
_HINDRANCES: Mapping[str, Words] = {
    "other_kind": Words("the new version is for another kind of record: {name}", "新版流程适用于另一类记录：{name}"),
    "stage_gone": Words(
        "it stands at {name}, which the new version does not have: map it (--stage old=new)",
        "现处于{name}，新版没有此环节，请指定对应环节（--stage 旧=新）",
    ),
    "slot_gone": Words(
        "somebody has the part {name}, which the new version does not have: it has to be ended first",
        "尚有人承担{name}，新版没有此类任务，须先结束",
    ),
    "clock_gone": Words(
        "the clock {name} runs, which the new version lacks: map it (--clock old=new) or stop it (--clock old=)",
        "{name}正在计时，新版没有此时限，请指定对应时限（--clock 旧=新）或停止（--clock 旧=）",
    ),
    "stranded": Words("under the new version it could not come to an end: {name}", "按新版将无法办结：{name}"),
    "calendar": Words("its new deadline lies outside all calendars", "新的截止时间超出日历范围"),
    "not_loaded": Words("its version {name} is not loaded", "其所用的第 {name} 版未载入"),
    "held": Words("somebody was changing it: run the command again", "他人正在办理，请再次执行本命令"),
    "newer": Words("it is under version {name} already", "已在第 {name} 版下"),
}


def said_differences(
    old: m.Playbook, new: m.Playbook, language: str, names: Names = nameless
) -> list[tuple[Change, str]]:
    """Every difference with its sentence."""
    before, after = Speaker(old, language, names), Speaker(new, language, names)
    return [(change, _said(before, after, change)) for change in differences(old, new)]


def _said(before: Speaker, after: Speaker, change: Change) -> str:
    speaker = before if change.what == "gone" else after
    keys = speaker.listed(_key(before, after, change, key) for key in change.keys)
    return speaker.begun(_WHAT[change.what][speaker.language].format(
        section=_SECTIONS[change.section][speaker.language], name=_name(speaker, change), keys=keys
    ))  # fmt: skip


def _name(speaker: Speaker, change: Change) -> str:
    entry: Any = getattr(speaker.playbook, change.section)[change.name]
    title = getattr(entry, "title", None)
    words = title[speaker.language] if title is not None else ""
    return f"{speaker.quoted(words)} ({change.name})" if words else change.name


def _key(before: Speaker, after: Speaker, change: Change, key: str) -> str:
    words = _KEYS.get(key)
    name = words[after.language] if words else key
    if change.section == "clocks" and key == "limit":
        limits = [limit_of(s, s.playbook.clocks[change.name]) for s in (before, after)]
        return f"{name} {' → '.join(limits)}"
    return name


def hindrance_text(speaker: Speaker, hindrance: Hindrance) -> str:
    """Why a record cannot go over. ``speaker`` speaks for the version that the record is under."""
    named = {"stage_gone": speaker.stage, "slot_gone": speaker.slot, "clock_gone": speaker.clock}
    name = named[hindrance.code](hindrance.name) if hindrance.code in named else hindrance.name
    return _HINDRANCES[hindrance.code][speaker.language].format(name=name)
