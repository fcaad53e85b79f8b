"""An entry of a register: its page, and every move on it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.core.playbook import model as m
from gewu.core.records import Command, Facts
from gewu.core.rules import moves_open
from gewu.ledger.errors import Busy, CommandReused, Conflict, LedgerError, NotFound, Refused
from gewu.ledger.lookups import facts_for
from gewu.office import services
from gewu.office.kinds import ADDRESS, INSTRUCTION, LETTER, NotForPost
from gewu.office.queries import EntryView, get_entry
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.again import refused_as, sent_again
from gewu.surfaces.desk.present.moves import About, Closed, MoveForm, form_for, split_open
from gewu.surfaces.desk.present.registers import entry_url, show
from gewu.surfaces.desk.views.case import DOCK
from gewu.surfaces.desk.views.registers.lists import demand, making
from gewu.surfaces.desk.who import Desk, desk_page, page


@dataclass(slots=True)
class Opened:
    """An entry as somebody at the desk has it before them."""

    view: EntryView
    playbook: m.Playbook
    about: About
    moves: list[m.Move]
    closed: list[Closed]


def open_entry(desk: Desk, record_id: UUID) -> Opened:
    """Read an entry and judge which moves are open. Raises ``Http404`` or ``PermissionDenied`` with a sentence."""
    try:
        view = get_entry(desk.district_id, desk.acting, record_id)
    except NotForPost as error:
        demand(desk, error.kind)
        raise Http404(words.error_text(error, desk.language)) from error
    except NotFound as error:
        raise Http404(_("There is no such entry in a register, or it is not in your territory.")) from error
    demand(desk, view.row.kind)
    playbook = desk.playbook_of(view.state.playbook, view.state.playbook_version)
    if playbook is None:
        raise Http404(_("The playbook of this register is not loaded. Ask the people who run this system."))
    about = About(desk.directory, playbook, desk.language, desk.acting.actor, view.state)
    facts = facts_for(desk.directory, None, Command("", ""), desk.acting.actor, int(time.time()), None)
    found = moves_open(playbook, view.state, facts) if isinstance(facts, Facts) else []
    moves, closed = split_open(found, about)
    return Opened(view, playbook, about, moves, closed)


@desk_page()
@require_safe
def entry(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """The page of an entry. ``?move=NAME`` opens that form."""
    return _page(request, desk, open_entry(desk, record_id), asked=request.GET.get("move", ""))


@desk_page()
@require_POST
def act(request: HttpRequest, desk: Desk, record_id: UUID, move: str) -> HttpResponse:
    """Make a move. On an error the page comes back with the form open and everything typed still in it."""
    opened = open_entry(desk, record_id)
    found = opened.playbook.moves.get(move)
    if found is None or found.creates:
        raise Http404(_("This entry has no such move."))
    given = formdata.read(request, desk, found, documents=True)
    if given.faults:
        return _again(request, desk, opened, found, given, dict(given.faults), [], 422)
    try:
        services.act(
            desk.district_id,
            desk.acting,
            record_id,
            found.name,
            args=given.args,
            texts=given.texts,
            photos=given.photos,
            version=None if found.additive else given.version,
            target=given.target,
            command_id=given.command_id,
        )
    except Conflict as error:
        text = _("Somebody was faster: the entry changed while you were writing. Look at it again, then send again.")
        given.version = error.version
        return _again(request, desk, open_entry(desk, record_id), found, given, {}, [text], 409)
    except Refused as error:
        return _refused(request, desk, opened, found, given, error)
    except LedgerError as error:
        if isinstance(error, CommandReused):
            given.command_id = str(uuid4())
        text = words.error_text(error, desk.language, opened.playbook, desk.directory)
        status = 409 if isinstance(error, (Busy, CommandReused)) else 422
        return _again(request, desk, opened, found, given, {}, [text], status)
    messages.success(request, _("%(move)s: done.") % {"move": names.said(found.title, desk.language)})
    return redirect(entry_url(record_id))


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
    form = sent_again(move, opened.about, given, opened.view.state.seq, faults, general)
    return _page(request, desk, opened, sent=form, status=status)


def _page(
    request: HttpRequest,
    desk: Desk,
    opened: Opened,
    *,
    sent: MoveForm | None = None,
    asked: str = "",
    status: int = 200,
) -> HttpResponse:
    row = opened.view.row
    forms = []
    for move in opened.moves:
        form = sent if sent is not None and sent.name == move.name else form_for(move, opened.about)
        form.open = form.open or move.name == asked
        forms.append(form)
    if sent is not None and sent not in forms:
        forms.insert(0, sent)  # no longer possible, but what was typed is shown
    for form in forms:
        form.command_id = form.command_id or str(uuid4())
        form.version = form.version or opened.view.state.seq
        form.action = reverse("desk:register-act", args=[row.record_id, form.name])
        form.documents = True
    first = [f for f in forms if f.forward or f.open][:DOCK]
    first += [f for f in forms if f not in first and f.key][: DOCK - len(first)]
    context: dict[str, object] = {
        "entry": show(opened.view, desk, opened.playbook),
        "slug": ADDRESS[row.kind],
        "dock": first,
        "others": [f for f in forms if f not in first],
        "closed": [c for c in opened.closed if not c.other_post],
        "closed_others": [c for c in opened.closed if c.other_post],
        "onward": _onward(desk, opened),
    }
    return page(request, desk, "desk/register_entry.html", context, status=status)


def _onward(desk: Desk, opened: Opened) -> list[tuple[str, str]]:
    """Pages where work goes on from here: an order from an instruction, the case that a reply is about."""
    row, found = opened.view.row, []
    if row.kind == INSTRUCTION and not row.ended and making(desk, "follow_up_order"):
        url = f"{reverse('desk:register-new', args=['orders'])}?instruction={row.number}"
        cases = opened.view.cases
        found.append((_("Issue a follow-up order from it"), f"{url}&case={cases[0].number}" if cases else url))
    if row.kind == LETTER and row.stage == "replied" and "dispatcher" in desk.roles:
        for case in opened.view.cases:
            url = f"{reverse('desk:case', args=[case.number])}?move=reply_by_letter"
            found.append((_("Record the reply on the case %(number)s") % {"number": case.number}, url))
    return found
