"""What holds for every command: exit codes, JSON, and what it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.servers import PACKS, Session


def _gewu(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gewu", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, text=True, capture_output=True, check=False, timeout=120
    )


def test_help_names_every_command_and_the_exit_codes() -> None:
    done = _gewu("--help")
    assert done.returncode == 0
    for name in ("demo", "serve", "check", "load", "replay", "verify", "rebuild", "migrate", "db", "keys"):
        assert f"\n  {name} " in done.stdout
    assert "Exit codes: 0" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["load"], ["load", "no/such/folder"], ["serve", "--port=0"]]
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = _gewu(*arguments)
    assert done.returncode == 2
    assert "Error:" in done.stderr


def test_a_pack_is_checked_without_any_database(tmp_path: Path) -> None:
    nowhere = {"GEWU_DATABASE_URL": "", "GEWU_OWNER_DATABASE_URL": "", "GEWU_HOME": str(tmp_path / "home")}
    done = _gewu("check", str(PACKS[0]), "--json", **nowhere)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"]
    assert not (tmp_path / "home").exists()


def test_a_bad_pack_is_exit_code_1_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("pack: bad\nversion: 1.0.0\ntitle: {en: Bad, zh: 坏}\nrequires: []\n")
    (tmp_path / "owners.csv").write_text("code,name_zh,name_en,colour\nwater,水,Water,blue\n")
    done = _gewu("check", str(tmp_path), "--json")
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    assert not answer["ok"]
    assert any("owners.csv" in problem and "colour" in problem for problem in answer["problems"])
    both = _gewu("check", str(PACKS[0]), str(tmp_path), "--json")
    assert both.returncode == 1, both.stderr
    assert [one["ok"] for one in json.loads(both.stdout)["packs"]] == [True, False]


def test_a_pack_loaded_again_changes_nothing(db: Session) -> None:
    done = _gewu("load", str(PACKS[1]), "--json", **db.environment())
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["created"], answer["updated"], answer["retired"]) == (0, 0, 0)
    assert answer["unchanged"] > 0


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_an_untouched_ledger_is_sound(db: Session, command: str) -> None:
    done = _gewu(command, "--json", **db.environment())
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1, "one line of JSON and nothing else"
    assert json.loads(done.stdout)["ok"]


def test_a_database_that_cannot_be_reached_is_exit_code_3(tmp_path: Path) -> None:
    wrong = {"GEWU_HOME": str(tmp_path), "GEWU_OWNER_DATABASE_URL": "postgresql://owner@db.example/gewu"}
    done = _gewu("verify", "--json", GEWU_DATABASE_URL="", **wrong)
    assert done.returncode == 3
    assert "GEWU_DATABASE_URL is not" in json.loads(done.stdout)["error"]


def test_the_keys_are_never_shown(tmp_path: Path) -> None:
    home = {"GEWU_HOME": str(tmp_path), "GEWU_KEY_FILE": ""}
    first = json.loads(_gewu("keys", "--json", **home).stdout)
    second = json.loads(_gewu("keys", "--add", "--json", **home).stdout)
    assert second["keys"] == [*first["keys"], second["current"]]
    secrets = [line.split()[1] for line in (tmp_path / "key").read_text().splitlines() if not line.startswith("#")]
    assert len(secrets) == 2
    assert not any(secret in json.dumps(second) for secret in secrets)
