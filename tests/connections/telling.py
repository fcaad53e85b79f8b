"""People who are told outside: a mail server that keeps what it takes, channels, routes, and rounds of the outbox."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from typing import Any
from zoneinfo import ZoneInfo

from connections.conftest import Clock, house_messages
from gewu.connections import digest, routes
from gewu.connections import models as m
from gewu.ledger.outbox.courier import Courier
from gewu.registry import directory as registry
from support.district import district_id

ZONE = ZoneInfo("Asia/Shanghai")


class Inbox:
    """A mail server that keeps what it takes and refuses the addresses it is told to."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuse: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - the library's name
        if address in self.refuse:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        found = email.message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((list(envelope.rcpt_tos), found, found.get_content()))
        return "250 taken"


def channel(kind: str, **given: str) -> m.Channel:
    found = routes.save_channel(district_id(), kind, kind, given)
    registry.recheck()
    return found


def mail_channel(port: int) -> m.Channel:
    given = {"host": "127.0.0.1", "port": str(port), "security": "none", "sender": "gewu@district.example"}
    return channel("mail", **given)


def route(found: m.Channel, holder: Any, **wish: Any) -> m.Route:
    wish.setdefault("language", "en")
    made = routes.save_route(found, routes.Wish(**wish), person=holder.person)
    registry.recheck()
    return made


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    """An instant of a November day in the district."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def us(instant: datetime) -> int:
    return int(instant.timestamp() * 1_000_000)


def rounds(courier: Courier, clock: Clock, **span: float) -> int:
    """Let time pass, then one round of the outbox: the house, what became due, the outside."""
    clock.later(**span)
    house_messages(clock.now)
    digest.gather(district_id(), clock.now)
    return courier.round(district_id())
