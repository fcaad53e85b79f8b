"""The outside script, run by itself, against both engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from gewu.evaluation.api import By, Live, Parquet, Period, definitions, evaluate
from support import district as d

OUTSIDE = Path(__file__).parent / "outside.py"


def compare(folder: Path, period: Period, as_of: int) -> None:
    """The script runs by itself, without Gewu on its path."""
    run = subprocess.run(
        [sys.executable, "-I", str(OUTSIDE), str(folder), str(period.start), str(period.end), str(as_of)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    theirs = json.loads(run.stdout)
    known = definitions(d.district_id())
    asked = [known[code] for code in theirs]
    assert len(asked) >= 10
    for source in (Live(d.district_id()), Parquet(folder, d.district_id())):
        for by in (By.TOTAL, By.UNIT):
            table = evaluate(source, asked, by, [period], as_of=as_of)
            for code, groups in theirs.items():
                ours = {
                    group: [cell.numerator, cell.denominator, cell.unanswered]
                    for (name, group, _), cell in table.cells.items()
                    if name == code
                }
                wanted = {g: n for g, n in groups.items() if any(n) and (by is By.UNIT or not g)}
                if by is By.UNIT:
                    wanted.pop("", None)  # there the empty group is the whole district, here what has no unit yet
                    ours.pop("", None)
                assert ours == wanted, (code, by, as_of)
