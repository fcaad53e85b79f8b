"""Clocks fire exactly once, in time order, and change an owner or alert one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from gewu.cases import services
from gewu.ledger import attachments, door, ticker, verify
from gewu.ledger.errors import LedgerError
from support.district import Walk, acting, district_id, photo

HOUR = 3_600_000_000


def _kinds(connection: psycopg.Connection, record_id: Any) -> list[str]:
    rows = connection.execute("SELECT kind FROM ledger_event WHERE record_id = %s ORDER BY seq", [record_id]).fetchall()
    return [kind for (kind,) in rows]


def test_a_clock_warns_then_falls_due_then_climbs_its_ladder(db: object, app_connection: psycopg.Connection) -> None:
    walk = Walk().intake()
    at = walk.at_us
    assert ticker.tick(district_id(), at + 11 * 60_000_000) == 0
    assert ticker.tick(district_id(), at + 12 * 60_000_000) == 1  # 80 % of 15 minutes
    assert ticker.tick(district_id(), at + 13 * 60_000_000) == 0
    assert ticker.tick(district_id(), at + 15 * 60_000_000) == 1
    assert ticker.tick(district_id(), at + HOUR) == 0
    assert ticker.tick(district_id(), at + 15 * 60_000_000 + HOUR) == 1  # an hour later: the office
    assert ticker.tick(district_id(), at + 15 * 60_000_000 + 5 * HOUR) == 1  # and again every four hours
    assert ticker.tick(district_id(), at + 15 * 60_000_000 + 9 * HOUR) == 1
    told = app_connection.execute(
        "SELECT destination, payload->>'message' FROM ledger_outgoing WHERE record_id = %s ORDER BY seq, id",
        [walk.record_id],
    ).fetchall()
    assert told == [
        ("role:shift_leader", "due"),
        ("role:comprehensive_office", "overdue"),
        ("role:comprehensive_office", "overdue"),
        ("role:comprehensive_office", "overdue"),
    ]
    assert _kinds(app_connection, walk.record_id).count("expire") == 5


def test_two_tickers_fire_each_clock_once(db: object, app_connection: psycopg.Connection) -> None:
    from django.db import connections

    walks = [Walk().intake() for _ in range(30)]
    at = walks[0].at_us + 20 * 60_000_000

    def run(_: int) -> int:
        try:
            return sum(ticker.tick(district_id(), at, limit=7) for _ in range(40))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        fired = sum(pool.map(run, range(3)))
    assert fired == 30
    assert app_connection.execute("SELECT count(*) FROM ledger_event WHERE kind = 'expire'").fetchone() == (30,)
    assert verify.verify_all(district_id()).ok


def test_the_ticker_runs_beside_people_without_deadlock(db: object) -> None:
    from django.db import connections

    walks = [Walk().intake() for _ in range(10)]
    at = walks[0].at_us + 20 * 60_000_000

    def people(number: int) -> list[Exception]:
        faults: list[Exception] = []
        try:
            for i in range(20):
                one, two = walks[(number + i) % 10], walks[(number + i + 3) % 10]
                try:
                    services.act(district_id(), acting("dispatcher"), one.record_id, "add_note",
                                 texts={"note": "x"}, at_us=at)  # fmt: skip
                    services.merge(district_id(), acting("intake_officer"), one.record_id, two.record_id, "x",
                                   version=2, at_us=at)  # fmt: skip
                except LedgerError:
                    continue
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()
        return faults

    def tick(_: int) -> list[Exception]:
        try:
            for i in range(20):
                ticker.tick(district_id(), at + i * 30 * 60_000_000)
        except Exception as error:
            return [error]
        finally:
            connections.close_all()
        return []

    with ThreadPoolExecutor(6) as pool:
        jobs = [*(pool.submit(people, n) for n in range(4)), *(pool.submit(tick, n) for n in range(2))]
        assert [f for job in jobs for f in job.result()] == []
    assert verify.verify_all(district_id()).ok


def test_suspension_ends_by_itself_and_the_clock_goes_on(db: object, app_connection: psycopg.Connection) -> None:
    walk = Walk().handling()
    before = _handle(walk)
    walk.later(30).move(walk.clerk(), "request_suspension", args={"until": "2026-11-25"}, texts={"reason": "等待到货"})
    walk.later(10).move(acting("shift_leader"), "approve_suspension", args={"until": "2026-11-25"})
    assert walk.stage == "suspended"
    paused = _handle(walk)
    assert paused.status == "paused"
    assert 0 < paused.remaining < before.limit_value * 8 * 3600
    end = 1_795_622_399_000_000  # 2026-11-25 23:59:59 in Chongqing
    assert ticker.run_until(district_id(), end - 1_000_000) == 0
    assert ticker.run_until(district_id(), end) == 1
    state = _state(walk.record_id)
    assert state.stage == "handling"
    running = next(c for c in state.clocks if c.id == paused.id)
    assert running.status == "running"
    assert running.due_at > before.due_at


def _handle(walk: Walk) -> Any:
    return next(c for c in _state(walk.record_id).clocks if c.spec == "handle")


def _state(record_id: Any) -> Any:
    from gewu.cases.queries import get_case

    return get_case(district_id(), door.SYSTEM, record_id).state


def test_history_at_a_standstill_is_left_alone(db: object, app_connection: psycopg.Connection) -> None:
    assert district_id() in ticker.live_districts()
    app_connection.execute("INSERT INTO ledger_standstill VALUES (%s, now())", [district_id()])
    assert district_id() not in ticker.live_districts()


def test_a_day_that_ended_is_sealed_once(db: object, app_connection: psycopg.Connection) -> None:
    walk = Walk().intake()
    at = datetime(2026, 11, 19, 2, 30, tzinfo=UTC)
    for later in (at, at + timedelta(hours=2), at + timedelta(hours=13, minutes=25), at + timedelta(hours=14)):
        ticker.keep_house(district_id(), later)
    seals = app_connection.execute("SELECT no, heads FROM ledger_seal ORDER BY no").fetchall()
    assert seals == [(1, 1), (2, 0)]  # 13:25 later it is 23:55 in Chongqing, still the same day
    assert walk.version == 1
    assert verify.verify_all(district_id()).ok


def test_photos_that_no_command_took_up_go_after_a_day(db: object, app_connection: psycopg.Connection) -> None:
    who = acting("collector")
    kept, left = photo(who), photo(who)
    Walk().intake().move(who, "add_note", texts={"note": "x"}, photos=[kept])
    app_connection.execute("UPDATE ledger_attachment SET uploaded_at = now() - interval '2 days'")
    ticker.keep_house(district_id())
    rows = app_connection.execute("SELECT id::text FROM ledger_attachment").fetchall()
    assert rows == [(kept.id,)]
    assert attachments.read(district_id(), UUID(left.id)) is None
    assert not attachments.path_of(district_id(), UUID(left.id)).exists()
