"""What is open at an instant: what a shift hands to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from gewu.cases.queries import visible
from gewu.ledger.door import Acting
from gewu.ledger.rows import FOREVER, moment

SOON = 12 * 3600
"""Due soon is what falls due within the next shift: seconds."""
LISTED = 200
"""Cases listed one by one, those due first; the others are counted."""
REGISTERS_LISTED = 50


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """A case or an entry that is open. ``due_at`` is in seconds, 0 without a deadline. ``kind`` is the record's."""

    number: str
    kind: str
    stage: str
    due_at: int
    late: bool
    soon: bool


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """All that is open at an instant (seconds). Counts are (open, late, due soon)."""

    at: int
    soon_until: int
    stages: Mapping[str, tuple[int, int, int]]
    """By stage of the case playbook."""
    cases: tuple[OpenMatter, ...]
    cases_not_listed: int
    registers: tuple[OpenMatter, ...]
    registers_not_listed: int

    @property
    def total(self) -> int:
        """Open cases."""
        return sum(c[0] for c in self.stages.values())

    @property
    def late(self) -> int:
        """Cases past a deadline."""
        return sum(c[1] for c in self.stages.values())

    @property
    def soon(self) -> int:
        """Cases that fall due within the next shift."""
        return sum(c[2] for c in self.stages.values())

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and codes, as an event keeps them."""
        return {
            "at": self.at,
            "soon_until": self.soon_until,
            "stages": {stage: list(counts) for stage, counts in self.stages.items()},
            "cases": [[c.number, c.stage, c.due_at] for c in self.cases],
            "cases_not_listed": self.cases_not_listed,
            "registers": [[c.number, c.kind, c.stage, c.due_at] for c in self.registers],
            "registers_not_listed": self.registers_not_listed,
        }


def matters_from(kept: Mapping[str, Any]) -> OpenMatters:
    """Inverse of ``as_json``: the list as it was frozen."""
    at, until = int(kept["at"]), int(kept["soon_until"])

    def matter(number: str, kind: str, stage: str, due_at: int) -> OpenMatter:
        return OpenMatter(number, kind, stage, due_at, 0 < due_at < at, at <= due_at <= until)

    return OpenMatters(
        at,
        until,
        {stage: (c[0], c[1], c[2]) for stage, c in kept["stages"].items()},
        tuple(matter(number, "case", stage, due) for number, stage, due in kept["cases"]),
        int(kept["cases_not_listed"]),
        tuple(matter(number, kind, stage, due) for number, kind, stage, due in kept["registers"]),
        int(kept["registers_not_listed"]),
    )


def open_matters(district_id: int, acting: Acting, at: int) -> OpenMatters:
    """What is open and in sight at an instant (seconds), in three statements."""
    sight, params = visible(acting)
    seen = f" AND {sight}" if sight else ""
    until = at + SOON
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.stage, count(*), count(*) FILTER (WHERE r.due_at < %s),"
            " count(*) FILTER (WHERE r.due_at >= %s AND r.due_at <= %s) FROM ledger_record r"
            f" WHERE r.district_id = %s AND r.kind = 'case' AND NOT r.ended{seen} GROUP BY r.stage ORDER BY r.stage",
            [moment(at), moment(at), moment(until), district_id, *params],
        )
        stages = {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in cursor.fetchall()}
        cursor.execute(
            "SELECT c.number, r.kind, r.stage, r.due_at FROM ledger_record r"
            " JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
            f" WHERE r.district_id = %s AND r.kind = 'case' AND NOT r.ended{seen} ORDER BY r.due_at, r.id LIMIT %s",
            [district_id, *params, LISTED],
        )
        cases = tuple(_matter(row, at, until) for row in cursor.fetchall())
        cursor.execute(
            "SELECT e.number, r.kind, r.stage, r.due_at, count(*) OVER () FROM office_entry e"
            " JOIN ledger_record r ON r.district_id = e.district_id AND r.id = e.record_id"
            f" WHERE e.district_id = %s AND e.kind <> 'handover' AND NOT r.ended{seen}"
            " ORDER BY r.due_at, r.id LIMIT %s",
            [district_id, *params, REGISTERS_LISTED],
        )
        found = cursor.fetchall()
    registers = tuple(_matter(row[:4], at, until) for row in found)
    open_cases = sum(c[0] for c in stages.values())
    open_entries = int(found[0][4]) if found else 0
    return OpenMatters(
        at, until, stages, cases, max(0, open_cases - len(cases)), registers, open_entries - len(registers)
    )


def _matter(row: tuple[Any, ...], at: int, until: int) -> OpenMatter:
    number, kind, stage, due = row
    due_at = 0 if due == FOREVER else int(due.timestamp())
    return OpenMatter(number, kind, stage, due_at, 0 < due_at < at, at <= due_at <= until)
