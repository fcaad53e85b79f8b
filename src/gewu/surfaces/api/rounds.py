"""Rounds of the double showcase: from the announcement to the result, ballots, delegates' codes, counting again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status
from pydantic import Field

from gewu.assessments import ballots, services
from gewu.assessments import kinds as k
from gewu.assessments.queries.rounds import RoundView, get_round, history, list_rounds, published
from gewu.core.playbook.model import Playbook
from gewu.core.records import Refusal
from gewu.ledger.door import Outcome
from gewu.ledger.errors import Conflict, LedgerError, NotFound, Refused
from gewu.registry.directory import Directory
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api.create import IdempotencyKey, photos_of
from gewu.surfaces.api.errors import etag, problem_of
from gewu.surfaces.api.fields import Code, In, Plain
from gewu.surfaces.api.forms import split_form
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.moves import IfMatch, said_in, version_of
from gewu.surfaces.api.outputs import rounds as o
from gewu.surfaces.api.outputs.cases import MovedOut
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show_rounds import ELSEWHERE, ROUNDS, ShowRound

router = Router(tags=["rounds"])
Track = Annotated[str, Path(..., max_length=40, pattern="^[a-z][a-z0-9_]*$", description="A track of the round.")]
Place = Annotated[int, Field(strict=True, ge=1, le=ballots.MOST_PLACES)]


class RoundFilter(In):
    """What the list shows."""

    ended: bool | None = Field(None, description="Left out: open and ended ones.")
    after: Annotated[Plain, Field(max_length=120)] | None = Field(None, description="The mark that a page gave.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class HistoryQuery(In):
    """Whose ranks."""

    track: Annotated[Code, Field(max_length=40)] = Field("", description="Streets in this track; else departments.")


class CodesWantedIn(In):
    """How many codes."""

    number: Annotated[int, Field(strict=True, ge=1, le=1000)]


@router.get("/rounds", response=o.RoundPage, operation_id="list_rounds")
def rounds(request: HttpRequest, response: HttpResponse, wanted: Query[RoundFilter]) -> o.RoundPage:
    """Rounds that the acting post sees: those its unit takes part in, or all for the office and the auditor."""
    known_only(request, RoundFilter)
    found = who(request)
    if not k.may_see(found.directory.playbook(k.SHOWCASE), found.acting.actor.roles):
        raise ProblemError("not_allowed")
    page = list_rounds(
        found.district_id, found.acting, ended=wanted.ended, after=wanted.after or None, limit=wanted.limit
    )
    if page.after is not None:
        rest = [(key, v) for key, values in request.GET.lists() if key != "after" for v in values]
        response.headers["Link"] = f'<{request.path}?{urlencode([*rest, ("after", page.after)])}>; rel="next"'
    show = show_of(found)
    return o.RoundPage(items=[show.line(row) for row in page.rows], after=page.after)


@router.post("/rounds", response={201: o.RoundMadeOut}, operation_id="announce_round")
def announce(
    request: HttpRequest, response: HttpResponse, body: i.EntryIn, idempotency_key: IdempotencyKey = None
) -> Status[o.RoundMadeOut]:
    """Announce a round: one a quarter. GET /playbooks/double_showcase describes the form."""
    found = who(request)
    return made(found, response, k.SHOWCASE, "announce", body, idempotency_key)


def made(
    found: Who, response: HttpResponse, name: str, move: str, body: i.EntryIn, key: UUID | None
) -> Status[o.RoundMadeOut]:
    """The answer for a new round or honour."""
    playbook = services.playbook_of(found.directory, name)
    args, texts = split_form(playbook.moves.get(move), body.form, found.language)
    filled = services.Filled(args, texts, photos_of(body.photos), str(key) if key else "")
    make = services.announce if name == k.SHOWCASE else services.nominate_honour
    try:
        one = make(found.district_id, found.acting, filled)
    except Refused as error:
        raise problem_of(error, found.language, playbook, found.directory, move) from error
    outcome = one.outcome
    base = ROUNDS if name == k.SHOWCASE else ROUNDS.replace("rounds", "honours")
    response.headers["Location"] = f"{base}{outcome.record_id}"
    response.headers["ETag"] = etag(outcome.seq)
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return Status(
        201,
        o.RoundMadeOut(id=outcome.record_id, number=one.number, version=outcome.seq, replayed=outcome.replayed),
    )


@router.get("/rounds/history", response=o.History, operation_id="round_history")
def ranks(request: HttpRequest, wanted: Query[HistoryQuery]) -> o.History:
    """Ranks over the published rounds, with first ranks in a row: computed each time, never stored."""
    known_only(request, HistoryQuery)
    found = who(request)
    playbook = services.playbook_of(found.directory, k.SHOWCASE)
    if not k.may_see(playbook, found.acting.actor.roles):
        raise ProblemError("not_allowed")
    show = show_of(found)
    return o.History(
        items=[
            o.HistoryOut(
                unit=show.unit_or_code(unit),
                rounds=[
                    o.StandingOut(period=s.period, rank=s.rank, score=s.score, n=s.n, firsts=s.firsts) for s in one
                ],
            )
            for unit, one in sorted(history(published(found.district_id), wanted.track).items())
        ]
    )


@router.get("/rounds/{uuid:round_id}", response=o.RoundOut, operation_id="get_round")
def one_round(request: HttpRequest, response: HttpResponse, round_id: UUID) -> o.RoundOut:
    """A round: points, what departments did, moves, and the result once it is counted."""
    found = who(request)
    view = view_of(found, round_id, k.SHOWCASE)
    response.headers["ETag"] = etag(view.row.version)
    missing = None
    if found.has(k.OFFICE, k.AUDITOR) and not view.row.ended and view.row.stage in ("nominating", "building", k.VOTING):
        missing = services.missing_units(found.district_id, round_id, view.row.stage)
    return show_of(found).round(view, missing)


@router.post("/rounds/{uuid:round_id}/moves/{move}", response=MovedOut, operation_id="make_round_move")
def make_move(
    request: HttpRequest,
    response: HttpResponse,
    round_id: UUID,
    move: str,
    body: i.MoveIn,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> MovedOut:
    """Make a move of the playbook on a round. Ballots, ratings and codes have addresses of their own."""
    found = who(request)
    return moved(found, response, view_of(found, round_id, k.SHOWCASE), move, body, if_match, idempotency_key)


def moved(
    found: Who,
    response: HttpResponse,
    view: RoundView,
    move: str,
    body: i.MoveIn,
    if_match: str | None,
    key: UUID | None,
) -> MovedOut:
    """Make a move and answer with where the record stands."""
    playbook = playbook_at(found.directory, view)
    known = playbook.moves.get(move)
    if known is None or known.system or known.creates or move in ELSEWHERE:
        raise problem_of(Refused(Refusal("unknown_move", {"move": move[:80]})), found.language, playbook)
    said = said_in(known, body, if_match, key, found.language)
    try:
        outcome = services.act(found.district_id, found.acting, view.row.record_id, move, **said)
    except (Refused, Conflict) as error:
        raise problem_of(error, found.language, playbook, found.directory, move) from error
    return _answer(found, response, playbook, outcome)


@router.post("/rounds/{uuid:round_id}/close", response=MovedOut, operation_id="close_and_count")
def close(
    request: HttpRequest,
    response: HttpResponse,
    round_id: UUID,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> MovedOut:
    """Close the voting and count, all or nothing: no ballot can come or change between the two."""
    found = who(request)
    playbook = playbook_at(found.directory, view_of(found, round_id, k.SHOWCASE))
    try:
        outcomes = services.close_and_count(
            found.district_id,
            found.acting,
            round_id,
            version=version_of(if_match, needed=True),
            command_id=str(idempotency_key) if idempotency_key else "",
        )
    except (Refused, Conflict) as error:
        raise problem_of(error, found.language, playbook, found.directory, "close_voting") from error
    return _answer(found, response, playbook, outcomes[-1])


@router.post("/rounds/{uuid:round_id}/codes", response={201: o.CodesOut}, operation_id="issue_codes")
def codes(
    request: HttpRequest, round_id: UUID, body: CodesWantedIn, idempotency_key: IdempotencyKey = None
) -> Status[o.CodesOut]:
    """Issue voting codes for delegates. They are in this answer and nowhere else; the system keeps hashes."""
    found = who(request)
    playbook = playbook_at(found.directory, view_of(found, round_id, k.SHOWCASE))
    key = str(idempotency_key) if idempotency_key else ""
    try:
        issued = services.issue_codes(found.district_id, found.acting, round_id, body.number, command_id=key)
    except Refused as error:
        raise problem_of(error, found.language, playbook, found.directory, "issue_codes") from error
    return Status(201, o.CodesOut(id=round_id, codes=issued))


# ---- in common


def view_of(found: Who, record_id: UUID, name: str) -> RoundView:
    """A round or honour that the acting post sees. Raises ``NotFound``."""
    view = get_round(found.district_id, found.acting, record_id)
    if view.row.playbook != name or not k.may_see(found.directory.playbook(name), found.acting.actor.roles):
        raise NotFound("no such round")
    return view


def show_of(found: Who) -> ShowRound:
    """Makes answers for whoever asks."""
    return ShowRound(found.directory, found.language, found.acting)


def playbook_at(directory: Directory, view: RoundView) -> Playbook:
    """The playbook a round lives under. Raises ``LedgerError``."""
    playbook = directory.playbook(view.row.playbook, view.row.playbook_version)
    if playbook is None:
        raise LedgerError(f"playbook {view.row.playbook} version {view.row.playbook_version} is not loaded")
    return playbook


def _answer(found: Who, response: HttpResponse, playbook: Playbook, outcome: Outcome) -> MovedOut:
    response.headers["ETag"] = etag(outcome.seq)
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    show = show_of(found)
    state = outcome.state or get_round(found.district_id, found.acting, outcome.record_id).state
    return MovedOut(
        id=outcome.record_id,
        move=outcome.move,
        version=outcome.seq,
        at=show.at(outcome.at_us // 1_000_000),
        stage=show.stage(playbook, state.stage),
        due_at=show.at(state.due_at) if state.due_at is not None else None,
        replayed=outcome.replayed,
    )
