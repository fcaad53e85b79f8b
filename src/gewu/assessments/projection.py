"""Columns of a round or an honour, and rows of its points and services, as pure functions of the events."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

from gewu.assessments import kinds as k
from gewu.core.records import State
from gewu.ledger.projections import Change
from gewu.ledger.rows import moment

COLUMNS: tuple[str, ...] = (
    "playbook", "period", "number", "year", "counter", "method", "quorum", "streets", "departments", "nominate_by",
    "build_by", "tour_on", "vote_by", "entries", "delegates", "voting_at", "closed_at", "counted_at", "published_at",
    "voided_at", "ballots", "ratings", "root", "result", "class", "level", "unit", "notice_at", "notice_until",
    "awarded_at", "name_withdrawn", "sealed",
)  # fmt: skip
_DAYS = ("nominate_by", "build_by", "tour_on", "vote_by")
_REACHED = {
    k.VOTING: "voting_at",
    k.CLOSED: "closed_at",
    k.PUBLISHED: "published_at",
    k.VOIDED: "voided_at",
    k.PUBLICISED: "notice_at",
    k.AWARDED: "awarded_at",
}
"""The column that says when a stage was reached."""
COUNTING = frozenset({"count", "recount"})
_NOTHING = ("voting_at", "closed_at", "counted_at", "published_at", "voided_at", "notice_at", "awarded_at")


class RoundProjection:
    """See ``gewu.ledger.projections.Projection``. Rounds and honours share one table."""

    table = "assessments_round"
    columns: tuple[str, ...] = COLUMNS
    private: tuple[str, ...] = ("sealed",)

    def delta(self, change: Change) -> dict[str, Any]:
        """What this event changes; everything when it is the first."""
        new, detail, args = _from_state(change.after), _detail(change), change.event.payload.get("args", {})
        told = _told(change)
        if change.before is None:
            return {
                "playbook": change.after.playbook,
                "number": str(detail.get("number", "")),
                "year": int(detail.get("year", 0)),
                "counter": int(detail.get("counter", 0)),
                "streets": list(args.get("streets", ())),
                "departments": list(args.get("departments", ())),
                "unit": change.event.unit,
                "delegates": 0,
                **dict.fromkeys((*_NOTHING, "ballots", "ratings", "root", "result")),
                **new,
                **told,
                "sealed": change.sealed,
            }
        old = _from_state(change.before)
        found = {name: value for name, value in new.items() if old[name] != value} | told
        if change.event.kind == "issue_codes":
            found["delegates"] = int(detail["issued"])
        return found


def _from_state(state: State) -> dict[str, Any]:
    fields, counters = state.fields, state.counters
    notices = [c for c in state.clocks if c.spec == "notice"]
    return {
        "period": str(fields.get("period") or ""),
        "method": str(fields.get("method") or ""),
        "quorum": int(fields.get("quorum") or 0),
        **{name: _day(fields.get(name)) for name in _DAYS},
        "entries": counters.get("entries", 0) - counters.get("withdrawn", 0),
        "class": str(fields.get("class") or ""),
        "level": str(fields.get("level") or ""),
        "notice_until": moment(notices[-1].due_at) if notices else None,
        "name_withdrawn": "name_withdrawn" in state.tags,
    }


def _told(change: Change) -> dict[str, Any]:
    """Instants of stages, and what was counted."""
    at, found = moment(change.event.at), dict[str, Any]()
    if change.before is None or change.before.stage != change.after.stage:
        column = _REACHED.get(change.after.stage)
        if column is not None:
            found[column] = at
    if change.event.kind in COUNTING:
        detail = _detail(change)
        found |= {
            "counted_at": at,
            "ballots": int(detail["ballots"]),
            "ratings": int(detail["ratings"]),
            "root": bytes.fromhex(detail["root"]),
            "result": json.dumps(detail["result"], ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        }
    return found


def _detail(change: Change) -> dict[str, Any]:
    detail: dict[str, Any] = change.event.payload.get("detail", {})
    return detail


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


class EntryJournal:
    """What each event says of a point. A point's number is that of the event by which it was nominated."""

    table = "assessments_entry"
    columns: tuple[str, ...] = ("what", "entry", "at", "unit", "track", "place", "case_id", "photo")

    _WHAT = frozenset({"nominate", "link_case", "report_built", "withdraw_entry", "release_photo", "withdraw_photo"})

    def rows(self, change: Change) -> list[tuple[Any, ...]]:
        """One row for each event about a point or a photo of one."""
        event, args = change.event, change.event.payload.get("args", {})
        if change.after.playbook == k.HONOUR or event.kind not in self._WHAT:
            return []
        first = event.kind == "nominate"
        case, photo = args.get("case"), args.get("photo")
        return [
            (
                event.kind,
                event.seq if first else int(args.get("entry", 0)),
                moment(event.at),
                str(_detail(change).get("unit") or event.unit),
                str(args.get("track", "")),
                str(args.get("place", "")),
                UUID(case) if case else None,
                UUID(photo) if photo else None,
            )
        ]


class ServiceJournal:
    """What departments did for the streets, by their own records."""

    table = "assessments_service"
    columns: tuple[str, ...] = ("at", "unit", "item", "quantity", "measure", "street", "day")

    def rows(self, change: Change) -> list[tuple[Any, ...]]:
        """One row for each record of a service."""
        event, args = change.event, change.event.payload.get("args", {})
        if event.kind != "record_service":
            return []
        return [
            (
                moment(event.at),
                event.unit,
                args["item"],
                args["quantity"],
                args["measure"],
                str(args.get("street", "")),
                date.fromisoformat(args["day"]),
            )
        ]
