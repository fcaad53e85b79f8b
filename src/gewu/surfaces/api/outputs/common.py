"""What many answers have in common."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out


class Named(Out):
    """A code and what it is called."""

    code: str
    name: str


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
