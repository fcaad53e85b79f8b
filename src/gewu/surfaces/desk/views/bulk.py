"""Many cases at once: choose a move, look at every case before confirming, read the result of each afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gewu.cases import services
from gewu.cases.queries import PAGE, CaseRow, Filter, case_basis, list_cases
from gewu.core.playbook import model as m
from gewu.core.records import Arg
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.again import fill_errors
from gewu.surfaces.desk.present.moves import About, form_for
from gewu.surfaces.desk.present.rows import Line, line
from gewu.surfaces.desk.views.queue import bulk_moves
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Planned:
    """A case that is about to be moved, with the unit that would get it."""

    line: Line
    unit: Field | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case."""

    number: str
    what: str
    went: bool
    detail: str


@desk_page()
@require_POST
def bulk(request: HttpRequest, desk: Desk) -> HttpResponse:
    """First the plan with a form for all, then, once confirmed, the results case by case."""
    ids = _ids(request)
    name = request.POST.get("move", "")
    playbook = desk.playbook
    if not ids:
        messages.warning(request, _("Choose cases first: tick them, or press x on a row."))
        return redirect("desk:home")
    if playbook is None or name not in dict(bulk_moves(playbook, desk)):
        messages.warning(request, _("Choose what to do with the cases."))
        return redirect("desk:home")
    move = playbook.moves[name]
    found = list_cases(desk.district_id, desk.acting, Filter(records=tuple(ids)), limit=PAGE)
    if request.POST.get("confirmed") == "1":
        given = formdata.read(request, desk, _without_lead(move))
        if not given.faults:
            return _go(request, desk, move, found.rows, given)
        return _plan(request, desk, playbook, move, found.rows, given)
    return _plan(request, desk, playbook, move, found.rows, None)


def _ids(request: HttpRequest) -> list[UUID]:
    found: dict[UUID, None] = {}
    for text in request.POST.getlist("case")[:PAGE]:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)


def _without_lead(move: m.Move) -> m.Move:
    """The move's form without what is chosen case by case."""
    return replace(move, form=tuple(f for f in move.form if f.type not in ("unit", "units")))


def _plan(
    request: HttpRequest,
    desk: Desk,
    playbook: m.Playbook,
    move: m.Move,
    rows: list[CaseRow],
    given: formdata.Given | None,
) -> HttpResponse:
    per_case = any(f.name == LEAD and f.type == "unit" for f in move.form)
    planned = []
    for row in rows:
        unit = _unit_field(request, desk, row) if per_case else None
        planned.append(Planned(line(row, desk.directory, desk.playbook_of, desk.language), unit))
    about = About(desk.directory, playbook, desk.language, desk.acting.actor)
    form = form_for(_without_lead(move), about, given.typed if given else None)
    form.command_id = given.command_id if given else str(uuid4())
    if given:
        fill_errors(form, given.faults, [])
    context: dict[str, object] = {
        "move": move,
        "title": names.said(move.title, desk.language),
        "planned": planned,
        "form": form,
        "faulty": [one for one in form.fields if one.error],
    }
    return page(request, desk, "desk/bulk.html", context, status=422 if given else 200)


def _unit_field(request: HttpRequest, desk: Desk, row: CaseRow) -> Field:
    """The suggested unit of one case, which can be changed before confirming."""
    basis = case_basis(desk.district_id, row.record_id)
    found = desk.directory.candidates(basis.category, basis.place, basis.areas, basis.owner, 6)
    choices = [Choice(c.unit.code, names.typeset(c.unit.name(desk.language), desk.language)) for c in found]
    name = f"{LEAD}_{row.record_id}"
    first = found[0] if found else None
    return Field(
        name,
        _("Lead unit for %(number)s") % {"number": row.number},
        "select",
        request.POST.get(name) or (first.unit.code if first else ""),
        hint=names.said(first.why, desk.language) if first else words.error_words("no_unit", desk.language),
        choices=choices or [Choice("", _("– none is responsible –"))],
        required=True,
    )


def _go(request: HttpRequest, desk: Desk, move: m.Move, rows: list[CaseRow], given: formdata.Given) -> HttpResponse:
    """Make the move, grouped by what differs from case to case, each case in a transaction of its own."""
    groups: dict[str, list[CaseRow]] = {}
    for row in rows:
        groups.setdefault(request.POST.get(f"{LEAD}_{row.record_id}", ""), []).append(row)
    results = []
    by_id = {row.record_id: row for row in rows}
    for lead, members in groups.items():
        args: dict[str, Arg] = {**given.args, **({LEAD: lead} if lead else {})}
        items = [(row.record_id, _version(request, row)) for row in members]
        for one in services.bulk(
            desk.district_id, desk.acting, move.name, items, args, given.texts, command_id=given.command_id
        ):
            results.append(_result(by_id[one.record_id], one, desk, lead))
    results.sort(key=lambda r: r.went)
    context: dict[str, object] = {
        "title": names.said(move.title, desk.language),
        "results": results,
        "went": sum(r.went for r in results),
        "stayed": sum(not r.went for r in results),
    }
    return page(request, desk, "desk/bulk_done.html", context)


def _version(request: HttpRequest, row: CaseRow) -> int:
    text = request.POST.get(f"version_{row.record_id}", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else row.version


def _result(row: CaseRow, one: services.BulkResult, desk: Desk, lead: str) -> Result:
    playbook = desk.playbook_of(row.playbook, row.playbook_version)
    if one.error is None:
        detail = names.unit(desk.directory, lead, desk.language) if lead else ""
    else:
        detail = names.typeset(words.error_text(one.error, desk.language, playbook, desk.directory), desk.language)
    return Result(row.number, names.category(desk.directory, row.category, desk.language), one.error is None, detail)
