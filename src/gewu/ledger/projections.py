"""The ports by which upper floors keep rows of their own beside a record, in the same transaction.

A *projection* is one row per record, a *journal* rows per event. Both are pure functions of the events, so that
``rebuild`` can compare them and ``fill`` can make them for records that are older than they.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from gewu.core.records import Event, State


@dataclass(frozen=True, slots=True)
class Change:
    """One event as a projection sees it. ``texts`` opens the event's free words, or gives None once they are erased."""

    district_id: int
    record_id: UUID
    event: Event
    before: State | None
    after: State
    sealed: bytes | None
    texts: Callable[[], Mapping[str, str] | None]


class Projection(Protocol):
    """Columns of a one-to-one table, as a pure function of each event: so that rebuilding gives the same rows.

    ``table`` has the key (district_id, record_id); ``columns`` its other columns. ``private`` columns derive from free
    words: erasing sets them to null.
    """

    table: str
    columns: tuple[str, ...]
    private: tuple[str, ...]

    def delta(self, change: Change) -> dict[str, Any]:
        """The columns this event sets. For a record's first event: all of them."""
        ...


class Journal(Protocol):
    """Rows that each event adds to a table, as a pure function of the event: they are never changed afterwards.

    The table's key begins with (district_id, record_id, seq); ``columns`` are its other columns. Journals derive from
    free words: erasing a record deletes its rows.
    """

    table: str
    columns: tuple[str, ...]

    def rows(self, change: Change) -> list[tuple[Any, ...]]:
        """What this event adds, in the order of ``columns``. Empty once the words are erased."""
        ...


_PROJECTIONS: dict[str, list[Projection]] = {}
_JOURNALS: dict[str, list[Journal]] = {}


def register(kind: str, projection: Projection) -> None:
    """Add a projection for records of a kind. Called when an application starts."""
    known = _PROJECTIONS.setdefault(kind, [])
    if projection.table not in [p.table for p in known]:
        known.append(projection)


def projections_of(kind: str) -> list[Projection]:
    """The projections of a kind, in the order of registration."""
    return _PROJECTIONS.get(kind, [])


def all_projections() -> dict[str, list[Projection]]:
    return dict(_PROJECTIONS)


def register_journal(kind: str, journal: Journal) -> None:
    """Add a journal for records of a kind. Called when an application starts."""
    known = _JOURNALS.setdefault(kind, [])
    if journal.table not in [j.table for j in known]:
        known.append(journal)


def journals_of(kind: str) -> list[Journal]:
    """The journals of a kind, in the order of registration."""
    return _JOURNALS.get(kind, [])
