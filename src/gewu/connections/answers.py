"""What an answer over HTTP means for a message: taken, wait, not this one, or never again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gewu.connections.egress import Reply
from gewu.ledger.outbox import Answer, DeliveryError, Gone

OF_MESSAGE = frozenset({400, 409, 413, 415, 422, 431})
"""The receiver is well and objects to this very message."""


def judged(reply: Reply) -> Answer:
    """2xx is taken, whatever the body says; 410 is the end; everything else is not taken. Raises ``DeliveryError``."""
    status = reply.status
    if 200 <= status < 300:
        return Answer(status)
    if status == 410:
        raise Gone("the receiver answered 410: it wants no more messages", code=status)
    if 300 <= status < 400:
        raise DeliveryError(f"the receiver answered {status}; redirects are not followed", code=status)
    raise DeliveryError(
        f"the receiver answered {status}",
        code=status,
        retry_after=retry_after(reply.headers) if status in (429, 503) else None,
        of_message=status in OF_MESSAGE,
    )


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that ``Retry-After`` asks for, written as a number or a date; None where it says nothing readable."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
