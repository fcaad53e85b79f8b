"""What occasions brought in a month or a year, counted from their rows, and the matters behind each number.

A number is nothing but a filter: ``count`` and ``list_matters`` read the same conditions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries import open_texts
from gewu.cases.queries.marks import seq_of, uuid_of
from gewu.ledger.door import Acting
from gewu.occasions.kinds import readable
from gewu.occasions.queries.lists import Filter, conditions
from gewu.occasions.referrals import FOLLOWED, WAITING
from gewu.registry.directory import get_directory

PAGE = 50
LOW_TIERS = ("private", "small")
"""Levels that are solved at the building or in the community (assumption D-16 of the handbook)."""
LOW_LEVELS = ("building", "community")
SOLVED_STAGES = ("answered", "closed")
"""Stages of a case whose matter counts as solved; a case that was voided or declined does not."""

_STATES = {
    "open": "x.outcome IS NULL",
    "case": "x.outcome = 'case'",
    "joined": "x.outcome = 'joined'",
    "answered": "x.outcome = 'answered'",
    "withdrawn": "x.outcome = 'withdrawn'",
    "counted": "x.outcome IS DISTINCT FROM 'withdrawn'",
    "raised": "x.outcome = 'raised'",
    "kept": "x.outcome = 'kept'",
    "tasked": "x.outcome = 'tasked'",
    "referred": "(x.outcome = 'referred' OR f.outcome = 'referred')",
    "waiting": f"({WAITING})",
    "late": f"({FOLLOWED} AND NOT s.ended AND"
    " (x.due_on < current_date OR x.due_on IS NULL AND c.handle_due_at < now()))",
    "solved": "(x.outcome = 'answered' OR s.stage = ANY(%s) AND x.outcome NOT IN ('withdrawn', 'referred')"
    " AND f.outcome IS DISTINCT FROM 'referred')",
    "low": "(x.outcome = 'answered' AND x.solved = ANY(%s)"
    " OR s.stage = ANY(%s) AND s.tier = ANY(%s) AND x.outcome <> 'referred')",
    "following": f"({FOLLOWED} AND NOT s.ended)",
    "deliberated": "x.outcome IN ('adopted', 'rejected', 'case', 'answered', 'joined')",
    "adopted": "x.outcome = 'adopted'",
    "rejected": "x.outcome = 'rejected'",
    "deferred": "x.outcome = 'deferred'",
    "executed": "(x.outcome = 'adopted' AND f.outcome = 'done')",
    "not_executed": "(x.outcome = 'adopted' AND f.outcome = 'not_done')",
    "executing": "(x.outcome = 'adopted' AND f.outcome IS NULL)",
}
_VALUES: dict[str, list[Any]] = {
    "solved": [list(SOLVED_STAGES)],
    "low": [list(LOW_LEVELS), list(SOLVED_STAGES), list(LOW_TIERS)],
}
STATES = tuple(_STATES)
"""What a list of matters can be asked for."""

_FROM = (
    " FROM occasions_matter t"
    " JOIN occasions_occasion o ON o.district_id = t.district_id AND o.record_id = t.record_id"
    " JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.record_id"
    " LEFT JOIN occasions_outcome x ON x.district_id = t.district_id AND x.record_id = t.record_id AND x.part = t.part"
    " LEFT JOIN occasions_outcome f ON f.district_id = x.district_id AND f.record_id = x.record_id"
    " AND f.part = x.follow AND x.follow > 0 AND f.outcome <> 'merged'"
    " LEFT JOIN ledger_record s ON s.district_id = t.district_id AND s.id = coalesce(x.case_id, t.case_id)"
    " LEFT JOIN cases_case c ON c.district_id = t.district_id AND c.record_id = coalesce(x.case_id, t.case_id)"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one type in a period. Sessions are those that began; matters are those of sessions of the period,
    withdrawn ones left out. ``low`` are the solved ones that were solved at the building or in the community.

    ``deliberated`` are those that a table came to an end with; of the ``adopted`` resolutions, ``executed`` and
    ``not_executed`` were reported on, ``executing`` were not yet. ``reached`` are the people whom activities reached.
    """

    leader_sessions: int
    street_sessions: int
    cancelled: int
    matters: int
    leader_matters: int
    at_session: int
    as_cases: int
    joined: int
    answered: int
    open: int
    following: int
    solved: int
    leader_solved: int
    low: int
    deliberated: int
    adopted: int
    rejected: int
    deferred: int
    executed: int
    not_executed: int
    executing: int
    asked: int
    satisfied: int
    dissatisfied: int
    reached: int

    @property
    def sessions(self) -> int:
        """Sessions that began, whoever led them."""
        return self.leader_sessions + self.street_sessions


LEVEL_STATES = (
    "counted", "solved", "raised", "kept", "tasked", "case", "following", "late", "referred", "waiting", "withdrawn",
    "open",
)  # fmt: skip
"""What is counted for each level of meetings, by the names of the lists behind the numbers."""


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """Counts of one level in a period: meetings that began, items by ``LEVEL_STATES``, and how many of the items came
    from the level below."""

    level: str
    meetings: int
    from_below: int
    items: dict[str, int]


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A matter in a list over sessions."""

    occasion: UUID
    number: str
    seq: int
    no: int
    category: str
    place: str
    unit: str
    outcome: str
    case_number: str
    case_stage: str
    case_playbook: str
    case_version: int
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class MatterPage:
    """Some matters, newest session first; ``after`` begins the next page, None at the end."""

    rows: list[MatterRow]
    after: str | None


def figures(district_id: int, acting: Acting, wanted: Filter) -> Figures:
    """The figures of a period, of what the actor sees, in two statements."""
    where, params = conditions(district_id, acting, wanted)
    joined = " AND ".join(where)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE o.opened_at IS NOT NULL AND o.led_by = 'leader'),"
            " count(*) FILTER (WHERE o.opened_at IS NOT NULL AND o.led_by <> 'leader'),"
            " count(*) FILTER (WHERE o.cancelled_at IS NOT NULL),"
            " coalesce(sum(v.asked), 0), coalesce(sum(v.satisfied), 0), coalesce(sum(v.dissatisfied), 0),"
            " coalesce(sum(o.reached), 0)"
            " FROM occasions_occasion o JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.record_id"
            " LEFT JOIN occasions_evaluation v ON v.district_id = o.district_id AND v.record_id = o.record_id"
            f" WHERE {joined}",
            params,
        )
        *sessions, asked_of, satisfied, dissatisfied, reached = cursor.fetchone()
        council = ("deliberated", "adopted", "rejected", "deferred", "executed", "not_executed", "executing")
        asked = ("counted", "case", "joined", "answered", "open", "following", "solved", "low", *council)
        counts, values = [], []
        for state in asked:
            counts.append(f"count(*) FILTER (WHERE {_STATES[state]})")
            values += _VALUES.get(state, [])
        counts.append(f"count(*) FILTER (WHERE {_STATES['counted']} AND o.led_by = 'leader')")
        counts.append(f"count(*) FILTER (WHERE {_STATES['counted']} AND t.phase = 'at')")
        counts.append(f"count(*) FILTER (WHERE {_STATES['solved']} AND o.led_by = 'leader')")
        values += _VALUES["solved"]
        cursor.execute(f"SELECT {', '.join(counts)}{_FROM} WHERE {joined}", [*values, *params])
        n = dict(zip((*asked, "leader", "at", "leader_solved"), cursor.fetchone(), strict=True))
    order = (
        "counted", "leader", "at", "case", "joined", "answered", "open", "following", "solved", "leader_solved", "low",
        *council,
    )  # fmt: skip
    judged = (asked_of, satisfied, dissatisfied, reached)
    return Figures(*(int(n) for n in (*sessions, *(n[name] for name in order), *judged)))


def levels(district_id: int, acting: Acting, wanted: Filter) -> dict[str, LevelFigures]:
    """The figures of a period for each level that met, of what the actor sees, in two statements."""
    where, params = conditions(district_id, acting, wanted)
    joined = " AND ".join(where)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.led_by, count(*) FILTER (WHERE o.opened_at IS NOT NULL) FROM occasions_occasion o"
            " JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.record_id"
            f" WHERE {joined} GROUP BY o.led_by",
            params,
        )
        held = {row[0]: int(row[1]) for row in cursor.fetchall()}
        counts = [f"count(*) FILTER (WHERE {_STATES[state]})" for state in LEVEL_STATES]
        values = [value for state in LEVEL_STATES for value in _VALUES.get(state, [])]
        cursor.execute(
            f"SELECT o.led_by, count(*) FILTER (WHERE t.origin_id IS NOT NULL), {', '.join(counts)}{_FROM}"
            f" WHERE {joined} GROUP BY o.led_by",
            [*values, *params],
        )
        items = {row[0]: [int(n) for n in row[1:]] for row in cursor.fetchall()}
    nothing = [0] * (len(LEVEL_STATES) + 1)
    return {
        level: LevelFigures(level, n, found[0], dict(zip(LEVEL_STATES, found[1:], strict=True)))
        for level, n in held.items()
        for found in [items.get(level, nothing)]
    }


def list_matters(
    district_id: int,
    acting: Acting,
    wanted: Filter,
    state: str = "counted",
    *,
    phase: str = "",
    after: str | None = None,
    limit: int = PAGE,
) -> MatterPage:
    """The matters behind a number, in one statement. Raises ``BadCursor``; ``state`` is one of ``STATES``."""
    if not readable(get_directory(district_id), acting):
        return MatterPage([], None)
    where, params = conditions(district_id, acting, wanted)
    where.append(_STATES[state])
    params += _VALUES.get(state, [])
    if phase:
        where.append("t.phase = %s")
        params.append(phase)
    if after:
        mark, _, seq = after.partition(".")
        where.append("(t.record_id, t.seq) < (%s, %s)")
        params += [uuid_of(mark), seq_of(seq)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.record_id, o.number, t.seq, t.no, t.category, coalesce(nullif(t.place, ''), o.place),"
            " coalesce(x.unit, ''), coalesce(x.outcome, ''), coalesce(c.number, ''), coalesce(s.stage, ''),"
            " coalesce(s.playbook, ''), coalesce(s.playbook_version, 0), t.at, t.sealed, k.key_id, k.wrapped"
            f"{_FROM} JOIN ledger_recordkey k ON k.district_id = t.district_id AND k.record_id = t.record_id"
            f" WHERE {' AND '.join(where)} ORDER BY t.record_id DESC, t.seq DESC LIMIT %s",
            [*params, limit + 1],
        )
        found = cursor.fetchall()
    rows = [
        MatterRow(*(*row[:13], (open_texts(district_id, row[0], row[14], row[15], row[13]) or {}).get("words", "")))
        for row in found[:limit]
    ]
    return MatterPage(rows, f"{rows[-1].occasion}.{rows[-1].seq}" if len(found) > limit else None)
