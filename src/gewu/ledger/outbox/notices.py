"""Messages that stay in the house: notices for roles, units and persons, exactly once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from gewu.ledger.door import new_id
from gewu.ledger.outbox.messages import DeliveryError, Message, channels, register_channel
from gewu.ledger.outbox.readers import Subject, Written, keep_unread, subject_of
from gewu.ledger.rows import dumps
from gewu.ledger.store import as_json

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
BATCH = 100
OFFICE_ROLES = ("comprehensive_office", "administrator")
"""Who is told that a destination outside does not take its messages."""


NoticeListener = Callable[[Written, Subject | None], None]
_LISTENERS: list[NoticeListener] = []


def on_notice(listener: NoticeListener) -> None:
    """Hear of every new notice and its record once, in the transaction that writes it. Called when an application
    starts."""
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)


def write_notice(notice: Written, detail: dict[str, Any]) -> bool:
    """Write a notice, unread for everybody whom it is for, unless its id is there. Returns whether it is new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_notice (district_id, id, record_id, role, unit, person, message, detail, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                notice.district_id, notice.id, notice.record_id, notice.role, notice.unit, notice.person,
                notice.message, dumps(detail), notice.at,
            ],
        )  # fmt: skip
        new = bool(cursor.rowcount)
    if new and notice.role != "reporter":
        subject = subject_of(notice)
        keep_unread(notice, subject)
        for listener in _LISTENERS:
            listener(notice, subject)
    return new


def alert_office(district_id: int, message: str, destination: str, now: datetime, **detail: Any) -> None:
    """Tell office and administrators about a destination, unless there is such a notice that nobody has read."""
    for role in OFFICE_ROLES:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM ledger_notice n WHERE n.district_id = %s AND n.role = %s AND n.unit = ''"
                " AND n.message = %s AND n.record_id IS NULL AND n.detail->>'destination' = %s AND NOT EXISTS"
                " (SELECT 1 FROM ledger_reading g WHERE g.district_id = %s AND g.notice_id = n.id"
                " AND g.read_at IS NOT NULL) LIMIT 1",
                [district_id, role, message, destination, district_id],
            )
            if cursor.fetchone():
                continue
        write_notice(
            Written(district_id, new_id(), None, role, "", "", message, now), {**detail, "destination": destination}
        )


def in_house(message: Message) -> None:
    """Write a notice for the holders of a role, a unit's clerks, a person, or the reporter's follow page."""
    kind, _, name = message.destination.partition(":")
    unit, _, role = name.partition("/") if kind == "unit" else ("", "", "")
    if kind == "role":
        role = name
    detail = message.payload
    if message.topic == "letter":
        role, detail = "dispatcher", {**message.payload, "letter_to": unit}
        unit = ""
    write_notice(
        Written(
            message.district_id,
            message.id,
            message.record_id,
            "reporter" if kind == "reporter" else role,
            unit,
            name if kind == "person" else "",
            str(message.payload.get("message", "")),
            message.created_at,
        ),
        detail,
    )


for _topic in ("notice", "letter", "reply"):
    register_channel(_topic, in_house)


def deliver_inside(district_id: int, now: datetime, limit: int = BATCH) -> tuple[int, int]:
    """Try the messages that are due and stay in the house. Returns (sent, failed).

    Rows are locked one batch at a time with SKIP LOCKED, so that several outboxes can run side by side. A message is
    marked as sent in the same transaction in which its channel writes.
    """
    known = channels()
    sent: list[UUID] = []
    failed = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, record_id, topic, destination, payload, attempts, created_at FROM ledger_outgoing"
                " WHERE district_id = %s AND topic = ANY(%s) AND status = 'waiting' AND next_at <= %s"
                " ORDER BY next_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
                [district_id, sorted(known), now, limit],
            )
            found = cursor.fetchall()
        for row in found:
            message = Message(row[0], district_id, row[1], row[2], row[3], as_json(row[4]), row[6], row[5])
            try:
                with transaction.atomic():
                    known[message.topic](message)
            except (DeliveryError, OSError, ValueError) as error:
                failed += 1
                _postpone(message, str(error) or type(error).__name__, now)
            else:
                sent.append(message.id)
        if sent:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE ledger_outgoing SET status = 'sent', sent_at = %s, attempts = attempts + 1, last_error = ''"
                    " WHERE district_id = %s AND id = ANY(%s)",
                    [now, district_id, sent],
                )
    return len(sent), failed


def _postpone(message: Message, error: str, now: datetime) -> None:
    attempts = message.attempts + 1
    pause = timedelta(seconds=min(5 * 2**attempts, 6 * 3600))
    status = "failed" if attempts >= MAX_ATTEMPTS else "waiting"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_outgoing SET attempts = %s, next_at = %s, last_error = %s, status = %s"
            " WHERE district_id = %s AND id = %s",
            [attempts, now + pause, error[:500], status, message.district_id, message.id],
        )
    log.warning(
        "outbox.retry", district=message.district_id, message=str(message.id), attempts=attempts, error=error[:200]
    )
    if status == "failed":
        alert_office(message.district_id, "delivery_failed", message.destination, now)
