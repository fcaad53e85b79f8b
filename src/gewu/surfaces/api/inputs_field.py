"""What the field sends. Envelopes are checked together, what is in them one by one: a bad one stops no other."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictStr

from gewu.surfaces.api.fields import Code, In, Instant, Prose, Version
from gewu.surfaces.api.inputs import Form, PhotoRole, PositionIn

MOST_ITEMS = 20
Hash = Annotated[StrictStr, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bytes, in hexadecimal.")]
Number = Annotated[int, Field(strict=True, ge=1, le=2_147_483_647)]


class KnownIn(In):
    """Photos that a device would send."""

    hashes: Annotated[list[Hash], Field(min_length=1, max_length=100)]


class UploadForm(In):
    """What comes beside the file."""

    hash: Hash


class FieldPhotoIn(In):
    """A photo that was sent before, by its content, and its role in the file."""

    hash: Hash
    role: PhotoRole = "other"


class ItemIn(In):
    """One thing that was done outside. Its id is that of the command: sent again, it is done once."""

    id: UUID
    seq: Number = Field(description="The number that the device gave it; they count up by one.")
    kind: Literal["report", "fix_on_spot", "move"]
    made_at: Instant = Field(description="When it was done, by the clock of the device.")
    after: UUID | None = Field(None, description="The item that has to be answered before this one.")
    photos: Annotated[list[FieldPhotoIn], Field(default_factory=list, max_length=20)]
    body: dict[str, Any] = Field(
        description="For a report or a fix: form, position, place. "
        "For a move: case, move, form, reason, version, target, position."
    )


class SyncIn(In):
    """What waits on a device, in the order in which it was made."""

    device: UUID = Field(description="Made once by the device, for one person.")
    person: Code = Field(description="Whose device it is: `person` of GET /field/today.")
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=MOST_ITEMS)]


class NewBody(In):
    """A report, or something found and fixed."""

    form: Form
    position: PositionIn | None = None
    place: Code | None = None


class MoveBody(In):
    """A move on a case."""

    case: UUID
    move: Code
    form: Form
    reason: Prose | None = None
    version: Version | None = None
    target: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None
    position: PositionIn | None = Field(None, description="Where it was done, for a move that proves presence.")
