"""A session: its page, with the matters on its table and their cases as they stand now, and every move on it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.core.playbook import model as m
from gewu.core.rules import own_parts
from gewu.ledger.errors import NotFound
from gewu.occasions import services
from gewu.occasions.kinds import (
    ATTEND,
    CASE_ENDED,
    CASE_ITEM_MOVES,
    CASE_MERGED,
    COLLECT,
    DEFER,
    DONE,
    EXECUTE,
    NOT_DONE,
    REFER,
    REFER_FOLLOWED,
    RESOLVE,
    SETTLE_ANSWERED,
    SETTLE_CASE,
    SETTLE_JOINED,
    WITHDRAW,
    NotForPost,
    levels,
    standing,
)
from gewu.occasions.queries import Matter, OccasionView, get_occasion
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.duties import dress, is_duty, show_duty
from gewu.surfaces.desk.present.moves import MoveForm, form_for
from gewu.surfaces.desk.present.workdays import ShownMatter, show, shown_matter
from gewu.surfaces.desk.present.works import dress_items, show_works, tell_quantities
from gewu.surfaces.desk.views.moving import OpenRecord, closed_parts, docked, forms_of, opened_as, ready, tried
from gewu.surfaces.desk.who import Desk, desk_page, page

OF_MATTER = (RESOLVE, DEFER, SETTLE_ANSWERED, REFER, WITHDRAW)
"""Moves that stand beside each matter; those that make or join a case have a page of their own. A case on the table
has others, and what is tracked can still be referred."""
OF_RESOLUTION = (DONE, NOT_DONE)
"""Moves that stand beside a resolution that is being carried out."""
ELSEWHERE = frozenset(
    {
        *OF_MATTER,
        *OF_RESOLUTION,
        *CASE_ITEM_MOVES,
        REFER_FOLLOWED,
        SETTLE_CASE,
        SETTLE_JOINED,
        CASE_ENDED,
        CASE_MERGED,
        COLLECT,
    }
)
"""Moves that do not stand in the dock."""

Opened = OpenRecord[OccasionView]
"""A session as somebody at the desk has it before them."""


def open_session(desk: Desk, record_id: UUID) -> Opened:
    """Read a session and judge which moves are open. Raises ``Http404`` or ``PermissionDenied`` with a sentence."""
    try:
        view = get_occasion(desk.district_id, desk.acting, record_id)
    except NotForPost as error:
        text = _("Building workdays are not for the post “%(post)s”. Your own tasks are in the queue.")
        raise PermissionDenied(text % {"post": desk.name}) from error
    except NotFound as error:
        raise Http404(_("There is no such session, or it is not in your territory.")) from error
    playbook = desk.playbook_of(view.state.playbook, view.state.playbook_version)
    if playbook is None:
        raise Http404(_("The playbook of this session is not loaded. Ask the people who run this system."))
    return opened_as(desk, view, playbook)


@desk_page()
@require_safe
def session(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """The page of a session. ``?move=NAME`` opens that form."""
    return _page(request, desk, open_session(desk, record_id), asked=request.GET.get("move", ""))


@desk_page()
@require_POST
def act(request: HttpRequest, desk: Desk, record_id: UUID, move: str) -> HttpResponse:
    """Make a move; ``?matter=N`` names the matter it is about. On an error the page comes back with the form open."""
    opened = open_session(desk, record_id)
    found = opened.playbook.moves.get(move)
    if found is None or found.creates or move == SETTLE_CASE:
        raise Http404(_("This session has no such move."))
    given = formdata.read(request, desk, found, documents=True)
    matter = request.GET.get("matter", "")
    no = int(matter) if matter.isascii() and matter.isdigit() and len(matter) < 5 else None
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
            matter=no,
            target=given.target,
            command_id=given.command_id,
        ),
        lambda: open_session(desk, record_id),
        _("Somebody was faster: the session changed while you were writing. Look at it again, then send again."),
    )
    if failed is not None:
        return _page(request, desk, failed.opened, sent=failed.form, matter=no, status=failed.status)
    messages.success(request, _("%(move)s: done.") % {"move": names.said(found.title, desk.language)})
    anchor = f"#matter-{no}" if no else "#add-matter" if move == COLLECT else ""
    return redirect(f"{reverse('desk:workday', args=[record_id])}{anchor}")


def _page(
    request: HttpRequest, desk: Desk, opened: Opened, *, sent: MoveForm | None = None, matter: int | None = None,
    asked: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    row = opened.view.row
    forms = forms_of(opened, sent, asked, elsewhere=ELSEWHERE)
    collect = None
    if opened.open(COLLECT):
        collect = sent if sent is not None and sent.name == COLLECT else None
        collect = collect or form_for(opened.playbook.moves[COLLECT], opened.about)
    for form in [*forms, *([collect] if collect else [])]:
        _ready(form, opened)
    dock, others = docked(forms)
    here = (
        sent is not None
        and opened.open(sent.name)
        and any(m.no == matter and sent.name in _with_forms(m, opened) for m in opened.view.matters)
    )
    lost = sent if sent is not None and sent.name in ELSEWHERE and sent is not collect and not here else None
    duty = show_duty(opened.view, desk) if is_duty(opened.playbook) else None
    if duty is not None:
        dress(forms, opened.view, desk)
    shown = show(opened.view, desk, opened.playbook)
    context: dict[str, object] = {
        "duty": duty,
        "s": shown,
        "view": opened.view,
        "number": row.number,
        "matters": [_matter(one, desk, opened, sent, matter) for one in opened.view.matters],
        "collect": collect,
        "lost": lost,
        "dock": dock,
        "others": others,
        **closed_parts(opened.closed),
        "papers": [
            (title, reverse("desk:workday-paper", args=[row.record_id, which]))
            for title, which in _papers(opened.playbook, duty is not None)
        ],
        "deliberates": RESOLVE in opened.playbook.moves,
        "collects": COLLECT in opened.playbook.moves,
        "attends": ATTEND in opened.playbook.moves,
    }
    if standing(opened.playbook):
        dress_items(forms, desk)
        tell_quantities(shown.timeline, opened.view, desk, opened.playbook)
        context["w"] = show_works(opened.view, desk, opened.playbook)
        return page(request, desk, "desk/estate.html", context, status=status)
    return page(request, desk, "desk/workday.html", context, status=status)


def _papers(playbook: m.Playbook, duty: bool) -> list[tuple[str, str]]:
    """The papers of an occasion: a table has a sheet of its results, a council its minutes."""
    sheets = [(_("Sign-in sheet"), "sign-in")] if ATTEND in playbook.moves else []
    if duty:
        sheets.append((_("Joint report"), "joint-report"))
    elif RESOLVE in playbook.moves:
        sheets.append((_("Minutes of the council"), "council-minutes"))
    elif levels(playbook):
        sheets.append((_("Minutes"), "minutes"))
    elif COLLECT in playbook.moves:
        sheets.append((_("Result sheet"), "results"))
    return sheets


def _with_forms(one: Matter, opened: Opened) -> tuple[str, ...]:
    """The moves that belong beside a matter: while it lies on the table, or while it is carried out by the actor."""
    if one.vote is None or one.vote.execution is not None or not one.vote.part:
        return _ways(one)
    move = opened.playbook.moves.get(DONE)
    parts = own_parts(move, opened.view.state.assignments, opened.about.actor, EXECUTE) if move else []
    return OF_RESOLUTION if any(part.no == one.vote.part for part in parts) else ()


def _counted(view: OccasionView) -> dict[str, str]:
    """Who is there, as it was counted last: it stands in the form of the next vote."""
    for event in reversed(view.timeline):
        if "present" in event.args:
            return {name: str(event.args[name]) for name in ("present", "stakeholders") if name in event.args}
    return {}


def _ways(one: Matter) -> tuple[str, ...]:
    """The moves that can be about an item as it stands, each in a form beside it."""
    if not one.outcome:
        return CASE_ITEM_MOVES if one.tabled else OF_MATTER
    return (REFER_FOLLOWED,) if one.follow == "following" else ()


def _matter(one: Matter, desk: Desk, opened: Opened, sent: MoveForm | None, no: int | None) -> ShownMatter:
    """A matter with the forms of what can be done with it."""
    forms = []
    known = {**_counted(opened.view), "motion": one.words}
    for name in _with_forms(one, opened):
        if opened.open(name):
            mine = sent is not None and sent.name == name and no == one.no
            given = known if name == RESOLVE else None
            form = sent if mine and sent is not None else form_for(opened.playbook.moves[name], opened.about, given)
            _ready(form, opened, f"?matter={one.no}")
            form.fields = [
                field for field in form.fields if field.name not in ("case", "target")
            ]  # the item says which
            if not mine:
                for field in form.fields:
                    field.prefix = f"{field.prefix}-{one.no}"
            forms.append(form)
    shown = shown_matter(one, desk, opened.playbook, forms)
    if not one.outcome and not one.tabled and opened.open(SETTLE_CASE):
        shown.settle_url = reverse("desk:workday-settle", args=[opened.view.row.record_id, one.no])
    return shown


def _ready(form: MoveForm, opened: Opened, query: str = "") -> None:
    action = reverse("desk:workday-act", args=[opened.view.row.record_id, form.name]) + query
    ready(form, opened, action, documents=True)
