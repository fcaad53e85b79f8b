"""Rounds as lists and pages show them, each a bounded number of statements. No ballot is read here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.assessments import kinds as k
from gewu.assessments.queries.points import Shown, points_of
from gewu.cases.queries import LinkRow, PhotoRow, TimelineEntry, visible
from gewu.cases.queries.marks import uuid_of
from gewu.cases.queries.page import photos_of, timeline_of
from gewu.core.evolve import state_from_json
from gewu.core.records import State
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.ledger.keys import Cipher, unwrap
from gewu.ledger.rows import moment
from gewu.ledger.store import as_json

PAGE = 50
REMINDERS = "_reminder"
"""Clocks whose names end so only remind; what is due is told without them."""


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round or an honour in a list. ``result`` is the last count; None before, and to whom it is not told yet.

    ``sealed`` are an honour's first words with their key, opened by whoever may read them.
    """

    record_id: UUID
    playbook: str
    playbook_version: int
    stage: str
    ended: bool
    version: int
    place: str
    due_at: datetime | None
    clock: str
    period: str
    number: str
    method: str
    quorum: int
    streets: tuple[str, ...]
    departments: tuple[str, ...]
    nominate_by: date | None
    build_by: date | None
    tour_on: date | None
    vote_by: date | None
    entries: int
    delegates: int
    voting_at: datetime | None
    closed_at: datetime | None
    counted_at: datetime | None
    published_at: datetime | None
    ballots: int | None
    ratings: int | None
    root: str
    result: dict[str, Any] | None
    honour: str
    level: str
    unit: str
    notice_at: datetime | None
    notice_until: datetime | None
    awarded_at: datetime | None
    name_withdrawn: bool
    created_at: datetime
    texts: Mapping[str, str] | None
    """The first words; None once erased."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rounds, newest first, and where the next begin."""

    rows: list[RoundRow]
    after: str | None


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """What a department did for the streets."""

    seq: int
    at: datetime
    unit: str
    item: str
    quantity: int
    measure: str
    street: str
    day: date
    note: str | None


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who has voted, never what. Units by track; of delegates their number only."""

    voted: Mapping[str, tuple[str, ...]]
    delegates: Mapping[str, int]
    rated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoundView:
    """Everything a page of a round or an honour needs beside turnout."""

    row: RoundRow
    state: State
    timeline: list[TimelineEntry]
    photos: tuple[PhotoRow, ...]
    points: list[Shown]
    services: list[ServiceRow]
    cases: Mapping[UUID, str]
    """Numbers of the cases that points come from."""

    @property
    def links(self) -> tuple[LinkRow, ...]:
        """The cases as links, for whoever tells the timeline."""
        return tuple(LinkRow("shows", case, number, "") for case, number in self.cases.items())


_COLUMNS = (
    "r.id, d.playbook, r.playbook_version, r.stage, r.ended, r.version, r.place, r.due_at, r.state->'clocks', d.period,"
    " d.number, d.method, d.quorum, d.streets, d.departments, d.nominate_by, d.build_by, d.tour_on, d.vote_by,"
    " d.entries, d.delegates, d.voting_at, d.closed_at, d.counted_at, d.published_at, d.ballots, d.ratings, d.root,"
    " d.result, d.class, d.level, d.unit, d.notice_at, d.notice_until, d.awarded_at, d.name_withdrawn, r.created_at,"
    " d.sealed, k.key_id, k.wrapped"
)
_FROM = (
    " FROM assessments_round d"
    " JOIN ledger_record r ON r.district_id = d.district_id AND r.id = d.record_id"
    " JOIN ledger_recordkey k ON k.district_id = d.district_id AND k.record_id = d.record_id"
)


def list_rounds(
    district_id: int,
    acting: Acting,
    *,
    honours: bool = False,
    honour: str = "",
    ended: bool | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """One page of rounds, or of honours (of one class), newest first, in one statement. Raises ``BadCursor``."""
    sight, params = visible(acting)
    where = ["d.district_id = %s", "d.period = ''" if honours else "d.period <> ''"]
    values: list[Any] = [district_id]
    if sight:
        where.append(sight)
        values += params
    if honour:
        where.append("d.class = %s")
        values.append(honour)
    if ended is not None:
        where.append("r.ended = %s")
        values.append(ended)
    if after:
        where.append("(d.period, d.record_id) < (%s, %s)")
        values += _cursor(after)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}{_FROM} WHERE {' AND '.join(where)} ORDER BY d.period DESC, d.record_id DESC LIMIT %s",
            [*values, limit + 1],
        )
        found = cursor.fetchall()
    rows = [_row(district_id, row) for row in found[:limit]]
    last = f"{rows[-1].period}~{rows[-1].record_id}" if len(found) > limit else None
    return Page(rows, last)


def _cursor(text: str) -> list[Any]:
    period, _, record = text.partition("~")
    return [period[:10], uuid_of(record)]


def get_round(district_id: int, acting: Acting, record_id: UUID) -> RoundView:
    """A round or an honour with its points, services and timeline, in seven statements. Raises ``NotFound``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}, r.state{_FROM} WHERE d.district_id = %s AND d.record_id = %s", [district_id, record_id]
        )
        found = cursor.fetchone()
    if found is None:
        raise NotFound("no such round")
    state = state_from_json(as_json(found[-1]))
    if not acting.sees(state.place, state.areas, state.involved):
        raise NotFound("no such round in your territory")
    row, cipher = _row(district_id, found[:-1]), _cipher(district_id, found[:-1])
    points = points_of(district_id, record_id, cipher) if row.period else []
    photos = photos_of(district_id, record_id)
    return RoundView(
        row,
        state,
        timeline_of(district_id, record_id, cipher, photos),
        photos,
        points,
        services_of(district_id, record_id, cipher) if row.period else [],
        _numbers(district_id, [case for point in points for case in point.cases]),
    )


def _cipher(district_id: int, row: Sequence[Any]) -> Cipher | None:
    if row[39] is None:
        return None
    return Cipher(unwrap(bytes(row[39]), row[38], district_id, row[0]), district_id, row[0])


def _row(district_id: int, row: Sequence[Any]) -> RoundRow:
    cipher = _cipher(district_id, row)
    texts: Mapping[str, str] | None = {}
    if row[37] is not None or cipher is None:
        texts = cipher.open(bytes(row[37])) if cipher and row[37] is not None else None
    running = [c for c in as_json(row[8]) if c.get("status") == "running" and not c["spec"].endswith(REMINDERS)]
    next_clock = min(running, key=lambda c: c["due_at"], default=None)
    result = json.loads(row[28]) if row[28] else None
    values: list[Any] = [
        *row[:7], moment(next_clock["due_at"]) if next_clock else None, next_clock["spec"] if next_clock else "",
        *row[9:13], tuple(row[13]), tuple(row[14]), *row[15:27],
        bytes(row[27]).hex() if row[27] is not None else "", result, *row[29:37], texts,
    ]  # fmt: skip
    return RoundRow(*values)


def services_of(district_id: int, record_id: UUID, cipher: Cipher | None) -> list[ServiceRow]:
    """What departments did since the last round, by department and day, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.seq, j.at, j.unit, j.item, j.quantity, j.measure, j.street, j.day, e.sealed"
            " FROM assessments_service j"
            " JOIN ledger_event e ON e.district_id = j.district_id AND e.record_id = j.record_id AND e.seq = j.seq"
            " WHERE j.district_id = %s AND j.record_id = %s ORDER BY j.unit, j.day, j.seq",
            [district_id, record_id],
        )
        found = cursor.fetchall()
    rows = []
    for *values, sealed in found:
        note: str | None = ""
        if sealed is not None:
            note = cipher.open(bytes(sealed)).get("note", "") if cipher else None
        rows.append(ServiceRow(*[*values, note]))
    return rows


def _numbers(district_id: int, cases: Sequence[UUID]) -> dict[UUID, str]:
    if not cases:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, number FROM cases_case WHERE district_id = %s AND record_id = ANY(%s)",
            [district_id, list(cases)],
        )
        return dict(cursor.fetchall())


def turnout(district_id: int, record_id: UUID) -> Turnout:
    """Which units have voted and rated, and how many delegates; in two statements. For the office and the auditor."""
    voted: dict[str, list[str]] = {}
    delegates: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT track, kind, voter FROM assessments_ballot WHERE district_id = %s AND record_id = %s"
            " ORDER BY track, voter",
            [district_id, record_id],
        )
        for track, kind, voter in cursor.fetchall():
            if kind == "unit":
                voted.setdefault(track, []).append(voter)
            else:
                delegates[track] = delegates.get(track, 0) + 1
        cursor.execute(
            "SELECT voter FROM assessments_rating WHERE district_id = %s AND record_id = %s ORDER BY voter",
            [district_id, record_id],
        )
        rated = tuple(row[0] for row in cursor.fetchall())
    return Turnout({track: tuple(units) for track, units in voted.items()}, delegates, rated)


# ---- over the rounds


@dataclass(frozen=True, slots=True)
class Standing:
    """A department's or street's rank in one round. ``firsts`` counts first ranks in a row up to and with this one."""

    period: str
    record_id: UUID
    rank: int | None
    score: int | None
    n: int
    firsts: int


def history(rows: Sequence[RoundRow], track: str = "") -> dict[str, list[Standing]]:
    """Ranks by unit over published rounds, oldest first: of departments, or of streets in a track (their best point).

    Nothing of it is stored: it is what the rounds say.
    """
    found: dict[str, list[Standing]] = {}
    firsts: dict[str, int] = {}
    for row in sorted((r for r in rows if r.stage == k.PUBLISHED and r.result), key=lambda r: r.period):
        result = row.result or {}
        places = result["tracks"].get(track, {}).get("places", []) if track else result["departments"]["places"]
        best: dict[str, dict[str, Any]] = {}
        for one in places:
            known = best.get(one["unit"])
            if known is None or (one["rank"] is not None and (known["rank"] is None or one["rank"] < known["rank"])):
                best[one["unit"]] = one
        for unit in set(firsts) | set(best):
            first = unit in best and best[unit]["rank"] == 1
            firsts[unit] = firsts.get(unit, 0) + 1 if first else 0
        for unit, one in best.items():
            n = one["n"] if track else min(one["answered"])
            found.setdefault(unit, []).append(
                Standing(row.period, row.record_id, one["rank"], one["score"], n, firsts[unit])
            )
    return found


def published(district_id: int, limit: int = 40) -> list[RoundRow]:
    """Published rounds, newest first, for pages without a login and for the history."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}{_FROM} WHERE d.district_id = %s AND d.period <> '' AND r.stage = %s"
            " ORDER BY d.period DESC, d.record_id DESC LIMIT %s",
            [district_id, k.PUBLISHED, limit],
        )
        return [_row(district_id, row) for row in cursor.fetchall()]


def honours(district_id: int, stages: Sequence[str], limit: int = 200) -> list[RoundRow]:
    """Honours in these stages, newest first, for pages without a login."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}{_FROM} WHERE d.district_id = %s AND d.class <> '' AND r.stage = ANY(%s)"
            " ORDER BY d.record_id DESC LIMIT %s",
            [district_id, list(stages), limit],
        )
        return [_row(district_id, row) for row in cursor.fetchall()]


def awards_by_class(district_id: int, acting: Acting) -> dict[tuple[str, str], int]:
    """How many honours were awarded, by class and level, in one statement."""
    sight, params = visible(acting)
    seen = f" AND {sight}" if sight else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.class, d.level, count(*) FROM assessments_round d"
            " JOIN ledger_record r ON r.district_id = d.district_id AND r.id = d.record_id"
            f" WHERE d.district_id = %s AND d.class <> '' AND r.stage = %s{seen}"
            " GROUP BY d.class, d.level ORDER BY 1, 2",
            [district_id, k.AWARDED, *params],
        )
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def names_of(district_id: int, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Playbook and number of rounds and honours, for lines that lead to them; in one statement."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, playbook, number FROM assessments_round WHERE district_id = %s AND record_id = ANY(%s)",
            [district_id, list(ids)],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
