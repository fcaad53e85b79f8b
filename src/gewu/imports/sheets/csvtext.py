"""CSV: the encoding and the separator are found out, and every cell is text, whatever it begins with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from gewu.imports.mapping import Platform
from gewu.imports.problems import BadFile, Problem
from gewu.imports.sheets.table import (
    HEADER_WITHIN,
    MAX_COLUMNS,
    Cell,
    Header,
    Sheet,
    cell_of,
    find_header,
    rows_of,
    unused,
    values,
)

_SEPARATORS = (",", "\t", ";", "|")


def read_csv(data: bytes, platform: Platform) -> Sheet:
    """A sheet from CSV. Raises ``BadFile``."""
    text, encoding = _decoded(data)
    best: tuple[int, str, Header] | None = None
    failed: BadFile | None = None
    for separator in _SEPARATORS:
        try:
            header = find_header(_first(text, separator), platform)
        except BadFile as error:
            if failed is None or separator == ",":
                failed = error
            continue
        if best is None or len(header.columns) > best[0]:
            best = len(header.columns), separator, header
    if best is None:
        raise failed or BadFile("empty")
    _, separator, header = best
    if len(header.labels) > MAX_COLUMNS:
        raise BadFile("too_many_columns", columns=MAX_COLUMNS)
    notes = [] if encoding.startswith("utf-8") else [Problem("read_as", "", {"encoding": encoding})]
    rows = rows_of(_below(text, separator, header.row), len(header.labels))
    return Sheet(header.labels, header.row, header.columns, rows, (), [*notes, *unused(header)])


def _decoded(data: bytes) -> tuple[str, str]:
    """The text, and in what it was written. GB18030 reads nearly any bytes, so UTF-8 is tried first."""
    if not data.strip(b"\x00 \t\r\n"):
        raise BadFile("empty")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise BadFile("encoding", at=error.start) from error
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as first:
        try:
            return data.decode("gb18030"), "GB18030"
        except UnicodeDecodeError as error:
            raise BadFile("encoding", at=max(first.start, error.start)) from error


def _first(text: str, separator: str) -> list[tuple[int, list[str]]]:
    found = []
    for number, cells, fault in _records(text, separator):
        if number > HEADER_WITHIN:
            break
        if fault is None and any(cells):
            found.append((number, values(cells)))
    return found


def _below(text: str, separator: str, header_row: int) -> Iterator[tuple[int, list[Cell], Problem | None]]:
    for number, cells, fault in _records(text, separator):
        if number > header_row:
            yield number, [cell_of(cell) for cell in cells], fault


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str], Problem | None]]:
    """Records with the number of their row. One that is no valid CSV is told and left out; reading goes on after it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            yield number, [], Problem("broken", "", {"reason": str(error)})
