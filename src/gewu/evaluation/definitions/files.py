"""Definitions as they stand in files: read, refused with file and line, and joined where several packs have some."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gewu.core.playbook.lines import Lines, PlaybookError, Problem, read_yaml
from gewu.evaluation.definitions.indicators import Indicator, Indicators, Recurrence
from gewu.evaluation.definitions.scores import Formula, Grade, Scores

INDICATORS_FILE = "indicators.yaml"
SCORES_FILE = "scores.yaml"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Definitions:
    """Everything that holds in a district: indicators by code, score formulas by code, grades, recurrence."""

    version: str
    indicators: Mapping[str, Indicator]
    formulas: Mapping[str, Formula]
    grades: tuple[Grade, ...]
    recurrence: Recurrence

    def __getitem__(self, code: str) -> Indicator:
        return self.indicators[code]

    def of(self, what: str, role: str = "") -> list[Indicator]:
        """The indicators of areas, departments or posts, in the order of the file."""
        return [i for i in self.indicators.values() if what in i.of and (not role or i.role == role)]


NOTHING = Definitions("0", {}, {}, (Grade(grade="-", least=0),), Recurrence())


@lru_cache(maxsize=64)
def read_indicators(text: str, file: str = INDICATORS_FILE) -> Indicators:
    """Indicators from the text of their file. Raises ``PlaybookError`` with every problem, by line."""
    data, lines = read_yaml(text, file)
    parsed = _validated(Indicators, data, lines, file)
    _refuse_doubles([i.code for i in parsed.indicators], "indicators", lines, file)
    return parsed


@lru_cache(maxsize=64)
def read_scores(text: str, file: str = SCORES_FILE) -> Scores:
    """Score formulas from the text of their file. Raises ``PlaybookError`` with every problem, by line."""
    data, lines = read_yaml(text, file)
    parsed = _validated(Scores, data, lines, file)
    _refuse_doubles([f.code for f in parsed.formulas], "formulas", lines, file)
    return parsed


def check_scores(text: str, indicators: Mapping[str, Indicator], file: str = SCORES_FILE) -> list[Problem]:
    """Terms that name no indicator, or one that does not suit the formula."""
    parsed = read_scores(text, file)
    _, lines = read_yaml(text, file)
    problems = []
    for number, formula in enumerate(parsed.formulas):
        for at, term in enumerate(formula.terms):
            line = lines.at("formulas", number, "terms", at)
            found = indicators.get(term.indicator)
            if found is None:
                problems.append(Problem(file, line, f"there is no indicator {term.indicator!r}"))
            elif bool(term.steps) != (found.unit != "percent"):
                problems.append(
                    Problem(
                        file, line, f"{term.indicator} is a {found.unit}: counts and means, and only they, need steps"
                    )
                )
    return problems


def join(files: Sequence[Mapping[str, str]]) -> Definitions:
    """The definitions of several packs, the later ones going before the earlier, code by code."""
    indicators: dict[str, Indicator] = {}
    formulas: dict[str, Formula] = {}
    grades, recurrence = NOTHING.grades, NOTHING.recurrence
    versions = []
    for texts in files:
        if text := texts.get(INDICATORS_FILE):
            found = read_indicators(text)
            indicators |= {i.code: i for i in found.indicators}
            recurrence = found.recurrence
            versions.append(f"i{found.version}")
        if text := texts.get(SCORES_FILE):
            scored = read_scores(text)
            formulas |= {f.code: f for f in scored.formulas}
            grades = scored.grades
            versions.append(f"s{scored.version}")
    whole = "\0".join(text for texts in files for _, text in sorted(texts.items()))
    version = f"{'.'.join(versions)}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}" if versions else NOTHING.version
    return Definitions(version, indicators, formulas, grades, recurrence)


def read_folder(folder: Path) -> Definitions:
    """The definitions in a pack's folder, without a database. Raises ``PlaybookError``."""
    names = (INDICATORS_FILE, SCORES_FILE)
    return join([{n: (folder / n).read_text(encoding="utf-8") for n in names if (folder / n).is_file()}])


def _validated(model: type[M], data: Any, lines: Lines, file: str) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = []
        faults = error.errors()
        for fault in faults:
            inside = [f for f in faults if f is not fault and f["loc"][: len(fault["loc"])] == fault["loc"]]
            if fault["type"] == "too_short" and inside:
                continue  # it is short only because what was in it is refused
            where = tuple(part for part in fault["loc"] if isinstance(part, (str, int)))
            message = fault["msg"].removeprefix("Value error, ")
            name = ".".join(str(part) for part in where)
            problems.append(Problem(file, lines.at(*where), f"{name}: {message}" if name else message))
        raise PlaybookError(problems) from error


def _refuse_doubles(codes: Sequence[str], key: str, lines: Lines, file: str) -> None:
    seen: dict[str, int] = {}
    for number, code in enumerate(codes):
        if code in seen:
            first = lines.at(key, seen[code])
            raise PlaybookError([Problem(file, lines.at(key, number), f"{code} stands already on line {first}")])
        seen[code] = number
