"""An act that reforms bodies, as it is written in a file: YAML, or CSV with one step a row (see ``docs/reform.md``)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from gewu.registry.packs.problems import Problem, Problems
from gewu.registry.packs.tables import Columns, parse_csv, read_text
from gewu.registry.packs.yamlfile import Value, read_yaml

BASES = ("printed", "inference", "assumption")
MERGE, ITEMS = "merge", "items"
_CSV = Columns(
    ("number", "date", "title_zh", "title_en", "step", "from", "to"),
    ("codes", "field", "count", "counter_of", "source"),
)


class ActError(ValueError):
    """A file that is no act. ``problems`` are all that was found, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class Merge:
    """These units end, and another stands in their place."""

    units: tuple[str, ...]
    into: str


@dataclass(frozen=True, slots=True)
class Move:
    """Items, by code or all of a field, go from one unit to another. ``count`` is how many there must be, if said."""

    old: str
    new: str
    codes: tuple[str, ...] = ()
    field: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """A team before the reform and the team it belongs to after it."""

    code: str
    name_en: str
    name_zh: str
    into: str


@dataclass(frozen=True, slots=True)
class Act:
    """What a file says. ``counter_of`` is the number of the act that this one takes back; then it has no steps."""

    number: str
    day: date
    title_en: str
    title_zh: str
    source: str
    merges: tuple[Merge, ...] = ()
    moves: tuple[Move, ...] = ()
    counter_of: str = ""
    teams: tuple[Team, ...] = ()
    teams_basis: str = ""
    teams_note: str = ""
    text: str = field(default="", repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_act(path: Path) -> Act:
    """The act in a file. Raises ``ActError`` naming every line that is wrong."""
    problems = Problems()
    text = read_text(path, path.name, problems)
    act = None
    if text is not None:
        read = _read_csv if path.suffix.lower() == ".csv" else _read_yaml
        act = read(path, text, problems)
    if problems or act is None:
        raise ActError(problems.sorted())
    return act


def _read_yaml(path: Path, text: str, problems: Problems) -> Act | None:
    root = read_yaml(path, path.name, problems)
    if root is None:
        return None
    top = root.mapping(("reform",))["reform"]
    parts = top.mapping(("number", "date", "title"), ("source", "merge", "items", "teams", "counter_of"))
    title_en, title_zh = parts["title"].words()
    merges = tuple(_merge(value) for value in parts["merge"].items())
    moves = tuple(_move(value) for value in parts["items"].items())
    teams = parts["teams"].mapping(("basis", "rows"), ("note",)) if parts["teams"].present else None
    act = Act(
        parts["number"].text(longest=64), _day(parts["date"]), title_en, title_zh, parts["source"].text(),
        merges, moves, parts["counter_of"].text(longest=64),
        tuple(_team(value) for value in teams["rows"].items()) if teams else (),
        teams["basis"].choice(BASES) if teams else "",
        teams["note"].text() if teams else "",
        text,
    )  # fmt: skip
    _whole(act, path.name, top.line, problems)
    return act


def _day(value: Value) -> date:
    written = value.text()
    try:
        return date.fromisoformat(written)
    except ValueError:
        if written:
            value.bad(f"date {written!r} is not a date: write YYYY-MM-DD, quoted")
        return date.min


def _merge(value: Value) -> Merge:
    parts = value.mapping(("units", "into"))
    return Merge(tuple(unit.code() for unit in parts["units"].items()), parts["into"].code())


def _move(value: Value) -> Move:
    parts = value.mapping(("from", "to"), ("codes", "field", "count"))
    codes, of_field = tuple(code.code() for code in parts["codes"].items()), parts["field"].code()
    if bool(codes) == bool(of_field):
        value.bad("items are named either by codes or by their field")
    count = parts["count"].integer(0, 100_000) if parts["count"].present else None
    return Move(parts["from"].code(), parts["to"].code(), codes, of_field, count)


def _team(value: Value) -> Team:
    parts = value.mapping(("code", "name", "into"))
    name_en, name_zh = parts["name"].words()
    return Team(parts["code"].code(), name_en, name_zh, parts["into"].code())


def _read_csv(path: Path, text: str, problems: Problems) -> Act | None:
    heads: set[tuple[str, date | None, str, str, str, str]] = set()
    merges: dict[str, list[str]] = {}
    moves: list[Move] = []
    for row in parse_csv(text, path.name, _CSV, problems):
        number, day = row.text("number", required=True, longest=64), row.day("date")
        titles = row.name("title_en"), row.name("title_zh")
        heads.add((number, day, *titles, row.text("source"), row.text("counter_of")))
        step = row.choice("step", (MERGE, ITEMS, "counter"))
        if step == "counter":
            continue
        old, new = row.code("from"), row.code("to")
        if step == MERGE:
            merges.setdefault(new, []).append(old)
            continue
        codes, of_field = row.words("codes"), row.code("field", required=False)
        if bool(codes) == bool(of_field):
            row.bad("items are named either by codes or by their field")
        moves.append(Move(old, new, codes, of_field, row.number("count", 0, 100_000)))
    if len(heads) != 1:
        problems.add(path.name, 1, "all rows of an act have the same number, date, titles, source and counter_of")
        return None
    number, day, title_en, title_zh, source, counter_of = heads.pop()
    if day is None:
        problems.add(path.name, 2, "date is empty")
        return None
    steps = tuple(Merge(tuple(units), into) for into, units in merges.items())
    act = Act(number, day, title_en, title_zh, source, steps, tuple(moves), counter_of, text=text)
    _whole(act, path.name, 1, problems)
    return act


def _whole(act: Act, file: str, line: int, problems: Problems) -> None:
    if act.counter_of and (act.merges or act.moves or act.teams):
        problems.add(file, line, "a counter-act takes back one act and has no steps of its own")
    elif not (act.counter_of or act.merges or act.moves):
        problems.add(file, line, "an act merges units, moves items, or takes an act back")
    if act.counter_of and act.counter_of == act.number:
        problems.add(file, line, "an act cannot take itself back")
    codes = [team.code for team in act.teams]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        problems.add(file, line, f"team {code} stands twice")
    for merge in act.merges:
        if not merge.units:
            problems.add(file, line, f"nothing is merged into {merge.into}")
