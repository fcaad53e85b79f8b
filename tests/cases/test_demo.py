"""The demonstration: a month that looks alive, made of commands that people could have given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from gewu.cases import demo, queries
from gewu.cases.demo import month
from gewu.cases.demo.month import Maker
from gewu.cases.demo.play import Play
from gewu.home import instance
from gewu.home.layout import Home
from gewu.ledger import attachments, rebuild, verify
from gewu.ledger.door import SYSTEM
from gewu.registry.directory import get_directory
from gewu.registry.people import authenticate
from support.district import district_id
from support.servers import Session

COUNT = 220
NOW = 1_795_052_400
"""2026-11-19 10:00 in Chongqing, a Thursday."""


@pytest.fixture
def made(db: Session) -> demo.Made:
    return demo.run(count=COUNT, now=NOW)


def rows(db: Session, query: str, *values: Any) -> Iterator[Any]:
    with psycopg.connect(db.owner()) as plain:
        yield from plain.execute(query, values).fetchall()


def counts(db: Session, query: str) -> dict[str, int]:
    return {name: int(count) for name, count in rows(db, query)}


def test_the_month_is_whole_and_stands_in_its_month(db: Session, made: demo.Made) -> None:
    assert (made.cases, made.already, made.failed) == (COUNT, 0, [])
    assert [made.events] == [n for (n,) in rows(db, "SELECT count(*)::int FROM ledger_event")]
    assert verify.verify_all(district_id()).ok
    assert rebuild.rebuild_all(district_id()).ok
    span = "SELECT extract(epoch FROM min(at))::bigint, extract(epoch FROM max(at))::bigint FROM ledger_event"
    [(first, last)] = rows(db, span)
    assert first > NOW - 32 * 86_400
    assert last <= NOW


def test_work_waits_in_every_queue_and_life_has_its_detours(db: Session, made: demo.Made) -> None:
    stages = counts(db, "SELECT stage, count(*) FROM ledger_record GROUP BY stage")
    waiting = (
        "reported registered verifying verified filed dispatched handling suspended handled checking checked closed"
    )
    assert set(waiting.split()) <= set(stages)
    assert {"answered", "declined", "voided", "merged"} <= set(stages)
    assert stages["answered"] > COUNT // 2
    slots = counts(db, "SELECT slot, count(*) FROM ledger_assignment WHERE live GROUP BY slot")
    assert {"verify", "handle", "objection", "extension", "suspension", "check", "appeal"} <= set(slots)
    moves = counts(db, "SELECT kind, count(*) FROM ledger_event GROUP BY kind")
    wanted = (
        "fix_on_spot return_case object approve_extension approve_suspension rework merge absorb split_create split_off"
        " void decline follow_up assign_inside work_done expire"
    )
    assert set(wanted.split()) <= set(moves)
    late = "SELECT 'late', count(*) FROM ledger_clock WHERE spec = 'handle' AND coalesce(stopped_at, now()) > due_at"
    assert counts(db, late)["late"] > COUNT // 50
    rung = "SELECT rung, count(*) FROM ledger_clock WHERE spec = 'handle' AND rung <> '' GROUP BY rung"
    assert counts(db, rung)


def test_every_report_says_that_it_is_made_up_and_only_the_last_day_sends_messages(
    db: Session, made: demo.Made
) -> None:
    seen = queries.list_cases(district_id(), SYSTEM, queries.Filter(order="recent"), limit=COUNT)
    assert len(seen.rows) == COUNT
    assert [row.excerpt for row in seen.rows if not row.excerpt.startswith("【演示】")] == []
    assert [row.outside_number for row in seen.rows if not row.outside_number.startswith("DEMO-")] == []
    times = [row.reported_at for row in seen.rows]
    assert times == sorted(times, reverse=True)
    old = (
        "SELECT count(*)::int FROM ledger_outgoing o WHERE NOT EXISTS (SELECT 1 FROM ledger_event e"
        " WHERE e.record_id = o.record_id AND extract(epoch FROM e.at) > %s)"
    )
    assert list(rows(db, old, NOW - 86_400)) == [(0,)]
    assert list(rows(db, "SELECT count(*) > 0 FROM ledger_outgoing")) == [(True,)]


def test_photos_can_be_read_and_belong_to_events(db: Session, made: demo.Made) -> None:
    found = list(rows(db, "SELECT id, record_id, seq FROM ledger_attachment"))
    assert len(found) == made.photos
    assert all(record_id is not None and seq for _, record_id, seq in found)
    data, mime = attachments.read(district_id(), found[0][0]) or (b"", "")
    assert mime == "image/jpeg"
    assert attachments.clean_copy(data, "thumb").startswith(b"\xff\xd8")


def test_a_second_run_adds_nothing_and_the_logins_stay(db: Session, made: demo.Made) -> None:
    again = demo.run(count=COUNT, seed=2, now=NOW + 3600)
    assert (again.cases, again.events, again.already) == (0, 0, COUNT)
    assert list(rows(db, "SELECT count(*)::int FROM ledger_record")) == [(COUNT,)]
    assert {one.password for one in again.logins} == {one.password for one in made.logins}
    roles = {one.role for one in again.logins}
    assert {"intake_officer", "shift_leader", "dispatcher", "collector", "unit_clerk", "worker"} <= roles
    assert all(authenticate(one.login, one.password) is not None for one in again.logins[:2])
    kept = instance.read(Home.current())
    assert kept is not None
    assert kept.demo_passwords == {one.login: one.password for one in again.logins}
    assert len(set(kept.demo_passwords.values())) == 1


def test_the_same_seed_makes_the_same_month(db: Session) -> None:
    def story() -> list[list[tuple[str, int, str]]]:
        made = Maker(get_directory(district_id()), 1, 60, NOW).month()
        return [[(s.command.move, s.at_us, str(s.command.texts)) for s in life.steps] for life in made.lives]

    assert story() == story()


@pytest.mark.parametrize("hours", [0, 16, 3 * 24 + 3, 4 * 24 + 11])
def test_no_story_is_refused_whatever_the_hour(db: Session, hours: int) -> None:
    made = demo.run(count=120, seed=hours, now=NOW + hours * 3600)
    assert made.failed == []
    assert made.cases == 120


def test_a_story_that_the_playbook_refuses_is_left_out_and_named(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(play: Play) -> None:
        play.call("phone").later(1, 2).move(play.dispatcher(), "dispatch", {"lead": "municipal-works"})

    monkeypatch.setattr(month, "choose", lambda rng: wrong)
    made = demo.run(count=60, now=NOW)
    assert made.failed
    assert all("wrong_stage" in one for one in made.failed)
    assert made.cases + len(made.failed) == 60
