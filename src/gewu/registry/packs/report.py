"""What a load did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Progress(Protocol):
    """What a long step tells how far it is."""

    def advance(self, count: int = 1) -> None:
        """So many more rows are done."""


@dataclass(slots=True)
class Counts:
    """Rows of one table."""

    created: int = 0
    updated: int = 0
    retired: int = 0
    unchanged: int = 0

    @property
    def changes(self) -> int:
        return self.created + self.updated + self.retired


@dataclass(slots=True)
class LoadReport:
    """The outcome of a load. ``notes`` are sentences for people: kept overrides, rows that were ended."""

    pack: str
    version: str
    tables: dict[str, Counts] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    required: list[LoadReport] = field(default_factory=list)
    """Reports of required packs that were loaded first because they were not there yet."""

    @property
    def created(self) -> int:
        return sum(counts.created for counts in self.tables.values())

    @property
    def updated(self) -> int:
        return sum(counts.updated for counts in self.tables.values())

    @property
    def retired(self) -> int:
        return sum(counts.retired for counts in self.tables.values())

    @property
    def unchanged(self) -> int:
        return sum(counts.unchanged for counts in self.tables.values())

    @property
    def changes(self) -> int:
        """Rows created, updated or retired; 0 when the pack is loaded a second time."""
        return self.created + self.updated + self.retired
