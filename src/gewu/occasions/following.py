"""Occasions follow the cases that came of them: when a case ends, whoever held the occasion is told; when all have, it
goes on by itself.

A case that ends writes a message in its own transaction (it names its occasions in its links); the outbox delivers it
here, exactly once. A daily look finds what was missed, so that no occasion waits for a case that ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

import structlog
from django.db import connection

from gewu.core.records import Command
from gewu.ledger.door import SYSTEM, Wish, execute
from gewu.ledger.errors import LedgerError, NotFound, Refused
from gewu.ledger.listeners import Told
from gewu.ledger.outbox.messages import DeliveryError, Message
from gewu.ledger.projections import Change
from gewu.ledger.rows import micros
from gewu.ledger.ticker import Unfinished
from gewu.occasions.kinds import ALL_CLOSED, CASE_ENDED, CASE_MERGED, JOIN_MOVE, SESSION, TABLED_AT
from gewu.registry.directory import Directory

log = structlog.get_logger(__name__)

TOPIC = "occasion_case"
DESTINATION = "occasions"
MERGED_INTO = "merged_into"
BATCH = 200


def listen(directory: Directory, change: Change) -> Iterable[Told]:
    """A message when a case that was named at an occasion comes to its end."""
    before, after = change.before, change.after
    if before is None or before.stage == after.stage or after.kind != "case":
        return ()
    sessions = sorted({other for kind, other in after.links if kind in (SESSION, TABLED_AT)})
    if not sessions:
        return ()
    playbook = directory.playbook(after.playbook, after.playbook_version)
    if playbook is None or not playbook.stages[after.stage].end or playbook.stages[before.stage].end:
        return ()
    return ((TOPIC, DESTINATION, {"occasions": sessions}),)


def hear(message: Message) -> None:
    """Write down in each occasion that the case ended. Called by the outbox, in the transaction that marks it sent."""
    if message.record_id is None:
        return
    try:
        for occasion in message.payload["occasions"]:
            note(message.district_id, UUID(occasion), message.record_id, micros(message.created_at))
    except Refused as error:
        log.warning("occasions.case", case=str(message.record_id), refusal=error.refusal.code)
    except LedgerError as error:
        raise DeliveryError(str(error)) from error


def note(district_id: int, occasion: UUID, case: UUID, at_us: int) -> bool:
    """Release a case that ended from an occasion that follows it; follow the one it was merged into instead.

    Returns whether anything was written. Safe to call again: each command has an id made of what it is about.
    """
    wrote = False
    while (followed := _followed(district_id, occasion, case)) is not None:
        _release(district_id, occasion, case, followed, at_us)
        wrote = True
    if wrote:
        go_on(district_id, occasion, at_us)
    return wrote


def _release(
    district_id: int, occasion: UUID, case: UUID, followed: tuple[int, str, UUID | None, bool], at_us: int
) -> None:
    part, stage, into, into_ended = followed
    key = str(uuid5(case, f"{occasion}:{part}"))
    if into is None or into_ended:
        ended = Command(key, CASE_ENDED, {"case": str(case), "ended": stage}, target=part)
        execute(district_id, SYSTEM, Wish(occasion, ended), at_us=at_us)
        return
    source = _type(district_id, occasion)
    told = Command(str(uuid5(case, f"{occasion}:{part}:into")), JOIN_MOVE, {"session": str(occasion), "source": source})
    merged = Command(key, CASE_MERGED, {"case": str(case), "into": str(into)}, target=part)
    execute(district_id, SYSTEM, Wish(into, told), Wish(occasion, merged), at_us=at_us)


def go_on(district_id: int, occasion: UUID, at_us: int) -> bool:
    """Take an occasion on to telling the building, once none of its cases is open. Returns whether it went on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.version FROM ledger_record r"
            " JOIN occasions_occasion o ON o.district_id = r.district_id AND o.record_id = r.id"
            " WHERE r.district_id = %s AND r.id = %s AND r.stage = 'following' AND o.cases_open = 0",
            [district_id, occasion],
        )
        row = cursor.fetchone()
    if row is None:
        return False
    command = Command(str(uuid5(occasion, f"all_closed:{row[0]}")), ALL_CLOSED)
    try:
        execute(district_id, SYSTEM, Wish(occasion, command), at_us=at_us)
    except Refused:
        return False  # somebody was faster
    return True


def catch_up(district_id: int, now: datetime) -> None:
    """Find followed cases that ended without being heard of. Called once a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.record_id, o.case_id FROM occasions_outcome o"
            " JOIN occasions_occasion c ON c.district_id = o.district_id AND c.record_id = o.record_id"
            " AND c.cases_open > 0"
            " JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.case_id AND r.ended"
            " WHERE o.district_id = %s AND o.follow > 0 AND NOT EXISTS (SELECT 1 FROM occasions_outcome e"
            " WHERE e.district_id = o.district_id AND e.record_id = o.record_id AND e.part = o.follow)"
            " ORDER BY o.record_id, o.seq LIMIT %s",
            [district_id, BATCH],
        )
        found = cursor.fetchall()
    for occasion, case in found:
        try:
            note(district_id, occasion, case, int(now.timestamp() * 1_000_000))
        except (Refused, NotFound) as error:
            log.warning("occasions.catch_up", occasion=str(occasion), case=str(case), error=str(error))
    if len(found) == BATCH:
        raise Unfinished


def _followed(district_id: int, occasion: UUID, case: UUID) -> tuple[int, str, UUID | None, bool] | None:
    """The part under which a case that ended is followed: part, its stage, the case it was merged into, whether that
    has ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.follow, r.stage, l.other_id, t.ended FROM occasions_outcome o"
            " JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.case_id AND r.ended"
            " LEFT JOIN ledger_link l ON l.district_id = r.district_id AND l.record_id = r.id AND l.kind = %s"
            " LEFT JOIN ledger_record t ON t.district_id = l.district_id AND t.id = l.other_id"
            " WHERE o.district_id = %s AND o.record_id = %s AND o.case_id = %s AND o.follow > 0 AND NOT EXISTS"
            " (SELECT 1 FROM occasions_outcome e WHERE e.district_id = o.district_id AND e.record_id = o.record_id"
            " AND e.part = o.follow) ORDER BY o.seq LIMIT 1",
            [MERGED_INTO, district_id, occasion, case],
        )
        row = cursor.fetchone()
    return (int(row[0]), row[1], row[2], bool(row[3])) if row else None


def _type(district_id: int, occasion: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type FROM occasions_occasion WHERE district_id = %s AND record_id = %s", [district_id, occasion]
        )
        return str(cursor.fetchone()[0])
