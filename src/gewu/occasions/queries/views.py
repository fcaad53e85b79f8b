"""One occasion with everything its page and its papers show, in at most ten statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries import CaseRow, Filter, PhotoRow, TimelineEntry, list_cases, open_texts
from gewu.cases.queries.page import photos_of, timeline_of
from gewu.core.evolve import state_from_json
from gewu.core.records import State
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.ledger.keys import Cipher, unwrap
from gewu.ledger.store import as_json
from gewu.occasions.kinds import NotForPost, readable
from gewu.occasions.queries.councils import VOTE, Evaluation, Vote, vote_of
from gewu.occasions.queries.lists import COLUMNS, FROM, OccasionRow, numbers_of, row_of
from gewu.registry.directory import get_directory

MOST_CASES = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer given face to face."""

    at: datetime
    unit: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as a follow-up list shows it; a case outside the territory is shown by stage and number only."""

    record_id: UUID
    number: str
    stage: str
    ended: bool
    playbook: str
    playbook_version: int
    due_at: datetime | None
    row: CaseRow | None


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter and what became of it. ``outcome`` is empty while it is on the table."""

    no: int
    part: int
    phase: str
    source: str
    category: str
    place: str
    building: str
    raised: int
    at: datetime
    words: str
    replies: tuple[Reply, ...]
    outcome: str
    settled_at: datetime | None
    unit: str
    limit_days: int | None
    tier: str
    solved: str
    answer: str
    case: CaseState | None
    tabled: bool = False
    """Whether it is an open case that was put on the table."""
    due_on: date | None = None
    follow: str = ""
    """How what was given out goes on: ``following``, ``ended`` or ``referred``; empty where nothing is followed."""
    came_from: tuple[UUID, str] | None = None
    """The meeting of the level below that referred it."""
    went_to: tuple[UUID, str] | None = None
    """The meeting of the level above that took it up."""
    topic: str = ""
    kind: str = ""
    vote: Vote | None = None

    @property
    def waiting(self) -> bool:
        """Referred, not solved since, and on no table of the level above yet."""
        solved = self.case is not None and self.case.ended
        return "referred" in (self.outcome, self.follow) and self.went_to is None and not solved


@dataclass(frozen=True, slots=True)
class Attended:
    """A line of the sign-in sheet. ``body`` are the words for who it was."""

    line: int
    level: str
    unit: str
    heads: int
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What the building was told, or what was published, for ``days`` and ``where``."""

    final: bool
    posted_on: date
    way: str
    heads: int | None
    words: str
    at: datetime
    days: int | None
    where: str


@dataclass(frozen=True, slots=True)
class OccasionView:
    """An occasion as its page shows it. ``texts`` are its first words, None once they are erased."""

    row: OccasionRow
    state: State
    texts: dict[str, str] | None
    timeline: list[TimelineEntry]
    photos: tuple[PhotoRow, ...]
    matters: tuple[Matter, ...]
    attendance: tuple[Attended, ...]
    tellings: tuple[Told, ...]
    evaluations: tuple[Evaluation, ...]

    @property
    def links(self) -> tuple[CaseState, ...]:
        """The records that belong to it: what its timeline names by number."""
        return self.cases

    @property
    def heads(self) -> int:
        """How many attended."""
        return sum(line.heads for line in self.attendance)

    @property
    def cases(self) -> tuple[CaseState, ...]:
        """The cases that came of it, each once, in the order of their matters."""
        found: dict[UUID, CaseState] = {}
        for matter in self.matters:
            if matter.case is not None:
                found.setdefault(matter.case.record_id, matter.case)
        return tuple(found.values())


def get_occasion(district_id: int, acting: Acting, record_id: UUID) -> OccasionView:
    """Read an occasion. Raises ``NotFound``, and ``NotForPost`` where the roles of whoever asks have no part in any."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, r.areas, r.involved, r.state{FROM} WHERE o.district_id = %s AND o.record_id = %s",
            [district_id, record_id],
        )
        found = cursor.fetchone()
    if found is None:
        raise NotFound("no such occasion")
    *columns, areas, involved, state_json = found
    if not acting.sees(columns[8], tuple(areas), tuple(involved)):
        raise NotFound("no such occasion in your territory")
    if not readable(get_directory(district_id), acting):
        raise NotForPost("occasions are not for this post")
    row = row_of(district_id, tuple(columns))
    key_id, wrapped = columns[-2], columns[-1]
    cipher = None
    if wrapped is not None:
        cipher = Cipher(unwrap(bytes(wrapped), key_id, district_id, record_id), district_id, record_id)
    state = state_from_json(as_json(state_json))
    rows = _Rows(district_id, record_id, key_id, wrapped)
    photos = photos_of(district_id, record_id)
    return OccasionView(
        row=row,
        state=state,
        texts=open_texts(district_id, record_id, key_id, wrapped, columns[-3]),
        timeline=timeline_of(district_id, record_id, cipher, photos),
        photos=photos,
        matters=_matters(rows, acting),
        attendance=_attended(rows),
        tellings=_told(rows),
        evaluations=_evaluations(rows) if row.noticed_at else (),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Reads the journals of one occasion, with the words of each row opened."""

    district_id: int
    record_id: UUID
    key_id: str
    wrapped: Any

    def read(self, table: str, columns: str) -> Iterator[tuple[tuple[Any, ...], dict[str, str]]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns}, sealed FROM {table} WHERE district_id = %s AND record_id = %s ORDER BY seq",
                [self.district_id, self.record_id],
            )
            found = cursor.fetchall()
        for row in found:
            yield row[:-1], open_texts(self.district_id, self.record_id, self.key_id, self.wrapped, row[-1]) or {}


_ON_TABLE: tuple[Any, ...] = (0, "", None, 0, "", None, "", "", None, *[None] * 9)


def _matters(rows: _Rows, acting: Acting) -> tuple[Matter, ...]:
    replies: dict[int, list[Reply]] = {}
    for (matter, unit, at), texts in rows.read("occasions_reply", "matter, unit, at"):
        replies.setdefault(matter, []).append(Reply(at, unit, texts.get("question", ""), texts.get("answer", "")))
    outcomes = {
        row[0]: (row, texts)
        for row, texts in rows.read(
            "occasions_outcome",
            f"part, outcome, case_id, follow, unit, limit_days, tier, solved, at, due_on, {VOTE}",
        )
    }
    columns = "no, part, phase, source, category, place, building, raised, at, case_id, origin_id, topic, kind"
    items = list(rows.read("occasions_matter", columns))
    cases = [row[2] for row, _texts in outcomes.values()] + [row[9] for row, _texts in items]
    live = _cases(rows.district_id, acting, [case for case in cases if case is not None])
    taken = _taken(rows) if any(row[1] == "referred" for row, _texts in outcomes.values()) else {}
    below = numbers_of(rows.district_id, [row[10] for row, _texts in items if row[10] is not None])
    found = []
    for (no, part, *rest, tabled, origin, topic, kind), texts in items:
        row, told = outcomes.get(part, (_ON_TABLE, {}))
        report = outcomes.get(row[3]) if row[3] else None
        vote = vote_of(((row[1], row[8], *row[10:]), told), row[3], _report(report))
        case, unit = _last(outcomes, row) or tabled, row[4]
        answer = told.get("answer") or told.get("reason") or ""
        live_case = live.get(case) if case is not None else None
        said = (texts.get("words", ""), tuple(replies.get(no, ())))
        became = (row[1], row[8], unit, row[5], row[6], row[7], answer, live_case)
        last = _last_follow(outcomes, row)
        ways = (
            _follow(outcomes, last),
            (origin, below[origin][1]) if origin in below else None,
            taken.get(part) or taken.get(last),
        )
        found.append(Matter(*(no, part, *rest, *said, *became, tabled is not None, row[9], *ways, topic, kind, vote)))
    return tuple(found)


def _report(outcome: tuple[tuple[Any, ...], dict[str, str]] | None) -> tuple[tuple[Any, ...], dict[str, str]] | None:
    return ((outcome[0][1], outcome[0][8], *outcome[0][10:]), outcome[1]) if outcome else None


def _last_follow(outcomes: dict[int, tuple[tuple[Any, ...], dict[str, str]]], row: tuple[Any, ...]) -> int:
    """The part under which something is followed in the end: cases that were merged go on in another."""
    while (after := outcomes.get(row[3])) is not None and after[0][1] == "merged":
        row = after[0]
    return int(row[3])


def _follow(outcomes: dict[int, tuple[tuple[Any, ...], dict[str, str]]], part: int) -> str:
    if not part:
        return ""
    after = outcomes.get(part)
    return str(after[0][1]) if after is not None else "following"


def _taken(rows: _Rows) -> dict[int, tuple[UUID, str]]:
    """The meetings that took up what this one referred, by its part here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.origin_part, t.record_id, o.number FROM occasions_matter t"
            " JOIN occasions_occasion o ON o.district_id = t.district_id AND o.record_id = t.record_id"
            " WHERE t.district_id = %s AND t.origin_id = %s",
            [rows.district_id, rows.record_id],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _last(outcomes: dict[int, tuple[tuple[Any, ...], dict[str, str]]], row: tuple[Any, ...]) -> UUID | None:
    """The case that is followed for a matter now: where it was merged, the one that goes on."""
    case: UUID | None = row[2]
    while (after := outcomes.get(row[3])) is not None and after[0][1] == "merged":
        row = after[0]
        case = row[2]
    return case


def _cases(district_id: int, acting: Acting, ids: list[UUID]) -> dict[UUID, CaseState]:
    """How these cases stand, in two statements: a session shows all of its own, with details of those in sight."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, c.number, r.stage, r.ended, r.playbook, r.playbook_version, r.due_at FROM ledger_record r"
            " JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
            " WHERE r.district_id = %s AND r.id = ANY(%s)",
            [district_id, ids],
        )
        plain = cursor.fetchall()
    lines = list_cases(district_id, acting, Filter(records=tuple(ids)), limit=MOST_CASES).rows
    seen = {line.record_id: line for line in lines}
    return {row[0]: CaseState(*(*row, seen.get(row[0]))) for row in plain}


def _attended(rows: _Rows) -> tuple[Attended, ...]:
    found: dict[int, Attended] = {}
    for (line, level, unit, heads, corrects, at), texts in rows.read(
        "occasions_attendance", "line, level, unit, heads, corrects, at"
    ):
        found.pop(corrects, None)
        found[line] = Attended(line, level, unit, heads, texts.get("body", ""), at)
    return tuple(found[line] for line in sorted(found))


def _told(rows: _Rows) -> tuple[Told, ...]:
    return tuple(
        Told(*(*row[:4], texts.get("words", ""), row[4], row[5], texts.get("where", "")))
        for row, texts in rows.read("occasions_telling", "final, posted_on, way, heads, at, days")
    )


def _evaluations(rows: _Rows) -> tuple[Evaluation, ...]:
    columns = "evaluated_on, asked, satisfied, dissatisfied"
    return tuple(
        Evaluation(*(*row, texts.get("words", ""))) for row, texts in rows.read("occasions_evaluation", columns)
    )
