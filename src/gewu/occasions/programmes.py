"""``programmes.csv`` of packs: who takes part in what, from when to when, and how often it has to happen.

A programme is the name of a playbook of occasions. Each member (a unit) owes at least ``least`` occasions a month, of
those that ``counts`` names: ``street`` (led by the street), ``leader``, or ``any``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gewu.occasions.models import ProgrammeFile
from gewu.registry.directory import Directory, get_directory
from gewu.registry.packs.keptfiles import KeptFile, bodies, cells
from gewu.registry.packs.problems import Problem
from gewu.registry.packs.world import World

FILE = "programmes.csv"
HEADER = ("programme", "member", "least", "counts", "valid_from", "valid_to", "source")
COUNTS = ("street", "leader", "any")
_MOST = 31
_known: dict[int, tuple[object, tuple[Membership, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Membership:
    """A unit that takes part in a programme. Days are of the district's calendar; None is open."""

    programme: str
    member: str
    least: int
    counts: str
    valid_from: date | None
    valid_to: date | None
    source: str

    def holds(self, first: date, last: date) -> bool:
        """Whether it is a member on the last day of a period, and was for the whole of it: a month that began before
        the membership is not owed."""
        return (self.valid_from is None or self.valid_from <= first) and (
            self.valid_to is None or self.valid_to >= last
        )

    @property
    def assumed(self) -> bool:
        """Whether nobody printed it."""
        return "assumption" in self.source


def read(text: str) -> tuple[list[Membership], list[Problem]]:
    """The rows of a file, and what is wrong with it."""
    rows: list[Membership] = []
    problems: list[Problem] = []
    taken: set[tuple[str, str, str]] = set()
    for line, found in cells(text, FILE, HEADER, problems):
        row = _row(found, line, problems)
        if row is None:
            continue
        key = (row.programme, row.member, str(row.valid_from))
        if key in taken:
            problems.append(Problem(FILE, line, f"{row.member} is a member of {row.programme} twice from the same day"))
        taken.add(key)
        rows.append(row)
    return rows, problems


def _row(found: Sequence[str], line: int, problems: list[Problem]) -> Membership | None:
    programme, member, least, counts, begins, ends, source = found
    faults = []
    if not programme or not member:
        faults.append("programme and member are required")
    if not (least.isascii() and least.isdigit() and 1 <= int(least) <= _MOST):
        faults.append(f"least is a number from 1 to {_MOST}")
    if counts not in COUNTS:
        faults.append(f"counts is one of {', '.join(COUNTS)}")
    days: list[date | None] = []
    for name, text in (("valid_from", begins), ("valid_to", ends)):
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            faults.append(f"{name} is no date")
    if faults:
        problems.extend(Problem(FILE, line, fault) for fault in faults)
        return None
    if days[0] and days[1] and days[1] < days[0]:
        problems.append(Problem(FILE, line, "valid_to lies before valid_from"))
        return None
    return Membership(programme, member, int(least), counts, days[0], days[1], source)


def programme_files() -> KeptFile:
    """The file as packs carry it."""
    return KeptFile(FILE, ProgrammeFile.objects, lambda text: read(text)[1], _strangers)


def _strangers(text: str, world: World) -> list[Problem]:
    """Members that are no units of the pack or of those it requires: nobody would owe what the row says."""
    return [
        Problem(FILE, line, f"member {found[1]!r} is not a unit")
        for line, found in cells(text, FILE, HEADER, [])
        if found[1] and found[1] not in world.units
    ]


def memberships(district_id: int) -> tuple[Membership, ...]:
    """Every membership of a district; read again when the registry changes."""
    directory = get_directory(district_id)
    held = _known.get(district_id)
    if held is not None and held[0] == directory.version:
        return held[1]
    found = _read(directory)
    _known[district_id] = directory.version, found
    return found


def _read(directory: Directory) -> tuple[Membership, ...]:
    return tuple(row for body in bodies(directory, ProgrammeFile.objects) for row in read(body)[0])
