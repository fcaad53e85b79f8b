"""The month: who held a session and who not, and what the sessions brought. Every number opens its records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.core.playbook.model import Playbook
from gewu.occasions import obligations as owed
from gewu.occasions.kinds import REGISTER, RESOLVE, SCHEDULE, levels, may_see, standing, types
from gewu.occasions.queries import Figures, Filter, figures
from gewu.occasions.queries import levels as by_level
from gewu.papers.model import share
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.duties import is_duty
from gewu.surfaces.desk.present.workdays import members, statuses
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")
MAIN = "building_workday"
_YEARS = 2018


@dataclass(frozen=True, slots=True)
class Number:
    """A figure with what it counts, its n where it is a share, and the records behind it."""

    label: str
    text: str
    n: str
    url: str


@dataclass(frozen=True, slots=True)
class LevelRow:
    """What meetings of a level brought: numbers, each with the address of its records."""

    title: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tab:
    """A type among the tabs."""

    title: str
    url: str
    current: bool


@desk_page()
@require_safe
def month(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The calendar of obligations and the figures of a month or a year. Three statements beside session and post."""
    type_, book = asked_type(request, desk)
    if standing(book):
        return redirect(f"{reverse('desk:estates')}?{urlencode({'type': type_})}")
    errors: list[str] = []
    period = asked_period(request, errors)
    now = timezone.now()
    year = int(period[:4])
    whole = len(period) == 4
    found = owed.obligations(desk.district_id, type_, owed.months_of(year) if whole else (period,), now)
    counted = figures(desk.district_id, desk.acting, Filter(type_, period=period))
    kept = [one for one in found if one.status == owed.HELD]
    due = [one for one in found if one.status != owed.NOT_OWED and one.period <= f"{timezone.localdate():%Y-%m}"]
    context: dict[str, object] = {
        "title": names.said(book.title, desk.language),
        "tabs": tabs(desk, type_, "desk:workdays"),
        "period": period,
        "whole": whole,
        "months": [f"{n}" for n in range(1, 13)] if whole else [],
        "fields": [period_field(period)],
        "type": type_,
        "errors": errors,
        "members": members(found, desk, type_),
        "signs": [(code, sign, word) for code, (word, sign) in statuses().items()],
        "numbers": [] if levels(book) else numbers(counted, type_, period, book),
        "levels": level_rows(desk, book, type_, period) if levels(book) else [],
        "level_heads": list(level_heads().values()),
        "held_title": names.said(book.moves[REGISTER].title, desk.language)
        if REGISTER in book.moves and may_schedule(desk, book)
        else "",
        "kept": Number(_("Obligations kept"), share(len(kept), len(due)).text, str(len(due)), "#owed"),
        "list_url": f"{reverse('desk:workday-sessions')}?type={type_}&period={period}&state=all",
        "sheet_url": f"{reverse('desk:workday-sheet')}?{urlencode({'type': type_, 'period': period})}",
        "new_title": names.said(book.moves[SCHEDULE].title, desk.language) if may_schedule(desk, book) else "",
        "before": step(period, -1),
        "after": step(period, 1),
    }
    return page(request, desk, "desk/workdays.html", context, status=422 if errors else 200)


def level_heads() -> dict[str, str]:
    """What is counted for each level of meetings, in the order of the columns."""
    return {
        "counted": _("Items"), "solved": _("Solved"), "raised": _("Lifted"), "kept": _("Left at their level"),
        "tasked": _("Owner and date set"), "case": _("Became cases"), "following": _("Tracked still"),
        "late": _("Past their date"), "referred": _("Referred up"), "waiting": _("Waiting for a meeting"),
        "withdrawn": _("Not taken"), "open": _("Still on the table"),
    }  # fmt: skip


def level_rows(desk: Desk, book: Playbook, type_: str, period: str) -> list[LevelRow]:
    """A row for each level, lowest first; every number opens its records."""
    found = by_level(desk.district_id, desk.acting, Filter(type_, period=period))
    field = book.fields["led_by"]
    rows = []
    for level, title in zip(field.choices, field.choice_titles, strict=True):
        one = found.get(level)
        base = {"type": type_, "period": period, "led_by": level}
        meetings = f"{reverse('desk:workday-sessions')}?{urlencode({**base, 'state': 'all', 'held': '1'})}"
        cells = [(str(one.meetings if one else 0), meetings)]
        cells += [
            (
                str(one.items[state] if one else 0),
                f"{reverse('desk:workday-matters')}?{urlencode({**base, 'state': state})}",
            )
            for state in level_heads()
        ]
        rows.append(LevelRow(names.said(title, desk.language), cells))
    return rows


def numbers(found: Figures, type_: str, period: str, book: Playbook) -> list[Number]:
    """The figures of a period, each with the records behind it, as they fit the type."""
    if RESOLVE in book.moves:
        return _council_numbers(found, type_, period)
    if REGISTER in book.moves:
        asked = {"type": type_, "period": period, "state": "all", "held": "1"}
        url = f"{reverse('desk:workday-sessions')}?{urlencode(asked)}"
        return [
            Number(_("Activities held"), str(found.sessions), "", url),
            Number(_("People reached"), str(found.reached), "", url),
        ]
    return _workday_numbers(found, type_, period)


def _council_numbers(found: Figures, type_: str, period: str) -> list[Number]:
    """Sessions, what became of matters and of resolutions, what the residents judged."""
    base = {"type": type_, "period": period}
    held = f"{reverse('desk:workday-sessions')}?{urlencode({**base, 'state': 'all', 'held': '1'})}"

    def matters(state: str) -> str:
        return f"{reverse('desk:workday-matters')}?{urlencode({**base, 'state': state})}"

    answered = found.satisfied + found.dissatisfied
    return [
        Number(_("Sessions held"), str(found.sessions), "", held),
        Number(_("Proposals"), str(found.matters), "", matters("counted")),
        Number(_("Matters deliberated"), str(found.deliberated), "", matters("deliberated")),
        Number(_("Carried"), str(found.adopted), "", matters("adopted")),
        Number(_("Not carried"), str(found.rejected), "", matters("rejected")),
        Number(_("Put off to another session"), str(found.deferred), "", matters("deferred")),
        Number(_("Became cases"), str(found.as_cases), "", matters("case")),
        Number(_("Resolutions carried out"), str(found.executed), "", matters("executed")),
        Number(
            _("Share of resolutions carried out"), share(found.executed, found.adopted).text, str(found.adopted),
            matters("executed"),
        ),
        Number(_("Being carried out"), str(found.executing), "", matters("executing")),
        Number(_("Not carried out"), str(found.not_executed), "", matters("not_executed")),
        Number(_("Residents asked for their judgement"), str(found.asked), "", held),
        Number(_("Satisfied, of those who answered"), share(found.satisfied, answered).text, str(answered), held),
        Number(_("Did not answer"), share(found.asked - answered, found.asked).text, str(found.asked), held),
    ]  # fmt: skip


def _workday_numbers(found: Figures, type_: str, period: str) -> list[Number]:
    """Leader-led and street-led sessions stand apart."""

    base = {"type": type_, "period": period}

    def sessions(led_by: str) -> str:
        asked = {**base, "state": "all", "led_by": led_by, "held": "1"}
        return f"{reverse('desk:workday-sessions')}?{urlencode(asked)}"

    def matters(state: str, **more: str) -> str:
        return f"{reverse('desk:workday-matters')}?{urlencode({**base, 'state': state, **more})}"

    low, solved = share(found.low, found.solved).text, share(found.solved, found.matters).text
    by_leader = _("of these at leader-led sessions")
    return [
        Number(_("Sessions led by district leaders"), str(found.leader_sessions), "", sessions("leader")),
        Number(_("Sessions led by the street"), str(found.street_sessions), "", sessions("street")),
        Number(_("Matters raised"), str(found.matters), "", matters("counted")),
        Number(by_leader, str(found.leader_matters), "", matters("counted", led_by="leader")),
        Number(_("Solved"), str(found.solved), "", matters("solved")),
        Number(by_leader, str(found.leader_solved), "", matters("solved", led_by="leader")),
        Number(_("Share solved of the matters raised"), solved, str(found.matters), matters("solved")),
        Number(_("Solved at the building or in the community"), low, str(found.solved), matters("low")),
        Number(_("Became cases"), str(found.as_cases), "", matters("case")),
        Number(_("Joined to open cases"), str(found.joined), "", matters("joined")),
        Number(_("Answered at the table"), str(found.answered), "", matters("answered")),
        Number(_("Cases still open"), str(found.following), "", matters("following")),
        Number(_("Still on the table"), str(found.open), "", matters("open")),
    ]


def asked_type(request: HttpRequest, desk: Desk) -> tuple[str, Playbook]:
    """The type that was asked for, else the first. Raises ``PermissionDenied`` with a sentence."""
    found = {name: book for name, book in types(desk.directory).items() if SCHEDULE in book.moves}
    if not may_see(desk.directory, desk.roles) or not found:
        text = _("Building workdays are not for the post “%(post)s”. Your own tasks are in the queue.")
        raise PermissionDenied(text % {"post": desk.name})
    name = request.GET.get("type", "")
    if name not in found:
        name = MAIN if MAIN in found else next(iter(found))
    return name, found[name]


def asked_period(request: HttpRequest, errors: list[str]) -> str:
    """The month or year that was asked for; the present month else."""
    text = request.GET.get("period", "").strip()
    today = timezone.localdate()
    if text and (not PERIOD.fullmatch(text) or not _YEARS <= int(text[:4]) <= today.year + 1):
        errors.append(_("Period: a month like 2026-11 or a year like 2026."))
        text = ""
    return text or f"{today:%Y-%m}"


def period_field(period: str) -> Field:
    """The input of a period."""
    return Field(
        "period", _("Month or year"), value=period, prefix="f", required=True, attrs={"autocomplete": "off"},
        hint=_("2026-11 or 2026"),
    )  # fmt: skip


def tabs(desk: Desk, current: str, name: str) -> list[Tab]:
    """The types as tabs."""
    return [
        Tab(
            names.said(book.title, desk.language),
            reverse("desk:duties") if is_duty(book) else f"{reverse(name)}?type={code}",
            code == current,
        )
        for code, book in types(desk.directory).items()
        if SCHEDULE in book.moves and not standing(book)
    ]


def may_schedule(desk: Desk, book: Playbook) -> bool:
    """Whether the post may schedule an occasion of this type: by its role, and as a clerk of a street's office."""
    roles = {rule.role for rule in book.moves[SCHEDULE].actors} & desk.roles
    unit = desk.directory.units.get(desk.post.unit_code)
    office = (unit is not None and len(unit.place) == 9) or is_duty(book)
    return bool(roles - {"unit_clerk"}) or ("unit_clerk" in roles and office)


def led_choices(book: Playbook, language: str) -> list[Choice]:
    """By whom a session can be led."""
    known = book.fields.get("led_by")
    pairs = zip(known.choices, known.choice_titles, strict=True) if known else ()
    return [Choice("", _("All")), *(Choice(value, names.said(title, language)) for value, title in pairs)]


def step(period: str, by: int) -> str:
    """The month or year before or after."""
    if len(period) == 4:
        return str(int(period) + by)
    first, last = owed.bounds(period)
    return f"{first - timedelta(days=1):%Y-%m}" if by < 0 else f"{last + timedelta(days=1):%Y-%m}"
