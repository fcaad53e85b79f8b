"""An entry of a register: its page, and every move on it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.ledger.errors import NotFound
from gewu.office import services
from gewu.office.kinds import ADDRESS, INSTRUCTION, LETTER, NotForPost
from gewu.office.queries import EntryView, get_entry
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.moves import MoveForm
from gewu.surfaces.desk.present.registers import entry_url, show
from gewu.surfaces.desk.views.moving import OpenRecord, closed_parts, docked, forms_of, opened_as, ready, tried
from gewu.surfaces.desk.views.registers.lists import demand, making
from gewu.surfaces.desk.who import Desk, desk_page, page

Opened = OpenRecord[EntryView]
"""An entry as somebody at the desk has it before them."""


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
    return opened_as(desk, view, playbook)


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
    failed = tried(
        desk,
        opened,
        found,
        given,
        lambda: services.act(
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
        ),
        lambda: open_entry(desk, record_id),
        _("Somebody was faster: the entry changed while you were writing. Look at it again, then send again."),
    )
    if failed is not None:
        return _page(request, desk, failed.opened, sent=failed.form, status=failed.status)
    messages.success(request, _("%(move)s: done.") % {"move": names.said(found.title, desk.language)})
    return redirect(entry_url(record_id))


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
    forms = forms_of(opened, sent, asked)
    for form in forms:
        ready(form, opened, reverse("desk:register-act", args=[row.record_id, form.name]), documents=True)
    dock, others = docked(forms)
    context: dict[str, object] = {
        "entry": show(opened.view, desk, opened.playbook),
        "slug": ADDRESS[row.kind],
        "dock": dock,
        "others": others,
        **closed_parts(opened.closed),
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
