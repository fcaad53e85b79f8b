"""Bulk writing: whole lives of new records through the same ``decide`` and ``evolve``, written by COPY.

A test proves that the rows equal those of ``execute``. Refused steps are reported and the life is left out whole:
nothing half-written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from gewu.core.records import Command, Refusal, State
from gewu.ledger import chain, door, rows
from gewu.ledger.errors import Conflict, LedgerError, Refused
from gewu.ledger.keys import Cipher, make_key
from gewu.ledger.lookups import Position
from gewu.registry.directory import Directory, get_directory

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a life, at its own time. ``version`` of the command is filled in."""

    command: Command
    acting: door.Acting
    at_us: int
    position: Position | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Life:
    """A new record and its commands in the order in which they are to count. ``tag`` names it in reports.

    With ``expire`` clocks fire in between at their own times, and after the last step up to ``until_us``.
    """

    record_id: UUID
    playbook: str
    steps: Sequence[Step]
    tag: str = ""
    expire: bool = False
    until_us: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """A life that was left out, and the step that did not go."""

    tag: str
    step: int
    move: str
    reason: str


@dataclass(slots=True)
class Done:
    """What a bulk run wrote."""

    records: int = 0
    events: int = 0
    failed: list[Failed] = field(default_factory=list)


def execute_many(
    district_id: int,
    lives: Iterable[Life],
    *,
    mute: bool = False,
    each: Callable[[Life, State], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Done:
    """Write lives, ``BATCH`` at a time, each batch in one transaction.

    ``mute`` writes no outgoing messages (history that nobody waits for). ``each`` is told the final state of every life
    written; ``progress`` the number of lives done.
    """
    directory = get_directory(district_id)
    done = Done()
    batch: list[Life] = []
    for life in lives:
        batch.append(life)
        if len(batch) >= BATCH:
            _batch(directory, batch, done, mute, each)
            batch = []
            if progress:
                progress(done.records + len(done.failed))
    if batch:
        _batch(directory, batch, done, mute, each)
        if progress:
            progress(done.records + len(done.failed))
    return done


def _batch(
    directory: Directory, lives: list[Life], done: Done, mute: bool, each: Callable[[Life, State], None] | None
) -> None:
    district_id = directory.district.id
    written = door.Written()
    working: list[tuple[door.Working, int]] = []
    for life in lives:
        mark = len(written.events), len(written.outgoing), len(written.photos)
        try:
            work, last_us = _live(directory, life, written)
        except _StepFailed as fault:
            done.failed.append(Failed(life.tag, fault.step, fault.move, fault.reason))
            del written.events[mark[0] :], written.outgoing[mark[1] :], written.photos[mark[2] :]
            continue
        working.append((work, last_us))
        if each and work.state is not None:
            each(life, work.state)
    with transaction.atomic():
        _copy_all(district_id, working, written, mute)
    done.records += len(working)
    done.events += len(written.events)


class _StepFailed(Exception):
    def __init__(self, step: int, move: str, reason: str) -> None:
        super().__init__(reason)
        self.step, self.move, self.reason = step, move, reason


def _live(directory: Directory, life: Life, written: door.Written) -> tuple[door.Working, int]:
    """Run one life in memory. Returns the working record and the instant of its last event."""
    district_id = directory.district.id
    playbook = directory.playbook(life.playbook)
    if playbook is None:
        raise LedgerError(f"no playbook {life.playbook!r} in this district")
    plain, key_id, wrapped = make_key(district_id, life.record_id)
    work = door.Working(
        life.record_id, playbook, None, None, chain.GENESIS, Cipher(plain, district_id, life.record_id),
        life.steps[0].at_us, (district_id, life.record_id, key_id, wrapped, None, ""),
    )  # fmt: skip
    last_us = work.created_at_us
    for number, step in enumerate(life.steps):
        if life.expire:
            last_us = _expire_before(directory, work, step.at_us, written, last_us)
        command = step.command
        if work.state is not None and command.version is None:
            command = Command(
                command.id, command.move, command.args, command.texts, command.photos, work.state.seq, command.target
            )
        wish = door.Wish(life.record_id, command, life.playbook if number == 0 else "", step.position, step.detail)
        try:
            event = door.judge(directory, step.acting, work, wish, step.at_us)
        except Refused as fault:
            raise _StepFailed(number, command.move, _why(fault.refusal)) from fault
        except (Conflict, LedgerError) as fault:
            raise _StepFailed(number, command.move, str(fault)) from fault
        door.take(district_id, work, command, event, step.at_us, written)
        last_us = step.at_us
    if life.expire and life.until_us:
        last_us = _expire_before(directory, work, life.until_us, written, last_us)
    return work, last_us


def _why(refusal: Refusal) -> str:
    parts = [refusal.code, *(f"{k}={v}" for k, v in refusal.fields.items())]
    why = refusal.detail.get("why")
    return " ".join([*parts, why["en"]] if isinstance(why, dict) else parts)


def _expire_before(directory: Directory, work: door.Working, at_us: int, written: door.Written, last_us: int) -> int:
    """Fire clocks in time order, each at its own instant, up to (not at) an instant."""
    while work.state is not None and (next_at := work.state.next_at) is not None and next_at * 1_000_000 < at_us:
        moment = max(next_at * 1_000_000, last_us)
        fired = False
        for event, command in door.expiries(directory, work, moment):
            door.take(directory.district.id, work, command, event, moment, written)
            fired = True
        if not fired:
            return last_us
        last_us = moment
    return last_us


def _copy_all(district_id: int, working: list[tuple[door.Working, int]], written: door.Written, mute: bool) -> None:
    states = [(w.record_id, w.state) for w, _ in working if w.state is not None]
    copy("ledger_record", rows.RECORD_COLUMNS, [door.record_row(district_id, w, at) for w, at in working])
    copy("ledger_recordkey", rows.KEY_COLUMNS, [w.key_row for w, _ in working if w.key_row])
    copy("ledger_event", rows.EVENT_COLUMNS, written.events)
    copy("ledger_clock", rows.CLOCK_COLUMNS, [rows.clock_row(district_id, r, c) for r, s in states for c in s.clocks])
    copy(
        "ledger_assignment",
        rows.ASSIGNMENT_COLUMNS,
        [rows.assignment_row(district_id, r, a) for r, s in states for a in s.assignments],
    )
    links = [(district_id, r, kind, UUID(other), s.seq) for r, s in states for kind, other in s.links]
    tables: dict[str, list[tuple[door.Working, dict[str, Any]]]] = {}
    for work, _ in working:
        for table, values in work.columns.items():
            tables.setdefault(table, []).append((work, values))
    for table, found in tables.items():
        columns = sorted({name for _, values in found for name in values})
        copy(
            table,
            ("district_id", "record_id", *columns),
            [(district_id, w.record_id, *(values.get(c) for c in columns)) for w, values in found],
        )
    copy("ledger_link", rows.LINK_COLUMNS, links)
    if not mute:
        copy("ledger_outgoing", rows.OUTGOING_COLUMNS, written.outgoing)
    for record_id, seq, photos, by in written.photos:
        door.bind_photos(district_id, record_id, seq, photos, by)


def copy(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """COPY rows into a table, inside the running transaction."""
    if not values:
        return
    connection.ensure_connection()
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream,
    ):
        for row in values:
            stream.write_row(row)
