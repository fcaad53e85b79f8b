"""Duty rosters: who is on duty for a unit when, where nobody is, in and out as a sheet."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gewu.registry.administration import rosters
from gewu.registry.models import Shift
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.dates import instant_words, span_words

MOST_BYTES = 1_000_000


def _said(fault: rosters.Fault) -> str:
    text = {
        "no_unit": _("There is no unit %(about)s."),
        "no_login": _("Nobody in this district has the login %(about)s."),
        "locked": _("The login %(about)s is locked."),
        "order": _("The end is not after the beginning."),
        "too_long": _("A shift lasts 72 hours at most."),
        "two_places": _("%(about)s would be on duty twice at once."),
        "too_many": _("A sheet has at most %(about)s shifts."),
        "not_text": _("This is no CSV: save the sheet as CSV (UTF-8)."),
        "columns": _("Columns are missing: %(about)s."),
        "instant": _("“%(about)s” is no day with a time, such as 2026-11-27 08:30."),
    }[fault.code] % {"about": fault.about}
    return _("Line %(line)d: %(text)s") % {"line": fault.line, "text": text} if fault.line > 1 else text


@admin_page
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Units with a roster: who is on duty now, who comes next, how many gaps in the next days. One statement."""
    now = timezone.now()
    rows = Shift.objects.filter(district_id=desk.district_id, removed_at=None, ends_at__gt=now).select_related(
        "unit", "person"
    )
    by_unit: dict[str, list[Shift]] = {}
    for row in rows:
        by_unit.setdefault(row.unit.code, []).append(row)
    lines = []
    for code, shifts in sorted(by_unit.items()):
        present = [x for x in shifts if x.starts_at <= now]
        later = min((x for x in shifts if x.starts_at > now), key=lambda x: x.starts_at, default=None)
        open_spans = rosters.gaps(shifts, now, max(x.ends_at for x in shifts))
        lines.append(
            [
                s.Cell(names.unit(desk.directory, code, desk.language), reverse("admin:roster", args=[code])),
                s.Cell(
                    names.listed([s.name_of(x.person, desk.language) for x in present], desk.language) or _("nobody"),
                    soft=not present,
                ),
                s.Cell(f"{s.name_of(later.person, desk.language)} · {_when(later.starts_at, desk)}" if later else ""),
                s.Cell(_when(max(x.ends_at for x in shifts), desk)),
                s.Cell(len(open_spans)),
            ]
        )
    table = s.Table(
        "rosters",
        s.columns(_("Unit"), _("On duty now"), _("Next"), _("Planned until"), s.number(_("Gaps"))),
        lines,
        empty_title=_("No roster yet"),
        empty=_("Choose a unit below and enter who is on duty when, or take in a sheet."),
    )
    sheet = s.Page(
        "rosters",
        _("Duty rosters"),
        lead=_("Who is on duty now stands on the pages of the desk, for everybody of the unit."),
        tables=[table],
        saved=table,
    )
    sheet.filters = [s.picked("unit", _("Unit"), s.unit_choices(desk), "", _("Choose"))]
    wanted = request.GET.get("unit", "")
    if wanted in desk.directory.units:
        return redirect("admin:roster", wanted)
    return s.show(request, desk, sheet)


def _when(at: datetime, desk: Desk) -> str:
    return instant_words(timezone.localtime(at), timezone.localtime(), desk.language)


@admin_page
@require_safe
def roster(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The roster of one unit from today on. One statement."""
    if request.GET.get("form") == "roster":
        rows = _rows(desk, code)
        answer = HttpResponse(
            rosters.sheet(rows, desk.directory.district.timezone), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="roster-{code}.csv"'
        return answer
    return _show(request, desk, code)


def _rows(desk: Desk, code: str) -> list[Shift]:
    if code not in desk.directory.units:
        raise Http404(_("There is no such unit."))
    since = datetime.combine(s.today(desk), time.min, ZoneInfo(desk.directory.district.timezone))
    found = Shift.objects.filter(district_id=desk.district_id, unit__code=code, removed_at=None, ends_at__gt=since)
    return list(found.select_related("unit", "person")[:1000])


def _show(request: HttpRequest, desk: Desk, code: str, form: s.Form | None = None) -> HttpResponse:
    rows, now = _rows(desk, code), timezone.now()
    title = _("Duty roster of %(unit)s") % {"unit": names.unit(desk.directory, code, desk.language)}
    sheet = s.Page("rosters", title, back=(_("Duty rosters"), reverse("admin:rosters")))
    table = s.Table(
        "roster",
        s.columns(_("On duty"), _("As what"), _("From"), _("To"), _("How long")),
        [
            [
                s.person_cell(desk, x.person, _("now") if x.starts_at <= now < x.ends_at else ""),
                s.Cell(x.duty),
                s.Cell(_when(x.starts_at, desk)),
                s.Cell(_when(x.ends_at, desk)),
                s.Cell(span_words(int((x.ends_at - x.starts_at).total_seconds()), desk.language)),
            ]
            for x in rows
        ],
        empty_title=_("Nobody is on this roster"),
        empty=_("Enter the first shift below, or take in a sheet."),
    )
    sheet.tables = [table]
    if rows:
        end = min(now + rosters.AHEAD, max(x.ends_at for x in rows))
        spans = rosters.gaps(rows, now, end)
        if spans:
            sheet.tables.append(
                s.Table(
                    "gaps",
                    s.columns(_("Nobody from"), _("To"), _("How long")),
                    [
                        [
                            s.Cell(_when(a, desk)),
                            s.Cell(_when(b, desk)),
                            s.Cell(span_words(int((b - a).total_seconds()), desk.language)),
                        ]
                        for a, b in spans[:50]
                    ],
                    title=_("Gaps"),
                )
            )
        else:
            sheet.notes.append(_("No gap until %(until)s.") % {"until": _when(end, desk)})
        sheet.tools = [(_("Save as CSV"), "?form=roster")]
    sheet.forms = [_shift_form(desk, code), _sheet_form(code), *([_out_form(desk, code, rows)] if rows else [])]
    sheet.put(form)
    return s.show(request, desk, sheet)


def _shift_form(desk: Desk, code: str) -> s.Form:
    held = {p.person for p in desk.directory.posts_of_unit(code) if p.person is not None}
    posts = [desk.directory.people[one] for one in sorted(held) if one in desk.directory.people]
    people = {p.login: p.name(desk.language) for p in posts}
    choices = [s.Choice("", _("Choose")), *(s.Choice(login, f"{name} · {login}") for login, name in people.items())]
    return s.Form(
        _("Enter a shift"),
        reverse("admin:roster-put", args=[code]),
        [
            s.Field("login", _("Person"), "select", required=True, prefix="p", choices=choices),
            s.Field(
                "duty", _("As what"), prefix="p", attrs={"maxlength": "60"}, hint=_("For example: leader on duty.")
            ),
            s.Field("from", _("From"), "datetime-local", required=True, prefix="p"),
            s.Field("until", _("To"), "datetime-local", required=True, prefix="p"),
            s.Field(
                "days",
                _("The same on so many days in a row"),
                "number",
                "1",
                prefix="p",
                attrs={"min": "1", "max": "31"},
            ),
        ],
        _("Enter"),
        folded=False,
    )


def _sheet_form(code: str) -> s.Form:
    fields = [s.Field("sheet", _("Sheet (CSV)"), "file", required=True, prefix="c", attrs={"accept": ".csv,text/csv"})]
    said = _("All of it is taken or nothing; what is there already stays once. Its columns, in any order:")
    columns = (
        ("login", _("the login of whoever is on duty")),
        ("from", _("day and time, such as 2026-11-27 08:30")),
        ("until", _("day and time")),
        ("duty", _("as what; may be left out")),
        ("unit", _("may be left out: this unit")),
    )
    return s.Form(
        _("Take in a sheet"),
        reverse("admin:roster-put", args=[code]),
        fields,
        _("Take it in"),
        said,
        files=True,
        hidden={"verb": "sheet"},
        columns=columns,
    )


def _out_form(desk: Desk, code: str, rows: list[Shift]) -> s.Form:
    choices = [
        s.Choice(str(x.pk), f"{s.name_of(x.person, desk.language)} · {_when(x.starts_at, desk)}") for x in rows[:200]
    ]
    fields = [s.Field("shift", _("Which"), "select", required=True, prefix="o", choices=choices)]
    return s.Form(
        _("Take a shift out"),
        reverse("admin:roster-put", args=[code]),
        fields,
        _("Take it out"),
        hidden={"verb": "out"},
    )


@admin_page
@require_POST
def put(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Enter one shift (on several days), take in a sheet, or take a shift out."""
    if code not in desk.directory.units:
        raise Http404(_("There is no such unit."))
    district, verb = s.district_of(desk), request.POST.get("verb", "")
    if verb == "out":
        wanted = request.POST.get("shift", "")
        done = (
            wanted.isascii()
            and wanted.isdigit()
            and len(wanted) < 10
            and rosters.remove(district, int(wanted), s.by_of(desk))
        )
        messages.success(request, _("The shift is taken out.")) if done else messages.info(
            request, _("It was taken out already.")
        )
        return redirect("admin:roster", code)
    form = _sheet_form(code) if verb == "sheet" else _shift_form(desk, code)
    try:
        shifts = _from_sheet(request, desk, code) if verb == "sheet" else _from_form(request, desk, code, form)
        if shifts:
            n = rosters.put(district, shifts, s.by_of(desk))
            messages.success(request, ngettext("%(n)d shift is entered.", "%(n)d shifts are entered.", n) % {"n": n})
            return redirect("admin:roster", code)
        if verb == "sheet":
            form.errors = [_("The sheet is empty.")]
    except rosters.Unfit as unfit:
        form.errors = [_said(f) for f in unfit.faults[:20]]
    form.folded = False
    return _show(request, desk, code, form)


def _from_sheet(request: HttpRequest, desk: Desk, code: str) -> list[rosters.Wanted]:
    found = request.FILES.get("sheet")
    if found is None:
        return []
    if (found.size or 0) > MOST_BYTES:
        raise rosters.Unfit([rosters.Fault("too_many", 0, str(rosters.MOST_ROWS))])
    return rosters.parse(found.read(), desk.directory.district.timezone, code)


def _from_form(request: HttpRequest, desk: Desk, code: str, form: s.Form) -> list[rosters.Wanted]:
    errors: s.Errors = {}
    zone = desk.directory.district.timezone
    login = s.needed(request, "login", errors, 64)
    start, end = (rosters.instant(request.POST.get(name, ""), zone) for name in ("from", "until"))
    for name, found in (("from", start), ("until", end)):
        if found is None:
            errors[name] = _("Choose a day and a time.")
    text = request.POST.get("days", "1")
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
    if not 1 <= days <= 31:
        errors["days"] = _("From 1 to 31.")
    s.filled(form.fields, request, errors)
    if errors or start is None or end is None:
        return []
    duty = s.words_of(request, "duty", 60)
    return [
        rosters.Wanted(code, login, duty, start + timedelta(days=n), end + timedelta(days=n), 0) for n in range(days)
    ]
