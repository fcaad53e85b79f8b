"""Clocks, ladders and what a move asks for, in words."""

from __future__ import annotations

from collections.abc import Mapping

from gewu.core.playbook import model as m
from gewu.core.playbook.vocabulary import Words
from gewu.core.telling.speech import Speaker

_SOURCES: Mapping[str, Words] = {
    "fields": Words(
        "Its limit is that of the standard under which the matter was filed.", "时限按所适用的立案结案标准确定。"
    ),
    "until": Words("It runs until the day or hour that is set when it starts.", "开始时即设定截止日期或时间。"),
}


def limit_of(speaker: Speaker, spec: m.ClockSpec) -> str:
    """How long, in a few words: for a label on a drawing."""
    if spec.source == "fixed" and spec.limit is not None:
        return speaker.limit(spec.limit)
    if spec.source == "tier":
        return speaker.say("by tier", "按层级")
    if spec.source == "until":
        return speaker.say("until the day set", "至设定日期")
    return speaker.say("by standard", "按标准")


def limit_sentence(speaker: Speaker, spec: m.ClockSpec) -> str:
    """Where its limit comes from."""
    if spec.source == "fixed" and spec.limit is not None:
        return speaker.say("Its limit is {limit}.", "时限为{limit}。", limit=speaker.limit(spec.limit))
    if spec.source == "tier":
        tiers = speaker.playbook.tiers
        each = speaker.listed(
            speaker.say(
                "{limit} for “{tier}”", "“{tier}”{limit}",
                limit=speaker.limit(limit), tier=tiers[name].title[speaker.language] if name in tiers else name,
            )
            for name, limit in spec.tiers.items()
        )  # fmt: skip
        return speaker.say("Its limit depends on the tier: {each}.", "时限依层级而定：{each}。", each=each)
    return _SOURCES[spec.source][speaker.language]


def clock_sentences(speaker: Speaker, spec: m.ClockSpec) -> list[str]:
    """All about a clock: its limit, by whose time it counts, who is warned, who is told when it runs out."""
    said = [limit_sentence(speaker, spec)]
    if spec.calendar == "unit":
        said.append(speaker.say(
            "It counts by the working time of the unit that has the part.", "按承办单位的工作时间计算。"
        ))  # fmt: skip
    if spec.optional:
        said.append(speaker.say("Without a limit it is not started.", "未设时限则不计时。"))
    if spec.resumes:
        said.append(speaker.say(
            "Given again to the same unit it goes on with what was left; given to another it starts anew.",
            "再次派给同一单位时，按剩余时限继续计算；派给其他单位时重新计算。",
        ))  # fmt: skip
    if spec.warn:
        said.append(speaker.say(
            "At {n} % of it, whoever has the part is warned.", "用去 {n}% 时提醒经办方。", n=spec.warn
        ))  # fmt: skip
    said.append(running_out(speaker, spec))
    return said


def running_out(speaker: Speaker, spec: m.ClockSpec) -> str:
    """What happens when a clock runs out: a move of the system, or a ladder of alerts."""
    said = []
    if spec.move:
        said.append(speaker.say(
            "When it runs out, the system does {move}.", "届满时由系统办理{move}。", move=speaker.move(spec.move)
        ))  # fmt: skip
    ladder = speaker.playbook.ladders.get(spec.ladder)
    if ladder is not None:
        said.append(ladder_sentence(speaker, ladder))
    return speaker.sentences(said)


def ladder_sentence(speaker: Speaker, ladder: m.Ladder) -> str:
    """Who is told, one after the other, when a limit has passed."""
    rung = ladder.rungs[ladder.first]
    said = [speaker.say(
        "When it runs out, whoever has the part and {role} are told", "届满时告知经办方和{role}",
        role=speaker.role(rung.role),
    )]  # fmt: skip
    seen = {rung.name}
    while rung.next and rung.next in ladder.rungs and rung.next not in seen:
        after = speaker.limit(rung.after)
        rung = ladder.rungs[rung.next]
        seen.add(rung.name)
        said.append(
            speaker.say("{after} later {role}", "再过{after}告知{role}", after=after, role=speaker.role(rung.role))
        )
    said.append(speaker.say(
        "and then again every {after} until somebody acts.", "此后每{after}再次告知，直至有人办理。",
        after=speaker.limit(rung.after),
    ))  # fmt: skip
    return ("，" if speaker.chinese else ", ").join(said)


def brought(speaker: Speaker, move: m.Move) -> str:
    """What has to be brought for a move, and what may be; "" when nothing is asked."""
    must = [speaker.field(f.name, move) for f in move.form if f.required]
    may = [speaker.field(f.name, move) for f in move.form if not f.required]
    for kind, n in move.photos.items():
        must.append(_photos(speaker, kind, n))
    if move.reason:
        must.append(speaker.say("a reason", "理由"))
    said = []
    if must:
        said.append(speaker.say("To be brought: {what}.", "须提供：{what}。", what=speaker.listed(must)))
    if may:
        said.append(speaker.say("May be added: {what}.", "可填写：{what}。", what=speaker.listed(may)))
    return speaker.sentences(said)


def _photos(speaker: Speaker, kind: str, n: int) -> str:
    if kind == "any":
        if n == 1:
            return speaker.say("a photo", "照片 1 张")
        return speaker.say("{n} photos", "照片 {n} 张", n=n)
    name = speaker.names("value", kind) or kind
    if n == 1:
        return speaker.say("a photo {name}", "{name}照片 1 张", name=name)
    return speaker.say("{n} photos {name}", "{name}照片 {n} 张", n=n, name=name)
