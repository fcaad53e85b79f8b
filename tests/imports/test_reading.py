"""Sheets as they come: encodings, separators, dates, numbers that a spreadsheet spoiled, and files made to harm."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from gewu.imports import mapping
from gewu.imports.mapping import BadMapping, read_platform
from gewu.imports.problems import BadFile, text
from gewu.imports.sheets import MAX_BYTES, RawRow, Sheet, open_sheet, workbook
from gewu.imports.tables import csv_bytes, xlsx_bytes
from imports import sheets

ROW = sheets.row(1)


def _read(data: bytes) -> tuple[Sheet, list[RawRow]]:
    sheet = open_sheet(data, sheets.hotline())
    return sheet, list(sheet.rows)


def _cell(sheet: Sheet, row: RawRow, field: str) -> Any:
    return row.cells[sheet.columns[field][0]]


def _refused(data: bytes) -> str:
    with pytest.raises(BadFile) as caught:
        _read(data)
    said = text(caught.value.problem, "en")
    assert said
    assert text(caught.value.problem, "zh-hans") != said
    return caught.value.problem.code


def _repacked(data: bytes, **changes: bytes) -> bytes:
    """A workbook with parts replaced or added."""
    out = io.BytesIO()
    named = {name.replace("__", "/"): content for name, content in changes.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in named:
                new.writestr(part.filename, old.read(part.filename))
        for name, content in named.items():
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_in_any_usual_encoding_with_any_usual_separator(encoding: str, separator: str) -> None:
    spoken = sheets.row(1, 诉求内容='他说"路面，坏了"；\n请尽快,处理', 事发地址="=1+1")
    sheet, rows = _read(sheets.text([spoken, ROW], encoding, separator))
    assert len(rows) == 2
    assert _cell(sheet, rows[0], "description").text == '他说"路面，坏了"；\n请尽快,处理'
    assert _cell(sheet, rows[0], "address").text == "=1+1"
    assert [row.number for row in rows] == [2, 3]


def test_cells_that_begin_like_formulas_are_text_in_csv_and_disarmed_on_the_way_out() -> None:
    cells = ["=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "+86 023-58123456"]
    data = csv_bytes(["a"] * 5, [cells])
    assert b"\r\n'=HYPERLINK(1),'+1+cmd|' /C calc'!A0,'@SUM(A1),'-2+3,+86 023-58123456" in data
    sheet, rows = _read(sheets.text([sheets.row(1, 诉求内容="'=HYPERLINK(1)")]))
    assert _cell(sheet, rows[0], "description").text == "=HYPERLINK(1)"
    book = load_workbook(io.BytesIO(xlsx_bytes("x", ["a"] * 5, [cells])))
    assert [(cell.data_type, cell.value) for cell in book.active[2]] == [("s", value) for value in cells]
    assert all(cell.quotePrefix for cell in book.active[2])


def test_a_broken_record_is_told_and_the_others_are_read() -> None:
    data = sheets.text([ROW, sheets.row(2), sheets.row(3)]).replace(sheets.number(2).encode(), b'"ab"c')
    _, rows = _read(data)
    assert [row.fault.code if row.fault else "" for row in rows] == ["", "broken", ""]
    wide = sheets.text([ROW, [*sheets.row(2), "", "zu viel"]])
    assert [row.fault.code if row.fault else "" for row in _read(wide)[1]] == ["", "too_many_cells"]
    nul = sheets.text([sheets.row(1, 诉求内容="a\0b")])
    sheet, rows = _read(nul)
    assert rows[0].fault or _cell(sheet, rows[0], "description").fault == "control"


def test_numbers_that_a_spreadsheet_spoiled_are_refused_not_guessed() -> None:
    def spoil(sheet: Any) -> None:
        sheet["A3"] = 5001012026112200001  # kept as a number, so its end is lost in any spreadsheet
        sheet["J3"] = 13800000000
        sheet["A4"] = "5.00101E+18"
        sheet["A5"] = "0012026112200001"
        sheet["E5"] = 6012
        sheet["E5"].number_format = "00000"
        sheet["G5"] = "108.4\u3000"

    sheet, rows = _read(sheets.book([sheets.row(n) for n in range(1, 4)], spoil))
    assert _cell(sheet, rows[0], "number").fault == "mangled"
    assert _cell(sheet, rows[0], "reporter_phone").text == "13800000000"
    assert _cell(sheet, rows[1], "number").fault == "mangled"
    assert _cell(sheet, rows[2], "number").text == "0012026112200001"
    assert _cell(sheet, rows[2], "category").text == "06012"
    assert _cell(sheet, rows[2], "longitude").text == "108.4"
    csv_sheet, csv_rows = _read(sheets.text([sheets.row(1, 工单编号="1.23E+18")]))
    assert _cell(csv_sheet, csv_rows[0], "number").fault == "mangled"


def test_dates_are_read_as_dates_and_hidden_things_are_told() -> None:
    def change(sheet: Any) -> None:
        sheet["C3"] = datetime.fromisoformat("2026-11-20 09:30")
        sheet.row_dimensions[4].hidden = True
        sheet.parent.create_sheet("说明").append(["填写说明"])
        sheet.parent.create_sheet("旧数据").sheet_state = "hidden"
        sheet["L2"] = "备注"

    sheet, rows = _read(sheets.book([ROW, sheets.row(2)], change))
    assert _cell(sheet, rows[0], "received").at == datetime.fromisoformat("2026-11-20 09:30")
    assert len(rows) == 2
    assert {note.code for note in sheet.notes} == {"hidden_rows", "hidden_sheets", "other_sheets", "unknown_columns"}


def test_merged_cells_count_where_they_touch_a_used_column() -> None:
    def change(sheet: Any) -> None:
        sheet.merge_cells("B3:B4")
        sheet.merge_cells("M5:M6")

    sheet, _ = _read(sheets.book([sheets.row(n) for n in range(1, 5)], change))
    assert [bool(sheet.merged(row)[1]) for row in (2, 3, 4, 5, 6)] == [False, True, True, False, False]


def test_formulas_are_seen_whatever_their_kind() -> None:
    from openpyxl.worksheet.formula import ArrayFormula

    def change(sheet: Any) -> None:
        sheet["B3"] = "=A3"
        sheet["F3"] = ArrayFormula("F3:F4", "=A3:A4")
        sheet["I3"] = "#N/A"

    sheet, rows = _read(sheets.book([ROW, sheets.row(2)], change))
    assert _cell(sheet, rows[0], "description").fault == "formula"
    assert _cell(sheet, rows[0], "address").fault == "formula"
    assert _cell(sheet, rows[0], "reporter_name").fault == "error_cell"


def test_a_bomb_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    good = sheets.book([ROW])
    packed = _repacked(good, **{"xl__media__big.bin": b"\0" * (40 * 1024 * 1024)})
    assert len(packed) < 100_000
    assert _refused(packed) == "bomb"
    monkeypatch.setattr(workbook, "MAX_PARTS", 5)
    assert _refused(good) == "bomb"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_document_types_and_entities_are_not_read(part: str) -> None:
    good = sheets.book([ROW])
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        content = archive.read(part).removeprefix(b"<?xml version='1.0' encoding='UTF-8'?>")
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    assert _refused(_repacked(good, **{part.replace("/", "__"): laughs + content})) == "unsafe_xml"


def test_macros_old_files_and_no_sheets_are_refused_with_what_to_do() -> None:
    good = sheets.book([ROW])
    assert _refused(_repacked(good, **{"xl__vbaProject.bin": b"x"})) == "macros"
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        types = archive.read("[Content_Types].xml")
    macro = types.replace(b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")
    assert _refused(_repacked(good, **{"[Content_Types].xml": macro})) == "macros"
    assert _refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "old_format"
    assert _refused(b"%PDF-1.7") == "not_a_sheet"
    assert _refused(good[:2000]) == "damaged"
    assert _refused(b" " * 10) == "empty"
    assert _refused(b"a" * (MAX_BYTES + 1)) == "too_large"
    assert _refused(b"\x81\x20\xff\xff,\x80") == "encoding"
    assert _refused("姓名,年龄\n甲,1\n".encode()) == "no_header"
    assert _refused("工单编号,工单编号,诉求内容\na,b,c\n".encode()) == "doubled_column"


def test_sheets_without_bounds_are_refused() -> None:
    def far(sheet: Any) -> None:
        sheet["A900000"] = "x"

    assert _refused(sheets.book([ROW], far)) == "too_many_rows"
    wide = Workbook()
    wide.active.append([*sheets.HEADER, *[f"c{n}" for n in range(300)]])
    out = io.BytesIO()
    wide.save(out)
    assert _refused(out.getvalue()) == "too_many_columns"


def test_a_bad_mapping_is_refused_with_file_and_line(tmp_path: Any) -> None:
    good = (mapping.SHIPPED / f"{sheets.CODE}.yaml").read_text(encoding="utf-8")
    path = tmp_path / f"{sheets.CODE}.yaml"
    bad = good.replace("datum: gcj02", "datum: mars").replace("噪音扰民: matter:06028", "噪音扰民: noise")
    path.write_text(bad, encoding="utf-8")
    with pytest.raises(BadMapping) as caught:
        read_platform(path)
    assert any(f"{path.name}:" in str(one) and "datum" in one.reason for one in caught.value.problems)
    path.write_text(good.replace("噪音扰民: matter:06028", "噪音扰民: noise"), encoding="utf-8")
    with pytest.raises(BadMapping) as caught:
        read_platform(path)
    line = next(n for n, one in enumerate(good.splitlines(), start=1) if "噪音扰民: matter:06028" in one)
    assert [(one.line, one.file) for one in caught.value.problems] == [(line, path.name)]


def test_every_shipped_mapping_holds() -> None:
    found = [read_platform(path).code for path in sorted(mapping.SHIPPED.glob("*.yaml"))]
    assert found == ["city_platform", "hotline12345", "platform141"]


def test_whatever_is_done_to_a_file_ends_in_rows_or_in_a_reason() -> None:
    chance = random.Random(20261122)
    good = sheets.book([sheets.row(n) for n in range(1, 4)])
    plain = sheets.text([sheets.row(n) for n in range(1, 4)])
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    outcomes = set()
    for turn in range(240):
        if turn % 3 == 0:
            data = _scratched(good, chance)
        elif turn % 3 == 1:
            data = _scratched(plain, chance)
        else:
            name = chance.choice(sorted(parts))  # sound as an archive, spoiled inside
            data = _repacked(good, **{name.replace("/", "__"): _scratched(parts[name], chance)})
        try:
            outcomes.add(len(_read(data)[1]) >= 0)
        except BadFile as error:
            outcomes.add(error.problem.code)
    assert {True, "damaged"} <= outcomes


def _scratched(data: bytes, chance: random.Random) -> bytes:
    """Bytes with some of them changed, left out or doubled."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(found))
        match chance.randrange(4):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                del found[at : at + chance.randint(1, 40)]
            case 2:
                found[at:at] = found[at : at + chance.randint(1, 40)]
            case _:
                found[at : at + 1] = b'<"&\x00,\n=1E9'[chance.randrange(10) :]
        if not found:
            return b"x"
    return bytes(found)


def test_names_without_end_cost_no_time() -> None:
    header = ",".join(["工单编号", "诉求内容", *["(" * 30_000] * 50])
    _, rows = _read(f"{header}\n{sheets.number(1)},x\n".encode())
    assert len(rows) == 1
    assert sheets.hotline().field_of("(" * 200_000) == ""
