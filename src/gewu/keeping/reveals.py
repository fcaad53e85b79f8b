"""Reveals: showing a reporter's name and number is an act of its own, for a purpose, written down for good.

Everywhere else they are masked for everybody, and for whoever handles the case they are not shown at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from gewu.cases.queries import visible
from gewu.core.evolve import state_from_json
from gewu.core.records import Assignment, Refusal
from gewu.ledger import store
from gewu.ledger.door import Acting, new_id
from gewu.ledger.errors import Erased, LedgerError, NotFound, Refused
from gewu.ledger.keys import Cipher, KeyFault, keyed_hash, unwrap
from gewu.ledger.rows import dumps
from gewu.registry.people import ActorPost

log = structlog.get_logger(__name__)

REVEAL_ROLES = frozenset({"intake_officer", "shift_leader"})
"""Who needs the reporter's name and telephone: they take the call and give the answer."""
HIDDEN_ROLES = frozenset({"unit_clerk", "worker"})
"""Those who handle are never told who complained, not even masked."""
AUDIT_ROLES = frozenset({"comprehensive_office", "shift_leader"})
"""Who reads the log of reveals."""
PURPOSES = ("call_back", "verify", "correct", "other")
SPAN = timedelta(hours=1)
FLAG_AFTER = 30
"""More reveals than this by one person within ``SPAN`` are told to the office."""
STOP_AFTER = 100
"""More than this are refused: a desk does not call so many people in an hour, a copied list would."""
WORDS_MOST = 200
PAGE = 50


class TooManyReveals(LedgerError):
    """This person was shown as many names as one may be in an hour."""

    code = "too_many_reveals"


class ShownOnce(LedgerError):
    """This very request was answered before; the name is shown once for each time somebody asks."""

    code = "shown_once"


class BadPurpose(ValueError):
    """No purpose was chosen, or ``other`` without words. ``field``: ``purpose`` or ``words``; ``code`` is the fault."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody who reported the case, or joined it by event ``seq``; name or number may be empty."""

    seq: int
    at: datetime
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The reporters of a case, the first one first, as they were shown at an instant."""

    reporters: tuple[Reporter, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Reveal:
    """One line of the log. ``words`` is None once the record's words are erased."""

    id: UUID
    number: str
    person: str
    post: str
    token: str
    at: datetime
    purpose: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the log: codes of a post and a purpose, a case number, instants from and until (excluded)."""

    post: str = ""
    number: str = ""
    purpose: str = ""
    since: datetime | None = None
    until: datetime | None = None


def sight_of(acting: Acting, assignments: Sequence[Assignment] = ()) -> str:
    """How much of a reporter an identity sees on any page: ``masked`` or ``hidden``.

    Whoever handles the case, or did, is never told, whatever else the post may do.
    """
    actor = acting.actor
    handles = any(a.slot in ("handle", "work") and a.unit and a.unit == actor.unit for a in assignments)
    return "hidden" if handles or not actor.roles.isdisjoint(HIDDEN_ROLES) else "masked"


def may_reveal(acting: Acting, assignments: Sequence[Assignment] = ()) -> bool:
    """Whether an identity may ask to be shown the reporter of a case."""
    return sight_of(acting, assignments) == "masked" and not acting.actor.roles.isdisjoint(REVEAL_ROLES)


def may_audit(roles: frozenset[str]) -> bool:
    """Whether these roles read the log."""
    return not roles.isdisjoint(AUDIT_ROLES)


def reveal(
    district_id: int,
    acting: Acting,
    post: ActorPost,
    record_id: UUID,
    purpose: str,
    words: str = "",
    *,
    ask: UUID | None = None,
    address: str = "",
    now: datetime | None = None,
) -> Identity:
    """Show the reporter of a case, once, and write down who saw it and what for, before anything is shown.

    Those who joined the case are shown with the first reporter. ``ask`` is the id of the asking page: the same one is
    answered once. ``address`` is the network address, kept as a keyed hash only. Raises ``BadPurpose``, ``NotFound``
    (no such case, or nobody gave a name), ``Refused`` (``not_allowed``), ``Erased``, ``TooManyReveals``, ``ShownOnce``.
    """
    words = words.strip()
    if purpose not in PURPOSES:
        raise BadPurpose("purpose", "choice" if purpose else "required")
    if purpose == "other" and not words:
        raise BadPurpose("words", "required")
    if len(words) > WORDS_MOST:
        raise BadPurpose("words", "too_long")
    now = now or datetime.now(UTC)
    cipher, identity = _identity(district_id, acting, record_id, now)
    with transaction.atomic():
        before = _count(district_id, acting.actor.person, now)
        if before >= STOP_AFTER:
            raise TooManyReveals(f"{before} reveals within an hour")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO keeping_reveal"
                " (district_id, id, ask, record_id, person, post, token, at, purpose, sealed, address)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (district_id, ask) DO NOTHING",
                [
                    district_id, new_id(), ask or new_id(), record_id, acting.actor.person, post.post_code, post.token,
                    now, purpose, cipher.seal({"words": words}) if words else None,
                    keyed_hash(b"reveal/" + address.encode())[:16] if address else None,
                ],
            )  # fmt: skip
            if cursor.rowcount == 0:
                raise ShownOnce("this was shown before")
        if before == FLAG_AFTER:
            _tell_office(district_id, record_id, post.post_code, now)
    log.info("reveal", district=district_id, record=str(record_id), post=post.post_code, purpose=purpose)
    return identity


def _identity(district_id: int, acting: Acting, record_id: UUID, now: datetime) -> tuple[Cipher, Identity]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.state, r.place, r.areas, r.involved, k.key_id, k.wrapped FROM ledger_record r"
            " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
            " WHERE r.district_id = %s AND r.id = %s AND r.kind = 'case'",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    if row is None or not acting.sees(row[1], row[2], row[3]):
        raise NotFound("no such case, or none in your territory")
    state = state_from_json(store.as_json(row[0]))
    if not may_reveal(acting, state.assignments):
        raise Refused(Refusal("not_allowed", {"roles": sorted(REVEAL_ROLES)}))
    if row[5] is None:
        raise Erased("the words of this case are erased")
    cipher = Cipher(unwrap(bytes(row[5]), row[4], district_id, record_id), district_id, record_id)
    reporters = tuple(_reporters(district_id, record_id, cipher))
    if not reporters:
        raise NotFound("nobody gave a name or number")
    return cipher, Identity(reporters, now)


def _reporters(district_id: int, record_id: UUID, cipher: Cipher) -> Iterator[Reporter]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, at, sealed FROM ledger_event WHERE district_id = %s AND record_id = %s AND sealed IS NOT NULL"
            " ORDER BY seq",
            [district_id, record_id],
        )
        events = cursor.fetchall()
    for seq, at, sealed in events:
        texts = cipher.open(bytes(sealed))
        name, phone = texts.get("reporter_name", ""), texts.get("reporter_phone", "")
        if name or phone:
            yield Reporter(seq, at, name, phone)


def _count(district_id: int, person: str, now: datetime) -> int:
    """Reveals of a person within the span. Requests of one person wait for one another, so that none is missed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [0x5EE ^ district_id, person])
        cursor.execute(
            "SELECT count(*) FROM keeping_reveal WHERE district_id = %s AND person = %s AND at > %s",
            [district_id, person, now - SPAN],
        )
        return int(cursor.fetchone()[0])


def _tell_office(district_id: int, record_id: UUID, post: str, now: datetime) -> None:
    """A notice to the office, by way of the outbox like every other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_outgoing (district_id, id, record_id, seq, topic, destination, payload, status,"
            " attempts, next_at, last_error, created_at)"
            " VALUES (%s, %s, %s, 0, 'notice', 'role:comprehensive_office', %s, 'waiting', 0, %s, '', %s)",
            [district_id, new_id(), record_id, dumps({"message": "many_reveals", "post": post}), now, now],
        )
    log.warning("reveal.many", district=district_id, post=post, more_than=FLAG_AFTER)


# ---- the log


def list_reveals(
    district_id: int, acting: Acting, wanted: Wanted, after: str | None = None, limit: int = PAGE
) -> tuple[list[Reveal], str | None]:
    """One page of the log, latest first, of cases in the actor's territory, and where the next begins.

    Raises ``ValueError`` for an ``after`` that this function did not give.
    """
    where = ["v.district_id = %s"]
    params: list[Any] = [district_id]
    for condition, value in (
        ("v.post = %s", wanted.post),
        ("c.number = %s", wanted.number),
        ("v.purpose = %s", wanted.purpose),
        ("v.at >= %s", wanted.since),
        ("v.at < %s", wanted.until),
        ("v.id < %s", UUID(after) if after else None),
    ):
        if value:
            where.append(condition)
            params.append(value)
    sight, sight_params = visible(acting)
    if sight:
        where.append(sight)
        params += sight_params
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.id, v.record_id, c.number, v.person, v.post, v.token, v.at, v.purpose, v.sealed, k.key_id,"
            " k.wrapped FROM keeping_reveal v"
            " JOIN ledger_record r ON r.district_id = v.district_id AND r.id = v.record_id"
            " JOIN ledger_recordkey k ON k.district_id = v.district_id AND k.record_id = v.record_id"
            " JOIN cases_case c ON c.district_id = v.district_id AND c.record_id = v.record_id"
            f" WHERE {' AND '.join(where)} ORDER BY v.id DESC LIMIT %s",
            [*params, limit + 1],
        )
        rows = cursor.fetchall()
    found = [
        Reveal(row[0], row[2], row[3], row[4], row[5], row[6], row[7], _words(district_id, row)) for row in rows[:limit]
    ]
    return found, str(found[-1].id) if len(rows) > limit else None


def every_reveal(district_id: int, acting: Acting, wanted: Wanted) -> Iterator[Reveal]:
    """The whole part of the log, page by page."""
    after: str | None = None
    while True:
        found, after = list_reveals(district_id, acting, wanted, after, 500)
        yield from found
        if after is None:
            return


def _words(district_id: int, row: Sequence[Any]) -> str | None:
    record_id, sealed, key_id, wrapped = row[1], row[8], row[9], row[10]
    if sealed is None:
        return ""
    if wrapped is None:
        return None
    try:
        plain = unwrap(bytes(wrapped), key_id, district_id, record_id)
        return Cipher(plain, district_id, record_id).open(bytes(sealed)).get("words", "")
    except KeyFault:
        return None
