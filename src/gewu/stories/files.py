"""The file of a story: chapters of records to be made, and figures with the statistic that has to compute each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gewu.core.playbook import PlaybookError, Problem, read_yaml
from gewu.core.playbook.lines import Lines

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Day = Annotated[date, BeforeValidator(lambda value: date.fromisoformat(value) if isinstance(value, str) else value)]
_OFFSET = re.compile(r"(start|end|last|ended)?([+-]?(\d+[dhm])+)?")
_PART = re.compile(r"(\d+)([dhm])")
_SECONDS = {"d": 86_400, "h": 3600, "m": 60}


class BadStory(Exception):
    """A story that cannot be used; ``problems`` has every reason with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(_Shape):
    """A sentence in the product's two languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


Period = tuple[Day, Day]
"""First and last day, both included."""


def seconds(text: str) -> int:
    """``-7d``, ``1h30m`` in seconds."""
    sign = -1 if text.startswith("-") else 1
    return sign * sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(text))


def moment(text: str) -> tuple[str, int]:
    """``last+2d`` as (base, seconds); without a base it counts from the start. Raises ``ValueError``."""
    found = _OFFSET.fullmatch(text)
    if found is None or not text:
        raise ValueError(f"{text!r} is no moment: write one like -7d, last+2h or ended+30m")
    return found.group(1) or "start", seconds(found.group(2) or "")


Moment = Annotated[str, BeforeValidator(lambda value: (moment(str(value)), str(value))[1])]


class Move(_Shape):
    """One move, or one for each line of ``each``.

    ``part`` is the slot whose part is meant (the one that the same line opened before), ``opens`` the slot in which the
    move opens one. ``life`` names a script: a record of its own that is made along with this move. ``given`` and
    ``without`` name lines: the move is left out where there are none (or some) of them.
    """

    move: str
    by: str
    unit: str = "$unit"
    at: Moment = "start"
    spread: str = "0m"
    every: str = "0m"
    each: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    args: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    photos: tuple[str, ...] = ()
    part: str = ""
    opens: str = ""
    life: str = ""


class Script(_Shape):
    """The moves of a record under a playbook."""

    playbook: str
    moves: tuple[Move, ...]


class Line(_Shape):
    """Lines to be spread over the records of a chapter: so many, or a quantity divided among them at random.

    ``columns`` is what each line says; a list of values is taken in turn. ``on`` is where they go: any record, evenly,
    or the first only.
    """

    records: int = Field(ge=0)
    quantity: int | None = None
    on: Literal["any", "evenly", "first", "each"] = "any"
    columns: dict[str, Any] = {}

    @model_validator(mode="after")
    def _enough(self) -> Line:
        if self.quantity is not None and self.quantity < self.records:
            raise ValueError(f"a quantity of {self.quantity} cannot be divided among {self.records} records")
        return self


class Chapter(_Shape):
    """Records of one kind in a period: ``count`` of them, or so many a month for every holder.

    ``leave_out`` says what a run that leaves out a share leaves out: whole records, or these lines of them.
    """

    chapter: Code
    title: Words
    period: Period
    playbook: str = ""
    count: int = 0
    each_month: int = 0
    holders: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    hour: int = 9
    lasts: str = "2h"
    leave_out: tuple[str, ...] = ()
    lines: dict[str, tuple[Line, ...]] = {}
    columns: dict[str, Any] = {}
    moves: tuple[Move, ...] = ()
    scripts: dict[str, Script] = {}
    rounds: dict[str, Any] = {}
    devices: tuple[dict[str, Any], ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Chapter:
        if bool(self.playbook) + bool(self.rounds) + bool(self.devices) != 1:
            raise ValueError("a chapter is made of records of a playbook, of rounds or of devices")
        if self.playbook and not (self.moves and self.holders and (self.count or self.each_month)):
            raise ValueError("records of a playbook want moves, holders, and how many there are (count or each_month)")
        return self


class Figure(_Shape):
    """A printed figure: what is expected of which statistic in which period, or why the system does not count it."""

    id: Annotated[str, Field(pattern=r"^F\d{3}$")]
    name: Words
    expected: float
    unit: str
    period: Period
    must: Literal["exact", "over", "at least", "nearly", "target"] = "exact"
    statistic: str = ""
    where: dict[str, Any] = {}
    not_counted: Words | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_way(self) -> Figure:
        if bool(self.statistic) == (self.not_counted is not None):
            raise ValueError("a figure names either its statistic or why it is not counted")
        return self

    def holds(self, computed: float) -> bool:
        """Whether what was computed is what was printed."""
        if self.must == "over":
            return computed > self.expected
        if self.must == "at least":
            return computed >= self.expected
        return computed == self.expected


class Foundation(_Shape):
    """Chapters of another story that this one builds on."""

    story: Code
    chapters: tuple[Code, ...]


class Story(_Shape):
    """A whole story. ``desks`` are the units in which roles sit that belong to no holder."""

    story: Code
    title: Words
    source: str
    packs: tuple[Code, ...]
    district: Annotated[str, Field(pattern=r"^\d{6}$")]
    seed: int
    reforms: bool = False
    """Whether the acts that come with the pack are part of it."""
    builds_on: tuple[Foundation, ...] = ()
    units: dict[str, tuple[str, ...]] = {}
    desks: dict[str, str] = {}
    common: dict[str, Any] = {}
    chapters: tuple[Chapter, ...] = ()
    figures: tuple[Figure, ...]


def read_story(path: Path) -> Story:
    """Read a story. Raises ``BadStory`` with everything that is wrong, by file and line."""
    try:
        data, lines = read_yaml(path.read_text(encoding="utf-8-sig"), path.name)
        story = Story.model_validate(data)
    except OSError as error:
        raise BadStory([Problem(path.name, 1, f"cannot be read: {error.strerror or error}")]) from error
    except PlaybookError as error:
        raise BadStory(error.problems) from error
    except ValidationError as error:
        raise BadStory(sorted(set(_problems(error, lines, path.name)))) from error
    if problems := _unknown(story, lines, path.name):
        raise BadStory(problems)
    return story


def _unknown(story: Story, lines: Lines, file: str) -> list[Problem]:
    """Statistics that there are not."""
    from gewu.stories.occasion_statistics import STATISTICS

    return [
        Problem(file, lines.at("figures", index, "statistic"), f"there is no statistic {figure.statistic!r}")
        for index, figure in enumerate(story.figures)
        if figure.statistic and figure.statistic not in STATISTICS
    ]


def _problems(error: ValidationError, lines: Lines, file: str) -> Iterator[Problem]:
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"])
        reason = {"extra_forbidden": f"unknown field {where!r}", "missing": f"{where} is missing"}.get(
            fault["type"], f"{where}: {fault['msg']}"
        )
        yield Problem(file, lines.at(*fault["loc"]), reason)


def find_stories(packs: Path) -> dict[str, Path]:
    """The stories of the packs in a folder, by name."""
    return {path.stem: path for path in sorted(packs.glob("*/stories/*.yaml"))}
