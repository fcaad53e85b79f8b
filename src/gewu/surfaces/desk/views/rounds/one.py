"""One round or honour: its page, its moves, codes for delegates, the result as a sheet."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.assessments import kinds as k
from gewu.assessments import services
from gewu.assessments.queries.rounds import REMINDERS, RoundView, get_round, turnout
from gewu.core.playbook import model as m
from gewu.imports.tables import XLSX, xlsx_bytes
from gewu.ledger.errors import CommandReused, LedgerError, NotFound
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present import rounds as present
from gewu.surfaces.desk.present.case import clock_of, part_of
from gewu.surfaces.desk.present.moves import MoveForm
from gewu.surfaces.desk.present.timeline import teller
from gewu.surfaces.desk.views.moving import OpenRecord, closed_parts, docked, forms_of, opened_as, ready, tried
from gewu.surfaces.desk.views.rounds.lists import SLUG, book
from gewu.surfaces.desk.who import Desk, desk_page, page

OWN_FORMS = frozenset({"issue_codes", "release_photo", "withdraw_photo", "close_voting", "remind"})
"""Moves that the page offers in a place of their own."""

Opened = OpenRecord[RoundView]
"""A round as somebody at the desk has it before them."""


def open_round(desk: Desk, name: str, record_id: UUID) -> Opened:
    """Read a round or honour and judge which moves are open. Raises ``Http404``, ``PermissionDenied``."""
    book(desk, name)
    try:
        view = get_round(desk.district_id, desk.acting, record_id)
    except NotFound as error:
        raise Http404(_("There is no such round, or your unit takes no part in it.")) from error
    playbook = desk.playbook_of(view.row.playbook, view.row.playbook_version)
    if view.row.playbook != name or playbook is None:
        raise Http404(_("There is no such round, or your unit takes no part in it."))
    return opened_as(desk, view, playbook)


@desk_page()
@require_safe
def one(request: HttpRequest, desk: Desk, name: str, record_id: UUID) -> HttpResponse:
    """The page. ``?move=NAME&entry=NO`` opens that form for that point."""
    return _page(request, desk, open_round(desk, name, record_id), asked=request.GET.get("move", ""))


@desk_page()
@require_POST
def act(request: HttpRequest, desk: Desk, name: str, record_id: UUID, move: str) -> HttpResponse:
    """Make a move. On an error the page comes back with the form open and everything typed still in it."""
    opened = open_round(desk, name, record_id)
    found = opened.playbook.moves.get(move)
    if found is None or found.creates or found.system or move == "issue_codes":
        raise Http404(_("A round has no such move."))
    given = formdata.read(request, desk, found)

    def carry_out() -> None:
        if move == "close_voting":
            services.close_and_count(
                desk.district_id, desk.acting, record_id, version=given.version, command_id=given.command_id
            )
        else:
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

    changed = _("Somebody was faster: the round changed while you were writing. Look at it again, then send again.")
    failed = tried(desk, opened, found, given, carry_out, lambda: open_round(desk, name, record_id), changed)
    if failed is not None:
        return _page(request, desk, failed.opened, sent=failed.form, status=failed.status)
    messages.success(request, _("%(move)s: done.") % {"move": names.said(found.title, desk.language)})
    return redirect(f"/desk/{SLUG[name]}/{record_id}")


def _page(
    request: HttpRequest,
    desk: Desk,
    opened: Opened,
    *,
    sent: MoveForm | None = None,
    asked: str = "",
    status: int = 200,
) -> HttpResponse:
    view, playbook, language = opened.view, opened.playbook, desk.language
    row, state = view.row, view.state
    base = f"/desk/{SLUG[row.playbook]}/{row.record_id}"
    elsewhere = OWN_FORMS - {sent.name if sent is not None else ""}
    forms = forms_of(opened, sent, asked, elsewhere=elsewhere, filled=_wanted(request))
    for form in forms:
        ready(form, opened, f"{base}/act/{form.name}")
    dock, others = docked(forms)
    parts = tuple(part_of(a, state.clocks, desk.directory, playbook, language) for a in state.assignments)
    show = present.line if row.period else present.honour_line
    context: dict[str, object] = {
        "line": show(row, desk),
        "row": row,
        "base": base,
        "back_url": f"/desk/{SLUG[row.playbook]}",
        "back": present.playbook_title(playbook, desk),
        "dock": dock,
        "others": others,
        **closed_parts(opened.closed),
        "clocks": [
            replace(clock_of(c, playbook, language), state=c.status)
            for c in state.clocks
            if c.status != "stopped" and not c.spec.endswith(REMINDERS) and (not c.assignment or c.spec == "objection")
        ],
        "objections": [p for p in parts if p.live and p.slot == words.slot_name(playbook, "objection", language)],
        "story": {"timeline": teller(view, desk.directory, playbook, language).tell(view.timeline)},
        "command_id": str(uuid4()),
        **(_round_parts(desk, opened) if row.period else {"texts": _honour_texts(view, playbook, language)}),
    }
    return page(request, desk, "desk/round.html", context, status=status)


def _wanted(request: HttpRequest) -> dict[str, str]:
    """What the address fills in beforehand: the point that is meant."""
    entry = request.GET.get("entry", "")
    return {"entry": entry} if entry.isascii() and entry.isdigit() and len(entry) < 9 else {}


def _honour_texts(view: RoundView, playbook: m.Playbook, language: str) -> list[tuple[str, str]]:
    texts = view.row.texts or {}
    order = [n for n in ("subject", "name", "deeds") if texts.get(n) and not (n == "name" and view.row.name_withdrawn)]
    return [
        (names.typeset(words.field_name(playbook, "nominate", name, language), language), texts[name]) for name in order
    ]


def _round_parts(desk: Desk, opened: Opened) -> dict[str, object]:
    """What a round shows beyond its moves: plan, points, services, who is missing, the result."""
    view, playbook = opened.view, opened.playbook
    row, language = view.row, desk.language
    watches = bool(desk.roles & {k.OFFICE, k.AUDITOR})
    voting = row.stage == k.VOTING
    missing = []
    if watches and row.stage in ("nominating", "building", k.VOTING):
        missing = services.missing_units(desk.district_id, row.record_id, row.stage)
    seen = turnout(desk.district_id, row.record_id) if watches and row.voting_at else None
    shown = row.result if row.stage in k.WITH_RESULT else None
    days = [
        (_("Nominate by"), row.nominate_by), (_("Build by"), row.build_by), (_("Tour on"), row.tour_on),
        (_("Vote by"), row.vote_by),
    ]  # fmt: skip
    return {
        "steps": present.steps(playbook, row.stage, language),
        "plan": (row.texts or {}).get("plan", ""),
        "days": days,
        "points": [present.point(one, view, playbook, desk) for one in view.points],
        "linked": sum(bool(one.cases) for one in view.points),
        "services": [present.service(one, playbook, desk) for one in view.services],
        "streets": present.unit_names(row.streets, desk),
        "departments": present.unit_names(row.departments, desk),
        "missing": present.unit_names(missing, desk),
        "may_remind": opened.open("remind") and missing,
        "turnout": [
            (
                present.choice(playbook, "nominate", "track", t, language),
                len(seen.voted.get(t, ())),
                seen.delegates.get(t, 0),
            )
            for t in k.tracks(playbook)
        ]
        if seen
        else [],
        "rated": len(seen.rated) if seen else 0,
        "votes": voting and desk.post.unit_code in (*row.streets, *row.departments) and k.CLERK in desk.roles,
        "may_close": opened.open("close_voting"),
        "may_issue": opened.open("issue_codes"),
        "may_release": opened.open("release_photo"),
        "may_build": opened.open("report_built"),
        "result": present.result(view, playbook, desk, shown) if shown else None,
        "audits": watches and row.stage in k.WITH_RESULT,
    }


# ---- codes for delegates


@desk_page(k.OFFICE)
@require_POST
def codes(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """Issue codes and show them, this once, as slips to be printed and cut."""
    opened = open_round(desk, k.SHOWCASE, record_id)
    raw = request.POST.get("number", "").strip()
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 6 else 0
    try:
        issued = services.issue_codes(
            desk.district_id, desk.acting, record_id, number, command_id=formdata.command_id(request.POST)
        )
    except CommandReused:
        text = _("These codes were shown before and are stored nowhere. If the slips are lost, issue new ones.")
        messages.error(request, text)
        return redirect(f"/desk/rounds/{record_id}")
    except LedgerError as error:
        messages.error(request, words.error_text(error, desk.language, opened.playbook, desk.directory))
        return redirect(f"/desk/rounds/{record_id}")
    context: dict[str, object] = {
        "codes": issued,
        "title": present.period_name(opened.view.row.period, desk.language),
        "vote_by": opened.view.row.vote_by,
        "base": f"/desk/rounds/{record_id}",
    }
    response = page(request, desk, "desk/round_codes.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


# ---- as a sheet


@desk_page()
@require_safe
def sheet(_request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """The result as XLSX: tracks and departments, with n and method. Nothing in it tells what anybody voted."""
    opened = open_round(desk, k.SHOWCASE, record_id)
    row = opened.view.row
    if row.stage not in k.WITH_RESULT or not row.result:
        raise Http404(_("There is no result yet."))
    found = present.result(opened.view, opened.playbook, desk, row.result)
    rows = []
    for track in found.tracks:
        for place in track.places:
            rank = "" if place.rank is None else str(place.rank)
            rows.append([track.track, rank, place.name, place.unit, place.score, str(place.n), str(track.ballots)])
    for place in found.departments:
        rank = "" if place.rank is None else str(place.rank)
        rows.append([_("Departments"), rank, place.name, "", place.score, str(place.n), str(found.sheets)])
    rows.append([_("Method"), row.method, _("Quorum %(n)d %%") % {"n": row.quorum}, "", "", "", row.root])
    header = [_("Track"), _("Rank"), _("Point or department"), _("Unit"), _("Score"), "n", _("Ballots")]
    title = f"{present.period_name(row.period, desk.language)}"
    response = HttpResponse(xlsx_bytes(title, header, rows), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="showcase-{row.period}.xlsx"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
