"""``measures.csv`` of packs: what can be counted at an occasion, in which unit of measure, of which strand.

A quantity without its unit of measure says nothing (3,253 square metres of paving are not 3,253 pieces), so no line of
results is taken for an item that is not in the file, and the measure is never typed by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gewu.occasions.models import MeasureFile
from gewu.registry.directory import Directory, get_directory
from gewu.registry.packs.keptfiles import KeptFile, bodies, cells
from gewu.registry.packs.problems import Problem

FILE = "measures.csv"
HEADER = ("item", "measure", "measure_zh", "strand", "title_en", "title_zh", "source")
ENFORCEMENT = "enforcement"
STRANDS = (ENFORCEMENT, "relief", "repair", "facility", "activity", "service")
"""Acting against, making room for (passes, bays, training, persuasion), mending, building, holding, helping."""
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_known: dict[int, tuple[object, dict[str, Measure]]] = {}


@dataclass(frozen=True, slots=True)
class Measure:
    """What can be counted: its code, its unit of measure and its names in both languages."""

    item: str
    measure: str
    measure_zh: str
    strand: str
    title_en: str
    title_zh: str
    source: str

    def title(self, language: str) -> str:
        """The name in a language (``zh...`` or English)."""
        return self.title_zh if language.startswith("zh") else self.title_en

    def unit(self, language: str) -> str:
        """The unit of measure as it is written behind a quantity."""
        if language.startswith("zh"):
            return self.measure_zh
        return "m²" if self.measure == "m2" else self.measure


def read(text: str) -> tuple[list[Measure], list[Problem]]:
    """The rows of a file, and what is wrong with it."""
    rows: list[Measure] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    for line, row in cells(text, FILE, HEADER, problems):
        one = Measure(*row)
        faults = []
        if not _CODE.fullmatch(one.item):
            faults.append("item is a code of small letters, digits and _")
        if one.item in taken:
            faults.append(f"{one.item} stands twice")
        if one.strand not in STRANDS:
            faults.append(f"strand is one of {', '.join(STRANDS)}")
        if not all((one.measure, one.measure_zh, one.title_en, one.title_zh)):
            faults.append("measure and title are required in both languages")
        taken.add(one.item)
        if faults:
            problems.extend(Problem(FILE, line, fault) for fault in faults)
        else:
            rows.append(one)
    return rows, problems


def measure_files() -> KeptFile:
    """The file as packs carry it."""
    return KeptFile(FILE, MeasureFile.objects, lambda text: read(text)[1])


def measures(district_id: int) -> Mapping[str, Measure]:
    """Everything that can be counted in a district, by item; a district's own pack replaces single items."""
    directory = get_directory(district_id)
    held = _known.get(district_id)
    if held is not None and held[0] == directory.version:
        return held[1]
    found = _read(directory)
    _known[district_id] = directory.version, found
    return found


def _read(directory: Directory) -> dict[str, Measure]:
    return {one.item: one for body in bodies(directory, MeasureFile.objects) for one in read(body)[0]}
