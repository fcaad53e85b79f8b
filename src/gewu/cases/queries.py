"""Reads of cases, each a bounded number of statements. Lists page by keyset; counts are capped.

Visible = place prefix or area or overlap with involved; the reporter's name is masked to whoever does not need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.core.evolve import state_from_json
from gewu.core.records import State
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.ledger.keys import Cipher, KeyFault, unwrap
from gewu.ledger.rows import FOREVER
from gewu.ledger.store import as_json

PAGE = 50
CAP = 1000
"""Counts stop here and are shown as "1000+"."""

EXCERPT = 90


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


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows. ``queue`` "mine" are cases in which the actor's unit, post or person has a live part."""

    stages: tuple[str, ...] = ()
    ended: bool | None = None
    overdue_at: datetime | None = None
    category: str = ""
    place: str = ""
    area: str = ""
    unit: str = ""
    number: str = ""
    source: str = ""
    mine: bool = False
    order: str = "due"
    """``due``: earliest deadline first. ``recent``: newest first."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows and where the next ones begin; ``after`` is None at the end."""

    rows: list[CaseRow]
    after: str | None


class BadCursor(ValueError):
    """The mark of the next page is not one that a list gave."""


_COLUMNS = (
    "r.id, c.number, c.outside_number, r.stage, r.ended, r.version, r.place, r.areas, c.category, c.source, c.urgent,"
    " c.flags, r.state->'tags', c.lead_unit, r.due_at, r.state->'clocks', c.reported_at, r.updated_at, c.sealed,"
    " c.lon_e6, c.lat_e6, r.playbook, r.playbook_version, r.state->'assignments', k.key_id, k.wrapped"
)
_FROM = (
    " FROM ledger_record r"
    " JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
    " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
)


def list_cases(
    district_id: int, acting: Acting, wanted: Filter, *, after: str | None = None, limit: int = PAGE
) -> Page:
    """One page of cases, in one statement."""
    where, params = _where(district_id, acting, wanted)
    if wanted.order == "recent":
        order = "r.id DESC"
        if after:
            where.append("r.id < %s")
            params.append(_uuid(after))
    else:
        order = "r.due_at, r.id"
        if after:
            due, _, record = after.partition("~")
            where.append("(r.due_at, r.id) > (%s, %s)")
            params += [_instant(due), _uuid(record)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}{_FROM} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT %s", [*params, limit + 1]
        )
        found = cursor.fetchall()
    more = len(found) > limit
    rows = [_row(district_id, row) for row in found[:limit]]
    if not more:
        return Page(rows, None)
    last = found[limit - 1]
    return Page(rows, str(last[0]) if wanted.order == "recent" else f"{last[14].isoformat()}~{last[0]}")


def count_by_stage(district_id: int, acting: Acting, wanted: Filter) -> dict[str, int]:
    """Number of open cases in each stage, capped at ``CAP`` + 1 in total per stage, in one statement."""
    where, params = _where(district_id, acting, replace(wanted, stages=()))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.stage, n.count FROM unnest(%s::text[]) AS s(stage) CROSS JOIN LATERAL ("
            f" SELECT count(*) FROM (SELECT 1{_FROM} WHERE r.stage = s.stage AND {' AND '.join(where)}"
            " LIMIT %s) capped) n",
            [list(wanted.stages), *params, CAP + 1],
        )
        return {stage: int(count) for stage, count in cursor.fetchall()}


def _where(district_id: int, acting: Acting, wanted: Filter) -> tuple[list[str], list[Any]]:
    where = ["r.district_id = %s", "r.kind = 'case'"]
    params: list[Any] = [district_id]
    sight, sight_params = visible(acting)
    if sight:
        where.append(sight)
        params += sight_params
    if wanted.stages:
        where.append("r.stage = ANY(%s)")
        params.append(list(wanted.stages))
    if wanted.ended is not None:
        where.append("r.ended" if wanted.ended else "NOT r.ended")
    if wanted.overdue_at is not None:
        where.append("NOT r.ended AND r.due_at < %s")
        params.append(wanted.overdue_at)
    for value, condition in (
        (wanted.number, "c.number = %s"),
        (wanted.source, "c.source = %s"),
        (wanted.unit, "c.lead_unit = %s"),
    ):
        if value:
            where.append(condition)
            params.append(value)
    if wanted.category:
        low, high = _prefix(wanted.category)
        where.append("c.category >= %s AND c.category < %s")
        params += [low, high]
    if wanted.place:
        low, high = _prefix(wanted.place)
        where.append("r.place >= %s AND r.place < %s")
        params += [low, high]
    if wanted.area:
        where.append("r.areas @> ARRAY[%s]")
        params.append(wanted.area)
    if wanted.mine:
        where.append(
            "EXISTS (SELECT 1 FROM ledger_assignment a WHERE a.district_id = r.district_id AND a.record_id = r.id"
            " AND a.live AND (a.unit = '' OR a.unit = %s) AND (a.role = '' OR a.role = ANY(%s))"
            " AND (a.person = '' OR a.person = %s))"
        )
        params += [acting.actor.unit, sorted(acting.actor.roles), acting.actor.person]
    return where, params


def _prefix(code: str) -> tuple[str, str]:
    """Bounds of all codes that begin with this one, in byte order."""
    return code, code + "\U0010ffff"


def visible(acting: Acting, alias: str = "r") -> tuple[str, list[Any]]:
    """The condition under which an actor sees a record; empty when everything is visible."""
    if acting.scope is None:
        return "", []
    parts: list[str] = []
    params: list[Any] = []
    for prefix in acting.scope.prefixes:
        low, high = _prefix(prefix)
        parts.append(f"({alias}.place >= %s AND {alias}.place < %s)")
        params += [low, high]
    if acting.scope.areas:
        parts.append(f"{alias}.areas && %s")
        params.append(sorted(acting.scope.areas))
    if acting.path:
        parts.append(f"{alias}.involved @> ARRAY[%s]")
        params.append(acting.path)
    return (f"({' OR '.join(parts)})", params) if parts else ("false", [])


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCursor("this page mark is not valid") from error
    if found.tzinfo is None:
        raise BadCursor("this page mark is not valid")
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadCursor("this page mark is not valid") from error


def _row(district_id: int, row: tuple[Any, ...]) -> CaseRow:
    clocks = [c for c in as_json(row[15]) if c["status"] in ("running", "paused")]
    clocks.sort(key=lambda c: (c["status"] != "running", c["due_at"]))
    first = clocks[0] if clocks else None
    texts = open_texts(district_id, row[0], row[24], row[25], row[18])
    holders = tuple(
        a["unit"] or a["role"] for a in as_json(row[23]) if a["status"] in ("open", "taken") and a["slot"] != "work"
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
        holders=holders,
    )


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


# ---- one case


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


def get_case(district_id: int, acting: Acting, record_id: UUID, *, private: bool = True) -> CaseView:
    """A case with its timeline. ``private`` False leaves out the reporter's name and telephone.

    Raises ``NotFound`` when there is none, or none that the actor may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}, r.state, r.involved, c.candidates, c.owner, c.standard, c.has_reporter,"
            " c.filed_at, c.dispatched_at, c.handled_at, c.closed_at, c.returns, c.reworks, c.reminders"
            f"{_FROM} WHERE r.district_id = %s AND r.id = %s AND r.kind = 'case'",
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
    photos = _photos(district_id, record_id)
    timeline = _timeline(district_id, record_id, cipher, photos, private)
    texts = timeline[0].texts if timeline else None
    return CaseView(
        row=_row(district_id, row),
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


def _timeline(
    district_id: int, record_id: UUID, cipher: Cipher | None, photos: Sequence[PhotoRow], private: bool
) -> list[TimelineEntry]:
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
            )
        )
    return entries


def mask(name: str, value: str) -> str:
    """``张三`` becomes ``张*``, ``13812345678`` becomes ``138****5678``."""
    if name == "reporter_phone":
        return value[:3] + "****" + value[-4:] if len(value) >= 8 else "****"
    return value[:1] + "*" * max(1, len(value) - 1)


def _photos(district_id: int, record_id: UUID) -> tuple[PhotoRow, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, role, mime, width, height, taken_at, lon_e6, lat_e6, wrapped IS NULL, seq"
            " FROM ledger_attachment"
            " WHERE district_id = %s AND record_id = %s ORDER BY id",
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


# ---- small look-ups


@dataclass(frozen=True, slots=True)
class Basis:
    """What decides who is responsible for a case."""

    category: str
    owner: str
    place: str
    areas: tuple[str, ...]


def case_basis(district_id: int, record_id: UUID) -> Basis:
    """Raises ``NotFound``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.category, c.owner, r.place, r.areas{_FROM} WHERE r.district_id = %s AND r.id = %s",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such case")
    return Basis(row[0], row[1], row[2], tuple(row[3]))


def number_of(district_id: int, record_id: UUID) -> str:
    """The case number of a record. Raises ``NotFound``."""
    return str(_one(district_id, record_id, "number"))


def waits_for_answer(district_id: int, record_id: UUID) -> bool:
    """Whether a case has a reporter who wants an answer. Raises ``NotFound``."""
    return bool(_one(district_id, record_id, "has_reporter"))


def _one(district_id: int, record_id: UUID, column: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM cases_case WHERE district_id = %s AND record_id = %s", [district_id, record_id]
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such case")
    return row[0]


def find_by_number(district_id: int, number: str) -> UUID | None:
    """The record of a case number, by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id FROM cases_case WHERE district_id = %s AND number = %s", [district_id, number.strip()]
        )
        row = cursor.fetchone()
    return row[0] if row else None
