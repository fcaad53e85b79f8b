"""Who calls again: cases that somebody with this telephone reported or joined, found by the keyed hash of the number.

The number itself is stored readable nowhere but among a case's sealed words; the hashes go with an erasure.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from gewu.cases.queries.lists import COLUMNS, FROM, visible
from gewu.cases.queries.page import mask
from gewu.cases.queries.rows import CaseRow, row_of
from gewu.cases.search import PHONE_DIGITS, SEES_CALLERS
from gewu.cases.services import JOIN
from gewu.ledger.door import Acting
from gewu.ledger.keys import Cipher, KeyFault, lookup_hash, unwrap
from gewu.ledger.store import as_json
from gewu.registry.directory import get_directory

ENDED_DAYS = 60
"""Cases that ended so recently are shown too, marked: the call may be about what became of them."""
LONGEST_NUMBER = 24
URGE = "remind"


@dataclass(frozen=True, slots=True)
class Call:
    """A case of a caller. ``name`` is masked; empty where none was given, or where it is not for the actor."""

    row: CaseRow
    name: str
    joined: bool
    """Whether the caller joined it; else they were the first to report it."""
    ended: bool
    joinable: bool
    urgable: bool


def digits_of(number: str) -> str:
    """The digits of a telephone number as people type it, full-width ones too; empty where they are none."""
    plain = unicodedata.normalize("NFKC", number[:LONGEST_NUMBER]).strip()
    digits = "".join(c for c in plain if c.isdigit())
    fits = len(digits) >= PHONE_DIGITS and all(c.isdigit() or c in "+-() " for c in plain)
    return digits if fits and digits.isascii() else ""


def cases_of_caller(
    district_id: int, acting: Acting, number: str, *, limit: int = 5, at: datetime | None = None
) -> list[Call]:
    """Cases in the actor's sight that came from this telephone, open ones first, the newest first; one statement.

    Empty for a number that is none, and for a post whose work does not include knowing who calls.
    """
    digits = digits_of(number)
    if not digits or not acting.actor.roles & SEES_CALLERS:
        return []
    phone = lookup_hash(digits)
    sight, sight_params = visible(acting)
    since = (at or datetime.now(UTC)) - timedelta(days=ENDED_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, mine.seq, e.sealed"
            f"{FROM} JOIN (SELECT record_id, max(seq) AS seq FROM ("
            "   SELECT record_id, 1 AS seq FROM cases_case WHERE district_id = %s AND phone_hash = %s"
            "   UNION ALL SELECT record_id, seq FROM cases_caller WHERE district_id = %s AND phone_hash = %s"
            " ) calls GROUP BY record_id) mine ON mine.record_id = r.id"
            " LEFT JOIN ledger_event e ON e.district_id = r.district_id AND e.record_id = r.id AND e.seq = mine.seq"
            f" WHERE r.district_id = %s AND r.kind = 'case' AND (NOT r.ended OR r.updated_at >= %s)"
            f"{' AND ' + sight if sight else ''} ORDER BY r.ended, r.id DESC LIMIT %s",
            [district_id, phone, district_id, phone, district_id, since, *sight_params, limit],
        )
        found = cursor.fetchall()
    directory = get_directory(district_id)
    calls = []
    for columns in found:
        row = row_of(district_id, columns)
        playbook = directory.playbook(row.playbook, row.playbook_version)
        moves = {move.name for move in playbook.moves_from.get(row.stage, ())} if playbook is not None else set()
        own = {part["unit"] for part in as_json(columns[23]) if part.get("slot") in ("handle", "work")}
        told = acting.actor.unit not in own
        name = _name(district_id, row.record_id, columns) if told else ""
        calls.append(Call(row, name, columns[26] > 1, row.ended, JOIN in moves, URGE in moves))
    return calls


def _name(district_id: int, record_id: UUID, columns: tuple[object, ...]) -> str:
    """The name that came with the call, masked; nothing once it is erased."""
    key_id, wrapped, sealed = columns[24], columns[25], columns[27]
    if not isinstance(key_id, str) or not isinstance(wrapped, (bytes, memoryview)):
        return ""
    if not isinstance(sealed, (bytes, memoryview)):
        return ""
    try:
        plain = unwrap(bytes(wrapped), key_id, district_id, record_id)
        name = Cipher(plain, district_id, record_id).open(bytes(sealed)).get("reporter_name", "")
    except KeyFault:
        return ""
    return mask("reporter_name", name) if name else ""
