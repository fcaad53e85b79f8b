"""XLSX workbooks: looked at as an archive first, then read without evaluating, unpacking or fetching anything.

Before the cells are read, every XML part is streamed once through a parser that refuses document types and entities;
that pass also finds what a reader of cells does not show: merged ranges, hidden rows, how far the content reaches.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import openpyxl
from defusedxml import sax
from defusedxml.common import DefusedXmlException
from openpyxl.utils.cell import column_index_from_string, range_boundaries

from gewu.imports.mapping import Platform
from gewu.imports.problems import BadFile, Problem
from gewu.imports.sheets.table import (
    EMPTY,
    HEADER_WITHIN,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Sheet,
    cell_of,
    find_header,
    rows_of,
    unused,
)

MAX_UNPACKED = 120 * 1024 * 1024
MAX_RATIO = 250
"""How much smaller a part may be packed than unpacked; sheets of repeated words reach 60."""

RATIO_FROM = 1024 * 1024
MAX_PARTS = 2_000
MAX_MERGES = 5_000
LONGEST_NUMBER = 1e15
"""A spreadsheet keeps 15 digits of a number: what is longer has lost its end."""

_UNREADABLE = (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError)
"""What the archive's own reader makes of parts that are no archive's."""

_ZEROS = re.compile(r"0+")


@dataclass(slots=True)
class _Seen:
    """What the first pass over a sheet found."""

    last_row: int = 0
    last_column: int = 0
    hidden_rows: int = 0
    merges: list[tuple[int, int, int, int, str]] = field(default_factory=list)


class _Look(ContentHandler):
    """Streams a sheet: content, hidden rows, merged ranges. Nothing is kept of the cells themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = _Seen()
        self._row = 0
        self._hidden = False
        self._counted = False
        self._column = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the parser calls it so
        match name.rpartition(":")[2]:
            case "row":
                given = str(attrs.get("r", ""))
                self._row = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else self._row + 1
                self._hidden, self._counted, self._column = attrs.get("hidden") in ("1", "true"), False, 0
            case "c":
                letters = re.match(r"[A-Z]{1,3}", str(attrs.get("r", "")))
                self._column = column_index_from_string(letters[0]) if letters else self._column + 1
            case "v" | "is" | "f":
                self.seen.last_row = max(self.seen.last_row, self._row)
                self.seen.last_column = max(self.seen.last_column, self._column)
                if self._hidden and not self._counted:
                    self.seen.hidden_rows += 1
                    self._counted = True
            case "mergeCell":
                self._merge(str(attrs.get("ref", "")))

    def _merge(self, ref: str) -> None:
        if len(self.seen.merges) >= MAX_MERGES:
            raise BadFile("too_many_merges")
        try:
            left, top, right, bottom = range_boundaries(ref)
        except (ValueError, TypeError):
            return
        if left is None or top is None or right is None or bottom is None:
            return
        self.seen.merges.append((int(top), int(bottom), int(left) - 1, int(right) - 1, ref))


def read_workbook(data: bytes, platform: Platform) -> Sheet:
    """The first visible sheet that has the platform's columns. Raises ``BadFile``."""
    with _archive(data) as archive:
        _refuse_macros(archive)
        looked = _look_through(archive)
        external = any("externalLinks/" in name for name in archive.namelist())
    book = _opened(data)
    notes = [Problem("external_links")] if external else []
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    if hidden:
        notes.append(Problem("hidden_sheets", "", {"names": hidden[:20]}))
    failed: BadFile | None = None
    for sheet in visible:
        seen = looked.get(_part_of(sheet), _Seen())
        if not seen.last_row:
            continue
        if seen.last_column > MAX_COLUMNS:
            raise BadFile("too_many_columns", columns=MAX_COLUMNS)
        if seen.last_row > MAX_ROWS + HEADER_WITHIN:
            raise BadFile("too_many_rows", rows=MAX_ROWS)
        try:
            found = _sheet(sheet, seen, platform)
        except BadFile as error:
            failed = failed or error
            continue
        others = [one.title for one in visible if one is not sheet and looked.get(_part_of(one), _Seen()).last_row]
        if others:
            notes.append(Problem("other_sheets", "", {"names": others[:20]}))
        found.notes = [*notes, *found.notes]
        return found
    raise failed or BadFile("empty")


def _archive(data: bytes) -> zipfile.ZipFile:
    """The archive, if its parts are believable. What the directory says of sizes holds: no more than that is read."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except _UNREADABLE as error:
        raise BadFile("damaged") from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadFile("bomb")
    for part in parts:
        if part.flag_bits & 1:
            raise BadFile("old_format")
        if part.file_size > RATIO_FROM and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise BadFile("bomb")
    if "[Content_Types].xml" not in archive.namelist():
        raise BadFile("not_a_sheet")
    return archive


def _refuse_macros(archive: zipfile.ZipFile) -> None:
    try:
        types = archive.read("[Content_Types].xml").lower()
    except _UNREADABLE as error:
        raise BadFile("damaged") from error
    if b"macroenabled" in types or any(name.lower().endswith("vbaproject.bin") for name in archive.namelist()):
        raise BadFile("macros")
    if b"spreadsheetml" not in types and b"ms-excel" not in types:
        raise BadFile("not_a_sheet")


def _look_through(archive: zipfile.ZipFile) -> dict[str, _Seen]:
    """Stream every XML part once. Raises ``BadFile`` for document types, entities and parts that are no XML."""
    found: dict[str, _Seen] = {}
    for part in archive.infolist():
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        look = _Look()
        try:
            with archive.open(part) as stream:
                sax.parse(stream, look, forbid_dtd=True)
        except DefusedXmlException as error:
            raise BadFile("unsafe_xml") from error
        except BadFile:
            raise
        except Exception as error:  # whatever a broken part makes the parsers say, the file cannot be read
            raise BadFile("damaged") from error
        found[part.filename.lstrip("/")] = look.seen
    return found


def _opened(data: bytes) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # the library raises whatever its parts run into
        raise BadFile("damaged") from error


def _part_of(sheet: Any) -> str:
    return str(sheet._worksheet_path).lstrip("/")  # noqa: SLF001 - the only place where the library says it


def _sheet(sheet: Any, seen: _Seen, platform: Platform) -> Sheet:
    sheet.reset_dimensions()
    last_row, last_column = seen.last_row, seen.last_column
    top = [
        (number, [cell.text for cell in cells])
        for number, cells in _cells(sheet, 1, min(HEADER_WITHIN, last_row), last_column)
        if any(cell.text for cell in cells)
    ]
    header = find_header(top, platform)
    notes = [Problem("hidden_rows", "", {"n": seen.hidden_rows})] if seen.hidden_rows else []
    below = ((n, cells, None) for n, cells in _cells(sheet, header.row + 1, last_row, last_column))
    merges = [one for one in seen.merges if one[1] > header.row]
    return Sheet(
        header.labels, header.row, header.columns, rows_of(below, len(header.labels)), merges,
        [*notes, *unused(header)],
    )  # fmt: skip


def _cells(sheet: Any, first: int, last: int, width: int) -> Iterator[tuple[int, list[Cell]]]:
    """Rows of cells. Raises ``BadFile`` for what the library cannot read."""
    if first > last:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, row in enumerate(
                sheet.iter_rows(min_row=first, max_row=last, min_col=1, max_col=width), start=first
            ):
                yield number, [_cell(cell) for cell in row]
    except BadFile:
        raise
    except Exception as error:  # the library raises whatever its parts run into
        raise BadFile("damaged") from error


def _cell(cell: Any) -> Cell:
    """One cell as data. Formulas are seen and kept as the text they are; nothing is worked out."""
    value = cell.value
    if value is None:
        return EMPTY
    match cell.data_type:
        case "f":
            shown = value if isinstance(value, str) else f"={getattr(value, 'text', '') or ''}"
            return Cell(shown if shown.startswith("=") else f"={shown}", "formula")
        case "e":
            return Cell(str(value), "error_cell")
        case _:
            return _value(value, cell)


def _value(value: Any, cell: Any) -> Cell:
    match value:
        case bool():
            return Cell("TRUE" if value else "FALSE")
        case int() | float():
            return _number(value, cell)
        case datetime():
            return Cell(value.isoformat(" ", "seconds"), "", value)
        case date():
            return Cell(value.isoformat(), "", datetime.combine(value, time.min))
        case time() | timedelta():
            return Cell(str(value))
        case _:
            return cell_of(str(value))


def _number(value: float, cell: Any) -> Cell:
    if isinstance(value, float) and not math.isfinite(value):
        return Cell(str(value), "error_cell")
    if abs(value) >= LONGEST_NUMBER:
        return Cell(f"{value:.6G}", "mangled")
    text = str(int(value)) if float(value).is_integer() else repr(float(value))
    form = str(cell.number_format or "")
    if _ZEROS.fullmatch(form) and text.isdigit():
        text = text.zfill(len(form))  # a code that is shown with its zeros
    return Cell(text, "", None, float(value))
