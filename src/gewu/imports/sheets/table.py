"""A sheet as the importer sees it: a header that was found, and rows of cells that are data and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from gewu.core.forms import has_control
from gewu.imports.mapping import FIELDS, Platform, folded
from gewu.imports.problems import BadFile, Problem

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL = 32_767
"""What a cell of a spreadsheet can hold at most, in characters."""

HEADER_WITHIN = 20
OURS = frozenset({"row", "行号", "reason", "原因"})
"""Columns that the report of bad rows adds: a mended report can be sent as it is."""

_EDGES = " \t\r\n\u3000\u00a0\u200b\u200c\u200d\ufeff"
_SHORTENED = re.compile(r"[+-]?\d(\.\d+)?E\+?\d{2,}", re.IGNORECASE)


class Cell(NamedTuple):
    """What stands in a cell. ``fault`` is the code of what makes it unusable; ``at`` is set for a date cell.

    ``number`` is set for a numeric cell of a workbook (a date may be written as a day number).
    """

    text: str
    fault: str = ""
    at: datetime | None = None
    number: float | None = None


EMPTY = Cell("")


@dataclass(slots=True)
class RawRow:
    """A row as it stands. ``number`` is what a spreadsheet program shows at its left; with a ``fault`` it is no use."""

    number: int
    cells: Sequence[Cell]
    fault: Problem | None = None


@dataclass(slots=True)
class Sheet:
    """A sheet with its header. ``columns`` gives the positions of each field, the platform's first name first, because
    a sheet may have street and grid and fill only one of the two. ``notes`` is what the reader should know.
    """

    header: list[str]
    header_row: int
    columns: dict[str, list[int]]
    rows: Iterator[RawRow]
    merges: Sequence[tuple[int, int, int, int, str]] = ()
    """First row, last row, first column, last column (from 0) and name of each merged range."""
    notes: list[Problem] = field(default_factory=list)

    def merged(self, row: int) -> tuple[str, str]:
        """The column and range of a merge that touches a used column of a row; empty where there is none."""
        used = {position for positions in self.columns.values() for position in positions}
        for first, last, left, right, name in self.merges:
            if first <= row <= last:
                hit = next((at for at in range(left, right + 1) if at in used), None)
                if hit is not None:
                    return self.header[hit], name
        return "", ""


def cell_of(text: str) -> Cell:
    """A cell of text. What begins with = + - @ is text too; an apostrophe that only marks it as such is taken off."""
    bare = text.strip(_EDGES)
    if len(bare) > 1 and bare[0] == "'" and bare[1] in "=+-@":
        bare = bare[1:]
    if len(bare) > MAX_CELL or has_control(bare):
        return Cell(bare[:MAX_CELL], "control")
    if _SHORTENED.fullmatch(bare):
        return Cell(bare, "mangled")
    return Cell(bare)


@dataclass(frozen=True, slots=True)
class Header:
    """A row that can be the header: where its fields are, and what it lacks."""

    row: int
    labels: list[str]
    columns: dict[str, list[int]]
    missing: list[str]
    doubled: tuple[str, str] | None = None


def header_of(number: int, labels: Sequence[str], platform: Platform) -> Header:
    """Read a row as a header."""
    columns: dict[str, list[int]] = {}
    doubled: tuple[str, str] | None = None
    for position, label in enumerate(labels):
        found = platform.field_of(label) if label else ""
        if not found:
            continue
        others = columns.setdefault(found, [])
        if any(folded(labels[other]) == folded(label) for other in others):
            doubled = doubled or (label, found)
        others.append(position)
    for found, positions in columns.items():
        positions.sort(key=_ranks(platform, found, labels).__getitem__)
    needed = [name for name in FIELDS if (spec := platform.column(name)) and (spec.required or name in _ALWAYS)]
    missing = [platform_name(platform, name) for name in needed if name not in columns]
    return Header(number, [label.strip() for label in labels], columns, missing, doubled)


_ALWAYS = ("number", "description")


def _ranks(platform: Platform, name: str, labels: Sequence[str]) -> list[int]:
    """For each column how early the platform names it for this field."""
    spec = platform.column(name)
    order = [folded(one) for one in spec.names] if spec else []
    return [order.index(label) if (label := folded(one)) in order else len(order) for one in labels]


def platform_name(platform: Platform, name: str) -> str:
    """What the platform calls a field."""
    spec = platform.column(name)
    return spec.names[0] if spec else name


def find_header(rows: Sequence[tuple[int, list[str]]], platform: Platform) -> Header:
    """The header among the first rows of a sheet: the one that names most fields. Raises ``BadFile``."""
    candidates = [header_of(number, labels, platform) for number, labels in rows]
    best = max(candidates, key=lambda one: len(one.columns), default=None)
    if best is None or best.missing:
        needed = best.missing if best else [platform_name(platform, name) for name in _ALWAYS]
        # Only names that are known: where the header is missing, the other cells are somebody's report.
        known = sorted(at for positions in best.columns.values() for at in positions) if best else []
        seen = [best.labels[at] for at in known][:12] if best else []
        title = {"en": platform.title.en, "zh": platform.title.zh}
        raise BadFile("no_header", looked=HEADER_WITHIN, missing=needed, platform=title, seen=seen or ["—"])
    if best.doubled is not None:
        raise BadFile("doubled_column", text=best.doubled[0], field=best.doubled[1])
    return best


def unused(header: Header) -> list[Problem]:
    """A note that names the columns that no field of the platform takes."""
    used = {position for positions in header.columns.values() for position in positions}
    names = [
        label for at, label in enumerate(header.labels) if label and at not in used and label.casefold() not in OURS
    ]
    return [Problem("unknown_columns", "", {"names": names[:30]})] if names else []


def is_blank(cells: Sequence[Cell]) -> bool:
    """Whether a row says nothing at all."""
    return not any(cell.text or cell.fault for cell in cells)


def rows_of(pairs: Iterator[tuple[int, list[Cell], Problem | None]], width: int) -> Iterator[RawRow]:
    """Rows below the header, without the blank ones. Raises ``BadFile`` for too many."""
    count = 0
    for number, cells, fault in pairs:
        if fault is None and is_blank(cells):
            continue
        count += 1
        if count > MAX_ROWS:
            raise BadFile("too_many_rows", rows=MAX_ROWS)
        wide = fault is None and not is_blank(cells[width:])
        padded = [*cells[:width], *[EMPTY] * (width - len(cells))]
        yield RawRow(number, padded, Problem("too_many_cells") if wide else fault)


def values(row: Sequence[Any]) -> list[str]:
    """Texts of a row that may become the header."""
    return ["" if value is None else str(value).strip(_EDGES) for value in row]
