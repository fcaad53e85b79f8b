"""YAML with line numbers and no guessing: a code written bare is refused, unknown keys are refused."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from gewu.registry.packs.problems import Problems
from gewu.registry.packs.tables import CODE, NAME_LENGTH, TEXT_LENGTH, read_text

_STR = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"


class Value:
    """A place in a YAML document. Reading methods return a usable value and report what is wrong."""

    def __init__(self, node: yaml.Node | None, line: int, file: str, name: str, problems: Problems) -> None:
        self._node = node
        self.line = line
        self.file = file
        self.name = name
        self._problems = problems

    def bad(self, reason: str) -> None:
        self._problems.add(self.file, self.line, reason)

    @property
    def present(self) -> bool:
        """Whether something was written here."""
        return self._node is not None and self._node.tag != _NULL

    @property
    def is_mapping(self) -> bool:
        return isinstance(self._node, yaml.MappingNode)

    @property
    def written(self) -> str:
        """A scalar as it stands in the file; empty for anything else."""
        return str(self._node.value) if isinstance(self._node, yaml.ScalarNode) else ""

    def mapping(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Value]:
        """The named keys, absent ones as empty values. Unknown, missing and doubled keys are reported."""
        pairs = self.entries()
        known = (*required, *optional)
        for key, value in pairs.items():
            if key not in known:
                value.bad(f"unknown field {key!r} in {self.name}: known are {', '.join(known)}")
        if self.present:
            for key in required:
                if key not in pairs:
                    self.bad(f"{self.name} has no {key!r}")
        return {key: pairs.get(key, Value(None, self.line, self.file, key, self._problems)) for key in known}

    def entries(self) -> dict[str, Value]:
        """All keys of a mapping whose keys are free (codes): a bare number as key is refused."""
        if not self.present:
            return {}
        if not isinstance(self._node, yaml.MappingNode):
            self.bad(f"{self.name} must be a mapping")
            return {}
        found: dict[str, Value] = {}
        for key_node, value_node in self._node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._problems.add(self.file, line, "a key must be a plain word")
                continue
            key = str(key_node.value)
            if key_node.tag != _STR and key_node.style is None:
                self._problems.add(self.file, line, f'{key} stands bare and would be misread: quote it, "{key}"')
            if key in found:
                self._problems.add(self.file, line, f"key {key!r} stands twice")
            found[key] = Value(value_node, line, self.file, key, self._problems)
        return found

    def items(self) -> list[Value]:
        """The items of a list (an absent list is empty)."""
        if not self.present:
            return []
        if not isinstance(self._node, yaml.SequenceNode):
            self.bad(f"{self.name} must be a list")
            return []
        return [
            Value(node, node.start_mark.line + 1, self.file, self.name, self._problems) for node in self._node.value
        ]

    def text(self, *, longest: int = TEXT_LENGTH) -> str:
        """Text; a bare number, date or truth value in its place is refused with the advice to quote it."""
        if not self.present:
            return ""
        if not isinstance(self._node, yaml.ScalarNode):
            self.bad(f"{self.name} must be text")
            return ""
        value = str(self._node.value).strip()
        if self._node.tag != _STR and self._node.style is None:
            self.bad(f'{self.name}: {value} stands bare and would be misread: quote it, "{value}"')
        if not value:
            self.bad(f"{self.name} is empty")
        if len(value) > longest:
            self.bad(f"{self.name} is longer than {longest} characters")
        return value

    def label(self) -> str:
        """Text or a bare whole number: for versions, which nobody pads with zeros."""
        if re.fullmatch(r"0|[1-9]\d*", self.written):
            return self.written
        return self.text(longest=64)

    def code(self) -> str:
        value = self.text(longest=64)
        if value and not CODE.match(value):
            self.bad(f"{self.name} {value!r} is not a code: letters, digits, dot, dash and underscore only")
        return value

    def choice(self, choices: tuple[str, ...]) -> str:
        value = self.text()
        if value and value not in choices:
            self.bad(f"{self.name} {value!r} is not one of {', '.join(choices)}")
        return value

    def integer(self, low: int, high: int) -> int:
        """A whole number within bounds; the lower bound stands in for a bad one."""
        text = self.written
        if self.present and re.fullmatch(r"-?\d+", text) and low <= int(text) <= high:
            return int(text)
        self.bad(f"{self.name} must be a whole number from {low} to {high}")
        return low

    def words(self) -> tuple[str, str]:
        """``{en, zh}``: the same in both languages of the product."""
        parts = self.mapping(("en", "zh"))
        return parts["en"].text(longest=NAME_LENGTH), parts["zh"].text(longest=NAME_LENGTH)


def read_yaml(path: Path, file: str, problems: Problems) -> Value | None:
    """The root of a YAML file, or None after reporting why it cannot be read."""
    text = read_text(path, file, problems)
    return parse_yaml(text, file, problems) if text is not None else None


def parse_yaml(text: str, file: str, problems: Problems) -> Value | None:
    """The root of a YAML text, or None after reporting why it cannot be read."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.add(file, mark.line + 1 if mark else 1, f"not valid YAML: {error.problem or error}")
        return None
    except yaml.YAMLError as error:
        problems.add(file, 1, f"not valid YAML: {error}")
        return None
    if node is None:
        problems.add(file, 1, "is empty")
        return None
    return Value(node, node.start_mark.line + 1, file, file, problems)
