"""The file of the journal of erasures: what was erased and when, outside the database.

It is read before there is a database to speak of (at a restore), so nothing here needs Django.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from gewu.home.errors import HomeError
from gewu.home.layout import Home

COPY = "copy:"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. ``what``: ``all``, ``photos``, or ``copy:`` with the id of a released copy that was
    taken away from the public."""

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
