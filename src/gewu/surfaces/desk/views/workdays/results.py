"""What occasions brought: sums by item and by body, and the lines behind them. One filter reads all three."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from gewu.cases.queries import BadCursor
from gewu.occasions.kinds import may_see, types
from gewu.occasions.measures import STRANDS, measures
from gewu.occasions.queries import ResultFilter, ResultPage, ResultRow, list_results, numbers_of, totals, unreported
from gewu.papers.files import Format
from gewu.papers.results import MOST, result_list
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.duties import Sum, item_choices, results_url, said_sum, strands
from gewu.surfaces.desk.views.workdays.sheets import handed_out, setting_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field


@dataclass(frozen=True, slots=True)
class Body:
    """A body with its lines. ``missing``: in how many operations it has not reported, which is no zero; ``pending``: in
    how many none is due yet."""

    name: str
    lines: int
    url: str
    missing: int
    pending: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of results as the list shows it."""

    row: ResultRow
    url: str
    item: str
    quantity: str
    unit: str
    where: str
    type: str


@desk_page()
@require_safe
def results(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Sums and one page of 50 lines, newest day first. Five statements beside session and post."""
    wanted, fields, errors = asked(request, desk)
    kept = {k: str(v) for k, v in request.GET.items() if v and k != "after"}
    try:
        found = list_results(desk.district_id, desk.acting, wanted, after=request.GET.get("after") or None)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = ResultPage([], None)
    context: dict[str, object] = {
        "fields": fields,
        "errors": errors,
        "filtered": bool(kept),
        "sums": sums_of(desk, wanted, kept),
        "bodies": _bodies(desk, wanted, kept),
        "lines": [_line(row, desk) for row in found.rows],
        "of": _of(desk, wanted),
        "next_url": f"?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        "first_url": f"?{urlencode(kept)}" if request.GET.get("after") else "",
        "sheet_url": f"{reverse('desk:results-sheet')}?{urlencode(kept)}",
    }
    return page(request, desk, "desk/results.html", context, status=422 if errors else 200)


@desk_page()
@require_safe
def sheet(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The lines of the same filter with their sums, as a file: XLSX unless told otherwise."""
    wanted, _fields, errors = asked(request, desk)
    if errors:
        return results(request)
    rows: list[ResultRow] = []
    after: str | None = None
    while len(rows) < MOST:
        found = list_results(desk.district_id, desk.acting, wanted, after=after, limit=1000)
        rows += found.rows
        after = found.after
        if after is None:
            break
    setting = setting_of(request, desk)
    sums = totals(desk.district_id, desk.acting, wanted, ("item", "unit"))
    missing = unreported(desk.district_id, desk.acting, wanted)
    return handed_out(request, desk, result_list(setting, wanted, rows, sums, missing), Format.XLSX)


def asked(request: HttpRequest, desk: Desk) -> tuple[ResultFilter, list[Field], list[str]]:
    """The filter that was asked for, its inputs, and what in it could not be understood. Raises ``PermissionDenied``
    where the post has no part in occasions."""
    if not may_see(desk.directory, desk.roles):
        text = _("What occasions brought is not for the post “%(post)s”. Your own tasks are in the queue.")
        raise PermissionDenied(text % {"post": desk.name})
    data, errors = request.GET, []
    books = types(desk.directory)
    unit = find.meant_unit(desk.directory, data.get("unit", ""), desk.language)
    if unit.several or unit.unknown:
        errors.append(_("Unit: nothing has just this name or code."))
    first, last = _day(data.get("from", "")), _day(data.get("to", ""))
    if (data.get("from") and first is None) or (data.get("to") and last is None):
        errors.append(_("Days: like 2026-11-22."))
    occasion = None
    if data.get("occasion"):
        try:
            occasion = UUID(data["occasion"])
        except ValueError:
            errors.append(_("There is no such occasion."))
    item, type_, strand = data.get("item", ""), data.get("type", ""), data.get("strand", "")
    wanted = ResultFilter(
        type=type_ if type_ in books else "",
        item=item if item in measures(desk.district_id) else "",
        unit=unit.code,
        strand=strand if strand in STRANDS else "",
        first=first,
        last=last,
        occasion=occasion,
    )
    kinds = [Choice(name, names.said(book.title, desk.language)) for name, book in books.items()]
    attrs = {"data-find": "units", "autocomplete": "off"}
    shown = names.unit(desk.directory, unit.code, desk.language) if unit.code else data.get("unit", "")
    fields = [
        Field("from", _("From"), "date", first.isoformat() if first else "", prefix="f", required=True),
        Field("to", _("To"), "date", last.isoformat() if last else "", prefix="f", required=True),
        Field(
            "item", _("What was counted"), "select", wanted.item, prefix="f", required=True,
            choices=item_choices(desk.district_id, desk.language, _("All")),
        ),
        Field("unit", _("Unit"), value=shown, prefix="f", required=True, attrs=attrs),
        Field(
            "strand", pgettext("result", "Strand"), "select", wanted.strand, prefix="f", required=True,
            choices=[Choice("", _("All")), *(Choice(code, word) for code, word in strands().items())],
        ),
        Field(
            "type", _("Kind of occasion"), "select", wanted.type, prefix="f", required=True,
            choices=[Choice("", _("All")), *kinds],
        ),
    ]  # fmt: skip
    if occasion is not None:
        fields.append(Field("occasion", "", "hidden", str(occasion), prefix="f"))
    return wanted, fields, errors


def period_days(period: str) -> tuple[date, date]:
    """The first and the last day of a month ``2026-11`` or a year ``2026``."""
    if len(period) == 4:
        return date(int(period), 1, 1), date(int(period), 12, 31)
    first = date(int(period[:4]), int(period[5:]), 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def sums_of(desk: Desk, wanted: ResultFilter, kept: dict[str, str]) -> list[Sum]:
    """Sums by item with the pages behind them."""
    known = measures(desk.district_id)
    return [
        said_sum(one, known, desk.language, results_url(**{**kept, "item": one.keys[0]}))
        for one in totals(desk.district_id, desk.acting, wanted)
    ]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if 1990 <= found.year < 2100 else None


def _bodies(desk: Desk, wanted: ResultFilter, kept: dict[str, str]) -> list[Body]:
    lines = {one.keys[0]: one.lines for one in totals(desk.district_id, desk.acting, wanted, ("unit",))}
    found = {one.unit: one for one in unreported(desk.district_id, desk.acting, wanted)}
    return [
        Body(
            names.unit(desk.directory, code, desk.language),
            lines.get(code, 0),
            results_url(**{**kept, "unit": code}) if code in lines else "",
            found[code].due if code in found else 0,
            found[code].to_come if code in found else 0,
        )
        for code in sorted(lines.keys() | found.keys(), key=lambda code: (-lines.get(code, 0), code))
    ]


def _line(row: ResultRow, desk: Desk) -> Line:
    language = desk.language
    item = measures(desk.district_id).get(row.item)
    book = desk.directory.playbook(row.type)
    return Line(
        row,
        reverse("desk:workday", args=[row.occasion]),
        names.typeset(item.title(language) if item else row.item, language),
        names.typeset(f"{row.quantity:,} {item.unit(language) if item else row.measure}", language),
        names.unit(desk.directory, row.unit, language) if row.unit else "",
        names.place_short(desk.directory, row.place, language),
        names.said(book.title, language) if book else row.type,
    )


def _of(desk: Desk, wanted: ResultFilter) -> tuple[str, str]:
    """The number and the page of the one occasion that is asked for."""
    if wanted.occasion is None:
        return "", ""
    found = numbers_of(desk.district_id, [wanted.occasion]).get(wanted.occasion)
    return (found[1], reverse("desk:workday", args=[wanted.occasion])) if found else ("", "")
