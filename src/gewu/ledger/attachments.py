"""Photos and scans: sniffed, bounded, read for place and time, encrypted on disk, given out without what they know.

A photo is taken in before the command that brings it (``stage``), and tied to it by the door. Its bytes lie under
``GEWU_HOME/attachments`` encrypted with a key of their own; erasing destroys the key and the file.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from gewu.ledger.door import new_id
from gewu.ledger.keys import Cipher, make_key, unwrap

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 60_000_000
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SIZES = {"thumb": 320, "page": 1600}
PDF = "application/pdf"
_PDF_TAIL = 2048
"""Within so many bytes of its end a PDF says that it ends; some writers put a little after it."""


class BadAttachment(Exception):
    """A file that is not taken. ``code``: empty, too_large, not_a_photo, not_a_scan, too_many_pixels, damaged."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Staged:
    """A photo that is in, and waits for its command."""

    id: UUID
    mime: str
    size: int
    width: int
    height: int
    taken_at: datetime | None
    lon_e6: int | None
    lat_e6: int | None


def stage(district_id: int, data: bytes, uploaded_by: str, role: str = "other", *, documents: bool = False) -> Staged:
    """Take in one photo, with ``documents`` also a PDF. Raises ``BadAttachment``; then nothing is kept.

    A PDF is kept as it is and never opened here: no page count, no picture of it, nothing read out of it.
    """
    taken_at, lon_e6, lat_e6, width, height = None, None, None, 0, 0
    if documents and data.startswith(b"%PDF-"):
        mime = _pdf(data)
    else:
        image, mime = _open(data, documents=documents)
        width, height = image.width, image.height
        taken_at, lon_e6, lat_e6 = _exif(image)
    photo_id = new_id()
    plain, key_id, wrapped = make_key(district_id, photo_id)
    _write(path_of(district_id, photo_id), Cipher(plain, district_id, photo_id).seal_bytes(data))
    staged = Staged(photo_id, mime, len(data), width, height, taken_at, lon_e6, lat_e6)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_attachment (district_id, id, record_id, seq, role, mime, size, sha256, width, height,"
            " taken_at, lon_e6, lat_e6, uploaded_by, uploaded_at, key_id, wrapped)"
            " VALUES (%s, %s, NULL, NULL, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                district_id,
                photo_id,
                role,
                mime,
                staged.size,
                hashlib.sha256(data).digest(),
                staged.width,
                staged.height,
                taken_at,
                lon_e6,
                lat_e6,
                uploaded_by,
                datetime.now(UTC),
                key_id,
                wrapped,
            ],
        )
    return staged


def _pdf(data: bytes) -> str:
    """The media type of what begins as a PDF, if it also ends as one."""
    _bounded(data)
    if b"%%EOF" not in data[-_PDF_TAIL:]:
        raise BadAttachment("damaged", "The PDF is damaged or cut off; please scan or send it again.")
    return PDF


def _bounded(data: bytes) -> None:
    if not data:
        raise BadAttachment("empty", "The file is empty.")
    if len(data) > MAX_BYTES:
        raise BadAttachment(
            "too_large", f"The file has {len(data) / 1e6:.1f} MB; {MAX_BYTES // (1024 * 1024)} MB is the most."
        )


def _open(data: bytes, *, documents: bool = False) -> tuple[Image.Image, str]:
    _bounded(data)
    try:
        image = Image.open(io.BytesIO(data), formats=list(FORMATS))
    except Image.DecompressionBombError as error:
        raise BadAttachment("too_many_pixels", "The photo has too many pixels.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        if documents:
            raise BadAttachment(
                "not_a_scan", "The file is neither a JPEG, PNG or WebP photo nor a PDF, whatever its name says."
            ) from error
        raise BadAttachment(
            "not_a_photo", "The file is not a JPEG, PNG or WebP photo, whatever its name says."
        ) from error
    if image.width * image.height > MAX_PIXELS:
        raise BadAttachment("too_many_pixels", f"The photo has more than {MAX_PIXELS // 1_000_000} million pixels.")
    mime = FORMATS[str(image.format)]
    try:
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadAttachment("damaged", "The photo is damaged or cut off; please take or send it again.") from error
    return image, mime


def _exif(image: Image.Image) -> tuple[datetime | None, int | None, int | None]:
    """Time and place that the camera wrote. The time has no zone in most photos: the district's is assumed."""
    try:
        exif = image.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        return None, None, None
    taken = None
    written = details.get(ExifTags.Base.DateTimeOriginal)
    if isinstance(written, str):
        try:
            zone = timezone.get_default_timezone()
            taken = datetime.strptime(written.strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            taken = None
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), 90)
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), 180)
    return taken, (lon if lat is not None else None), (lat if lon is not None else None)


def _degrees(value: Any, reference: Any, most: int) -> int | None:
    try:
        degrees, minutes, seconds = (float(v) for v in value)
        found = degrees + minutes / 60 + seconds / 3600
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not 0 <= found <= most:
        return None
    return round(found * 1_000_000) * (-1 if str(reference).upper() in ("S", "W") else 1)


def path_of(district_id: int, photo_id: UUID) -> Path:
    """Where the encrypted bytes lie."""
    name = photo_id.hex
    return Path(settings.ATTACHMENTS_FOLDER) / str(district_id) / name[-2:] / f"{name}.bin"


def _write(path: Path, data: bytes) -> None:
    """Write and sync, under a name that appears only when whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def read(district_id: int, photo_id: UUID) -> tuple[bytes, str] | None:
    """The original bytes and media type; None when there is no such photo or it was erased."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mime, key_id, wrapped FROM ledger_attachment WHERE district_id = %s AND id = %s",
            [district_id, photo_id],
        )
        row = cursor.fetchone()
    if row is None or row[2] is None:
        return None
    path = path_of(district_id, photo_id)
    if not path.exists():
        return None
    cipher = Cipher(unwrap(bytes(row[2]), row[1], district_id, photo_id), district_id, photo_id)
    return cipher.open_bytes(path.read_bytes()), row[0]


@dataclass(frozen=True, slots=True)
class Held:
    """A photo that somebody sent before. ``free``: no command took it up yet."""

    id: UUID
    sha256: str
    free: bool


def held(district_id: int, hashes: Sequence[str], uploaded_by: str) -> dict[str, list[Held]]:
    """What this person sent with these contents (SHA-256 in hexadecimal), free ones first; erased ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, encode(sha256, 'hex'), record_id IS NULL FROM ledger_attachment WHERE district_id = %s"
            " AND uploaded_by = %s AND sha256 = ANY(%s) AND wrapped IS NOT NULL ORDER BY record_id IS NULL DESC, id",
            [district_id, uploaded_by, [bytes.fromhex(one) for one in hashes]],
        )
        found: dict[str, list[Held]] = {}
        for row in cursor.fetchall():
            found.setdefault(row[1], []).append(Held(*row))
    return found


def again(district_id: int, photo: Held, uploaded_by: str, role: str = "other") -> UUID | None:
    """The same photo once more, to be tied to another event: each keeps its own key. None when its bytes are gone."""
    found = read(district_id, photo.id)
    return stage(district_id, found[0], uploaded_by, role).id if found else None


def keep_copy(district_id: int, record_id: UUID, data: bytes, width: int, height: int, role: str) -> UUID:
    """Keep a JPEG that was made of a record's photo. It belongs to the record, to no event, and goes with its photos.

    Its id is random, so that nothing is told by it. Call it in the transaction that says what it is for.
    """
    copy_id = uuid4()
    plain, key_id, wrapped = make_key(district_id, copy_id)
    _write(path_of(district_id, copy_id), Cipher(plain, district_id, copy_id).seal_bytes(data))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_attachment (district_id, id, record_id, seq, role, mime, size, sha256, width, height,"
            " uploaded_by, uploaded_at, key_id, wrapped)"
            " VALUES (%s, %s, %s, NULL, %s, 'image/jpeg', %s, %s, %s, %s, '', %s, %s, %s)",
            [
                district_id, copy_id, record_id, role, len(data), hashlib.sha256(data).digest(), width, height,
                datetime.now(UTC), key_id, wrapped,
            ],
        )  # fmt: skip
    return copy_id


def drop_copies(district_id: int, ids: Sequence[UUID]) -> None:
    """Delete copies that were kept by ``keep_copy``: the rows now, the files once this transaction is through."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM ledger_attachment WHERE district_id = %s AND id = ANY(%s) AND seq IS NULL"
            " AND record_id IS NOT NULL RETURNING id",
            [district_id, list(ids)],
        )
        paths = [path_of(district_id, row[0]) for row in cursor.fetchall()]

    def unlink() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(unlink)


def clean_copy(data: bytes, size: str = "page") -> bytes:
    """A JPEG of bounded size, upright, without any of the original's metadata."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((SIZES[size], SIZES[size]))
        bare = Image.new("RGB", upright.size)
        bare.paste(upright)
        out = io.BytesIO()
        bare.save(out, "JPEG", quality=82)
        return out.getvalue()


def remove_unbound(district_id: int, before: datetime) -> int:
    """Delete photos that no command took up before this instant. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM ledger_attachment"
            " WHERE district_id = %s AND record_id IS NULL AND uploaded_at < %s RETURNING id",
            [district_id, before],
        )
        ids = [row[0] for row in cursor.fetchall()]
    for photo_id in ids:
        path_of(district_id, photo_id).unlink(missing_ok=True)
    return len(ids)
