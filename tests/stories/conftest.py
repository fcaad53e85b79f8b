"""Runs of `gewu story` in this process, on the database of the tests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gewu.surfaces.cli import main


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else has a directory here that would have to be waited for."""
    monkeypatch.setattr("gewu.registry.directory.CHECK_SECONDS", 0.0)


def story(*words: str) -> Result:
    """One run of the command."""
    return CliRunner().invoke(main, ["story", *words])


def figures(*words: str, code: int | None = 0) -> dict[str, dict[str, Any]]:
    """What a run says in its last line, by figure."""
    result = story(*words, "--json")
    assert code is None or result.exit_code == code, result.output
    listed: list[dict[str, Any]] = json.loads(result.stdout.strip().splitlines()[-1])
    assert all(set(one) == {"id", "expected", "computed", "records", "period"} for one in listed)
    return {one["id"]: one for one in listed}
