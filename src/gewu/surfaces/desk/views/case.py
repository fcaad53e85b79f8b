"""A case: its page, its preview beside the queue, and every move on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.cases import followcodes, services
from gewu.cases.queries import CaseView, find_by_number, get_case
from gewu.core.playbook import model as m
from gewu.imports.deadlines import of_records
from gewu.ledger.door import Outcome
from gewu.ledger.errors import Busy, CommandReused, Conflict, LedgerError, NotFound, Refused
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.again import fill_errors, refused_as, sent_again
from gewu.surfaces.desk.present.case import Shown, show
from gewu.surfaces.desk.present.hands import agree, hands_of, inside_of
from gewu.surfaces.desk.present.keeping import KeepingPanel, panel_of
from gewu.surfaces.desk.present.moves import About, Closed, MoveForm, form_for
from gewu.surfaces.desk.present.timeline import Entry
from gewu.surfaces.desk.views import raising
from gewu.surfaces.desk.views.moving import closed_parts, docked, judged
from gewu.surfaces.desk.who import Desk, desk_page, page


@dataclass(slots=True)
class Opened:
    """A case as somebody at the desk has it before them."""

    record_id: UUID
    view: CaseView
    playbook: m.Playbook
    about: About
    moves: list[m.Move]
    closed: list[Closed]
    news: list[Entry] = field(default_factory=list)


def record_of(desk: Desk, number: str) -> UUID:
    """The record of a case number. Raises ``Http404`` with a sentence."""
    found = find_by_number(desk.district_id, number)
    if found is None:
        raise Http404(_("There is no case %(number)s in this district.") % {"number": number})
    return found


def open_case(desk: Desk, record_id: UUID) -> Opened:
    """Read a case and judge which moves are open. Raises ``Http404`` where the post may not see it."""
    try:
        view = get_case(desk.district_id, desk.acting, record_id)
    except NotFound as error:
        raise Http404(words.error_text(error, desk.language)) from error
    playbook = desk.playbook_of(view.state.playbook, view.state.playbook_version)
    if playbook is None:
        raise Http404(_("The playbook of this case is not loaded. Ask the people who run this system."))
    about = About(
        desk.directory,
        playbook,
        desk.language,
        desk.acting.actor,
        view.state,
        category=view.row.category,
        owner=view.owner,
        standard=view.standard,
        sides=view.candidates,
    )
    moves, closed = judged(desk, about)
    inside = next((part for move in moves if (part := inside_of(move)) is not None), None)
    if inside is not None:
        about = replace(about, loads=hands_of(desk, inside).words())
    return Opened(record_id, view, playbook, about, moves, closed)


@desk_page()
@require_safe
def case(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The page of a case. ``?move=NAME`` opens that form; ``target`` says into which case to merge."""
    opened = open_case(desk, record_of(desk, number))
    return case_page(
        request, desk, opened, asked=request.GET.get("move", ""), target=request.GET.get("target", "")[:40]
    )


@desk_page()
@require_safe
def preview(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The case beside the queue: what it is, how it stands, what can be done."""
    opened = open_case(desk, record_of(desk, number))
    shown = shown_case(desk, opened)
    context = {
        "desk": desk,
        "case": shown,
        "moves": [(move, names.said(move.title, desk.language)) for move in opened.moves],
        "latest": list(reversed(shown.timeline))[:6],
    }
    return render(request, "desk/preview.html", context)


@desk_page()
@require_POST
def act(request: HttpRequest, desk: Desk, number: str, move: str) -> HttpResponse:
    """Make a move. On an error the page comes back with the form open and everything typed still in it."""
    record_id = record_of(desk, number)
    opened = open_case(desk, record_id)
    found = opened.playbook.moves.get(move)
    if found is None or found.creates:
        raise Http404(_("This case has no such move."))
    given = formdata.read(request, desk, found, opened.view.row.category)
    inside = inside_of(found)
    if inside is not None and (fault := agree(desk, inside, given.args)):
        given.faults[inside.person.removeprefix("$")] = fault
    issue = raising.wanted(desk, found, opened.view.state.fields.get("tier"))
    issued = formdata.read(request, desk, issue) if issue is not None and "order" not in given.args else None
    if issued is not None:
        raising.read_order(given, issued)
    if given.faults:
        return _again(request, desk, opened, found, given, dict(given.faults), [], 422)
    try:
        if issued is not None and given.typed.get("order", "") == "":
            made = raising.confirm(desk, record_id, given, issued)
            messages.success(request, _("%(number)s is entered.") % {"number": made.number})
        else:
            _make(desk, record_id, found, given)
    except Conflict as error:
        opened = open_case(desk, record_id)
        seen = given.version or 0
        opened.news = [entry for entry in shown_case(desk, opened).timeline if entry.seq > seen]
        text = _("Somebody was faster: the case changed while you were writing. Look at what is new, then send again.")
        given.version = error.version
        return _again(request, desk, opened, found, given, {}, [text], 409)
    except Refused as error:
        known = raising.faults_of(error, issue, desk) if issue is not None else {}
        if known:
            return _again(request, desk, opened, found, given, known, [], 422)
        return _refused(request, desk, opened, found, given, error)
    except ValueError as error:
        return _again(request, desk, opened, found, given, {"target": _value_error(error, desk)}, [], 422)
    except LedgerError as error:
        if isinstance(error, CommandReused):
            given.command_id = str(uuid4())
        text = words.error_text(error, desk.language, opened.playbook, desk.directory)
        status = 409 if isinstance(error, (Busy, CommandReused)) else 422
        return _again(request, desk, opened, found, given, {}, [text], status)
    title = names.said(found.title, desk.language)
    messages.success(request, _("%(move)s: done.") % {"move": title})
    return redirect("desk:tasks" if desk.in_field else "desk:case", *([] if desk.in_field else [number]))


def _value_error(error: ValueError, desk: Desk) -> str:
    return words.error_words("merge_self", desk.language) if "itself" in str(error) else str(error)


def _make(desk: Desk, record_id: UUID, move: m.Move, given: formdata.Given) -> Sequence[Outcome]:
    if move.name == "merge" and isinstance(target := given.args.get("target"), str):
        reason = given.texts.get("reason", "")
        return services.merge(
            desk.district_id,
            desk.acting,
            record_id,
            UUID(target),
            reason,
            version=given.version,
            command_id=given.command_id,
        )
    outcome = services.act(
        desk.district_id,
        desk.acting,
        record_id,
        move.name,
        args=given.args,
        texts=given.texts,
        photos=given.photos,
        version=None if move.additive else given.version,
        target=given.target,
        command_id=given.command_id,
    )
    return [outcome]


def _refused(
    request: HttpRequest, desk: Desk, opened: Opened, move: m.Move, given: formdata.Given, error: Refused
) -> HttpResponse:
    faults, general, status = refused_as(error.refusal, move, opened.playbook, desk)
    return _again(request, desk, opened, move, given, faults, general, status)


def _again(
    request: HttpRequest,
    desk: Desk,
    opened: Opened,
    move: m.Move,
    given: formdata.Given,
    faults: dict[str, str],
    general: list[str],
    status: int,
) -> HttpResponse:
    """The page with this form open as it was sent, and what is wrong with it."""
    form = sent_again(move, opened.about, given, opened.view.state.seq, {}, [])
    _with_order(desk, opened, form, given)
    fill_errors(form, faults, general)
    return case_page(request, desk, opened, sent=form, status=status)


def _with_order(desk: Desk, opened: Opened, form: MoveForm, given: formdata.Given | None = None) -> None:
    """Where this move makes a hard matter, the follow-up order is issued with it."""
    issue = raising.wanted(desk, form.move, opened.view.state.fields.get("tier"))
    if issue is not None:
        row = opened.view.row
        where = names.place_short(desk.directory, row.place, desk.language)
        what = names.category(desk.directory, row.category, desk.language)
        about = f"{where}{what}" if words.chinese(desk.language) else f"{what}, {where}"
        raising.with_order(desk, form, issue, given, row.lead_unit, about)


def shown_case(desk: Desk, opened: Opened) -> Shown:
    return show(opened.view, desk.directory, opened.playbook, desk.language)


def case_page(
    request: HttpRequest,
    desk: Desk,
    opened: Opened,
    *,
    sent: MoveForm | None = None,
    asked: str = "",
    target: str = "",
    keeping: KeepingPanel | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a case: with a form as it was sent, or with what somebody was shown of its reporters."""
    forms = []
    for move in opened.moves:
        prefilled = {"target": target} if move.name == asked == "merge" and target else None
        if sent is not None and sent.name == move.name:
            form = sent
        else:
            form = form_for(move, opened.about, prefilled)
            _with_order(desk, opened, form)
        form.command_id = form.command_id or str(uuid4())
        form.version = form.version or opened.view.state.seq
        form.open = form.open or move.name == asked
        form.page = reverse("desk:split", args=[opened.view.row.number]) if move.name == "split_off" else ""
        forms.append(form)
    if sent is not None and sent not in forms:
        forms.insert(0, sent)  # no longer possible, but what was typed is shown
    dock, others = docked(forms)
    shown = shown_case(desk, opened)
    view = opened.view
    context: dict[str, object] = {
        "case": shown,
        "dock": dock,
        "others": others,
        **closed_parts(opened.closed),
        "news": opened.news,
        "follow_code": followcodes.follow_code(desk.district_id, opened.record_id)
        if desk.sees_reporter and view.has_reporter
        else "",
        "joins": [
            {"at": e.at, "code": followcodes.follow_code(desk.district_id, opened.record_id, e.seq)}
            for e in view.timeline
            if desk.sees_reporter and e.kind == services.JOIN
        ],
        "near_url": reverse("desk:near", args=[view.row.number]) if not desk.in_field else "",
        "outside": of_records(desk.district_id, [opened.record_id]).get(opened.record_id, ())
        if view.row.outside_number
        else (),
        "keeping": keeping or panel_of(desk, opened.record_id, view),
        "number": view.row.number,
        "can_relocate": any(f.name == "relocate" for f in forms),
        "lon": view.row.lon_e6 / 1_000_000 if view.row.lon_e6 is not None else None,
        "lat": view.row.lat_e6 / 1_000_000 if view.row.lat_e6 is not None else None,
    }
    return page(request, desk, "desk/task.html" if desk.in_field else "desk/case.html", context, status=status)
