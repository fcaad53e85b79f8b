"""Scheduling a session."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gewu.cases.services import UnknownPlace
from gewu.core.playbook.model import Playbook
from gewu.ledger.errors import LedgerError, Refused
from gewu.occasions import services
from gewu.occasions.kinds import REGISTER, SCHEDULE, standing
from gewu.registry import buildings
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.again import fill_errors
from gewu.surfaces.desk.present.duties import is_duty
from gewu.surfaces.desk.present.moves import About, MoveForm, form_for
from gewu.surfaces.desk.present.workdays import local_input
from gewu.surfaces.desk.views.workdays.month import asked_type, may_schedule
from gewu.surfaces.desk.who import Desk, desk_page, page

STREET = 9
MOST_BUILDINGS = 1000
"""A street has a few hundred; whoever has more types the code."""


@desk_page()
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new session. A clerk's own office stands in the form; buildings of the territory are suggested."""
    type_, playbook = asked_type(request, desk)
    held = "held" in request.GET and REGISTER in playbook.moves
    move = playbook.moves[REGISTER if held else SCHEDULE]
    if not may_schedule(desk, playbook):
        text = _("Sessions are scheduled by the street's own office or by the comprehensive office, not by “%(post)s”.")
        raise PermissionDenied(text % {"post": desk.name})
    about = About(desk.directory, playbook, desk.language, desk.acting.actor)
    status = 200
    if request.method == "POST":
        given = formdata.read(request, desk, move, documents=True)
        form = form_for(move, about, given.typed)
        form.command_id, form.kept = given.command_id, formdata.kept(given)
        made = None if given.faults else _make(desk, type_, form, given)
        if made is not None:
            done = _("%(number)s is registered.") if held else _("%(number)s is scheduled.")
            messages.success(request, done % {"number": made.number})
            return redirect("desk:workday", made.outcome.record_id)
        if given.faults:
            fill_errors(form, dict(given.faults), [])
        status = 422
    else:
        form = form_for(move, about, _prefilled(desk, playbook, held))
        form.command_id = str(uuid4())
    form.documents = True
    _suggest_buildings(desk, form)
    context: dict[str, object] = {
        "title": names.said(playbook.title, desk.language),
        "type": type_,
        "form": form,
        "faulty": [one for one in form.inputs if one.error],
        "buildings": _buildings(desk),
        "up": f"{reverse('desk:estates' if standing(playbook) else 'desk:workdays')}?type={type_}",
    }
    return page(request, desk, "desk/workday_new.html", context, status=status)


def _prefilled(desk: Desk, playbook: Playbook, held: bool = False) -> dict[str, str]:
    found = {"led_by": "street"}
    unit = desk.directory.units.get(desk.post.unit_code)
    if unit is not None and (len(unit.place) == STREET or is_duty(playbook)):
        found["unit"] = names.unit_label(unit, desk.language)
    if held:
        return found
    making = playbook.moves[SCHEDULE]
    if not any(one.name == "ends_at" for one in making.form):  # something that was found, not planned
        return found | {"starts_at": local_input(timezone.localtime())}
    day = timezone.localtime() + timedelta(days=7)
    begins = datetime.combine(day.date(), datetime.min.time()).replace(hour=9)
    found["starts_at"], found["ends_at"] = local_input(begins), local_input(begins + timedelta(hours=2))
    return found


def _suggest_buildings(desk: Desk, form: MoveForm) -> None:
    for one in form.inputs:
        if one.name == "building" and desk.acting.scope is not None:
            one.attrs = {**one.attrs, "list": "buildings", "autocomplete": "off"}


def _buildings(desk: Desk) -> list[tuple[str, str]]:
    """Buildings of the street from the register, for a clerk of a street: code and name."""
    unit = desk.directory.units.get(desk.post.unit_code)
    if unit is None or len(unit.place) != STREET:
        return []
    rows = buildings.suggest(desk.district_id, timezone.localdate(), unit.place, limit=MOST_BUILDINGS)
    chinese = words.chinese(desk.language)
    return [(row.code, row.name_zh if chinese else row.name_en) for row in rows]


def _make(desk: Desk, type_: str, form: MoveForm, given: formdata.Given) -> services.Made | None:
    """Make the session; on an error fill the form with it and return None."""
    filled = services.Filled(given.args, given.texts, tuple(given.photos), given.command_id)
    playbook = desk.directory.playbook(type_)
    try:
        return services.schedule(desk.district_id, desk.acting, type_, filled, move=form.move.name)
    except Refused as error:
        faults = formdata.refused_fields(error.refusal.fields, form.move, desk.language)
        text = words.refusal_text(error.refusal, playbook, desk.language, desk.directory)
        fill_errors(form, faults, [] if faults else [text])
    except UnknownPlace as error:
        fill_errors(form, {"place": words.error_text(error, desk.language)}, [])
    except LedgerError as error:
        form.command_id = str(uuid4())
        fill_errors(form, {}, [words.error_text(error, desk.language, playbook, desk.directory)])
    return None
