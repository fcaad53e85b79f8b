"""The calendar of the district: a year at a glance, days off and make-up workdays, whose deadlines they touch."""

from __future__ import annotations

import calendar as months
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from gewu.ledger.counting import clocks_over
from gewu.registry.administration.changes import Step
from gewu.registry.models import CalendarDay, CalendarSpec, Change, HolidayYear
from gewu.registry.packs.standing import added_by
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.giving import refused
from gewu.surfaces.admin.views.log import changes_table
from gewu.surfaces.admin.year import Day, Month, month_names, weekdays
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.typography import sign

TOPIC = "calendar"
FIRST, LAST = 2015, 2099
REST, WORKDAY = "rest", "workday"


def _asked_year(request: HttpRequest, desk: Desk) -> int:
    text = request.GET.get("year", "")
    found = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else s.today(desk).year
    return min(max(found, FIRST), LAST)


@admin_page
@require_safe
def calendar(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One year, day by day. Four statements."""
    wanted, today = _asked_year(request, desk), s.today(desk)
    plan = desk.directory.calendar_plan
    own = {
        d.date: d for d in CalendarDay.objects.filter(district_id=desk.district_id, date__year=wanted, retired_on=None)
    }
    named = {d.date: d for d in CalendarDay.objects.filter(district=None, date__year=wanted, retired_on=None)} | own
    added = {d for d, row in own.items() if row.pack == added_by(s.district_of(desk))}
    year_of_months = [
        Month(
            title,
            [
                [_day(date(wanted, n, d), plan.exceptions, named, added, today, desk) if d else None for d in week]
                for week in months.Calendar().monthdayscalendar(wanted, n)
            ],
        )
        for n, title in enumerate(month_names(), start=1)
    ]
    sheet = s.Page("calendar", _("Calendar of %(year)s") % {"year": wanted})
    published = wanted in plan.published_years
    if not published:
        sheet.notes.append(
            _(
                "The holiday plan of %(year)s is not published. Until it is, workdays are Monday to Friday and "
                "deadlines that reach into the year are provisional."
            )
            % {"year": wanted}
        )
    rest = [d for d, kind in plan.exceptions.items() if d.year == wanted and kind == REST]
    work = [d for d, kind in plan.exceptions.items() if d.year == wanted and kind == WORKDAY]
    sheet.facts = [
        s.Fact(_("Days off beside weekends"), str(len(rest))),
        s.Fact(_("Make-up workdays"), str(len(work))),
        s.Fact(_("Entered here"), str(len(added))),
    ]
    rows = [
        [
            s.Cell(d),
            s.Cell(_kinds()[plan.exceptions[d]]),
            s.Cell(_name(named.get(d), desk)),
            s.Cell(_("entered here") if d in added else _("from a pack"), soft=True),
        ]
        for d in sorted((*rest, *work))
        if plan.exceptions[d] in _kinds()
    ]
    table = s.Table(
        "days",
        s.columns(_("Day"), _("Kind"), pgettext("calendar", "Name"), _("Source")),
        rows,
        title=_("Exceptions of the year"),
        empty_title=_("No exception"),
        empty=_("Days off and make-up workdays of this year would stand here."),
    )
    sheet.tables, sheet.saved = [table, _hours(desk)], table
    sheet.tables.append(
        changes_table(
            desk,
            Change.objects.filter(district_id=desk.district_id, topic=TOPIC).select_related("made_by")[:20],
            _("What was changed"),
        )
    )
    sheet.forms = [_day_form(desk, wanted)]
    if added:
        sheet.forms.append(_out_form(sorted(added)))
    if not published:
        sheet.forms.append(_year_form(wanted))
    around = [(n, f"?year={n}") for n in (wanted - 1, wanted + 1) if FIRST <= n <= LAST]
    return s.show(
        request,
        desk,
        sheet,
        "admin/calendar.html",
        months=year_of_months,
        weekdays=weekdays(),
        around=around,
        year=wanted,
    )


def _kinds() -> dict[str, str]:
    return {REST: _("day off"), WORKDAY: _("make-up workday")}


def _name(found: CalendarDay | None, desk: Desk) -> str:
    if found is None:
        return ""
    return names.typeset(found.name_zh if desk.language.startswith("zh") else found.name_en, desk.language)


def _day(day: date, exceptions: Any, named: dict[date, CalendarDay], added: set[date], today: date, desk: Desk) -> Day:
    kind = exceptions.get(day) or ("weekend" if day.weekday() >= 5 else "")
    said = _kinds().get(kind, "")
    name = _name(named.get(day), desk)
    return Day(
        day.day,
        kind,
        f"{said}{sign(':', desk.language)}{name}" if said and name else said or name,
        day == today,
        day in added,
    )


def _hours(desk: Desk) -> s.Table:
    """The working hours that packs define."""
    zh = desk.language.startswith("zh")
    titles = {x.code: x.title_zh if zh else x.title_en for x in CalendarSpec.objects.filter(retired_on=None)}
    every = " · " + _("every day")
    colon, comma = sign(":", desk.language), sign(",", desk.language)
    rows = []
    for code, spec in desk.directory.calendar_plan.specs.items():
        seasons = [
            f"{one['from']} – {one['to']}{colon}{comma.join(one['windows'])}"
            + (every if one.get("days") == "all" else "")
            for one in spec["seasons"]
        ]
        users = sum(u.calendar == code for u in desk.directory.units.values() if u.active)
        default = _("of the district") if code == desk.directory.district.default_calendar else ""
        rows.append(
            [
                s.Cell(names.typeset(titles.get(code, code), desk.language), note=default),
                s.Cell(sign(";", desk.language).join(seasons)),
                s.Cell(users),
            ]
        )
    columns = s.columns(_("Working hours"), _("Seasons and windows"), s.number(_("Units")))
    return s.Table("hours", columns, rows, title=_("Working hours"))


# ---- forms


def _day_form(desk: Desk, wanted: int) -> s.Form:
    today = s.today(desk)
    first = today if today.year == wanted else None
    kinds = [s.Choice(REST, _("day off")), s.Choice(WORKDAY, _("make-up workday"))]
    return s.Form(
        _("Enter a day off or a make-up workday"),
        reverse("admin:calendar-day"),
        [
            s.day_field("first", _("First day"), first, prefix="d"),
            s.day_field("last", _("Last day"), None, required=False, prefix="d", hint=_("Left empty, it is one day.")),
            s.Field("kind", _("Kind"), "select", REST, required=True, prefix="d", choices=kinds),
            s.Field("name_zh", _("Chinese name"), required=True, prefix="d", attrs={"maxlength": "60"}),
            s.Field(
                "name_en",
                _("English name"),
                prefix="d",
                attrs={"maxlength": "60"},
                hint=_("Left empty, the Chinese name stands here too."),
            ),
            s.reason_field("d"),
        ],
        _("Enter"),
    )


def _out_form(added: list[date]) -> s.Form:
    fields = [
        s.Field(
            "day", _("Which"), "select", required=True, prefix="o", choices=[s.Choice(str(d), str(d)) for d in added]
        ),
        s.reason_field("o"),
    ]
    return s.Form(
        _("Take a day out"),
        reverse("admin:calendar-out"),
        fields,
        _("Take it out"),
        _("Only days that were entered here; then what the pack says holds again."),
    )


def _year_form(wanted: int) -> s.Form:
    return s.Form(
        _("The holiday plan is complete"),
        reverse("admin:calendar-year"),
        [s.reason_field("y")],
        _("Say so"),
        _(
            "When all days off and make-up workdays of %(year)s are entered, say so: then deadlines are no "
            "longer provisional."
        )
        % {"year": wanted},
        hidden={"year": str(wanted)},
    )


def _touched(desk: Desk, days: list[date]) -> list[str]:
    """What comes of days that are entered or taken out."""
    published, said = desk.directory.calendar_plan.published_years, []
    if in_force := [d for d in days if d.year in published]:
        start = datetime.combine(min(in_force), time.min, ZoneInfo(desk.directory.district.timezone))
        n = clocks_over(desk.district_id, start)
        sentence = ngettext(
            "%(n)d running deadline ends on that day or later. It stays as it was promised; what starts from now on "
            "is counted with the change.",
            "%(n)d running deadlines end on that day or later. They stay as they were promised; what starts from now "
            "on is counted with the change.",
            n,
        )
        said.append(sentence % {"n": n})
    for year in sorted({d.year for d in days} - set(published)):
        said.append(
            _(
                "The plan of %(year)s is not said to be complete: until it is, workdays of that year are Monday to "
                "Friday, and days that are entered wait for it."
            )
            % {"year": year}
        )
    return said


@admin_page
@require_POST
def day(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Enter days: one, or several in a row."""
    errors: s.Errors = {}
    first = s.day_of(request, "first", errors, required=True)
    last = s.day_of(request, "last", errors) or first
    kind = request.POST.get("kind", "")
    name_zh = s.needed(request, "name_zh", errors, 60)
    name_en = s.words_of(request, "name_en", 60) or name_zh
    reason = s.needed(request, "reason", errors, 300)
    if kind not in (REST, WORKDAY):
        errors["kind"] = _("Choose one of the list.")
    if first and last and last < first:
        errors["last"] = _("This is before the first day.")
    if first and last and (last - first).days > 31:
        errors["last"] = _("At most 31 days at once.")
    if first and first < s.today(desk):
        errors["first"] = _("From today or a later day.")
    if errors or first is None or last is None:
        return refused(
            request,
            desk,
            _day_form(desk, s.today(desk).year),
            errors,
            TOPIC,
            (_("Calendar"), reverse("admin:calendar")),
        )
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    steps = [
        Step(
            "add", "calendar day", str(d), value={"date": str(d), "kind": kind, "name_zh": name_zh, "name_en": name_en}
        )
        for d in days
    ]
    wish = s.Wish(
        steps,
        TOPIC,
        _("Enter a day off or a make-up workday"),
        _("The days are entered."),
        f"{reverse('admin:calendar')}?year={first.year}",
        None,
        reason,
    )
    exceptions = desk.directory.calendar_plan.exceptions
    for d in days:
        before = _kinds().get(exceptions.get(d, ""), _("weekend") if d.weekday() >= 5 else _("workday"))
        wish.lines.append((str(d), before, _kinds()[kind]))
    wish.consequences = _touched(desk, days)
    return s.carry(request, desk, wish, _day_form(desk, first.year))


@admin_page
@require_POST
def out(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take out a day that was entered here."""
    errors: s.Errors = {}
    found, reason = s.day_of(request, "day", errors, required=True), s.needed(request, "reason", errors, 300)
    if errors or found is None:
        return refused(
            request,
            desk,
            _out_form([found] if found else []),
            errors,
            TOPIC,
            (_("Calendar"), reverse("admin:calendar")),
        )
    back = f"{reverse('admin:calendar')}?year={found.year}"
    wish = s.Wish(
        [Step("remove", "calendar day", str(found))],
        TOPIC,
        _("Take a day out"),
        _("The day is taken out."),
        back,
        None,
        reason,
    )
    wish.lines = [(str(found), _("entered here"), "–")]
    wish.consequences = _touched(desk, [found])
    return s.carry(request, desk, wish, _out_form([found]))


@admin_page
@require_POST
def year(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Say that the plan of a year is complete."""
    errors: s.Errors = {}
    text, reason = request.POST.get("year", ""), s.needed(request, "reason", errors, 300)
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    back = f"{reverse('admin:calendar')}?year={wanted}"
    if (
        errors
        or not FIRST <= wanted <= LAST
        or HolidayYear.objects.filter(district_id=desk.district_id, year=wanted, retired_on=None).exists()
    ):
        return refused(request, desk, _year_form(wanted), errors, TOPIC, (_("Calendar"), back))
    wish = s.Wish(
        [Step("add", "holiday year", str(wanted), value={"year": wanted})],
        TOPIC,
        _("The holiday plan is complete"),
        _("The plan is in force."),
        back,
        None,
        reason,
    )
    count = sum(d.year == wanted for d in desk.directory.calendar_plan.exceptions)
    wish.consequences = [
        ngettext("%(n)d exception of %(year)s is entered.", "%(n)d exceptions of %(year)s are entered.", count)
        % {"n": count, "year": wanted},
        _("Deadlines that start from now on and reach into %(year)s are no longer provisional.") % {"year": wanted},
    ]
    return s.carry(request, desk, wish, _year_form(wanted))
