"""A line of a list of cases: what its columns say, with the first words of what was reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gewu.ledger.keys import Cipher, unwrap
from gewu.ledger.rows import FOREVER
from gewu.ledger.store import as_json

EXCERPT = 90
"""Signs of the words that a line shows."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A line of a list."""

    record_id: UUID
    number: str
    outside_number: str
    stage: str
    ended: bool
    version: int
    place: str
    areas: tuple[str, ...]
    category: str
    source: str
    urgent: bool
    flags: tuple[str, ...]
    tags: tuple[str, ...]
    lead_unit: str
    due_at: datetime | None
    clock: str
    clock_started_at: datetime | None
    clock_status: str
    reported_at: datetime
    updated_at: datetime
    excerpt: str
    lon_e6: int | None
    lat_e6: int | None
    playbook: str
    playbook_version: int
    holders: tuple[str, ...] = ()
    warns_at: datetime | None = None
    """From when it is near its deadline: a clock has used the share of its limit at which it warns (80 %)."""
    parts: tuple[tuple[str, str, str], ...] = ()
    """Who has it: unit, role and person of every live part, those inside a unit left out."""


def row_of(district_id: int, row: tuple[Any, ...]) -> CaseRow:
    """A line of a list from the columns of ``COLUMNS``."""
    clocks = live_clocks(as_json(row[15]))
    first = clocks[0] if clocks else None
    texts = open_texts(district_id, row[0], row[24], row[25], row[18])
    parts = tuple(
        (str(a["unit"]), str(a["role"]), str(a["person"]))
        for a in as_json(row[23])
        if a["status"] in ("open", "taken") and a["slot"] != "work"
    )
    return CaseRow(
        record_id=row[0],
        number=row[1],
        outside_number=row[2],
        stage=row[3],
        ended=row[4],
        version=row[5],
        place=row[6],
        areas=tuple(row[7]),
        category=row[8],
        source=row[9],
        urgent=row[10],
        flags=tuple(row[11]),
        tags=tuple(as_json(row[12])),
        lead_unit=row[13],
        due_at=None if row[14] == FOREVER else row[14],
        clock=first["spec"] if first else "",
        clock_started_at=datetime.fromtimestamp(first["started_at"], FOREVER.tzinfo) if first else None,
        clock_status=first["status"] if first else "",
        reported_at=row[16],
        updated_at=row[17],
        excerpt=_excerpt(texts),
        lon_e6=row[19],
        lat_e6=row[20],
        playbook=row[21],
        playbook_version=row[22],
        holders=tuple(unit or role for unit, role, _ in parts),
        warns_at=_warns_at(clocks),
        parts=parts,
    )


def live_clocks(found: Any) -> list[Any]:
    """The clocks of a record's state that run or rest, the one that a list shows first."""
    clocks = [c for c in found if c["status"] in ("running", "paused")]
    return sorted(clocks, key=lambda c: (c["status"] != "running", c["due_at"]))


def warns_at_of(clocks: Any) -> datetime | None:
    """From when a case counts as near its end, of all clocks of its state."""
    return _warns_at(live_clocks(clocks))


def _warns_at(clocks: Sequence[Any]) -> datetime | None:
    """From when a case counts as near its end, of its clocks, the first one first: since ever when one that runs has
    warned (the column ``warned`` says the same), else when the first one is going to."""
    if not clocks:
        return None
    if any(c["status"] == "running" and c["phase"] for c in clocks):
        return datetime.fromtimestamp(clocks[0]["started_at"], FOREVER.tzinfo)
    first = clocks[0]
    return datetime.fromtimestamp(first["next_at"], FOREVER.tzinfo) if first["next_at"] < first["due_at"] else None


def open_texts(district_id: int, record_id: UUID, key_id: str, wrapped: Any, sealed: Any) -> dict[str, str] | None:
    """The words under a ciphertext; None when they were erased."""
    if wrapped is None:
        return None
    if sealed is None:
        return {}
    plain = unwrap(bytes(wrapped), key_id, district_id, record_id)
    return Cipher(plain, district_id, record_id).open(bytes(sealed))


def _excerpt(texts: dict[str, str] | None) -> str:
    if texts is None:
        return ""
    text = " ".join(texts.get("description", "").split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"
