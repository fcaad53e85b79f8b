"""`gewu reform` as an administrator meets it: a preview that changes nothing, an act, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from enforcement.conftest import AFFAIRS, CENTRES, REFORMS
from gewu.registry.models import Reform, Succession
from gewu.surfaces.cli import main
from support.district import Walk

ACT = REFORMS / "2024-1-affairs-centre.yaml"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else has a directory here that would have to be waited for."""
    monkeypatch.setattr("gewu.registry.directory.CHECK_SECONDS", 0.0)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["reform", *map(str, words)])


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    return found


def test_a_preview_says_what_would_happen_and_writes_nothing(wanzhou: int) -> None:
    Walk().dispatched("sanitation-centre")
    result = run(ACT)
    assert result.exit_code == 0, result.output
    assert f"unit sanitation-centre ends on 2024-11-26; {AFFAIRS} follows" in result.output
    assert f"1 open parts go from sanitation-centre to {AFFAIRS}" in result.output
    assert "this was a preview" in result.output
    assert not Reform.objects.exists()


def test_an_act_is_carried_out_and_told_as_json(wanzhou: int) -> None:
    walk = Walk().dispatched("sanitation-centre")
    result = run(ACT, "--apply", "--json")
    assert result.exit_code == 0, result.output
    found = told(result)
    assert (found["ok"], found["carried_out"], found["records"]) == (True, True, 1)
    assert [unit["unit"] for unit in found["units"]] == list(CENTRES)
    assert [part["record"] for part in found["parts"]] == [str(walk.record_id)]
    assert Reform.objects.get().by.startswith("gewu reform, ")
    again = run(ACT, "--apply")
    assert again.exit_code == 0
    assert "was carried out already" in again.output


@pytest.mark.parametrize("carry_out", [False, True])
def test_what_cannot_be_ends_with_1_and_every_reason(wanzhou: int, tmp_path: Path, carry_out: bool) -> None:
    file = tmp_path / "act.yaml"
    file.write_text(
        'reform:\n  number: "T-1"\n  date: "2026-11-01"\n  title: {en: A, zh: 甲}\n'
        "  merge:\n    - {units: [nobody-here, sanitation-centre], into: nowhere}\n",
        encoding="utf-8",
    )
    result = run(file, *(["--apply"] if carry_out else []))
    assert result.exit_code == 1
    assert "there is no unit nobody-here" in result.output
    assert "there is no unit nowhere" in result.output
    assert "nothing was changed" in result.output
    assert not Succession.objects.exists()


def test_a_file_that_is_no_act_ends_with_1_and_its_lines(wanzhou: int, tmp_path: Path) -> None:
    file = tmp_path / "act.yaml"
    file.write_text("reform:\n  number: 7\n", encoding="utf-8")
    result = run(file, "--json")
    assert result.exit_code == 1
    assert any(problem.startswith("act.yaml:2:") for problem in told(result)["problems"])


def test_a_district_that_there_is_not_ends_with_2(wanzhou: int) -> None:
    assert run(ACT, "--district", "999999").exit_code == 2
