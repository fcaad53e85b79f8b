"""What upper floors hang on the door: journals of rows per event, listeners, and filling for older records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from gewu.cases import services
from gewu.core.records import Command
from gewu.ledger import door, erasure, listeners, projections
from gewu.ledger.bulk import Life, Step, execute_many
from gewu.ledger.fill import fill
from gewu.ledger.projections import Change
from gewu.ledger.rebuild import rebuild_all
from gewu.registry.directory import Directory
from support.district import POINT, START_US, Walk, acting, directory, district_id


class Lengths:
    """A journal for tests: the length of every free word of an event."""

    table = "cases_lengths"
    columns = ("name", "length")

    def rows(self, change: Change) -> list[tuple[Any, ...]]:
        return [(name, len(words)) for name, words in sorted((change.texts() or {}).items())]


@pytest.fixture
def lengths(owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """A table of a journal, for the time of a test."""
    monkeypatch.setitem(projections._JOURNALS, "case", [*projections.journals_of("case"), Lengths()])
    owner_connection.execute(
        "CREATE TABLE cases_lengths (district_id integer, record_id uuid, seq integer, name text, length integer,"
        " PRIMARY KEY (district_id, record_id, seq, name))"
    )
    owner_connection.execute("GRANT ALL ON cases_lengths TO PUBLIC")
    yield owner_connection
    owner_connection.execute("DROP TABLE cases_lengths")


def found(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT seq, name, length FROM cases_lengths ORDER BY seq, name").fetchall()


def test_a_journal_is_written_with_its_event_and_rebuilt_from_it(lengths: psycopg.Connection) -> None:
    walk = Walk().intake(description="窨井盖缺失", reporter_name="王某")
    walk.move(acting("intake_officer"), "add_note", texts={"note": "已电话确认"}, version=None)
    assert found(lengths) == [(1, "description", 5), (1, "reporter_name", 2), (1, "reporter_phone", 11), (2, "note", 5)]
    assert rebuild_all(district_id()).ok
    lengths.execute("UPDATE cases_lengths SET length = 6 WHERE seq = 2")
    differences = rebuild_all(district_id()).differences
    assert [(d.table, d.reason) for d in differences] == [("cases_lengths", "2 rows differ from its events")]


def test_bulk_writes_the_same_journal(lengths: psycopg.Connection) -> None:
    who = acting("intake_officer")
    place = services.position_of(directory(), services.Where(*POINT))

    def life(words: str, move: str) -> Life:
        first = Command(str(door.new_id()), "register_intake", {"source": "phone", "category": "matter:06012"},
                        {"description": words})  # fmt: skip
        second = Command(str(door.new_id()), move, {}, {"note": "说明"})
        detail = {"number": f"5001012026111900{len(words):03d}"}
        steps = [Step(first, who, START_US, place, detail), Step(second, who, START_US + 1)]
        return Life(door.new_id(), "case", steps, tag=words)

    done = execute_many(district_id(), [life("一二三", "add_note"), life("四五", "close"), life("六", "add_note")])
    assert [(f.tag, f.move) for f in done.failed] == [("四五", "close")]
    assert sorted(found(lengths)) == [(1, "description", 1), (1, "description", 3), (2, "note", 2), (2, "note", 2)]
    assert rebuild_all(district_id()).ok


def test_erasing_removes_the_rows_of_a_journal(lengths: psycopg.Connection) -> None:
    walk, other = Walk().intake(), Walk().intake()
    erasure.erase(district_id(), walk.record_id, acting("shift_leader"))
    left = lengths.execute("SELECT DISTINCT record_id FROM cases_lengths").fetchall()
    assert left == [(other.record_id,)]
    assert rebuild_all(district_id()).ok


def test_older_records_get_the_rows_they_lack(lengths: psycopg.Connection) -> None:
    kept, erased = Walk().intake(), Walk().intake()
    Walk().intake()
    erasure.erase(district_id(), erased.record_id, acting("shift_leader"))
    before = lengths.execute("SELECT * FROM cases_case ORDER BY record_id").fetchall()
    rows = found(lengths)
    lengths.execute("DELETE FROM cases_lengths WHERE record_id <> %s", [kept.record_id])
    lengths.execute("DELETE FROM cases_case WHERE record_id <> %s", [kept.record_id])
    assert not rebuild_all(district_id()).ok
    assert fill(district_id()) == 2
    assert lengths.execute("SELECT * FROM cases_case ORDER BY record_id").fetchall() == before
    assert found(lengths) == rows
    assert rebuild_all(district_id()).ok
    assert fill(district_id()) == 0


def test_a_listener_sends_in_the_transaction_of_the_event(
    db: object, app_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listener(given: Directory, change: Change) -> list[listeners.Told]:
        assert given.district.id == directory().district.id
        stages = {"from": change.before.stage if change.before else "", "to": change.after.stage}
        return [("elsewhere", "system:1", stages)] if change.event.kind != "add_note" else []

    monkeypatch.setattr(listeners, "_LISTENERS", [*listeners._LISTENERS, listener])
    walk = Walk().intake()
    walk.move(acting("intake_officer"), "add_note", texts={"note": "说明"}, version=None)
    walk.move(acting("intake_officer"), "send_verify")
    sent = app_connection.execute(
        "SELECT seq, destination, payload, status FROM ledger_outgoing WHERE topic = 'elsewhere' ORDER BY seq"
    ).fetchall()
    assert sent == [
        (1, "system:1", {"from": "", "to": "registered"}, "waiting"),
        (3, "system:1", {"from": "registered", "to": "verifying"}, "waiting"),
    ]
