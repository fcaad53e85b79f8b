"""The outbox: what has to leave was written with its cause; it is delivered at least once, each destination for itself.

A channel is a function from a message to nothing that raises ``DeliveryError``; the id of the message is the
idempotency key. Failures are tried again with growing pauses; after ``MAX_ATTEMPTS`` a message rests as ``failed``
and is listed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.utils import InterfaceError, OperationalError

from gewu.ledger.listeners import register_listener
from gewu.ledger.rows import dumps
from gewu.ledger.store import as_json
from gewu.ledger.ticker import live_districts

__all__ = ["DeliveryError", "Message", "deliver", "register_channel", "register_listener", "run_forever"]

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
BATCH = 100
PAUSE = 1.0


class DeliveryError(Exception):
    """The destination did not take the message; it will be tried again."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one destination. ``id`` is the same at every attempt."""

    id: UUID
    district_id: int
    record_id: UUID | None
    topic: str
    destination: str
    payload: dict[str, Any]
    created_at: datetime


Channel = Callable[[Message], None]
_CHANNELS: dict[str, Channel] = {}


def register_channel(topic: str, channel: Channel) -> None:
    """Deliver messages of a topic by this function. Called when an application starts."""
    _CHANNELS[topic] = channel


def deliver(district_id: int, now: datetime | None = None, limit: int = BATCH) -> tuple[int, int]:
    """Try the messages that are due in one district. Returns (sent, failed).

    Rows are locked one batch at a time with SKIP LOCKED, so that several outboxes can run side by side. A message is
    marked as sent in the same transaction in which an in-house channel writes; for a channel outside, a crash between
    the two means a second delivery under the same id.
    """
    now = now or datetime.now(UTC)
    sent = failed = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, record_id, topic, destination, payload, attempts, created_at FROM ledger_outgoing"
                " WHERE district_id = %s AND status = 'waiting' AND next_at <= %s ORDER BY next_at, id LIMIT %s"
                " FOR UPDATE SKIP LOCKED",
                [district_id, now, limit],
            )
            found = cursor.fetchall()
        done: list[UUID] = []
        for row in found:
            message = Message(row[0], district_id, row[1], row[2], row[3], as_json(row[4]), row[6])
            error = _try(message)
            if error is None:
                done.append(message.id)
                sent += 1
            else:
                failed += 1
                _postpone(district_id, message.id, row[5] + 1, error, now)
        if done:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE ledger_outgoing SET status = 'sent', sent_at = %s, attempts = attempts + 1, last_error = ''"
                    " WHERE district_id = %s AND id = ANY(%s)",
                    [now, district_id, done],
                )
    return sent, failed


def _try(message: Message) -> str | None:
    channel = _CHANNELS.get(message.topic)
    if channel is None:
        return f"no channel for topic {message.topic!r}"
    try:
        with transaction.atomic():
            channel(message)
    except (DeliveryError, OSError, ValueError) as error:
        return str(error) or type(error).__name__
    return None


def _postpone(district_id: int, message_id: UUID, attempts: int, error: str, now: datetime) -> None:
    pause = timedelta(seconds=min(5 * 2**attempts, 6 * 3600))
    status = "failed" if attempts >= MAX_ATTEMPTS else "waiting"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_outgoing SET attempts = %s, next_at = %s, last_error = %s, status = %s"
            " WHERE district_id = %s AND id = %s",
            [attempts, now + pause, error[:500], status, district_id, message_id],
        )
    log.warning("outbox.retry", district=district_id, message=str(message_id), attempts=attempts, error=error[:200])


def in_house(message: Message) -> None:
    """Write a notice for the holders of a role, a unit's clerks, a person, or the reporter's follow page."""
    kind, _, name = message.destination.partition(":")
    unit, _, role = name.partition("/") if kind == "unit" else ("", "", "")
    if kind == "role":
        role = name
    if message.topic == "letter":
        role, detail = "dispatcher", {**message.payload, "letter_to": unit}
        unit = ""
    else:
        detail = message.payload
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_notice (district_id, id, record_id, role, unit, person, message, detail, at, read_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, NULL) ON CONFLICT DO NOTHING",
            [
                message.district_id,
                message.id,
                message.record_id,
                "reporter" if kind == "reporter" else role,
                unit,
                name if kind == "person" else "",
                str(message.payload.get("message", "")),
                dumps(detail),
                message.created_at,
            ],
        )


for _topic in ("notice", "letter", "reply"):
    register_channel(_topic, in_house)


def run_forever(stop: threading.Event) -> None:
    """Deliver until told to stop; outlive a database that goes away."""
    while not stop.is_set():
        busy = False
        try:
            for district_id in live_districts():
                sent, _ = deliver(district_id)
                busy = busy or sent > 0
        except (OperationalError, InterfaceError) as error:
            log.warning("outbox.database", error=str(error).strip())
            connection.close()
            stop.wait(2)
        if not busy:
            stop.wait(PAUSE)
