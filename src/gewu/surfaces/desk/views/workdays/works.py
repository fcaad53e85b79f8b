"""Teams and projects: what there is in numbers, the list behind each number, the lines behind each sum."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases.queries import BadCursor
from gewu.core.playbook.model import Playbook
from gewu.occasions.kinds import ATTEND, FUND, MILESTONE, PLAN, RESULT, SCHEDULE, may_see, standing, types
from gewu.occasions.queries import Filter, OccasionRow, ResultFilter, list_occasions, totals
from gewu.occasions.queries import works as q
from gewu.occasions.queries.completion import completion
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.workdays import choice
from gewu.surfaces.desk.present.works import item_name, measure_name, share_of
from gewu.surfaces.desk.views.district import shared as s
from gewu.surfaces.desk.views.workdays.month import PERIOD, may_schedule
from gewu.surfaces.desk.who import Desk, desk_page
from gewu.surfaces.look.forms import Choice, Field

MAIN = "volunteer_team"
MOST = 5000
_ENDED = {"open": False, "ended": True}
_WHAT = {"members": ATTEND, "plan": PLAN, "funds": FUND}


@desk_page()
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What there is of a type: by kind, members or quantities, funds, results. At most six statements."""
    type_, book, found = _asked(request, desk)
    errors: list[str] = []
    period = _period(request, errors)
    wanted = Filter(type_, period=period)
    sheet = _sheet(desk, type_, names.said(book.title, desk.language), found, "desk:estates")
    sheet.errors = errors
    sheet.fields = [_period_field(period)]
    sheet.clear = f"?{urlencode({'type': type_})}" if period else ""
    if may_schedule(desk, book):
        url = f"{reverse('desk:workday-new')}?{urlencode({'type': type_})}"
        sheet.tools = [(names.said(book.moves[SCHEDULE].title, desk.language), url)]
    kinds = q.kinds(desk.district_id, desk.acting, wanted)
    sheet.tables = [_kinds(desk, book, type_, period, kinds)]
    if MILESTONE in book.moves:
        sheet.tables.append(_completion(desk, type_, period))
    if ATTEND in book.moves:
        sheet.tables.append(_sums(desk, book, wanted, "members", _("Members by duty"), _("Duty"), _("Members")))
    if PLAN in book.moves:
        sheet.tables.append(_progress(desk, wanted))
    if FUND in book.moves:
        sheet.tables.append(
            _sums(desk, book, wanted, "funds", _("Funds and labour by source"), _("Comes from"), _("Amount"))
        )
    if RESULT in book.moves and PLAN not in book.moves:
        sheet.tables.append(_results(desk, type_, period))
    sheet.notes = [_("A period means what began in it; service is counted on the day it was done.")]
    return s.answer(request, desk, sheet)


def _kinds(desk: Desk, book: Playbook, type_: str, period: str, found: list[q.KindRow]) -> s.Table:
    columns = [
        s.Column(_("Kind")), s.Column(_("All"), True), s.Column(_("Open"), True), s.Column(_("Late"), True),
        s.Column(_("Ended"), True),
    ]  # fmt: skip

    def url(sort: str, state: str) -> str:
        asked = {"type": type_, "period": period, "sort": sort, "state": state}
        return f"{reverse('desk:estate-list')}?{urlencode({k: v for k, v in asked.items() if v})}"

    rows = [
        [
            s.Cell(choice(book, "sort", one.sort, desk.language), url(one.sort, "all")),
            s.Cell(one.all, url(one.sort, "all")), s.Cell(one.all - one.ended, url(one.sort, "open")),
            s.Cell(one.late, url(one.sort, "late")), s.Cell(one.ended, url(one.sort, "ended")),
        ]
        for one in found
    ]  # fmt: skip
    if len(rows) > 1:
        every, ended = sum(one.all for one in found), sum(one.ended for one in found)
        late = sum(one.late for one in found)
        rows.append([
            s.Cell(_("Together"), url("", "all")), s.Cell(every, url("", "all")),
            s.Cell(every - ended, url("", "open")), s.Cell(late, url("", "late")), s.Cell(ended, url("", "ended")),
        ])  # fmt: skip
    empty = _("They are entered by the street's office or by the comprehensive office.")
    return s.Table("kinds", columns, rows, "", _("Nothing is registered here yet"), empty)


def _completion(desk: Desk, type_: str, period: str) -> s.Table:
    """How many tasks are done, and of them in time; each number opens its list."""
    found = completion(desk.district_id, desk.acting, Filter(type_, period=period), timezone.now())

    def url(state: str, stage: str = "") -> str:
        asked = {"type": type_, "period": period, "state": state, "stage": stage}
        return f"{reverse('desk:workday-sessions')}?{urlencode({k: v for k, v in asked.items() if v})}"

    columns = [
        s.Column(_("Tasks"), True), s.Column(_("Done"), True), s.Column("%", True), s.Column(_("Done in time"), True),
        s.Column(_("Open"), True), s.Column(_("Late"), True),
    ]  # fmt: skip
    row = [
        s.Cell(found.tasks, url("all")), s.Cell(found.done, url("ended", "done")),
        s.Cell(share_of(found.done, found.tasks)), s.Cell(found.in_time), s.Cell(found.open, url("open")),
        s.Cell(found.late, url("late")),
    ]  # fmt: skip
    return s.Table("completion", columns, [row], _("Task completion"), "", "")


def _sums(desk: Desk, book: Playbook, wanted: Filter, kind: str, title: str, head: str, amount: str) -> s.Table:
    field = "level" if kind == "members" else "source"
    columns = [s.Column(head), s.Column(amount, True), s.Column(_("Counted in")), s.Column(_("Lines"), True)]
    rows = []
    for one in q.sums(desk.district_id, desk.acting, kind, wanted):
        url = _lines_url(wanted, kind, one.key, one.measure)
        rows.append([
            s.Cell(choice(book, field, one.key, desk.language), url), s.Cell(one.quantity, url),
            s.Cell(measure_name(desk, "", one.measure)), s.Cell(one.lines, url),
        ])  # fmt: skip
    return s.Table(kind, columns, rows, title, _("Nothing is entered yet"), _("It is entered on the page of each."))


def _progress(desk: Desk, wanted: Filter) -> s.Table:
    columns = [
        s.Column(_("Item")), s.Column(_("Planned"), True), s.Column(_("Done"), True), s.Column("%", True),
        s.Column(_("Counted in")), s.Column(_("Projects"), True),
    ]  # fmt: skip
    rows = []
    for one in q.progress(desk.district_id, desk.acting, wanted):
        done = f"{reverse('desk:results')}?{urlencode({'type': wanted.type, 'item': one.item})}"
        # A period means projects that began in it; their quantities may be of later days, so only all of them open
        # the lines of results.
        rows.append([
            s.Cell(item_name(desk, one.item)), s.Cell(one.planned, _lines_url(wanted, "plan", one.item, one.measure)),
            s.Cell(one.done, "" if wanted.period else done), s.Cell(share_of(one.done, one.planned)),
            s.Cell(measure_name(desk, one.item, one.measure)), s.Cell(one.projects),
        ])  # fmt: skip
    title = _("Planned and done")
    return s.Table("progress", columns, rows, title, _("Nothing is planned yet"), _("It is entered on each project."))


def _results(desk: Desk, type_: str, period: str) -> s.Table:
    first, last = q.days_of(period) if period else (None, None)
    columns = [
        s.Column(_("Item")),
        s.Column(_("Quantity"), True),
        s.Column(_("Counted in")),
        s.Column(_("Lines"), True),
    ]
    rows = []
    for one in totals(desk.district_id, desk.acting, ResultFilter(type_, first=first, last=last)):
        asked = {"type": type_, "item": one.keys[0], "from": str(first or ""), "to": str(last or "")}
        url = f"{reverse('desk:results')}?{urlencode({k: v for k, v in asked.items() if v})}"
        rows.append([
            s.Cell(item_name(desk, one.keys[0]), url), s.Cell(one.quantity, url),
            s.Cell(measure_name(desk, one.keys[0], one.measure)), s.Cell(one.lines, url),
        ])  # fmt: skip
    return s.Table(
        "service", columns, rows, _("Service"), _("No service is recorded"), _("It is recorded on each team.")
    )


@desk_page()
@require_safe
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Teams or projects, newest first, 50 a page, or all as a file. One statement."""
    type_, book, found = _asked(request, desk)
    errors: list[str] = []
    data = request.GET
    state = data.get("state", "") if data.get("state") in ("open", "late", "ended", "all") else "all"
    sorts = book.fields["sort"].choices if "sort" in book.fields else ()
    sort = data.get("sort", "") if data.get("sort") in sorts else ""
    stage = data.get("stage", "") if data.get("stage") in book.stages else ""
    period = _period(request, errors)
    wanted = Filter(
        type_, ended=False if state == "late" else _ENDED.get(state), sort=sort, stage=stage, period=period,
        late_at=timezone.now() if state == "late" else None,
    )  # fmt: skip
    title = names.said(book.title, desk.language)
    sheet = _sheet(desk, type_, title, found, "desk:estate-list")
    sheet.errors = errors
    sheet.back = (_("In numbers"), f"{reverse('desk:estates')}?{urlencode({'type': type_})}")
    if may_schedule(desk, book):
        url = f"{reverse('desk:workday-new')}?{urlencode({'type': type_})}"
        sheet.tools = [(names.said(book.moves[SCHEDULE].title, desk.language), url)]
    states = [
        Choice("all", _("All")), Choice("open", _("Open")), Choice("late", _("Late")), Choice("ended", _("Ended")),
    ]  # fmt: skip
    stages = [Choice("", _("All")), *(Choice(x.name, names.said(x.title, desk.language)) for x in book.stages.values())]
    kinds = [Choice("", _("All")), *(Choice(x, choice(book, "sort", x, desk.language)) for x in sorts)]
    sheet.fields = [
        _period_field(period),
        Field("sort", _("Kind"), "select", sort, prefix="f", required=True, choices=kinds),
        Field("stage", _("Stage"), "select", stage, prefix="f", required=True, choices=stages),
        Field("state", _("State"), "select", state, prefix="f", required=True, choices=states),
    ]
    sheet.clear = f"?{urlencode({'type': type_})}" if any(data.get(k) for k in ("sort", "stage", "period")) else ""
    rows = _rows(request, desk, wanted, sheet)
    columns = [
        s.Column(_("Called")), s.Column(_("Number")), s.Column(_("Kind")), s.Column(_("Place")), s.Column(_("Held by")),
        s.Column(_("Stage")), s.Column(_("Begun")), s.Column(_("Due")),
    ]  # fmt: skip
    cells = [
        [
            s.Cell(row.name or row.number, reverse("desk:workday", args=[row.record_id])), s.Cell(row.number),
            s.Cell(choice(book, "sort", row.sort, desk.language)),
            s.Cell(names.place_short(desk.directory, row.place, desk.language)),
            s.Cell(names.unit(desk.directory, row.unit, desk.language) if row.unit else ""),
            s.Cell(words.stage_name(book, row.stage, desk.language)),
            s.Cell(timezone.localdate(row.starts_at) if row.starts_at else None),
            s.Cell(timezone.localdate(row.due_at) if row.due_at and not row.ended else None),
        ]
        for row in rows
    ]  # fmt: skip
    empty = _("They are entered by the street's office or by the comprehensive office.")
    sheet.tables = [s.Table(type_, columns, cells, "", _("Nothing is found"), empty)]
    return s.answer(request, desk, sheet)


def _rows(request: HttpRequest, desk: Desk, wanted: Filter, sheet: s.Sheet) -> list[OccasionRow]:
    """The rows of a page; all of them, up to a bound, where a file is asked for."""
    whole = request.GET.get("form", "") in s.FORMS
    after = None if whole else request.GET.get("after") or None
    rows: list[OccasionRow] = []
    while True:
        try:
            page = list_occasions(desk.district_id, desk.acting, wanted, after=after, limit=500 if whole else 50)
        except BadCursor as error:
            sheet.errors.append(words.error_text(error, desk.language))
            return rows
        rows += page.rows
        after = page.after
        if not whole or after is None or len(rows) >= MOST:
            sheet.next_after = "" if whole else after or ""
            return rows


@desk_page()
@require_safe
def lines(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The lines behind a sum, newest first, 50 a page, or up to 5,000 as a file. One statement."""
    type_, book, found = _asked(request, desk)
    data = request.GET
    errors: list[str] = []
    what = data.get("what", "")
    if what not in _WHAT or _WHAT[what] not in book.moves:
        what = next((name for name, move in _WHAT.items() if move in book.moves), "members")
    key, measure = data.get("key", "")[:64].replace("\0", ""), data.get("measure", "")[:32].replace("\0", "")
    period = _period(request, errors)
    whole = data.get("form", "") in s.FORMS
    wanted = Filter(type_, period=period)
    try:
        page = q.list_lines(
            desk.district_id, desk.acting, what, wanted, key=key, measure=measure,
            after=None if whole else data.get("after") or None, limit=MOST if whole else q.PAGE,
        )  # fmt: skip
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        page = q.WorkPage([], None)
    titles = {"members": _("Members by duty"), "plan": _("Planned quantities"), "funds": _("Funds and labour")}
    sheet = _sheet(desk, type_, titles[what], found, "desk:estates")
    sheet.errors = errors
    sheet.back = (_("In numbers"), f"{reverse('desk:estates')}?{urlencode({'type': type_, 'period': period})}")
    sheet.next_after = page.after or ""
    columns = [
        s.Column(_("Called")), s.Column(_("Number")), s.Column(_("Line"), True), s.Column(_("What")),
        s.Column(_("Amount"), True), s.Column(_("Counted in")), s.Column(_("Day")), s.Column(_("Remark")),
    ]  # fmt: skip
    field = "level" if what == "members" else "source"
    cells = [
        [
            s.Cell(row.name or row.number, reverse("desk:workday", args=[row.occasion])), s.Cell(row.number),
            s.Cell(row.line),
            s.Cell(item_name(desk, row.key) if what == "plan" else choice(book, field, row.key, desk.language)),
            s.Cell(row.quantity), s.Cell(measure_name(desk, row.key if what == "plan" else "", row.measure)),
            s.Cell(timezone.localdate(row.at)), s.Cell(row.note, soft=True),
        ]
        for row in page.rows
    ]  # fmt: skip
    empty = _("It is entered on the page of each.")
    sheet.tables = [s.Table(what, columns, cells, "", _("Nothing is entered yet"), empty)]
    return s.answer(request, desk, sheet)


# ---- parts


def _asked(request: HttpRequest, desk: Desk) -> tuple[str, Playbook, dict[str, Playbook]]:
    """The type that was asked for, else the first. Raises ``PermissionDenied`` with a sentence."""
    found = {name: book for name, book in types(desk.directory).items() if standing(book)}
    if not may_see(desk.directory, desk.roles) or not found:
        text = _("Teams and projects are not for the post “%(post)s”. Your own tasks are in the queue.")
        raise PermissionDenied(text % {"post": desk.name})
    name = request.GET.get("type", "")
    if name not in found:
        name = MAIN if MAIN in found else next(iter(found))
    return name, found[name], found


def _sheet(desk: Desk, type_: str, title: str, found: dict[str, Playbook], address: str) -> s.Sheet:
    sheet = s.Sheet(type_, title)
    sheet.tabs = [
        (name, names.said(book.title, desk.language), f"{reverse(address)}?{urlencode({'type': name})}")
        for name, book in found.items()
    ]
    return sheet


def _period(request: HttpRequest, errors: list[str]) -> str:
    text = request.GET.get("period", "").strip()[:7]
    if text and not PERIOD.fullmatch(text):
        errors.append(_("Period: a month like 2026-11 or a year like 2026."))
        return ""
    return text


def _period_field(period: str) -> Field:
    return Field(
        "period", _("Month or year"), value=period, prefix="f", required=True, attrs={"autocomplete": "off"},
        hint=_("2026-11 or 2026"),
    )  # fmt: skip


def _lines_url(wanted: Filter, what: str, key: str, measure: str) -> str:
    asked = {"type": wanted.type, "what": what, "key": key, "measure": measure, "period": wanted.period}
    return f"{reverse('desk:estate-lines')}?{urlencode({k: v for k, v in asked.items() if v})}"
