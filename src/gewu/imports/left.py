"""The rows of a run that were left out: codes in the open, cells and reasons under the key of the run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from gewu.imports.intake import Taken
from gewu.imports.problems import Problem, problem_of

if TYPE_CHECKING:
    from gewu.imports.runs import Run


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that was left out, with its cells as they stood."""

    row: int
    problems: tuple[Problem, ...]
    cells: tuple[str, ...]


def faults(run: Run, limit: int | None = None) -> list[Fault]:
    """The rows that were left out, in order. Raises ``BadFile`` when they were removed."""
    cipher = run.cipher()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_no, sealed FROM imports_fault WHERE district_id = %s AND run_id = %s ORDER BY row_no"
            + (f" LIMIT {int(limit)}" if limit else ""),
            [run.district_id, run.id],
        )
        found = []
        for row, sealed in cursor.fetchall():
            kept = json.loads(cipher.open_bytes(bytes(sealed)))
            found.append(Fault(row, tuple(problem_of(one) for one in kept["problems"]), tuple(kept["cells"])))
        return found


def forget(run: Run, rows: Sequence[int] | None = None) -> None:
    """Remove them, or only these rows."""
    which = "" if rows is None else " AND row_no = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM imports_fault WHERE district_id = %s AND run_id = %s{which}",
            [run.district_id, run.id, *([] if rows is None else [list(rows)])],
        )


def keep(run: Run, bad: Sequence[Taken]) -> None:
    """Write down rows that were left out, in the transaction of their batch."""
    if not bad:
        return
    cipher = run.cipher()
    rows = []
    for one in bad:
        kept = {"problems": [problem.as_json() for problem in one.problems], "cells": list(one.cells)}
        sealed = cipher.seal_bytes(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"))
        rows.append((run.district_id, run.id, one.row, [problem.code for problem in one.problems], sealed))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO imports_fault (district_id, run_id, row_no, codes, sealed) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (district_id, run_id, row_no) DO UPDATE SET codes = excluded.codes, sealed = excluded.sealed",
            rows,
        )
