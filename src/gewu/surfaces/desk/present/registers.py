"""Entries of the registers as their list and their page show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.cases.queries import PhotoRow
from gewu.core.playbook.model import FormField, Playbook
from gewu.office.kinds import ADDRESS, HANDOVER, INSTRUCTION, LETTER, ORDER
from gewu.office.queries import EntryRow, EntryView, Linked, OpenMatter, OpenMatters, matters_from
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.case import ClockLine, Part, clock_of, part_of
from gewu.surfaces.desk.present.timeline import Entry, Said, link_name, teller
from gewu.surfaces.desk.who import Desk

_HEAD = {
    INSTRUCTION: ("leader", "words"),
    ORDER: ("matter", "demand"),
    LETTER: ("subject", "words"),
    HANDOVER: ("notes",),
}


def titles() -> dict[str, str]:
    """The registers by name, in the order of their tabs."""
    return {
        INSTRUCTION: _("Instructions"),
        ORDER: _("Follow-up orders"),
        LETTER: _("Letters"),
        HANDOVER: _("Handovers"),
    }


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in a list. ``facts`` are short statements beside its words."""

    row: EntryRow
    url: str
    what: str
    who: str
    stage: str
    facts: tuple[Said, ...]
    quiet: bool
    """Whether its clock only waits for its day (a look-back)."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What belongs to an entry."""

    how: str
    number: str
    url: str
    stage: str


@dataclass(frozen=True, slots=True)
class Matter:
    """An open matter of a handover."""

    number: str
    url: str
    stage: str
    due: datetime | None
    late: bool
    soon: bool


@dataclass(frozen=True, slots=True)
class Matters:
    """The open matters of a handover: by stage (open, late, soon), one by one, and how many are not listed."""

    at: datetime
    stages: tuple[tuple[str, int, int, int], ...]
    total: int
    late: int
    soon: int
    cases: tuple[Matter, ...]
    cases_not_listed: int
    registers: tuple[Matter, ...]
    registers_not_listed: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page of an entry needs beside its moves."""

    line: Line
    kind: str
    register: str
    words: tuple[Said, ...]
    facts: tuple[Said, ...]
    parts: tuple[Part, ...]
    clocks: tuple[ClockLine, ...]
    timeline: list[Entry]
    photos: tuple[PhotoRow, ...]
    ties: tuple[Tie, ...]
    matters: Matters | None
    erased: bool


def entry_url(record_id: UUID) -> str:
    """The page of an entry."""
    return reverse("desk:register-entry", args=[record_id])


def line(row: EntryRow, desk: Desk) -> Line:
    """An entry as a list shows it."""
    playbook = desk.playbook_of(row.playbook, row.playbook_version)
    language = desk.language
    spec = playbook.clocks.get(row.clock) if playbook else None
    return Line(
        row,
        entry_url(row.record_id),
        row.excerpt or (_("erased by request") if row.erased else _field(playbook, "variant", row.variant, desk)),
        names.unit(desk.directory, row.unit, language) if row.unit else "",
        names.typeset(words.stage_name(playbook, row.stage, language), language),
        tuple(_facts(row, playbook, desk)),
        spec is not None and bool(spec.move),
    )


def _facts(row: EntryRow, playbook: Playbook | None, desk: Desk) -> list[Said]:
    """What is worth saying of an entry in a list, by register."""
    found: list[Said] = []

    def say(label: str, value: object) -> None:
        if value not in (None, "", 0):
            found.append(Said(label, day(value, desk.language) if isinstance(value, date) else str(value)))

    if row.kind == INSTRUCTION:
        say(_("No."), row.own_number)
        say(_("of"), row.own_day)
    if row.kind == LETTER:
        say(_("Sent"), row.sent_on)
        say(_("Reply"), row.own_number or "")
        say(_("of"), row.own_day)
    if row.kind in (ORDER, INSTRUCTION, LETTER):
        say(_("Answer by"), row.due_on if not row.ended else None)
    if row.kind == HANDOVER:
        say(_("Open"), str(row.matters) if row.matters is not None else "")
        say(_("Late"), row.late)
    say(_("Reminded"), f"{row.reminders}×" if row.reminders else "")
    say(_("Returned"), f"{row.returns}×" if row.returns else "")
    say(_("Came back"), f"{row.relapses}×" if row.relapses else "")
    if row.kind == ORDER and row.result == "holds":
        say(_("Look-back"), _field(playbook, "result", row.result, desk))
    return found


def day(value: date, language: str) -> str:
    """A day with its year, as registers are read years later."""
    if words.chinese(language):
        return names.typeset(f"{value.year}年{value.month}月{value.day}日", language)
    return f"{value.day} {value:%b %Y}"


def _field(playbook: Playbook | None, name: str, value: str, desk: Desk) -> str:
    known: FormField | None = playbook.fields.get(name) if playbook else None
    text = words.choice_name(known, value, desk.language) if known and value in known.choices else value
    return names.typeset(text, desk.language)


def show(view: EntryView, desk: Desk, playbook: Playbook | None) -> Shown:
    """Prepare an entry for its page."""
    language, directory, row = desk.language, desk.directory, view.row
    texts = dict(view.texts or {})
    for event in view.timeline:
        if event.kind == "revise":
            texts |= event.texts or {}
    first = view.timeline[0].kind if view.timeline else ""
    lists = [d["open_matters"] for d in view.details if "open_matters" in d]
    parts = tuple(part_of(a, view.state.clocks, directory, playbook, language) for a in view.state.assignments)
    return Shown(
        line=line(row, desk),
        kind=row.kind,
        register=titles()[row.kind],
        words=tuple(
            Said(names.typeset(words.field_name(playbook, first, name, language), language), texts[name])
            for name in _HEAD[row.kind]
            if texts.get(name)
        ),
        facts=_all_facts(view, playbook, desk),
        parts=tuple(sorted(parts, key=lambda p: not p.live)),
        clocks=tuple(
            clock_of(c, playbook, language) for c in view.state.clocks if not c.assignment and c.status != "stopped"
        ),
        timeline=teller(view, directory, playbook, language).tell(view.timeline),
        photos=view.photos,
        ties=tuple(_tie(link, desk) for link in view.links),
        matters=_matters(matters_from(lists[-1]), desk) if lists else None,
        erased=view.erased,
    )


def _all_facts(view: EntryView, playbook: Playbook | None, desk: Desk) -> tuple[Said, ...]:
    """What the fields of the record say now, in the playbook's words."""
    row, language = view.row, desk.language
    values: dict[str, str] = {
        "own_number": row.own_number,
        "own_day": day(row.own_day, language) if row.own_day else "",
        "unit": names.unit(desk.directory, row.unit, language) if row.unit else "",
        "variant": _field(playbook, "variant", row.variant, desk),
        "sent_on": day(row.sent_on, language) if row.sent_on else "",
        "due_on": day(row.due_on, language) if row.due_on else "",
        "result": _field(playbook, "result", row.result, desk) if row.kind == ORDER else "",
    }
    found = [Said(_("Entered on"), day(row.day, language))]
    found += [
        Said(names.typeset(words.field_name(playbook, "", name, language), language), value)
        for name, value in values.items()
        if value
    ]
    counts = {_("Reminded"): row.reminders, _("Returned"): row.returns, _("Came back"): row.relapses}
    found += [Said(label, f"{count}×") for label, count in counts.items() if count]
    return tuple(found)


def _tie(link: Linked, desk: Desk) -> Tie:
    playbook = desk.playbook_of(link.playbook, link.playbook_version)
    language = desk.language
    how = names.said(playbook.title, language) if link.inward and playbook else link_name(link.how, language)
    url = reverse("desk:case", args=[link.number]) if link.kind == "case" else ""
    if link.kind in ADDRESS:
        url = entry_url(link.record_id)
    stage = names.typeset(words.stage_name(playbook, link.stage, language), language)
    return Tie(how, link.number, url, stage)


def shown_matters(found: OpenMatters, desk: Desk) -> Matters:
    """The open matters as a page shows them, before or after they are frozen."""
    return _matters(found, desk)


def _matters(found: OpenMatters, desk: Desk) -> Matters:
    case_book = desk.playbook
    order = list(case_book.stages) if case_book else []
    stages = sorted(found.stages.items(), key=lambda item: order.index(item[0]) if item[0] in order else 99)
    return Matters(
        datetime.fromtimestamp(found.at, UTC),
        tuple((names.typeset(words.stage_name(case_book, s, desk.language), desk.language), *n) for s, n in stages),
        found.total,
        found.late,
        found.soon,
        tuple(_matter(one, desk, case_book) for one in found.cases),
        found.cases_not_listed,
        tuple(_matter(one, desk, desk.directory.current_playbook(one.kind)) for one in found.registers),
        found.registers_not_listed,
    )


def _matter(one: OpenMatter, desk: Desk, playbook: Playbook | None) -> Matter:
    url = reverse("desk:case", args=[one.number]) if one.kind == "case" else ""
    if one.kind in ADDRESS:
        url = f"{reverse('desk:register', args=[ADDRESS[one.kind]])}?number={one.number}"
    stage = names.typeset(words.stage_name(playbook, one.stage, desk.language), desk.language)
    if one.kind != "case" and playbook is not None:
        stage = f"{names.said(playbook.title, desk.language)} · {stage}"
    due = datetime.fromtimestamp(one.due_at, UTC) if one.due_at else None
    return Matter(one.number, url, stage, due, one.late, one.soon)
