"""What answers carry. Codes come with the name in the language of the request; instants are ISO 8601 with the zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out


class Named(Out):
    """A code and what it is called."""

    code: str
    name: str


class PostOut(Out):
    """A post: a seat in a unit with one role and a territory."""

    code: str
    name: str
    unit: Named
    roles: list[Named]
    scope: list[str] = Field(description="Place prefixes and area:CODE; what the post sees beside its own work.")


class MeOut(Out):
    """Who asks."""

    district: Named
    timezone: str
    person: Named | None = Field(description="None for a program with a token.")
    post: PostOut
    posts: list[PostOut]


class TokenOut(Out):
    """A new token; its text is shown once and stored nowhere."""

    prefix: str
    token: str
    name: str
    expires: datetime


class LiveTokenOut(Out):
    """A token that still opens something; its text is known to nobody but its program."""

    prefix: str
    name: str
    post: str
    created: datetime
    expires: datetime


class Tokens(Out):
    items: list[LiveTokenOut]


class PhotoOut(Out):
    """A photo."""

    id: UUID
    role: str
    mime: str
    width: int
    height: int
    taken_at: datetime | None = Field(description="As the camera wrote it.")
    lon: float | None
    lat: float | None
    erased: bool = False
    url: str


class PlaceOut(Out):
    """Where something is. ``candidates`` holds every place that comes into question near a boundary."""

    code: str
    name: str
    areas: list[Named]
    candidates: list[Named]
    on_boundary: bool
    synthetic: bool = Field(description="The polygon that decided was generated, not surveyed.")
    lon: float | None
    lat: float | None


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
    """The reporter, in full, masked, or only that there is one: whoever handles the case never sees more."""

    wants_answer: bool
    name: str
    phone: str
    shown: str = Field(description="full, masked or hidden")


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


class FoundOut(Out):
    """A case by its number."""

    id: UUID
    number: str


class CategoryOut(Out):
    """A category of the catalogue."""

    key: str
    kind: str
    code: str
    name: str
    major: Named
    local_extension: bool


class UnitOut(Out):
    """A unit."""

    code: str
    name: str
    kind: str
    parent: str
    path: str
    place: str
    accounts: bool = Field(description="False: takes part by official letter.")


class SeatOut(Out):
    """A post somebody may be assigned at. ``person`` is what form fields of type person take."""

    code: str
    name: str
    unit: Named
    role: Named
    person: str | None
    scope: list[str]


class CandidateOut(Out):
    """A unit that comes into question, best first."""

    unit: Named
    queue: bool = Field(description="The queue for what has no known owner.")
    why: str


class ResponsibleOut(Out):
    """Who answers for a category at a place."""

    unit: Named | None
    queue: bool
    why: str
    candidates: list[CandidateOut]


class Categories(Out):
    items: list[CategoryOut]


class Standards(Out):
    items: list[StandardOut]


class Units(Out):
    items: list[UnitOut]


class Seats(Out):
    items: list[SeatOut]


class Places(Out):
    items: list[Named]


class PlaybookOut(Out):
    """A playbook as programs need it: stages, and moves with their forms."""

    name: str
    version: int
    kind: str
    title: str
    stages: list[Named]
    ends: list[str]
    moves: list[dict[str, Any]]


class NoticeOut(Out):
    """A message inside Gewu."""

    id: UUID
    case: UUID | None
    number: str
    message: Named
    at: datetime
    read_at: datetime | None


class Notices(Out):
    items: list[NoticeOut]
    after: UUID | None


class ReadOut(Out):
    """How many notices were marked."""

    marked: int


class ErasedOut(Out):
    """When the words of a case were erased."""

    id: UUID
    erased_at: datetime


class StatusOut(Out):
    """How the installation is."""

    ok: bool
    database: str
    now: datetime
    ticker_lag_seconds: int = Field(description="How long the earliest due clock has waited.")
    outbox_waiting: int = Field(description="Messages that are due and wait; 1001 means more than 1000.")
    outbox_failed: int


class PublicCreatedOut(Out):
    """Number and code: with both the reporter follows the report."""

    number: str
    code: str
    place: Named
    on_boundary: bool


class PublicEventOut(Out):
    """A step that the reporter may see."""

    at: datetime
    title: str


class FollowOut(Out):
    """How a report stands."""

    number: str
    stage: Named
    ended: bool
    reported_at: datetime
    description: str | None
    place: str
    answer: str | None
    solved: str | None
    satisfied: str | None
    may_follow_up: bool
    steps: list[PublicEventOut]


class ProblemFieldOut(Out):
    """What is wrong with one field."""

    field: str
    code: str
    message: str


class ProblemOut(Out):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    errors: list[ProblemFieldOut] = Field(default_factory=list)
    version: int | None = Field(None, description="The current version, on a conflict.")


class ProblemKindOut(Out):
    """A kind of problem."""

    code: str
    status: int
    title: str
    detail: str


class ProblemKinds(Out):
    items: list[ProblemKindOut]
