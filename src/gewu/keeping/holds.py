"""Holds: records whose words and photos must not be erased for now, by whom and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import connection, transaction

from gewu.ledger.door import Acting, new_id
from gewu.ledger.erasure import Erasing
from gewu.ledger.errors import Erased, Held, NotFound
from gewu.ledger.keys import Cipher, KeyFault, unwrap

REASONS = ("litigation", "appeal", "inspection", "other")
HOLD_ROLES = frozenset({"comprehensive_office", "shift_leader"})
"""Roles that may put a hold on a record and lift it."""
Asked = Callable[[int, Sequence[UUID]], Iterable[UUID]]
_ELSEWHERE: dict[str, Asked] = {}
_LIVE = "h.lifted_at IS NULL AND (h.until IS NULL OR h.until >= %s)"


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that counts today. ``words`` is None once the record's words are erased."""

    id: UUID
    record_id: UUID
    number: str
    reason: str
    words: str | None
    until: date | None
    set_by: str
    set_at: datetime


def guard(erasing: Erasing) -> None:
    """Stop the erasing of a record with a hold (see ``gewu.ledger.erasure.watch``). Raises ``Held``.

    A restored system repeats what was erased before it: that was decided when no hold stood.
    """
    if erasing.reason != "restore" and held(erasing.district_id, [erasing.record_id]):
        raise Held("somebody put a hold on this record; lift it first")


def put(
    district_id: int, record_id: UUID, acting: Acting, reason: str, words: str = "", until: date | None = None
) -> UUID:
    """Put a hold on a record until a day (included), or until it is lifted. Returns the hold's id.

    Raises ``ValueError`` for an unknown reason, for ``other`` without words and for a day that is past, ``NotFound``,
    and ``Erased`` when there is nothing left to hold.
    """
    if reason not in REASONS:
        raise ValueError(f"the reason is one of {', '.join(REASONS)}")
    if reason == "other" and not words.strip():
        raise ValueError("say in words what the hold is for")
    if until is not None and until < _today():
        raise ValueError("the last day of the hold is past")
    hold_id = new_id()
    with transaction.atomic(), connection.cursor() as cursor:
        # The key's row is locked, so that an erasing on its way either ends before or finds the hold.
        cursor.execute(
            "SELECT k.key_id, k.wrapped FROM ledger_record r JOIN ledger_recordkey k"
            " ON k.district_id = r.district_id AND k.record_id = r.id"
            " WHERE r.district_id = %s AND r.id = %s FOR NO KEY UPDATE OF r",
            [district_id, record_id],
        )
        row = cursor.fetchone()
        if row is None:
            raise NotFound("no such record")
        if row[1] is None:
            raise Erased("the words of this record are erased")
        sealed = None
        if words.strip():
            cipher = Cipher(unwrap(bytes(row[1]), row[0], district_id, record_id), district_id, record_id)
            sealed = cipher.seal({"hold": words.strip()})
        cursor.execute(
            "INSERT INTO keeping_hold (district_id, id, record_id, reason, sealed, until, set_by, set_at, lifted_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '')",
            [district_id, hold_id, record_id, reason, sealed, until, acting.actor.person, datetime.now(UTC)],
        )
    return hold_id


def lift(district_id: int, record_id: UUID, acting: Acting) -> int:
    """Lift every hold of a record. Returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE keeping_hold SET lifted_at = %s, lifted_by = %s"
            " WHERE district_id = %s AND record_id = %s AND lifted_at IS NULL",
            [datetime.now(UTC), acting.actor.person, district_id, record_id],
        )
        return int(cursor.rowcount)


def register_hold(name: str, asked: Asked) -> None:
    """Have records held as long as ``asked(district_id, records)`` gives them back: an appeal that is open, say."""
    _ELSEWHERE[name] = asked


def held(district_id: int, records: Sequence[UUID]) -> set[UUID]:
    """Those of these records that have a hold today, or are held by what goes on elsewhere."""
    found = {record for asked in _ELSEWHERE.values() for record in asked(district_id, records)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT h.record_id FROM keeping_hold h"
            f" WHERE h.district_id = %s AND h.record_id = ANY(%s) AND {_LIVE}",
            [district_id, list(records), _today()],
        )
        return found | {row[0] for row in cursor.fetchall()}


def list_holds(district_id: int, record_id: UUID | None = None) -> list[Hold]:
    """The holds of a district, or of one record, that count today, oldest first."""
    only = " AND h.record_id = %s" if record_id else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.id, h.record_id, h.reason, h.sealed, h.until, h.set_by, h.set_at FROM keeping_hold h"
            f" WHERE h.district_id = %s AND {_LIVE}{only} ORDER BY h.id",
            [district_id, _today(), *([record_id] if record_id else [])],
        )
        rows = cursor.fetchall()
    known = _records(district_id, [row[1] for row in rows]) if rows else {}
    found = []
    for hold_id, held_id, reason, sealed, until, set_by, set_at in rows:
        number, cipher = known[held_id]
        words = "" if sealed is None else _words(cipher, bytes(sealed))
        found.append(Hold(hold_id, held_id, number, reason, words, until, set_by, set_at))
    return found


def _records(district_id: int, records: Sequence[UUID]) -> dict[UUID, tuple[str, Cipher | None]]:
    """Numbers of records, and what opens their words as long as they are not erased."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.record_id, c.number, k.key_id, k.wrapped FROM ledger_recordkey k"
            " LEFT JOIN cases_case c ON c.district_id = k.district_id AND c.record_id = k.record_id"
            " WHERE k.district_id = %s AND k.record_id = ANY(%s)",
            [district_id, list(records)],
        )
        rows = cursor.fetchall()
    return {
        record_id: (
            number or str(record_id),
            Cipher(unwrap(bytes(wrapped), key_id, district_id, record_id), district_id, record_id) if wrapped else None,
        )
        for record_id, number, key_id, wrapped in rows
    }


def _words(cipher: Cipher | None, sealed: bytes) -> str | None:
    try:
        return cipher.open(sealed).get("hold", "") if cipher else None
    except KeyFault:
        return None


def _today() -> date:
    """Today by UTC: behind the district's own day, so that a hold never ends before its last day is over."""
    return datetime.now(UTC).date()
