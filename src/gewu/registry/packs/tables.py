"""CSV with real line numbers, and typed fields that report instead of raising."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gewu.registry.packs.problems import Problems

MAX_BYTES = 64_000_000
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*\Z")
CODE_LENGTH = 64
NAME_LENGTH = 200
TEXT_LENGTH = 4000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def read_text(path: Path, file: str, problems: Problems) -> str | None:
    """The text of a UTF-8 file (a byte order mark is allowed), or None after reporting why not."""
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.add(file, 1, f"cannot be read: {error.strerror or error}")
        return None
    if len(data) > MAX_BYTES:
        problems.add(file, 1, f"is larger than {MAX_BYTES // 1_000_000} MB")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(file, line, "is not UTF-8: save the file as UTF-8 text")
        return None
    nul = text.find("\0")
    if nul >= 0:
        problems.add(file, text.count("\n", 0, nul) + 1, "contains a NUL character")
        return None
    return text


@dataclass(frozen=True, slots=True)
class Columns:
    """The header a table may have: ``required`` must be there, ``optional`` may, anything else is refused."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


class Fields:
    """One row. Every reading method returns a usable value and reports what is wrong with the written one."""

    def __init__(self, file: str, line: int, values: dict[str, str], problems: Problems) -> None:
        self.file = file
        self.line = line
        self._values = values
        self._problems = problems

    def bad(self, reason: str) -> None:
        """Report this row."""
        self._problems.add(self.file, self.line, reason)

    def text(self, name: str, *, required: bool = False, longest: int = TEXT_LENGTH) -> str:
        value = self._values.get(name, "").strip()
        if not value and required:
            self.bad(f"{name} is empty")
        if len(value) > longest:
            self.bad(f"{name} is longer than {longest} characters")
        if value and _CONTROL.search(value):
            self.bad(f"{name} contains a control character")
        return value

    def name(self, name: str, *, required: bool = True) -> str:
        return self.text(name, required=required, longest=NAME_LENGTH)

    def code(self, name: str, *, required: bool = True) -> str:
        value = self.text(name, required=required, longest=CODE_LENGTH)
        if value and not CODE.match(value):
            self.bad(f"{name} {value!r} is not a code: letters, digits, dot, dash and underscore only")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, required=True)
        if value and value not in choices:
            self.bad(f"{name} {value!r} is not one of {', '.join(choices)}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name)
        if value not in ("", "0", "1"):
            self.bad(f"{name} {value!r} is neither 0 nor 1")
        return default if not value else value == "1"

    def day(self, name: str) -> date | None:
        value = self.text(name)
        if not value:
            return None
        try:
            if _DATE.match(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.bad(f"{name} {value!r} is not a date: write YYYY-MM-DD")
        return None

    def number(self, name: str, low: int, high: int) -> int | None:
        """A whole number within bounds, or None where nothing is written."""
        value = self.text(name)
        if not value:
            return None
        if value.isascii() and value.isdigit() and len(value) <= 9 and low <= int(value) <= high:
            return int(value)
        self.bad(f"{name} {value!r} is not a whole number from {low} to {high}")
        return None

    def words(self, name: str) -> tuple[str, ...]:
        """Codes joined by spaces."""
        return tuple(dict.fromkeys(self.text(name).split()))

    def validity(self) -> tuple[date | None, date | None]:
        start, end = self.day("valid_from"), self.day("valid_to")
        if start and end and end < start:
            self.bad(f"valid_to {end} is before valid_from {start}")
        return start, end


def read_csv(path: Path, file: str, columns: Columns, problems: Problems) -> Iterator[Fields]:
    """The rows of a CSV file with the line on which each begins, also where quoted fields span lines."""
    text = read_text(path, file, problems)
    if text is not None:
        yield from parse_csv(text, file, columns, problems)


def parse_csv(text: str, file: str, columns: Columns, problems: Problems) -> Iterator[Fields]:
    """The same of a text that has been read."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            problems.add(file, start, f"not valid CSV: {error}")
            return
        line, start = start, reader.line_num + 1
        if not cells or all(not cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            if not _header_holds(header, file, line, columns, problems):
                return
            continue
        if len(cells) != len(header):
            problems.add(file, line, f"has {len(cells)} fields where the header has {len(header)}")
            continue
        yield Fields(file, line, dict(zip(header, cells, strict=True)), problems)
    if header is None:
        problems.add(file, 1, "is empty: the first line must name the columns")


def _header_holds(header: list[str], file: str, line: int, columns: Columns, problems: Problems) -> bool:
    known = (*columns.required, *columns.optional)
    bad = [f"unknown field {name!r}: known are {', '.join(known)}" for name in header if name not in known]
    bad += [f"column {name!r} is missing" for name in columns.required if name not in header]
    bad += [f"column {name!r} stands twice" for name in dict.fromkeys(header) if header.count(name) > 1]
    for reason in bad:
        problems.add(file, line, reason)
    return not bad
