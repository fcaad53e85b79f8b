"""What was written stays as it was, and whoever changes it is found out."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from gewu.ledger import door, rebuild, seals, verify
from gewu.ledger.erasure import erase
from support.district import Walk, acting, district_id
from support.servers import Session

# One change in every column of an event; each has to be found and named.
ALTERED = {
    "district_id": None,
    "record_id": "record_id = overlay(record_id::text placing 'f' from 30 for 1)::uuid",
    "seq": "seq = 99",
    "at": "at = at + interval '1 microsecond'",
    "actor": "actor = actor || '1'",
    "unit": "unit = 'x' || unit",
    "kind": "kind = 'close'",
    "command_id": "command_id = gen_random_uuid()",
    "payload": "payload = jsonb_set(payload, '{effects,0,1}', '\"x\"')",
    "sealed": "sealed = set_byte(sealed, 20, (get_byte(sealed, 20) + 1) %% 256)",
    "previous_hash": "previous_hash = set_byte(previous_hash, 3, (get_byte(previous_hash, 3) + 1) %% 256)",
    "hash": "hash = set_byte(hash, 31, (get_byte(hash, 31) + 1) %% 256)",
}


def test_every_column_of_an_event_is_under_the_hash(db: Session) -> None:
    with psycopg.connect(db.owner(), autocommit=True) as connection:
        columns = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'ledger_event'"
        ).fetchall()
    assert {name for (name,) in columns} == set(ALTERED)


@pytest.mark.parametrize("column", [c for c, change in ALTERED.items() if change])
def test_one_altered_byte_is_found_and_named(db: Session, column: str) -> None:
    walk = Walk().handling()
    with psycopg.connect(db.owner(), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")  # in single-role mode they guard the rows
        if column == "record_id":  # the row has to fit a record to be taken at all
            other = Walk().intake()
            changed = connection.execute(
                "UPDATE ledger_event SET record_id = %s, seq = 2 WHERE record_id = %s AND seq = 3",
                [other.record_id, walk.record_id],
            )
        else:
            changed = connection.execute(
                f"UPDATE ledger_event SET {ALTERED[column]} WHERE record_id = %s AND seq = %s",
                [walk.record_id, 1 if column == "sealed" else 3],
            )
        assert changed.rowcount == 1
    report = verify.verify_all(district_id())
    assert not report.ok
    named = [f for f in report.faults if f.record_id == str(walk.record_id)]
    assert named, report.faults
    assert {f.seq for f in report.faults} & {1, 2, 3, 4, 99}


def test_a_removed_last_event_is_found(db: Session) -> None:
    walk = Walk().filed()
    with psycopg.connect(db.owner(), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
        connection.execute("DELETE FROM ledger_event WHERE record_id = %s AND seq = %s", [walk.record_id, walk.version])
    report = verify.verify_all(district_id())
    assert [f for f in report.faults if f.record_id == str(walk.record_id) and "version" in f.reason]


def test_a_rewritten_history_is_found_by_the_seal(db: Session) -> None:
    """Whoever recomputes all hashes of a record still cannot make the seal fit."""
    walk = Walk().filed()
    seals.make_seal(district_id(), datetime(2026, 11, 19, 16, tzinfo=UTC))
    with psycopg.connect(db.owner(), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger_sealedhead DISABLE TRIGGER USER")
        connection.execute("UPDATE ledger_sealedhead SET hash = sha256(hash) WHERE record_id = %s", [walk.record_id])
    report = verify.verify_all(district_id())
    assert any("seal 1" in f.record_id or "seal 1" in f.reason for f in report.faults)


def test_seals_follow_one_another_and_cover_what_changed(db: Session) -> None:
    first, second = Walk().filed(), Walk().intake()
    one = seals.make_seal(district_id())
    assert one.heads == 2
    second.move(acting("shift_leader"), "void", texts={"reason": "测试"})
    two = seals.make_seal(district_id())
    assert (two.no, two.heads) == (2, 1)
    first.move(acting("dispatcher"), "return_to_intake", texts={"reason": "地点不清"})
    report = verify.verify_all(district_id())
    assert report.ok, report.faults
    assert report.seals == 2


def test_the_application_may_not_change_the_past(db: Session, app_connection: psycopg.Connection) -> None:
    walk = Walk().intake()
    for statement in (
        "UPDATE ledger_event SET actor = 'x' WHERE record_id = %s",
        "DELETE FROM ledger_event WHERE record_id = %s",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_connection.execute(statement, [walk.record_id])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_connection.execute("TRUNCATE ledger_event")


def test_rebuild_finds_a_state_that_its_events_do_not_give(db: Session, app_connection: psycopg.Connection) -> None:
    walk = Walk().handling()
    app_connection.execute("UPDATE ledger_record SET stage = 'closed' WHERE id = %s", [walk.record_id])
    app_connection.execute(
        "UPDATE ledger_clock SET due_at = due_at + interval '1 day' WHERE record_id = %s AND spec = 'handle'",
        [walk.record_id],
    )
    app_connection.execute("UPDATE cases_case SET lead_unit = 'x' WHERE record_id = %s", [walk.record_id])
    report = rebuild.rebuild_all(district_id())
    assert {d.table for d in report.differences} == {"ledger_record", "ledger_clock", "cases_case"}


WORDS = ("路面有大片油污", "王某", "13800000000", "已清洗路面")


def test_after_erasing_the_words_are_nowhere_and_the_chain_still_holds(
    db: Session, app_connection: psycopg.Connection
) -> None:
    kept = Walk().answered()
    walk = Walk().answered()
    erase(district_id(), walk.record_id, acting("administrator"))
    erase(district_id(), walk.record_id, acting("administrator"))  # again: nothing more to do, no error
    assert verify.verify_all(district_id()).ok
    rebuilt = rebuild.rebuild_all(district_id())
    assert rebuilt.ok, rebuilt.differences
    assert rebuilt.erased == 1
    tables = app_connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        " AND (table_name LIKE 'ledger_%%' OR table_name LIKE 'cases_%%')"
    ).fetchall()
    for (table,) in tables:
        for (line,) in app_connection.execute(f"SELECT t::text FROM {table} t").fetchall():
            assert not [w for w in WORDS if w in line], table
    from gewu.cases.queries import get_case

    erased = get_case(district_id(), door.SYSTEM, walk.record_id)
    assert erased.erased
    assert all(e.texts is None or e.texts == {} for e in erased.timeline)
    assert all(p.erased for p in erased.photos)
    assert get_case(district_id(), door.SYSTEM, kept.record_id).texts


def test_an_erased_record_takes_no_new_words(db: Session) -> None:
    from gewu.ledger.errors import Erased

    walk = Walk().handling()
    erase(district_id(), walk.record_id, acting("administrator"))
    with pytest.raises(Erased):
        walk.move(acting("dispatcher"), "remind", texts={"note": "请尽快"})
