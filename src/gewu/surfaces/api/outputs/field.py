"""Answers to the field."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.cases import MoveOut
from gewu.surfaces.api.outputs.common import Named


class KnownOut(Out):
    """Which of the photos need not be sent."""

    known: list[str]


class ChangedOut(Out):
    """What happened to the case since it was seen."""

    title: str
    at: datetime
    who: str


class ItemOut(Out):
    """What became of one item.

    ``accepted`` now, ``replayed`` when it was done before; ``refused`` and ``conflict`` are for a person to look at;
    ``waiting`` is to be sent again: an earlier item or a photo is missing, or somebody holds the case this moment.
    """

    id: UUID
    seq: int
    status: Literal["accepted", "replayed", "refused", "conflict", "waiting"]
    code: str = ""
    detail: str = ""
    case: UUID | None = None
    number: str = ""
    version: int | None = Field(None, description="The case is at this version now.")
    stage: str = ""
    changed: list[ChangedOut] = Field(default_factory=list)


class SyncOut(Out):
    """One answer for each item, in the order of the request."""

    items: list[ItemOut]
    highest: int = Field(description="The highest number that ever came from this device.")
    missing: list[int] = Field(description="Numbers below it that never came, at most 100.")


class TaskOut(Out):
    """A case in which the person has something to do, or a whistle that calls them, with what they need to know on
    the way."""

    id: UUID
    number: str
    version: int
    stage: Named
    parts: list[str] = Field(description="What the person holds in it: verify, check, work ...")
    category: str
    place: str
    words: str
    urgent: bool
    lon: float | None
    lat: float | None
    clock: str
    due_at: datetime | None
    warns_at: datetime | None
    photos: list[UUID]
    moves: list[MoveOut]
    presence: bool = Field(description="The move `arrive` keeps where it was made: at an emergency or a whistle.")


class MakingFieldOut(Out):
    """How something new is entered: the form of a creating move."""

    name: Literal["report", "fix_on_spot"]
    title: str
    needs_photos: dict[str, int]
    form: dict[str, Any]


class TodayOut(Out):
    """Everything a phone keeps for the day."""

    person: str
    name: str
    at: datetime
    more: bool = Field(description="There are more tasks than these 60.")
    tasks: list[TaskOut]
    making: list[MakingFieldOut]


class FieldCategoryOut(Out):
    key: str
    name: str
    major: str


class FieldStandardOut(Out):
    key: str
    category: str
    filing: str
    limit: str


class FieldCatalogueOut(Out):
    """What a phone looks up without a line: categories, standards, places of the post's territory."""

    categories: list[FieldCategoryOut]
    standards: list[FieldStandardOut]
    places: list[Named]
