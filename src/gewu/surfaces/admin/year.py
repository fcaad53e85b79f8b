"""A year as the calendar of the district shows it: months of weeks of days."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the year view. ``kind`` is rest, workday (both exceptions), weekend, or empty for a plain workday."""

    number: int
    kind: str
    title: str
    today: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the year view: weeks of seven, Monday first; empty places are None."""

    title: str
    weeks: list[list[Day | None]]


def month_names() -> list[str]:
    """The months in the reader's language, January first."""
    return [
        _("January"),
        _("February"),
        _("March"),
        _("April"),
        _("May"),
        _("June"),
        _("July"),
        _("August"),
        _("September"),
        _("October"),
        _("November"),
        _("December"),
    ]


def weekdays() -> list[str]:
    """The heads of the seven columns, Monday first."""
    return [_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")]
