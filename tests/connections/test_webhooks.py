"""Receivers that are down, slow, lying or answer twice: nothing lost, one key per message, others unaffected."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from connections.conftest import Clock, hook, statuses
from connections.receivers import Receiver, dead_port, verified
from gewu.connections import egress
from gewu.connections import models as m
from gewu.ledger.outbox import administration, destinations
from gewu.ledger.outbox.courier import Courier
from gewu.registry import directory as registry
from support.district import Walk, acting, district_id
from support.servers import Session

Make = Callable[..., Receiver]


def of(row: m.Webhook) -> str:
    return f"webhook:{row.id}"


def test_events_are_told_in_order_signed_and_without_words(
    courier: Courier, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver(200)
    row, secret = hook(found.url)
    walk = Walk().handled()
    assert courier.round(district_id()) == len(walk.outcomes)
    bodies = [json.loads(one.body) for one in found.got]
    assert [b["version"] for b in bodies] == [o.seq for o in walk.outcomes]
    assert [b["event"] for b in bodies] == [o.move for o in walk.outcomes]
    assert {b["number"] for b in bodies} == {walk.number}
    assert {b["record"] for b in bodies} == {str(walk.record_id)}
    assert bodies[0]["stage"]["before"] is None
    assert [b["stage"]["before"] for b in bodies[1:]] == [b["stage"]["after"] for b in bodies[:-1]]
    assert walk.lead in [u["unit"] for u in bodies[-1]["units"]] or walk.lead == bodies[-1]["unit"]
    assert all(verified(one, secret) for one in found.got)
    assert not any(verified(one, "whsec_other") for one in found.got)
    assert [b["delivery"] for b in bodies] == found.keys
    everything = b"".join(one.body for one in found.got).decode()
    for word in ("油污", "王某", "13800000000", "清洗"):
        assert word not in everything
    assert set(statuses(app_connection, of(row))) == {"sent"}


def test_filters_by_move_stage_unit_and_place(house: Session, courier: Courier, receiver: Make) -> None:
    found = receiver(200)
    hook(f"{found.url}/move", moves=["dispatch"])
    hook(f"{found.url}/stage", stages=["filed"])
    hook(f"{found.url}/kind", kinds=["permit"])
    hook(f"{found.url}/elsewhere", places=["500101144"])
    walk = Walk().dispatched()
    hook(f"{found.url}/unit", units=[walk.lead])
    hook(f"{found.url}/other-unit", units=["landscaping-section"])
    hook(f"{found.url}/here", places=[walk.place[:9]], moves=["claim"])
    walk.later(10).move(walk.clerk(), "claim")
    courier.round(district_id())
    told = sorted((one.path.rpartition("/")[2], json.loads(one.body)["event"]) for one in found.got)
    assert told == [("here", "claim"), ("move", "dispatch"), ("stage", "file"), ("unit", "claim")]


def test_one_dead_destination_costs_the_other_nothing(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    well = receiver(200)
    dead, _ = hook(f"http://127.0.0.1:{dead_port()}/hook")
    alive, _ = hook(well.url)
    walks = [Walk().intake() for _ in range(10)]
    assert courier.round(district_id()) == len(walks)
    assert set(statuses(app_connection, of(alive))) == {"sent"}
    assert statuses(app_connection, of(dead)) == ["waiting"] * len(walks)
    state = administration.states(district_id())[of(dead)]
    assert (state.refused, state.state) == (1, "failing"), "it was asked once, not for each message"
    for _ in range(4):
        clock.later(minutes=20)
        courier.round(district_id())
    state = administration.states(district_id())[of(dead)]
    assert (state.refused, state.state) == (5, "down")
    more = Walk().intake()
    courier.round(district_id())
    assert json.loads(well.got[-1].body)["number"] == more.number
    assert administration.states(district_id())[of(alive)].state == "ok"


def test_what_waited_for_a_dead_receiver_arrives_once_it_lives_again(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver(503, 500, 503, 200)
    row, _ = hook(found.url)
    walks = [Walk().intake() for _ in range(5)]
    for _ in range(6):
        clock.later(minutes=20)
        courier.round(district_id())
    assert statuses(app_connection, of(row)) == ["sent"] * 5
    taken = [json.loads(one.body)["number"] for one in found.got[3:]]
    assert sorted(taken) == sorted(walk.number for walk in walks)
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize("how", ["drip", "reset", "garbage", 302, 404, 500, 503])
def test_what_is_no_acceptance_is_tried_again_under_the_same_key(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch, how: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr(egress, "TIMEOUT", 0.5)
    found = receiver(how, 200)
    row, _ = hook(found.url)
    Walk().intake()
    assert courier.round(district_id()) == 0
    assert statuses(app_connection, of(row)) == ["waiting"]
    assert courier.round(district_id()) == 0, "not before its pause is over"
    clock.later(minutes=5)
    assert courier.round(district_id()) == 1
    assert statuses(app_connection, of(row)) == ["sent"]
    assert len(found.got) == 2
    assert len(set(found.keys)) == 1
    assert found.got[0].body == found.got[1].body
    clock.later(days=10)
    assert courier.round(district_id()) == 0


@pytest.mark.parametrize("how", [200, 201, 202, 204, 299, "twice", "big", "broken-body", "drip-body"])
def test_an_acceptance_counts_whatever_follows_it(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch, how: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr(egress, "TIMEOUT", 0.5)
    found = receiver(how)
    row, _ = hook(found.url)
    Walk().intake()
    assert courier.round(district_id()) == 1
    clock.later(days=1)
    assert courier.round(district_id()) == 0
    assert statuses(app_connection, of(row)) == ["sent"]
    assert len(found.got) == 1


def test_a_redirect_leads_nowhere(courier: Courier, clock: Clock, receiver: Make) -> None:
    inside = receiver(200)
    found = receiver(307, headers={"Location": inside.url})
    hook(found.url)
    Walk().intake()
    courier.round(district_id())
    assert inside.got == []
    error = administration.list_messages(district_id())[0][0].error
    assert "redirects are not followed" in error


def test_a_receiver_may_ask_for_a_pause_within_bounds(courier: Courier, clock: Clock, receiver: Make) -> None:
    found = receiver(429, 503, 200, headers={"Retry-After": "600"})
    row, _ = hook(found.url)
    Walk().intake()
    courier.round(district_id())
    clock.later(seconds=590)
    courier.round(district_id())
    assert len(found.got) == 1
    clock.later(seconds=20)
    found.headers["Retry-After"] = "99999999"
    courier.round(district_id())
    assert len(found.got) == 2
    clock.later(seconds=destinations.LONGEST_RETRY_AFTER + 1)
    assert courier.round(district_id()) == 1
    assert administration.states(district_id())[of(row)].state == "ok"


def test_gone_switches_the_webhook_off_and_says_so(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver(410)
    row, _ = hook(found.url)
    Walk().intake()
    Walk().intake()
    courier.round(district_id())
    row.refresh_from_db()
    assert (row.active, "410" in row.ended) == (False, True)
    registry.recheck()
    clock.later(days=1)
    courier.round(district_id())
    Walk().intake()
    courier.round(district_id())
    assert len(found.got) == 1
    assert statuses(app_connection, of(row)) == ["failed", "dropped"]
    roles = app_connection.execute(
        "SELECT role FROM ledger_notice WHERE message = 'destination_gone' ORDER BY role"
    ).fetchall()
    assert roles == [("administrator",), ("comprehensive_office",)]


def test_a_message_that_is_objected_to_does_not_hold_up_other_records(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver(422, 200)
    row, _ = hook(found.url)
    first = Walk().intake().later(5)
    first.move(acting("intake_officer"), "send_verify")
    other = Walk().intake()
    assert courier.round(district_id()) == 1
    assert statuses(app_connection, of(row)) == ["waiting", "waiting", "sent"]
    assert json.loads(found.got[-1].body)["number"] == other.number
    clock.later(minutes=1)
    assert courier.round(district_id()) == 2
    told = [(json.loads(one.body)["number"], json.loads(one.body)["version"]) for one in found.got]
    assert told == [(first.number, 1), (other.number, 1), (first.number, 1), (first.number, 2)]


def test_after_the_last_attempt_it_rests_is_listed_and_can_be_sent_again_under_its_key(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver(*[500] * 400)
    row, _ = hook(found.url)
    Walk().intake()
    for _ in range(400):
        courier.round(district_id())
        clock.later(minutes=20)
        if statuses(app_connection, of(row)) == ["failed"]:
            break
    attempts = len(found.got)
    assert statuses(app_connection, of(row)) == ["failed"]
    assert clock.now >= administration.list_messages(district_id())[0][0].created_at + destinations.PATIENCE
    alerts = app_connection.execute(
        "SELECT message, count(*) FROM ledger_notice WHERE record_id IS NULL AND role = 'comprehensive_office'"
        " GROUP BY message ORDER BY message"
    ).fetchall()
    assert alerts == [("delivery_failed", 1), ("destination_down", 1)]
    (listed,), _ = administration.list_messages(district_id(), statuses=["failed"])
    assert (listed.code, listed.destination) == (500, of(row))
    found.behaviours[:] = [200]
    clock.later(hours=2)
    assert courier.round(district_id()) == 0
    assert administration.replay(district_id(), [listed.id], clock.now) == 1
    assert courier.round(district_id()) == 1
    assert len(found.got) == attempts + 1
    assert set(found.keys) == {str(listed.id)}


def test_a_liar_gets_a_time_window_again_and_can_tell_by_the_keys(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver(200)
    row, _ = hook(found.url)
    walks = [Walk().intake().later(60 * n) for n in range(3)]
    courier.round(district_id())
    before = list(found.keys)
    since = datetime.fromtimestamp(walks[0].at_us / 1e6, UTC) - timedelta(hours=1)
    assert administration.replay_window(district_id(), of(row), since, since + timedelta(minutes=1), clock.now) == 0
    assert administration.replay_window(district_id(), of(row), since, since + timedelta(hours=2), clock.now) == 3
    courier.round(district_id())
    assert found.keys[3:] == before
    assert set(statuses(app_connection, of(row))) == {"sent"}


def test_one_at_a_time_for_each_destination_and_two_outboxes_never_send_the_same(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    from django.db import connections

    found, other = receiver(200), receiver(200)
    hook(found.url)
    hook(other.url)
    walks = [Walk().intake() for _ in range(15)]

    def second() -> None:
        mine = Courier(threads=4, clock=clock, seed=2)
        try:
            mine.round(district_id())
        finally:
            mine.close(5)
            connections.close_all()

    thread = threading.Thread(target=second)
    thread.start()
    courier.round(district_id())
    thread.join(30)
    courier.round(district_id())
    for one in (found, other):
        assert len(one.keys) == len(set(one.keys)) == len(walks)
        assert one.most_at_once == 1


def test_a_slow_receiver_holds_half_of_the_threads_at_most(
    house: Session, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    slow = [receiver("hold") for _ in range(4)]
    well = receiver(200)
    for one in slow:
        hook(one.url)
    last, _ = hook(well.url)
    for destination in destinations_of(app_connection)[:-1]:
        app_connection.execute(
            "INSERT INTO ledger_destination (district_id, destination, resume_at, failures) VALUES (%s, %s, %s, 1)",
            [district_id(), destination, clock.now],
        )
    Walk().intake()
    courier = Courier(threads=4, clock=clock, seed=1)
    try:
        for _ in range(3):
            courier.hand_out(district_id())
        assert well.arrived.acquire(timeout=10)
        assert sum(len(one.got) for one in slow) <= 2
        while statuses(app_connection, of(last)) != ["sent"]:
            assert courier.gather(10)
    finally:
        for one in slow:
            one.release.set()
        courier.close(10)


def destinations_of(connection: psycopg.Connection) -> list[str]:
    """Webhooks in the order in which they were made."""
    rows = connection.execute("SELECT id FROM connections_webhook ORDER BY created_at").fetchall()
    return [f"webhook:{row[0]}" for row in rows]


def test_an_outbox_killed_between_sending_and_marking_sends_again_under_the_same_key(
    house: Session, courier: Courier, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver("hold", 200)
    row, _ = hook(found.url)
    Walk().intake()
    environment = {**os.environ, **house.environment(), "GEWU_LIFELINE": str(os.getpid())}
    process = subprocess.Popen([sys.executable, "-m", "gewu", "outbox"], env=environment, stdin=subprocess.DEVNULL)
    try:
        assert found.arrived.acquire(timeout=60), "the request did not arrive"
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    finally:
        process.kill()
    found.release.set()
    assert statuses(app_connection, of(row)) == ["sending"]
    courier.clock = lambda: datetime.now(UTC)
    assert courier.round(district_id()) == 0, "the lease is not over"
    courier.clock = lambda: datetime.now(UTC) + destinations.LEASE + timedelta(seconds=1)
    assert courier.round(district_id()) == 1
    assert statuses(app_connection, of(row)) == ["sent"]
    assert len(found.keys) == 2
    assert len(set(found.keys)) == 1


def test_an_outbox_that_is_told_to_stop_writes_down_what_is_on_its_way(
    house: Session, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver("hold")
    row, _ = hook(found.url)
    Walk().intake()
    environment = {**os.environ, **house.environment(), "GEWU_LIFELINE": str(os.getpid())}
    process = subprocess.Popen([sys.executable, "-m", "gewu", "outbox"], env=environment, stdin=subprocess.DEVNULL)
    try:
        assert found.arrived.acquire(timeout=60), "the request did not arrive"
        process.terminate()
        found.release.set()
        assert process.wait(30) == 0
    finally:
        process.kill()
    assert statuses(app_connection, of(row)) == ["sent"]
    assert len(found.got) == 1
