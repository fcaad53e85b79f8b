"""One entry of a register with everything its page and its paper show, in at most six statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection

from gewu.cases.queries import PhotoRow, TimelineEntry
from gewu.cases.queries.page import photos_of, timeline_of
from gewu.core.evolve import state_from_json
from gewu.core.records import State
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.ledger.keys import Cipher, unwrap
from gewu.ledger.store import as_json
from gewu.office.kinds import HANDOVER, INSTRUCTION, LETTER, ORDER, NotForPost, readable
from gewu.office.queries.entries import COLUMNS, FROM, EntryRow, row_of
from gewu.office.queries.matters import OpenMatters, matters_from
from gewu.registry.directory import get_directory


@dataclass(frozen=True, slots=True)
class Words:
    """Words that somebody wrote in a move. ``by`` is the actor's key (see ``person_name``), ``unit`` the actor's."""

    at: datetime
    by: str
    unit: str
    text: str
    day: date | None = None
    """The day it happened, where it was written down later."""


@dataclass(frozen=True, slots=True)
class Step:
    """A move without words of its own."""

    at: datetime
    by: str
    unit: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the unit and what became of it: ``returned`` are the words with which it was sent back."""

    given: Words
    returned: Words | None


@dataclass(frozen=True, slots=True)
class LookBack:
    """A look-back: ``result`` is ``holds`` or ``relapsed``, ``words`` what was seen."""

    result: str
    words: Words


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, when. ``by`` is the actor's key; ``remark`` what they wrote beside it."""

    at: datetime
    by: str
    unit: str
    remark: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A case or an entry that belongs to this one. ``kind`` is its record's, ``how`` the kind of link.

    ``inward`` when the other one names this entry.
    """

    how: str
    record_id: UUID
    kind: str
    number: str
    stage: str
    playbook: str
    playbook_version: int
    inward: bool


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as its page shows it. ``texts`` are its first words, None once they are erased."""

    row: EntryRow
    state: State
    texts: dict[str, str] | None
    timeline: list[TimelineEntry]
    photos: tuple[PhotoRow, ...]
    links: tuple[Linked, ...]
    details: tuple[dict[str, Any], ...]
    """The plain facts beside each event, in the order of the timeline."""

    @property
    def erased(self) -> bool:
        """Whether the words were erased."""
        return self.row.erased

    @property
    def cases(self) -> tuple[Linked, ...]:
        """The cases it is about."""
        return tuple(link for link in self.links if link.kind == "case")

    def text(self, name: str) -> str:
        """One of the first words; empty when there is none."""
        return (self.texts or {}).get(name, "")


@dataclass(frozen=True, slots=True)
class InstructionView:
    """A leader's instruction (批示) as written down by an office: its number and day are the instruction's own."""

    entry: EntryView
    leader: str
    words: str
    way: str
    recorded: Step
    arranged: tuple[Words, ...]
    reports: tuple[Words, ...]
    """What was reported back to the leader, and on which day."""
    further: tuple[Words, ...]
    """What the leader said to it."""
    orders: tuple[Linked, ...]
    finished: Words | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """A numbered follow-up order (督办单)."""

    entry: EntryView
    matter: str
    demand: str
    unit: str
    issued: Step
    acknowledged: Step | None
    reminders: tuple[Words, ...]
    progress: tuple[Words, ...]
    answers: tuple[Answer, ...]
    struck_off: Words | None
    """The last striking off (销号), with its remark."""
    look_back_at: datetime | None
    look_backs: tuple[LookBack, ...]
    instructions: tuple[Linked, ...]


@dataclass(frozen=True, slots=True)
class LetterView:
    """An official letter to a body without accounts, and its reply."""

    entry: EntryView
    body: str
    subject: str
    words: str
    drafted: Step
    sent: Step | None
    way: str
    reminders: tuple[Words, ...]
    reply: Words | None
    """``day`` is the day of the reply, ``entry.row.own_number`` its number."""
    closed: Words | None


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A shift handover: the open matters as they were frozen, and two signatures of different persons."""

    entry: EntryView
    shift: str
    notes: str
    opened: Step
    matters: OpenMatters
    outgoing: Signature | None
    incoming: Signature | None


def get_entry(district_id: int, acting: Acting, record_id: UUID) -> EntryView:
    """An entry of any register. Raises ``NotFound`` when there is none, or none that the actor may see; of that kind
    is ``NotForPost``, when the register is not for the actor's roles."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, r.state{FROM} WHERE e.district_id = %s AND e.record_id = %s", [district_id, record_id]
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such entry")
    state = state_from_json(as_json(row[30]))
    if not acting.sees(state.place, state.areas, state.involved):
        raise NotFound("no such entry in your territory")
    if not readable(get_directory(district_id), acting, row[1]):
        raise NotForPost(row[1])
    cipher = None
    if row[29] is not None:
        cipher = Cipher(unwrap(bytes(row[29]), row[28], district_id, record_id), district_id, record_id)
    photos = photos_of(district_id, record_id)
    timeline = timeline_of(district_id, record_id, cipher, photos)
    return EntryView(
        row_of(district_id, row[:30]),
        state,
        timeline[0].texts if timeline else None,
        timeline,
        photos,
        _links(district_id, record_id),
        _details(district_id, record_id),
    )


def get_instruction(district_id: int, acting: Acting, record_id: UUID) -> InstructionView:
    """Raises ``NotFound``, also for an entry of another register."""
    entry = _of(district_id, acting, record_id, INSTRUCTION)
    finished = _said(entry, "finish", "closing_words")
    return InstructionView(
        entry,
        entry.text("leader"),
        entry.text("words"),
        entry.row.variant,
        _step(entry.timeline[0]),
        _said(entry, "arrange", "how"),
        _said(entry, "report_back", "report", "reported_on"),
        _said(entry, "further_words", "words", "said_on"),
        tuple(link for link in entry.links if link.kind == ORDER),
        finished[-1] if finished else None,
    )


def get_order(district_id: int, acting: Acting, record_id: UUID) -> OrderView:
    """Raises ``NotFound``, also for an entry of another register."""
    entry = _of(district_id, acting, record_id, ORDER)
    struck = _said(entry, "strike_off", "opinion")
    return OrderView(
        entry,
        entry.text("matter"),
        entry.text("demand"),
        entry.row.unit,
        _step(entry.timeline[0]),
        _last(entry, "acknowledge"),
        _said(entry, "remind", "note"),
        _said(entry, "progress", "progress"),
        _answers(entry),
        struck[-1] if struck and entry.row.struck_off_at else None,
        entry.row.look_back_at,
        _look_backs(entry),
        tuple(link for link in entry.links if link.kind == INSTRUCTION),
    )


def get_letter(district_id: int, acting: Acting, record_id: UUID) -> LetterView:
    """Raises ``NotFound``, also for an entry of another register."""
    entry = _of(district_id, acting, record_id, LETTER)
    texts = dict(entry.texts or {})
    for later in entry.timeline:
        if later.kind == "revise":
            texts |= later.texts or {}
    replies = _said(entry, "record_reply", "reply", "own_day")
    closed = _said(entry, "close", "note")
    return LetterView(
        entry,
        entry.row.unit,
        texts.get("subject", ""),
        texts.get("words", ""),
        _step(entry.timeline[0]),
        _last(entry, "send"),
        entry.row.variant,
        _said(entry, "remind", "note"),
        replies[-1] if replies else None,
        closed[-1] if closed else None,
    )


def get_handover(district_id: int, acting: Acting, record_id: UUID) -> HandoverView:
    """Raises ``NotFound``, also for an entry of another register."""
    entry = _of(district_id, acting, record_id, HANDOVER)
    lists = [d["open_matters"] for d in entry.details if "open_matters" in d]
    signed = [e for e in entry.timeline if e.kind in ("hand_over", "refuse", "take_over")]
    outgoing = next((e for e in reversed(signed) if e.kind in ("hand_over", "refuse")), None)
    incoming = next((e for e in signed if e.kind == "take_over"), None)
    return HandoverView(
        entry,
        entry.row.variant,
        entry.text("notes"),
        _step(entry.timeline[0]),
        matters_from(lists[-1]),
        _signature(outgoing) if outgoing is not None and outgoing.kind == "hand_over" else None,
        _signature(incoming) if incoming is not None else None,
    )


# ---- from the timeline


def _of(district_id: int, acting: Acting, record_id: UUID, kind: str) -> EntryView:
    entry = get_entry(district_id, acting, record_id)
    if entry.row.kind != kind:
        raise NotFound("the entry is one of another register")
    return entry


def _step(event: TimelineEntry) -> Step:
    return Step(event.at, event.actor, event.unit)


def _last(entry: EntryView, kind: str) -> Step | None:
    found = [e for e in entry.timeline if e.kind == kind]
    return _step(found[-1]) if found else None


def _words(event: TimelineEntry, text: str, day: str = "") -> Words:
    written = event.args.get(day) if day else None
    return Words(
        event.at,
        event.actor,
        event.unit,
        (event.texts or {}).get(text, ""),
        date.fromisoformat(written) if isinstance(written, str) else None,
    )


def _said(entry: EntryView, kind: str, text: str, day: str = "") -> tuple[Words, ...]:
    return tuple(_words(event, text, day) for event in entry.timeline if event.kind == kind)


def _answers(entry: EntryView) -> tuple[Answer, ...]:
    found: list[Answer] = []
    for event in entry.timeline:
        if event.kind == "answer":
            found.append(Answer(_words(event, "answer"), None))
        elif event.kind == "send_back" and found:
            found[-1] = Answer(found[-1].given, _words(event, "reason"))
    return tuple(found)


def _look_backs(entry: EntryView) -> tuple[LookBack, ...]:
    found = []
    for event in entry.timeline:
        if event.kind == "look_back_holds":
            found.append(LookBack("holds", _words(event, "seen")))
        elif event.kind == "look_back_relapsed":
            found.append(LookBack("relapsed", _words(event, "reason")))
    return tuple(found)


def _signature(event: TimelineEntry) -> Signature:
    return Signature(event.at, event.actor, event.unit, (event.texts or {}).get("remark", ""))


# ---- what is beside


def _details(district_id: int, record_id: UUID) -> tuple[dict[str, Any], ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload->'detail' FROM ledger_event WHERE district_id = %s AND record_id = %s ORDER BY seq",
            [district_id, record_id],
        )
        return tuple(as_json(row[0]) or {} if row[0] is not None else {} for row in cursor.fetchall())


def _links(district_id: int, record_id: UUID) -> tuple[Linked, ...]:
    """What this entry names, then the entries that name it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.kind, l.other_id, r.kind, coalesce(c.number, e.number, ''), r.stage, r.playbook,"
            " r.playbook_version, l.inward FROM ("
            " SELECT kind, other_id, seq, false AS inward, district_id FROM ledger_link"
            " WHERE district_id = %s AND record_id = %s"
            " UNION ALL SELECT 'named_by', record_id, 0, true, district_id FROM office_entry"
            " WHERE district_id = %s AND related @> ARRAY[%s]::uuid[]) l"
            " JOIN ledger_record r ON r.district_id = l.district_id AND r.id = l.other_id"
            " LEFT JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
            " LEFT JOIN office_entry e ON e.district_id = r.district_id AND e.record_id = r.id"
            " ORDER BY l.inward, l.seq, l.other_id",
            [district_id, record_id, district_id, record_id],
        )
        return tuple(_once([Linked(*row) for row in cursor.fetchall()], lambda link: link.record_id))


T = TypeVar("T")


def _once(items: Sequence[T], key: Callable[[T], object]) -> list[T]:
    """The first of each key, in order."""
    found: dict[object, T] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())
