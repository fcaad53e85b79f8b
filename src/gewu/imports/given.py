"""What a row or an item gives: its fields as cells, and what single cells mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gewu.imports.mapping import Platform, folded
from gewu.imports.problems import Problem
from gewu.imports.sheets.table import Cell, RawRow, Sheet, cell_of
from gewu.registry.directory import Directory


@dataclass(frozen=True, slots=True)
class Given:
    """A field as it was given: under which name, and what."""

    label: str
    cell: Cell


def given_of_row(sheet: Sheet, row: RawRow) -> dict[str, Given]:
    """The fields of a row: of several columns for a thing the first that is filled."""
    found = {}
    for name, positions in sheet.columns.items():
        at = next((p for p in positions if row.cells[p].text or row.cells[p].fault), positions[0])
        found[name] = Given(sheet.header[at], row.cells[at])
    return found


def given_of_item(platform: Platform, item: Mapping[str, Any]) -> tuple[dict[str, Given], list[Problem]]:
    """The fields of an item of the API, by the platform's names or ours."""
    found: dict[str, Given] = {}
    problems = []
    for label, value in item.items():
        name = platform.field_of(label)
        shown = label[:80]
        if not name:
            problems.append(Problem("unknown_field", shown))
        elif name in found:
            problems.append(Problem("doubled_column", shown, {"text": shown, "field": name}))
        elif value is None:
            continue
        elif isinstance(value, bool):
            found[name] = Given(shown, Cell("TRUE" if value else "FALSE"))
        elif isinstance(value, int):
            found[name] = Given(shown, Cell(str(value)))
        elif isinstance(value, float) and math.isfinite(value):
            found[name] = Given(shown, Cell(repr(value), "mangled" if abs(value) >= 1e15 else "", None, value))
        elif isinstance(value, str):
            found[name] = Given(shown, cell_of(value))
        else:
            problems.append(Problem("bad_type", shown))
    return found, problems


def parsed_time(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the mapping's zone is put on by the caller
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def degrees(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def category_index(directory: Directory) -> dict[str, str]:
    """Keys, codes and names of the active categories. A code or name of both kinds means the matter."""
    found: dict[str, str] = {}
    active = [one for one in directory.categories.values() if one.active]
    for one in sorted(active, key=lambda c: (c.kind != "matter", c.code)):
        for name in (one.key, one.code, one.name_zh, one.name_en, f"{one.code}{one.name_zh}"):
            if name:
                found.setdefault(folded(name), one.key)
    return found


def place_index(directory: Directory) -> dict[str, tuple[str, ...]]:
    """Codes of the active places of a name. Grids that are called after their community do not count."""
    found: dict[str, tuple[str, ...]] = {}
    for one in sorted(directory.places.values(), key=lambda p: (len(p.code), p.code)):
        if not one.active:
            continue
        for name in {folded(one.name_zh), folded(one.name_en)}:
            above = found.get(name, ())
            if not any(one.code.startswith(code) for code in above):
                found[name] = (*above, one.code)
    return found
