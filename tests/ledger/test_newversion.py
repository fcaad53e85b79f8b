"""Open records go over to a new version of their playbook: previewed, by one event each, restartable, whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from gewu.core.evolve import state_from_json
from gewu.core.migrate import MIGRATE, How
from gewu.core.records import RUNNING, State
from gewu.ledger import erasure, newversion, rebuild, verify
from gewu.ledger.door import SYSTEM
from gewu.ledger.history import history, state_of
from gewu.ledger.store import as_json
from gewu.ledger.ticker import run_until
from support.district import Walk, acting, directory, district_id
from support.servers import Session
from support.versions import new_version, registry_restored

LONGER = (
    'claim: {title: {en: "Claim", zh: "认领"}, limit: {value: 4, unit: work_hour}',
    'claim: {title: {en: "Claim", zh: "认领"}, limit: {value: 1, unit: urgent_day}',
)
REASON = "按新的工作规则执行"


@pytest.fixture
def books(db: Session) -> Iterator[Session]:
    """A database whose playbooks may get new versions."""
    with registry_restored():
        yield db


def state(record_id: UUID) -> State:
    found = state_of(district_id(), record_id)
    assert found is not None
    return found


def running(record_id: UUID, spec: str) -> int:
    """The deadline of the clock of this name that runs."""
    (clock,) = [c for c in state(record_id).clocks if c.spec == spec and c.status == RUNNING]
    return clock.due_at


def ledger_agrees() -> None:
    report = verify.verify_all(district_id())
    assert report.ok, report.faults
    rebuilt = rebuild.rebuild_all(district_id())
    assert rebuilt.ok, rebuilt.differences


def test_what_a_new_version_would_do_is_seen_before(books: object) -> None:
    waiting, late = Walk().dispatched(), Walk().handling()
    ended = Walk().answered()
    old_due = running(waiting.record_id, "claim")
    new = new_version("case", LONGER)
    now = waiting.at_us // 1_000_000 + 60
    before = {w.record_id: state(w.record_id) for w in (waiting, late, ended)}
    report = newversion.preview(directory(), new, How(), now)
    assert report.under == {(new.version - 1, "dispatched"): 1, (new.version - 1, "handling"): 1}
    assert report.carried == 2
    assert report.staying == []
    (moving,) = report.moving
    started = waiting.at_us // 1_000_000
    assert (moving.record_id, moving.shift.spec) == (waiting.record_id, "claim")
    assert (moving.shift.before, moving.shift.to) == (old_due, started + 86_400)
    assert {i: state(i) for i in before} == before
    kept = newversion.preview(directory(), new, How(keep_deadlines=True), now)
    assert (kept.carried, kept.moving) == (2, [])


def test_records_go_over_and_everything_still_agrees(books: object) -> None:
    waiting, ended = Walk().dispatched(), Walk().answered()
    new = new_version("case", LONGER)
    at_us = waiting.at_us + 60_000_000
    report = newversion.migrate(directory(), new, How(), REASON, at_us)
    assert (report.carried, len(report.moving), report.staying) == (1, 1, [])
    after = state(waiting.record_id)
    assert (after.playbook_version, after.stage) == (new.version, "dispatched")
    assert running(waiting.record_id, "claim") == waiting.at_us // 1_000_000 + 86_400
    assert state(ended.record_id).playbook_version == new.version - 1
    event = history(district_id(), waiting.record_id)[-1]
    assert (event.kind, event.actor) == (MIGRATE, "system")
    assert (event.payload["args"]["from"], event.payload["args"]["to"]) == (new.version - 1, new.version)
    ledger_agrees()
    # The ticker, the people and the new rules go on with it.
    waiting.at_us = at_us
    run_until(district_id(), at_us + 20 * 3_600_000_000)
    assert [c for c in state(waiting.record_id).clocks if c.spec == "claim"][-1].phase == 1
    waiting.move(waiting.clerk(), "claim", version=state(waiting.record_id).seq, at_us=at_us + 21 * 3_600_000_000)
    assert waiting.stage == "handling"
    ledger_agrees()


def test_running_it_again_does_nothing_twice(books: object, monkeypatch: pytest.MonkeyPatch) -> None:
    walks = [Walk().filed() for _ in range(5)]
    new = new_version("case", LONGER)
    monkeypatch.setattr(newversion, "PAGE", 2)
    done: list[int] = []

    def stop(count: int) -> None:
        done.append(count)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        newversion.migrate(directory(), new, How(), REASON, walks[-1].at_us, stop)
    over = [w for w in walks if state(w.record_id).playbook_version == new.version]
    assert len(over) == 4
    ledger_agrees()
    report = newversion.migrate(directory(), new, How(), REASON, walks[-1].at_us)
    assert report.carried == 1
    assert newversion.migrate(directory(), new, How(), REASON, walks[-1].at_us).records == 0
    for walk in walks:
        assert [e.kind for e in history(district_id(), walk.record_id)].count(MIGRATE) == 1
    ledger_agrees()


def test_a_stage_that_is_called_otherwise_is_mapped_or_refused(books: object) -> None:
    walk = Walk().filed()
    other = Walk().intake()
    text = directory().playbook("case")
    assert text is not None
    new = new_version(
        "case",
        ("  filed: {title", "  docketed: {title"),
        ("to: filed\n", "to: docketed\n"),
        ("from: filed\n", "from: docketed\n"),
        ("verified, filed]", "verified, docketed]"),
        ("from: [filed, dispatched", "from: [docketed, dispatched"),
    )
    now = walk.at_us // 1_000_000
    plain = newversion.preview(directory(), new, How(), now)
    (staying,) = plain.staying
    assert (staying.record_id, staying.hindrances[0].code, staying.hindrances[0].name) == (
        walk.record_id, "stage_gone", "filed",
    )  # fmt: skip
    report = newversion.migrate(directory(), new, How(stages={"filed": "docketed"}), REASON, walk.at_us)
    assert (report.carried, report.staying) == (2, [])
    assert state(walk.record_id).stage == "docketed"
    assert state(other.record_id).stage == "registered"
    with connection.cursor() as cursor:
        cursor.execute("SELECT stage FROM cases_case c JOIN ledger_record r ON r.district_id = c.district_id"
                       " AND r.id = c.record_id WHERE c.district_id = %s AND c.record_id = %s",
                       [district_id(), walk.record_id])  # fmt: skip
        assert cursor.fetchone() == ("docketed",)
    ledger_agrees()


def test_a_mapping_that_strands_a_record_is_refused(books: object) -> None:
    walk, alone = Walk().dispatched(), Walk().filed()
    new = new_version("case", LONGER)
    at = walk.at_us
    # In "closed" nobody takes the part of the unit from it, and no clock of that stage runs.
    report = newversion.migrate(directory(), new, How(stages={"dispatched": "closed"}), REASON, at)
    assert report.carried == 1
    (staying,) = report.staying
    assert (staying.record_id, staying.hindrances[0].code) == (walk.record_id, "stranded")
    # To stop the only clocks that watch a record would leave it waiting for ever.
    newer = new_version("case")
    stopped = newversion.preview(directory(), newer, How(clocks={"dispatch": ""}), at // 1_000_000)
    reasons = {s.record_id: s.hindrances[0] for s in stopped.staying}
    assert reasons[alone.record_id].code == "stranded"
    assert "no clock runs" in reasons[alone.record_id].name
    assert state(walk.record_id).playbook_version == new.version - 1
    ledger_agrees()


def test_a_clock_that_is_called_otherwise_goes_on_with_its_deadline(books: object) -> None:
    walk = Walk().filed()
    due = running(walk.record_id, "dispatch")
    new = new_version(
        "case",
        (
            '  dispatch: {title: {en: "Dispatch", zh: "派遣"}, limit',
            '  send_out: {title: {en: "Send", zh: "派发"}, limit',
        ),
        ("- start: dispatch\n", "- start: send_out\n"),
        ("- stop: dispatch\n", "- stop: send_out\n"),
    )
    (staying,) = newversion.preview(directory(), new, How(), walk.at_us // 1_000_000).staying
    assert staying.hindrances == (("clock_gone", "dispatch"),)
    report = newversion.migrate(directory(), new, How(clocks={"dispatch": "send_out"}), REASON, walk.at_us)
    assert report.carried == 1
    assert running(walk.record_id, "send_out") == due
    assert not [c for c in state(walk.record_id).clocks if c.spec == "dispatch" and c.status == RUNNING]
    ledger_agrees()
    run_until(district_id(), (due + 7200) * 1_000_000)
    assert [c for c in state(walk.record_id).clocks if c.spec == "send_out"][-1].phase >= 2


def test_nobody_is_made_late_and_who_is_late_stays_late(books: object) -> None:
    fresh, late = Walk().dispatched(), Walk().dispatched()
    due = running(late.record_id, "claim")
    shorter = (LONGER[0], LONGER[1].replace("1, unit: urgent_day", "5, unit: urgent_minute"))
    new = new_version("case", shorter)
    now = fresh.at_us // 1_000_000 + 3600
    report = newversion.preview(directory(), new, How(), now)
    assert {m.shift.to for m in report.moving if m.shift.spec == "claim"} == {now + 300}
    report = newversion.preview(directory(), new, How(), due + 60)
    assert [m for m in report.moving if m.shift.spec == "claim"] == []


def test_a_record_that_somebody_changes_is_named_and_taken_later(books: Session) -> None:
    busy, free = Walk().filed(), Walk().filed()
    new = new_version("case", LONGER)
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with psycopg.connect(books.owner()) as other:
            other.execute(
                "SELECT 1 FROM ledger_record WHERE district_id = %s AND id = %s FOR UPDATE",
                [district_id(), busy.record_id],
            )
            held.set()
            go.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(30)
        report = newversion.migrate(directory(), new, How(), REASON, free.at_us)
    finally:
        go.set()
        thread.join()
    assert report.carried == 1
    assert [(s.record_id, s.hindrances[0].code) for s in report.staying] == [(busy.record_id, "held")]
    assert newversion.migrate(directory(), new, How(), REASON, free.at_us).carried == 1
    ledger_agrees()


def test_the_reason_is_sealed_and_an_erased_record_goes_over_without_it(books: object) -> None:
    kept, erased = Walk().filed(), Walk().filed()
    erasure.erase(district_id(), erased.record_id, SYSTEM)
    new = new_version("case", LONGER)
    assert newversion.migrate(directory(), new, How(), REASON, kept.at_us).carried == 2
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, sealed IS NOT NULL, payload::text FROM ledger_event"
            " WHERE district_id = %s AND kind = %s",
            [district_id(), MIGRATE],
        )
        rows = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    assert rows[kept.record_id][0]
    assert not rows[erased.record_id][0]
    assert all(REASON not in payload for _, payload in rows.values())
    ledger_agrees()


def test_the_desk_still_tells_a_case_that_went_over(books: object) -> None:
    walk = Walk().dispatched()
    new = new_version("case", LONGER)
    newversion.migrate(directory(), new, How(), REASON, walk.at_us)
    from gewu.cases.queries import get_case

    view = get_case(district_id(), acting("dispatcher"), walk.record_id)
    assert view.timeline[-1].kind == MIGRATE
    assert view.timeline[-1].texts == {"reason": REASON}
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM ledger_record WHERE district_id = %s AND id = %s",
                       [district_id(), walk.record_id])  # fmt: skip
        assert state_from_json(as_json(cursor.fetchone()[0])).playbook_version == new.version
