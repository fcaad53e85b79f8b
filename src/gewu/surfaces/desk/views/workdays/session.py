"""A session: its page, with the matters on its table and their cases as they stand now, and every move on it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.core.playbook import model as m
from gewu.core.records import Command, Facts
from gewu.core.rules import moves_open, own_parts
from gewu.ledger.errors import Busy, CommandReused, Conflict, LedgerError, NotFound, Refused
from gewu.ledger.lookups import facts_for
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
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.again import refused_as, sent_again
from gewu.surfaces.desk.present.duties import dress, is_duty, show_duty
from gewu.surfaces.desk.present.moves import About, Closed, MoveForm, form_for, split_open
from gewu.surfaces.desk.present.workdays import ShownMatter, show, shown_matter
from gewu.surfaces.desk.present.works import dress_items, show_works
from gewu.surfaces.desk.views.case import DOCK
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


@dataclass(slots=True)
class Opened:
    """A session as somebody at the desk has it before them."""

    view: OccasionView
    playbook: m.Playbook
    about: About
    moves: list[m.Move]
    closed: list[Closed]

    def open(self, name: str) -> bool:
        """Whether a move can be made now."""
        return any(move.name == name for move in self.moves)


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
    about = About(desk.directory, playbook, desk.language, desk.acting.actor, view.state)
    facts = facts_for(desk.directory, None, Command("", ""), desk.acting.actor, int(time.time()), None)
    found = moves_open(playbook, view.state, facts) if isinstance(facts, Facts) else []
    moves, closed = split_open(found, about)
    return Opened(view, playbook, about, moves, closed)


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
    if given.faults:
        return _again(request, desk, opened, found, given, dict(given.faults), [], 422, no)
    try:
        services.act(
            desk.district_id, desk.acting, record_id, found.name, args=given.args, texts=given.texts,
            photos=given.photos, version=None if found.additive else given.version, matter=no, target=given.target,
            command_id=given.command_id,
        )  # fmt: skip
    except Conflict as error:
        text = _("Somebody was faster: the session changed while you were writing. Look at it again, then send again.")
        given.version = error.version
        return _again(request, desk, open_session(desk, record_id), found, given, {}, [text], 409, no)
    except Refused as error:
        faults, general, status = refused_as(error.refusal, found, opened.playbook, desk)
        return _again(request, desk, open_session(desk, record_id), found, given, faults, general, status, no)
    except LedgerError as error:
        if isinstance(error, CommandReused):
            given.command_id = str(uuid4())
        text = words.error_text(error, desk.language, opened.playbook, desk.directory)
        status = 409 if isinstance(error, (Busy, CommandReused)) else 422
        return _again(request, desk, opened, found, given, {}, [text], status, no)
    messages.success(request, _("%(move)s: done.") % {"move": names.said(found.title, desk.language)})
    anchor = f"#matter-{no}" if no else "#add-matter" if move == COLLECT else ""
    return redirect(f"{reverse('desk:workday', args=[record_id])}{anchor}")


def _again(
    request: HttpRequest, desk: Desk, opened: Opened, move: m.Move, given: formdata.Given, faults: dict[str, str],
    general: list[str], status: int, matter: int | None,
) -> HttpResponse:  # fmt: skip
    form = sent_again(move, opened.about, given, opened.view.state.seq, faults, general)
    return _page(request, desk, opened, sent=form, matter=matter, status=status)


def _page(
    request: HttpRequest, desk: Desk, opened: Opened, *, sent: MoveForm | None = None, matter: int | None = None,
    asked: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    row = opened.view.row
    forms = []
    for move in opened.moves:
        if move.name in ELSEWHERE:
            continue
        form = sent if sent is not None and sent.name == move.name else form_for(move, opened.about)
        form.open = form.open or move.name == asked
        forms.append(form)
    collect = None
    if opened.open(COLLECT):
        collect = sent if sent is not None and sent.name == COLLECT else None
        collect = collect or form_for(opened.playbook.moves[COLLECT], opened.about)
    if sent is not None and sent not in forms and sent.name not in ELSEWHERE:
        forms.insert(0, sent)
    for form in [*forms, *([collect] if collect else [])]:
        _ready(form, opened)
    first = [f for f in forms if f.forward or f.open][:DOCK]
    first += [f for f in forms if f not in first and f.key][: DOCK - len(first)]
    here = (
        sent is not None
        and opened.open(sent.name)
        and any(m.no == matter and sent.name in _with_forms(m, opened) for m in opened.view.matters)
    )
    lost = sent if sent is not None and sent.name in ELSEWHERE and sent is not collect and not here else None
    duty = show_duty(opened.view, desk) if is_duty(opened.playbook) else None
    if duty is not None:
        dress(forms, opened.view, desk)
    context: dict[str, object] = {
        "duty": duty,
        "s": show(opened.view, desk, opened.playbook),
        "view": opened.view,
        "number": row.number,
        "matters": [_matter(one, desk, opened, sent, matter) for one in opened.view.matters],
        "collect": collect,
        "lost": lost,
        "dock": first,
        "others": [f for f in forms if f not in first],
        "closed": [c for c in opened.closed if not c.other_post],
        "closed_others": [c for c in opened.closed if c.other_post],
        "papers": [
            (title, reverse("desk:workday-paper", args=[row.record_id, which]))
            for title, which in _papers(opened.playbook, duty is not None)
        ],
        "deliberates": RESOLVE in opened.playbook.moves,
        "collects": COLLECT in opened.playbook.moves,
    }
    if standing(opened.playbook):
        dress_items(forms, desk)
        context["w"] = show_works(opened.view, desk, opened.playbook)
        return page(request, desk, "desk/estate.html", context, status=status)
    return page(request, desk, "desk/workday.html", context, status=status)


def _papers(playbook: m.Playbook, duty: bool) -> list[tuple[str, str]]:
    """The papers of an occasion: a table has a sheet of its results, a council its minutes."""
    sheets = [(_("Sign-in sheet"), "sign-in")] if ATTEND in playbook.moves else []
    if duty:
        sheets.append((_("Joint report"), "joint-report"))
    elif RESOLVE in playbook.moves:
        sheets.append((_("Minutes"), "council-minutes"))
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
    form.command_id = form.command_id or str(uuid4())
    form.version = form.version or opened.view.state.seq
    form.action = reverse("desk:workday-act", args=[opened.view.row.record_id, form.name]) + query
    form.documents = True
