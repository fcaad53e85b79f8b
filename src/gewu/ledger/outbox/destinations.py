"""Outside destinations: which message goes next, and what an attempt leaves behind. Every function is one transaction.

One message at a time is on its way to a destination, under a lease on the destination's row: two outboxes side by side
never send to it at once, and what a killed outbox left is taken up when its lease is over, under the same key.
Messages about one record go in the order of its events. Where a destination objects to a single message only, those
about other records pass it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from django.db import connection, transaction

from gewu.ledger.outbox.messages import IN_HOUSE, Answer, DeliveryError, Gone, Message, channels, outside
from gewu.ledger.outbox.notices import MAX_ATTEMPTS, alert_office
from gewu.ledger.store import as_json

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""Longer than any attempt may take; a message whose outbox died goes out again after it."""

PATIENCE = timedelta(days=3)
"""How long a destination that does not answer is tried before its messages rest as failed."""

OPEN_AFTER = 5
"""Failures in a row after which a destination counts as down: the office is told."""

LONGEST_PAUSE = 900.0
LONGEST_RETRY_AFTER = 3600.0
SLOW_MS = 2000
"""A destination whose last answer took longer counts as slow: the slow ones never hold all threads."""

NOT_IN_HOUSE = f"topic NOT IN ({', '.join(repr(topic) for topic in IN_HOUSE)})"
_ON_ITS_WAY = f"status IN ('waiting', 'sending') AND {NOT_IN_HOUSE}"
_DESTINATIONS = (
    "WITH RECURSIVE found AS ("
    f" (SELECT destination FROM ledger_outgoing WHERE district_id = %s AND {_ON_ITS_WAY} ORDER BY destination LIMIT 1)"
    " UNION ALL SELECT (SELECT o.destination FROM ledger_outgoing o WHERE o.district_id = %s"
    f" AND o.{_ON_ITS_WAY.replace('topic', 'o.topic')} AND o.destination > f.destination"
    " ORDER BY o.destination LIMIT 1) FROM found f WHERE f.destination IS NOT NULL)"
    " SELECT destination FROM found WHERE destination IS NOT NULL"
)
# Destinations that may be tried and have something due: the well ones first, then who was served longest ago.
_FREE = (
    "SELECT d.destination, d.failures > 0 OR d.last_ms > %s FROM ledger_destination d WHERE d.district_id = %s"
    " AND d.destination = ANY(%s) AND d.resume_at <= %s AND (d.busy_until IS NULL OR d.busy_until <= %s)"
    " AND EXISTS (SELECT 1 FROM ledger_outgoing o WHERE o.district_id = d.district_id"
    f" AND o.destination = d.destination AND o.{_ON_ITS_WAY.replace('topic', 'o.topic')}"
    " AND ((o.status = 'waiting' AND o.next_at <= %s) OR (o.status = 'sending' AND o.leased_until <= %s)))"
    " ORDER BY d.failures, d.last_at NULLS FIRST, d.destination"
)
_LOCK = (
    "SELECT 1 FROM ledger_destination WHERE district_id = %s AND destination = %s AND resume_at <= %s"
    " AND (busy_until IS NULL OR busy_until <= %s) FOR UPDATE SKIP LOCKED"
)
# The oldest message that is due and about whose record no older one is still to go.
_NEXT = (
    "SELECT o.id, o.record_id, o.topic, o.payload, o.created_at, o.attempts, o.first_at FROM ledger_outgoing o"
    f" WHERE o.district_id = %s AND o.destination = %s AND o.{_ON_ITS_WAY.replace('topic', 'o.topic')}"
    " AND o.topic <> ALL(%s)"
    " AND ((o.status = 'waiting' AND o.next_at <= %s) OR (o.status = 'sending' AND o.leased_until <= %s))"
    " AND (o.record_id IS NULL OR NOT EXISTS (SELECT 1 FROM ledger_outgoing p WHERE p.district_id = o.district_id"
    " AND p.destination = o.destination AND p.record_id = o.record_id AND p.id < o.id"
    f" AND p.{_ON_ITS_WAY.replace('topic', 'p.topic')}))"
    " ORDER BY o.id LIMIT 1 FOR UPDATE SKIP LOCKED"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process alone may send until its lease is over."""

    message: Message
    lease: UUID
    first_at: datetime
    slow: bool


def claim(district_id: int, now: datetime, free: int, free_slow: int) -> list[Claim]:
    """Take at most one message of each destination that may be tried, ``free`` in all, ``free_slow`` of slow ones."""
    if free <= 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DESTINATIONS, [district_id, district_id])
        waiting = [row[0] for row in cursor.fetchall()]
    if not waiting:
        return []
    claims: list[Claim] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_destination (district_id, destination, resume_at)"
            " SELECT %s, unnest(%s::text[]), %s ON CONFLICT DO NOTHING",
            [district_id, waiting, now],
        )
        cursor.execute(_FREE, [SLOW_MS, district_id, waiting, now, now, now, now])
        for destination, slow in cursor.fetchall():
            if len(claims) >= free:
                break
            if slow and free_slow <= 0:
                continue
            cursor.execute(_LOCK, [district_id, destination, now, now])
            if cursor.fetchone() is None:
                continue  # another outbox has it, or had it a moment ago
            cursor.execute(_NEXT, [district_id, destination, sorted(channels()), now, now])
            row = cursor.fetchone()
            if row is None:
                continue
            lease, until = uuid4(), now + LEASE
            cursor.execute(
                "UPDATE ledger_outgoing SET status = 'sending', lease = %s, leased_until = %s, tried_at = %s,"
                " first_at = coalesce(first_at, %s) WHERE district_id = %s AND id = %s",
                [lease, until, now, now, district_id, row[0]],
            )
            cursor.execute(
                "UPDATE ledger_destination SET lease = %s, busy_until = %s, last_at = %s"
                " WHERE district_id = %s AND destination = %s",
                [lease, until, now, district_id, destination],
            )
            free_slow -= bool(slow)
            message = Message(row[0], district_id, row[1], row[2], destination, as_json(row[3]), row[4], row[5])
            claims.append(Claim(message, lease, row[6] or now, bool(slow)))
    return claims


def taken(one: Claim, answer: Answer, ms: int, now: datetime) -> None:
    """The destination took the message: this is so whoever holds the lease by now."""
    message = one.message
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_outgoing SET status = 'sent', sent_at = %s, attempts = attempts + 1, last_error = '',"
            " last_code = %s, last_ms = %s, lease = NULL, leased_until = NULL"
            " WHERE district_id = %s AND id = %s AND status IN ('waiting', 'sending')",
            [now, answer.code, ms, message.district_id, message.id],
        )
        cursor.execute(
            "UPDATE ledger_destination SET failures = 0, failing_since = NULL, resume_at = %s, taken = taken + 1,"
            " taken_at = %s, last_code = %s, last_ms = %s, last_error = ''"
            " WHERE district_id = %s AND destination = %s",
            [now + timedelta(seconds=answer.pause), now, answer.code, ms, message.district_id, message.destination],
        )
        _free(one)


def unwanted(one: Claim, reason: str) -> None:
    """Put the message away: nobody wants it any more."""
    message = one.message
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_outgoing SET status = 'dropped', last_error = %s, lease = NULL, leased_until = NULL"
            " WHERE district_id = %s AND id = %s AND lease = %s",
            [reason[:500], message.district_id, message.id, one.lease],
        )
        _free(one)


def refused(one: Claim, error: DeliveryError, ms: int, now: datetime, chance: random.Random) -> None:
    """The message was not taken: say when it is tried again, or let it rest as failed and tell the office."""
    message = one.message
    attempts = message.attempts + 1
    own = min(5.0 * 2 ** min(attempts, 20), 6 * 3600.0 if error.of_message else LONGEST_PAUSE)
    ends = attempts >= MAX_ATTEMPTS and (error.of_message or now - one.first_at >= PATIENCE)
    status = "failed" if ends or isinstance(error, Gone) else "waiting"
    pause = max(own * chance.uniform(0.8, 1.2), _asked(error))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_outgoing SET status = %s, attempts = %s, next_at = %s, last_error = %s, last_code = %s,"
            " last_ms = %s, lease = NULL, leased_until = NULL WHERE district_id = %s AND id = %s AND lease = %s",
            [
                status, attempts, now + timedelta(seconds=pause), str(error)[:500], error.code, ms,
                message.district_id, message.id, one.lease,
            ],
        )  # fmt: skip
        if cursor.rowcount:
            failures = _note(one, error, ms, now, chance)
            where = message.district_id, message.destination
            if isinstance(error, Gone):
                closed = outside()[message.topic][1]
                if closed is not None:
                    closed(*where, str(error))
                alert_office(where[0], "destination_gone", where[1], now)
            elif status == "failed":
                alert_office(where[0], "delivery_failed", where[1], now)
            elif failures == OPEN_AFTER:
                alert_office(where[0], "destination_down", where[1], now)
        _free(one)
    log.warning(
        "outbox.refused", district=message.district_id, destination=message.destination, message=str(message.id),
        attempts=attempts, code=error.code, error=str(error)[:200], status=status,
    )  # fmt: skip


def _note(one: Claim, error: DeliveryError, ms: int, now: datetime, chance: random.Random) -> int:
    """What a refusal says of the destination. Returns the number of failures in a row."""
    message = one.message
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_destination SET refused = refused + 1, last_code = %s, last_ms = %s, last_error = %s,"
            " failures = CASE WHEN %s THEN 0 ELSE failures + 1 END,"
            " failing_since = CASE WHEN %s THEN NULL ELSE coalesce(failing_since, %s) END"
            " WHERE district_id = %s AND destination = %s RETURNING failures",
            [
                error.code, ms, str(error)[:500], error.of_message, error.of_message, now,
                message.district_id, message.destination,
            ],
        )  # fmt: skip
        failures = int(cursor.fetchone()[0])
        pause = 0.0 if error.of_message else min(2.0 ** min(failures, 20), LONGEST_PAUSE) * chance.uniform(0.8, 1.2)
        cursor.execute(
            "UPDATE ledger_destination SET resume_at = %s WHERE district_id = %s AND destination = %s",
            [now + timedelta(seconds=max(pause, _asked(error))), message.district_id, message.destination],
        )
    return failures


def _asked(error: DeliveryError) -> float:
    """The pause for which the destination asked, within bounds."""
    return min(max(error.retry_after or 0.0, 0.0), LONGEST_RETRY_AFTER)


def _free(one: Claim) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_destination SET lease = NULL, busy_until = NULL"
            " WHERE district_id = %s AND destination = %s AND lease = %s",
            [one.message.district_id, one.message.destination, one.lease],
        )
