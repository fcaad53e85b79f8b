"""Reads of occasions, each a bounded number of statements: lists by keyset, one with all its rows, figures."""

from gewu.occasions.queries.figures import STATES, Figures, MatterPage, MatterRow, figures, list_matters
from gewu.occasions.queries.lists import (
    PAGE,
    Filter,
    OccasionRow,
    Page,
    find_occasion,
    list_occasions,
    numbers_of,
)
from gewu.occasions.queries.results import (
    DIMENSIONS,
    ResultFilter,
    ResultPage,
    ResultRow,
    Total,
    Unreported,
    list_results,
    totals,
    unreported,
)
from gewu.occasions.queries.views import (
    Attended,
    CaseState,
    Matter,
    OccasionView,
    Reply,
    Told,
    get_occasion,
)

__all__ = [
    "DIMENSIONS",
    "PAGE",
    "STATES",
    "Attended",
    "CaseState",
    "Figures",
    "Filter",
    "Matter",
    "MatterPage",
    "MatterRow",
    "OccasionRow",
    "OccasionView",
    "Page",
    "Reply",
    "ResultFilter",
    "ResultPage",
    "ResultRow",
    "Told",
    "Total",
    "Unreported",
    "figures",
    "find_occasion",
    "get_occasion",
    "list_matters",
    "list_occasions",
    "list_results",
    "numbers_of",
    "totals",
    "unreported",
]
