"""Answers about the registers of the office and their entries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.cases import AssignmentOut, ClockOut, EventOut, MoveOut
from gewu.surfaces.api.outputs.common import Named, PhotoOut


class MakingOut(Out):
    """How an entry of a register is made."""

    title: str
    hint: str
    needs_photos: dict[str, int] = Field(description="How many scans have to come along.")
    form: dict[str, Any] = Field(description="JSON Schema of the form.")
    href: str


class RegisterOut(Out):
    """A register that the post may look into."""

    name: str = Field(description="Its name in addresses: letters.")
    kind: str = Field(description="What its entries are: letter.")
    title: str
    open: int = Field(description="Open entries in sight; 1001 means more than 1000.")
    late: int = Field(description="Of these, past a deadline.")
    make: MakingOut | None = Field(description="None when the post makes no entries in it.")


class Registers(Out):
    items: list[RegisterOut]


class EntryRowOut(Out):
    """A line of a register. Days are of the district's calendar."""

    id: UUID
    kind: str
    number: str
    version: int
    stage: Named
    ended: bool
    erased: bool
    day: date = Field(description="When it was entered.")
    own_number: str = Field(description="The number that the instruction or the reply to the letter has of its own.")
    own_day: date | None
    unit: Named | None = Field(description="The unit of an order, the body that a letter goes to.")
    variant: Named | None = Field(description="How an instruction came or a letter was sent; the shift of a handover.")
    sent_on: date | None
    due_on: date | None = Field(description="The day by which an answer is expected.")
    clock: Named | None
    due_at: datetime | None = Field(description="The first deadline of a running clock.")
    reminders: int
    returns: int
    relapses: int
    result: Named | None
    matters: int | None = Field(description="Open cases when a handover was listed.")
    late_matters: int | None
    times: dict[str, datetime | None] = Field(description="answered, struck_off, look_back, closed")
    excerpt: str


class EntryPage(Out):
    """Some entries, newest first. ``after`` begins the next page; None at the end."""

    items: list[EntryRowOut]
    after: str | None
    counts: dict[str, int] | None = Field(None, description="open and late; 1001 means more than 1000.")


class EntryCreatedOut(Out):
    """A new entry."""

    id: UUID
    kind: str
    number: str
    version: int
    replayed: bool


class TieOut(Out):
    """What belongs to an entry: a case, or an entry of a register."""

    how: str
    id: UUID
    kind: str = Field(description="case, or the register's kind")
    number: str
    stage: Named
    inward: bool = Field(description="Whether the other one names this entry.")


class StageCountOut(Out):
    """Open cases of a stage."""

    stage: Named
    open: int
    late: int
    soon: int


class MatterOut(Out):
    """An open matter, as it stood when it was listed."""

    number: str
    kind: str
    stage: Named
    due_at: datetime | None
    late: bool
    soon: bool


class MattersOut(Out):
    """What was open when a handover was listed; frozen. Up to 200 cases and 50 entries by number."""

    at: datetime
    until: datetime = Field(description="What falls due by then is soon.")
    stages: list[StageCountOut]
    cases: list[MatterOut]
    cases_not_listed: int
    registers: list[MatterOut]
    registers_not_listed: int


class EntryOut(EntryRowOut):
    """An entry with everything that its page shows."""

    playbook: str
    playbook_version: int
    place: Named
    areas: list[str]
    texts: dict[str, str] | None = Field(description="Its words as they stand now; None once erased.")
    fields: dict[str, str | int | bool | None]
    counters: dict[str, int]
    clocks: list[ClockOut]
    assignments: list[AssignmentOut]
    moves: list[MoveOut]
    links: list[TieOut]
    photos: list[PhotoOut]
    timeline: list[EventOut]
    matters_listed: MattersOut | None = Field(description="Handovers only.")
