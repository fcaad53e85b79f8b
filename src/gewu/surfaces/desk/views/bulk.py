"""Many cases at once: choose a move, look at every case before confirming, read the result of each afterwards."""

from __future__ import annotations

from collections.abc import Callable
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
from gewu.surfaces.desk.present.hands import Hands, hands_of, inside_of
from gewu.surfaces.desk.present.moves import About, form_for
from gewu.surfaces.desk.present.rows import Line, line
from gewu.surfaces.desk.views.queue import bulk_moves
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

LEAD, HAND = "lead", "hand"


@dataclass(frozen=True, slots=True)
class Planned:
    """A case that is about to be moved, with what is chosen for it alone: the unit that would get it, or the person."""

    line: Line
    unit: Field | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case."""

    number: str
    what: str
    went: bool
    detail: str
    record_id: UUID | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Each:
    """What is chosen case by case: the name of its input, the input of a case, and what a choice says to the move."""

    name: str
    field_of: Callable[[CaseRow], Field]
    args_of: Callable[[str], dict[str, Arg] | None]
    said: Callable[[str], str]
    fields: frozenset[str] = frozenset()
    """Fields of the move that the choice fills."""


@desk_page()
@require_POST
def bulk(request: HttpRequest, desk: Desk) -> HttpResponse:
    """First the plan with a form for all, then, once confirmed, the results case by case; what stayed goes again."""
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
    each = _each(request, desk, move)
    if request.POST.get("confirmed") == "1":
        given = formdata.read(request, desk, _for_all(move, each))
        if not given.faults:
            return _go(request, desk, move, found.rows, given, each, ids)
        return _plan(request, desk, playbook, move, found.rows, given, each)
    again = formdata.read(request, desk, _for_all(move, each)) if request.POST.get("again") == "1" else None
    return _plan(request, desk, playbook, move, found.rows, again, each)


def _ids(request: HttpRequest) -> list[UUID]:
    found: dict[UUID, None] = {}
    for text in request.POST.getlist("case")[:PAGE]:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)


def _for_all(move: m.Move, each: Each | None) -> m.Move:
    """The move's form without what is chosen case by case."""
    filled = each.fields if each else frozenset()
    return replace(move, form=tuple(f for f in move.form if f.type not in ("unit", "units") and f.name not in filled))


def _each(request: HttpRequest, desk: Desk, move: m.Move) -> Each | None:
    """What this move needs from case to case, if it needs anything."""
    if any(f.name == LEAD and f.type == "unit" for f in move.form):
        return Each(
            LEAD,
            lambda row: _unit_field(request, desk, row),
            lambda chosen: {LEAD: chosen} if chosen else {},
            lambda chosen: names.unit(desk.directory, chosen, desk.language) if chosen else "",
        )
    inside = inside_of(move)
    if inside is None:
        return None
    hands = hands_of(desk, inside)
    labels = {c.value: _named(c) for c in hands.choices()}
    return Each(
        HAND,
        lambda row: _hand_field(request, hands, row),
        hands.args,
        lambda chosen: labels.get(chosen, ""),
        frozenset({"worker", "squad"}),
    )


def _named(choice: Choice) -> str:
    """A unit by its name, a person without their load."""
    return choice.group if choice.value.startswith("unit:") else choice.label.partition(" · ")[0]


def _plan(
    request: HttpRequest,
    desk: Desk,
    playbook: m.Playbook,
    move: m.Move,
    rows: list[CaseRow],
    given: formdata.Given | None,
    each: Each | None,
) -> HttpResponse:
    planned = [
        Planned(line(row, desk.directory, desk.playbook_of, desk.language), each.field_of(row) if each else None)
        for row in rows
    ]
    about = About(desk.directory, playbook, desk.language, desk.acting.actor)
    form = form_for(_for_all(move, each), about, given.typed if given else None)
    confirmed = request.POST.get("confirmed") == "1"
    form.command_id = given.command_id if given and confirmed else str(uuid4())
    if given and confirmed:
        fill_errors(form, given.faults, [])
    context: dict[str, object] = {
        "move": move,
        "title": names.said(move.title, desk.language),
        "planned": planned,
        "form": form,
        "faulty": [one for one in form.fields if one.error],
    }
    return page(request, desk, "desk/bulk.html", context, status=422 if confirmed else 200)


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


def _hand_field(request: HttpRequest, hands: Hands, row: CaseRow) -> Field:
    """The suggested person for one case: who covers its place and has the least to do."""
    name = f"{HAND}_{row.record_id}"
    first = hands.suggest(row.place, row.areas)
    choices = hands.choices()
    return Field(
        name,
        _("Who gets %(number)s") % {"number": row.number},
        "select",
        request.POST.get(name) or (str(first.person) if first else choices[0].value),
        hint=hands.why(first, row.place, row.areas) if first else _("Nobody holds such a post; the unit gets it."),
        choices=choices,
        required=True,
    )


def _go(
    request: HttpRequest,
    desk: Desk,
    move: m.Move,
    rows: list[CaseRow],
    given: formdata.Given,
    each: Each | None,
    ids: list[UUID],
) -> HttpResponse:
    """Make the move, grouped by what differs from case to case, each case in a transaction of its own."""
    groups: dict[str, list[CaseRow]] = {}
    for row in rows:
        groups.setdefault(request.POST.get(f"{each.name}_{row.record_id}", "") if each else "", []).append(row)
    results = []
    by_id = {row.record_id: row for row in rows}
    for chosen, members in groups.items():
        more = each.args_of(chosen) if each else {}
        if more is None:
            results += [_stayed(desk, row, _("Choose one of those who are listed.")) for row in members]
            continue
        items = [(row.record_id, _version(request, row)) for row in members]
        for one in services.bulk(
            desk.district_id,
            desk.acting,
            move.name,
            items,
            {**given.args, **more},
            given.texts,
            command_id=given.command_id,
        ):
            results.append(_result(by_id[one.record_id], one, desk, each.said(chosen) if each else ""))
    gone = len([one for one in ids if one not in by_id])
    results.sort(key=lambda r: r.went)
    context: dict[str, object] = {
        "title": names.said(move.title, desk.language),
        "move": move,
        "results": results,
        "went": sum(r.went for r in results),
        "stayed": sum(not r.went for r in results),
        "gone": gone,
        "typed": [(f.name, given.typed.get(f.name)) for f in _for_all(move, each).form if given.typed.get(f.name)],
        "reason": given.texts.get("reason", ""),
        "chosen": [(f"{each.name}_{r}", request.POST.get(f"{each.name}_{r}", "")) for r in by_id] if each else [],
    }
    return page(request, desk, "desk/bulk_done.html", context)


def _version(request: HttpRequest, row: CaseRow) -> int:
    text = request.POST.get(f"version_{row.record_id}", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else row.version


def _stayed(desk: Desk, row: CaseRow, detail: str) -> Result:
    what = names.category(desk.directory, row.category, desk.language)
    return Result(row.number, what, False, detail, row.record_id, row.version)


def _result(row: CaseRow, one: services.BulkResult, desk: Desk, chosen: str) -> Result:
    playbook = desk.playbook_of(row.playbook, row.playbook_version)
    if one.error is not None:
        detail = words.error_text(one.error, desk.language, playbook, desk.directory)
        return _stayed(desk, row, names.typeset(detail, desk.language))
    return Result(row.number, names.category(desk.directory, row.category, desk.language), True, chosen)
