"""Voting at the desk, counting again, and the auditor's looks. No page shows another's ballot but the auditor's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gewu.assessments import audit, ballots, counting
from gewu.assessments import kinds as k
from gewu.ledger.errors import CommandReused, LedgerError, Refused
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present import rounds as present
from gewu.surfaces.desk.views.rounds.one import Opened, open_round
from gewu.surfaces.desk.who import Desk, desk_page, page


@dataclass(slots=True)
class Paper:
    """A ballot paper: the points of a track with the places that were typed, and what is wrong."""

    track: str
    title: str
    lines: list[tuple[present.PointLine, str, str]] = field(default_factory=list)
    """Point, place as typed, error."""
    receipt: str = ""
    error: str = ""


def numbers_of(data: QueryDict, prefix: str) -> dict[str, str]:
    """What was typed into the inputs of a paper, by what follows the prefix."""
    return {name.removeprefix(prefix): data.get(name, "").strip() for name in data if name.startswith(prefix)}


def typed_numbers(typed: Mapping[str, str]) -> tuple[dict[int, int], list[str]]:
    """The numbers among what was typed, and the keys of what is none; empty means: not ranked."""
    found, wrong = {}, []
    for key, value in typed.items():
        if not value:
            continue
        if key.isascii() and key.isdigit() and value.isascii() and value.isdigit() and len(value) < 9:
            found[int(key)] = int(value)
        else:
            wrong.append(key)
    return found, wrong


@desk_page(k.CLERK)
@require_http_methods(["GET", "POST"])
def vote(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """The unit's ballot papers, one a track, and a street's sheet of marks for the departments."""
    opened = open_round(desk, k.SHOWCASE, record_id)
    ground = ballots.ground(desk.district_id, record_id)
    try:
        voter = ballots.voter_of(desk.acting, ground)
    except Refused as error:
        raise PermissionDenied(_("Your unit takes no part in this round.")) from error
    if ground.stage != k.VOTING:
        messages.error(request, _("The round is not at voting; nothing can be given now."))
        return redirect(f"/desk/rounds/{record_id}")
    which = request.POST.get("paper", "") if request.method == "POST" else ""
    wrong = ""
    own = ballots.own_ballots(ground, voter)
    papers = [_paper(opened, desk, ground, voter, track, own, request, which) for track in ground.tracks]
    rating = ballots.own_rating(ground, voter.id) if voter.id in ground.streets else None
    sheet = _sheet(desk, ground, rating, request, which)
    if which:
        wrong = _give(request, desk, ground, which)
        if not wrong:
            messages.success(request, _("Your vote is in. It can be changed until the voting closes."))
            return redirect(f"/desk/rounds/{record_id}/vote")
        for paper in papers:
            if paper.track == which:
                paper.error = wrong
    context: dict[str, object] = {
        "base": f"/desk/rounds/{record_id}",
        "back": present.period_name(opened.view.row.period, desk.language),
        "vote_by": opened.view.row.vote_by,
        "papers": papers,
        "marks": sheet if voter.id in ground.streets else [],
        "marks_error": wrong if which == audit.RATINGS else "",
        "marks_receipt": rating[1] if rating else "",
        "scale": range(1, 6),
        "command_id": str(uuid4()),
    }
    return page(request, desk, "desk/round_vote.html", context, status=422 if which else 200)


def _paper(
    opened: Opened,
    desk: Desk,
    ground: ballots.Ground,
    voter: ballots.Voter,
    track: str,
    own: Mapping[str, tuple[dict[int, int], str]],
    request: HttpRequest,
    which: str,
) -> Paper:
    given, receipt = own.get(track, ({}, ""))
    typed = numbers_of(request.POST, "place_") if which == track else {str(no): str(p) for no, p in given.items()}
    paper = Paper(track, present.choice(opened.playbook, "nominate", "track", track, desk.language), receipt=receipt)
    able = {no for no, unit in ground.of_track(track).items() if unit != voter.unit}
    for one in opened.view.points:
        if one.no in able:
            line = present.point(one, opened.view, opened.playbook, desk)
            paper.lines.append((line, typed.get(str(one.no), ""), ""))
    return paper


def _sheet(
    desk: Desk,
    ground: ballots.Ground,
    rating: tuple[dict[str, list[int | None]], str] | None,
    request: HttpRequest,
    which: str,
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Departments with the marks that stand or were typed, on each scale."""
    rows = []
    for code in ground.departments:
        marks = (rating[0] if rating else {}).get(code, [None] * len(k.SCALES))
        cells = []
        for number, scale in enumerate(k.SCALES):
            name = f"mark_{scale}_{code}"
            value = marks[number]
            cells.append((name, request.POST.get(name, "") if which == audit.RATINGS else str(value or "")))
        rows.append((code, names.unit(desk.directory, code, desk.language), cells))
    return rows


def _give(request: HttpRequest, desk: Desk, ground: ballots.Ground, which: str) -> str:
    """Give what was sent. Empty when it is in, else why not."""
    command_id = formdata.command_id(request.POST)
    try:
        if which == audit.RATINGS:
            marks: dict[str, list[int | None]] = {}
            for code in ground.departments:
                raw = [request.POST.get(f"mark_{scale}_{code}", "").strip() for scale in k.SCALES]
                if any(value and not (value.isascii() and value.isdigit() and len(value) < 3) for value in raw):
                    return words.fault_text("mark_number", desk.language)
                if any(raw):
                    marks[code] = [int(value) if value else None for value in raw]
            ballots.rate(desk.district_id, ground.record_id, desk.acting, marks, command_id=command_id)
        else:
            places, wrong = typed_numbers(numbers_of(request.POST, "place_"))
            if wrong:
                return _("A place is a whole number: 1 for the best, the same number for equals.")
            ballots.cast(desk.district_id, ground.record_id, desk.acting, which, places, command_id=command_id)
    except (Refused, CommandReused) as error:
        return refusal_sentence(error, desk.language)
    except LedgerError as error:
        return words.error_text(error, desk.language, None, desk.directory)
    return ""


def refusal_sentence(error: Exception, language: str) -> str:
    """Why a ballot was not taken, in one sentence without the names of fields."""
    if isinstance(error, Refused) and error.refusal.fields:
        codes = dict.fromkeys(error.refusal.fields.values())
        if set(codes) == {"required"}:
            return _("Nothing is filled in yet. Give at least one number.")
        return "；".join(words.fault_text(code, language) for code in codes)
    if isinstance(error, Refused) and error.refusal.code == "wrong_stage":
        return _("The round is not at voting; nothing can be given now.")
    return words.error_text(error, language)


# ---- counting again, and looking


@desk_page(k.OFFICE, k.AUDITOR)
@require_safe
def recount(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """Count again from the ballots and compare with what was counted."""
    opened = open_round(desk, k.SHOWCASE, record_id)
    try:
        again = counting.recompute(desk.district_id, record_id)
    except Refused as error:
        raise Http404(_("There is no result yet.")) from error
    context: dict[str, object] = {
        "base": f"/desk/rounds/{record_id}",
        "back": present.period_name(opened.view.row.period, desk.language),
        "again": again,
        "then": present.result(opened.view, opened.playbook, desk, again.then),
        "now_result": present.result(opened.view, opened.playbook, desk, again.now),
        "root": opened.view.row.root,
        "more": -again.missing,
    }
    return page(request, desk, "desk/round_recount.html", context)


@desk_page(k.OFFICE, k.AUDITOR)
@require_http_methods(["GET", "POST"])
def looks(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """The log of looks; for the auditor also the form by which ballots are shown, for a reason."""
    opened = open_round(desk, k.SHOWCASE, record_id)
    shown, error, status, track = None, "", 200, ""
    if request.method == "POST":
        track = request.POST.get("track", "")
        reason = formdata.clean_text(request.POST.get("words", ""))
        try:
            shown, _at = audit.look(desk.district_id, desk.acting, desk.post, record_id, track, reason)
        except Refused as refused:
            fault = refused.refusal.fields
            error = _("Write why the ballots have to be seen (at most 200 characters).") if "words" in fault else ""
            error = error or words.refusal_text(refused.refusal, opened.playbook, desk.language, desk.directory)
            status = 422
    titles = {one.no: one.title or "" for one in opened.view.points}
    rows = []
    for seen in shown or ():
        who = names.unit(desk.directory, seen.voter, desk.language) if seen.kind == "unit" else ""
        says = [
            (titles.get(key, "") if isinstance(key, int) else names.unit(desk.directory, key, desk.language), value)
            for key, value in (seen.says or {}).items()
        ]
        rows.append((who or _("Delegate %(n)s") % {"n": seen.voter}, seen.at, says, seen.says is None))
    tracks = [
        (t, present.choice(opened.playbook, "nominate", "track", t, desk.language)) for t in k.tracks(opened.playbook)
    ]
    tracks.append((audit.RATINGS, _("Ratings of the departments")))
    titled = dict(tracks)
    context: dict[str, object] = {
        "base": f"/desk/rounds/{record_id}",
        "back": present.period_name(opened.view.row.period, desk.language),
        "log": [
            (x, names.person(desk.directory, x.person, "", desk.language), titled.get(x.track, x.track))
            for x in audit.looks(desk.district_id, desk.acting, record_id)
        ],
        "auditor": k.AUDITOR in desk.roles,
        "tracks": tracks,
        "track": track,
        "shown": rows,
        "error": error,
    }
    response = page(request, desk, "desk/round_looks.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
