"""The columns of a fact row, by what may be asked of them. Everything else is made from these lists.

An instant is a whole number of seconds since the epoch, UTC, or null when it has not come. A clock has three columns:
``<clock>_due`` and ``<clock>_done`` of the run that decides (the first that ended late, else the last), and
``<clock>_late``, the number of runs that ended late, null when it never ran.
"""

from __future__ import annotations

from typing import Final

CLOCKS: Final = (
    "accept",
    "arrange",
    "verify",
    "file",
    "dispatch",
    "claim",
    "handle",
    "send_check",
    "check",
    "close",
    "answer",
)
INSTANTS: Final = (
    "reported_at",
    "registered_at",
    "verified_at",
    "filed_at",
    "dispatched_at",
    "claimed_at",
    "handled_at",
    "checked_at",
    "closed_at",
    "answered_at",
    "followed_at",
    "ended_at",
    "lifted_at",
    "landed_at",
)
COUNTS: Final = (
    "received",
    "returned",
    "reworks",
    "repeats",
    "extensions",
    "suspensions",
    "checks_passed",
    "checks_failed",
    "checks_unable",
    "hops",
)
FLAGS: Final = ("urgent", "has_reporter", "public", "collector", "forced", "fixed_on_spot", "overdue_exempt")
TEXTS: Final = (
    "number",
    "place",
    "category",
    "standard",
    "source",
    "tier",
    "stage",
    "ended",
    "lead_unit",
    "verification",
    "solved",
    "satisfied",
)
PERSONS: Final = (
    "reported_by",
    "registered_by",
    "verified_by",
    "filed_by",
    "dispatched_by",
    "checked_by",
    "closed_by",
)
ARRAYS: Final = ("areas", "units_received", "units_returned")
CLOCK_PARTS: Final = ("due", "done", "late")
CLOCK_COLUMNS: Final = tuple(f"{clock}_{part}" for clock in CLOCKS for part in CLOCK_PARTS)

FACT_COLUMNS: Final = (*TEXTS, *PERSONS, *FLAGS, *INSTANTS, *COUNTS, *ARRAYS, *CLOCK_COLUMNS)
"""All columns of ``evaluation_fact`` beside the key (district_id, record_id)."""

KNOWN_SINCE: Final = {
    "verification": "verified_at",
    "solved": "followed_at",
    "satisfied": "followed_at",
    "ended": "ended_at",
    "forced": "closed_at",
}
"""Values that came at an instant: asked as of an earlier one, they are still empty."""

PUBLIC_SOURCES: Final = frozenset({"phone", "counter", "chat", "web", "api", "app", "social", "hotline"})
"""Sources through which people outside the administration report (CJJ/T 106: public report)."""

COLLECTOR_SOURCES: Final = frozenset({"collector"})
