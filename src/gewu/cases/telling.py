"""One timeline in which every event, photo, message and clock of a case lives, in words.

The desk's page and the case sheet tell the same story; how dates and spaces are set is theirs to say (`Manner`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from gewu.cases.queries import PhotoRow, TimelineEntry
from gewu.core.playbook.model import Playbook, Words
from gewu.registry import names
from gewu.registry.directory import Directory

_QUIET_FIELDS = frozenset({"limit_value", "has_reporter", "source"})
_TOLD_ELSEWHERE = frozenset(
    {"description", "address", "reporter_name", "reporter_phone"}  # of a case
    | {"leader", "words", "matter", "demand", "subject", "notes"}  # of an entry in a register
)
"""Words of the first event that stand at the head of the page and among the facts."""

_SOON = timedelta(minutes=5)
"""What reached the ledger within this time counts as done when it came."""

_SENTENCES: Mapping[str, Words] = {
    "outside": Words("done on site {at}, sent later", "现场办理时间：{at}，其后发送"),
    "handed": Words("{part}: from {before} to {who}", "{part}：由{before}转至{who}"),
    "taken": Words("{part}: taken up by {who}", "{part}：{who}已接办"),
    "letter": Words("{part}: {who}, by official letter", "{part}：{who}（公函）"),
    "given": Words("{part}: {who}", "{part}：{who}"),
    "ended": Words("{part}, {who}: {result}", "{part}，{who}：{result}"),
    "late": Words("{clock}: stopped late, {left}", "{clock}时限：已停止，{left}"),
    "kept": Words("{clock}: stopped in time, {left}", "{clock}时限：按时停止，{left}"),
    "paused": Words("{clock}: paused", "{clock}时限：暂停"),
    "until": Words("{clock}: until {at}", "{clock}：至 {at}"),
    "limit_until": Words("{clock}: {limit}, until {at}", "{clock}时限：{limit}，至 {at}"),
    "again": Words("{clock}: runs again, until {at}", "{clock}时限：恢复计时，至 {at}"),
    "extended": Words("{clock}: extended, until {at}", "{clock}时限：已延期，至 {at}"),
    "provisional": Words(
        " (provisional: the holiday plan of that year is not published)", "（暂定：该年放假安排尚未公布）"
    ),
    "blocked": Words(
        "{move}: closed until one of these is made: {until}", "{move}：暂不可办，须先完成以下之一：{until}"
    ),
    "told": Words("Told {who}: {text}", "已通知{who}：{text}"),
    "limit": Words("Limit", "时限"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINKS: Mapping[str, Words] = {
    "merged_into": Words("Merged into", "并入"),
    "absorbed": Words("Took in", "并入本案"),
    "split_into": Words("Split off", "拆出"),
    "split_from": Words("Split from", "拆自"),
    "about": Words("About", "相关案件"),
    "ordered": Words("Follow-up order", "督办单"),
    "ordered_by": Words("From the instruction", "来源批示"),
    "named_by": Words("Belongs to", "关联"),
    "session": Words("From the session", "来源现场办公"),
    "session_case": Words("Case of the session", "交办案件"),
    "tabled_at": Words("On the table of", "提交会议"),
    "decided_at": Words("Decided at", "决定会议"),
    "supervised_by": Words("Supervised by", "督办单"),
    "tabled": Words("Case on the table", "提交案件"),
    "taken_from": Words("Referred by", "提交单位会议"),
    "handed_to": Words("Handed to", "移交"),
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a page or a paper writes: spaces of our own words, instants, and how long is left or past at one."""

    typeset: Callable[[str], str]
    when: Callable[[datetime], str]
    left: Callable[[datetime, datetime], str]


@dataclass(frozen=True, slots=True)
class Said:
    """Words that somebody wrote: what they are, and themselves."""

    label: str
    text: str


@dataclass(slots=True)
class Entry:
    """An event as the page shows it. ``tone``: "" or back, late, soon."""

    seq: int
    at: datetime
    title: str
    who: str
    tone: str
    said: list[Said] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    photos: tuple[PhotoRow, ...] = ()
    stage: str = ""
    erased: bool = False


class Numbered(Protocol):
    """A record with the number by which people know it."""

    @property
    def record_id(self) -> UUID: ...
    @property
    def number(self) -> str: ...


class Linking(Protocol):
    """Whatever knows the records that belong to one: a case, an entry of a register."""

    @property
    def links(self) -> Iterable[Numbered]: ...


class Teller:
    """Tells the events of one record in one language."""

    def __init__(
        self, view: Linking, directory: Directory, playbook: Playbook | None, language: str, manner: Manner
    ) -> None:
        self.directory, self.playbook, self.language, self.manner = directory, playbook, language, manner
        self.numbers = {str(link.record_id): link.number for link in view.links}
        self.holders: dict[int, str] = {}
        self.slots: dict[int, str] = {}
        self.items: set[int] = set()
        self.clocks: dict[str, dict[str, Any]] = {}

    def tell(self, entries: Iterable[TimelineEntry]) -> list[Entry]:
        """All events, oldest first."""
        return [self._entry(entry) for entry in entries]

    def _entry(self, event: TimelineEntry) -> Entry:
        title = names.event_name(self.playbook, event.kind, event.args, self.language)
        entry = Entry(
            event.seq,
            event.at,
            self._set(title),
            self._who(event),
            self._tone(event),
            photos=event.photos,
            erased=event.texts is None,
        )
        move = self.playbook.moves.get(event.kind) if self.playbook else None
        order = [f.name for f in move.form] if move else []
        texts = event.texts or {}
        for name in sorted(texts, key=lambda n: (order.index(n) if n in order else 99, n)):
            if texts[name] and not (event.seq == 1 and name in _TOLD_ELSEWHERE):
                label = names.field_name(self.playbook, event.kind, name, self.language)
                entry.said.append(Said(self._set(label), texts[name]))
        fields: dict[str, Any] = {}
        for effect in event.effects:
            self._effect(entry, effect, fields)
        entry.effects[:0] = self._fields(fields)
        if event.made_at is not None and event.at - event.made_at > _SOON:
            entry.effects.insert(0, self._say("outside", at=self.manner.when(event.made_at)))
        return entry

    def _who(self, event: TimelineEntry) -> str:
        someone = self._person(event.actor, event.unit)
        if not event.unit or event.unit not in self.directory.units:
            return someone
        unit = self._set(names.unit_name(self.directory, event.unit, self.language))
        return someone if unit in someone else self._listed([someone, unit])

    def _tone(self, event: TimelineEntry) -> str:
        if event.kind == "expire":
            return "soon" if event.args.get("phase") == "warned" else "late"
        move = self.playbook.moves.get(event.kind) if self.playbook else None
        return "back" if move is not None and move.direction == "backward" else ""

    # ---- effects

    def _effect(self, entry: Entry, effect: list[Any], fields: dict[str, Any]) -> None:
        match effect:
            case ["open", part]:
                self._opened(entry, part)
            case ["take", no, person]:
                taker = self._person(person, "") if person else self.holders.get(no, "")
                entry.effects.append(self._say("taken", part=self.slots.get(no, ""), who=taker))
                if person:
                    self.holders[no] = taker
            case ["end", no, _] if no in self.items:
                pass  # how it left is what the move says
            case ["end", no, outcome]:
                result = self._set(names.outcome_name(outcome, self.language))
                part, who = self.slots.get(no, ""), self.holders.get(no, "")
                entry.effects.append(self._say("ended", part=part, who=who, result=result))
            case ["hand", no, unit, *_]:
                before = self.holders.get(no, "")
                self.holders[no] = self._holder((unit, "", ""))
                part, who = self.slots.get(no, ""), self.holders[no]
                entry.effects.append(self._say("handed", part=part, before=before, who=who))
            case ["clock", clock]:
                self._clock(entry, clock)
            case ["set", name, value]:
                fields[name] = value
            case ["tag", tag, True]:
                entry.effects.append(self._set(names.name(tag, self.language)))
            case ["block", move, until]:
                title = names.move_name(self.playbook, move, self.language)
                lifts = self._listed(names.move_name(self.playbook, name, self.language) for name in until)
                entry.effects.append(self._say("blocked", move=title, until=lifts))
            case ["link", kind, other]:
                entry.effects.append(f"{link_name(kind, self.language)} {self.numbers.get(other, '')}".strip())
            case ["stage", stage]:
                entry.stage = self._set(names.stage_name(self.playbook, stage, self.language))
            case ["notify", sent]:
                self._told(entry, sent)
            case _:
                pass

    def _opened(self, entry: Entry, part: Mapping[str, Any]) -> None:
        slot = names.slot_name(self.playbook, part["slot"], self.language)
        if part["mode"] in ("lead", "assist"):
            mode = names.name(part["mode"], self.language)
            slot = f"{slot}（{mode}）" if names.chinese(self.language) else f"{slot} ({mode})"
        slot, holder = self._set(slot), self._holder((part["unit"], part["role"], part["person"]))
        self.slots[part["no"]], self.holders[part["no"]] = slot, holder
        known = self.playbook.slots.get(part["slot"]) if self.playbook else None
        if known is not None and known.items:
            self.items.add(part["no"])
            return  # nobody has it: that it lies there is what the move says
        entry.effects.append(self._say("letter" if part["letter"] else "given", part=slot, who=holder))

    def _clock(self, entry: Entry, clock: dict[str, Any]) -> None:
        before = self.clocks.get(clock["id"])
        self.clocks[clock["id"]] = clock
        name = self._set(names.clock_name(self.playbook, clock["spec"], self.language))
        due = datetime.fromtimestamp(clock["due_at"], UTC)
        at = self.manner.when(due)
        if clock["status"] == "stopped":
            stopped = datetime.fromtimestamp(clock["stopped_at"], UTC)
            left = self.manner.left(due, stopped)
            entry.effects.append(self._say("late" if stopped > due else "kept", clock=name, left=left))
        elif clock["status"] == "paused":
            entry.effects.append(self._say("paused", clock=name))
        elif before is None:
            limit = self._set(names.limit_text(clock["limit_value"], clock["unit"], self.language))
            key = "until" if self._set_by_hand(clock) else "limit_until"
            entry.effects.append(self._say(key, clock=name, at=at, limit=limit) + self._provisional(clock))
        elif before["status"] != "running":
            entry.effects.append(self._say("again", clock=name, at=at) + self._provisional(clock))
        elif clock["extended"] > before["extended"]:
            entry.effects.append(self._say("extended", clock=name, at=at) + self._provisional(clock))

    def _set_by_hand(self, clock: Mapping[str, Any]) -> bool:
        spec = self.playbook.clocks.get(clock["spec"]) if self.playbook else None
        return spec is not None and spec.source == "until"

    def _provisional(self, clock: Mapping[str, Any]) -> str:
        return self._say("provisional") if clock["provisional"] else ""

    def _told(self, entry: Entry, sent: Mapping[str, Any]) -> None:
        told = self._listed(self._receiver(one) for one in sent["to"])
        text = self._set(names.message_text(self.playbook, sent["message"], self.language))
        entry.effects.append(self._say("told", who=told, text=text))

    def _receiver(self, receiver: Mapping[str, Any]) -> str:
        if receiver.get("reporter"):
            return self._set(names.role_name(self.directory, "reporter", self.language))
        return self._holder(
            (str(receiver.get("unit", "")), str(receiver.get("role", "")), str(receiver.get("person", "")))
        )

    def _fields(self, fields: Mapping[str, Any]) -> list[str]:
        lines = []
        for name, value in fields.items():
            if value in (None, "", False) or name in _QUIET_FIELDS:
                continue
            if name == "limit_unit":
                case = self.playbook is None or self.playbook.kind == "case"
                label = (
                    self._say("limit") if case else names.field_name(self.playbook, "", "limit_value", self.language)
                )
                text = names.limit_text(int(fields.get("limit_value") or 0), str(value), self.language)
            else:
                label = names.field_name(self.playbook, "", name, self.language)
                text = self.value(name, value)
            joiner = "：" if names.chinese(self.language) else ": "
            lines.append(self._set(f"{label}{joiner}{text}" if text else label))
        return lines

    def value(self, name: str, value: Any) -> str:
        """The value of a field in words."""
        if value is True:
            return ""
        text = str(value)
        if name == "category":
            return self._set(names.category_name(self.directory, text, self.language))
        if name == "owner":
            return names.owner_name(self.directory, text, self.language)
        if name == "standard":
            standard = self.directory.standards.get(text)
            return f"{standard.code} {standard.filing[self.language]}" if standard else text
        if name in ("tier", "tier_proposed"):
            return names.tier_name(self.playbook, text, self.language)
        known = self.playbook.fields.get(name) if self.playbook else None
        if known is not None and known.type == "unit":
            return self._set(names.unit_name(self.directory, text, self.language))
        if known is not None and known.type == "date":
            return _day_text(text, self.language)
        if known is not None and known.type == "instant" and isinstance(value, int):
            return self._set(self.manner.when(datetime.fromtimestamp(value, UTC)))
        return self._choice(name, text)

    def _choice(self, name: str, text: str) -> str:
        known = self.playbook.fields.get(name) if self.playbook else None
        if known is not None and text in known.choices:
            return names.choice_name(known, text, self.language)
        for move in self.playbook.moves.values() if self.playbook else ():
            for one in move.form:
                if one.name == name and text in one.choices:
                    return names.choice_name(one, text, self.language)
        return names.outcome_name(text, self.language)

    # ---- words

    def _set(self, text: str) -> str:
        return self.manner.typeset(text)

    def _say(self, key: str, **filled: str) -> str:
        return _SENTENCES[key][self.language].format(**filled)

    def _listed(self, items: Iterable[str]) -> str:
        return names.listed(dict.fromkeys(item for item in items if item), self.language)

    def _person(self, key: str, unit: str) -> str:
        return self._set(names.at_post_name(self.directory, key, unit, self.language))

    def _holder(self, part: tuple[str, str, str]) -> str:
        return self._set(names.holder_name(self.directory, part, self.language))


def _day_text(text: str, language: str) -> str:
    """A day in full: ``26 Nov 2026``, ``2026年11月26日``."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    if names.chinese(language):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def link_name(kind: str, language: str) -> str:
    """How another case belongs to this one."""
    words = _LINKS.get(kind)
    return words[language] if words else kind
