"""The one door. Records change through ``execute``, ``expiring.expire_due`` (clocks) and ``bulk.execute_many`` only.

One transaction: lock the record rows in (district, id) order, decide, write event, state, clocks, assignments,
projections and outgoing messages. The record row is the only lock. Waiting for it ends after the connection's
``lock_timeout`` (3 s) in ``Busy``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import uuid_utils
from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg import errors as pg

from gewu.core.decide import decide, system_actor
from gewu.core.evolve import evolve
from gewu.core.places import Scope
from gewu.core.playbook import Playbook
from gewu.core.records import Actor, Command, Event, Refusal, State
from gewu.ledger import chain, rows, store
from gewu.ledger.errors import Busy, CommandReused, Conflict, Erased, LedgerError, NotFound, Refused
from gewu.ledger.keys import Cipher, make_key, unwrap
from gewu.ledger.listeners import heard
from gewu.ledger.lookups import Position, facts_for
from gewu.ledger.projections import Change, journals_of, projections_of
from gewu.ledger.writes import Writes
from gewu.registry.directory import Directory, get_directory


@dataclass(frozen=True, slots=True)
class Acting:
    """The identity that comes to the door: who, from which unit, in which territory.

    ``scope`` None sees the whole district (the system). ``path`` is the unit's path, so that a unit sees what it is
    involved in.
    """

    actor: Actor
    path: str = ""
    scope: Scope | None = None

    def sees(self, place: str, areas: Sequence[str], involved: Sequence[str]) -> bool:
        """Visible = prefix or area or overlap with involved."""
        if self.scope is None or self.scope.covers(place, areas):
            return True
        return bool(self.path) and self.path in rows.with_ancestors(tuple(involved))


SYSTEM = Acting(system_actor())
_MUTED: ContextVar[bool] = ContextVar("muted", default=False)
JOURNAL_KEY = ("district_id", "record_id", "seq")


@dataclass(frozen=True, slots=True)
class Wish:
    """One command on one record. ``playbook`` is the name of the playbook for a record that is to be made.

    ``detail`` are plain JSON values (no floats, no free words) that the event keeps beside its effects, for
    projections: the case number, the position.
    """

    record_id: UUID
    command: Command
    playbook: str = ""
    position: Position | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an accepted command did. ``replayed`` when the answer is that of an earlier call with the same id."""

    record_id: UUID
    seq: int
    move: str
    at_us: int
    state: State | None
    replayed: bool = False


@dataclass(slots=True)
class Working:
    """A record within one transaction."""

    record_id: UUID
    playbook: Playbook
    before: State | None
    state: State | None
    head: bytes
    cipher: Cipher | None
    created_at_us: int
    key_row: tuple[Any, ...] | None = None
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Written:
    """Rows of one transaction, gathered before they are written."""

    events: list[tuple[Any, ...]] = field(default_factory=list)
    outgoing: list[tuple[Any, ...]] = field(default_factory=list)
    photos: list[tuple[UUID, int, list[tuple[UUID, str]], str]] = field(default_factory=list)
    journals: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    """Rows of journals by table; each begins with district, record and event number."""


def new_id() -> UUID:
    """A UUIDv7."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def now_us() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


@contextmanager
def muted() -> Iterator[None]:
    """Commands in here send no messages: history that nobody waits for (ADR 5)."""
    token = _MUTED.set(True)
    try:
        yield
    finally:
        _MUTED.reset(token)


def execute(district_id: int, acting: Acting, *wishes: Wish, at_us: int | None = None) -> list[Outcome]:
    """Carry out one command, or several on one or more records, all or none.

    Returns an outcome for each wish, in order. Raises ``NotFound``, ``Conflict`` (the expected version is not the
    record's), ``Refused`` (with the playbook's reason), ``Busy`` (lock wait over), ``CommandReused``, ``Erased``.
    """
    if not wishes:
        return []
    directory = get_directory(district_id)
    ids = [UUID(w.command.id) for w in wishes]
    if len(set(ids)) != len(ids):
        raise CommandReused("two commands of one call have the same id")
    at_us = at_us or now_us()
    try:
        if all(wish.playbook for wish in wishes):
            return _make(directory, acting, wishes, at_us)
        with transaction.atomic():
            return _execute(directory, acting, wishes, at_us)
    except IntegrityError as error:
        # Somebody with the same command id was faster, or made the record with this id.
        earlier = store.answered(district_id, ids)
        if earlier:
            return _replayed(wishes, earlier)
        if isinstance(error.__cause__, pg.UniqueViolation):
            raise CommandReused("this record id exists already") from error
        raise
    except OperationalError as error:
        if isinstance(error.__cause__, (pg.LockNotAvailable, pg.DeadlockDetected)):
            raise Busy("the record is being changed by somebody else") from error
        raise


def _execute(directory: Directory, acting: Acting, wishes: Sequence[Wish], at_us: int) -> list[Outcome]:
    district_id = directory.district.id
    working = _open(directory, wishes, at_us)
    earlier = store.answered(district_id, [UUID(w.command.id) for w in wishes])
    if earlier:
        return _replayed(wishes, earlier)
    written = Written()
    outcomes = _take_all(directory, acting, working, wishes, at_us, written)
    write(district_id, list(working.values()), written, at_us)
    return outcomes


def _make(directory: Directory, acting: Acting, wishes: Sequence[Wish], at_us: int) -> list[Outcome]:
    """Commands that only make records: nothing is there to be locked, and one statement writes all of it.

    A command id that was used before is noticed by the table's own key when the rows are written.
    """
    district_id = directory.district.id
    working = _open(directory, wishes, at_us)
    written = Written()
    outcomes = _take_all(directory, acting, working, wishes, at_us, written)
    writes = _writes(district_id, list(working.values()), written, at_us)
    if writes.at_once and not written.photos and not in_transaction():
        writes.send()
        return outcomes
    with transaction.atomic():
        writes.send()
        for record_id, seq, photos, by in written.photos:
            bind_photos(district_id, record_id, seq, photos, by)
    return outcomes


def _take_all(
    directory: Directory, acting: Acting, working: Mapping[UUID, Working], wishes: Sequence[Wish], at_us: int,
    written: Written,
) -> list[Outcome]:  # fmt: skip
    """Decide one wish after the other. Raises at the first that does not go."""
    outcomes = []
    for wish in wishes:
        work = working.get(wish.record_id)
        if work is None:
            raise NotFound("no such record")
        event = judge(directory, acting, work, wish, at_us)
        take(directory, work, wish.command, event, at_us, written)
        outcomes.append(Outcome(wish.record_id, event.seq, event.kind, at_us, work.state))
    return outcomes


def _open(directory: Directory, wishes: Sequence[Wish], at_us: int) -> dict[UUID, Working]:
    """Lock what exists, prepare what is to be made."""
    district_id = directory.district.id
    making = {w.record_id: w.playbook for w in wishes if w.playbook}
    existing = sorted({w.record_id for w in wishes} - set(making))
    working: dict[UUID, Working] = {}
    locked = store.lock(district_id, existing) if existing else {}
    for record_id, row in locked.items():
        working[record_id] = opened(directory, row)
    for record_id, name in making.items():
        playbook = directory.playbook(name)
        if playbook is None:
            raise NotFound(f"no playbook {name!r} in this district")
        plain, key_id, wrapped = make_key(district_id, record_id)
        working[record_id] = Working(
            record_id,
            playbook,
            None,
            None,
            chain.GENESIS,
            Cipher(plain, district_id, record_id),
            at_us,
            (district_id, record_id, key_id, wrapped, None, ""),
        )
    return working


def opened(directory: Directory, row: store.Locked) -> Working:
    """A locked row, ready for commands."""
    district_id = directory.district.id
    playbook = directory.playbook(row.state.playbook, row.state.playbook_version)
    if playbook is None:
        raise LedgerError(f"playbook {row.state.playbook} version {row.state.playbook_version} is not loaded")
    cipher = None
    if row.wrapped is not None:
        cipher = Cipher(unwrap(row.wrapped, row.key_id, district_id, row.record_id), district_id, row.record_id)
    return Working(row.record_id, playbook, row.state, row.state, row.head, cipher, rows.micros(row.created_at))


def judge(directory: Directory, acting: Acting, work: Working, wish: Wish, at_us: int) -> Event:
    """Decide, and turn a refusal into an exception."""
    state, command = work.state, wish.command
    visible = state is None or acting.sees(state.place, state.areas, state.involved)
    if not visible and "reporter" not in acting.actor.roles:
        raise NotFound("no such record in your territory")
    move = work.playbook.moves.get(command.move)
    facts = facts_for(directory, move, command, acting.actor, at_us // 1_000_000, wish.position)
    if isinstance(facts, Refusal):
        raise Refused(facts, work.record_id)
    answer = decide(work.playbook, state, command, facts)
    if isinstance(answer, Refusal):
        if answer.code == "stale" and state is not None:
            raise Conflict(work.record_id, state.seq)
        raise Refused(answer, work.record_id)
    if wish.detail:
        chain.refuse_floats(wish.detail)
        answer = replace(answer, payload={**answer.payload, "detail": dict(wish.detail)})
    return answer


def take(
    directory: Directory, work: Working, command: Command, event: Event, at_us: int, written: Written,
    mute: bool = False,
) -> None:  # fmt: skip
    """Apply an event to the working record and gather its rows; a mute one sends no messages."""
    district_id = directory.district.id
    before = work.state
    after = evolve(before, event)
    sealed = None
    texts = {k: v.strip() for k, v in command.texts.items() if v and v.strip()}
    if texts:
        if work.cipher is None:
            raise Erased("the words of this record were erased; it takes no new ones")
        sealed = work.cipher.seal(texts)
    command_id = UUID(command.id)
    payload = chain.payload_text(event.payload)
    body = chain.canonical(
        district_id, work.record_id, event.seq, at_us, event.actor, event.unit, event.kind, command_id,
        payload, sealed, work.head,
    )  # fmt: skip
    digest = chain.event_hash(body)
    written.events.append(
        (
            district_id,
            work.record_id,
            event.seq,
            rows.moment_us(at_us),
            event.actor,
            event.unit,
            event.kind,
            command_id,
            payload,
            sealed,
            work.head,
            digest,
        )
    )
    photos = [(UUID(e[1]), e[2]) for e in event.effects if e[0] == "attach"]
    if photos:
        written.photos.append((work.record_id, event.seq, photos, event.actor))
    change = Change(district_id, work.record_id, event, before, after, sealed, lambda: texts)
    for projection in projections_of(after.kind):
        work.columns.setdefault(projection.table, {}).update(projection.delta(change))
    for journal in journals_of(after.kind):
        key = (district_id, work.record_id, event.seq)
        written.journals.setdefault(journal.table, []).extend((*key, *row) for row in journal.rows(change))
    if not mute and not _MUTED.get():
        at = rows.moment_us(at_us)
        written.outgoing += [
            (
                district_id, new_id(), work.record_id, event.seq, topic, destination, rows.dumps(payload), "waiting",
                0, at, "", at, None,
            )
            for topic, destination, payload in heard(directory, change)
        ]  # fmt: skip
    work.state, work.head = after, digest


def write(district_id: int, working: list[Working], written: Written, at_us: int) -> None:
    """All rows of the transaction, in one statement unless there are very many."""
    _writes(district_id, working, written, at_us).send()
    for record_id, seq, photos, by in written.photos:
        bind_photos(district_id, record_id, seq, photos, by)


def _writes(district_id: int, working: list[Working], written: Written, at_us: int) -> Writes:
    """The rows of the transaction, records first: everything else refers to them."""
    writes = Writes()
    made = [w for w in working if w.before is None and w.state is not None]
    writes.insert("ledger_record", rows.RECORD_COLUMNS, [record_row(district_id, w, at_us) for w in made])
    writes.insert("ledger_recordkey", rows.KEY_COLUMNS, [w.key_row for w in made if w.key_row])
    for work in working:
        if work.before is not None and work.state is not work.before and work.state is not None:
            values = rows.record_values(work.state, work.playbook)
            values |= {"head": work.head, "updated_at": rows.moment_us(at_us)}
            writes.update("ledger_record", {"district_id": district_id, "id": work.record_id}, values)
    writes.insert("ledger_event", rows.EVENT_COLUMNS, written.events)
    store.write_states(writes, district_id, [(w.record_id, w.before, w.state) for w in working if w.state is not None])
    for work in working:
        key = {"district_id": district_id, "record_id": work.record_id}
        for table, values in work.columns.items():
            if work.before is None:
                writes.insert(table, (*key, *values), [(*key.values(), *values.values())])
            else:
                writes.update(table, key, values)
    for kind in {w.state.kind for w in working if w.state is not None}:
        for journal in journals_of(kind):
            writes.insert(journal.table, (*JOURNAL_KEY, *journal.columns), written.journals.pop(journal.table, []))
    writes.insert("ledger_outgoing", rows.OUTGOING_COLUMNS, written.outgoing)
    return writes


def bind_photos(district_id: int, record_id: UUID, seq: int, photos: list[tuple[UUID, str]], by: str) -> None:
    """Tie photos to the event that brings them. Refused when one is not the actor's own, free and in this district."""
    if store.bind_attachments(district_id, record_id, seq, photos, by) != len(photos):
        raise Refused(Refusal("invalid", {}, {"photos": "not_found"}), record_id)


def record_row(district_id: int, work: Working, at_us: int) -> tuple[Any, ...]:
    """The row of a record that is new."""
    assert work.state is not None
    values = rows.record_values(work.state, work.playbook)
    created = rows.moment_us(work.created_at_us)
    full = {
        **values, "district_id": district_id, "id": work.record_id, "head": work.head,
        "created_at": created, "updated_at": rows.moment_us(at_us),
    }  # fmt: skip
    return tuple(full[name] for name in rows.RECORD_COLUMNS)


def _replayed(wishes: Sequence[Wish], earlier: Mapping[UUID, store.Answered]) -> list[Outcome]:
    """The first answers again; an id that was used for another command, or only a part of the ids, is an error."""
    outcomes = []
    for wish in wishes:
        answer = earlier.get(UUID(wish.command.id))
        if answer is None or answer.kind != wish.command.move:
            raise CommandReused("a command id of this call was used before for another command")
        if not wish.playbook and answer.record_id != wish.record_id:
            raise CommandReused("this command id was used before on another record")
        outcomes.append(Outcome(answer.record_id, answer.seq, answer.kind, rows.micros(answer.at), None, True))
    return outcomes


def in_transaction() -> bool:
    """Whether a transaction is open on this connection (number blocks must be taken outside)."""
    return bool(connection.in_atomic_block)
