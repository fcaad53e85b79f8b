"""Answers about notices, the installation, residents and errors."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.common import Named


class NoticeOut(Out):
    """A message inside Gewu."""

    id: UUID
    case: UUID | None
    number: str
    message: Named
    at: datetime
    read_at: datetime | None
    unread: bool


class Notices(Out):
    items: list[NoticeOut]
    after: UUID | None


class ReadOut(Out):
    """How many notices were marked."""

    marked: int


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
