"""What `make bench` measures can be measured: the claims of docs/bench.md stay open to everybody's doubt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_writing_is_measured_against_bare_statements(tmp_path: Path) -> None:
    """The two limits that write the rows of a case themselves know every column of every table that a case has."""
    told = tmp_path / "bench.json"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GEWU_")}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "intake", "replay", "--quick", "--json", str(told)],
        cwd=ROOT, env=clean, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(told.read_text(encoding="utf-8"))
    assert set(found) == {"intake", "replay"}
    for one in found.values():
        assert min(one["value"], one["limit"], one["size"]) > 0, one
        assert one["where"], "no profile says where the time goes"
    assert "Traceback" not in done.stderr
