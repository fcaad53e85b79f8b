"""The sessions of the demonstration district: made once, by the verbs that people use, and sound to the ledger."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

from gewu.cases import hops
from gewu.ledger.rebuild import rebuild_all
from gewu.occasions import demo, obligations
from gewu.occasions.models import Occasion
from gewu.occasions.queries import Filter, calls_on, get_occasion, list_occasions
from gewu.occasions.queries.agencies import agencies
from gewu.occasions.queries.duties import standings
from gewu.occasions.queries.works import progress
from gewu.registry import devices
from support.district import acting, district_id
from support.occasions import TYPE


def test_the_demo_shows_who_held_a_session_and_who_not(db: object) -> None:
    now = int(time.time())
    made = demo.run(district_id(), now)
    assert made == Occasion.objects.filter(district_id=district_id()).count() > 10
    assert demo.run(district_id(), now) == 0
    here = ZoneInfo("Asia/Shanghai")
    periods = tuple(f"{datetime.fromtimestamp(now + n * 27 * 86_400, here):%Y-%m}" for n in (-1, 0, 1))
    found = {one.status for one in obligations.obligations(district_id(), TYPE, periods, datetime.now(UTC))}
    assert "held" in found
    assert found & {"not_yet", "planned"}
    assert Occasion.objects.filter(district_id=district_id(), led_by="leader").exists()
    assert rebuild_all(district_id()).ok


def test_the_demo_shows_teams_projects_and_devices(db: object, owner_connection: psycopg.Connection) -> None:
    owner_connection.execute("DELETE FROM registry_device")
    now = int(time.time())
    demo.run(district_id(), now)
    office = acting("comprehensive_office")
    teams = list_occasions(district_id(), office, Filter("volunteer_team")).rows
    assert {row.sort for row in teams} == {"neighbours", "patrol"}
    projects = list_occasions(district_id(), office, Filter("estate_project")).rows
    assert sorted(row.stage for row in projects) == ["closed", "works"]
    assert not [row.number for row in projects if row.due_at and row.due_at < datetime.now(UTC)]
    done = {one.item: (one.planned, one.done) for one in progress(district_id(), office, Filter("estate_project"))}
    assert done["cameras_fitted"] == (24, 18)
    counts = devices.counts(district_id(), devices.Wanted(datetime.now(UTC).date()))
    assert sum(one.devices for one in counts) == sum(one.synthetic for one in counts) == 20
    owner_connection.execute("DELETE FROM registry_device")


def test_the_demo_shows_a_whistle_that_was_rated_and_one_that_still_calls(db: object) -> None:
    demo.run(district_id(), int(time.time()))
    rows = list_occasions(district_id(), acting("comprehensive_office"), Filter("whistle")).rows
    assert [row.stage for row in rows] == ["blown", "confirmed"]
    parts = get_occasion(district_id(), acting("comprehensive_office"), rows[0].record_id).state.assignments
    (called,) = [part.unit for part in parts if part.slot == "called" and part.live]
    calls = calls_on(district_id(), acting("unit_clerk", unit=called), 10)
    assert [row.number for row in calls] == [rows[0].number]


def test_the_demo_shows_a_joint_duty_under_way_and_one_that_is_closed(db: object) -> None:
    now = int(time.time())
    demo.run(district_id(), now)
    office = acting("comprehensive_office")
    rows = list_occasions(district_id(), office, Filter("joint_duty")).rows
    assert [row.stage for row in rows] == ["on_duty", "closed"]
    found = standings(district_id(), [row.record_id for row in rows])
    assert found[rows[0].record_id].heads == 190
    closed = agencies(get_occasion(district_id(), office, rows[1].record_id))
    assert [(one.standing, one.status, one.late) for one in closed] == [
        *[("core", "reported", False)] * 3, ("invited", "reported", True), ("invited", "not_reported", False),
    ]  # fmt: skip
    assert [one.signature for one in closed] == ["signed"] * 4 + [""]
    assert rebuild_all(district_id()).ok


def test_the_demo_shows_a_meeting_of_each_level_a_hop_and_tasks_of_the_committee(db: object) -> None:
    now = int(time.time())
    demo.run(district_id(), now)
    office = acting("comprehensive_office")
    rows = list_occasions(district_id(), office, Filter("joint_meeting")).rows
    assert [(row.led_by, row.stage) for row in rows] == [
        ("district", "scheduled"), ("street", "following"), ("community", "following"),
    ]  # fmt: skip
    (referred,) = get_occasion(district_id(), office, rows[0].record_id).matters
    assert referred.came_from == (rows[1].record_id, rows[1].number)
    today = datetime.now(UTC).date()
    found = hops.totals(district_id(), office, today - timedelta(days=9), today + timedelta(days=1))
    assert [(one.to_level, one.hops) for one in found] == [("district", 1), ("street", 1)]
    tasks = list_occasions(district_id(), office, Filter("committee_task")).rows
    assert [row.stage for row in tasks] == ["working", "working"]
    assert not [row.number for row in (*rows, *tasks) if row.due_at and row.due_at < datetime.now(UTC)]
