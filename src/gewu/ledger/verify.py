"""Checks of the whole ledger: hashes, chains, heads, seals. What was altered is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.ledger import chain
from gewu.ledger.progress import Progress
from gewu.ledger.rows import micros
from gewu.ledger.seals import seal_hash
from gewu.ledger.store import as_json

PAGE = 2000
_COLUMNS = "record_id, seq, at, actor, unit, kind, command_id, payload, sealed, previous_hash, hash"


@dataclass(slots=True)
class Fault:
    """Something that is not as it was written. ``seq`` 0 when it is the record as a whole."""

    district_id: int
    record_id: str
    seq: int
    reason: str

    def __str__(self) -> str:
        where = f"event {self.seq} of " if self.seq else ""
        return f"district {self.district_id}, {where}record {self.record_id}: {self.reason}"


@dataclass(slots=True)
class Report:
    """The result for all districts."""

    events: int = 0
    records: int = 0
    seals: int = 0
    faults: list[Fault] = field(default_factory=list)
    single_role: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "records": self.records,
            "events": self.events,
            "seals": self.seals,
            "single_role": self.single_role,
            "notes": self.notes,
            "faults": [asdict(f) for f in self.faults],
        }

    def __str__(self) -> str:
        found = "nothing was altered" if self.ok else f"{len(self.faults)} faults"
        lines = [f"{self.events} events of {self.records} records and {self.seals} seals verified: {found}"]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def verify_all(district_id: int | None = None, progress: Progress | None = None, most: int = 1000) -> Report:
    """Recompute every hash, follow every chain, compare heads and seals. At most ``most`` faults are listed.

    ``progress`` is told how many events it has done.
    """
    report = Report()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_district ORDER BY id")
        districts = [row[0] for row in cursor.fetchall()]
        if progress is not None:
            cursor.execute("SELECT count(*) FROM ledger_event WHERE %s IN (district_id, 0)", [district_id or 0])
            progress.total = int(cursor.fetchone()[0])
    report.single_role = _one_role()
    if report.single_role:
        report.notes.append("one database role: triggers, not rights, keep events from being changed")
    for district in districts:
        if district_id is None or district == district_id:
            heads = _verify_events(district, report, progress, most)
            _verify_heads(district, heads, report, most)
            _verify_seals(district, heads, report, most)
    return report


def _one_role() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('ledger_event', 'UPDATE')")
        return bool(cursor.fetchone()[0])


def _events(district_id: int) -> Iterator[tuple[Any, ...]]:
    """All events of a district in chain order, by keyset."""
    last: tuple[UUID, int] = (UUID(int=0), 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {_COLUMNS} FROM ledger_event WHERE district_id = %s AND (record_id, seq) > (%s, %s)"
                " ORDER BY record_id, seq LIMIT %s",
                [district_id, last[0], last[1], PAGE],
            )
            page = cursor.fetchall()
        yield from page
        if len(page) < PAGE:
            return
        last = (page[-1][0], page[-1][1])


@dataclass(slots=True)
class _Head:
    seq: int
    hash: bytes
    at_seal: dict[int, bytes]


def _verify_events(district_id: int, report: Report, progress: Progress | None, most: int) -> dict[UUID, _Head]:
    sealed_at = _sealed_seqs(district_id)
    heads: dict[UUID, _Head] = {}
    for row in _events(district_id):
        record_id, seq, previous, digest = row[0], row[1], bytes(row[9]), bytes(row[10])
        head = heads.get(record_id)
        expected_seq, expected_hash = (head.seq + 1, head.hash) if head else (1, chain.GENESIS)
        if seq != expected_seq:
            _fault(report, most, district_id, record_id, seq, f"event {expected_seq} is missing before it")
        elif previous != expected_hash:
            _fault(report, most, district_id, record_id, seq, "its previous_hash is not the hash of the event before")
        try:
            body = chain.canonical(
                district_id, record_id, seq, micros(row[2]), row[3], row[4], row[5], row[6], as_json(row[7]),
                bytes(row[8]) if row[8] is not None else None, previous,
            )  # fmt: skip
            intact = chain.event_hash(body) == digest
        except ValueError:
            intact = False
        if not intact:
            _fault(report, most, district_id, record_id, seq, f"event {seq} ({row[5]}) was altered: its hash differs")
        if head is None:
            head = heads[record_id] = _Head(seq, digest, {})
        head.seq, head.hash = seq, digest
        if seq in sealed_at.get(record_id, ()):
            head.at_seal[seq] = digest
        report.events += 1
        if progress and report.events % PAGE == 0:
            progress.advance(PAGE)
    return heads


def _verify_heads(district_id: int, heads: dict[UUID, _Head], report: Report, most: int) -> None:
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, version, head FROM ledger_record WHERE district_id = %s AND id > %s ORDER BY id LIMIT %s",
                [district_id, last, PAGE],
            )
            page = cursor.fetchall()
        for record_id, version, digest in page:
            report.records += 1
            head = heads.get(record_id)
            if head is None:
                _fault(report, most, district_id, record_id, 0, "the record has no events")
            elif head.seq != version:
                _fault(
                    report, most, district_id, record_id, version,
                    f"the record stands at version {version}, its last event is {head.seq}",
                )  # fmt: skip
            elif head.hash != bytes(digest):
                _fault(report, most, district_id, record_id, version, "the record's head is not its last event's hash")
        if len(page) < PAGE:
            return
        last = page[-1][0]


def _sealed_seqs(district_id: int) -> dict[UUID, set[int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_id, seq FROM ledger_sealedhead WHERE district_id = %s", [district_id])
        found: dict[UUID, set[int]] = {}
        for record_id, seq in cursor.fetchall():
            found.setdefault(record_id, set()).add(seq)
    return found


def _verify_seals(district_id: int, heads: dict[UUID, _Head], report: Report, most: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT no, at, heads, root, previous_hash, hash FROM ledger_seal WHERE district_id = %s ORDER BY no",
            [district_id],
        )
        seals = cursor.fetchall()
    previous = chain.GENESIS
    for expected, (no, at, count, root, previous_hash, digest) in enumerate(seals, 1):
        report.seals += 1
        if no != expected or bytes(previous_hash) != previous:
            _fault(report, most, district_id, f"seal {no}", no, "the chain of seals is broken here")
        if seal_hash(district_id, no, micros(at), count, bytes(root), bytes(previous_hash)) != bytes(digest):
            _fault(report, most, district_id, f"seal {no}", no, "the seal was altered")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT record_id, seq, hash FROM ledger_sealedhead WHERE district_id = %s AND seal_no = %s"
                " ORDER BY record_id",
                [district_id, no],
            )
            taken = cursor.fetchall()
        if len(taken) != count or chain.merkle_root([bytes(h) for _, _, h in taken]) != bytes(root):
            _fault(report, most, district_id, f"seal {no}", no, "the heads under the seal were altered")
        for record_id, seq, digest_then in taken:
            head = heads.get(record_id)
            if head is None or head.at_seal.get(seq) != bytes(digest_then):
                _fault(report, most, district_id, record_id, seq, f"event {seq} is not the one that seal {no} took")
        previous = bytes(digest)


def _fault(report: Report, most: int, district_id: int, record_id: UUID | str, seq: int, reason: str) -> None:
    if len(report.faults) < most:
        report.faults.append(Fault(district_id, str(record_id), seq, reason))
