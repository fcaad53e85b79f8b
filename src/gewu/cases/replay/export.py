"""Reading an outside export: CSV rows as typed values, and the rows that cannot be read, each with line and reason."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, TextIO
from zoneinfo import ZoneInfo

from gewu.cases.replay.mapping import ISO, Mapping
from gewu.core.forms import EARLIEST, LATEST, TEXT_LIMIT

NUMBER_LENGTH = 80
_GZIP = b"\x1f\x8b"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


class BadExport(Exception):
    """A file that is no export of the kind that the mapping describes; the message says what to do."""


@dataclass(slots=True)
class Row:
    """One case as the export tells it. Instants are seconds since the epoch; coordinates as written, in degrees."""

    line: int
    number: str
    opened: int
    target: int | None = None
    closed: int | None = None
    unit: str = ""
    category: str = ""
    major: str = ""
    source: str = ""
    title: str = ""
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    place: str = ""
    flags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be read."""

    line: int
    number: str
    reason: str


class _Unreadable(Exception):
    """Why a row is rejected."""


@dataclass(slots=True)
class Export:
    """An export as read, in the order in which its cases were opened."""

    rows: list[Row]
    rejected: list[Rejected]

    @property
    def newest(self) -> int | None:
        """The newest instant at which something happened: an opening or a closing. Targets may lie in the future."""
        return max((max(row.opened, row.closed or row.opened) for row in self.rows), default=None)


def read_export(path: Path, mapping: Mapping, tick: Callable[[int], None] | None = None) -> Export:
    """Read the whole file, plain or gzipped. Raises ``BadExport`` when it is no table with the mapped columns.

    ``tick`` is told the number of rows read, now and then.
    """
    rows: list[Row] = []
    rejected: list[Rejected] = []
    with _opened(path, mapping) as stream:
        reader = csv.reader(stream, delimiter=mapping.spec.file.delimiter, strict=True)
        parse = _Parser(mapping, _header(reader, path, mapping))
        for line, cells, fault in _records(reader):
            if fault or cells is None:
                rejected.append(Rejected(line, "", fault))
                continue
            try:
                rows.append(parse.row(line, cells))
            except _Unreadable as why:
                rejected.append(Rejected(line, parse.number(cells), str(why)))
            if tick and (len(rows) + len(rejected)) % 5000 == 0:
                tick(5000)
    rows.sort(key=lambda row: row.opened)
    return Export(rows, rejected)


@contextmanager
def _opened(path: Path, mapping: Mapping) -> Iterator[TextIO]:
    encoding = mapping.spec.file.encoding
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"  # with or without a byte order mark
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            with io.TextIOWrapper(gzip.open(raw) if packed else raw, encoding, errors="replace", newline="") as stream:
                yield stream
    except (OSError, EOFError) as error:
        raise BadExport(f"{path} cannot be read: {error}. Is the file complete?") from error


def _header(reader: Iterator[list[str]], path: Path, mapping: Mapping) -> list[str]:
    try:
        header = [cell.strip() for cell in next(reader)]
    except StopIteration:
        raise BadExport(f"{path} is empty: the first line must name the columns") from None
    except csv.Error as error:
        raise BadExport(f"{path}, line 1: not valid CSV: {error}") from error
    missing = [column for column in mapping.spec.columns.model_dump().values() if column and column not in header]
    if missing:
        known = ", ".join(header[:40])
        raise BadExport(f"{path} has no column {', '.join(map(repr, missing))}; its first line has: {known}")
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise BadExport(f"{path}, line 1: column {doubled[0]!r} stands twice")
    return header


class _Reader(Protocol):
    """What ``csv.reader`` makes: rows, and the line up to which it has read."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


def _records(reader: _Reader) -> Iterator[tuple[int, list[str] | None, str]]:
    """(first line, cells, fault) of every record that is not blank."""
    start = reader.line_num + 1
    while True:
        cells, fault = None, ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = f"not valid CSV: {error}"
        line, start = start, reader.line_num + 1
        if fault or (cells and any(cells)):
            yield line, cells, fault


class _Parser:
    """Cells to values, by the mapping."""

    def __init__(self, mapping: Mapping, header: list[str]) -> None:
        spec = mapping.spec
        self._mapping = mapping
        self._width = len(header)
        self._first_lines: dict[str, int] = {}
        at = {name: header.index(column) if column else -1 for name, column in spec.columns.model_dump().items()}
        self._at: dict[str, int] = at
        self._instant = _instants(spec.times.format, ZoneInfo(spec.district.timezone))
        self._none = {(float(point.latitude), float(point.longitude)) for point in spec.positions.none}
        form = {one.name: one for one in mapping.playbook.moves["file"].form}
        self._longest = {
            name: (form[name].maximum or TEXT_LIMIT) if name in form else 0 for name in ("title", "address")
        }

    def number(self, cells: list[str]) -> str:
        """The number of a row that may be broken."""
        index = self._at["number"]
        return cells[index].strip()[:NUMBER_LENGTH] if index < len(cells) else ""

    def row(self, line: int, cells: list[str]) -> Row:
        if len(cells) != self._width:
            raise _Unreadable(f"has {len(cells)} fields where the header has {self._width}")
        at = self._at
        number = cells[at["number"]].strip()
        if not number:
            raise _Unreadable("has no number")
        if len(number) > NUMBER_LENGTH or _CONTROL.search(number) or "\ufffd" in number:
            raise _Unreadable("its number is too long or not readable")
        first = self._first_lines.setdefault(number, line)
        if first != line:
            raise _Unreadable(f"number {number} stands twice, first on line {first}")
        opened = self._time(cells, "opened")
        if opened is None:
            raise _Unreadable("has no opening time")
        row = Row(line, number, opened, self._time(cells, "target"), self._time(cells, "closed"))
        for name in ("unit", "category", "major", "source"):
            if at[name] >= 0:
                setattr(row, name, _CONTROL.sub(" ", cells[at[name]]).strip())
        for name in ("title", "address"):
            if at[name] >= 0:
                setattr(row, name, self._words(row, name, cells[at[name]]))
        if at["place"] >= 0:
            row.place = self._mapping.place_key(cells[at["place"]])
        if at["latitude"] >= 0:
            self._position(row, cells[at["latitude"]], cells[at["longitude"]])
        if row.closed is not None and row.closed < row.opened:
            row.flags.append("closed_before_open")
        return row

    def _time(self, cells: list[str], name: str) -> int | None:
        index = self._at[name]
        text = cells[index].strip() if index >= 0 else ""
        if not text:
            return None
        try:
            instant = self._instant(text)
        except (ValueError, OverflowError):
            raise _Unreadable(f"its time {text[:40]!r} ({name}) cannot be read") from None
        if not EARLIEST <= instant < LATEST:
            raise _Unreadable(f"its time {text[:40]!r} ({name}) is before 1990 or after 2099")
        return instant

    def _words(self, row: Row, name: str, text: str) -> str:
        text = _CONTROL.sub(" ", text).strip()
        if len(text) > self._longest[name]:
            row.flags.append("shortened")
            text = text[: self._longest[name]]
        return text

    def _position(self, row: Row, latitude: str, longitude: str) -> None:
        try:
            lat, lon = _degrees(latitude), _degrees(longitude)
        except ValueError:
            if latitude.strip() or longitude.strip():
                row.flags.append("position_unreadable")
            return
        if (lat, lon) not in self._none:
            row.latitude, row.longitude = lat, lon


def _degrees(text: str) -> float:
    """A coordinate, with a decimal point or comma. Raises ``ValueError`` for anything that is no number."""
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _instants(form: str, zone: ZoneInfo) -> Callable[[str], int]:
    """How times of this form become instants. A time that stands twice in autumn is the first of the two; one that

    the clocks skipped in spring is read with the offset before the change.
    """
    fast = _pattern(form)

    def instant(text: str) -> int:
        at = _matched(fast, text) if fast else None
        if at is None:
            at = datetime.fromisoformat(text) if form == ISO else datetime.strptime(text, form)  # noqa: DTZ007 - below
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        return math.floor(at.timestamp())

    return instant


_FAST = {
    "%Y": r"(?P<Y>\d{4})", "%m": r"(?P<m>\d{1,2})", "%d": r"(?P<d>\d{1,2})", "%H": r"(?P<H>\d{1,2})",
    "%I": r"(?P<I>\d{1,2})", "%M": r"(?P<M>\d{1,2})", "%S": r"(?P<S>\d{1,2})", "%p": r"(?P<p>[AaPp])[Mm]",
}  # fmt: skip


def _pattern(form: str) -> re.Pattern[str] | None:
    """A regular expression for forms of digits only: several times as fast as strptime, which reads every locale."""
    parts = re.split(r"(%.)", form)
    if form == ISO or any(part.startswith("%") and part not in _FAST for part in parts):
        return None
    if any(parts.count(part) > 1 for part in _FAST) or not {"%Y", "%m", "%d"} <= set(parts):
        return None
    return re.compile("".join(_FAST.get(part) or re.escape(part) for part in parts), re.ASCII)


def _matched(pattern: re.Pattern[str], text: str) -> datetime | None:
    found = pattern.fullmatch(text)
    if found is None:
        return None
    part = found.groupdict()
    hour = int(part.get("H") or 0)
    if "I" in part:
        hour = int(part["I"])
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if (part.get("p") or "a") in "Pp" else 0)
    return datetime(  # noqa: DTZ001 - the district's zone is put on by the caller
        int(part["Y"]), int(part["m"]), int(part["d"]), hour, int(part.get("M") or 0), int(part.get("S") or 0)
    )
