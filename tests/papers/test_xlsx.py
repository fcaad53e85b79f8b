"""XLSX: numbers are numbers, texts are never formulas, and it prints on A4."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from openpyxl import Workbook, load_workbook

from gewu.papers import model as m
from gewu.papers.writers import xlsx as writer
from papers.conftest import EVIL, paper, table


def opened(made: m.Paper) -> Workbook:
    return load_workbook(io.BytesIO(writer.write(made)))


def test_numbers_are_numbers_and_open_their_cases() -> None:
    sheet = opened(paper(table()))["街道"]
    assert [cell.value for cell in sheet[3]] == ["街道", "立案", "结案率"]
    count, rate = sheet["B4"], sheet["C4"]
    assert (count.value, count.data_type, count.number_format) == (120, "n", "0")
    assert (rate.value, rate.number_format) == (pytest.approx(0.825), "0.0%")
    assert count.hyperlink is not None
    assert count.hyperlink.target == "https://gewu.example/desk/x?n=0"


def test_texts_are_never_formulas(evil: m.Paper) -> None:
    data = writer.write(evil)
    book = load_workbook(io.BytesIO(data))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in found if cell.data_type == "f"]
    said = {str(cell.value) for cell in found}
    for text in EVIL:
        assert text in said
    assert all(cell.quotePrefix for cell in found if str(cell.value).startswith(("=", "+", "-", "@")))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)


def test_errors_and_control_characters_are_texts_too() -> None:
    rows = [(m.Cell("#REF!"), m.Cell("\x0b甲\x00"), m.Cell("_x0041_"))]
    sheet = opened(paper(replace(table(), rows=rows)))["街道"]
    assert (sheet["A4"].value, sheet["A4"].data_type) == ("#REF!", "s")
    assert sheet["B4"].value == "甲"


def test_the_head_stays_in_sight_and_on_every_page() -> None:
    sheet = opened(paper(table(10)))["街道"]
    assert sheet.freeze_panes == "A4"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter.center.text == "第&P页　共&N页"
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width >= 8
    assert sheet.auto_filter.ref == "A3:C13"
    grouped = opened(paper(table(2, groups=(("", 1), ("案件", 2)))))["街道"]
    assert grouped.freeze_panes == "A5"
    assert (grouped["B3"].value, grouped["B4"].value) == ("案件", "立案")


def test_every_table_has_a_sheet_with_a_name_that_sheets_may_have() -> None:
    names = ["街道", "街道", "a/b:c*d?e[f]g\\h", "长" * 40, ""]
    book = opened(paper(*(replace(table(), name=name) for name in names)))
    assert len(set(book.sheetnames)) == len(names)
    assert all(0 < len(name) <= 31 for name in book.sheetnames)
    assert book.sheetnames[:2] == ["街道", "街道 2"]


def test_what_is_said_between_the_tables_has_a_sheet_of_its_own() -> None:
    book = opened(paper())
    assert book.sheetnames == ["街道", "说明"]
    said = [cell.value for row in book["说明"].iter_rows() for cell in row if cell.value]
    assert "全区立案 1234 件。" in said
    assert {"编号", "A-1", "处理意见", "第一行\n第二行"} <= set(said)


def test_equal_papers_give_equal_bytes() -> None:
    assert writer.write(paper()) == writer.write(paper())
    properties = opened(paper()).properties
    assert (properties.created.date(), properties.modified.date()) == (paper().day, paper().day)


def test_five_thousand_rows_are_five_thousand_rows() -> None:
    sheet = opened(paper(table(5000)))["街道"]
    assert sheet.max_row == 5003 + 2  # what the figures are as of
    assert sheet["B5003"].value == 5119
