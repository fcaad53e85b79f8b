"""Sheets as other platforms send them, good and bad."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from openpyxl import Workbook

from gewu.core.coordinates import wgs84_to_gcj02
from gewu.imports import runs, worker
from gewu.imports.mapping import Platform, platform
from gewu.imports.runs import Run
from support.district import POINT, acting, district_id, post

HEADER = (
    "工单编号",
    "诉求内容",
    "受理时间",
    "办理时限",
    "问题分类",
    "事发地址",
    "经度",
    "纬度",
    "来电人",
    "联系电话",
    "是否紧急",
)
LON, LAT = wgs84_to_gcj02(*POINT)
CODE = "hotline12345"


def hotline() -> Platform:
    found = platform(CODE)
    assert found is not None
    return found


def number(n: int) -> str:
    return f"WZ20261120{n:06d}"


def row(n: int, **other: Any) -> list[Any]:
    """A good row of the hotline; ``other`` replaces cells by their column."""
    cells = {
        "工单编号": number(n), "诉求内容": f"路口有大片油污，行人易滑倒（第 {n} 件）",
        "受理时间": "2026-11-20 09:30:00",
        "办理时限": "2026-11-27 18:00", "问题分类": "噪音扰民" if n % 2 else "06012", "事发地址": "高笋塘广场东侧",
        "经度": round(LON + n % 50 * 1e-6, 6), "纬度": round(LAT, 6), "来电人": "王某", "联系电话": "13800000000",
        "是否紧急": "否",
    }  # fmt: skip
    return list({**cells, **other}.values())


def book(rows: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook with a title above the header, as exports have it; ``change`` gets its sheet before it is saved."""
    made = Workbook()
    sheet = made.active
    sheet.title = "工单"
    for one in (["12345热线工单导出"], HEADER, *rows):
        sheet.append(list(one))
    sheet.merge_cells("A1:K1")
    if change:
        change(sheet)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def text(rows: Sequence[Sequence[Any]], encoding: str = "utf-8", separator: str = ",") -> bytes:
    """The same as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([HEADER, *rows])
    return out.getvalue().encode(encoding)


def send(data: bytes, name: str = "工单.xlsx", chart: Platform | None = None) -> UUID:
    """Upload a file in the name of the first intake officer of the district."""
    who = post("intake_officer", covering="500101")
    return runs.upload(
        district_id(), chart or hotline(), name, data, person=str(who.person), post=who.code, language="zh-hans"
    )


def found(run_id: UUID) -> Run:
    run = runs.get(district_id(), run_id)
    assert run is not None
    return run


def looked(data: bytes, name: str = "工单.xlsx", chart: Platform | None = None) -> Run:
    """Upload a file and have it looked through."""
    run_id = send(data, name, chart)
    assert worker.step("test")
    return found(run_id)


def imported(data: bytes, name: str = "工单.xlsx", **choices: str) -> Run:
    """Upload a file, have it looked through, confirm and carry it out."""
    run = looked(data, name)
    assert run.status == runs.CHECKED, run.problem
    assert runs.confirm(run, choices, "zh-hans")
    assert worker.step("test")
    return found(run.id)


def now() -> datetime:
    return datetime.now(UTC)


def clerk() -> Any:
    return acting("intake_officer")
