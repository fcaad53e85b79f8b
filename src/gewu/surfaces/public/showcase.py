"""The double showcase and honours as anybody may see them, and the page on which delegates vote with a code.

Ranks are shown for the upper half of each track, with n and method; departments and last places stay inside. A photo is
shown when a person looked at it and released it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from gewu.assessments import ballots
from gewu.assessments import kinds as k
from gewu.assessments.lookups import number_of
from gewu.assessments.queries.points import Picture, Shown, is_public, points_of
from gewu.assessments.queries.rounds import RoundRow, published
from gewu.assessments.queries.rounds import honours as list_honours
from gewu.core.playbook.model import Playbook
from gewu.ledger.errors import LedgerError, NotFound, Refused
from gewu.registry.directory import Directory
from gewu.registry.names import place_name
from gewu.surfaces import words
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.public.photos import picture
from gewu.surfaces.public.site import language, polite, with_district
from gewu.surfaces.throttle import budgets

MOST = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A point as the public sees it; ``rank`` only in the upper half."""

    no: int
    title: str
    where: str
    street: str
    words: str
    before: Picture | None
    after: Picture | None
    rank: int | None = None
    score: str = ""
    n: int = 0


@dataclass(slots=True)
class Track:
    """A track of a round."""

    title: str
    ballots: int
    told: bool
    ranked: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Paper:
    """A delegate's ballot paper."""

    track: str
    title: str
    lines: list[tuple[Line, str]] = field(default_factory=list)
    receipt: str = ""
    error: str = ""


@require_safe
@with_district
def showcase(request: HttpRequest, directory: Directory) -> HttpResponse:
    """A published round: points before and after, and the upper half of the ranks with n and method."""
    rows = published(directory.district.id, MOST)
    wanted = request.GET.get("period", "")
    row = next((r for r in rows if r.period == wanted), None) if wanted else next(iter(rows), None)
    if wanted and row is None:
        raise Http404(pgettext("resident", "No round of this quarter has been published."))
    context: dict[str, object] = {
        "district": _said(directory.district.name(language())),
        "periods": [(r.period, period_name(r.period)) for r in rows],
        "row": row,
        "title": period_name(row.period) if row else "",
        "tracks": _tracks(directory, row) if row else [],
        "method": row.method if row else "",
    }
    return render(request, "public/showcase.html", context)


def _tracks(directory: Directory, row: RoundRow) -> list[Track]:
    playbook = directory.playbook(row.playbook, row.playbook_version)
    cipher = ballots.ground(directory.district.id, row.record_id).cipher
    points = {p.no: p for p in points_of(directory.district.id, row.record_id, cipher)}
    tracks = []
    for code, one in (row.result or {"tracks": {}})["tracks"].items():
        track = Track(_choice(playbook, "track", code), one["ballots"], one["told"])
        known = [p for p in one["places"] if p["rank"] is not None]
        half = (len(known) + 1) // 2 if one["told"] else 0
        for place in one["places"]:
            point = points[place["entry"]]
            if place["rank"] is not None and place["rank"] <= half:
                score = f"{place['score'] // 100}.{place['score'] % 100:02d}"
                track.ranked.append(_line(directory, point, place["rank"], score, place["n"]))
            else:
                track.others.append(_line(directory, point))
        track.others.sort(key=lambda line: line.no)  # in the order in which they were nominated, not of their votes
        tracks.append(track)
    return tracks


def _line(directory: Directory, point: Shown, rank: int | None = None, score: str = "", n: int = 0) -> Line:
    gone = pgettext("resident", "erased by request")
    return Line(
        point.no,
        gone if point.title is None else point.title,
        _said(place_name(directory, point.place[:12], language())),
        _said(words.unit_name(directory, point.unit, language())),
        point.words or "",
        next((p for p in point.photos if p.role == "before" and p.released), None),
        next((p for p in point.photos if p.role == "after" and p.released), None),
        rank,
        score,
        n,
    )


def _choice(playbook: Playbook | None, name: str, value: str) -> str:
    move = playbook.moves.get("nominate") if playbook else None
    found = next((f for f in move.form if f.name == name), None) if move else None
    return _said(words.choice_name(found, value, language()) if found and value in found.choices else value)


def period_name(period: str) -> str:
    """``2019Q4`` as people say it."""
    year, _q, quarter = period.partition("Q")
    if chinese(language()):
        return _said(f"{year}年第{dict(zip('1234', '一二三四', strict=True)).get(quarter, quarter)}季度")
    return f"Q{quarter} {year}"


def _said(text: str) -> str:
    return spaced(text) if chinese(language()) else text


@require_safe
@polite
@with_district
def photo(request: HttpRequest, directory: Directory, photo_id: UUID) -> HttpResponse:
    """A photo that was released, as a clean copy."""
    budgets.spend_here(request, budgets.PICTURE)
    shown = (
        picture(directory.district.id, str(photo_id), "page") if is_public(directory.district.id, photo_id) else None
    )
    if shown is None:
        raise Http404(pgettext("resident", "There is no such photo, or it is not public."))
    return shown


@require_safe
@with_district
def honours(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Honours up for public notice, and those awarded. A name only where the nominee agreed, and as long as they do."""
    found = list_honours(directory.district.id, [k.PUBLICISED, k.AWARDED])
    lines = []
    for row in found:
        playbook = directory.playbook(row.playbook, row.playbook_version)
        texts = row.texts or {}
        lines.append(
            {
                "row": row,
                "honour": _choice(playbook, "class", row.honour),
                "level": _choice(playbook, "level", row.level),
                "where": _said(place_name(directory, row.place[:12], language())),
                "subject": texts.get("subject", ""),
                "name": "" if row.name_withdrawn else texts.get("name", ""),
                "open": row.stage == k.PUBLICISED,
            }
        )
    context = {
        "district": _said(directory.district.name(language())),
        "notices": [one for one in lines if one["open"]],
        "awarded": [one for one in lines if not one["open"]],
    }
    return render(request, "public/honours.html", context)


# ---- delegates


@require_http_methods(["GET", "POST"])
@polite
@with_district
def vote(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Vote with a code. It is typed once, travels in the body of each form and stands in no address and no session."""
    if request.method != "POST":
        return render(request, "public/vote.html", {"code": ""})
    code = request.POST.get("code", "").strip()[:40]
    budgets.spend_here(request, budgets.VOTE)
    budgets.check_here(request, budgets.VOTE_WRONG)
    try:
        record_id, voter = ballots.delegate(directory.district.id, code)
    except NotFound:
        budgets.spend_here(request, budgets.VOTE_WRONG)
        wrong = pgettext("resident", "This code is not known. Check each character on your slip and type it again.")
        return render(request, "public/vote.html", {"code": "", "typed": code, "error": wrong}, status=404)
    return _voting(request, directory, record_id, voter, code)


def _voting(
    request: HttpRequest, directory: Directory, record_id: UUID, voter: ballots.Voter, code: str
) -> HttpResponse:
    which = request.POST.get("paper", "")
    error = _cast(request, directory, record_id, voter, which) if which else ""
    ground = ballots.ground(directory.district.id, record_id)
    playbook = directory.playbook(k.SHOWCASE)
    own = ballots.own_ballots(ground, voter)
    points = {p.no: p for p in points_of(directory.district.id, record_id, ground.cipher)}
    papers = []
    for track in ground.tracks:
        given, receipt = own.get(track, ({}, ""))
        paper = Paper(track, _choice(playbook, "track", track), receipt=receipt)
        for no in ground.of_track(track):
            typed = request.POST.get(f"place_{no}", "")[:6] if which == track and error else str(given.get(no, ""))
            paper.lines.append((_line(directory, points[no]), typed))
        paper.error = error if which == track else ""
        papers.append(paper)
    context = {
        "code": code,
        "title": period_name(number_of(directory.district.id, record_id)),
        "open": ground.stage == k.VOTING,
        "papers": papers,
        "done": bool(which and not error),
        "command_id": str(uuid4()),
    }
    response = render(request, "public/vote.html", context, status=422 if error else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _cast(request: HttpRequest, directory: Directory, record_id: UUID, voter: ballots.Voter, track: str) -> str:
    """Give the ballot that was sent. Empty when it is in, else why not."""
    places: dict[int, int] = {}
    for name in request.POST:
        value = request.POST.get(name, "").strip()
        number = name.removeprefix("place_")
        if not name.startswith("place_") or not value:
            continue
        if not (number.isascii() and number.isdigit() and value.isascii() and value.isdigit() and len(value) < 9):
            return pgettext("resident", "A place is a whole number: 1 for the best, the same number for equals.")
        places[int(number[:9])] = int(value)
    raw = request.POST.get("command_id", "")
    try:
        command_id = str(UUID(raw))
    except ValueError:
        command_id = str(uuid4())
    try:
        ballots.cast(directory.district.id, record_id, voter, track, places, command_id=command_id)
    except Refused as error:
        if error.refusal.code == "wrong_stage":
            return pgettext("resident", "The voting is over; this was not counted.")
        codes = dict.fromkeys(error.refusal.fields.values())
        if set(codes) == {"required"}:
            return pgettext("resident", "Nothing is filled in yet. Give at least one number.")
        return " ".join(words.fault_text(one, language()) for one in codes)
    except LedgerError as error:
        return words.error_text(error, language())
    return ""
