"""From a playbook file to a ``Playbook``: shape, names and cross-references, each fault with its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from gewu.core.deadlines import Limit
from gewu.core.playbook import model as m
from gewu.core.playbook import spec as s
from gewu.core.playbook.build import Builder
from gewu.core.playbook.lines import Lines, Path, PlaybookError, Problem, read_yaml

_MERGED = ("stages", "slots", "tiers", "fields", "moves", "clocks", "ladders", "messages")

Resolver = Callable[[str], str]


def load_playbook(text: str, file: str, resolve: Resolver | None = None) -> m.Playbook:
    """Compile the text of a playbook file.

    ``resolve`` gives the text of the playbook named by ``extends``. Raises ``PlaybookError`` with every problem found.
    The result is well-formed; whether it strands a record is the checker's question (``check_playbook``).
    """
    data, lines = read_yaml(text, file)
    if not isinstance(data, dict):
        raise PlaybookError([Problem(file, 1, "a playbook is a mapping of sections")])
    data = _extended(data, file, lines, resolve, seen=())
    shape = _shape(data, file, lines)
    builder = Builder(shape, file, lines)
    playbook = builder.build()
    if builder.problems:
        raise PlaybookError(sorted(set(builder.problems)))
    return _indexed(playbook)


def _extended(
    data: dict[str, Any], file: str, lines: Lines, resolve: Resolver | None, seen: tuple[str, ...]
) -> dict[str, Any]:
    """Lay ``data`` over the playbook it extends: sections merge by name, an entry replaces, null removes."""
    name = data.get("extends")
    if not name:
        return data
    line = lines.at("extends")
    if not isinstance(name, str) or resolve is None:
        raise PlaybookError([Problem(file, line, f"extends {name!r}, but no playbook of that name can be read here")])
    if name in seen:
        raise PlaybookError([Problem(file, line, f"extends itself by way of {' > '.join((*seen, name))}")])
    try:
        text = resolve(name)
    except LookupError as error:
        raise PlaybookError([Problem(file, line, f"extends {name!r}, which is not to be found")]) from error
    base, base_lines = read_yaml(text, name)
    if not isinstance(base, dict):
        raise PlaybookError([Problem(file, line, f"{name!r} is not a playbook")])
    base = _extended(base, name, base_lines, resolve, (*seen, name))
    merged = {**base, **{k: v for k, v in data.items() if k not in _MERGED}}
    for section in _MERGED:
        below, above = base.get(section) or {}, data.get(section) or {}
        if not isinstance(below, dict) or not isinstance(above, dict):
            raise PlaybookError([Problem(file, lines.at(section), f"{section} is a mapping of names")])
        both = {**below, **above}
        merged[section] = {k: v for k, v in both.items() if v is not None}
        for key in below:
            if key not in above:
                lines.put((section, key), line)
    return merged


def _shape(data: dict[str, Any], file: str, lines: Lines) -> s.PlaybookSpec:
    try:
        return s.PlaybookSpec.model_validate(data)
    except ValidationError as error:
        problems = []
        for fault in error.errors():
            path: Path = tuple(p for p in fault["loc"] if not (isinstance(p, str) and p.endswith("Spec")))
            where = ".".join(str(p) for p in path)
            line = lines.at(*path)
            if fault["type"] == "extra_forbidden":
                reason = f"unknown field {path[-1]!r} in {'.'.join(str(p) for p in path[:-1]) or 'the playbook'}"
            elif fault["type"] == "missing":
                reason = f"{where} is missing"
            else:
                reason = f"{where}: {fault['msg']}"
            problems.append(Problem(file, line, reason))
        raise PlaybookError(sorted(set(problems))) from error


def _indexed(playbook: m.Playbook) -> m.Playbook:
    by_stage: dict[str, list[m.Move]] = {name: [] for name in (m.NEW, *playbook.stages)}
    for move in playbook.moves.values():
        for source in move.sources:
            by_stage[source].append(move)
    conditions = [g for move in playbook.moves.values() for g in m.guards(move.guard)]
    for move in playbook.moves.values():
        for effect in m.walk(move.effects):
            if isinstance(effect, m.When):
                conditions += m.guards(effect.guard)
    watched = frozenset(g.move for g in conditions if isinstance(g, m.Did))
    return replace(playbook, moves_from={k: tuple(v) for k, v in by_stage.items()}, watched=watched)


def limit_of(shape: s.LimitSpec) -> Limit:
    """The core's limit for a limit as written."""
    return Limit(shape.value, shape.unit)
