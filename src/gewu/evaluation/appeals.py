"""Appeals against an indicator: what one case did to one figure of a unit. Granted, it is left out of the adjusted
figure; the fact stays. Lodged by the unit's clerk, reviewed by two, as the playbook ``score_appeal`` has it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.core.records import Command
from gewu.ledger.door import Acting, Outcome, Wish, execute, new_id, now_us
from gewu.ledger.errors import NotFound
from gewu.ledger.lookups import Position
from gewu.ledger.numbers import numbers
from gewu.ledger.projections import Change
from gewu.registry.directory import get_directory

KIND = "score_appeal"
PLAYBOOK = "score_appeal"
COLUMNS: tuple[str, ...] = (
    "number", "indicator", "case_id", "unit", "stage", "lodged_at", "granted_at", "rejected_at",
)  # fmt: skip
_DECISIONS = {"granted": "granted_at", "rejected": "rejected_at"}


class AppealProjection:
    """One row for each appeal. See ``gewu.ledger.projections.Projection``."""

    table = "evaluation_appeal"
    columns: tuple[str, ...] = COLUMNS
    private: tuple[str, ...] = ()

    def delta(self, change: Change) -> dict[str, Any]:
        """What this event changes; everything when it is the first."""
        event, after, before = change.event, change.after, change.before
        found: dict[str, Any] = {}
        if before is None:
            case = after.fields.get("case")
            found = {
                "number": str(event.payload.get("detail", {}).get("number", "")),
                "indicator": str(after.fields.get("indicator") or ""),
                "case_id": UUID(str(case)) if case else None,
                "unit": event.unit,
                "lodged_at": event.at,
                "granted_at": None,
                "rejected_at": None,
            }
        if before is None or before.stage != after.stage:
            found["stage"] = after.stage
            for stage, column in _DECISIONS.items():
                if stage == after.stage:
                    found[column] = event.at
                elif before is not None and before.stage == stage:
                    found[column] = None
        return found


class UnknownIndicator(LookupError):
    """There is no such indicator in this district."""


class NotConcerned(PermissionError):
    """The unit never was the lead unit of this case."""


def lodge(
    district_id: int,
    acting: Acting,
    indicator: str,
    case_id: UUID,
    reason: str,
    *,
    command_id: str = "",
    at_us: int | None = None,
) -> Outcome:
    """Appeal against what a case does to an indicator of the actor's unit. The same ``command_id`` lodges once.

    Raises ``UnknownIndicator``, ``NotFound`` for a case out of sight, ``NotConcerned``, and the ledger's errors.
    """
    from gewu.evaluation.packfiles import definitions_of

    if indicator not in definitions_of(district_id).indicators:
        raise UnknownIndicator(f"there is no indicator {indicator!r}")
    directory = get_directory(district_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, areas, units_received FROM evaluation_fact WHERE district_id = %s AND record_id = %s",
            [district_id, case_id],
        )
        found = cursor.fetchone()
    if found is None:
        raise NotFound("no such case")
    place, areas, units = found
    if acting.actor.unit not in units:
        raise NotConcerned("only a unit that was sent the case may appeal against what it does to its figures")
    at_us = at_us or now_us()
    day = datetime.fromtimestamp(at_us // 1_000_000, ZoneInfo(directory.district.timezone)).date()
    number = numbers.take(district_id, directory.district.code, day)
    args = {"case": str(case_id), "indicator": indicator}
    command = Command(command_id or str(new_id()), "lodge", args, {"reason": reason})
    wish = Wish(new_id(), command, PLAYBOOK, Position(place, tuple(areas)), {"number": number})
    return execute(district_id, acting, wish, at_us=at_us)[0]
