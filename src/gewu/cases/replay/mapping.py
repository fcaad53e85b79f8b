"""The mapping of an outside export: which columns mean what, where and when it happened, under which playbook.

A mapping is a YAML file with its playbook beside it. Everything wrong with it is said with file and line before a row
is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gewu.core.playbook import Playbook, PlaybookError, Problem, load_playbook, read_yaml
from gewu.core.playbook.lines import Lines
from gewu.core.playbook.model import Assign, Move, walk

INTAKE, DISPATCH, CLOSE = "file", "dispatch", "close"
"""The three moves that a replay makes; the mapping's playbook has to have them."""
ELSE = "*"
ISO = "iso"

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Names(_Shape):
    """A name in the product's two languages."""

    en: str = Field(min_length=1, max_length=180)
    zh: str = Field(min_length=1, max_length=180)


class DistrictSpec(_Shape):
    code: str = Field(pattern=r"^\d{6}$")
    name: Names
    timezone: str
    language: Literal["en", "zh"] = "en"


class FileSpec(_Shape):
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"


class TimesSpec(_Shape):
    """``format`` in the letters of strptime, or ``iso``. A time without an offset is in the district's zone."""

    format: str = ISO


class ColumnsSpec(_Shape):
    number: str
    opened: str
    target: str = ""
    closed: str = ""
    unit: str = ""
    category: str = ""
    major: str = ""
    source: str = ""
    title: str = ""
    address: str = ""
    latitude: str = ""
    longitude: str = ""
    place: str = ""


class PointSpec(_Shape):
    latitude: str = Field(pattern=r"^-?\d+(\.\d+)?$")
    longitude: str = Field(pattern=r"^-?\d+(\.\d+)?$")


class PositionsSpec(_Shape):
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    none: tuple[PointSpec, ...] = Field(default=(), strict=False)


class PlacesSpec(_Shape):
    """How features of the territory and the recorded place name the same place: the one group of ``pattern``."""

    property: str = Field(min_length=1)
    pattern: str = r"(.+)"
    name: Names


class DeskSpec(_Shape):
    code: Code
    name: Names


class MappingSpec(_Shape):
    mapping: Code
    version: int = Field(gt=0)
    title: Names
    playbook: str = Field(pattern=r"^[A-Za-z0-9_.-]+\.yaml$")
    district: DistrictSpec
    file: FileSpec = FileSpec()
    times: TimesSpec = TimesSpec()
    columns: ColumnsSpec
    positions: PositionsSpec = PositionsSpec()
    places: PlacesSpec
    desk: DeskSpec
    roles: dict[Code, Names] = Field(min_length=1)
    units: dict[str, Names] = {}
    sources: dict[str, str] = {}


class BadMapping(Exception):
    """A mapping, or the playbook it names, that cannot be used; ``problems`` has every reason with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping that holds together with its playbook. ``unit_role`` is who handles, by the playbook's dispatch."""

    spec: MappingSpec
    playbook: Playbook
    playbook_text: str
    pattern: re.Pattern[str]
    intake_role: str
    dispatch_role: str
    unit_role: str

    @property
    def name(self) -> str:
        return self.spec.mapping

    @property
    def pack(self) -> str:
        """The name of the pack that a replay writes: never that of a pack which somebody keeps by hand."""
        return f"replay-{self.spec.mapping}"

    def place_key(self, written: str) -> str:
        """What a recorded place or a feature's property names, or ``""`` when the pattern does not know it."""
        found = self.pattern.fullmatch(written.strip())
        return found.group(1).strip().upper() if found else ""


def read_mapping(path: Path) -> Mapping:
    """Read a mapping and its playbook. Raises ``BadMapping`` with everything that is wrong."""
    try:
        data, lines = read_yaml(_text(path, path.name, 1), path.name)
    except PlaybookError as error:
        raise BadMapping(error.problems) from error
    spec = _spec(data, lines, path.name)
    problems: list[Problem] = []
    _check_spec(spec, lines, path.name, problems)
    playbook, text = _playbook(path.parent / spec.playbook, path.name, lines)
    if problems:
        raise BadMapping(sorted(set(problems)))
    roles = _check_moves(spec, playbook, lines, path.name, problems)
    if problems:
        raise BadMapping(sorted(set(problems)))
    return Mapping(spec, playbook, text, re.compile(spec.places.pattern, re.IGNORECASE), *roles)


def _text(path: Path, file: str, line: int) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadMapping([Problem(file, line, f"{path} cannot be read: {error.strerror or error}")]) from error
    except UnicodeDecodeError as error:
        raise BadMapping([Problem(path.name, 1, "is not UTF-8: save the file as UTF-8 text")]) from error


def _spec(data: Any, lines: Lines, file: str) -> MappingSpec:
    if not isinstance(data, dict):
        raise BadMapping([Problem(file, 1, "a mapping file is a mapping of sections")])
    try:
        return MappingSpec.model_validate(data)
    except ValidationError as error:
        problems = []
        for fault in error.errors():
            where = ".".join(str(part) for part in fault["loc"])
            line = lines.at(*fault["loc"])
            reason = {"extra_forbidden": f"unknown field {where!r}", "missing": f"{where} is missing"}.get(
                fault["type"], f"{where}: {fault['msg']}"
            )
            problems.append(Problem(file, line, reason))
        raise BadMapping(sorted(set(problems))) from error


def _check_spec(spec: MappingSpec, lines: Lines, file: str, problems: list[Problem]) -> None:
    def bad(reason: str, *path: str | int) -> None:
        problems.append(Problem(file, lines.at(*path), reason))

    if spec.district.timezone not in available_timezones():
        bad(f"timezone {spec.district.timezone!r} is unknown: use a name such as Europe/Berlin", "district", "timezone")
    try:
        "".encode(spec.file.encoding)
    except LookupError:
        bad(f"encoding {spec.file.encoding!r} is unknown", "file", "encoding")
    try:
        if re.compile(spec.places.pattern).groups != 1:
            bad("pattern needs exactly one group, in ( ): what names the place", "places", "pattern")
    except re.error as error:
        bad(f"pattern is not a regular expression: {error}", "places", "pattern")
    if bool(spec.columns.latitude) != bool(spec.columns.longitude):
        bad("latitude and longitude go together", "columns")
    for role in spec.roles:
        if len(role) > 40:
            bad(f"role {role!r} is longer than 40 characters", "roles", role)


def _playbook(path: Path, file: str, lines: Lines) -> tuple[Playbook, str]:
    text = _text(path, file, lines.at("playbook"))
    try:
        return load_playbook(text, path.name), text
    except PlaybookError as error:
        raise BadMapping(error.problems) from error


def _check_moves(
    spec: MappingSpec, playbook: Playbook, lines: Lines, file: str, problems: list[Problem]
) -> tuple[str, str, str]:
    """Whether the playbook takes what the mapping gives. Returns the roles of intake, dispatch and handling."""
    found: list[str] = []
    for name in (INTAKE, DISPATCH, CLOSE):
        move = playbook.moves.get(name)
        if move is None:
            problems.append(Problem(playbook.file, 1, f"a replay needs a move {name!r}, which is not declared"))
        elif (name == INTAKE) != move.creates:
            reason = f"move {name} must {'make' if name == INTAKE else 'not make'} new records (from: new)"
            problems.append(Problem(playbook.file, move.line, reason))
        else:
            found.append(next((rule.role for rule in move.actors if rule.role), ""))
    if playbook.kind != "case":
        problems.append(Problem(playbook.file, 1, f"the kind is {playbook.kind}: a replay makes cases"))
    if problems:
        return "", "", ""
    _check_form(
        playbook.moves[INTAKE], _wanted(spec, ("title", "address", "source", "category")), lines, file, problems
    )
    _check_form(playbook.moves[DISPATCH], {"lead": "unit", **_wanted(spec, ("target",))}, lines, file, problems)
    for move in (playbook.moves[INTAKE], playbook.moves[DISPATCH], playbook.moves[CLOSE]):
        known = {"title", "address", "source", "category"} if move.name == INTAKE else {"lead", "target"}
        for field in move.form:
            if field.required and (move.name == CLOSE or field.name not in known):
                reason = f"move {move.name} requires {field.name!r}, which no replay can fill"
                problems.append(Problem(playbook.file, move.line, reason))
    _check_sources(spec, playbook.moves[INTAKE], lines, file, problems)
    handling = [e for e in walk(playbook.moves[DISPATCH].effects) if isinstance(e, Assign) and e.unit == "$lead"]
    if not handling or not handling[0].role:
        line = playbook.moves[DISPATCH].line
        problems.append(Problem(playbook.file, line, "move dispatch must assign $lead with a role that handles"))
    for role, line in playbook.roles().items():
        if role not in spec.roles:
            problems.append(Problem(file, lines.at("roles"), f"role {role!r} ({playbook.file}:{line}) is not named"))
    return found[0], found[1], handling[0].role if handling else ""


_TYPES = {"title": "text", "address": "text", "source": "choice", "category": "category", "target": "instant"}


def _wanted(spec: MappingSpec, names: tuple[str, ...]) -> dict[str, str]:
    return {name: _TYPES[name] for name in names if getattr(spec.columns, name)}


def _check_form(move: Move, wanted: dict[str, str], lines: Lines, file: str, problems: list[Problem]) -> None:
    form = {field.name: field.type for field in move.form}
    for name, kind in wanted.items():
        if form.get(name) != kind:
            reason = f"column {name} is mapped, but the form of move {move.name} has no field {name!r} of type {kind}"
            problems.append(Problem(file, lines.at("columns", name), reason))


def _check_sources(spec: MappingSpec, move: Move, lines: Lines, file: str, problems: list[Problem]) -> None:
    choices = next((field.choices for field in move.form if field.name == "source"), ())
    for written, choice in spec.sources.items():
        if choice not in choices:
            reason = f"source {choice!r} is not one of the playbook's choices: {', '.join(choices)}"
            problems.append(Problem(file, lines.at("sources", written), reason))
    if spec.columns.source and ELSE not in spec.sources:
        problems.append(Problem(file, lines.at("sources"), f'sources needs a line "{ELSE}" for all others'))
