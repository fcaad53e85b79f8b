"""What became of the reports of a month: by street and by kind of problem, with n and method.

Groups stand in the order of their codes. Nothing here is ranked, no department is named, nobody's work is judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from gewu.evaluation import api
from gewu.evaluation.api import By, Cell, Live, Period, Table
from gewu.evaluation.definitions import Indicator, source_words
from gewu.registry.directory import Directory
from gewu.registry.names import place_name
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.public.remembered import Remembered
from gewu.surfaces.public.site import language, with_district

MONTHS = 13
"""How far back strangers may look: a year and the running month."""
FEW = 10
"""Below so many cases a rate says little; it is shown and marked."""
HOUR = 3600
STREET_DIGITS = 9
HEADLINES = ("reported", "closed", "on_time_handling", "solved_rate", "satisfaction", "lasting_30")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in words. ``n`` is how many cases it rests on, ``unanswered`` how many reporters were not reached."""

    title: str
    value: str
    n: int
    counted: bool
    unanswered: int
    few: bool
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A street or a kind of problem with its headline figures."""

    name: str
    figures: list[Figure]


_kept: Remembered[tuple[Table, Table, Table]] = Remembered(HOUR, most=32)


@require_safe
@with_district
def results(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Figures of a month as they stood at the last full hour. At most three statements an hour and month."""
    zone = ZoneInfo(directory.district.timezone)
    now = timezone.now().astimezone(zone)
    offered = api.months(directory.district.timezone, now.year, now.month, MONTHS)[::-1]
    wanted = request.GET.get("month", "") or offered[1].code
    period = next((p for p in offered if p.code == wanted), None)
    if period is None:
        raise Http404(pgettext("resident", "There are figures for the last twelve months only."))
    shown = [i for i in api.definitions(directory.district.id).indicators.values() if i.public]
    as_of = int(now.timestamp()) // HOUR * HOUR
    total, streets, kinds = _tables(directory, shown, period, as_of)
    headlines = [i for i in shown if i.code in HEADLINES]
    context = {
        "district": _said(directory.district.name(language())),
        "month": period.code,
        "months": [p.code for p in offered],
        "as_of": datetime.fromtimestamp(as_of, zone),
        "whole": [_figure(i, total.cell(i.code)) for i in shown],
        "heads": [_said(i.title[language()]) for i in headlines],
        "streets": _streets(directory, headlines, streets),
        "kinds": _kinds(directory, headlines, kinds),
        "version": api.definitions(directory.district.id).version,
    }
    return render(request, "public/results.html", context)


def _tables(directory: Directory, shown: list[Indicator], period: Period, as_of: int) -> tuple[Table, Table, Table]:
    """The whole district, streets, categories. Kept for the hour, so that strangers cannot keep the database busy."""

    def counted() -> tuple[Table, Table, Table]:
        source = Live(directory.district.id)
        some = [i for i in shown if i.code in HEADLINES]
        return (
            api.evaluate(source, shown, By.TOTAL, [period], as_of=as_of),
            api.evaluate(source, some, By.STREET, [period], as_of=as_of),
            api.evaluate(source, some, By.CATEGORY, [period], as_of=as_of),
        )

    return _kept.get((directory.district.id, directory.version, period.code, as_of), counted)


def _figure(indicator: Indicator, cell: Cell) -> Figure:
    """The adjusted figure: what residents read is what holds after appeals."""
    note = indicator.note[language()] if indicator.note else ""
    return Figure(
        _said(indicator.title[language()]),
        _value(indicator, cell.adjusted),
        cell.adjusted_numerator if cell.counted else cell.adjusted_denominator,
        cell.counted,
        cell.unanswered,
        not cell.counted and 0 < cell.adjusted_denominator < FEW,
        _said(note),
        _said(source_words(indicator.source, language())),
    )


def _value(indicator: Indicator, value: Fraction | None) -> str:
    if value is None:
        return "–"
    if indicator.unit == "count":
        return api.rounded(value, 0)
    if indicator.unit == "mean":
        return pgettext("resident", "%(n)s hours") % {"n": api.rounded(value / HOUR)}
    return f"{api.rounded(value * 100)}\N{NARROW NO-BREAK SPACE}%"


def _streets(directory: Directory, headlines: list[Indicator], table: Table) -> list[Row]:
    codes = sorted(p.code for p in directory.places.values() if p.active and len(p.code) == STREET_DIGITS)
    with_figures = [code for code in codes if code in set(table.groups())]
    return [
        Row(_said(place_name(directory, code, language())), [_figure(i, table.cell(i.code, code)) for i in headlines])
        for code in with_figures
    ]


def _kinds(directory: Directory, headlines: list[Indicator], table: Table) -> list[Row]:
    """Categories taken together by their major class, in the order of the catalogue."""
    groups: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for key in table.groups():
        category = directory.categories.get(key)
        if category is not None:
            major = f"{category.kind}:{category.major}"
            groups.setdefault(major, []).append(key)
            titles[major] = category.major_name_zh if chinese(language()) else category.major_name_en
    return [
        Row(_said(titles[major]), [_figure(i, table.total(i.code, groups[major])) for i in headlines])
        for major in sorted(groups)
    ]


def _said(text: str) -> str:
    return spaced(text) if chinese(language()) else text
