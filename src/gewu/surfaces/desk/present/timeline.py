"""One timeline in which every event, photo, message and clock of a case lives, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from gewu.cases.queries import CaseView, PhotoRow, TimelineEntry
from gewu.core.playbook.model import Playbook
from gewu.registry.directory import Directory
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.look.dates import instant_words, left_words

_QUIET_FIELDS = frozenset({"limit_value", "has_reporter", "source"})
_TOLD_ELSEWHERE = frozenset({"description", "address", "reporter_name", "reporter_phone"})
"""Words of the first event that stand at the head of the page and among the facts."""


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


class Teller:
    """Tells the events of one case in one language."""

    def __init__(self, view: CaseView, directory: Directory, playbook: Playbook | None, language: str) -> None:
        self.directory, self.playbook, self.language = directory, playbook, language
        self.numbers = {str(link.record_id): link.number for link in view.links}
        self.holders: dict[int, str] = {}
        self.slots: dict[int, str] = {}
        self.clocks: dict[str, dict[str, Any]] = {}

    def tell(self, entries: list[TimelineEntry]) -> list[Entry]:
        """All events, oldest first."""
        return [self._entry(entry) for entry in entries]

    def _entry(self, event: TimelineEntry) -> Entry:
        title = words.event_name(self.playbook, event.kind, event.args, self.language)
        entry = Entry(
            event.seq,
            event.at,
            names.typeset(title, self.language),
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
                label = words.field_name(self.playbook, event.kind, name, self.language)
                entry.said.append(Said(names.typeset(label, self.language), texts[name]))
        fields: dict[str, Any] = {}
        for effect in event.effects:
            self._effect(entry, effect, fields)
        entry.effects[:0] = self._fields(fields)
        return entry

    def _who(self, event: TimelineEntry) -> str:
        someone = names.person(self.directory, event.actor, event.unit, self.language)
        if not event.unit or event.unit not in self.directory.units:
            return someone
        unit = names.unit(self.directory, event.unit, self.language)
        return someone if unit in someone else names.listed([someone, unit], self.language)

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
                taker = names.person(self.directory, person, "", self.language) if person else self.holders.get(no, "")
                entry.effects.append(
                    _("%(part)s: taken up by %(who)s") % {"part": self.slots.get(no, ""), "who": taker}
                )
                if person:
                    self.holders[no] = taker
            case ["end", no, outcome]:
                self._ended(entry, no, outcome)
            case ["clock", clock]:
                self._clock(entry, clock)
            case ["set", name, value]:
                fields[name] = value
            case ["tag", tag, True]:
                entry.effects.append(names.typeset(words.name(tag, self.language), self.language))
            case ["block", move, until]:
                self._blocked(entry, move, until)
            case ["link", kind, other]:
                self._linked(entry, kind, other)
            case ["stage", stage]:
                entry.stage = names.typeset(words.stage_name(self.playbook, stage, self.language), self.language)
            case ["notify", sent]:
                self._told(entry, sent)
            case _:
                pass

    def _opened(self, entry: Entry, part: Mapping[str, Any]) -> None:
        slot = words.slot_name(self.playbook, part["slot"], self.language)
        if part["mode"] in ("lead", "assist"):
            mode = words.name(part["mode"], self.language)
            slot = f"{slot}（{mode}）" if words.chinese(self.language) else f"{slot} ({mode})"
        slot = names.typeset(slot, self.language)
        holder = names.holder(self.directory, (part["unit"], part["role"], part["person"]), self.language)
        self.slots[part["no"]], self.holders[part["no"]] = slot, holder
        sentence = _("%(part)s: %(who)s, by official letter") if part["letter"] else _("%(part)s: %(who)s")
        entry.effects.append(sentence % {"part": slot, "who": holder})

    def _ended(self, entry: Entry, no: int, outcome: str) -> None:
        result = names.typeset(words.outcome_name(outcome, self.language), self.language)
        filled = {"part": self.slots.get(no, ""), "who": self.holders.get(no, ""), "result": result}
        entry.effects.append(_("%(part)s, %(who)s: %(result)s") % filled)

    def _clock(self, entry: Entry, clock: dict[str, Any]) -> None:
        before = self.clocks.get(clock["id"])
        self.clocks[clock["id"]] = clock
        name = names.typeset(words.clock_name(self.playbook, clock["spec"], self.language), self.language)
        due = datetime.fromtimestamp(clock["due_at"], UTC)
        filled = {"clock": name, "at": self._when(due)}
        if clock["status"] == "stopped":
            stopped = datetime.fromtimestamp(clock["stopped_at"], UTC)
            late = stopped > due
            filled["left"] = left_words(due, stopped, self.language)
            entry.effects.append(
                (_("%(clock)s: stopped late, %(left)s") if late else _("%(clock)s: stopped in time, %(left)s")) % filled
            )
        elif clock["status"] == "paused":
            entry.effects.append(_("%(clock)s: paused") % filled)
        elif before is None:
            filled["limit"] = names.typeset(
                words.limit_text(clock["limit_value"], clock["unit"], self.language), self.language
            )
            text = _("%(clock)s: until %(at)s") if self._set_by_hand(clock) else _("%(clock)s: %(limit)s, until %(at)s")
            entry.effects.append(text % filled + self._provisional(clock))
        elif before["status"] != "running":
            entry.effects.append(_("%(clock)s: runs again, until %(at)s") % filled + self._provisional(clock))
        elif clock["extended"] > before["extended"]:
            entry.effects.append(_("%(clock)s: extended, until %(at)s") % filled + self._provisional(clock))

    def _set_by_hand(self, clock: Mapping[str, Any]) -> bool:
        spec = self.playbook.clocks.get(clock["spec"]) if self.playbook else None
        return spec is not None and spec.source == "until"

    def _provisional(self, clock: Mapping[str, Any]) -> str:
        if not clock["provisional"]:
            return ""
        return _(" (provisional: the holiday plan of that year is not published)")

    def _blocked(self, entry: Entry, move: str, until: list[str]) -> None:
        title = words.move_name(self.playbook, move, self.language)
        lifts = names.listed((words.move_name(self.playbook, name, self.language) for name in until), self.language)
        entry.effects.append(
            _("%(move)s: closed until one of these is made: %(until)s") % {"move": title, "until": lifts}
        )

    def _linked(self, entry: Entry, kind: str, other: str) -> None:
        entry.effects.append(f"{link_name(kind)} {self.numbers.get(other, '')}".strip())

    def _told(self, entry: Entry, sent: Mapping[str, Any]) -> None:
        told = names.listed((self._receiver(one) for one in sent["to"]), self.language)
        text = names.typeset(words.message_text(self.playbook, sent["message"], self.language), self.language)
        entry.effects.append(_("Told %(who)s: %(text)s") % {"who": told, "text": text})

    def _receiver(self, receiver: Mapping[str, Any]) -> str:
        if receiver.get("reporter"):
            return names.role(self.directory, "reporter", self.language)
        part = (str(receiver.get("unit", "")), str(receiver.get("role", "")), str(receiver.get("person", "")))
        return names.holder(self.directory, part, self.language)

    def _fields(self, fields: Mapping[str, Any]) -> list[str]:
        lines = []
        for name, value in fields.items():
            if value in (None, "", False) or name in _QUIET_FIELDS:
                continue
            if name == "limit_unit":
                label = _("Limit")
                text = words.limit_text(int(fields.get("limit_value") or 0), str(value), self.language)
            else:
                label = words.field_name(self.playbook, "", name, self.language)
                text = self.value(name, value)
            joiner = "：" if words.chinese(self.language) else ": "
            lines.append(names.typeset(f"{label}{joiner}{text}" if text else label, self.language))
        return lines

    def value(self, name: str, value: Any) -> str:
        """The value of a field in words."""
        if value is True:
            return ""
        text = str(value)
        if name == "category":
            return names.category(self.directory, text, self.language)
        if name == "owner":
            found = self.directory.owners.get(text)
            return found.name(self.language) if found else text
        if name == "standard":
            standard = self.directory.standards.get(text)
            return f"{standard.code} {standard.filing[self.language]}" if standard else text
        if name in ("tier", "tier_proposed"):
            return words.tier_name(self.playbook, text, self.language)
        return self._choice(name, text)

    def _choice(self, name: str, text: str) -> str:
        for move in self.playbook.moves.values() if self.playbook else ():
            for one in move.form:
                if one.name == name and text in one.choices:
                    return words.choice_name(one, text, self.language)
        return words.outcome_name(text, self.language)

    def _when(self, at: datetime) -> str:
        return instant_words(timezone.localtime(at), timezone.localtime(), self.language)


def link_name(kind: str) -> str:
    """How another case belongs to this one."""
    known = {
        "merged_into": _("Merged into"),
        "absorbed": _("Took in"),
        "split_into": _("Split off"),
        "split_from": _("Split from"),
    }
    return known.get(kind, kind)
