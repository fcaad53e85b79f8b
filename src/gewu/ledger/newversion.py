"""Records go over to another version of their playbook: looked at first, then done through the door, batch by batch.

A batch is a transaction. What was interrupted is begun again: records that went over are under the new version and are
not met again. Records that cannot go over are named and stay where they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from gewu.core.decide import system_actor
from gewu.core.evolve import evolve, state_from_json
from gewu.core.migrate import MIGRATE, Carried, Hindrance, How, Shift, carry_over
from gewu.core.playbook import Playbook
from gewu.core.playbook.landing import Landing
from gewu.core.records import Command, Facts, State
from gewu.ledger import store
from gewu.ledger.door import Written, new_id, opened, take, write
from gewu.registry.directory import Directory

PAGE = 200
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Moving:
    """A deadline of one record that moves, in seconds; ``to`` 0: its clock is stopped."""

    record_id: UUID
    shift: Shift


@dataclass(frozen=True, slots=True)
class Staying:
    """A record that stays under its version, and why."""

    record_id: UUID
    version: int
    hindrances: tuple[Hindrance, ...]


@dataclass(slots=True)
class Report:
    """What would happen, or happened, to the open records of one playbook in one district."""

    district_id: int
    playbook: str
    to: int
    under: Counter[tuple[int, str]] = field(default_factory=Counter)
    """How many open records stand under which version at which stage."""
    carried: int = 0
    staying: list[Staying] = field(default_factory=list)
    moving: list[Moving] = field(default_factory=list)

    @property
    def records(self) -> int:
        """All open records under other versions."""
        return sum(self.under.values())


def preview(directory: Directory, new: Playbook, how: How, now: int, step: Step | None = None) -> Report:
    """What a change to ``new`` would do to the open records of the district. Changes nothing, locks nothing."""
    judge = _Judge(directory, new, how, now)
    report = Report(directory.district.id, new.name, new.version)
    for page in _pages(directory.district.id, new):
        for record_id, state in page:
            _note(report, record_id, state, judge.carried(state))
        if step is not None:
            step(len(page))
    return report


def migrate(directory: Directory, new: Playbook, how: How, reason: str, at_us: int, step: Step | None = None) -> Report:
    """Carry every open record of the district that can go over to ``new``, which must be loaded.

    ``reason`` is sealed with each event. Records that somebody is changing are left out and named; running the command
    again takes them.
    """
    judge = _Judge(directory, new, how, at_us // 1_000_000)
    report = Report(directory.district.id, new.name, new.version)
    act = str(new_id())
    for page in _pages(directory.district.id, new):
        _batch(judge, report, dict(page), reason, act, at_us)
        if step is not None:
            step(len(page))
    return report


def left_behind(directory: Directory) -> dict[str, int]:
    """How many open records of each playbook are not under the version in force: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT playbook, playbook_version, count(*) FROM ledger_record WHERE district_id = %s AND NOT ended"
            " GROUP BY playbook, playbook_version",
            [directory.district.id],
        )
        rows = cursor.fetchall()
    found: dict[str, int] = {}
    for name, version, count in rows:
        current = directory.playbook(name)
        if current is not None and current.version != version:
            found[name] = found.get(name, 0) + int(count)
    return found


class _Judge:
    """Judges records one after the other; that alike ones can end under the new version is proved once."""

    def __init__(self, directory: Directory, new: Playbook, how: How, now: int) -> None:
        self.directory = directory
        self.new = new
        self.how = how
        self.landing = Landing(new)
        self.facts = Facts(now, system_actor(), directory.calendar_for, units=directory.unit_facts)

    def carried(self, state: State, act: str = "") -> Carried:
        """How a record goes over, or what hinders it."""
        old = self.directory.playbook(state.playbook, state.playbook_version)
        if old is None:
            return Carried(None, (Hindrance("not_loaded", str(state.playbook_version)),), ())
        found = carry_over(old, self.new, state, self.how, self.facts, act)
        if found.event is None:
            return found
        problem = self.landing.problem(evolve(state, found.event))
        if problem is not None:
            return Carried(None, (Hindrance("stranded", problem),), ())
        return found


def _pages(district_id: int, new: Playbook) -> Iterator[list[tuple[UUID, State]]]:
    """Open records under other versions, page by page in the order of their ids."""
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, state FROM ledger_record WHERE district_id = %s AND playbook = %s"
                " AND playbook_version <> %s AND NOT ended AND id > %s ORDER BY id LIMIT %s",
                [district_id, new.name, new.version, last, PAGE],
            )
            page = [(row[0], state_from_json(store.as_json(row[1]))) for row in cursor.fetchall()]
        if not page:
            return
        last = page[-1][0]
        yield page


def _note(report: Report, record_id: UUID, state: State, found: Carried) -> None:
    report.under[state.playbook_version, state.stage] += 1
    if found.event is None:
        report.staying.append(Staying(record_id, state.playbook_version, found.hindrances))
        return
    report.carried += 1
    report.moving += [Moving(record_id, shift) for shift in found.shifts]


def _batch(judge: _Judge, report: Report, wanted: dict[UUID, State], reason: str, act: str, at_us: int) -> None:
    """One transaction: records that are free are locked, judged again as they are now, and written."""
    directory = judge.directory
    district_id = directory.district.id
    ahead = {record_id: judge.carried(state) for record_id, state in wanted.items()}  # proofs, before any lock
    ids = sorted(record_id for record_id, found in ahead.items() if found.event is not None)
    for record_id, found in ahead.items():
        if found.event is None:
            _note(report, record_id, wanted[record_id], found)
    noted: list[tuple[UUID, State, Carried]] = []
    with transaction.atomic():
        written, working = Written(), []
        locked = store.lock(district_id, ids, skip_locked=True)
        for row in locked.values():
            work = opened(directory, row)
            ended = work.playbook.stages[row.state.stage].end
            if ended or row.state.playbook_version == judge.new.version:
                continue  # it ended or went over a moment ago
            found = judge.carried(row.state, act)
            noted.append((row.record_id, row.state, found))
            if found.event is None:
                continue
            words = {"reason": reason} if work.cipher is not None else {}
            take(directory, work, Command(str(new_id()), MIGRATE, texts=words), found.event, at_us, written)
            work.playbook = judge.new
            working.append(work)
        write(district_id, working, written, at_us)
    for record_id, state, found in noted:
        _note(report, record_id, state, found)
    for record_id in ids:
        if record_id not in locked:
            report.under[wanted[record_id].playbook_version, wanted[record_id].stage] += 1
            held = Hindrance("held", "")
            report.staying.append(Staying(record_id, wanted[record_id].playbook_version, (held,)))
