"""The year's ledger of the five strands: activities by strand, kind and street, and the sessions of councils.

A number is a filter of ``list_occasions`` (type, year, strand, kind, held): whoever opens it sees its records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from gewu.ledger.door import Acting
from gewu.occasions.kinds import REGISTER, RESOLVE, readable, types
from gewu.occasions.queries.figures import figures
from gewu.occasions.queries.lists import Filter, conditions
from gewu.registry.directory import Directory, get_directory

STRANDS = ("party_building", "rule_of_law", "rule_of_virtue", "self_governance", "smart_support")
"""In the order in which the article names them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Activities of a kind that were held: how many, and how many people they reached."""

    type: str
    strand: str
    activity: str
    sessions: int
    reached: int


@dataclass(frozen=True, slots=True)
class Street:
    """The same by street and strand; the code is empty for what belongs to the whole district."""

    type: str
    street: str
    strand: str
    sessions: int
    reached: int


@dataclass(frozen=True, slots=True)
class CouncilYear:
    """Sessions of a kind of council that began, and matters that were deliberated there."""

    type: str
    sessions: int
    deliberated: int
    adopted: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """A year, as far as the actor sees it."""

    kinds: tuple[Kind, ...]
    streets: tuple[Street, ...]
    councils: tuple[CouncilYear, ...]


def activity_types(directory: Directory) -> list[str]:
    """The types in which what was held is registered under a strand."""
    return [name for name, book in types(directory).items() if REGISTER in book.moves and "strand" in book.fields]


def council_types(directory: Directory) -> list[str]:
    """The types in which matters are voted on."""
    return [name for name, book in types(directory).items() if RESOLVE in book.moves]


def ledger(district_id: int, acting: Acting, year: int) -> Ledger:
    """The year's ledger, in one statement for each type; empty for whom occasions are not."""
    directory = get_directory(district_id)
    if not readable(directory, acting):
        return Ledger((), (), ())
    kinds: list[Kind] = []
    streets: list[Street] = []
    for name in activity_types(directory):
        rows = _activities(district_id, acting, name, year)
        kinds += [
            Kind(name, strand, activity, sum(n for _street, n, _r in parts), sum(r for _street, _n, r in parts))
            for (strand, activity), parts in _grouped(rows).items()
        ]
        total: dict[tuple[str, str], list[int]] = {}
        for strand, _activity, street, n, reached in rows:
            both = total.setdefault((street, strand), [0, 0])
            both[0] += n
            both[1] += reached
        streets += [Street(name, street, strand, *both) for (street, strand), both in sorted(total.items())]
    councils = tuple(_council(district_id, acting, name, year) for name in council_types(directory))
    kinds.sort(key=lambda one: (_place(one.strand), one.activity))
    return Ledger(tuple(kinds), tuple(streets), councils)


_Row = tuple[str, str, str, int, int]


def _grouped(rows: Sequence[_Row]) -> dict[tuple[str, str], list[tuple[str, int, int]]]:
    found: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for strand, activity, street, n, reached in rows:
        found.setdefault((strand, activity), []).append((street, n, reached))
    return found


def _place(strand: str) -> int:
    return STRANDS.index(strand) if strand in STRANDS else len(STRANDS)


def _activities(district_id: int, acting: Acting, type_: str, year: int) -> list[_Row]:
    where, params = conditions(district_id, acting, Filter(type_, period=str(year), held=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.strand, o.activity, o.street, count(*), sum(o.reached) FROM occasions_occasion o"
            " JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.record_id"
            f" WHERE {' AND '.join(where)} GROUP BY o.strand, o.activity, o.street",
            params,
        )
        return [(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in cursor.fetchall()]


def _council(district_id: int, acting: Acting, type_: str, year: int) -> CouncilYear:
    found = figures(district_id, acting, Filter(type_, period=str(year)))
    return CouncilYear(type_, found.sessions, found.deliberated, found.adopted)
