"""Lists of sessions, and of the matters behind a number."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases.queries import BadCursor
from gewu.core.playbook.model import Playbook
from gewu.occasions.kinds import levels
from gewu.occasions.queries import STATES, Filter, MatterPage, Page, list_matters, list_occasions
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.workdays import known_buildings, line, listed, outcomes
from gewu.surfaces.desk.views.workdays.month import (
    PERIOD,
    asked_type,
    led_choices,
    may_schedule,
    tabs,
)
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

OF_LEVELS = frozenset({"raised", "kept", "tasked", "referred", "waiting", "late"})
"""What there is only where meetings of several levels decide."""
_ENDED = {"open": False, "late": False, "ended": True}


@desk_page()
@require_safe
def sessions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of 50 sessions, newest first. One statement beside session and post."""
    type_, book = asked_type(request, desk)
    wanted, fields, errors = session_filter(request, desk, type_, book)
    try:
        found = list_occasions(desk.district_id, desk.acting, wanted, after=request.GET.get("after") or None)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = Page([], None)
    kept = {k: str(v) for k, v in request.GET.items() if v and k != "after"}
    known = known_buildings(found.rows, desk)
    context: dict[str, object] = {
        "title": names.said(book.title, desk.language),
        "tabs": tabs(desk, type_, "desk:workday-sessions"),
        "type": type_,
        "lines": [line(row, desk, known) for row in found.rows],
        "fields": fields,
        "errors": errors,
        "filtered": any(k != "type" for k in kept),
        "next_url": f"?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        "first_url": f"?{urlencode(kept)}" if request.GET.get("after") else "",
        "sheet_url": f"{reverse('desk:workday-sheet')}?{urlencode({**kept, 'type': type_})}",
        "new_title": names.said(book.moves["schedule"].title, desk.language) if may_schedule(desk, book) else "",
    }
    return page(request, desk, "desk/workday_list.html", context, status=422 if errors else 200)


def session_filter(
    request: HttpRequest, desk: Desk, type_: str, book: Playbook
) -> tuple[Filter, list[Field], list[str]]:
    """The filter that was asked for, its inputs, and what in it could not be understood."""
    data, errors = request.GET, []
    state = data.get("state", "") if data.get("state") in ("open", "late", "ended", "all") else "open"
    period = data.get("period", "").strip()[:7]
    if period and not PERIOD.fullmatch(period):
        errors.append(_("Period: a month like 2026-11 or a year like 2026."))
        period = ""
    unit = find.meant_unit(desk.directory, data.get("unit", ""), desk.language)
    if unit.several or unit.unknown:
        errors.append(_("Street: nothing has just this name or code."))
    led_by = data.get("led_by", "")
    stage = data.get("stage", "")
    wanted = Filter(
        type_,
        ended=_ENDED.get(state),
        late_at=timezone.now() if state == "late" else None,
        unit=unit.code,
        period=period,
        led_by=led_by if led_by in _levels(book) else "",
        stage=stage if stage in book.stages else "",
        number=data.get("number", "").strip()[:60],
        held=True if data.get("held") == "1" else None,
        street=data.get("street", "")[:9],
        strand=data.get("strand", "")[:40],
        activity=data.get("activity", "")[:40],
    )
    stages = [Choice(s.name, names.said(s.title, desk.language)) for s in book.stages.values()]
    kinds = strands_fields(book, wanted, desk.language)
    led = (
        []
        if "led_by" not in book.fields
        else [
            Field(
                "led_by",
                _("Led by"),
                "select",
                wanted.led_by,
                prefix="f",
                required=True,
                choices=led_choices(book, desk.language),
            )
        ]
    )
    states = [
        Choice("open", _("Open")), Choice("late", _("Late")), Choice("ended", _("Ended")), Choice("all", _("All")),
    ]  # fmt: skip
    attrs = {"data-find": "units", "autocomplete": "off"}
    fields = [
        Field("period", _("Month or year"), value=period, prefix="f", required=True, attrs={"autocomplete": "off"}),
        Field("unit", _("Street"), value=data.get("unit", ""), prefix="f", required=True, attrs=attrs),
        *led,
        *kinds,
        Field("state", _("State"), "select", state, prefix="f", required=True, choices=states),
        Field(
            "stage", _("Stage"), "select", wanted.stage, prefix="f", required=True,
            choices=[Choice("", _("All")), *stages],
        ),
    ]  # fmt: skip
    return wanted, fields, errors


def _levels(book: Playbook) -> tuple[str, ...]:
    """By whom an occasion of the type can be led; none where nobody asks."""
    field = book.fields.get("led_by")
    return field.choices if field is not None else ()


def strands_fields(book: Playbook, wanted: Filter, language: str) -> list[Field]:
    """The strand and the kind of activities, for a type that has them."""
    if "strand" not in book.fields:
        return []
    strand = book.fields["strand"]
    activity = next(f for f in book.moves["schedule"].form if f.name == "activity")
    return [
        Field(
            name, names.said(one.title, language), "select", value, prefix="f", required=True,
            choices=[
                Choice("", _("All")),
                *(Choice(c, names.said(t, language)) for c, t in zip(one.choices, one.choice_titles, strict=True)),
            ],
        )
        for name, one, value in (("strand", strand, wanted.strand), ("activity", activity, wanted.activity))
    ]  # fmt: skip


@desk_page()
@require_safe
def matters(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The matters behind a number, 50 a page. One statement beside session and post."""
    type_, book = asked_type(request, desk)
    data, errors = request.GET, []
    state = data.get("state", "")
    state = state if state in STATES else "counted"
    period = data.get("period", "").strip()[:7]
    if period and not PERIOD.fullmatch(period):
        errors.append(_("Period: a month like 2026-11 or a year like 2026."))
        period = ""
    led_by = data.get("led_by", "") if data.get("led_by") in _levels(book) else ""
    wanted = Filter(type_, period=period, led_by=led_by)
    try:
        found = list_matters(desk.district_id, desk.acting, wanted, state, after=data.get("after") or None)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = MatterPage([], None)
    kept = {k: str(v) for k, v in data.items() if v and k != "after"}
    named = {**outcomes(), "open": outcomes()[""]} | {
        "counted": _("all that were raised"),
        "solved": _("solved"),
        "low": _("solved at the building or in the community"),
        "following": _("case still open"),
        "late": _("not done by its due date"),
        "waiting": _("waits for a meeting of the level above"),
        "deliberated": _("deliberated"),
        "executed": _("carried out"),
        "not_executed": _("not carried out"),
        "executing": _("being carried out"),
    }
    known = [code for code in STATES if levels(book) or code not in OF_LEVELS]
    choices = [Choice(code, names.typeset(named[code], desk.language)) for code in known]
    context: dict[str, object] = {
        "title": names.said(book.title, desk.language),
        "type": type_,
        "lines": [listed(row, desk) for row in found.rows],
        "fields": [
            Field("period", _("Month or year"), value=period, prefix="f", required=True),
            Field("state", _("State"), "select", state, prefix="f", required=True, choices=choices),
            Field(
                "led_by", _("Led by"), "select", led_by, prefix="f", required=True,
                choices=led_choices(book, desk.language),
            ),
        ],
        "errors": errors,
        "next_url": f"?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        "first_url": f"?{urlencode(kept)}" if data.get("after") else "",
        "month_url": f"{reverse('desk:workdays')}?{urlencode({'type': type_, 'period': period})}",
    }  # fmt: skip
    return page(request, desk, "desk/workday_matters.html", context, status=422 if errors else 200)
