"""Evaluation: twenty indicators for every unit over twelve months, against one plain scan of the same columns."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.house import House
from bench.measure import Result, in_turn

_MONTHS = 12
_INDICATORS = 20
_SCANNED = (
    "reported_at", "filed_at", "dispatched_at", "handled_at", "closed_at", "handle_due", "handle_done", "handle_late",
    "claim_due", "claim_done", "dispatch_due", "dispatch_done", "verify_due", "verify_done", "check_due", "check_done",
    "close_due", "close_done", "reworks", "returned",
)  # fmt: skip


def evaluation(house: House, size: int) -> Result:
    """Both engines run the same statement; the columnar one is what years of history are counted with."""
    from datetime import UTC, datetime

    import duckdb

    from gewu.evaluation.api import By, Live, Parquet, definitions, evaluate, months
    from gewu.evaluation.export import export

    known = definitions(house.district_id)
    asked = [*known.of("department"), *(i for i in known.of("area") if i not in known.of("department"))][:_INDICATORS]
    assert len(asked) == _INDICATORS, len(asked)
    now = datetime.now(UTC)
    periods = months("Asia/Shanghai", now.year, now.month, _MONTHS)
    as_of = int(now.timestamp())
    with tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder:
        target = Path(folder) / "export"
        begun = time.perf_counter()
        export([house.district_id], target)
        exported = time.perf_counter() - begun
        source = Parquet(target, house.district_id)
        first, last = periods[0].start, periods[-1].end
        sums = ", ".join(f"count({name}), sum({name})" for name in _SCANNED)
        plain = (
            f"SELECT lead_unit, (filed_at - {first}) // {(last - first) // _MONTHS}, count(*), {sums}"
            f" FROM read_parquet('{target}/facts.parquet')"
            f" WHERE district_id = {house.district_id} AND filed_at >= {first} AND filed_at < {last} GROUP BY ALL"
        )

        def columnar() -> None:
            evaluate(source, asked, By.UNIT, periods, as_of=as_of)

        def scan() -> None:
            duckdb.connect().execute(plain).fetchall()

        def live() -> None:
            evaluate(Live(house.district_id), asked, By.UNIT, periods, as_of=as_of)

        ours, limit, rows = in_turn(columnar, scan, live, repeats=5)
        table = evaluate(source, asked, By.UNIT, periods, as_of=as_of)
    units = len(table.groups())
    return Result(
        "evaluation", ours.median * 1000, "ms", limit.median * 1000, "one columnar scan of twenty of these columns",
        3.0, "low", cpu_ms=ours.median_cpu * 1000, statements=1, spread=ours.spread, size=size,
        more={"units": units, "months": _MONTHS, "indicators": len(asked), "postgresql_ms": rows.median * 1000,
              "export_s": exported},
    )  # fmt: skip
