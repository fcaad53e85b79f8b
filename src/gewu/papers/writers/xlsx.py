"""Papers as XLSX: a sheet for every table, with real numbers, a frozen head, and pages set up for A4.

Text is always written as text: what begins like a formula keeps its first character and is never computed, neither
when the sheet is opened nor when somebody edits the cell (`quotePrefix`).
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, time

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from gewu.papers import model as m
from gewu.papers.words import _, speaking
from gewu.papers.writers.common import page_words, settled

_FORMULA = ("=", "+", "-", "@", "\t", "\n", "\r")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_LONGEST_TEXT = 32_767
_FIRST_HEAD = 3
_CHARS_ON_A4 = {False: 92, True: 138}
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def write(paper: m.Paper) -> bytes:
    """The paper as XLSX. Equal papers give equal bytes."""
    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    for style in _styles():
        book.add_named_style(style)
    used: set[str] = set()
    for table in paper.tables:
        sheet = book.create_sheet(_name(table.name, used))
        _table(sheet, paper, table)
        _page(sheet, paper)
    with speaking(paper.language):
        title = _("Notes")
    if _has_words(paper) or not paper.tables:
        _words(book.create_sheet(_name(title, used)), paper)
    day = datetime.combine(paper.day, time())
    properties = book.properties
    properties.title, properties.creator = m.clean(paper.title), m.clean(paper.office) or "Gewu"
    properties.lastModifiedBy, properties.language = properties.creator, "zh-CN" if paper.chinese else "en-GB"
    properties.created = properties.modified = day
    out = io.BytesIO()
    book.save(out)
    stamp = datetime.combine(paper.day, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()

    def finish(name: str, content: bytes) -> bytes:
        # The library writes the moment of saving, whatever was set.
        return _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content) if name == "docProps/core.xml" else content

    return settled(out.getvalue(), paper.day, finish)


def _middle(horizontal: str) -> Alignment:
    return Alignment(horizontal=horizontal, vertical="center", wrap_text=True)


def _styles() -> list[NamedStyle]:
    thin = Side(style="thin", color="000000")
    lines = Border(left=thin, right=thin, top=thin, bottom=thin)
    return [
        NamedStyle("gewu-title", font=Font(bold=True, size=14), alignment=_middle("center")),
        NamedStyle("gewu-line", font=Font(size=10), alignment=Alignment(vertical="center")),
        NamedStyle(
            "gewu-head",
            font=Font(bold=True, size=10),
            fill=PatternFill("solid", fgColor="F0F0F0"),
            border=lines,
            alignment=_middle("center"),
        ),
        *(
            NamedStyle(
                f"gewu-{align.value}{'-link' if link else ''}",
                font=Font(size=10, underline="single" if link else None),
                border=lines,
                alignment=_middle(align.value),
            )
            for align in m.Align
            for link in (False, True)
        ),
        NamedStyle("gewu-note", font=Font(size=10), alignment=Alignment(vertical="top", wrap_text=True)),
    ]


def _table(sheet: Worksheet, paper: m.Paper, table: m.Table) -> None:
    last = len(table.columns)
    title = f"{paper.title} {table.caption}".strip() if table.caption else paper.title
    _text(sheet.cell(1, 1), title, "gewu-title")
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
    sheet.row_dimensions[1].height = 36
    _text(sheet.cell(2, 1), "　".join(filter(None, (paper.office, paper.number, paper.date_line))), "gewu-line")
    head = _heads(sheet, table)
    for number, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.chars or _chars(paper, table, column)
    at = head
    for at, row in enumerate(table.rows, head + 1):
        for number, (cell, column) in enumerate(zip(row, table.columns, strict=True), 1):
            _fill(sheet.cell(at, number), cell, column.align)
    for line, words in enumerate(filter(None, (table.note, paper.standing)), at + 2):
        _text(sheet.cell(line, 1), words, "gewu-line")
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{_FIRST_HEAD}:{head}"
    if table.rows:
        sheet.auto_filter.ref = f"A{head}:{get_column_letter(last)}{at}"


def _heads(sheet: Worksheet, table: m.Table) -> int:
    """Write titles, and groups above them; returns the row of the titles."""
    row = _FIRST_HEAD + bool(table.groups)
    for number, column in enumerate(table.columns, 1):
        _text(sheet.cell(row, number), column.title, "gewu-head")
    at = 1
    for words, span in table.groups:
        _text(sheet.cell(_FIRST_HEAD, at), words, "gewu-head")
        if span > 1:
            sheet.merge_cells(start_row=_FIRST_HEAD, start_column=at, end_row=_FIRST_HEAD, end_column=at + span - 1)
        at += span
    return row


def _chars(paper: m.Paper, table: m.Table, column: m.Column) -> float:
    whole = sum(c.width for c in table.columns)
    return max(8.0, round(_CHARS_ON_A4[paper.landscape] * column.width / whole, 1))


def _fill(target: SheetCell | MergedCell, cell: m.Cell, align: m.Align) -> None:
    style = f"gewu-{align.value}{'-link' if cell.link else ''}"
    assert isinstance(target, SheetCell)
    if cell.value is None:
        _text(target, cell.text, style)
    else:
        target.value = cell.value
        target.style = style
        target.number_format = cell.form
    if cell.link:
        target.hyperlink = cell.link


def _text(target: SheetCell | MergedCell, text: str, style: str) -> None:
    text = m.clean(text)[:_LONGEST_TEXT]
    assert isinstance(target, SheetCell)
    target.value = text
    target.data_type = "s"  # also what begins with "=" and what is written like an error
    target.style = style
    if text.startswith(_FORMULA):
        target.quotePrefix = True


def _page(sheet: Worksheet, paper: m.Paper) -> None:
    """A4, as wide as the page, as many pages long as it needs, with page x of y."""
    setup = sheet.page_setup
    setup.paperSize = 9  # A4 in the numbers of the format
    setup.orientation = "landscape" if paper.landscape else "portrait"
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    before, between, after = page_words(paper)
    footer = sheet.oddFooter
    assert footer is not None
    footer.center.text = f"{before}&P{between}&N{after}"
    margins = sheet.page_margins
    margins.left = margins.right = 0.6
    margins.top = margins.bottom = 0.75


def _has_words(paper: m.Paper) -> bool:
    return any(isinstance(block, m.Paragraph | m.Facts | m.Box) for block in paper.blocks)


def _words(sheet: Worksheet, paper: m.Paper) -> None:
    """What stands between the tables: paragraphs one below the other, facts as pairs."""
    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = 70
    _text(sheet.cell(1, 1), paper.title, "gewu-title")
    sheet.merge_cells("A1:B1")
    at = 2
    for block in paper.blocks:
        match block:
            case m.Paragraph():
                _text(sheet.cell(at, 1), "".join(run.text for run in block.runs), "gewu-note")
                sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=2)
                length = sum(len(run.text) for run in block.runs)
                sheet.row_dimensions[at].height = 15 * (1 + length // (44 if paper.chinese else 88))
                at += 1
            case m.Heading():
                _text(sheet.cell(at, 1), block.text, "gewu-line")
                at += 1
            case m.Facts():
                for fact in block.facts:
                    _text(sheet.cell(at, 1), fact.label, "gewu-head")
                    _fill(sheet.cell(at, 2), fact.cell, m.Align.LEFT)
                    at += 1
            case m.Box() if block.text:
                _text(sheet.cell(at, 1), block.label, "gewu-head")
                _text(sheet.cell(at, 2), block.text, "gewu-note")
                at += 1
            case _:
                pass
    _page(sheet, paper)


def _name(wanted: str, used: set[str]) -> str:
    """A name that a sheet may have, and that no other has."""
    base = _NOT_IN_NAMES.sub(" ", m.clean(wanted)).strip()[:_LONGEST_NAME] or "1"
    name, n = base, 1
    while name.casefold() in used:
        n += 1
        name = f"{base[: _LONGEST_NAME - 1 - len(str(n))]} {n}"
    used.add(name.casefold())
    return name
