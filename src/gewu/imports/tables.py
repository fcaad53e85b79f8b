"""Sheets that leave: reports of bad rows and replies, as XLSX or CSV. No cell of them is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from gewu.imports.left import faults
from gewu.imports.problems import FaultText, text
from gewu.imports.runs import Run

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST = 32_767


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """CSV that spreadsheet programs open right: with a byte order mark, and formulas disarmed by an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_disarmed(cell) for cell in header])
    for row in rows:
        writer.writerow([_disarmed(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig", "replace")


def _disarmed(cell: str) -> str:
    # A number such as -5 or +86 023 is no danger, and an apostrophe would spoil it.
    if cell.startswith(_STARTS) and not re.fullmatch(r"[+-]?[\d .,-]+", cell):
        return f"'{cell}"
    return cell


def xlsx_bytes(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook of one sheet in which every cell is text."""
    out = io.BytesIO()
    write_xlsx(out, title, header, rows)
    return out.getvalue()


def write_xlsx(target: IO[bytes], title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The same into a file, row by row: what it takes of memory does not grow with the rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "1")
    sheet.freeze_panes = "A2"
    for number in range(1, len(header) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 22
    try:
        sheet.append([_cell(sheet, label, bold=True) for label in header])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    except BaseException:
        # What was written so far stands in a file beside, which nobody else would remove before the process ends.
        sheet.close()
        sheet._writer.cleanup()  # noqa: SLF001
        raise
    book.save(target)


def _cell(sheet: Any, value: str, *, bold: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, _ILLEGAL.sub("", value)[:LONGEST])
    cell.data_type = "s"  # also where the text begins like a formula
    cell.number_format = "@"
    cell.alignment = Alignment(vertical="top", wrap_text=bold)
    if bold:
        cell.font = Font(bold=True)
    if value.startswith(_STARTS):
        cell.quotePrefix = True  # so that editing it does not make it one either
    return cell


def fault_table(run: Run, language: str, fault_text: FaultText | None = None) -> tuple[list[str], list[list[str]]]:
    """The rows that were left out, as they stood, each with its row number and why. Mended, they can be sent again."""
    chinese = language.lower().startswith("zh")
    header = [*run.preview.get("header", []), *(("行号", "原因") if chinese else ("Row", "Reason"))]
    width = len(header) - 2
    rows = []
    for one in faults(run):
        cells = [*one.cells[:width], *[""] * (width - len(one.cells))]
        reasons = ("；" if chinese else "; ").join(text(problem, language, fault_text) for problem in one.problems)
        rows.append([*cells, str(one.row), reasons])
    return header, rows
