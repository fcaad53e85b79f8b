"""Making cases at the desk: intake in one screen, found-and-fixed on the spot, splitting a part off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gewu.cases import followcodes, services
from gewu.cases.callers import URGE
from gewu.cases.queries import get_case
from gewu.cases.services import Intake, Made
from gewu.cases.words import NUMBER_TAIL
from gewu.core.playbook import model as m
from gewu.core.records import Arg
from gewu.ledger import attachments
from gewu.ledger.door import Acting, Outcome
from gewu.ledger.errors import LedgerError, NotFound, Refused
from gewu.surfaces import words
from gewu.surfaces.desk import formdata, where
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.again import fill_errors
from gewu.surfaces.desk.present.moves import About, MoveForm, form_for
from gewu.surfaces.desk.present.rows import line
from gewu.surfaces.desk.views import near
from gewu.surfaces.desk.views.case import open_case, record_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Field

_BY_OTHERS = frozenset({"api"})
"""Sources that a person at the desk does not choose."""

Maker = Callable[[Intake], Made]


@dataclass(slots=True)
class Screen:
    """A form that makes a case, before it is shown: the move, its inputs, and the place."""

    form: MoveForm
    place: dict[str, Field]
    given: where.Given


def _move(desk: Desk, name: str) -> tuple[m.Playbook, m.Move]:
    playbook = desk.playbook
    found = playbook.moves.get(name) if playbook else None
    if playbook is None or found is None:
        raise Http404(_("The playbook of this district has no such move."))
    return playbook, found


def _screen(
    request: HttpRequest, desk: Desk, playbook: m.Playbook, move: m.Move, defaults: dict[str, str] | None = None
) -> tuple[Screen, formdata.Given | None]:
    """Read the form if it was sent; else the empty form."""
    about = About(desk.directory, playbook, desk.language, desk.acting.actor)
    if request.method != "POST":
        form = form_for(move, about, dict(defaults or {}))
        form.command_id = str(uuid4())
        typed = {"place": (defaults or {}).get("place", "")}
        return Screen(form, where.fields(typed, {}), where.Given(typed=typed)), None
    given = formdata.read(request, desk, move)
    place = where.read(request.POST, desk, required=True)
    form = form_for(move, about, given.typed)
    form.command_id, form.kept = given.command_id, formdata.kept(given)
    return Screen(form, where.fields(place.typed, place.faults), place), given


def _try(
    desk: Desk, screen: Screen, given: formdata.Given, make: Maker, extra: dict[str, Arg] | None = None
) -> Made | None:
    """Make the case; on an error fill the form with it and return None."""
    faults = dict(given.faults)
    if faults or screen.given.faults:
        fill_errors(screen.form, faults, [])
        return None
    intake = Intake(
        {**given.args, **(extra or {})},
        given.texts,
        screen.given.where,
        tuple(given.photos),
        command_id=given.command_id,
    )
    try:
        return make(intake)
    except Refused as error:
        refusal, move = error.refusal, screen.form.move
        faults = formdata.refused_fields(refusal.fields, move, desk.language)
        general = [] if faults else [words.refusal_text(refusal, desk.playbook, desk.language, desk.directory)]
        fill_errors(screen.form, faults, general)
    except (LedgerError, ValueError) as error:
        screen.form.command_id = str(uuid4())
        fill_errors(screen.form, {}, [words.error_text(error, desk.language, desk.playbook, desk.directory)])
    return None


def _context(desk: Desk, screen: Screen) -> dict[str, object]:
    position = screen.given.position
    fields = {one.name: one for one in screen.form.fields}
    if "source" in fields:
        fields["source"].choices = [c for c in fields["source"].choices if c.value not in _BY_OTHERS]
    return {
        "form": screen.form,
        "f": fields,
        "at": screen.place,
        "sides": where.sides(position, desk) if position else [],
        "most_photos": formdata.MOST_PHOTOS,
        "most_bytes": attachments.MAX_BYTES,
        "faulty": [one for one in (*screen.form.fields, *screen.place.values()) if one.error],
    }


# ---- intake


@desk_page("intake_officer")
@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A call, a visit or a chat message becomes a case in one POST."""
    playbook, move = _move(desk, "register_intake")
    screen, given = _screen(request, desk, playbook, move, {"source": request.GET.get("source", "phone")})
    joining, urging = (request.POST.get(name, "")[:40] for name in ("join", "urge"))
    if given is not None and joining:
        joined = near.join(desk, given, joining)
        if isinstance(joined, services.Joined):
            return redirect(f"{reverse('desk:intake-done', args=[joined.number])}?joined={joined.seq}")
        fill_errors(screen.form, {}, joined)
    elif given is not None and urging:
        urged = near.urge(desk, given, urging)
        if isinstance(urged, Outcome):
            return redirect(f"{reverse('desk:intake-done', args=[urging])}?urged={urged.seq}")
        fill_errors(screen.form, {}, urged)
    elif given is not None:
        made = _try(desk, screen, given, lambda wish: services.register_intake(desk.district_id, desk.acting, wish))
        if made is not None:
            return redirect("desk:intake-done", made.number)
    status = 200 if given is None else 422
    return page(request, desk, "desk/intake.html", _context(desk, screen), status=status)


@desk_page("intake_officer")
@require_safe
def intake_done(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """What to tell the caller of a case that is new, was joined or was urged: its number large, to copy, to print."""
    record_id = record_of(desk, number)
    asked, urged = (request.GET.get(name, "") for name in ("joined", "urged"))
    try:
        view = get_case(desk.district_id, desk.acting, record_id)
    except NotFound as error:
        raise Http404(words.error_text(error, desk.language)) from error
    joined = next((e.seq for e in view.timeline if e.kind == services.JOIN and str(e.seq) == asked), 0)
    playbook = desk.playbook_of(view.state.playbook, view.state.playbook_version)
    shown = line(view.row, desk.directory, lambda _name, _version: playbook, desk.language)
    context: dict[str, object] = {
        "urged": any(e.kind == URGE and str(e.seq) == urged for e in view.timeline),
        "stage": shown.stage,
        "who": shown.who,
        "tail": view.row.number[-NUMBER_TAIL:],
        "waits": view.has_reporter,
        "number": view.row.number,
        "joined": bool(joined),
        "follow_code": followcodes.follow_code(desk.district_id, record_id, joined),
        "what": names.category(desk.directory, view.row.category, desk.language),
        "where": names.place_full(desk.directory, view.row.place, desk.language),
        "reported_at": view.row.reported_at,
        "district": desk.directory.district.name(desk.language),
    }
    return page(request, desk, "desk/intake_done.html", context)


# ---- found and fixed on the spot


@desk_page("collector", "worker")
@require_http_methods(["GET", "POST"])
def spot(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Found and fixed: one step, a photo before and one after."""
    return _from_field(request, desk, "fix_on_spot", services.fix_on_spot)


@desk_page("collector")
@require_http_methods(["GET", "POST"])
def found(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A find on the round that others have to solve."""
    return _from_field(request, desk, "report", services.report, {"source": "collector"})


def _from_field(
    request: HttpRequest,
    desk: Desk,
    name: str,
    make: Callable[[int, Acting, Intake], Made],
    fixed: dict[str, str] | None = None,
) -> HttpResponse:
    playbook, move = _move(desk, name)
    screen, given = _screen(request, desk, playbook, move, fixed)
    if given is not None:
        given.args.update(fixed or {})
        made = _try(desk, screen, given, lambda wish: make(desk.district_id, desk.acting, wish))
        if made is not None:
            return redirect("desk:case", made.number)
    context = _context(desk, screen)
    context["hidden"] = frozenset(fixed or {}) | {"has_reporter", "reporter_name", "reporter_phone"}
    return page(request, desk, "desk/spot.html", context, status=200 if given is None else 422)


# ---- splitting


@desk_page("shift_leader", "dispatcher")
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Split a part off a case: the new case is filled in here, and both are tied."""
    parent = record_of(desk, number)
    opened = open_case(desk, parent)
    if not any(move.name == "split_off" for move in opened.moves):
        reasons = [c.reason for c in opened.closed if c.title == names.said(_title(opened.playbook), desk.language)]
        raise Http404(reasons[0] if reasons else _("This case cannot be split now."))
    playbook, move = opened.playbook, opened.playbook.moves["split_create"]
    place = desk.directory.places.get(opened.view.state.place)
    defaults = {"place": names.place_label(desk.directory, place, desk.language)} if place else {}
    screen, given = _screen(request, desk, playbook, move, defaults)
    screen.form.fields = [one for one in screen.form.fields if one.name != "parent"]
    if given is not None:
        given.faults.pop("parent", None)
        made = _try(desk, screen, given, _splitter(desk, parent))
        if made is not None:
            return redirect("desk:case", made.number)
    context = _context(desk, screen) | {"number": number, "case": opened.view}
    return page(request, desk, "desk/split.html", context, status=200 if given is None else 422)


def _title(playbook: m.Playbook) -> m.Words | None:
    found = playbook.moves.get("split_off")
    return found.title if found else None


def _splitter(desk: Desk, parent: UUID) -> Maker:
    return lambda wish: services.split(desk.district_id, desk.acting, parent, wish)
