"""What an event adds to the tables, whatever playbook it came from."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from gewu.core.records import Event, State
from gewu.ledger.projections import Change
from gewu.occasions.journals import JOURNALS

RECORD = UUID(int=7)


def rows(
    kind: str, texts: dict[str, str] | None, effects: list[Any] | None = None, detail: Any = None, **args: Any
) -> dict[str, Any]:
    """The rows that one event adds, by table."""
    state = State("occasion", "joint_duty", 1, "on_the_road", counters={"matters": 2, "attendance": 3, "results": 8})
    payload = {"effects": effects or [], "args": args, "detail": detail or {}}
    event = Event(kind, 9, 1_795_052_400, "5", "police", payload)
    change = Change(1, RECORD, event, state, state, b"sealed" if texts else None, lambda: texts)
    return {journal.table: journal.rows(change) for journal in JOURNALS if journal.rows(change)}


def test_a_result_has_its_agency_item_and_measure() -> None:
    looked_up = {"measure": "stall", "strand": "enforcement", "on": "2026-11-18"}
    found = rows("record_result", {}, detail=looked_up, unit="traffic-police", item="stalls_cleared", quantity=3750)
    [row] = found["occasions_result"]
    assert row[:4] == ("traffic-police", "stalls_cleared", 3750, "stall")
    assert (row[4], row[5], row[6].timestamp()) == ("", 0, 1_795_052_400)
    assert row[7:11] == (8, date(2026, 11, 18), "enforcement", False)


def test_a_line_that_is_struck_counts_nothing() -> None:
    [row] = rows("strike_result", {"reason": "重复"}, line=4)["occasions_result"]
    assert (row[1], row[2], row[5], row[10]) == ("", 0, 4, True)


def test_a_matter_is_before_the_session_unless_people_sit_together() -> None:
    opened = [["open", {"no": 4, "slot": "matter"}]]
    [row] = rows("collect", {"words": "x"}, opened, raised=3)["occasions_matter"]
    assert row[:3] == (2, 4, "before")


def test_other_moves_add_nothing_and_erased_words_leave_no_rows() -> None:
    assert rows("add_note", {"note": "x"}) == {}
    assert rows("collect", None) == {}
