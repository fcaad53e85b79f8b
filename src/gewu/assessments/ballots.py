"""Ballots and ratings: rows of their own that do not wait for one another, taken while the round is at ``voting`` only.

The row of a round is locked *shared* by whoever votes, in the one statement that writes the ballot; moves lock it
alone. So voters do not queue, and closing waits for those whose ballot is being written: a ballot that was acknowledged
is counted, any other was refused. What a ballot says is encrypted under the record's key; no event, message or log
holds it. See ADR 0017.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection
from psycopg import errors as pg

from gewu.assessments import kinds as k
from gewu.core import ranking
from gewu.core.records import Refusal
from gewu.ledger.door import Acting, new_id
from gewu.ledger.errors import Busy, Erased, NotFound, Refused
from gewu.ledger.keys import Cipher, keyed_hash, unwrap
from gewu.ledger.rows import micros
from gewu.ledger.store import as_json

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters of a code that are not mistaken for one another on paper."""
CODE_LENGTH = 12
MOST_VERSIONS = 50
"""So often a ballot may be given anew."""
MOST_PLACES = 999

Marks = Mapping[str, Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class Voter:
    """Who votes: a unit by its clerk, or a delegate by a code. ``id`` is the unit's code or the hash of the code."""

    kind: str
    id: str

    @property
    def unit(self) -> str:
        """The voter's own unit, whose entries it does not judge."""
        return self.id if self.kind == "unit" else ""


@dataclass(frozen=True, slots=True)
class Point:
    """An entry that is voted on."""

    no: int
    track: str
    unit: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What voting stands on: fixed when the voting was opened."""

    district_id: int
    record_id: UUID
    stage: str
    quorum: int
    delegates: int
    streets: tuple[str, ...]
    departments: tuple[str, ...]
    points: tuple[Point, ...]
    cipher: Cipher

    @property
    def units(self) -> tuple[str, ...]:
        """Units that may vote on points: all that take part."""
        return (*self.streets, *self.departments)

    def of_track(self, track: str) -> dict[int, str]:
        """Number and unit of the points of a track."""
        return {p.no: p.unit for p in self.points if p.track == track}

    @property
    def tracks(self) -> tuple[str, ...]:
        """Tracks that have points, in the order of their names."""
        return tuple(sorted({p.track for p in self.points}))


@dataclass(frozen=True, slots=True)
class Given:
    """A ballot or rating that was taken. ``receipt`` proves to its giver which version stands."""

    at: datetime
    receipt: str
    versions: int
    replayed: bool


def ground(district_id: int, record_id: UUID) -> Ground:
    """What a round's voting stands on, in one statement. Raises ``NotFound``, ``Erased``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.stage, d.quorum, d.delegates, d.streets, d.departments, k.key_id, k.wrapped,"
            " (SELECT e.payload->'detail'->'points' FROM ledger_event e WHERE e.district_id = r.district_id"
            " AND e.record_id = r.id AND e.kind = 'open_voting' ORDER BY e.seq DESC LIMIT 1)"
            " FROM ledger_record r"
            " JOIN assessments_round d ON d.district_id = r.district_id AND d.record_id = r.id"
            " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
            " WHERE r.district_id = %s AND r.id = %s AND d.period <> ''",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such round")
    if row[6] is None:
        raise Erased("the words and ballots of this round were erased")
    points = tuple(Point(*p) for p in as_json(row[7]) or ())
    cipher = Cipher(unwrap(bytes(row[6]), row[5], district_id, record_id), district_id, record_id)
    return Ground(district_id, record_id, row[0], row[1], row[2], tuple(row[3]), tuple(row[4]), points, cipher)


def voter_of(acting: Acting, found: Ground) -> Voter:
    """The unit for which somebody votes. Raises ``Refused`` for whoever is not the clerk of one that takes part."""
    if k.CLERK not in acting.actor.roles or acting.actor.unit not in found.units:
        raise Refused(Refusal("not_allowed", {"roles": [k.CLERK]}), found.record_id)
    return Voter("unit", acting.actor.unit)


# ---- giving


def cast(
    district_id: int,
    record_id: UUID,
    voter: Voter | Acting,
    track: str,
    places: Mapping[int, int],
    *,
    command_id: str = "",
    at: datetime | None = None,
) -> Given:
    """Take a ballot: the place of each point, 1 the best; equal numbers are ties, what is left out shares the last.

    A later ballot of the same voter replaces it; the same command id changes nothing and gets the answer that stands.
    Raises ``Refused`` (``wrong_stage``, ``not_allowed``, ``invalid``), ``NotFound``, ``Busy``, ``Erased``.
    """
    found = ground(district_id, record_id)
    who = voter_of(voter, found) if isinstance(voter, Acting) else voter
    _demand_voting(found)
    points = found.of_track(track)
    if not points:
        raise Refused(Refusal("invalid", {}, {"track": "choice"}), record_id)
    faults: dict[str, str] = {}
    for no, place in places.items():
        if no not in points:
            faults[f"place_{no}"] = "not_found"
        elif who.unit and points[no] == who.unit:
            faults[f"place_{no}"] = "own_unit"
        elif isinstance(place, bool) or not isinstance(place, int) or not 1 <= place <= MOST_PLACES:
            faults[f"place_{no}"] = "place_number"
    if not places:
        faults["places"] = "required"
    if faults:
        raise Refused(Refusal("invalid", {}, faults), record_id)
    body = {"places": {str(no): place for no, place in sorted(places.items())}}
    key = {"track": track, "voter": who.id, "kind": who.kind}
    return _give("assessments_ballot", key, ("track", "voter"), found, body, command_id, at)


def rate(
    district_id: int,
    record_id: UUID,
    acting: Acting,
    marks: Marks,
    *,
    command_id: str = "",
    at: datetime | None = None,
) -> Given:
    """Take a street's marks: for each department one on each of ``kinds.SCALES``, 1 to 5, or None where it says none.

    Raises as ``cast``.
    """
    found = ground(district_id, record_id)
    unit = acting.actor.unit
    if k.CLERK not in acting.actor.roles or unit not in found.streets:
        raise Refused(Refusal("not_allowed", {"roles": [k.CLERK]}), record_id)
    _demand_voting(found)
    faults: dict[str, str] = {}
    for department, row in marks.items():
        if department not in found.departments:
            faults[f"mark_{department}"] = "not_found"
        elif department == unit:
            faults[f"mark_{department}"] = "own_unit"
        elif len(row) != len(k.SCALES):
            faults[f"mark_{department}"] = "type"
        elif any(not _mark(value) for value in row):
            faults[f"mark_{department}"] = "mark_number"
    if not any(value is not None for row in marks.values() for value in row):
        faults.setdefault("marks", "required")
    if faults:
        raise Refused(Refusal("invalid", {}, faults), record_id)
    body = {"marks": {department: list(row) for department, row in sorted(marks.items())}}
    return _give("assessments_rating", {"voter": unit}, ("voter",), found, body, command_id, at)


def _mark(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and ranking.LOWEST <= value <= ranking.HIGHEST


def _demand_voting(found: Ground) -> None:
    if found.stage != k.VOTING:
        raise Refused(Refusal("wrong_stage", {"stage": found.stage, "from": [k.VOTING]}), found.record_id)


def _give(
    table: str,
    key: Mapping[str, str],
    unique: tuple[str, ...],
    found: Ground,
    body: Mapping[str, Any],
    command_id: str,
    at: datetime | None,
) -> Given:
    """Write one row, if the round is still at voting when its lock is had: one statement, a transaction of its own."""
    now, command = at or datetime.now(UTC), UUID(command_id) if command_id else new_id()
    sealed = found.cipher.seal_bytes(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
    names = ", ".join(key)
    values: list[Any] = [*key.values(), now, [command], sealed]
    statement = (
        f"INSERT INTO {table} AS b (district_id, record_id, {names}, at, commands, sealed)"
        f" SELECT r.district_id, r.id, {', '.join(['%s'] * len(values))} FROM"
        " (SELECT district_id, id FROM ledger_record WHERE district_id = %s AND id = %s AND stage = %s FOR SHARE) r"
        f" ON CONFLICT (district_id, record_id, {', '.join(unique)}) DO UPDATE"
        " SET at = excluded.at, sealed = excluded.sealed, commands = b.commands || excluded.commands"
        " WHERE NOT b.commands @> excluded.commands AND cardinality(b.commands) < %s"
        " RETURNING at, commands, sealed"
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, found.district_id, found.record_id, k.VOTING, MOST_VERSIONS])
            row = cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, (pg.LockNotAvailable, pg.DeadlockDetected)):
            raise Busy("the round is being changed by somebody else") from error
        raise
    if row is not None:
        return Given(row[0], receipt(row[1][-1], row[0], bytes(row[2])), len(row[1]), False)
    return _not_written(table, key, unique, found, command)


def _not_written(table: str, key: Mapping[str, str], unique: tuple[str, ...], found: Ground, command: UUID) -> Given:
    """Why no row was written: this very ballot stands already, the round moved on, or it was given anew too often."""
    where = " AND ".join(f"b.{name} = %s" for name in unique)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.stage, b.at, b.commands, b.sealed FROM ledger_record r LEFT JOIN {table} b"
            f" ON b.district_id = r.district_id AND b.record_id = r.id AND {where}"
            " WHERE r.district_id = %s AND r.id = %s",
            [*(key[name] for name in unique), found.district_id, found.record_id],
        )
        stage, at, commands, sealed = cursor.fetchone()
    if commands is not None and command in commands:
        return Given(at, receipt(commands[-1], at, bytes(sealed)), len(commands), True)
    if stage != k.VOTING:
        raise Refused(Refusal("wrong_stage", {"stage": stage, "from": [k.VOTING]}), found.record_id)
    raise Refused(Refusal("invalid", {}, {"places": "too_often"}), found.record_id)


def receipt(command: UUID, at: datetime, sealed: bytes) -> str:
    """What a voter keeps: a hash of the row as it stands; it tells nothing of what the ballot says."""
    return hashlib.sha256(b"%s/%d/" % (command.bytes, micros(at)) + sealed).hexdigest()[:32]


# ---- delegates


def new_codes(number: int) -> list[str]:
    """Fresh codes, as they are printed: three groups of four."""
    found: set[str] = set()
    while len(found) < number:
        found.add("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)))
    return ["-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4)) for code in sorted(found)]


def code_hash(code: str) -> bytes:
    """The keyed hash under which a code is stored. Case, blanks and hyphens do not matter."""
    plain = "".join(c for c in code.upper() if c in ALPHABET)
    return keyed_hash(b"ballot code/" + plain.encode())


def store_codes(district_id: int, record_id: UUID, codes: Sequence[str], batch: int, by: str, at: datetime) -> None:
    """Keep the hashes of codes; within the transaction of the event that says how many were issued."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO assessments_code (district_id, record_id, hash, batch, made_at, made_by)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [(district_id, record_id, code_hash(code), batch, at, by) for code in codes],
        )


def delegate(district_id: int, code: str) -> tuple[UUID, Voter]:
    """The round that a code belongs to, and the voter it stands for. Raises ``NotFound``."""
    if sum(c in ALPHABET for c in code.upper()) != CODE_LENGTH or len(code) > 4 * CODE_LENGTH:
        raise NotFound("no such code")
    wanted = code_hash(code)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id FROM assessments_code WHERE district_id = %s AND hash = %s", [district_id, wanted]
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such code")
    return row[0], Voter("delegate", wanted.hex()[:32])


# ---- what one has given oneself


def own_ballots(found: Ground, voter: Voter) -> dict[str, tuple[dict[int, int], str]]:
    """The ballots of a voter by track, with their receipts: shown to the voter only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT track, at, commands, sealed FROM assessments_ballot"
            " WHERE district_id = %s AND record_id = %s AND voter = %s",
            [found.district_id, found.record_id, voter.id],
        )
        return {
            track: (opened_places(found.cipher, bytes(sealed)), receipt(commands[-1], at, bytes(sealed)))
            for track, at, commands, sealed in cursor.fetchall()
        }


def own_rating(found: Ground, unit: str) -> tuple[dict[str, list[int | None]], str] | None:
    """The marks a street gave, with the receipt; None when it gave none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, commands, sealed FROM assessments_rating"
            " WHERE district_id = %s AND record_id = %s AND voter = %s",
            [found.district_id, found.record_id, unit],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return opened_marks(found.cipher, bytes(row[2])), receipt(row[1][-1], row[0], bytes(row[2]))


def opened_places(cipher: Cipher, sealed: bytes) -> dict[int, int]:
    """What a ballot says. Raises ``KeyFault``."""
    return {int(no): place for no, place in json.loads(cipher.open_bytes(sealed))["places"].items()}


def opened_marks(cipher: Cipher, sealed: bytes) -> dict[str, list[int | None]]:
    """What a rating says. Raises ``KeyFault``."""
    found: dict[str, list[int | None]] = json.loads(cipher.open_bytes(sealed))["marks"]
    return found
