"""What the outbox carries, how delivering it can end, and who delivers which topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

IN_HOUSE = ("notice", "letter", "reply")
"""Topics that never leave the house; the indexes of the outbox know them by name."""


class DeliveryError(Exception):
    """The destination did not take the message; it will be tried again.

    ``code`` is the answer's number if there was one. ``retry_after`` are seconds for which the destination asked.
    With ``of_message`` the destination is well and objects to this very message; otherwise it is the destination that
    is not well, and all messages to it wait.
    """

    def __init__(
        self, reason: str, *, code: int = 0, retry_after: float | None = None, of_message: bool = False
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.retry_after = retry_after
        self.of_message = of_message


class Unwanted(Exception):
    """Nobody wants the message any more (its subscription ended): it is put away as ``dropped`` and not tried again."""


class Gone(DeliveryError):
    """The destination says for good that it wants no more messages."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one destination. ``id`` is the same at every attempt: the idempotency key."""

    id: UUID
    district_id: int
    record_id: UUID | None
    topic: str
    destination: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A message was taken. ``pause``: seconds for which the destination wants to be left alone now."""

    code: int = 0
    pause: float = 0.0


Channel = Callable[[Message], None]
"""Delivers inside the house, in the transaction that marks the message as sent: exactly once."""

Send = Callable[[], Answer]
"""Delivers outside, in a thread without a database. Raises ``DeliveryError``."""

Prepare = Callable[[Message], Send]
"""Looks up whatever sending needs. Raises ``Unwanted``, or ``DeliveryError`` where it cannot be sent as it is."""

Closed = Callable[[int, str, str], None]
"""Told that a destination is gone for good: district, destination, reason. Runs in a transaction."""

_CHANNELS: dict[str, Channel] = {}
_OUTSIDE: dict[str, tuple[Prepare, Closed | None]] = {}


def register_channel(topic: str, channel: Channel) -> None:
    """Deliver messages of a topic inside the house by this function. Called when an application starts."""
    _CHANNELS[topic] = channel


def register_outside(topic: str, prepare: Prepare, closed: Closed | None = None) -> None:
    """Deliver messages of a topic to other systems: under a lease, outside any transaction, at least once.

    Called when an application starts. ``closed`` hears of a destination that answered ``Gone``.
    """
    _OUTSIDE[topic] = prepare, closed


def channels() -> dict[str, Channel]:
    """The channels inside the house, by topic."""
    return _CHANNELS


def outside() -> dict[str, tuple[Prepare, Closed | None]]:
    """The ways outside, by topic."""
    return _OUTSIDE
