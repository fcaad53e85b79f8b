"""Who speaks: one playbook, one language, and the names that only the district knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gewu.core.deadlines import Limit
from gewu.core.playbook import model as m
from gewu.core.playbook.vocabulary import Words

Names = Callable[[str, str], str]
"""The name of a code, or "" when there is none. Kinds: ``role``, ``unit``, ``person``, ``value`` (outcomes, tags,
kinds of photos and other literal values)."""

_UNITS: Mapping[str, tuple[Words, Words]] = {
    "urgent_minute": (Words("minute", "分钟"), Words("minutes", "分钟")),
    "urgent_hour": (Words("hour", "小时"), Words("hours", "小时")),
    "urgent_day": (Words("day", "天"), Words("days", "天")),
    "work_minute": (Words("working minute", "工作分钟"), Words("working minutes", "工作分钟")),
    "work_hour": (Words("working hour", "工作小时"), Words("working hours", "工作小时")),
    "work_day": (Words("working day", "工作日"), Words("working days", "工作日")),
}


def chinese(language: str) -> bool:
    """Whether words are wanted in Chinese."""
    return language.lower().startswith("zh")


def limit_text(value: int, unit: str, language: str) -> str:
    """``4 working hours``; ``4 工作小时``. ``unit`` is a value of ``TimeUnit``."""
    one, many = _UNITS.get(unit, (Words(unit, unit), Words(unit, unit)))
    return f"{value} {(one if value == 1 else many)[language]}"


def listed(items: Iterable[str], language: str) -> str:
    """Names in a row."""
    return ("、" if chinese(language) else ", ").join(items)


def nameless(_kind: str, _code: str) -> str:
    """No names but those of the playbook itself."""
    return ""


class Speaker:
    """Says what a playbook's names mean, in one language."""

    def __init__(self, playbook: m.Playbook, language: str, names: Names = nameless) -> None:
        self.playbook = playbook
        self.language = language
        self.chinese = chinese(language)
        self.names = names
        self._counted: dict[str, list[str]] = {}
        for move in playbook.moves.values():
            for effect in m.walk(move.effects):
                if isinstance(effect, m.CountUp):
                    self._counted.setdefault(effect.counter, []).append(move.name)

    def say(self, en: str, zh: str, **parts: object) -> str:
        """The sentence of the language, with its parts put in."""
        return (zh if self.chinese else en).format(**parts)

    def quoted(self, text: str) -> str:
        """A title within a sentence."""
        return f"“{text}”"

    def listed(self, items: Iterable[str]) -> str:
        """Names in a row."""
        return listed(items, self.language)

    def one_of(self, items: Iterable[str]) -> str:
        """Names in a row of which one is meant: ``a, b or c``."""
        *first, last = list(items) or [""]
        if not first:
            return last
        return f"{self.listed(first)}{'或' if self.chinese else ' or '}{last}"

    def begun(self, text: str) -> str:
        """The beginning of a sentence."""
        return text if self.chinese else text[:1].upper() + text[1:]

    def sentences(self, items: Iterable[str]) -> str:
        """Sentences one after the other."""
        return ("" if self.chinese else " ").join(items)

    def limit(self, limit: Limit) -> str:
        """How long."""
        return limit_text(limit.value, limit.unit.value, self.language)

    # names

    def move(self, name: str) -> str:
        """A move by its title, in quotes."""
        found = self.playbook.moves.get(name)
        return self.quoted(found.title[self.language] if found else name)

    def moves(self, names: Iterable[str]) -> str:
        """Moves of which any one is meant."""
        return self.one_of([self.move(name) for name in names])

    def stage(self, name: str) -> str:
        """A stage by its title, in quotes."""
        found = self.playbook.stages.get(name)
        return self.quoted(found.title[self.language] if found else name)

    def slot(self, name: str) -> str:
        """A kind of part by its title, in quotes."""
        if name == "*":
            return self.say("any part", "任一任务")
        found = self.playbook.slots.get(name)
        return self.quoted(found.title[self.language] if found else name)

    def clock(self, name: str) -> str:
        """A clock by its title, in quotes."""
        if name == "*":
            return self.say("every clock", "所有时限")
        found = self.playbook.clocks.get(name)
        return self.quoted(found.title[self.language] if found else name)

    def field(self, name: str, move: m.Move | None = None) -> str:
        """A field of the record or of a form by its title, in quotes."""
        form = {f.name: f for f in move.form} if move else {}
        found = form.get(name) or self.playbook.fields.get(name)
        found = found or next((f for v in self.playbook.moves.values() for f in v.form if f.name == name), None)
        return self.quoted(found.title[self.language] if found else name)

    def role(self, code: str) -> str:
        """A role."""
        if code == "reporter":
            return self.say("the reporter", "反映人")
        if code == "holder":
            return self.say("whoever has the part", "经办方")
        return self.names("role", code) or code

    def message(self, code: str) -> str:
        """The words of a notice, in quotes."""
        found = self.playbook.messages.get(code)
        return self.quoted(found[self.language] if found else self.names("value", code) or code)

    def counter(self, name: str) -> str:
        """A counter has no title: it is known by the moves that count it."""
        moves = self._counted.get(name)
        return self.moves(moves) if moves else self.quoted(self.names("value", name) or name)

    def counted_by(self, name: str) -> list[str]:
        """The moves that count a counter, once for each time they do."""
        return self._counted.get(name, [])

    def value(self, field: str, value: object) -> str:
        """A literal value of a field: yes, no, a choice by its title, a code by its name."""
        if value is True:
            return self.say("yes", "是")
        if value is False:
            return self.say("no", "否")
        if value is None or value == "":
            return self.say("nothing", "空")
        if isinstance(value, int):
            return str(value)
        text = str(value)
        if text in _UNITS:
            return self.quoted(_UNITS[text][1][self.language])
        found = self._choice(field, text)
        if not found and field.startswith("tier") and (tier := self.playbook.tiers.get(text)):
            found = tier.title[self.language]
        return self.quoted(found or self.names("value", text) or self._set_by(field, text) or text)

    def _choice(self, name: str, value: str) -> str:
        forms = (f for move in self.playbook.moves.values() for f in move.form if f.name == name)
        for field in (*([self.playbook.fields[name]] if name in self.playbook.fields else []), *forms):
            if value in field.choices and field.choice_titles:
                return field.choice_titles[field.choices.index(value)][self.language]
        return ""

    def _set_by(self, field: str, value: str) -> str:
        """The title of the one move that gives a field this value, where each of its values has one."""
        found: dict[str, set[str]] = {}
        for move in self.playbook.moves.values():
            for e in m.walk(move.effects):
                if (
                    isinstance(e, m.SetField)
                    and e.field == field
                    and isinstance(e.value, str)
                    and e.value[:1] not in "$@="
                ):
                    found.setdefault(e.value, set()).add(move.title[self.language])
        if len(found) < 2 or any(len(titles) > 1 for titles in found.values()):
            return ""
        return next(iter(found.get(value, {""})))

    # who

    def actor(self, rule: m.ActorRule) -> str:
        """Who may act by one rule."""
        if rule.relation == "system":
            return self.say("the system, when a clock runs out", "系统（时限届满时）")
        if rule.relation == "reporter":
            return self.role("reporter")
        role = self.role(rule.role)
        if rule.relation == "any":
            return role
        standing = self._standing(rule)
        if rule.relation == "letter":
            return self.say(
                "{role}, on behalf of a body without an account that has the part {slot}{standing}",
                "{role}（代无账号的单位办理其承担的{slot}{standing}）",
                role=role, slot=self.slot(rule.slot), standing=standing,
            )  # fmt: skip
        return self.say(
            "{role} with the part {slot}{standing}",
            "承担{slot}{standing}的{role}",
            role=role, slot=self.slot(rule.slot), standing=standing,
        )  # fmt: skip

    def _standing(self, rule: m.ActorRule) -> str:
        said = [self.mode(rule.mode)] if rule.mode else []
        said += [self.status(status) for status in rule.status]
        if not said:
            return ""
        return self.say(" ({said})", "（{said}）", said=self.listed(said))

    def mode(self, mode: str) -> str:
        """How a part is held."""
        words = _MODES.get(mode)
        return words[self.language] if words else mode

    def status(self, status: str) -> str:
        """How a part stands."""
        words = _STATUSES.get(status)
        return words[self.language] if words else status

    def told(self, to: str) -> str:
        """One receiver of a notice as a playbook writes it."""
        kind, _, name = to.partition(":")
        if kind == "holder":
            return self.say("whoever has the part {slot}", "{slot}的经办方", slot=self.slot(name))
        if kind == "opened":
            return self.say("whoever gets the part {slot}", "新承担{slot}的一方", slot=self.slot(name))
        return self.role(name if kind == "role" else kind)


_MODES: Mapping[str, Words] = {
    "lead": Words("as lead", "主办"),
    "assist": Words("as assistant", "协办"),
    "sole": Words("alone", "独办"),
}
_STATUSES: Mapping[str, Words] = {
    "open": Words("not yet taken up", "待接收"),
    "taken": Words("taken up", "办理中"),
    "ended": Words("ended", "已结束"),
}
