"""Answers about the registry."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.cases import StandardOut
from gewu.surfaces.api.outputs.common import Named


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
