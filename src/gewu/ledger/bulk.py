"""Bulk writing: whole lives of new records through the same ``decide`` and ``evolve``, written by COPY.

A test proves that the rows equal those of ``execute``. Refused steps are reported and the life is left out whole:
nothing half-written.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from gewu.core.records import Command, Refusal, State
from gewu.ledger import chain, door, rows
from gewu.ledger.errors import Conflict, LedgerError, NotFound, Refused
from gewu.ledger.expiring import expiries
from gewu.ledger.keys import Cipher, make_key
from gewu.ledger.lookups import Position
from gewu.ledger.projections import journals_of
from gewu.registry.directory import Directory, get_directory

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a life, at its own time. ``version`` of the command is filled in.

    ``part`` names a part that does not have its number yet: the slot, and how many were opened in it before (0 for the
    first). It becomes the command's target.
    """

    command: Command
    acting: door.Acting
    at_us: int
    position: Position | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    part: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A new record and its commands in the order in which they are to count. ``tag`` names it in reports.

    With ``expire`` clocks fire in between at their own times, and after the last step up to (not at) ``until_us``.
    ``tied`` lives name the next one (a merger, a split): both are written together, or neither. ``mute`` ones send no
    messages.
    """

    record_id: UUID
    playbook: str
    steps: Sequence[Step]
    tag: str = ""
    expire: bool = False
    until_us: int = 0
    tied: bool = False
    mute: bool = False


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
    """Write lives, about ``BATCH`` at a time, each batch in one transaction.

    ``mute`` sends no messages for any of them (history that nobody waits for). ``each`` is told the final state of
    every life written; ``progress`` the number of lives done. While one batch is written the next is decided; within a
    transaction of the caller everything happens one after the other, on the caller's connection.
    """
    directory = get_directory(district_id)
    done = Done()

    def written(batch: _Batch) -> None:
        done.records += len(batch.made)
        done.events += len(batch.written.events)
        for life, work, _ in batch.made:
            if each and work.state is not None:
                each(life, work.state)
        if progress:
            progress(done.records + len(done.failed))

    with _Writer(written) as writer:
        batches = _batches(lives)
        while (batch := _next(directory, batches, done, mute)) is not None:
            writer.write(batch)
    return done


def _next(directory: Directory, batches: Iterator[list[list[Life]]], done: Done, mute: bool) -> _Batch | None:
    """The next batch, made and decided; None when there are no more lives."""
    with _uncollected():
        groups = next(batches, None)
        return None if groups is None else _decide(directory, groups, done, mute)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for reference cycles meanwhile: a batch makes many values and no cycles, and looking costs a fifth."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _batches(lives: Iterable[Life]) -> Iterator[list[list[Life]]]:
    """Lives in groups of tied ones, the groups in batches."""
    batch: list[list[Life]] = []
    group: list[Life] = []
    count = 0
    for life in lives:
        group.append(life)
        if life.tied:
            continue
        batch.append(group)
        count += len(group)
        group = []
        if count >= BATCH:
            yield batch
            batch, count = [], 0
    if group:
        batch.append(group)
    if batch:
        yield batch


@dataclass(slots=True)
class _Batch:
    """A decided batch: the lives with their records and the instants of their last events, and rows to write."""

    district_id: int
    made: list[tuple[Life, door.Working, int]] = field(default_factory=list)
    written: door.Written = field(default_factory=door.Written)
    links: list[tuple[int, UUID, str, UUID, int]] = field(default_factory=list)


class _StepFailed(Exception):
    def __init__(self, step: int, move: str, reason: str) -> None:
        super().__init__(reason)
        self.step, self.move, self.reason = step, move, reason


def _decide(directory: Directory, groups: list[list[Life]], done: Done, mute: bool) -> _Batch:
    batch = _Batch(directory.district.id)
    free = _free_photos(batch.district_id, groups)
    written = batch.written
    for group in groups:
        mark = len(written.events), len(written.outgoing), len(written.photos), len(batch.links)
        kept = {table: len(found) for table, found in written.journals.items()}
        made: list[tuple[Life, door.Working, int]] = []
        for number, life in enumerate(group):
            try:
                work, last_us = _live(directory, life, batch, free, mute or life.mute)
            except _StepFailed as fault:
                done.failed.append(Failed(life.tag, fault.step, fault.move, fault.reason))
                others = (one for one in group if one is not life)
                done.failed += [Failed(one.tag, 0, "", f"tied to {life.tag}") for one in others]
                del written.events[mark[0] :], written.outgoing[mark[1] :], written.photos[mark[2] :]
                del batch.links[mark[3] :]
                for table, found in written.journals.items():
                    del found[kept.get(table, 0) :]
                break
            made.append((life, work, last_us))
            if number == len(group) - 1:
                batch.made += made
    return batch


def _free_photos(district_id: int, groups: list[list[Life]]) -> dict[str, str]:
    """Staged photos that these lives bring, and who uploaded them."""
    ids = [p.id for group in groups for life in group for step in life.steps for p in step.command.photos]
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, uploaded_by FROM ledger_attachment WHERE district_id = %s AND id = ANY(%s::uuid[])"
            " AND record_id IS NULL",
            [district_id, ids],
        )
        return {str(photo): by for photo, by in cursor.fetchall()}


def _live(
    directory: Directory, life: Life, batch: _Batch, free: dict[str, str], mute: bool
) -> tuple[door.Working, int]:
    """Run one life in memory. Returns the working record and the instant of its last event."""
    district_id, written = batch.district_id, batch.written
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
            last_us = _expire_before(directory, work, step.at_us, written, last_us, mute)
        command = step.command
        if step.at_us < last_us:
            raise _StepFailed(number, command.move, "it stands before the step it follows")
        if work.state is not None and command.version is None:
            target = command.target if step.part is None else _part(work.state, *step.part)
            command = Command(
                command.id, command.move, command.args, command.texts, command.photos, work.state.seq, target
            )
        if any(free.pop(photo.id, None) != step.acting.actor.person for photo in command.photos):
            raise _StepFailed(number, command.move, "invalid photos=not_found")
        wish = door.Wish(life.record_id, command, life.playbook if number == 0 else "", step.position, step.detail)
        try:
            event = door.judge(directory, step.acting, work, wish, step.at_us)
        except Refused as fault:
            raise _StepFailed(number, command.move, _why(fault.refusal)) from fault
        except (Conflict, NotFound, LedgerError) as fault:
            raise _StepFailed(number, command.move, str(fault)) from fault
        before = work.state
        door.take(directory, work, command, event, step.at_us, written, mute)
        if work.state is not None and work.state.links:
            made = rows.new_links(before, work.state)
            batch.links += [(district_id, life.record_id, kind, UUID(other), event.seq) for kind, other in made]
        last_us = step.at_us
    if life.expire and life.until_us:
        last_us = _expire_before(directory, work, life.until_us, written, last_us, mute)
    return work, last_us


def _part(state: State, slot: str, before: int) -> int | None:
    """The number of the part of this slot that was opened after so many others; None where there are fewer."""
    found = [part.no for part in state.assignments if part.slot == slot]
    return found[before] if before < len(found) else None


def _why(refusal: Refusal) -> str:
    parts = [refusal.code, *(f"{k}={v}" for k, v in refusal.fields.items())]
    why = refusal.detail.get("why")
    return " ".join([*parts, why["en"]] if isinstance(why, dict) else parts)


def _expire_before(
    directory: Directory, work: door.Working, at_us: int, written: door.Written, last_us: int, mute: bool
) -> int:
    """Fire clocks in time order, each at its own instant, up to (not at) an instant."""
    while work.state is not None and (next_at := work.state.next_at) is not None and next_at * 1_000_000 < at_us:
        moment = max(next_at * 1_000_000, last_us)
        fired = False
        for event, command in expiries(directory, work, moment):
            door.take(directory, work, command, event, moment, written, mute)
            fired = True
        if not fired:
            return last_us
        last_us = moment
    return last_us


class _Writer:
    """Writes batches in a thread with a connection of its own, so that the server works while the next is decided."""

    def __init__(self, written: Callable[[_Batch], None]) -> None:
        self._written = written
        self._thread = None if connection.in_atomic_block else ThreadPoolExecutor(1, "gewu-bulk")
        self._running: tuple[_Batch, Future[None]] | None = None

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._wait()
        finally:
            if self._thread is not None:
                self._thread.submit(_close).result()
                self._thread.shutdown()

    def write(self, batch: _Batch) -> None:
        """Begin to write a batch when the one before it is written. Raises what that one raised."""
        self._wait()
        if self._thread is None:
            _write(batch)
            self._written(batch)
        else:
            self._running = batch, self._thread.submit(_write, batch)

    def _wait(self) -> None:
        if self._running is not None:
            batch, running = self._running
            self._running = None
            running.result()
            self._written(batch)


def _close() -> None:
    """End the connection of the thread that runs this, not of the one that names it."""
    connection.close()


def _write(batch: _Batch) -> None:
    """All rows of a batch in one transaction, the records first: everything else refers to them."""
    district_id, written = batch.district_id, batch.written
    states = [(w.record_id, w.state) for _, w, _ in batch.made if w.state is not None]
    with transaction.atomic():
        copy("ledger_record", rows.RECORD_COLUMNS, [door.record_row(district_id, w, at) for _, w, at in batch.made])
        copy("ledger_recordkey", rows.KEY_COLUMNS, [w.key_row for _, w, _ in batch.made if w.key_row])
        copy("ledger_event", rows.EVENT_COLUMNS, written.events)
        clocks = [rows.clock_row(district_id, r, c) for r, s in states for c in s.clocks]
        copy("ledger_clock", rows.CLOCK_COLUMNS, clocks)
        parts = [rows.assignment_row(district_id, r, a) for r, s in states for a in s.assignments]
        copy("ledger_assignment", rows.ASSIGNMENT_COLUMNS, parts)
        _copy_details(district_id, batch)
        for kind in sorted({s.kind for _, s in states}):
            for journal in journals_of(kind):
                columns = (*door.JOURNAL_KEY, *journal.columns)
                copy(journal.table, columns, written.journals.pop(journal.table, []))
        first = {link[:4]: link for link in reversed(batch.links)}
        copy("ledger_link", rows.LINK_COLUMNS, list(first.values()))
        copy("ledger_outgoing", rows.OUTGOING_COLUMNS, written.outgoing)
        _bind_photos(district_id, written)


def _copy_details(district_id: int, batch: _Batch) -> None:
    """The rows of projections, table by table; one that the events left out is null."""
    tables: dict[str, list[tuple[UUID, dict[str, Any]]]] = {}
    for _, work, _ in batch.made:
        for table, values in work.columns.items():
            tables.setdefault(table, []).append((work.record_id, values))
    for table, found in tables.items():
        columns = sorted({name for _, values in found for name in values})
        copy(
            table,
            ("district_id", "record_id", *columns),
            [(district_id, record_id, *[values.get(c) for c in columns]) for record_id, values in found],
        )


def _bind_photos(district_id: int, written: door.Written) -> None:
    """Tie the photos of all events to them, in one statement."""
    bound = [
        (photo, role, record_id, seq, by) for record_id, seq, photos, by in written.photos for photo, role in photos
    ]
    if not bound:
        return
    ids, roles, records, seqs, people = (list(column) for column in zip(*bound, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_attachment a SET record_id = v.record_id, seq = v.seq, role = v.role"
            " FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::int[], %s::text[])"
            " AS v (id, role, record_id, seq, by)"
            " WHERE a.district_id = %s AND a.id = v.id AND a.record_id IS NULL AND a.uploaded_by = v.by",
            [ids, roles, records, seqs, people, district_id],
        )
        if cursor.rowcount != len(bound):
            raise LedgerError("photos that were free when their batch was decided were taken by somebody else")


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
