"""Webhooks and whom they tell: secrets that change and cannot be read, refused addresses, nothing without one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from connections.conftest import Clock, hook
from connections.receivers import Receiver, verified
from gewu.connections import models as m
from gewu.connections import snapshot, webhooks
from gewu.ledger.outbox import administration
from gewu.ledger.outbox.courier import Courier
from gewu.registry import directory as registry
from support.district import Walk, district_id
from support.servers import Session

Make = Callable[..., Receiver]


def test_both_secrets_sign_for_a_while_after_a_rotation(courier: Courier, clock: Clock, receiver: Make) -> None:
    found = receiver(200)
    row, old = hook(found.url)
    new = webhooks.rotate(row)
    registry.recheck()
    webhooks.ping(row)
    courier.round(district_id())
    assert verified(found.got[0], old)
    assert verified(found.got[0], new)
    m.Webhook.objects.filter(pk=row.pk).update(old_until=datetime.now(UTC) - timedelta(seconds=1))
    snapshot.bump()
    webhooks.ping(row)
    courier.round(district_id())
    assert not verified(found.got[1], old)
    assert verified(found.got[1], new)
    assert json.loads(found.got[1].body)["event"] == "ping"


def test_the_secret_is_not_readable_in_the_database(house: Session, app_connection: psycopg.Connection) -> None:
    row, secret = hook("http://127.0.0.1:9/x")
    stored = app_connection.execute("SELECT * FROM connections_webhook").fetchall()
    assert secret not in repr(stored)
    assert secret.encode() not in bytes(row.secret)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://10.0.0.1/", "inside"),
        ("https://169.254.169.254/latest", "inside"),
        ("http://2130706433/", "host"),
        ("https://[::ffff:127.0.0.1]:8443@evil.example/", "credentials"),
        ("https://hooks.example.org/", "not_allowed"),
        ("not a url", "not_a_url"),
    ],
)
def test_a_webhook_to_a_forbidden_address_is_not_saved(house: Session, url: str, code: str) -> None:
    with pytest.raises(webhooks.BadWebhook) as bad:
        webhooks.create(district_id(), webhooks.Wish("x", url), "test")
    assert bad.value.faults["url"][0] == code
    assert not m.Webhook.objects.exists()


def test_an_address_that_was_allowed_once_is_refused_when_it_is_sent(
    courier: Courier, clock: Clock, receiver: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = receiver(200)
    hook(found.url)
    Walk().intake()
    monkeypatch.setenv("GEWU_EGRESS_ALLOW", "hooks.example.org")
    registry.recheck()
    assert courier.round(district_id()) == 0
    assert found.got == []
    (waiting,), _ = administration.list_messages(district_id())
    assert (waiting.status, "inside address" in waiting.error) == ("waiting", True)


def test_without_webhooks_an_event_costs_no_statement_and_writes_no_message(
    house: Session, app_connection: psycopg.Connection
) -> None:
    Walk().intake()
    found = app_connection.execute("SELECT count(*) FROM ledger_outgoing WHERE topic = 'webhook'").fetchone()
    assert found == (0,)
