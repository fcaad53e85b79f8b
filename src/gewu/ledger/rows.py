"""How a state and its parts stand in the tables. Used by the door, the bulk writer and the rebuilder alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from gewu.core.evolve import state_json
from gewu.core.playbook import Playbook
from gewu.core.records import Assignment, Clock, State

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)

RECORD_COLUMNS = (
    "district_id", "id", "kind", "playbook", "playbook_version", "stage", "ended", "tier", "place", "areas", "involved",
    "due_at", "next_at", "version", "state", "head", "created_at", "updated_at",
)  # fmt: skip
EVENT_COLUMNS = (
    "district_id", "record_id", "seq", "at", "actor", "unit", "kind", "command_id", "payload", "sealed",
    "previous_hash", "hash",
)  # fmt: skip
CLOCK_COLUMNS = (
    "district_id", "record_id", "clock_id", "spec", "assignment", "holder", "status", "limit_value", "unit",
    "started_at", "due_at", "next_at", "stopped_at", "phase", "rung", "remaining", "extended", "provisional", "version",
)  # fmt: skip
ASSIGNMENT_COLUMNS = (
    "district_id", "record_id", "no", "slot", "mode", "unit", "path", "role", "person", "parent", "letter", "status",
    "live", "opened_at", "ended_at", "outcome",
)  # fmt: skip
LINK_COLUMNS = ("district_id", "record_id", "kind", "other_id", "seq")
OUTGOING_COLUMNS = (
    "district_id", "id", "record_id", "seq", "topic", "destination", "payload", "status", "attempts", "next_at",
    "last_error", "created_at", "sent_at",
)  # fmt: skip
KEY_COLUMNS = ("district_id", "record_id", "key_id", "wrapped", "erased_at", "erased_by")


@lru_cache(maxsize=65_536)
def moment(instant: int) -> datetime:
    """An aware datetime of an instant in seconds."""
    return datetime.fromtimestamp(instant, UTC)


def moment_us(at_us: int) -> datetime:
    """An aware datetime, exact to the microsecond."""
    rest = at_us % 1_000_000
    at = moment(at_us // 1_000_000)
    return at.replace(microsecond=rest) if rest else at


def micros(at: datetime) -> int:
    """Inverse of ``moment_us``."""
    return int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond


def dumps(value: Any) -> str:
    """JSON text for a jsonb column."""
    return _encode(value)


def with_ancestors(paths: tuple[str, ...]) -> list[str]:
    """Every path and all its ancestors: ``/A/B/`` gives ``/A/`` and ``/A/B/``, so that overlap needs no pattern."""
    found: set[str] = set()
    for path in paths:
        parts = [p for p in path.split("/") if p]
        for i in range(1, len(parts) + 1):
            found.add("/" + "/".join(parts[:i]) + "/")
    return sorted(found)


def record_values(state: State, playbook: Playbook) -> dict[str, Any]:
    """The columns of a record that follow from its state."""
    due_at, next_at = state.due_at, state.next_at
    return {
        "kind": state.kind,
        "playbook": state.playbook,
        "playbook_version": state.playbook_version,
        "stage": state.stage,
        "ended": playbook.stages[state.stage].end,
        "tier": str(state.fields.get("tier") or ""),
        "place": state.place,
        "areas": list(state.areas),
        "involved": with_ancestors(state.involved),
        "due_at": moment(due_at) if due_at is not None else FOREVER,
        "next_at": moment(next_at) if next_at is not None else FOREVER,
        "version": state.seq,
        "state": dumps(state_json(state)),
    }


def clock_row(district_id: int, record_id: UUID, clock: Clock) -> tuple[Any, ...]:
    return (
        district_id,
        record_id,
        clock.id,
        clock.spec,
        clock.assignment,
        clock.holder,
        clock.status,
        clock.limit_value,
        clock.unit,
        moment(clock.started_at),
        moment(clock.due_at),
        moment(clock.next_at),
        moment(clock.stopped_at) if clock.stopped_at else None,
        clock.phase,
        clock.rung,
        clock.remaining,
        clock.extended,
        clock.provisional,
        clock.version,
    )


def assignment_row(district_id: int, record_id: UUID, part: Assignment) -> tuple[Any, ...]:
    return (
        district_id,
        record_id,
        part.no,
        part.slot,
        part.mode,
        part.unit,
        part.path,
        part.role,
        part.person,
        part.parent,
        part.letter,
        part.status,
        part.live,
        moment(part.opened_at),
        moment(part.ended_at) if part.ended_at else None,
        part.outcome,
    )


def changed_clocks(before: State | None, after: State) -> list[Clock]:
    """Clocks of ``after`` that are new or different."""
    old = {c.id: c for c in before.clocks} if before else {}
    return [c for c in after.clocks if old.get(c.id) != c]


def changed_assignments(before: State | None, after: State) -> list[Assignment]:
    """Assignments of ``after`` that are new or different."""
    old = before.assignments if before else ()
    return [a for i, a in enumerate(after.assignments) if i >= len(old) or old[i] != a]


def new_links(before: State | None, after: State) -> list[tuple[str, str]]:
    return list(after.links[len(before.links) if before else 0 :])


def destinations(effect: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Topic and destination of every receiver of a notify effect."""
    found = []
    for to in effect["to"]:
        if to.get("reporter"):
            found.append(("reply", "reporter"))
        elif to.get("letter"):
            found.append(("letter", f"unit:{to['unit']}"))
        elif to.get("person"):
            found.append(("notice", f"person:{to['person']}"))
        elif to.get("unit"):
            found.append(("notice", f"unit:{to['unit']}/{to.get('role', '')}"))
        else:
            found.append(("notice", f"role:{to['role']}"))
    return found
