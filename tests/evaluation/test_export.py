"""The export of the hand-told cases: what is in it, what is not, and that the facts in it are those of the events."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import psycopg
import pytest

from evaluation.auditor import compare
from evaluation.hand import AS_OF, Told
from gewu.evaluation.api import definitions, month
from gewu.evaluation.export import NotAnExport, export
from gewu.ledger import erasure, rebuild
from gewu.ledger.door import SYSTEM
from support import district as d
from support.servers import Session


def test_a_fact_that_was_changed_by_hand_is_found(told: dict[str, Told], database_session: Session) -> None:
    change = "UPDATE evaluation_fact SET handle_late = %s, handle_done = handle_done + %s WHERE record_id = %s"
    with psycopg.connect(database_session.owner()) as connection:
        connection.execute(change, [0, -86_400, told["c02"].record_id])
    report = rebuild.rebuild_all(d.district_id())
    assert {(one.record_id, one.table) for one in report.differences} == {
        (str(told["c02"].record_id), "evaluation_fact")
    }
    with psycopg.connect(database_session.owner()) as connection:
        connection.execute(change, [2, 86_400, told["c02"].record_id])
    assert rebuild.rebuild_all(d.district_id()).ok


def test_the_hand_told_cases_from_outside(told: dict[str, Told], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export([d.district_id()], folder)
    compare(folder, month("Asia/Shanghai", 2026, 11), AS_OF)


def test_an_export_holds_no_words_and_replaces_only_an_export(told: dict[str, Told], tmp_path: Path) -> None:
    erased = told["c14"]
    erasure.erase(d.district_id(), erased.record_id, SYSTEM)
    folder = tmp_path / "out"
    made = export([], folder)
    assert made.rows["facts.parquet"] == len(told)
    text = "\n".join(str(row) for row in duckdb.sql(f"SELECT * FROM '{folder}/events.parquet'").fetchall()) + "\n".join(
        str(row) for row in duckdb.sql(f"SELECT * FROM '{folder}/facts.parquet'").fetchall()
    )
    for private in ("13800000000", "13800000001", "某人", "油污", "reporter:visit"):
        assert private not in text
    positions = dict(
        duckdb.sql(f"SELECT record_id, payload LIKE '%lon_e6%' FROM '{folder}/events.parquet' WHERE seq = 1").fetchall()
    )
    assert positions[str(told["c01"].record_id)] is True
    assert positions[str(erased.record_id)] is False

    manifest = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    assert manifest["districts"][0]["code"] == d.CODE
    known = json.loads((folder / "definitions.json").read_text(encoding="utf-8"))[str(d.district_id())]
    assert known["version"] == definitions(d.district_id()).version

    export([], folder)  # again, in place of itself
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(NotAnExport):
        export([], other)
    assert (other / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_the_command(told: dict[str, Told], database_session: Session, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gewu", "export", *arguments],
            env={**os.environ, **database_session.environment()},
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("--parquet", str(tmp_path / "out"), "--district", d.CODE, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"]["facts.parquet"] == len(told)
    assert (tmp_path / "out" / "README.txt").is_file()
    nowhere = run("--parquet", str(tmp_path / "other"), "--district", "000000")
    assert nowhere.returncode == 2
    assert "no district 000000" in nowhere.stderr
    assert not (tmp_path / "other").exists()
