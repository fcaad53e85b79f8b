"""Messages leave at least once, each destination for itself, and nothing waits on another's failure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from gewu.ledger import outbox
from support.district import Walk, acting, district_id


@pytest.fixture
def broken_channel() -> Iterator[list[outbox.Message]]:
    """A destination that refuses twice and then takes the message."""
    tried: list[outbox.Message] = []

    def channel(message: outbox.Message) -> None:
        tried.append(message)
        if len(tried) < 3:
            raise outbox.DeliveryError("no answer")

    outbox.register_channel("reply", channel)
    yield tried
    outbox.register_channel("reply", outbox.in_house)


def _waiting(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM ledger_outgoing WHERE status = 'waiting'").fetchone()
    assert row is not None
    return int(row[0])


def test_notices_reach_roles_and_units(db: object, app_connection: psycopg.Connection) -> None:
    walk = Walk().dispatched()
    assert _waiting(app_connection) > 0
    sent, failed = outbox.deliver(district_id(), datetime.now(UTC) + timedelta(days=365))
    assert (failed, _waiting(app_connection)) == (0, 0)
    rows = app_connection.execute(
        "SELECT role, unit, message FROM ledger_notice WHERE record_id = %s", [walk.record_id]
    ).fetchall()
    assert ("dispatcher", "", "to_dispatch") in rows
    assert ("unit_clerk", walk.lead, "dispatched") in rows
    assert len(rows) == sent


def test_a_second_delivery_writes_no_second_notice(db: object, app_connection: psycopg.Connection) -> None:
    Walk().intake().move(acting("intake_officer"), "send_verify")
    later = datetime.now(UTC) + timedelta(days=365)
    outbox.deliver(district_id(), later)
    before = app_connection.execute("SELECT count(*) FROM ledger_notice").fetchone()
    # a crash after the channel wrote and before the row was marked: the message comes again under the same id
    app_connection.execute("UPDATE ledger_outgoing SET status = 'waiting', sent_at = NULL")
    outbox.deliver(district_id(), later)
    assert app_connection.execute("SELECT count(*) FROM ledger_notice").fetchone() == before


def test_one_destination_that_fails_holds_up_no_other(
    db: object, app_connection: psycopg.Connection, broken_channel: list[outbox.Message]
) -> None:
    Walk().answered()
    now = datetime.now(UTC) + timedelta(days=365)
    sent, failed = outbox.deliver(district_id(), now)
    assert (failed, sent > 3) == (1, True)
    state = app_connection.execute(
        "SELECT topic, attempts, last_error FROM ledger_outgoing WHERE status = 'waiting'"
    ).fetchall()
    assert state == [("reply", 1, "no answer")]
    assert outbox.deliver(district_id(), now) == (0, 0)  # not before its pause is over
    assert outbox.deliver(district_id(), now + timedelta(minutes=1)) == (0, 1)
    assert outbox.deliver(district_id(), now + timedelta(minutes=5)) == (1, 0)
    assert len({m.id for m in broken_channel}) == 1
    assert _waiting(app_connection) == 0


def test_messages_that_nobody_takes_rest_as_failed(
    db: object, app_connection: psycopg.Connection, broken_channel: list[outbox.Message]
) -> None:
    Walk().answered()
    app_connection.execute("UPDATE ledger_outgoing SET attempts = %s WHERE topic = 'reply'", [outbox.MAX_ATTEMPTS - 1])
    outbox.deliver(district_id(), datetime.now(UTC) + timedelta(days=365))
    assert app_connection.execute("SELECT status FROM ledger_outgoing WHERE topic = 'reply'").fetchall() == [
        ("failed",)
    ]


def test_a_body_without_an_account_gets_a_letter_by_the_dispatcher(
    db: object, app_connection: psycopg.Connection
) -> None:
    from support.district import directory

    body = next(u.code for u in directory().units.values() if u.active and not u.accounts)
    walk = Walk().dispatched(lead=body)
    outbox.deliver(district_id(), datetime.now(UTC) + timedelta(days=365))
    rows = app_connection.execute(
        "SELECT role, detail->>'letter_to' FROM ledger_notice WHERE record_id = %s AND detail ? 'letter_to'",
        [walk.record_id],
    ).fetchall()
    assert rows == [("dispatcher", body)]
    walk.later(60).move(acting("dispatcher"), "claim").later(600).move(
        acting("dispatcher"), "reply_by_letter", texts={"result": "复函：已更换井盖"}
    )
    assert walk.stage == "handled"
