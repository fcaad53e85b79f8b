"""What a platform's columns, codes and words mean here: one file for each platform, read and checked with line numbers.

The files that ship lie in ``platforms``. A file of the same name in the home's folder ``mappings`` (or the folder that
``GEWU_MAPPINGS`` names) goes before it, so that a district can follow a platform that changed, and name the platform's
interface there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gewu.core.playbook.lines import Lines, PlaybookError, Problem, read_yaml
from gewu.core.playbook.model import Words
from gewu.home.layout import Home

SHIPPED = Path(__file__).parent / "platforms"
REPORT, REFUSE = "report", "refuse"
LONGEST_NAME = 120
"""Longer names are no names of columns: only so much of them is looked at."""

Text = Annotated[str, Field(min_length=1, max_length=80)]
FIELDS = (
    "number", "title", "description", "received", "deadline", "category", "place", "address", "longitude", "latitude",
    "reporter_name", "reporter_phone", "urgent", "reminder",
)  # fmt: skip
"""What a column can be. API items may use these names beside the platform's own."""
VALUES = (
    "outside_number", "number", "state", "reply", "unit", "category", "deadline", "received_at", "handled_at",
    "ended_at", "solved", "satisfied",
)  # fmt: skip
"""What a column of a reply can hold."""


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NamesSpec(_Spec):
    en: Text
    zh: Text


class ColumnSpec(_Spec):
    """A column: the names under which the platform has it, first the one that replies and templates use."""

    names: list[Text] = Field(min_length=1, max_length=40)
    required: bool = False
    pattern: str = ""
    formats: list[Text] = []
    yes: list[Text] = []
    no: list[Text] = []


class ColumnsSpec(_Spec):
    number: ColumnSpec
    description: ColumnSpec
    title: ColumnSpec | None = None
    received: ColumnSpec | None = None
    deadline: ColumnSpec | None = None
    category: ColumnSpec | None = None
    place: ColumnSpec | None = None
    address: ColumnSpec | None = None
    longitude: ColumnSpec | None = None
    latitude: ColumnSpec | None = None
    reporter_name: ColumnSpec | None = None
    reporter_phone: ColumnSpec | None = None
    urgent: ColumnSpec | None = None
    reminder: ColumnSpec | None = None


class CategoriesSpec(_Spec):
    """``table`` maps the platform's codes and names to our keys; ``width`` restores zeros that a sheet dropped."""

    table: dict[str, Text] = {}
    width: int = Field(0, ge=0, le=20)
    default: str = ""
    unknown: Literal["report", "refuse"] = "refuse"


class AcceptedSpec(_Spec):
    """How the platform's answer says that it took a reply: a field of its JSON, and the values that mean yes."""

    field: Text
    values: list[Text] = Field(min_length=1)


class InterfaceSpec(_Spec):
    """Where replies are sent. The secret itself stands in an environment variable, never in a file."""

    url: str = Field(pattern=r"^https?://\S+$", max_length=500)
    method: Literal["POST", "PUT"] = "POST"
    secret_variable: str = Field("", pattern=r"^[A-Z0-9_]*$")
    secret_header: str = Field("Authorization", pattern=r"^[A-Za-z0-9-]+$")
    timeout: float = Field(20, gt=0, le=30)
    accepted: AcceptedSpec | None = None


class ReplyColumnSpec(_Spec):
    name: Text
    value: Literal[
        "outside_number", "number", "state", "reply", "unit", "category", "deadline", "received_at", "handled_at",
        "ended_at", "solved", "satisfied",
    ]  # fmt: skip


class ReplySpec(_Spec):
    """The form in which a reply goes back. ``words`` are the free words that may leave, the first that exists wins."""

    columns: list[ReplyColumnSpec] = Field(min_length=1)
    states: dict[str, Text] = Field(min_length=1)
    values: dict[str, Text] = {}
    words: list[Text] = ["answer.reply", "decline.reason", "void.reason", "report_handled.result",
                         "reply_by_letter.result"]  # fmt: skip
    erased: Text = "—"
    time_format: Text = "%Y-%m-%d %H:%M:%S"
    envelope: str = ""
    interface: InterfaceSpec | None = None


class PlatformSpec(_Spec):
    platform: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    version: int = Field(ge=1)
    title: NamesSpec
    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    move: Literal["register_intake", "report"] = "register_intake"
    zone: str = ""
    answer: bool = True
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    columns: ColumnsSpec
    categories: CategoriesSpec = CategoriesSpec()
    places: dict[str, Text] = {}
    reply: ReplySpec


class BadMapping(Exception):
    """A mapping that cannot be used; ``problems`` has every reason with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Platform:
    """A mapping that was read and holds together. ``names`` finds the field of a header, whatever its spacing."""

    spec: PlatformSpec
    names: MappingABC[str, str]
    number: re.Pattern[str] | None

    @property
    def code(self) -> str:
        return self.spec.platform

    @property
    def title(self) -> Words:
        return Words(self.spec.title.en, self.spec.title.zh)

    def column(self, field: str) -> ColumnSpec | None:
        """The column of a field, if the platform has it."""
        found: ColumnSpec | None = getattr(self.spec.columns, field)
        return found

    def field_of(self, header: str) -> str:
        """Which field a column of this name is; empty for one that is not known."""
        return self.names.get(folded(header), "")


def folded(name: str) -> str:
    """A column's name as it is compared: without spaces, marks of required columns and brackets at the end."""
    bare = re.sub(r"[\s*＊:：]+", "", name[:LONGEST_NAME])
    return re.sub(r"[(（\[【].*[)）\]】]$", "", bare).casefold()


def read_platform(path: Path) -> Platform:
    """Read one mapping. Raises ``BadMapping`` with everything that is wrong."""
    try:
        data, lines = read_yaml(path.read_text(encoding="utf-8-sig"), path.name)
    except PlaybookError as error:
        raise BadMapping(error.problems) from error
    except OSError as error:
        raise BadMapping([Problem(path.name, 1, f"{path} cannot be read: {error.strerror or error}")]) from error
    except UnicodeDecodeError as error:
        raise BadMapping([Problem(path.name, 1, "is not UTF-8: save the file as UTF-8 text")]) from error
    if not isinstance(data, dict):
        raise BadMapping([Problem(path.name, 1, "a mapping file is a mapping of sections")])
    try:
        spec = PlatformSpec.model_validate(data)
    except ValidationError as error:
        raise BadMapping(sorted({_fault(fault, lines, path.name) for fault in error.errors()})) from error
    problems = _check(spec, lines, path)
    if problems:
        raise BadMapping(sorted(set(problems)))
    pattern = spec.columns.number.pattern
    return Platform(spec, _names(spec), re.compile(pattern) if pattern else None)


def _fault(fault: Any, lines: Lines, file: str) -> Problem:
    where = ".".join(str(part) for part in fault["loc"])
    reason = {"extra_forbidden": f"unknown field {where!r}", "missing": f"{where} is missing"}.get(
        fault["type"], f"{where}: {fault['msg']}"
    )
    return Problem(file, lines.at(*fault["loc"]), reason)


def _names(spec: PlatformSpec) -> dict[str, str]:
    """Names of columns, folded, to fields. Our own names of fields always count."""
    found = {field: field for field in FIELDS if getattr(spec.columns, field) is not None}
    for field in FIELDS:
        column: ColumnSpec | None = getattr(spec.columns, field)
        found |= {folded(name): field for name in (column.names if column else ())}
    return found


def _check(spec: PlatformSpec, lines: Lines, path: Path) -> list[Problem]:
    problems: list[Problem] = []

    def bad(reason: str, *at: str | int) -> None:
        problems.append(Problem(path.name, lines.at(*at), reason))

    if spec.platform != path.stem:
        bad(f"platform is {spec.platform!r} but the file is called {path.name}: give both the same name", "platform")
    if spec.zone and spec.zone not in available_timezones():
        bad(f"zone {spec.zone!r} is unknown: use a name such as Asia/Shanghai", "zone")
    if (spec.columns.longitude is None) != (spec.columns.latitude is None):
        bad("longitude and latitude go together", "columns")
    if spec.move == "register_intake" and spec.columns.category is None and not spec.categories.default:
        bad("move register_intake needs a category: map its column, or give categories.default", "columns")
    seen: dict[str, str] = {}
    for field in FIELDS:
        column: ColumnSpec | None = getattr(spec.columns, field)
        for name in column.names if column else ():
            other = seen.setdefault(folded(name), field)
            if other != field:
                bad(f"column {name!r} is both {other} and {field}", "columns", field, "names")
        if column and column.pattern:
            try:
                re.compile(column.pattern)
            except re.error as error:
                bad(f"pattern is not a regular expression: {error}", "columns", field, "pattern")
            if field != "number":
                bad("only the column number has a pattern", "columns", field, "pattern")
    for key, value in spec.categories.table.items():
        if not re.fullmatch(r"(matter|component):\S+", value):
            bad(f"{value!r} is not a category key such as matter:06012", "categories", "table", key)
    if spec.categories.default and not re.fullmatch(r"(matter|component):\S+", spec.categories.default):
        bad("default is not a category key such as matter:06012", "categories", "default")
    for number, words in enumerate(spec.reply.words):
        if words.count(".") != 1:
            bad(f"{words!r}: words are named by move and field, such as answer.reply", "reply", "words", number)
    if not any(column.value == "outside_number" for column in spec.reply.columns):
        bad("a reply must carry outside_number, or the platform cannot tell whose it is", "reply", "columns")
    return problems


def mapping_files() -> dict[str, Path]:
    """The mapping of each platform: the home's own goes before the one that ships."""
    found = {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}
    own = Path(os.environ.get("GEWU_MAPPINGS") or Home.current().path / "mappings")
    found |= {path.stem: path for path in sorted(own.glob("*.yaml"))} if own.is_dir() else {}
    return dict(sorted(found.items()))


def platform(code: str) -> Platform | None:
    """The mapping of a platform, or None where there is none of this code. Raises ``BadMapping``."""
    path = mapping_files().get(code)
    if path is None:
        return None
    return _read(path, path.stat().st_mtime_ns)


def platforms() -> list[Platform]:
    """All platforms whose mapping can be used, by code."""
    found = []
    for code in mapping_files():
        try:
            one = platform(code)
        except BadMapping:
            continue
        if one is not None:
            found.append(one)
    return found


def broken() -> list[Problem]:
    """What is wrong with mappings that cannot be used."""
    found: list[Problem] = []
    for code in mapping_files():
        try:
            platform(code)
        except BadMapping as error:
            found += error.problems
    return found


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> Platform:
    return read_platform(path)
