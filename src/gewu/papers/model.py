"""One document for every paper: what stands on it, in the order in which it is read. Three writers set it.

A paper holds text and numbers only, never markup: a writer sets every string as the characters it is made of. Control
characters and marks that turn the direction of writing are left out (`clean`), because no office can file them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def clean(text: str) -> str:
    """Text as a paper can carry it: lines end with a line feed, nothing unprintable is left in."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class Align(StrEnum):
    """How the text of a column or paragraph stands."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


class Look(StrEnum):
    """`OFFICIAL`: a bulletin or order after GB/T 9704 (large text, wide margins). `LETTER`: that standard's form for
    letters: a double line below the issuer and at the foot of the first page, the number below it on the right, no
    number on the first page. `FORM`: a sheet to fill and file."""

    OFFICIAL = "official"
    LETTER = "letter"
    FORM = "form"

    @property
    def large(self) -> bool:
        """Whether text, lines and margins are those of the standard."""
        return self is not Look.FORM


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a table. A number has its `value` beside the text that is printed; `form` is how a sheet shows it.

    `link` is the absolute address that opens the records behind the cell, empty for none.
    """

    text: str = ""
    value: int | float | None = None
    form: str = "General"
    link: str = ""
    bold: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


def whole(number: int, link: str = "", *, bold: bool = False) -> Cell:
    """A count."""
    return Cell(str(number), number, "0", link, bold)


def signed(number: int) -> Cell:
    """A difference of counts: `+3`, `-2`, `0`. Zero has no sign."""
    return Cell(f"{number:+d}" if number else "0", number, "+0;-0;0")


def tenths_of_percent(numerator: int, denominator: int) -> int:
    """The share in tenths of a percent, rounded half up once, in whole numbers. `denominator` is above 0."""
    return (2000 * numerator + denominator) // (2 * denominator)


def share(numerator: int, denominator: int, link: str = "") -> Cell:
    """A rate as a percentage with one decimal; a dash where there is nothing to divide by."""
    if denominator <= 0:
        return Cell("—")
    tenths = tenths_of_percent(numerator, denominator)
    return Cell(f"{tenths // 10}.{tenths % 10}%", tenths / 1000, "0.0%", link)


def points(before: tuple[int, int], now: tuple[int, int]) -> Cell:
    """How many percentage points a rate rose or fell, as the printed rates differ; a dash where one is missing."""
    if before[1] <= 0 or now[1] <= 0:
        return Cell("—")
    change = tenths_of_percent(*now) - tenths_of_percent(*before)
    sign = "+" if change > 0 else "-" if change < 0 else ""
    return Cell(f"{sign}{abs(change) // 10}.{abs(change) % 10}", change / 10, "+0.0;-0.0;0.0")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text within a paragraph."""

    text: str
    bold: bool = False
    link: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. `indent`: the first line stands two characters in. `small`: a note."""

    runs: tuple[Run, ...]
    indent: bool = True
    align: Align = Align.LEFT
    small: bool = False


def paragraph(
    text: str, *, indent: bool = True, align: Align = Align.LEFT, small: bool = False, bold: bool = False
) -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph((Run(text, bold),), indent, align, small)


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands beside it. `wide` takes the whole row."""

    label: str
    cell: Cell
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The grid at the head of a form, two facts in a row."""

    facts: tuple[Fact, ...]

    def rows(self) -> Iterator[tuple[Fact, ...]]:
        """Facts as they share rows."""
        waiting: Fact | None = None
        for fact in self.facts:
            if fact.wide:
                if waiting:
                    yield (waiting,)
                yield (fact,)
                waiting = None
            elif waiting:
                yield (waiting, fact)
                waiting = None
            else:
                waiting = fact
        if waiting:
            yield (waiting,)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. Widths are shares of the width of the page; `chars` is the width in a sheet."""

    title: str
    width: float
    align: Align = Align.LEFT
    chars: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on every page and whose rows are not torn. `name` is that of its sheet.

    `groups` are titles above neighbouring columns, each with how many it spans (together all of them; an empty title
    spans one and is the column's own). `dense` sets it small, for many columns of numbers.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    note: str = ""
    groups: tuple[tuple[str, int], ...] = ()
    dense: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A photo as JPEG, with its size in pixels."""

    jpeg: bytes
    width: int
    height: int
    caption: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Photos, two in a row."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A frame with a label, and text or room to write by hand (at least `height` mm)."""

    label: str
    text: str = ""
    height: int = 24

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True, slots=True)
class Ticks:
    """Things of which a pen ticks one or more; what follows a box may leave room to write."""

    label: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Where somebody signs: who, the lines to fill, and whether a seal belongs there."""

    title: str
    lines: tuple[str, ...]
    seal: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Signature blocks side by side."""

    blocks: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """Who issues a letter, where the seal belongs, and the date in words."""

    issuer: str
    date: str
    seal: str


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Facts | Table | Figures | Box | Ticks | Signatures | Closing | PageBreak


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper. `day` is the day it is dated, and the only time in the file: equal content gives equal bytes.

    `office` is who issues it, `number` its own number, `standing` the line that says as of when and from where its
    figures are. `language` is `zh-hans` or `en`. `stem` names the file without its ending.
    """

    kind: str
    language: str
    title: str
    stem: str
    day: date
    office: str = ""
    number: str = ""
    date_line: str = ""
    standing: str = ""
    look: Look = Look.FORM
    landscape: bool = False
    blocks: tuple[Block, ...] = field(default=())

    @property
    def chinese(self) -> bool:
        """Whether the paper is in Chinese."""
        return self.language.startswith("zh")

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))
