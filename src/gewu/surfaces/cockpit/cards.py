"""What a card of the cockpit is: a chart, and the table of its numbers."""

from __future__ import annotations

from dataclasses import dataclass

LISTED = 100
"""Rows of a table on the page; the sheet has all of them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table. ``n``: how many records its address opens; None for plain words."""

    shown: str
    n: int | None = None
    url: str = ""
    more: tuple[Cell, ...] = ()
    """Further figures below, each with records of its own."""
    few: bool = False
    note: str = ""
    label: str = ""
    """The head of its column, for narrow screens."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card: its chart as SVG (empty where there is nothing to draw) and the table of its numbers."""

    name: str
    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    svg: str = ""
    open: bool = False
    """Whether the table stands open because it says more than the chart."""
    empty: str = ""
    more: int = 0
    """How many rows the chart leaves to the table."""

    @property
    def listed(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that the page has; a sheet has all."""
        return self.rows[:LISTED]

    @property
    def left_out(self) -> int:
        """How many rows only the sheet has."""
        return max(len(self.rows) - LISTED, 0)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the page: headline figures and cards by name, in order."""

    tiles: tuple[tuple[str, Cell], ...]
    cards: dict[str, Card]
