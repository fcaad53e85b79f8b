"""Generated photos, many at once: what ``attachments.stage`` does for one that somebody sends."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from gewu.ledger import attachments, rows
from gewu.ledger.bulk import copy
from gewu.ledger.keys import Cipher, make_key

_COLUMNS = (
    "district_id", "id", "record_id", "seq", "role", "mime", "size", "sha256", "width", "height", "taken_at", "lon_e6",
    "lat_e6", "uploaded_by", "uploaded_at", "key_id", "wrapped",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo made by a program of ours, so that it need not be sniffed: JPEG bytes and their size in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that somebody takes in for a command to come, under an id chosen beforehand."""

    id: UUID
    picture: Picture
    role: str
    by: str
    at_us: int


def stage_pictures(district_id: int, uploads: Iterable[Upload]) -> int:
    """Take in many generated photos at once: what ``attachments.stage`` does for one. Returns how many.

    The bytes are on disk before the rows that name them are.
    """
    found = []
    for one in uploads:
        plain, key_id, wrapped = make_key(district_id, one.id)
        path = attachments.path_of(district_id, one.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Cipher(plain, district_id, one.id).seal_bytes(one.picture.data))
        picture = one.picture
        found.append(
            (
                district_id, one.id, None, None, one.role, "image/jpeg", len(picture.data),
                hashlib.sha256(picture.data).digest(), picture.width, picture.height, None, None, None, one.by,
                rows.moment_us(one.at_us), key_id, wrapped,
            )
        )  # fmt: skip
    os.sync()
    with transaction.atomic():
        copy("ledger_attachment", _COLUMNS, found)
    return len(found)
