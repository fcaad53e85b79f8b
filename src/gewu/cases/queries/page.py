"""One case with everything its page shows, in at most five statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries.lists import COLUMNS, FROM
from gewu.cases.queries.rows import CaseRow, row_of
from gewu.core.evolve import state_from_json
from gewu.core.records import State
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.ledger.keys import Cipher, KeyFault, unwrap
from gewu.ledger.store import as_json


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a case as a page shows it. ``texts`` is None once erased."""

    seq: int
    at: datetime
    kind: str
    actor: str
    unit: str
    effects: list[Any]
    args: dict[str, Any]
    texts: dict[str, str] | None
    photos: tuple[PhotoRow, ...]
    made_at: datetime | None = None
    """When it was done, where that was before it could be sent."""


@dataclass(frozen=True, slots=True)
class PhotoRow:
    id: UUID
    role: str
    mime: str
    width: int
    height: int
    taken_at: datetime | None
    lon_e6: int | None
    lat_e6: int | None
    erased: bool
    seq: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    kind: str
    record_id: UUID
    number: str
    stage: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything a case page needs, in at most five statements."""

    row: CaseRow
    state: State
    texts: dict[str, str] | None
    erased: bool
    candidates: tuple[str, ...]
    owner: str
    standard: str
    has_reporter: bool
    timeline: list[TimelineEntry]
    photos: tuple[PhotoRow, ...]
    links: list[LinkRow]
    times: dict[str, datetime | None] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def get_case(district_id: int, acting: Acting, record_id: UUID, *, private: bool = False) -> CaseView:
    """A case with its timeline. Names and telephones of reporters are masked unless ``private`` is True.

    No page asks for them unmasked: showing them is an act of its own, which is written down (``gewu.keeping.reveals``).

    Raises ``NotFound`` when there is none, or none that the actor may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, r.state, r.involved, c.candidates, c.owner, c.standard, c.has_reporter,"
            " c.filed_at, c.dispatched_at, c.handled_at, c.closed_at, c.returns, c.reworks, c.reminders"
            f"{FROM} WHERE r.district_id = %s AND r.id = %s AND r.kind = 'case'",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such case")
    state = state_from_json(as_json(row[26]))
    if "reporter" not in acting.actor.roles and not acting.sees(state.place, state.areas, state.involved):
        raise NotFound("no such case in your territory")
    erased = row[25] is None
    cipher = None
    if not erased:
        cipher = Cipher(unwrap(bytes(row[25]), row[24], district_id, record_id), district_id, record_id)
    photos = photos_of(district_id, record_id)
    timeline = timeline_of(district_id, record_id, cipher, photos, private)
    texts = timeline[0].texts if timeline else None
    return CaseView(
        row=row_of(district_id, row),
        state=state,
        texts=texts,
        erased=erased,
        candidates=tuple(row[28]),
        owner=row[29],
        standard=row[30],
        has_reporter=row[31],
        timeline=timeline,
        photos=photos,
        links=_links(district_id, record_id),
        times=dict(zip(("filed", "dispatched", "handled", "closed"), row[32:36], strict=True)),
        counts=dict(zip(("returns", "reworks", "reminders"), row[36:39], strict=True)),
    )


PRIVATE_TEXTS = ("reporter_name", "reporter_phone")


def timeline_of(
    district_id: int, record_id: UUID, cipher: Cipher | None, photos: Sequence[PhotoRow], private: bool = True
) -> list[TimelineEntry]:
    """The events of a record, oldest first, in one statement. Without a cipher the words count as erased."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, at, kind, actor, unit, payload, sealed FROM ledger_event"
            " WHERE district_id = %s AND record_id = %s ORDER BY seq",
            [district_id, record_id],
        )
        found = cursor.fetchall()
    entries = []
    for seq, at, kind, actor, unit, payload_text, sealed in found:
        payload = as_json(payload_text)
        texts: dict[str, str] | None = {}
        if sealed is not None:
            try:
                texts = cipher.open(bytes(sealed)) if cipher else None
            except KeyFault:
                texts = None
        if texts and not private:
            texts = {k: mask(k, v) if k in PRIVATE_TEXTS else v for k, v in texts.items()}
        entries.append(
            TimelineEntry(
                seq,
                at,
                kind,
                actor,
                unit,
                payload["effects"],
                payload.get("args", {}),
                texts,
                tuple(p for p in photos if p.seq == seq),
                _made_at(payload),
            )
        )
    return entries


def _made_at(payload: dict[str, Any]) -> datetime | None:
    made_at = payload.get("detail", {}).get("made_at")
    return datetime.fromtimestamp(made_at, UTC) if made_at else None


def mask(name: str, value: str) -> str:
    """``张三`` becomes ``张*``, ``13812345678`` becomes ``138****5678``."""
    if name == "reporter_phone":
        return value[:3] + "****" + value[-4:] if len(value) >= 8 else "****"
    return value[:1] + "*" * max(1, len(value) - 1)


def photos_of(district_id: int, record_id: UUID) -> tuple[PhotoRow, ...]:
    """What came with the events of a record, oldest first, in one statement; copies made for the public did not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, role, mime, width, height, taken_at, lon_e6, lat_e6, wrapped IS NULL, seq"
            " FROM ledger_attachment"
            " WHERE district_id = %s AND record_id = %s AND seq IS NOT NULL ORDER BY id",
            [district_id, record_id],
        )
        return tuple(PhotoRow(*row) for row in cursor.fetchall())


def _links(district_id: int, record_id: UUID) -> list[LinkRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.kind, l.other_id, c.number, r.stage FROM ledger_link l"
            " JOIN cases_case c ON c.district_id = l.district_id AND c.record_id = l.other_id"
            " JOIN ledger_record r ON r.district_id = l.district_id AND r.id = l.other_id"
            " WHERE l.district_id = %s AND l.record_id = %s ORDER BY l.seq",
            [district_id, record_id],
        )
        return [LinkRow(*row) for row in cursor.fetchall()]
