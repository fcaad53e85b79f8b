"""``device_kinds.csv`` of packs: which kinds of devices there are, and what an alarm of each means.

``category`` is what an alarm is filed as when it names none (a key, or empty: whoever takes the case in says).
``window_minutes`` is how long after the last alarm of a device another one still joins the same case; 0: never.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gewu.registry.directory import Directory
from gewu.registry.models import DeviceKindFile
from gewu.registry.packs.keptfiles import KeptFile, bodies, cells
from gewu.registry.packs.problems import Problem
from gewu.registry.packs.world import World

FILE = "device_kinds.csv"
HEADER = ("kind", "title_en", "title_zh", "category", "window_minutes", "source")
LONGEST = 7 * 24 * 60
"""A window of a week at most, in minutes: what rings a week later is no part of the same matter."""
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_known: dict[int, tuple[object, dict[str, DeviceKind]]] = {}


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """A kind of device, with its names in both languages."""

    kind: str
    title_en: str
    title_zh: str
    category: str = ""
    window: timedelta = timedelta(0)
    source: str = ""

    def title(self, language: str) -> str:
        """The name in a language (``zh...`` or English)."""
        return self.title_zh if language.startswith("zh") else self.title_en


def read(text: str) -> tuple[list[DeviceKind], list[Problem]]:
    """The rows of a file, and what is wrong with it."""
    rows: list[DeviceKind] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    for line, (kind, title_en, title_zh, category, minutes, source) in cells(text, FILE, HEADER, problems):
        faults = []
        if not _CODE.fullmatch(kind):
            faults.append("kind is a code of small letters, digits and _, at most 32")
        if kind in taken:
            faults.append(f"{kind} stands twice")
        if not (title_en and title_zh):
            faults.append("a title is required in both languages")
        if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 9 and int(minutes) <= LONGEST):
            faults.append(f"window_minutes is a whole number from 0 to {LONGEST}")
        taken.add(kind)
        if faults:
            problems.extend(Problem(FILE, line, fault) for fault in faults)
        else:
            rows.append(DeviceKind(kind, title_en, title_zh, category, timedelta(minutes=int(minutes)), source))
    return rows, problems


def kind_files() -> KeptFile:
    """The file as packs carry it."""
    return KeptFile(FILE, DeviceKindFile.objects, lambda text: read(text)[1], _unknown)


def _unknown(text: str, world: World) -> list[Problem]:
    return [
        Problem(FILE, line, f"category {row[3]!r} is not in the catalogue")
        for line, row in cells(text, FILE, HEADER, [])
        if row[3] and row[3] not in world.categories
    ]


def kinds(directory: Directory) -> Mapping[str, DeviceKind]:
    """Every kind of a district by its code, in the order of the files; a district's own pack replaces single kinds."""
    held = _known.get(directory.district.id)
    if held is not None and held[0] == directory.version:
        return held[1]
    found = {one.kind: one for body in bodies(directory, DeviceKindFile.objects) for one in read(body)[0]}
    _known[directory.district.id] = directory.version, found
    return found


def kind_of(directory: Directory, code: str) -> DeviceKind:
    """A kind by its code. One that no pack has any more is called by its code, and each alarm of it stands alone."""
    return kinds(directory).get(code) or DeviceKind(code, code, code)
