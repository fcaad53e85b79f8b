"""Lists of rounds and honours, their new entries, and ranks over the rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gewu.assessments import kinds as k
from gewu.assessments import services
from gewu.assessments.queries.rounds import Page, Standing, awards_by_class, history, list_rounds, published
from gewu.cases.queries import BadCursor
from gewu.core.playbook import model as m
from gewu.ledger.errors import LedgerError, Refused
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present import rounds as present
from gewu.surfaces.desk.present.again import fill_errors, refused_as
from gewu.surfaces.desk.present.moves import OTHER, About, MoveForm, form_for
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Field

MAKING = {k.SHOWCASE: "announce", k.HONOUR: "nominate"}
SLUG = {k.SHOWCASE: "rounds", k.HONOUR: "honours"}


def book(desk: Desk, name: str) -> m.Playbook:
    """The playbook of rounds or honours, for a post that has a part in it. Raises ``PermissionDenied``."""
    playbook = services.playbook_of(desk.directory, name)
    if not k.may_see(playbook, desk.roles):
        text = _("“%(title)s” is not for the post “%(post)s”. Ask the comprehensive office.")
        raise PermissionDenied(text % {"title": present.playbook_title(playbook, desk), "post": desk.name})
    return playbook


def making(desk: Desk, playbook: m.Playbook) -> m.Move | None:
    """The move by which the post makes one, if it may."""
    move = playbook.moves[MAKING[playbook.name]]
    return move if any(rule.role in desk.roles for rule in move.actors) else None


@desk_page()
@require_safe
def rounds(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    """Rounds in which the post's unit takes part (the office sees all), or the register of honours. One statement;
    honours also count what was awarded."""
    playbook = book(desk, name)
    honours = name == k.HONOUR
    error = ""
    try:
        found = list_rounds(desk.district_id, desk.acting, honours=honours, after=request.GET.get("after") or None)
    except BadCursor as fault:
        error, found = words.error_text(fault, desk.language), Page([], None)
    move = making(desk, playbook)
    show = present.honour_line if honours else present.line
    awarded = []
    if honours:
        for (honour, level), number in awards_by_class(desk.district_id, desk.acting).items():
            title = present.choice(playbook, "nominate", "class", honour, desk.language)
            awarded.append((title, present.choice(playbook, "nominate", "level", level, desk.language), number))
    context: dict[str, object] = {
        "honours": honours,
        "title": present.playbook_title(playbook, desk),
        "lines": [show(row, desk) for row in found.rows],
        "after": found.after,
        "error": error,
        "new_title": names.said(move.title, desk.language) if move else "",
        "new_url": f"/desk/{SLUG[name]}/new",
        "awarded": awarded,
    }
    return page(request, desk, "desk/rounds.html", context, status=422 if error else 200)


@desk_page()
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    """Announce a round, with the participants of the last one ticked; or nominate for an honour."""
    playbook = book(desk, name)
    move = making(desk, playbook)
    if move is None:
        raise PermissionDenied(_("This page is not for the post “%(post)s”.") % {"post": desk.name})
    about = About(desk.directory, playbook, desk.language, desk.acting.actor)
    status = 200
    if request.method == "POST":
        given = formdata.read(request, desk, move)
        form = _form(desk, move, about, given.typed)
        form.command_id = given.command_id
        form.kept = formdata.kept(given)
        if given.faults:
            fill_errors(form, dict(given.faults), [])
        else:
            made = _make(desk, playbook, form, given)
            if made is not None:
                messages.success(request, _("%(number)s is entered.") % {"number": made.number})
                return redirect(f"/desk/{SLUG[name]}/{made.outcome.record_id}")
        status = 422
    else:
        form = _form(desk, move, about, _usual(desk) if name == k.SHOWCASE else {})
        form.command_id = str(uuid4())
    context: dict[str, object] = {
        "form": form,
        "faulty": [one for one in form.inputs if one.error],
        "back_url": f"/desk/{SLUG[name]}",
        "back": present.playbook_title(playbook, desk),
    }
    return page(request, desk, "desk/round_new.html", context, status=status)


def _form(desk: Desk, move: m.Move, about: About, typed: Mapping[str, Any]) -> MoveForm:
    """The form of the move; who may take part is chosen from lists of their own."""
    form = form_for(move, about, typed)
    if move.name == MAKING[k.SHOWCASE]:
        sides = dict(zip(("streets", "departments"), present.candidates(desk), strict=True))
        fields = []
        for one in form.fields:
            name = one.name.removesuffix(OTHER)
            options = sides.get(name)
            if options is None:
                fields.append(one)
                continue
            picked = typed.get(name, ())
            value = [str(v) for v in picked] if isinstance(picked, (list, tuple)) else []
            fields.append(
                Field(name, one.label, "checkboxes", value, required=True, choices=options, prefix=one.prefix)
            )
        form.fields = fields
    return form


def _usual(desk: Desk) -> dict[str, Any]:
    """What a new round mostly says: the running quarter, the participants of the last round, days, half as quorum."""
    today = timezone.localdate()
    last = list_rounds(desk.district_id, desk.acting, limit=1).rows
    days = {"nominate_by": 15, "build_by": 60, "tour_on": 65, "vote_by": 70}
    return {
        "period": f"{today.year}Q{(today.month + 2) // 3}",
        "streets": list(last[0].streets) if last else [],
        "departments": list(last[0].departments) if last else [],
        "quorum": str(last[0].quorum) if last else "50",
        **{name: (today + timedelta(days=n)).isoformat() for name, n in days.items()},
    }


def _make(desk: Desk, playbook: m.Playbook, form: MoveForm, given: formdata.Given) -> services.Made | None:
    """Make it; on an error fill the form with it and return None."""
    filled = services.Filled(given.args, given.texts, tuple(given.photos), given.command_id)
    make = services.announce if playbook.name == k.SHOWCASE else services.nominate_honour
    try:
        return make(desk.district_id, desk.acting, filled)
    except Refused as error:
        faults, general, _status = refused_as(error.refusal, form.move, playbook, desk)
        fill_errors(form, faults, general)
    except LedgerError as error:
        form.command_id = str(uuid4())
        fill_errors(form, {}, [words.error_text(error, desk.language, playbook, desk.directory)])
    return None


@desk_page()
@require_safe
def ranks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ranks over the published rounds, with firsts in a row: computed from the rounds each time."""
    playbook = book(desk, k.SHOWCASE)
    rows = published(desk.district_id)
    tracks = k.tracks(playbook)
    wanted = request.GET.get("track", "")
    wanted = wanted if wanted in tracks else ""
    found = history(rows, wanted)
    periods = sorted({row.period for row in rows})[-8:]
    table = []
    for unit, standings in sorted(found.items(), key=lambda item: (_last_rank(item[1]), item[0])):
        by_period = {s.period: s for s in standings}
        cells = [by_period.get(period) for period in periods]
        table.append((names.unit(desk.directory, unit, desk.language), cells, standings[-1].firsts))
    context: dict[str, object] = {
        "periods": [present.period_name(period, desk.language) for period in periods],
        "table": table,
        "tracks": [(t, present.choice(playbook, "nominate", "track", t, desk.language)) for t in tracks],
        "track": wanted,
    }
    return page(request, desk, "desk/round_ranks.html", context)


def _last_rank(standings: Sequence[Standing]) -> int:
    rank = standings[-1].rank
    return 10_000 if rank is None else rank
