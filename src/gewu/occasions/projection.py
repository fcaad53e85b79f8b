"""Columns of an occasion as a pure function of its events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from gewu.core.records import State
from gewu.ledger.projections import Change
from gewu.ledger.rows import moment
from gewu.occasions.kinds import CASE, MATTER, PUBLISH, REGISTER

COLUMNS: tuple[str, ...] = (
    "type", "number", "year", "counter", "day", "period", "place", "community", "street", "building", "unit", "led_by",
    "starts_at", "ends_at", "opened_at", "adjourned_at", "settled_at", "followed_at", "noticed_at", "closed_at",
    "cancelled_at", "postponed_at", "postponements", "attendance", "matters", "withdrawn", "cases", "joined",
    "answered", "ended", "answers", "tellings", "matters_open", "cases_open", "sealed", "sort", "strand", "activity",
    "reached",
)  # fmt: skip

STEPS = {
    "open_session": "opened_at",
    "hold": "opened_at",
    REGISTER: "opened_at",
    "adjourn": "adjourned_at",
    "finish_settling": "settled_at",
    "all_closed": "followed_at",
    "notice_back": "noticed_at",
    PUBLISH: "noticed_at",
    "close": "closed_at",
    "cancel": "cancelled_at",
    "postpone": "postponed_at",
    "begin_duty": "opened_at",
    "end_duty": "adjourned_at",
    "all_reported": "settled_at",
    "close_reporting": "settled_at",
    "close_unsigned": "closed_at",
    "begin_works": "opened_at",
    "accept_works": "settled_at",
    "accept_works_for_office": "settled_at",
    "hand_over": "noticed_at",
    "drop_project": "cancelled_at",
    "dissolve": "closed_at",
    "confirm": "closed_at",
    "call_off": "cancelled_at",
}
"""The instant that each move sets."""
COUNTED = (
    "postponements", "attendance", "matters", "withdrawn", "cases", "joined", "answered", "ended", "answers",
    "tellings",
)  # fmt: skip
STREET, COMMUNITY = 9, 12
"""Digits of a street's and of a community's code."""


class OccasionProjection:
    """See ``gewu.ledger.projections.Projection``. All types share one table."""

    table = "occasions_occasion"
    columns: tuple[str, ...] = COLUMNS
    private: tuple[str, ...] = ("sealed",)

    def delta(self, change: Change) -> dict[str, Any]:
        """What this event changes; everything when it is the first."""
        new, told = _from_state(change.after), _told(change)
        if change.before is None:
            detail = change.event.payload.get("detail", {})
            return {
                "type": change.after.playbook,
                "number": detail["number"],
                "year": detail["year"],
                "counter": detail["counter"],
                "day": date.fromisoformat(detail["day"]),
                **dict.fromkeys(STEPS.values()),
                **new,
                **told,
                "sealed": change.sealed,
            }
        old = _from_state(change.before)
        return {name: value for name, value in new.items() if old[name] != value} | told


def _from_state(state: State) -> dict[str, Any]:
    fields, place = state.fields, state.place
    live = [part.slot for part in state.assignments if part.live]
    return {
        "place": place,
        "community": place[:COMMUNITY] if len(place) >= COMMUNITY else "",
        "street": place[:STREET] if len(place) >= STREET else "",
        "building": str(fields.get("building") or ""),
        "unit": str(fields.get("unit") or ""),
        "led_by": str(fields.get("led_by") or ""),
        "starts_at": _instant(fields.get("starts_at")),
        "ends_at": _instant(fields.get("ends_at")),
        **{name: state.counters.get(name, 0) for name in COUNTED},
        "sort": str(fields.get("sort") or ""),
        "matters_open": live.count(MATTER),
        "cases_open": live.count(CASE),
        "strand": str(fields.get("strand") or ""),
        "activity": str(fields.get("activity") or ""),
        "reached": int(fields.get("reached") or 0),
    }


def _instant(value: object) -> datetime | None:
    return moment(value) if isinstance(value, int) and value else None


def _told(change: Change) -> dict[str, Any]:
    """The instant of a step, and the month in which the occasion takes place from now on."""
    found: dict[str, Any] = {}
    column = STEPS.get(change.event.kind)
    if column is not None:
        found[column] = moment(change.event.at)
    period = change.event.payload.get("detail", {}).get("period")
    if period:
        found["period"] = period
    elif change.before is None:
        found["period"] = ""
    return found
