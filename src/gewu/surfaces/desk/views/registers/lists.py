"""The lists of the registers: tabs, filters, search by number, and the same as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases.queries import BadCursor
from gewu.core.playbook import model as m
from gewu.office.kinds import ADDRESS, KINDS, LETTER, ORDER, SLUGS, WITH_UNIT, may_see
from gewu.office.numbers import MAY_SET
from gewu.office.queries import EntryRow, Filter, Page, count_open, list_entries
from gewu.office.services import MAKING
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.registers import line, titles
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

CSV_PAGE = 500
CSV_MOST = 20_000
_CAP = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a cell."""
_STATES = ("open", "late", "ended", "all")


@dataclass(frozen=True, slots=True)
class Tab:
    """A register among the tabs, with how many entries are open and late."""

    title: str
    url: str
    current: bool
    open: str
    late: str


def kinds_of(desk: Desk) -> tuple[str, ...]:
    """The registers that the post may look into."""
    return tuple(k for k in KINDS if may_see(desk.directory.current_playbook(k), desk.roles))


def kind_of_slug(desk: Desk, slug: str) -> str:
    """The register of an address. Raises ``Http404``, or ``PermissionDenied`` with a sentence."""
    kind = SLUGS.get(slug)
    if kind is None:
        raise Http404(_("There is no such register."))
    demand(desk, kind)
    return kind


def demand(desk: Desk, kind: str) -> None:
    """Refuse a post that has no part in a register. Raises ``PermissionDenied``."""
    playbook = desk.directory.current_playbook(kind)
    if playbook is None:
        raise Http404(_("The playbook of this register is not loaded. Ask the people who run this system."))
    if not may_see(playbook, desk.roles):
        text = _("The register “%(register)s” is not for the post “%(post)s”. Ask the comprehensive office.")
        raise PermissionDenied(text % {"register": titles()[kind], "post": desk.name})


def making(desk: Desk, kind: str) -> m.Move | None:
    """The move by which the post makes an entry, if it may."""
    playbook = desk.directory.current_playbook(kind)
    move = playbook.moves.get(MAKING[kind]) if playbook else None
    return move if move and any(rule.role in desk.roles for rule in move.actors) else None


@desk_page()
@require_safe
def home(_request: HttpRequest, desk: Desk) -> HttpResponse:
    """The first register that the post may look into."""
    kinds = kinds_of(desk)
    if not kinds:
        text = _("The registers of the office are not for the post “%(post)s”. Your own tasks are in the queue.")
        raise PermissionDenied(text % {"post": desk.name})
    mine = [k for k in kinds if making(desk, k)] or kinds
    return redirect("desk:register", ADDRESS[mine[0]])


@desk_page()
@require_safe
def register(request: HttpRequest, desk: Desk, slug: str) -> HttpResponse:
    """One page of 50 entries of a register, newest first. Two statements beside session and post."""
    kind = kind_of_slug(desk, slug)
    wanted, fields, errors = _filter(request, desk, kind)
    try:
        found = list_entries(desk.district_id, desk.acting, wanted, after=request.GET.get("after") or None)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = Page([], None)
    counts = count_open(desk.district_id, desk.acting, kinds_of(desk), timezone.now())
    kept = {k: str(v) for k, v in request.GET.items() if v and k != "after"}
    move = making(desk, kind)
    context: dict[str, object] = {
        "slug": slug,
        "title": titles()[kind],
        "tabs": _tabs(kind, counts),
        "lines": [line(row, desk) for row in found.rows],
        "fields": fields,
        "errors": errors,
        "filtered": any(k not in ("state",) or kept[k] != "open" for k in kept),
        "next_url": f"?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        "first_url": f"?{urlencode(kept)}" if request.GET.get("after") else "",
        "csv_url": f"{reverse('desk:register-csv', args=[slug])}?{urlencode(kept)}",
        "new_title": names.said(move.title, desk.language) if move else "",
        "empty": _empty(kind),
        "may_set": bool(desk.roles & MAY_SET),
    }
    return page(request, desk, "desk/register.html", context, status=422 if errors else 200)


def _tabs(kind: str, counts: dict[str, tuple[int, int]]) -> list[Tab]:
    found = []
    for name, title in titles().items():
        if name in counts:
            n, late = counts[name]
            url = reverse("desk:register", args=[ADDRESS[name]])
            found.append(Tab(title, url, name == kind, _capped(n), _capped(late) if late else ""))
    return found


def _capped(n: int) -> str:
    return f"{_CAP}+" if n > _CAP else str(n)


def _empty(kind: str) -> str:
    """What would fill an empty register."""
    return {
        "instruction": _("A leader's instruction is written down here with its number, day, words and scan."),
        "follow_up_order": _("An order is issued here, or from the page of a case or of an instruction."),
        "letter": _("A letter to a body without accounts is drafted here, or from the page of a case."),
        "handover": _("At the end of a shift the shift leader opens a handover; what is open is listed by itself."),
    }[kind]


def _filter(request: HttpRequest, desk: Desk, kind: str) -> tuple[Filter, list[Field], list[str]]:
    """The filter that was asked for, its inputs, and what in it could not be understood."""
    data, errors = request.GET, []
    number = data.get("number", "").strip()[:60]
    state = data.get("state", "") if data.get("state") in _STATES else ("all" if number else "open")
    year = data.get("year", "").strip()
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        errors.append(_("Year: four digits, for example %(year)d.") % {"year": timezone.localdate().year})
        year = ""
    unit = ""
    if kind in WITH_UNIT:
        meant = find.meant_unit(desk.directory, data.get("unit", ""), desk.language)
        unit = meant.code
        if meant.several or meant.unknown:
            errors.append(_("Unit: nothing has just this name or code."))
    wanted = Filter(
        kind,
        ended={"open": False, "late": False, "ended": True}.get(state),
        late_at=timezone.now() if state == "late" else None,
        unit=unit,
        year=int(year or 0),
        number=number,
    )
    states = [
        Choice("open", _("Open")),
        Choice("late", _("Late")),
        Choice("ended", _("Ended")),
        Choice("all", _("All")),
    ]
    fields = [
        Field("number", _("Number"), value=number, prefix="f", required=True, attrs={"autocomplete": "off"}),
        Field("state", _("State"), "select", state, prefix="f", required=True, choices=states),
        Field("year", _("Year"), value=year, prefix="f", required=True, attrs={"inputmode": "numeric"}),
    ]
    if kind in WITH_UNIT:
        attrs = {"data-find": "units", "autocomplete": "off"}
        label = _("Unit") if kind == ORDER else _("To")
        fields.append(Field("unit", label, value=data.get("unit", ""), prefix="f", required=True, attrs=attrs))
    return wanted, fields, errors


# ---- as a file


@desk_page()
@require_safe
def export(request: HttpRequest, desk: Desk, slug: str) -> HttpResponse:
    """The register under the same filters as CSV (UTF-8 with a mark, so that spreadsheets read it)."""
    kind = kind_of_slug(desk, slug)
    wanted, _fields, errors = _filter(request, desk, kind)
    if errors:
        return redirect(f"{reverse('desk:register', args=[slug])}?{request.GET.urlencode()}")
    rows = list(_all(desk, wanted))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_heads(kind))
    for row in rows:
        writer.writerow([_cell(value) for value in _values(row, desk)])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"{slug}-{timezone.localdate():%Y%m%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _all(desk: Desk, wanted: Filter) -> Iterator[EntryRow]:
    after, given = None, 0
    while given < CSV_MOST:
        found = list_entries(desk.district_id, desk.acting, wanted, after=after, limit=CSV_PAGE)
        yield from found.rows
        given += len(found.rows)
        after = found.after
        if after is None:
            return


def _heads(kind: str) -> list[str]:
    return [
        _("Number"), _("Entered on"), _("Own number"), _("Own date"), _("To") if kind == LETTER else _("Unit"),
        _("About"),
        _("Stage"), _("Sent on"), _("Answer by"), _("Next deadline"), _("Late"), _("Reminded"), _("Returned"),
        _("Came back"), _("Answered at"), _("Struck off at"), _("Look back at"), _("Closed at"), _("Open matters"),
        _("Late matters"),
    ]  # fmt: skip


def _values(row: EntryRow, desk: Desk) -> list[object]:
    shown = line(row, desk)
    late = row.due_at is not None and not row.ended and row.due_at < timezone.now()
    return [
        row.number, row.day, row.own_number, row.own_day, shown.who, shown.what, shown.stage, row.sent_on, row.due_on,
        row.due_at if not row.ended else None, _("yes") if late else "", row.reminders, row.returns, row.relapses,
        row.answered_at, row.struck_off_at, row.look_back_at, row.closed_at, row.matters, row.late,
    ]  # fmt: skip


def _cell(value: object) -> str:
    """A value as a spreadsheet reads it; text that would be a formula is made text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
