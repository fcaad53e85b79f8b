"""What one version of a playbook has that another has not, and what both have but differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from gewu.core.playbook import model as m

SECTIONS = ("stages", "slots", "tiers", "fields", "moves", "clocks", "ladders", "messages")
_NOWHERE = frozenset({"line", "declared"})
"""Where something stands in its file makes no difference."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that is ``gone``, ``new`` or ``changed``; ``keys`` are what changed in it."""

    section: str
    name: str
    what: str
    keys: tuple[str, ...] = ()


def differences(old: m.Playbook, new: m.Playbook) -> list[Change]:
    """Every entry that differs, by section in the order of files; where entries stand in the file does not count."""
    found: list[Change] = []
    for section in SECTIONS:
        before: Mapping[str, Any] = getattr(old, section)
        after: Mapping[str, Any] = getattr(new, section)
        found += [Change(section, name, "gone") for name in before if name not in after]
        found += [Change(section, name, "new") for name in after if name not in before]
        for name, entry in before.items():
            if name in after and (keys := _differing(entry, after[name])):
                found.append(Change(section, name, "changed", keys))
    return found


def _differing(before: Any, after: Any) -> tuple[str, ...]:
    one, other = _plain(before), _plain(after)
    return tuple(key for key in one if one[key] != other[key])


def _plain(entry: Any) -> dict[str, Any]:
    return {f.name: _bare(getattr(entry, f.name)) for f in fields(entry) if f.name not in _NOWHERE}


def _bare(value: Any) -> Any:
    """A value without the lines it stands on."""
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *_plain(value).items())
    if isinstance(value, Mapping):
        return {key: _bare(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return tuple(_bare(inner) for inner in value)
    return value
