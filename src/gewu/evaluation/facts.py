"""The fact row of a case: a pure function of its events, in the same transaction as they.

Instants and counts, no verdicts. What an event did not touch is not looked at, so that a move costs a few microseconds.
Where a playbook has no such stage, clock or slot, the columns stay empty.
"""

from __future__ import annotations

from typing import Any

from gewu.core.records import REPORTER, RUNNING, Assignment, Clock, State
from gewu.evaluation import columns as c
from gewu.ledger.projections import Change

HANDLE, VERIFY, CHECK = "handle", "verify", "check"
LEAD = "lead"
DONE = "done"
RETURNED = frozenset({"returned", "objection_upheld"})
"""Outcomes by which a unit got rid of a case that was not its own."""
LIFTED = "lifted"
"""The outcome by which a street's centre handed a case up to the district's."""
WITHDRAWN = RETURNED | {"revoked", "voided", "merged", "forced", "released", LIFTED}
"""Outcomes by which a part ended without its work being done."""
VERIFIED = frozenset({"exists", "absent", "unable"})
CHECKED = {"pass": "checks_passed", "fail": "checks_failed", "unable": "checks_unable"}
OPEN_STAGES = frozenset({"new", "reported"})
CLOSING_STAGES = ("closed", "answered")
END_STAGES = frozenset({"declined", "voided", "merged", "answered"})
FORCED, FIXED_ON_SPOT = "forced", "fixed_on_spot"
_TEXT_FIELDS = frozenset({"category", "standard", "source", "tier", "verification", "solved", "satisfied"})
_FLAG_FIELDS = frozenset({"urgent", "has_reporter", "overdue_exempt"})
_COUNTED_OR_TAGGED = frozenset({"reworks", "repeats", "extensions", "suspensions", "hops", FORCED, FIXED_ON_SPOT})
_CLOCKS = frozenset(c.CLOCKS)

# Instants and clocks that have not come are null without being named.
_ALWAYS: dict[str, Any] = (
    dict.fromkeys((*c.TEXTS, *c.PERSONS), "") | dict.fromkeys(c.FLAGS, False) | dict.fromkeys(c.COUNTS, 0)
)


class FactProjection:
    """See ``gewu.ledger.projections.Projection``."""

    table = "evaluation_fact"
    columns: tuple[str, ...] = c.FACT_COLUMNS
    private: tuple[str, ...] = ()

    def delta(self, change: Change) -> dict[str, Any]:
        """What this event changes; everything when it is the first."""
        event, after = change.event, change.after
        found: dict[str, Any] = _birth(change) if change.before is None else {}
        parts: set[str] = set()
        clocks: set[str] = set()
        stages: list[str] = []
        for effect in event.effects:
            name = effect[0]
            if name == "clock":
                clocks.add(effect[1]["spec"])
            elif name == "set":
                _field(found, effect[1], effect[2], event.at)
            elif name == "open":
                parts.add(effect[1]["slot"])
            elif name in ("end", "take", "hand"):
                part = after.assignments[effect[1] - 1]
                parts.add(part.slot)
                if name == "take" and part.slot == HANDLE and part.mode == LEAD:
                    found["claimed_at"] = event.at
            elif name == "stage":
                stages.append(effect[1])
            elif name in ("count", "tag") and effect[1] in _COUNTED_OR_TAGGED:
                found[effect[1]] = effect[2]
            elif name == "place":
                found["place"], found["areas"] = effect[1], list(effect[2])
        if stages:
            _stages(found, change, stages)
        if HANDLE in parts:
            _handling(found, change)
        if VERIFY in parts:
            _task(found, change, VERIFY, VERIFIED, "verified_at", "verified_by")
        if CHECK in parts:
            _checks(found, change)
        for clock in clocks & _CLOCKS:
            _clock(found, after, clock)
        return found


def person_of(actor: str) -> str:
    """Who acted. A resident stays a resident: the secret of the visit is no business of a fact row."""
    return REPORTER if actor.partition(":")[0] == REPORTER else actor


def _birth(change: Change) -> dict[str, Any]:
    detail = change.event.payload.get("detail", {})
    return {
        **_ALWAYS,
        "areas": [],
        "units_received": [],
        "units_returned": [],
        "number": str(detail.get("number", "")),
        "reported_at": detail.get("reported_at", change.event.at),
        "reported_by": person_of(change.event.actor),
    }


def _field(found: dict[str, Any], name: str, value: Any, at: int) -> None:
    if name in _TEXT_FIELDS:
        found[name] = str(value or "")
    elif name in _FLAG_FIELDS:
        found[name] = value is True
    if name == "source":
        found["public"] = value in c.PUBLIC_SOURCES
        found["collector"] = value in c.COLLECTOR_SOURCES
    if name in ("solved", "satisfied"):
        found["followed_at"] = at


def _stages(found: dict[str, Any], change: Change, stages: list[str]) -> None:
    """What it means to come to a stage. A case may pass through one on its way to another within one event."""
    event, before, after = change.event, change.before, change.after
    came_from = before.stage if before is not None else "new"
    who = person_of(event.actor)
    found["stage"] = after.stage
    if "registered" in stages and came_from in OPEN_STAGES:
        found["registered_at"], found["registered_by"] = event.at, who
    if "filed" in stages and not _filed(before):
        found["filed_at"], found["filed_by"] = event.at, who
    if after.stage in CLOSING_STAGES:
        if came_from not in CLOSING_STAGES:
            found["closed_at"], found["closed_by"] = event.at, who
    elif came_from in CLOSING_STAGES:
        found["closed_at"], found["closed_by"], found["answered_at"] = None, "", None
    if "answered" in stages:
        found["answered_at"] = event.at
    ended = after.stage if after.stage in END_STAGES else ""
    if ended or came_from in END_STAGES:
        found["ended"], found["ended_at"] = ended, event.at if ended else None
    if FIXED_ON_SPOT in after.tags and before is None:
        found["filed_at"] = found["handled_at"] = found["closed_at"] = event.at
        found["filed_by"] = found["closed_by"] = who


def _filed(before: State | None) -> bool:
    """Whether a case was filed already: it has a standard, or was with a unit."""
    return before is not None and (
        bool(before.fields.get("standard")) or any(part.slot == HANDLE for part in before.assignments)
    )


def _handling(found: dict[str, Any], change: Change) -> None:
    leads = [part for part in change.after.assignments if part.slot == HANDLE and part.mode == LEAD]
    if not leads:
        return
    receipts = _receipts(leads)
    returns = [part for part in leads if part.outcome in RETURNED]
    last = leads[-1]
    found["lead_unit"] = last.unit
    found["units_received"], found["received"] = [part.unit for part in receipts], len(receipts)
    found["units_returned"], found["returned"] = [part.unit for part in returns], len(returns)
    found["dispatched_at"] = receipts[0].opened_at
    found["handled_at"] = last.ended_at if last.outcome == DONE else None
    if last.outcome == LIFTED and last.ended_at == change.event.at:
        found["lifted_at"], found["landed_at"] = change.event.at, None
    elif len(leads) > 1 and leads[-2].outcome == LIFTED and last.opened_at == change.event.at:
        found["landed_at"] = change.event.at
    known = [part for part in (change.before.assignments if change.before else ()) if part.slot == HANDLE]
    if receipts[-1].no > (known[-1].no if known else 0):
        found["dispatched_by"] = person_of(change.event.actor)
        found.setdefault("claimed_at", None)


def _receipts(leads: list[Assignment]) -> list[Assignment]:
    """Each time a unit got the case. Rework opens the part of the same unit again, which is no new receipt."""
    return [
        part
        for at, part in enumerate(leads)
        if at == 0 or leads[at - 1].outcome != DONE or leads[at - 1].unit != part.unit
    ]


def _task(
    found: dict[str, Any], change: Change, slot: str, outcomes: frozenset[str], at: str, by: str
) -> list[Assignment]:
    """A collector's task that ended with a result: when, and by whom it was done in this event."""
    ended = [part for part in change.after.assignments if part.slot == slot and part.outcome in outcomes]
    if ended:
        latest = max(ended, key=lambda part: (part.ended_at, part.no))
        found[at] = latest.ended_at
        if ["end", latest.no, latest.outcome] in change.event.effects:
            found[by] = person_of(change.event.actor)
    return ended


def _checks(found: dict[str, Any], change: Change) -> None:
    ended = _task(found, change, CHECK, frozenset(CHECKED), "checked_at", "checked_by")
    for outcome, column in CHECKED.items():
        found[column] = sum(part.outcome == outcome for part in ended)


def _clock(found: dict[str, Any], state: State, spec: str) -> None:
    """The run of a clock that decides: the first that ended late, since that stays a fact, else the last.

    Only runs of the last holder count: a unit is not late with what another one kept too long.
    """
    runs = [run for run in state.clocks if run.spec == spec and not _withdrawn(run, state)]
    runs = [run for run in runs if run.holder == runs[-1].holder]
    if not runs:
        found[f"{spec}_due"] = found[f"{spec}_done"] = found[f"{spec}_late"] = None
        return
    late = [run for run in runs if 0 < run.due_at < run.stopped_at]
    run = late[0] if late else runs[-1]
    done = run.stopped_at or None
    due: int | None = run.due_at
    if run.status not in (RUNNING, "stopped"):  # resting: its deadline moves on when it runs again
        done = None
        due = run.due_at if late else None
    found[f"{spec}_due"], found[f"{spec}_done"], found[f"{spec}_late"] = due, done, len(late)


def _withdrawn(run: Clock, state: State) -> bool:
    """Whether a run ended in time only because its holder was relieved of the work."""
    part = state.assignment(run.assignment) if run.assignment else None
    if part is None or part.live or run.stopped_at > run.due_at:
        return False
    gone = part.outcome in WITHDRAWN or part.outcome.startswith("parent_")
    # A claim is made while the part goes on; what is handed in ends it.
    return gone and not (run.spec == "claim" and 0 < run.stopped_at < part.ended_at)
