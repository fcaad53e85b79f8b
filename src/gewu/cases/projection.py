"""Columns of a case as a pure function of its events."""

from __future__ import annotations

from typing import Any

from gewu.core.records import State
from gewu.ledger.keys import lookup_hash
from gewu.ledger.projections import Change
from gewu.ledger.rows import moment

_FROM_FIELDS = ("source", "category", "owner", "standard", "verification", "check_result", "solved", "satisfied")
_FIRST_TIMES = {"file": "filed_at", "file_unverified": "filed_at", "dispatch": "dispatched_at"}
_LAST_TIMES = {"report_handled": "handled_at", "reply_by_letter": "handled_at"}
_CLOSINGS = ("close", "force_close")
_ALL_AT_ONCE = "fix_on_spot"
COLUMNS: tuple[str, ...] = (
    "number", "outside_number", "source", "category", "owner", "standard", "urgent", "has_reporter", "lon_e6",
    "lat_e6",
    "candidates", "flags", "lead_unit", "verification", "check_result", "solved", "satisfied", "reported_at",
    "filed_at",
    "dispatched_at", "handled_at", "closed_at", "handle_due_at", "returns", "reworks", "reminders", "sealed",
    "phone_hash",
)  # fmt: skip


class CaseProjection:
    """See ``gewu.ledger.projections.Projection``."""

    table = "cases_case"
    columns: tuple[str, ...] = COLUMNS
    private: tuple[str, ...] = ("phone_hash", "sealed", "lon_e6", "lat_e6")

    def __init__(self) -> None:
        self._last: tuple[State, dict[str, Any]] | None = None

    def delta(self, change: Change) -> dict[str, Any]:
        """What this event changes; everything when it is the first."""
        new = _from_state(change.after)
        if change.before is None:
            self._last = change.after, new
            return {**_EMPTY, **new, **self._birth(change), **_times(change)}
        old = self._columns_of(change.before)
        self._last = change.after, new
        moved = any(effect[0] == "place" for effect in change.event.effects)
        return {k: v for k, v in new.items() if old[k] != v} | _times(change) | (_position(change) if moved else {})

    def _columns_of(self, state: State) -> dict[str, Any]:
        """Columns of a state. In bulk the state before is the one after the last event, so that one is kept."""
        held = self._last
        return held[1] if held is not None and held[0] is state else _from_state(state)

    def _birth(self, change: Change) -> dict[str, Any]:
        detail = change.event.payload.get("detail", {})
        texts = change.texts() or {}
        phone = texts.get("reporter_phone")
        return {
            "number": detail["number"],
            "outside_number": detail.get("outside_number", ""),
            **_position(change),
            "reported_at": moment(detail.get("reported_at", change.event.at)),
            "sealed": change.sealed,
            "phone_hash": lookup_hash(phone) if phone else None,
        }


def _position(change: Change) -> dict[str, Any]:
    """Where the case is, as its event says. A case put to another place by code has no coordinates any more."""
    detail = change.event.payload.get("detail", {})
    flags = list(detail.get("flags", []))
    if change.before is not None and "lon_e6" not in detail and "no_position" not in flags:
        flags.append("no_position")
    return {
        "lon_e6": detail.get("lon_e6"),
        "lat_e6": detail.get("lat_e6"),
        "candidates": list(detail.get("candidates", [])),
        "flags": flags,
    }


_EMPTY: dict[str, Any] = dict.fromkeys(("filed_at", "dispatched_at", "handled_at", "closed_at"))


def _from_state(state: State) -> dict[str, Any]:
    fields, counters = state.fields, state.counters
    columns: dict[str, Any] = {name: str(fields.get(name) or "") for name in _FROM_FIELDS}
    columns["urgent"] = fields.get("urgent") is True
    columns["has_reporter"] = fields.get("has_reporter") is True
    leads = [a for a in state.assignments if a.slot == "handle" and a.mode == "lead"]
    columns["lead_unit"] = leads[-1].unit if leads else ""
    handling = [c for c in state.clocks if c.spec == "handle"]
    columns["handle_due_at"] = moment(handling[-1].due_at) if handling else None
    for name in ("returns", "reworks", "reminders"):
        columns[name] = counters.get(name, 0)
    return columns


def _times(change: Change) -> dict[str, Any]:
    """Instants of the stages: the first filing and dispatch, the last handling and closing."""
    kind, at = change.event.kind, moment(change.event.at)
    if kind == _ALL_AT_ONCE:
        return {"filed_at": at, "handled_at": at, "closed_at": at}
    if kind in _FIRST_TIMES:
        seen = change.before is not None and any(a.slot == "handle" for a in change.before.assignments)
        refiled = change.before is not None and change.before.fields.get("standard")
        if (kind == "dispatch" and seen) or (kind != "dispatch" and refiled):
            return {}
        return {_FIRST_TIMES[kind]: at}
    if kind in _LAST_TIMES:
        return {_LAST_TIMES[kind]: at}
    if kind in _CLOSINGS:
        return {"closed_at": at}
    if kind == "rework":
        return {"handled_at": None, "closed_at": None}
    return {}
