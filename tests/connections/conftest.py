"""Connections of Wanzhou in tests: receivers on loopback that are explicitly allowed, and a clock in the hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller

from connections.receivers import Receiver, dead_port
from desk.conftest import sit as sit
from gewu.connections import allow, digest, snapshot, webhooks
from gewu.connections import models as m
from gewu.ledger import outbox
from gewu.ledger.outbox.courier import Courier
from gewu.registry import directory as registry
from support.district import district_id
from support.servers import Session


@dataclass
class Clock:
    """The instant that the outbox believes it is."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0) + timedelta(days=30))

    def __call__(self) -> datetime:
        return self.now

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def house(db: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A database in which no connection is configured, and an allow-list with the loopback address only."""
    monkeypatch.setenv(allow.ALLOW_VARIABLE, "http://127.0.0.1")
    monkeypatch.setattr(digest, "_looked", {})
    registry.recheck()
    yield db
    for model in (m.Route, m.Channel, m.Webhook, m.EgressRule):
        model.objects.all().delete()
    snapshot.bump()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    """``receiver(200, ...)``: a receiver with these behaviours."""
    made: list[Receiver] = []

    def make(*behaviours: Any, **options: Any) -> Receiver:
        made.append(Receiver(list(behaviours) or [200], **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def courier(house: Session, clock: Clock) -> Iterator[Courier]:
    """An outbox with eight threads, the clock of the test and pauses that can be repeated."""
    made = Courier(threads=8, clock=clock, seed=1)
    yield made
    made.close(5)


@pytest.fixture
def inbox() -> Iterator[tuple[Any, int]]:
    """A mail server, and its port."""
    from connections.telling import Inbox  # it needs this module

    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=dead_port())
    controller.start()
    yield handler, int(controller.port)
    controller.stop()


def hook(url: str, name: str = "hook", **filters: Any) -> tuple[m.Webhook, str]:
    """A webhook of Wanzhou, known to this process at once."""
    made = webhooks.create(district_id(), webhooks.Wish(name, url, **filters), "test")
    registry.recheck()
    return made


def statuses(connection: psycopg.Connection[Any], destination: str) -> list[str]:
    """The statuses of all messages to a destination, in their order."""
    rows = connection.execute(
        "SELECT status FROM ledger_outgoing WHERE district_id = %s AND destination = %s ORDER BY id",
        [district_id(), destination],
    ).fetchall()
    return [row[0] for row in rows]


def house_messages(now: datetime) -> None:
    """Deliver what stays in the house."""
    while outbox.deliver(district_id(), now)[0]:
        pass
