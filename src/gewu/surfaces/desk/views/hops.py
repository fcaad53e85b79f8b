"""Hops of matters between the centres of streets and of the district: sums by street, and the cases behind them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases import hops
from gewu.cases.queries import BadCursor
from gewu.core.places import PlaceLevel
from gewu.papers.files import Format
from gewu.papers.hops import MOST, hop_list
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.workdays.sheets import handed_out, setting_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.dates import span_words
from gewu.surfaces.look.forms import Choice, Field

ROLES = ("comprehensive_office", "dispatcher", "shift_leader", "assessor", "unit_clerk", "administrator")
STREET = PlaceLevel.STREET.digits
LEVELS = ("district", "street")
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A period of days, both included, where hops led, and the street whose units made or got them."""

    first: date
    last: date
    to_level: str = ""
    street: str = ""

    def query(self, **other: str) -> dict[str, str]:
        """The same question as a query string has it, with some of it otherwise."""
        found = {"from": self.first.isoformat(), "to": self.last.isoformat(), "direction": self.to_level}
        return {k: v for k, v in {**found, "street": self.street, **other}.items() if v}


@dataclass(slots=True)
class Sum:
    """Hops of a street in one direction, with the page that lists them."""

    hops: int = 0
    cases: int = 0
    held: str = ""
    url: str = ""


@dataclass(slots=True)
class Row:
    """A unit of a street: what it handed up and what it got back."""

    name: str
    sums: dict[str, Sum] = field(default_factory=lambda: {level: Sum() for level in LEVELS})

    @property
    def up(self) -> Sum:
        return self.sums["district"]

    @property
    def down(self) -> Sum:
        return self.sums["street"]


@desk_page(*ROLES)
@require_safe
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Sums and one page of 50 hops, newest first. Three statements beside session and post."""
    wanted, fields, errors = asked(request, desk)
    units = _units(desk, wanted.street)
    try:
        found = hops.list_hops(
            desk.district_id, desk.acting, wanted.first, wanted.last, to_level=wanted.to_level, units=units,
            after=request.GET.get("after") or None,
        )  # fmt: skip
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = hops.HopPage([], None)
    whole = hops.totals(desk.district_id, desk.acting, wanted.first, wanted.last, units=units)
    context: dict[str, object] = {
        "fields": fields,
        "errors": errors,
        "filtered": bool(request.GET),
        "whole": [
            (one, _held(one.mean_held_s), f"?{urlencode(wanted.query(direction=one.to_level))}") for one in whole
        ],
        "rows": _rows(desk, wanted),
        "lines": [_line(desk, hop) for hop in found.rows],
        "next_url": f"?{urlencode(wanted.query(after=found.after))}" if found.after else "",
        "first_url": f"?{urlencode(wanted.query())}" if request.GET.get("after") else "",
        "sheet_url": f"{reverse('desk:hops-sheet')}?{urlencode(wanted.query())}",
    }
    return page(request, desk, "desk/hops.html", context, status=422 if errors else 200)


@desk_page(*ROLES)
@require_safe
def sheet(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The hops of the same filter with their sums, as a file: XLSX unless told otherwise."""
    wanted, _fields, errors = asked(request, desk)
    if errors:
        messages.error(request, errors[0])
        return redirect("desk:hops")
    units = _units(desk, wanted.street)
    rows: list[hops.Hop] = []
    after: str | None = None
    while len(rows) < MOST:
        found = hops.list_hops(
            desk.district_id, desk.acting, wanted.first, wanted.last, to_level=wanted.to_level, units=units,
            after=after, limit=_PAGE,
        )  # fmt: skip
        rows += found.rows
        after = found.after
        if after is None:
            break
    sums = hops.by_unit(
        desk.district_id, desk.acting, wanted.first, wanted.last, to_level=wanted.to_level, units=units
    )  # fmt: skip
    return handed_out(
        request, desk, hop_list(setting_of(request, desk), wanted.first, wanted.last, rows, sums), Format.XLSX
    )


def asked(request: HttpRequest, desk: Desk) -> tuple[Asked, list[Field], list[str]]:
    """The filter that was asked for, its inputs, and what in it could not be understood. Empty: the running month."""
    data, errors = request.GET, []
    today = timezone.localdate()
    first, last = _day(data.get("from", "")), _day(data.get("to", ""))
    if (data.get("from") and first is None) or (data.get("to") and last is None):
        errors.append(_("Days: like 2026-11-22."))
    last = last or max(today, first or today)
    first = first or last.replace(day=1)
    if last < first:
        errors.append(_("The last day is before the first: nothing lies between them."))
    level = data.get("direction", "") if data.get("direction") in LEVELS else ""
    streets = {place.code: place for place in desk.directory.places_in(desk.directory.district.code)}
    street = data.get("street", "")
    if street and street not in streets:
        errors.append(_("There is no such street."))
        street = ""
    wanted = Asked(first, last, level, street)
    shown = [
        Choice("", _("All")),
        *(Choice(code, names.place_short(desk.directory, code, desk.language)) for code in sorted(streets)),
    ]
    directions = [Choice("", _("Both")), *(Choice(code, word) for code, word in direction_words().items())]
    fields = [
        Field("from", _("From"), "date", first.isoformat(), prefix="f", required=True),
        Field("to", _("To"), "date", last.isoformat(), prefix="f", required=True),
        Field("direction", _("Direction"), "select", level, prefix="f", required=True, choices=directions),
        Field(
            "street", _("Street"), "select", street, prefix="f", required=True, choices=[Choice("", _("All")), *shown]
        ),
    ]
    return wanted, fields, errors


def direction_words() -> dict[str, str]:
    """Where hops lead."""
    return {"district": _("up to the district centre"), "street": _("down to the street centre")}


def _units(desk: Desk, street: str) -> list[str] | None:
    """The units of a street, also those that ended; None for all streets."""
    return [unit.code for unit in desk.directory.units.values() if unit.place.startswith(street)] if street else None


def _rows(desk: Desk, wanted: Asked) -> list[Row]:
    """Sums by the unit of the street, in the order of the streets."""
    units = desk.directory.units
    rows: dict[str, Row] = defaultdict(lambda: Row(""))
    found = hops.by_unit(
        desk.district_id, desk.acting, wanted.first, wanted.last, to_level=wanted.to_level,
        units=_units(desk, wanted.street),
    )  # fmt: skip
    for one in sorted(found, key=lambda o: (units[o.unit].place if o.unit in units else "", o.unit)):
        row = rows[one.unit]
        row.name = names.unit(desk.directory, one.unit, desk.language)
        street = units[one.unit].place[:STREET] if one.unit in units else ""
        url = f"?{urlencode(wanted.query(direction=one.to_level, street=street))}#hops"
        row.sums[one.to_level] = Sum(one.hops, one.cases, _held(one.mean_held_s), url)
    return list(rows.values())


@dataclass(frozen=True, slots=True)
class Line:
    """A hop as the list shows it."""

    hop: hops.Hop
    url: str
    direction: str
    way: str
    held: str
    stage: str


def _line(desk: Desk, hop: hops.Hop) -> Line:
    centre = _("District centre")
    ends = [
        names.unit(desk.directory, code, desk.language) if code else centre for code in (hop.from_unit, hop.to_unit)
    ]
    book = desk.playbook_of(hop.playbook, hop.playbook_version)
    return Line(
        hop,
        reverse("desk:case", args=[hop.number]),
        direction_words()[hop.to_level],
        " → ".join(ends),
        _held(hop.held_s),
        names.typeset(words.stage_name(book, hop.stage, desk.language), desk.language),
    )


def _held(seconds: int | None) -> str:
    return span_words(seconds, get_language()) if seconds is not None else ""


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if 1990 <= found.year < 2100 else None
