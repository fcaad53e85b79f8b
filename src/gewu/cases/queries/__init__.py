"""Reads of cases, each a bounded number of statements. Lists page by keyset; counts are capped.

Visible = place prefix or area or overlap with involved; the reporter's name is masked to whoever does not need it.
"""

from gewu.cases.queries.lists import (
    CAP,
    PAGE,
    Filter,
    Page,
    count_by_stage,
    count_to,
    counts,
    list_cases,
    narrowed,
    versions,
    visible,
)
from gewu.cases.queries.lookups import (
    Basis,
    case_basis,
    find_by_number,
    first_waits,
    joins_of,
    number_of,
    waits_for_answer,
)
from gewu.cases.queries.marks import BadCursor
from gewu.cases.queries.notices import UNREAD_CAP, Notice, list_notices, mark_read, unread_notices
from gewu.cases.queries.page import CaseView, LinkRow, PhotoRow, TimelineEntry, get_case, mask
from gewu.cases.queries.rows import CaseRow, open_texts
from gewu.cases.queries.since import Step, first_photos, states_of, steps_since

__all__ = [
    "CAP",
    "PAGE",
    "UNREAD_CAP",
    "BadCursor",
    "Basis",
    "CaseRow",
    "CaseView",
    "Filter",
    "LinkRow",
    "Notice",
    "Page",
    "PhotoRow",
    "Step",
    "TimelineEntry",
    "case_basis",
    "count_by_stage",
    "count_to",
    "counts",
    "find_by_number",
    "first_photos",
    "first_waits",
    "get_case",
    "joins_of",
    "list_cases",
    "list_notices",
    "mark_read",
    "mask",
    "narrowed",
    "number_of",
    "open_texts",
    "states_of",
    "steps_since",
    "unread_notices",
    "versions",
    "visible",
    "waits_for_answer",
]
