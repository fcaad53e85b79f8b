"""The journal of erasures: what was erased and when, in a file outside the database.

A backup that was made before an erasing still holds the wrapped key. So each erasing is also written down in
``GEWU_HOME/erasures.jsonl``; a restored system reads the journal and forgets again. A line names no person but the
post's holder by number, and no word of the record.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.home.errors import HomeError
from gewu.home.layout import Home
from gewu.ledger.door import SYSTEM
from gewu.ledger.erasure import Erasing, erase, erase_photos
from gewu.ledger.errors import NotFound

REPEATED = "restore"
"""The reason of an erasing that is repeated after a restore; it is in the journal already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. ``what``: ``all`` or ``photos``."""

    district_id: int
    record_id: UUID
    at: datetime
    what: str = "all"
    reason: str = "request"
    by: str = ""

    def line(self) -> str:
        """As it stands in the file."""
        data = {
            "district": self.district_id,
            "record": str(self.record_id),
            "at": self.at.astimezone(UTC).isoformat(),
            "what": self.what,
            "reason": self.reason,
            "by": self.by,
        }
        return json.dumps(data) + "\n"

    @property
    def key(self) -> tuple[int, UUID, str]:
        """What makes two lines the same erasing."""
        return self.district_id, self.record_id, self.what


def journal_of(home: Home | None = None) -> Path:
    """Where the journal lies."""
    return (home or Home.current()).path / "erasures.jsonl"


def note(erasing: Erasing) -> None:
    """Write an erasing down, as the last thing before it is committed (see ``gewu.ledger.erasure.watch``).

    Before, not after: if the commit then fails, a restored system forgets what somebody meant to be forgotten; the
    other way round it would remember what was to be forgotten.
    """
    if erasing.reason == REPEATED:
        return
    append(
        [Entry(erasing.district_id, erasing.record_id, erasing.at, erasing.what, erasing.reason, erasing.by)],
        Home.current(),
    )


def append(entries: Iterable[Entry], home: Home) -> None:
    """Add lines to the journal and see them on the disk."""
    text = "".join(entry.line() for entry in entries).encode()
    if not text:
        return
    descriptor = os.open(journal_of(home), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, text)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path) -> Iterator[Entry]:
    """The lines of a journal. Raises ``HomeError`` naming the line that is none; half a last line is passed over."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(f"The journal of erasures {path} cannot be read ({error}).") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            yield Entry(
                int(data["district"]),
                UUID(data["record"]),
                datetime.fromisoformat(data["at"]),
                str(data["what"]),
                str(data["reason"]),
                str(data["by"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if number == len(lines) and not line.endswith("\n"):
                return  # the process was killed while it wrote; that erasing was not committed
            raise HomeError(f"Line {number} of the journal of erasures {path} is not one of its lines.") from error


def merged(paths: Sequence[Path]) -> list[Entry]:
    """The erasures of several journals, each once, the earliest first."""
    found: dict[tuple[int, UUID, str], Entry] = {}
    for path in paths:
        for entry in read(path):
            known = found.get(entry.key)
            if known is None or entry.at < known.at:
                found[entry.key] = entry
    return sorted(found.values(), key=lambda entry: (entry.at, entry.record_id))


def replay(entries: Iterable[Entry]) -> tuple[int, int]:
    """Erase again what a journal names. Returns (erased now, not there): what is erased already counts as neither."""
    done = missing = 0
    for entry in entries:
        if _is_forgotten(entry):
            continue
        try:
            if entry.what == "photos":
                erase_photos(entry.district_id, entry.record_id, SYSTEM, reason=REPEATED, at=entry.at)
            else:
                erase(entry.district_id, entry.record_id, SYSTEM, reason=REPEATED, at=entry.at)
            done += 1
        except NotFound:
            missing += 1  # the record is younger than the backup
    return done, missing


def _is_forgotten(entry: Entry) -> bool:
    if entry.what == "photos":
        query = (
            "SELECT NOT EXISTS (SELECT FROM ledger_attachment WHERE district_id = %s AND record_id = %s"
            " AND wrapped IS NOT NULL) AND EXISTS (SELECT FROM ledger_record WHERE district_id = %s AND id = %s)"
        )
        params: list[Any] = [entry.district_id, entry.record_id, entry.district_id, entry.record_id]
    else:
        query = (
            "SELECT EXISTS (SELECT FROM ledger_recordkey WHERE district_id = %s AND record_id = %s"
            " AND wrapped IS NULL AND erased_at IS NOT NULL)"
        )
        params = [entry.district_id, entry.record_id]
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return bool(cursor.fetchone()[0])
