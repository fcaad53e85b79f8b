"""The points of a round as its events made them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.assessments.kinds import PUBLISHED
from gewu.ledger.keys import Cipher, KeyFault


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of a point. ``role`` is before or after; ``released`` when a person let the public see it."""

    id: UUID
    role: str
    released: bool


@dataclass(slots=True)
class Shown:
    """A point that was nominated. ``title`` and ``words`` are None once erased, and empty when they were not asked for.

    ``built`` when it has a picture after; ``cases`` are the solved cases it comes from.
    """

    no: int
    track: str
    unit: str
    place: str
    at: datetime
    title: str | None = ""
    words: str | None = ""
    result: str | None = ""
    built: bool = False
    withdrawn: bool = False
    cases: list[UUID] = field(default_factory=list)
    photos: list[Picture] = field(default_factory=list)


def points_of(district_id: int, record_id: UUID, cipher: Cipher | None = None) -> list[Shown]:
    """The points of a round by number, withdrawn ones too, in two statements; with a cipher also their words."""
    key: list[Any] = [district_id, record_id]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.seq, j.what, j.entry, j.at, j.unit, j.track, j.place, j.case_id, j.photo, e.sealed"
            " FROM assessments_entry j"
            " JOIN ledger_event e ON e.district_id = j.district_id AND e.record_id = j.record_id AND e.seq = j.seq"
            " WHERE j.district_id = %s AND j.record_id = %s ORDER BY j.seq",
            key,
        )
        events = cursor.fetchall()
        cursor.execute(
            "SELECT seq, id, role FROM ledger_attachment WHERE district_id = %s AND record_id = %s"
            " AND wrapped IS NOT NULL AND mime LIKE 'image/%%' ORDER BY id",
            key,
        )
        pictures: dict[int, list[tuple[UUID, str]]] = {}
        for seq, photo, role in cursor.fetchall():
            pictures.setdefault(seq, []).append((photo, role))
    released = _released(events)
    found: dict[int, Shown] = {}
    for seq, what, entry, at, unit, track, place, case_id, _photo, sealed in events:
        if what == "nominate":
            found[seq] = Shown(seq, track, unit, place, at)
        point = found.get(entry)
        if point is None:
            continue
        if case_id is not None and case_id not in point.cases:
            point.cases.append(case_id)
        point.photos += [Picture(p, role, p in released) for p, role in pictures.get(seq, ())]
        if any(p.role == "after" for p in point.photos):
            point.built = True
        if what == "withdraw_entry":
            point.withdrawn = True
        if cipher is not None and what in ("nominate", "report_built"):
            _words(point, cipher, what, sealed)
    return list(found.values())


def _released(events: list[tuple[object, ...]]) -> set[object]:
    released: set[object] = set()
    for row in events:
        if row[1] == "release_photo":
            released.add(row[8])
        elif row[1] == "withdraw_photo":
            released.discard(row[8])
    return released


def _words(point: Shown, cipher: Cipher, what: str, sealed: object) -> None:
    try:
        texts = cipher.open(bytes(sealed)) if isinstance(sealed, (bytes, memoryview)) else {}
    except KeyFault:
        point.title = point.words = point.result = None
        return
    if what == "nominate":
        point.title, point.words = texts.get("title", ""), texts.get("words", "")
    else:
        point.result = texts.get("result", "") or point.result


def is_public(district_id: int, photo: UUID) -> bool:
    """Whether a person released this photo, and its round is published. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.what, r.stage FROM assessments_entry j"
            " JOIN ledger_record r ON r.district_id = j.district_id AND r.id = j.record_id"
            " WHERE j.district_id = %s AND j.photo = %s ORDER BY j.seq DESC LIMIT 1",
            [district_id, photo],
        )
        row = cursor.fetchone()
    return row is not None and row[0] == "release_photo" and row[1] == PUBLISHED
