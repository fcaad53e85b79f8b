"""Answers about what occasions brought."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from gewu.occasions.queries import NAMED
from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.common import Named


class MeasureOut(Out):
    """Something that can be counted."""

    item: str
    title: str
    measure: str = Field(description="The unit of measure: m, m2, vehicle-time ...")
    measure_title: str = Field(description="The same as it is written in the language that was asked for.")
    strand: str = Field(description="enforcement (with legal basis), relief, repair, facility, activity, service")
    source: str


class Measures(Out):
    items: list[MeasureOut]


class TotalOut(Out):
    """A sum of the lines that count. Groups that were not asked for are null."""

    item: Named | None
    unit: Named | None
    strand: str | None
    type: Named | None
    month: str | None
    occasion: UUID | None
    measure: str = Field(description="Empty where items of several measures come together: then count lines only.")
    quantity: int | None = Field(description="None where items of several measures come together.")
    lines: int
    occasions: int


class UnreportedOut(Out):
    """A body that took part and has not reported: not a zero."""

    unit: Named
    due: int = Field(description="In how many occasions a report is due, or was closed without it.")
    to_come: int = Field(description="In how many no report is due yet.")
    occasions: list[UUID] = Field(
        max_length=NAMED,
        description=f"Both, the newest first, {NAMED} at most: a narrower period or one unit shows the others.",
    )
    under_way: list[UUID] = Field(
        max_length=NAMED, description=f"Those in which no report is due yet, the newest first, {NAMED} at most."
    )


class Totals(Out):
    """Sums, and who has not reported."""

    items: list[TotalOut]
    not_reported: list[UnreportedOut]


class ResultOut(Out):
    """A line of results."""

    occasion: UUID
    number: str
    type: Named
    line: int
    unit: Named | None
    item: Named
    quantity: int
    measure: str
    strand: str
    place: Named
    on: date
    corrects: int | None = Field(description="The line of the same occasion that it replaced.")
    basis: str = Field(description="The body's own legal basis.")
    note: str
    at: datetime


class Results(Out):
    """Some lines, newest day first. ``after`` begins the next page; None at the end."""

    items: list[ResultOut]
    after: str | None
