"""YAML with line numbers, and without its traps.

YAML reads ``06010`` as a number and ``no`` as false. A code that stands bare is refused with its line, as are duplicate
keys and syntax errors; every value of the result knows the line it came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

# The loader in C reads a playbook ten times faster where libyaml is at hand; both give the same nodes.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]
_CODE = re.compile(r"^(0\d+|\d{5,})$")
_BARE_WORDS = frozenset({"yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file, said so that its author can mend it."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class PlaybookError(Exception):
    """A playbook that cannot be loaded; ``problems`` has every reason found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


class Lines:
    """Where each value of a document stands. A path without a line of its own takes its nearest ancestor's."""

    def __init__(self) -> None:
        self._lines: dict[Path, int] = {(): 1}

    def put(self, path: Path, line: int) -> None:
        self._lines[path] = line

    def at(self, *path: str | int) -> int:
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]


def read_yaml(text: str, file: str) -> tuple[Any, Lines]:
    """Parse ``text``. Raises ``PlaybookError`` on syntax errors, bare codes and duplicate keys (all of them)."""
    lines = Lines()
    problems: list[Problem] = []
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PlaybookError([Problem(file, line, f"not valid YAML: {error.problem or error}")]) from error
    except yaml.YAMLError as error:
        raise PlaybookError([Problem(file, 1, f"not valid YAML: {error}")]) from error
    if node is None:
        raise PlaybookError([Problem(file, 1, "the file is empty")])
    data = _build(node, (), lines, problems, file, depth=0)
    if problems:
        raise PlaybookError(problems)
    return data, lines


def _build(node: yaml.Node, path: Path, lines: Lines, problems: list[Problem], file: str, depth: int) -> Any:
    line = node.start_mark.line + 1
    lines.put(path, line)
    if depth > 30:
        problems.append(Problem(file, line, "nested too deeply"))
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, problems, file, depth)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, i), lines, problems, file, depth + 1) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node, line, problems, file)


def _mapping(
    node: yaml.MappingNode, path: Path, lines: Lines, problems: list[Problem], file: str, depth: int
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(file, line, "a key must be a plain word"))
            continue
        key = str(key_node.value)
        if not key_node.style and _CODE.match(key):
            problems.append(Problem(file, line, f'bare code {key}: write it in quotes, "{key}"'))
        if key in found:
            problems.append(Problem(file, line, f"key {key!r} stands twice"))
        found[key] = _build(value_node, (*path, key), lines, problems, file, depth + 1)
        lines.put((*path, key), line)
    return found


def _scalar(node: yaml.ScalarNode, line: int, problems: list[Problem], file: str) -> Any:
    text = str(node.value)
    if node.style:  # quoted; plain is None or empty, depending on the loader
        return text
    if _CODE.match(text):
        problems.append(Problem(file, line, f'bare code {text}: write it in quotes, "{text}"'))
        return text
    if node.tag == "tag:yaml.org,2002:int" and re.match(r"^-?\d+$", text):
        return int(text)
    if node.tag == "tag:yaml.org,2002:bool":
        if text.lower() in _BARE_WORDS:
            problems.append(Problem(file, line, f"{text} would be read as a truth value: write true, false or quotes"))
        return text.lower() in ("true", "yes", "on", "y")
    if node.tag == "tag:yaml.org,2002:null":
        return None
    if node.tag in ("tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp") or node.tag.endswith(":int"):
        problems.append(Problem(file, line, f"{text} is neither a whole number nor quoted text"))
    return text
