"""What these pages share: plain tables that are a page, a CSV and an XLSX alike, a day to ask for, tabs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook

from gewu.surfaces.desk.who import Desk, page
from gewu.surfaces.look.forms import Field

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a cell."""
Value = str | int | date | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: a value, where it leads, and a remark below it. ``soft`` cells are quieter, a ``code`` is not broken;
    ``indent`` is the space before a name in a tree.
    """

    value: Value
    url: str = ""
    note: str = ""
    soft: bool = False
    code: bool = False
    indent: str = ""

    @property
    def is_date(self) -> bool:
        return isinstance(self.value, date)

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int) or (isinstance(self.value, str) and self.value.endswith(" %"))


def cited(source: str) -> str:
    """Where a row of a pack comes from, in words of the page: those of the packs that ship are in the catalogue, the
    words of others stand as they are.
    """
    return pgettext("source", source) if source else ""


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; numbers stand to the right."""

    title: str
    num: bool = False


@dataclass(slots=True)
class Table:
    """Rows with a heading each. ``empty`` says what would fill a table without rows; ``code`` names its file."""

    code: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    empty_title: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a profile. ``lang`` is the language of a value that is not in that of the page."""

    label: str
    value: Value
    url: str = ""
    note: str = ""
    lang: str = ""

    @property
    def is_date(self) -> bool:
        return isinstance(self.value, date)


@dataclass(slots=True)
class Sheet:
    """One page. ``saved`` is what goes into a file, the first table where it is not named."""

    tab: str
    title: str
    tables: list[Table] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    back: tuple[str, str] | None = None
    next_after: str = ""
    clear: str = ""
    saved: Table | None = None
    tabs: Sequence[tuple[str, str, str]] = ()
    tools: Sequence[tuple[str, str]] = ()

    @property
    def file(self) -> Table | None:
        return self.saved or (self.tables[0] if self.tables else None)


def today(desk: Desk) -> date:
    """The date in the district."""
    return datetime.now(ZoneInfo(desk.directory.district.timezone)).date()


def asked_day(request: HttpRequest, desk: Desk, errors: list[str]) -> date:
    """The day of the query; today where none or nothing readable was asked for, then with a sentence in ``errors``."""
    written = request.GET.get("day", "").strip()
    if written:
        try:
            found = date.fromisoformat(written)
            if 1900 <= found.year <= 2999:
                return found
        except ValueError:
            pass
        errors.append(_("Day: write year, month and day, for example 2024-11-27. Today is shown."))
    return today(desk)


def day_field(day: date) -> Field:
    """The input for a day."""
    return Field("day", _("Day"), "date", day.isoformat(), prefix="f", required=True)


def words_field(request: HttpRequest) -> Field:
    """The input for words to find by."""
    return Field("q", _("Words"), value=asked_words(request), prefix="f", required=True, attrs={"autocomplete": "off"})


def asked_words(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:100]


def unit_cell(desk: Desk, code: str, note: str = "") -> Cell:
    """A unit's name that leads to its history."""
    unit = desk.directory.unit(code)
    return Cell(unit.name(desk.language) if unit else code, reverse("desk:body", args=[code]) if unit else "", note)


def place_name(desk: Desk, code: str) -> str:
    """The name of a place; its code where it has none."""
    place = desk.directory.place(code)
    return place.name(desk.language) if place else code


def yes(value: bool) -> Cell:
    return Cell(_("yes") if value else _("no"), soft=not value)


def share(part: int, whole: int) -> str:
    """A part of a whole in percent with one decimal, rounded half up in whole numbers; empty without a whole."""
    if not whole:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10} %"


def made_up(synthetic: int, whole: int) -> list[str]:
    """The sentence that says how many rows are synthetic."""
    if not synthetic:
        return []
    if synthetic == whole:
        return [_("All rows here are synthetic: they show the tables and say nothing about the district.")]
    return [_("%(count)d of %(all)d rows are synthetic.") % {"count": synthetic, "all": whole}]


def answer(request: HttpRequest, desk: Desk, sheet: Sheet) -> HttpResponse:
    """The page, or its first table as a file where ``form`` asks for one."""
    form = request.GET.get("form", "")
    if form in FORMS and sheet.file is not None:
        return file_of(sheet.file, form, today(desk))
    kept = {k: str(v) for k, v in request.GET.items() if v and k not in ("after", "form")}
    tabs = [
        ("buildings", _("Buildings"), reverse("desk:buildings")),
        ("chain", _("Party chain"), reverse("desk:chain")),
        ("boards", _("Notice boards"), reverse("desk:boards")),
        ("devices", _("Devices"), reverse("desk:devices")),
        ("strands", _("Five strands"), reverse("desk:strands")),
        ("pairings", _("Task forces"), reverse("desk:pairings")),
        ("items", _("Enforcement items"), reverse("desk:items")),
        ("bodies", _("Bodies"), reverse("desk:bodies")),
        ("acts", _("Acts"), reverse("desk:acts")),
    ]
    files = [(form.upper(), f"?{urlencode({**kept, 'form': form})}") for form in FORMS]
    context = {
        "sheet": sheet,
        "tabs": sheet.tabs or tabs,
        "files": files if sheet.file is not None and sheet.file.rows else [],
        "next_url": f"?{urlencode({**kept, 'after': sheet.next_after})}" if sheet.next_after else "",
        "first_url": f"?{urlencode(kept)}" if request.GET.get("after") else "",
    }
    return page(request, desk, "desk/district.html", context, status=422 if sheet.errors else 200)


def file_of(table: Table, form: str, day: date) -> HttpResponse:
    """A table as a file to keep: ``form`` is csv or xlsx."""
    heads = [column.title for column in table.columns]
    rows = [[cell.value for cell in row] for row in table.rows]
    body = _csv(heads, rows) if form == "csv" else _xlsx(table.code, heads, rows)
    response = HttpResponse(body, content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="{table.code}-{day:%Y%m%d}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _safe(value: Value) -> str | int:
    """A value as a spreadsheet reads it; text that would be a formula is made text."""
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    text = value.isoformat() if isinstance(value, date) else value
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(heads: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([_safe(value) for value in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def _xlsx(code: str, heads: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(code)
    sheet.freeze_panes = "A2"
    sheet.append(list(heads))
    for row in rows:
        sheet.append([_safe(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
