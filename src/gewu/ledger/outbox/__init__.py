"""The outbox: what has to leave was written with its cause; it is delivered at least once, each destination for itself.

Messages inside the house (notices) are delivered in one transaction, exactly once. Messages to other systems are
claimed under a lease, sent outside any transaction by a few threads, and written down one by one; see
``destinations``. The id of a message is its idempotency key, the same at every attempt.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from gewu.ledger.listeners import register_listener
from gewu.ledger.outbox.administration import write
from gewu.ledger.outbox.courier import Courier
from gewu.ledger.outbox.messages import (
    Answer,
    DeliveryError,
    Gone,
    Message,
    Unwanted,
    register_channel,
    register_outside,
)
from gewu.ledger.outbox.notices import BATCH, MAX_ATTEMPTS, deliver_inside, in_house, on_notice
from gewu.ledger.ticker import live_districts

__all__ = [
    "MAX_ATTEMPTS",
    "Answer",
    "Courier",
    "DeliveryError",
    "Gone",
    "Message",
    "Unwanted",
    "deliver",
    "in_house",
    "on_notice",
    "register_channel",
    "register_chore",
    "register_listener",
    "register_outside",
    "run_forever",
    "write",
]

log = structlog.get_logger(__name__)

PAUSE = 1.0
"""Seconds between rounds when nothing waits."""

LAST_SECONDS = 16.0
"""How long the end waits for attempts that are on their way."""

Chore = Callable[[int, datetime], int]
"""Work of each round in one district: gathers messages that become due. Returns how many it wrote."""
_CHORES: list[Chore] = []


def register_chore(chore: Chore) -> None:
    """Call this for every district in every round of the outbox. Called when an application starts."""
    if chore not in _CHORES:
        _CHORES.append(chore)


def deliver(district_id: int, now: datetime | None = None, limit: int = BATCH) -> tuple[int, int]:
    """Try the messages of one district that are due and stay in the house. Returns (sent, failed)."""
    return deliver_inside(district_id, now or datetime.now(UTC), limit)


def run_forever(stop: threading.Event) -> None:
    """Deliver until told to stop; outlive a database that goes away."""
    courier = Courier()
    turn = 0
    while not stop.is_set():
        busy = False
        turn += 1
        try:
            districts = live_districts()
            first = turn % max(1, len(districts))  # another one each time, so that none always comes last
            for district_id in districts[first:] + districts[:first]:
                busy = _round(courier, district_id) or busy
            if courier.sending:
                busy = bool(courier.gather(PAUSE)) or busy
        except (OperationalError, InterfaceError) as error:
            log.warning("outbox.database", error=str(error).strip())
            connection.close()
            stop.wait(2)
        if not busy and not courier.sending:
            stop.wait(PAUSE)
    try:
        courier.close(LAST_SECONDS)
    except (OperationalError, InterfaceError) as error:
        log.warning("outbox.database", error=str(error).strip())


def _round(courier: Courier, district_id: int) -> bool:
    """One round for one district: the house, what became due, the outside. Returns whether there was work."""
    sent, _ = deliver(district_id)
    # First everything that stays in the house, so that a digest holds all of what came at once.
    wrote = 0 if sent >= BATCH else sum(chore(district_id, datetime.now(UTC)) for chore in _CHORES)
    courier.gather()
    return bool(sent or wrote or courier.hand_out(district_id))
