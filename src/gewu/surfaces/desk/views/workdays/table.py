"""At the table: a matter gets its unit, its deadline and its proposed level, or joins a case that is open already."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gewu.cases.services import UnknownPlace
from gewu.cases.similar import near_cases
from gewu.ledger.errors import LedgerError, Refused
from gewu.occasions import settling
from gewu.occasions.kinds import SETTLE_CASE, SETTLE_JOINED
from gewu.occasions.queries import Matter
from gewu.surfaces import nearby, words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present.again import fill_errors
from gewu.surfaces.desk.present.moves import About, MoveForm, form_for
from gewu.surfaces.desk.present.rows import line as case_line
from gewu.surfaces.desk.present.workdays import line, shown_matter
from gewu.surfaces.desk.views.workdays.session import Opened, open_session
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Field

_FIXED = frozenset({"session", "source"})
DAYS = "5"
"""The limit that stands in the form: an assumption, to be changed at the table."""


@desk_page()
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, desk: Desk, record_id: UUID, no: int) -> HttpResponse:
    """Settle a matter as a case; cases near by that it could join stand beside the form."""
    opened = open_session(desk, record_id)
    matter = next((one for one in opened.view.matters if one.no == no), None)
    if matter is None:
        raise Http404(_("There is no matter of this number."))
    back = f"{reverse('desk:workday', args=[record_id])}#matter-{no}"
    if matter.outcome or not opened.open(SETTLE_CASE):
        messages.info(request, _("Matter %(no)d has left the table already, or cannot be settled now.") % {"no": no})
        return redirect(back)
    playbook = settling.case_playbook(desk.directory)
    move = playbook.moves[settling.CASE_MOVE]
    about = About(
        desk.directory, playbook, desk.language, desk.acting.actor, opened.view.state, category=matter.category
    )
    status, sent = 200, request.method == "POST"
    given = formdata.read(request, desk, move, matter.category) if sent else None
    form = form_for(move, about, given.typed if given is not None else _prefilled(matter, opened))
    form.fields = [one for one in form.fields if one.name not in _FIXED]
    form.command_id = given.command_id if given is not None else str(uuid4())
    if given is not None:
        form.kept = formdata.kept(given)
        made = None if given.faults else _make(desk, opened, matter, form, given)
        if made is not None:
            text = _("Matter %(no)d is the case %(number)s now.") % {"no": no, "number": made.case_number}
            messages.success(request, text)
            return redirect(back)
        if given.faults:
            fill_errors(form, dict(given.faults), [])
        status = 422
    context: dict[str, object] = {
        "line": line(opened.view.row, desk),
        "m": shown_matter(matter, desk, opened.playbook, []),
        "form": form,
        "faulty": [one for one in form.inputs if one.error],
        "back": back,
        "near": _near(desk, opened, matter),
        "join_url": f"{reverse('desk:workday-act', args=[record_id, SETTLE_JOINED])}?matter={no}",
        "join_id": str(uuid4()),
        "join_field": Field(
            "case",
            _("Number of another open case"),
            prefix="join",
            attrs={"inputmode": "numeric", "autocomplete": "off"},
        ),
    }
    return page(request, desk, "desk/workday_settle.html", context, status=status)


def _prefilled(matter: Matter, opened: Opened) -> dict[str, str]:
    found = {"description": matter.words, "address": opened.view.row.spot, "limit_days": DAYS}
    return {name: value for name, value in found.items() if value}


def _near(desk: Desk, opened: Opened, matter: Matter) -> list[dict[str, object]]:
    """Open cases that the matter could be."""
    place = matter.place or opened.view.row.place
    found = near_cases(desk.district_id, desk.acting, place=place, category=matter.category, text=matter.words, limit=5)
    now = timezone.now()
    return [
        {
            "line": case_line(one.row, desk.directory, desk.playbook_of, desk.language),
            "why": nearby.reasons(one, now, desk.language),
        }
        for one in found
        if not one.row.ended and one.closed_at is None
    ]


def _make(desk: Desk, opened: Opened, matter: Matter, form: MoveForm, given: formdata.Given) -> settling.Settled | None:
    """Make the case; on an error fill the form with it and return None."""
    args, texts = given.args, given.texts
    assists = args.get("assists")
    days = args.get("limit_days")
    order = settling.Order(
        lead=str(args.get("lead") or ""),
        limit_days=days if isinstance(days, int) else 0,
        category=str(args.get("category") or ""),
        tier=str(args.get("tier_proposed") or ""),
        assists=assists if isinstance(assists, tuple) else (),
        owner=str(args.get("owner") or ""),
        description=texts.get("description", ""),
        address=texts.get("address", ""),
        note=texts.get("note", ""),
        urgent=args.get("urgent") is True,
    )
    playbook = settling.case_playbook(desk.directory)
    try:
        return settling.settle_as_case(
            desk.district_id, desk.acting, opened.view.row.record_id, matter.no, order, photos=given.photos,
            command_id=given.command_id,
        )  # fmt: skip
    except Refused as error:
        faults = formdata.refused_fields(error.refusal.fields, form.move, desk.language)
        text = words.refusal_text(error.refusal, playbook, desk.language, desk.directory)
        fill_errors(form, faults, [] if faults else [text])
    except UnknownPlace as error:
        fill_errors(form, {}, [words.error_text(error, desk.language)])
    except LedgerError as error:
        form.command_id = str(uuid4())
        fill_errors(form, {}, [words.error_text(error, desk.language, playbook, desk.directory)])
    return None
