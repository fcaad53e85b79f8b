"""Answers about cases and moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.common import Named, PhotoOut, PlaceOut


class CreatedOut(Out):
    """A new case."""

    id: UUID
    number: str
    follow_code: str = Field(description="With the number it opens the report to its reporter.")
    version: int
    place: PlaceOut
    replayed: bool


class MovedOut(Out):
    """What a move did."""

    id: UUID
    move: str
    version: int
    at: datetime
    stage: Named = Field(description="The stage after the move.")
    due_at: datetime | None
    replayed: bool


class MergedOut(Out):
    """Both cases of a merger."""

    merged: MovedOut
    into: MovedOut


class BulkItemOut(Out):
    """One case of a bulk act: what it did, or why it was left as it was."""

    id: UUID
    ok: bool
    version: int | None
    code: str = ""
    detail: str = ""


class BulkOut(Out):
    """A bulk act."""

    done: int
    left: int
    items: list[BulkItemOut]


class CaseRowOut(Out):
    """A line of a list."""

    id: UUID
    number: str
    outside_number: str
    version: int
    stage: Named
    ended: bool
    urgent: bool
    place: Named
    areas: list[str]
    category: Named | None
    source: str
    lead_unit: Named | None
    holders: list[str]
    clock: Named | None
    clock_status: str
    due_at: datetime | None
    reported_at: datetime
    updated_at: datetime
    excerpt: str
    flags: list[str]
    tags: list[str]
    lon: float | None
    lat: float | None


class CasePage(Out):
    """Some cases. ``after`` begins the next page; None at the end."""

    items: list[CaseRowOut]
    after: str | None
    counts: dict[str, int] | None = Field(None, description="Open cases by stage; 1001 means more than 1000.")


class NearOut(Out):
    """A case near by."""

    case: CaseRowOut
    why: str = Field(description="The reasons in words: same category, 40 m away, 2 days ago.")
    category: str = Field(description="same, major, or empty.")
    distance_m: int | None = Field(description="None where one of the two has no position.")
    closed_at: datetime | None
    joinable: bool = Field(description="Whether a further person may join it now.")


class NearPage(Out):
    """Cases near by, best first."""

    items: list[NearOut]


class JoinedOut(Out):
    """A case that somebody joined."""

    id: UUID
    number: str
    follow_code: str = Field(description="This person's own: it opens their words and the answer, nobody else's.")
    version: int
    replayed: bool


class ClockOut(Out):
    """A deadline."""

    id: str
    clock: Named
    status: str
    unit: Named | None
    limit: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    overdue: bool
    extended: int
    provisional: bool = Field(description="Counted over days whose holiday plan is not published yet.")


class AssignmentOut(Out):
    """A part in the case."""

    no: int
    slot: Named
    mode: str
    unit: Named | None
    role: Named | None
    person: Named | None
    letter: bool = Field(description="The body has no account and takes part by official letter.")
    status: str
    outcome: Named | None
    opened_at: datetime
    ended_at: datetime | None
    mine: bool


class ReasonOut(Out):
    """Why a move is closed."""

    code: str
    detail: str


class MoveOut(Out):
    """A move of the playbook from the present stage."""

    name: str
    title: str
    hint: str
    open: bool
    closed_because: ReasonOut | None
    additive: bool = Field(description="An additive move needs no If-Match.")
    direction: str
    needs_reason: bool
    needs_photos: dict[str, int]
    bulk: bool
    form: dict[str, Any] = Field(description="JSON Schema of the form.")
    href: str


class EventOut(Out):
    """One entry of the timeline."""

    seq: int
    at: datetime
    kind: str
    title: str
    actor: Named
    unit: Named | None
    args: dict[str, Any]
    texts: dict[str, str] | None = Field(description="None once erased.")
    photos: list[UUID]


class LinkOut(Out):
    """A tie to another case."""

    kind: str
    id: UUID
    number: str
    stage: Named


class StandardOut(Out):
    """A filing and closing standard."""

    key: str
    category: str
    filing: str
    closing: str
    limit: str
    limit_value: int
    limit_unit: str
    urgent: bool
    limit_status: str = Field(description="official or assumption")


class ReporterOut(Out):
    """The reporter, masked, or only that there is one: whoever handles the case never sees more.

    `POST /cases/{number}/reveal` shows name and telephone, and writes down who saw them.
    """

    wants_answer: bool
    name: str
    phone: str
    shown: str = Field(description="masked or hidden")


class CaseOut(Out):
    """A case with everything that its page shows."""

    id: UUID
    number: str
    outside_number: str
    version: int
    playbook: str
    playbook_version: int
    stage: Named
    ended: bool
    erased: bool
    place: PlaceOut
    category: Named | None
    owner: Named | None
    standard: StandardOut | None
    source: str
    urgent: bool
    tier: Named | None
    lead_unit: Named | None
    texts: dict[str, str] | None
    reporter: ReporterOut | None
    fields: dict[str, str | int | bool | None]
    counters: dict[str, int]
    flags: list[str]
    tags: list[str]
    due_at: datetime | None
    times: dict[str, datetime | None]
    clocks: list[ClockOut]
    assignments: list[AssignmentOut]
    moves: list[MoveOut]
    links: list[LinkOut]
    photos: list[PhotoOut]
    timeline: list[EventOut]


class RevealedOut(Out):
    """Somebody who reported the case, or joined it."""

    seq: int = Field(description="The event by which: 1 is the first reporter's.")
    at: datetime
    name: str
    phone: str


class RevealOut(Out):
    """The reporters of a case. That they were shown, to whom and what for, is written down for good."""

    number: str
    reporters: list[RevealedOut]
    revealed_at: datetime


class FoundOut(Out):
    """A case by its number."""

    id: UUID
    number: str


class ErasedOut(Out):
    """When the words of a case were erased."""

    id: UUID
    erased_at: datetime
