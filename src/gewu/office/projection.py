"""Columns of a register's entry as a pure function of its events."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from gewu.core.records import State
from gewu.ledger.projections import Change
from gewu.ledger.rows import moment

COLUMNS: tuple[str, ...] = (
    "kind", "number", "year", "counter", "day", "own_number", "own_day", "unit", "variant", "due_on", "sent_on",
    "reminders", "returns", "relapses", "result", "answered_at", "struck_off_at", "look_back_at", "closed_at",
    "matters", "late", "related", "sealed",
)  # fmt: skip

ANSWERS = frozenset({"answer", "record_reply", "report_back"})
"""Moves by which what was asked for has come."""
ENDINGS = frozenset({"look_back_holds", "close", "close_unanswered", "finish", "take_over", "void"})


class EntryProjection:
    """See ``gewu.ledger.projections.Projection``. The registers share one table."""

    table = "office_entry"
    columns: tuple[str, ...] = COLUMNS
    private: tuple[str, ...] = ("sealed",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def delta(self, change: Change) -> dict[str, Any]:
        """What this event changes; everything when it is the first."""
        new = _from_state(change.after)
        if change.before is None:
            detail = change.event.payload.get("detail", {})
            return {
                "kind": self.kind,
                "number": detail["number"],
                "year": detail["year"],
                "counter": detail["counter"],
                "day": date.fromisoformat(detail["day"]),
                **dict.fromkeys(("answered_at", "struck_off_at", "closed_at", "matters", "late")),
                **new,
                **_told(change),
                "sealed": change.sealed,
            }
        old = _from_state(change.before)
        return {name: value for name, value in new.items() if old[name] != value} | _told(change)


def _from_state(state: State) -> dict[str, Any]:
    fields, counters = state.fields, state.counters
    looking = [c for c in state.clocks if c.spec == "look_back"]
    return {
        "own_number": str(fields.get("own_number") or ""),
        "own_day": _day(fields.get("own_day")),
        "unit": str(fields.get("unit") or ""),
        "variant": str(fields.get("variant") or ""),
        "due_on": _day(fields.get("due_on")),
        "sent_on": _day(fields.get("sent_on")),
        "result": str(fields.get("result") or ""),
        "reminders": counters.get("reminders", 0),
        "returns": counters.get("returns", 0),
        "relapses": counters.get("relapses", 0),
        "look_back_at": moment(looking[-1].due_at) if looking else None,
        "related": list(dict.fromkeys(UUID(other) for _kind, other in state.links)),
    }


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def _told(change: Change) -> dict[str, Any]:
    """Instants of steps, and the figures of an open-matters list."""
    kind, at = change.event.kind, moment(change.event.at)
    found: dict[str, Any] = {}
    if kind in ANSWERS:
        found["answered_at"] = at
    if kind == "strike_off":
        found["struck_off_at"] = at
    if kind in ("look_back_relapsed", "further_words"):
        found |= {"answered_at": None, "struck_off_at": None}
    if kind == "send_back":
        found["answered_at"] = None
    if kind in ENDINGS or (kind == "strike_off" and change.after.stage == "closed"):
        found["closed_at"] = at
    open_matters = change.event.payload.get("detail", {}).get("open_matters")
    if open_matters:
        counts = open_matters["stages"].values()
        found |= {"matters": sum(c[0] for c in counts), "late": sum(c[1] for c in counts)}
    return found
