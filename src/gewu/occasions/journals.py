"""Rows that the events of an occasion add: matters, how they left the table, who attended, answers, tellings, results.

A journal knows its move by name and nothing of types: any playbook of occasions may use the same verbs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from gewu.ledger.projections import Change
from gewu.ledger.rows import moment
from gewu.occasions.kinds import (
    ANSWER,
    ATTEND,
    CASE,
    CASE_ENDED,
    CASE_ITEM,
    CASE_MERGED,
    COLLECT,
    CONSULT,
    DONE,
    EVALUATE,
    EXECUTE,
    FUND,
    MATTER,
    NOT_DONE,
    OUTCOMES,
    PLAN,
    PUBLISH,
    REFER_FOLLOWED,
    RESOLVE,
    RESULT,
    STRIKE_RESULT,
    TABLE_CASE,
    TAKE_UP_CASE,
    TAKE_UP_MATTER,
    TELL,
    TELL_RESULT,
)

_AT_SESSION = frozenset({"consulting", "in_session", "settling"})
_COMING = frozenset({COLLECT, TABLE_CASE, TAKE_UP_MATTER, TAKE_UP_CASE})
_LEAVING = {**OUTCOMES, CASE_ENDED: "ended", CASE_MERGED: "merged", REFER_FOLLOWED: "referred"}
_COUNTED = frozenset({RESOLVE, DONE, NOT_DONE})
"""Moves whose outcome is that of the part they end."""


class EventJournal:
    """See ``gewu.ledger.projections.Journal``: at most one row for an event, made by ``row``."""

    def __init__(
        self,
        table: str,
        columns: tuple[str, ...],
        moves: frozenset[str],
        row: Callable[[Change], tuple[Any, ...] | None],
    ) -> None:
        self.table, self.columns, self._moves, self._row = table, columns, moves, row

    def rows(self, change: Change) -> list[tuple[Any, ...]]:
        """The row of this event if its move is one of the journal's, and its words were not erased."""
        if change.event.kind not in self._moves or change.texts() is None:
            return []
        row = self._row(change)
        return [] if row is None else [row]


def _args(change: Change) -> dict[str, Any]:
    return dict(change.event.payload.get("args", {}))


def _opened(change: Change, slot: str) -> int:
    """The number of the part of this slot that the event opened; 0 for none."""
    return next((int(e[1]["no"]) for e in change.event.effects if e[0] == "open" and e[1]["slot"] == slot), 0)


def _ended(change: Change) -> int:
    return next((int(e[1]) for e in change.event.effects if e[0] == "end"), 0)


def _record(value: Any) -> UUID | None:
    return UUID(str(value)) if value else None


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def _matter(change: Change) -> tuple[Any, ...]:
    args, before = _args(change), change.before
    phase = "at" if before is not None and before.stage in _AT_SESSION else "before"
    return (
        change.after.counters.get("matters", 0), _opened(change, MATTER) or _opened(change, CASE_ITEM), phase,
        str(args.get("source", "")),
        str(args.get("category", "")), str(args.get("place", "")), str(args.get("building", "")),
        int(args.get("raised", 1)), _record(args.get("case")), _record(args.get("origin")),
        int(args.get("origin_part", 0)), moment(change.event.at), change.sealed, str(args.get("topic", "")),
        str(args.get("matter_kind", "")),
    )  # fmt: skip


def _outcome(change: Change) -> tuple[Any, ...] | None:
    args, kind = _args(change), change.event.kind
    case = args.get("into") if kind == CASE_MERGED else args.get("case")
    outcome = _LEAVING.get(kind) or next((str(e[2]) for e in change.event.effects if e[0] == "end"), "")
    if not outcome:
        return None  # under version 1 of its playbook a committee task, whole, was reported done by this name
    return (
        _ended(change), outcome, _record(case), _opened(change, CASE) or _opened(change, EXECUTE),
        str(args.get("unit", "")), args.get("limit_days"), _day(args.get("due_on")), str(args.get("tier", "")),
        str(args.get("solved") or args.get("ended") or ""), moment(change.event.at), change.sealed,
        args.get("present"), args.get("stakeholders"), args.get("votes_for"), args.get("votes_against"),
        args.get("votes_abstained"), str(args.get("executor", "")), _day(args.get("until")), _day(args.get("done_on")),
    )  # fmt: skip


def _attendance(change: Change) -> tuple[Any, ...]:
    args = _args(change)
    return (
        change.after.counters.get("attendance", 0), str(args.get("level", "")), str(args.get("unit", "")),
        int(args.get("heads", 0)), int(args.get("corrects", 0)), moment(change.event.at), change.sealed,
    )  # fmt: skip


def _reply(change: Change) -> tuple[Any, ...]:
    args = _args(change)
    return int(args.get("matter", 0)), str(args.get("unit", "")), moment(change.event.at), change.sealed


def _telling(change: Change) -> tuple[Any, ...]:
    args = _args(change)
    return (
        change.event.kind in (TELL_RESULT, PUBLISH), date.fromisoformat(str(args["posted_on"])),
        str(args.get("way", "")), args.get("heads"), moment(change.event.at), change.sealed, args.get("days"),
    )  # fmt: skip


def _evaluation(change: Change) -> tuple[Any, ...]:
    args = _args(change)
    return (
        _day(args.get("evaluated_on")), int(args["asked"]), int(args["satisfied"]), int(args["dissatisfied"]),
        moment(change.event.at), change.sealed,
    )  # fmt: skip


def _day_of(change: Change) -> date:
    """The day that was given, else that of the district, which stands beside the event."""
    given = change.event.payload.get("detail", {}).get("on") or _args(change).get("on")
    return date.fromisoformat(str(given)) if given else moment(change.event.at).date()


def _result(change: Change) -> tuple[Any, ...]:
    """A line that counts, or the striking of one. Measure, strand and day were looked up when it was recorded."""
    args, detail, struck = _args(change), change.event.payload.get("detail", {}), change.event.kind == STRIKE_RESULT
    return (
        str(args.get("unit", "")), "" if struck else str(args["item"]), 0 if struck else int(args["quantity"]),
        str(detail.get("measure", "")), str(args.get("place", "")),
        int(args["line"]) if struck else int(args.get("corrects", 0)), moment(change.event.at),
        0 if struck else change.after.counters.get("results", 0), _day_of(change),
        str(detail.get("strand", "")), struck, change.sealed,
    )  # fmt: skip


def _plan(change: Change) -> tuple[Any, ...]:
    args, detail = _args(change), change.event.payload.get("detail", {})
    return (
        change.after.counters.get("plans", 0), str(args["item"]), str(detail["measure"]), int(args["quantity"]),
        int(args.get("corrects", 0)), moment(change.event.at), change.sealed,
    )  # fmt: skip


def _fund(change: Change) -> tuple[Any, ...]:
    args, detail = _args(change), change.event.payload.get("detail", {})
    return (
        change.after.counters.get("funds", 0), str(args["source"]), str(args["measure"]), int(args["amount"]),
        int(args.get("corrects", 0)), date.fromisoformat(str(detail["on"])), moment(change.event.at), change.sealed,
    )  # fmt: skip


def _poll(change: Change) -> tuple[Any, ...]:
    args = _args(change)
    return (
        int(args["asked"]), int(args["agree"]), int(args["against"]), bool(change.after.fields.get("carried")),
        date.fromisoformat(str(args["on"])), moment(change.event.at), change.sealed,
    )  # fmt: skip


JOURNALS = (
    EventJournal(
        "occasions_plan",
        ("line", "item", "measure", "quantity", "corrects", "at", "sealed"),
        frozenset({PLAN}),
        _plan,
    ),
    EventJournal(
        "occasions_fund",
        ("line", "source", "measure", "amount", "corrects", "on_day", "at", "sealed"),
        frozenset({FUND}),
        _fund,
    ),
    EventJournal(
        "occasions_poll",
        ("asked", "agree", "against", "carried", "on_day", "at", "sealed"),
        frozenset({CONSULT}),
        _poll,
    ),
    EventJournal(
        "occasions_matter",
        (
            "no",
            "part",
            "phase",
            "source",
            "category",
            "place",
            "building",
            "raised",
            "case_id",
            "origin_id",
            "origin_part",
            "at",
            "sealed",
            "topic",
            "kind",
        ),
        _COMING,
        _matter,
    ),
    EventJournal(
        "occasions_outcome",
        (
            "part",
            "outcome",
            "case_id",
            "follow",
            "unit",
            "limit_days",
            "due_on",
            "tier",
            "solved",
            "at",
            "sealed",
            "present",
            "stakeholders",
            "votes_for",
            "votes_against",
            "votes_abstained",
            "executor",
            "until",
            "done_on",
        ),
        frozenset(_LEAVING) | _COUNTED,
        _outcome,
    ),
    EventJournal(
        "occasions_attendance",
        ("line", "level", "unit", "heads", "corrects", "at", "sealed"),
        frozenset({ATTEND}),
        _attendance,
    ),
    EventJournal("occasions_reply", ("matter", "unit", "at", "sealed"), frozenset({ANSWER}), _reply),
    EventJournal(
        "occasions_telling",
        ("final", "posted_on", "way", "heads", "at", "sealed", "days"),
        frozenset({TELL, TELL_RESULT, PUBLISH}),
        _telling,
    ),
    EventJournal(
        "occasions_evaluation",
        ("evaluated_on", "asked", "satisfied", "dissatisfied", "at", "sealed"),
        frozenset({EVALUATE}),
        _evaluation,
    ),
    EventJournal(
        "occasions_result",
        (
            "unit",
            "item",
            "quantity",
            "measure",
            "place",
            "corrects",
            "at",
            "line",
            "on_day",
            "strand",
            "struck",
            "sealed",
        ),
        frozenset({RESULT, STRIKE_RESULT}),
        _result,
    ),
)
