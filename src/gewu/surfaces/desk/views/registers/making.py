"""New entries of the registers, and the form in which their numbers are written."""

from __future__ import annotations

import time
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gewu.cases.queries import Filter, find_by_number, list_cases
from gewu.ledger.errors import LedgerError, Refused
from gewu.office import numbers, services
from gewu.office.kinds import ADDRESS, HANDOVER, KINDS, LETTER, ORDER
from gewu.office.queries import open_matters
from gewu.office.services import Filled
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.again import fill_errors
from gewu.surfaces.desk.present.moves import About, MoveForm, form_for
from gewu.surfaces.desk.present.registers import entry_url, shown_matters, titles
from gewu.surfaces.desk.views.registers.lists import kind_of_slug, making
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Field


@desk_page()
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, desk: Desk, slug: str) -> HttpResponse:
    """A new entry. ``case``, ``instruction`` and ``unit`` in the address fill the form beforehand."""
    kind = kind_of_slug(desk, slug)
    playbook = services.playbook_of(desk.directory, kind)
    move = making(desk, kind)
    if move is None:
        text = _("The post “%(post)s” may look into this register, but makes no entries in it.")
        raise PermissionDenied(text % {"post": desk.name})
    about = About(desk.directory, playbook, desk.language, desk.acting.actor)
    status = 200
    if request.method == "POST":
        given = formdata.read(request, desk, move, documents=True)
        form = form_for(move, about, given.typed)
        form.command_id, form.kept = given.command_id, formdata.kept(given)
        made = None if given.faults else _make(desk, kind, form, given)
        if made is not None:
            messages.success(request, _("%(number)s is entered.") % {"number": made.number})
            return redirect(entry_url(made.outcome.record_id))
        if given.faults:
            fill_errors(form, dict(given.faults), [])
        status = 422
    else:
        form = form_for(move, about, _prefilled(request, desk, kind))
        form.command_id = str(uuid4())
    form.documents = True
    context: dict[str, object] = {
        "slug": slug,
        "register": titles()[kind],
        "form": form,
        "faulty": [one for one in form.inputs if one.error],
        "matters": shown_matters(open_matters(desk.district_id, desk.acting, int(time.time())), desk)
        if kind == HANDOVER
        else None,
    }
    return page(request, desk, "desk/register_new.html", context, status=status)


def _make(desk: Desk, kind: str, form: MoveForm, given: formdata.Given) -> services.Made | None:
    """Make the entry; on an error fill the form with it and return None."""
    filled = Filled(given.args, given.texts, tuple(given.photos), given.command_id)
    try:
        return services.make(desk.district_id, desk.acting, kind, filled)
    except Refused as error:
        refusal = error.refusal
        faults = formdata.refused_fields(refusal.fields, form.move, desk.language)
        playbook = desk.directory.current_playbook(kind)
        general = [] if faults else [words.refusal_text(refusal, playbook, desk.language, desk.directory)]
        fill_errors(form, faults, general)
    except LedgerError as error:
        form.command_id = str(uuid4())
        playbook = desk.directory.current_playbook(kind)
        fill_errors(form, {}, [words.error_text(error, desk.language, playbook, desk.directory)])
    return None


def _prefilled(request: HttpRequest, desk: Desk, kind: str) -> dict[str, str]:
    """What the page before knows: the case with its unit and category, the instruction an order comes from."""
    found = {name: request.GET[name][:60] for name in ("case", "instruction") if request.GET.get(name)}
    unit = desk.directory.units.get(request.GET.get("unit", ""))
    record_id = find_by_number(desk.district_id, found["case"]) if "case" in found else None
    rows = list_cases(desk.district_id, desk.acting, Filter(records=(record_id,)), limit=1).rows if record_id else []
    if rows:
        row = rows[0]
        about = names.category(desk.directory, row.category, desk.language)
        where = names.place_short(desk.directory, row.place, desk.language)
        title = f"{where}{about}" if words.chinese(desk.language) else f"{about}, {where}"
        found |= {ORDER: {"matter": title}, LETTER: {"subject": title, "words": row.excerpt}}.get(kind, {})
        lead = desk.directory.units.get(row.lead_unit)
        if unit is None and lead is not None and (kind == ORDER or not lead.accounts):
            unit = lead
    if unit is not None:
        found["unit"] = names.unit_label(unit, desk.language)
    return found


@desk_page(*sorted(numbers.MAY_SET))
@require_http_methods(["GET", "POST"])
def forms(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How the district writes the numbers of its registers."""
    now, year = numbers.forms(desk.directory), timezone.localdate().year
    fields = {
        kind: Field(
            kind, title, value=now[kind], required=True, hint=_example(now[kind], year), attrs={"autocomplete": "off"}
        )
        for kind, title in titles().items()
    }
    status = 200
    if request.method == "POST":
        for kind in KINDS:
            one = fields[kind]
            one.value = formdata.clean_text(request.POST.get(kind, ""))
            try:
                if one.value:
                    numbers.check_form(one.value)
            except numbers.BadForm as error:
                one.error = _bad(error)
        if not any(one.error for one in fields.values()):
            for kind in KINDS:
                if fields[kind].text != now[kind]:
                    numbers.set_form(desk.directory, desk.acting, kind, fields[kind].text)
            messages.success(request, _("New numbers are written like this. Those given before stay as they are."))
            return redirect("desk:register-numbers")
        status = 422
    context: dict[str, object] = {
        "fields": list(fields.values()),
        "faulty": [one for one in fields.values() if one.error],
        "back": ADDRESS[ORDER],
    }
    return page(request, desk, "desk/register_numbers.html", context, status=status)


def _example(form: str, year: int) -> str:
    return _("Example: %(number)s") % {"number": numbers.written(form, year, 12)}


def _bad(error: numbers.BadForm) -> str:
    return {
        "missing": _("Write {year} once and {counter} once: they stand for the year and the running number."),
        "braces": _("Only {year} and {counter} may stand in braces."),
        "too_long": _("At most %(n)d characters.") % {"n": numbers.LONGEST},
        "control": _("It contains invisible control characters; please type it again."),
    }[error.code]
