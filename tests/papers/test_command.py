"""`gewu paper` writes files, and says why when it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from docx import Document
from openpyxl import load_workbook

from gewu.surfaces.cli import main
from office.conftest import Trail
from support.district import Walk


def gewu(*arguments: Any) -> Result:
    return CliRunner().invoke(main, ["paper", *(str(a) for a in arguments)])


def test_papers_are_written_where_they_are_wanted(db: object, trail: Trail, tmp_path: Path) -> None:
    walk = Walk().handling()
    trail.order()
    made = gewu("case", walk.number, "--district", "500101", "--format", "docx", "-o", tmp_path, "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.output)
    assert Path(told["file"]) == tmp_path / f"案卷 {walk.number}.docx"
    said = "\n".join(c.text for t in Document(told["file"]).tables for row in t.rows for c in row.cells)
    assert "13800000000" not in said
    assert "138****0000" in said
    target = tmp_path / "list.xlsx"
    assert gewu("dispatch", "--district", "500101", "--format", "xlsx", "--language", "en", "-o", target).exit_code == 0
    assert walk.number in {cell.value for row in load_workbook(target).worksheets[0].iter_rows() for cell in row}
    target = tmp_path / "order.docx"
    assert gewu("order", trail.number, "--district", "500101", "--format", "docx", "-o", target).exit_code == 0
    month = ("bulletin", "--month", "2026-10", "--district", "500101", "--publication")
    target = tmp_path / "bulletin.docx"
    assert gewu(*month, "--format", "docx", "-o", target).exit_code == 0
    assert "关于2026年10月" in "\n".join(p.text for p in Document(str(target)).paragraphs)


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("case", "1234", "--district", "500101"), 1, "there is no case 1234"),
        (("case", "1234", "--district", "999999"), 2, "there is no district 999999"),
        (("dispatch", "--unit", "nobody", "--district", "500101"), 1, "there is no unit nobody"),
        (("order", "x", "--district", "500101"), 1, "there is no follow-up order x"),
        (("bulletin", "--month", "2099-01", "--district", "500101"), 1, "has not begun"),
        (("bulletin", "--month", "never", "--district", "500101"), 2, "is not a month"),
        (("case", "1", "--district", "500101", "--format", "xlsx"), 2, "xlsx"),
    ],
)
def test_what_cannot_be_made_is_said(db: object, arguments: tuple[str, ...], code: int, reason: str) -> None:
    done = gewu(*arguments)
    assert done.exit_code == code
    assert reason in done.output + done.stderr


def test_a_file_that_cannot_be_written_is_the_environments_fault(db: object, tmp_path: Path) -> None:
    missing = tmp_path / "no" / "such" / "folder.docx"
    done = gewu("dispatch", "--district", "500101", "--format", "docx", "-o", missing)
    assert done.exit_code == 3
    assert "cannot be written" in done.output + done.stderr
