"""Ballots of a round: given by units and delegates, counted again, looked at by the auditor."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import Field, StrictInt

from gewu.assessments import audit, ballots, counting
from gewu.assessments import kinds as k
from gewu.assessments.lookups import number_of
from gewu.assessments.queries.points import points_of
from gewu.assessments.queries.rounds import published
from gewu.ledger.errors import LedgerError, NotFound, Refused
from gewu.registry.directory import Directory, get_directory
from gewu.surfaces.api.create import IdempotencyKey
from gewu.surfaces.api.errors import problem_of
from gewu.surfaces.api.fields import Code, In, Line
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.outputs import rounds as o
from gewu.surfaces.api.problems import ProblemError, language_of
from gewu.surfaces.api.rounds import playbook_at, show_of, view_of
from gewu.surfaces.api.show_rounds import ShowRound, public_places
from gewu.surfaces.public.site import public_district
from gewu.surfaces.throttle import budgets

router = Router(tags=["rounds"])
Track = Annotated[str, Path(..., max_length=40, pattern="^[a-z][a-z0-9_]*$", description="A track of the round.")]
Place = Annotated[int, Field(strict=True, ge=1, le=ballots.MOST_PLACES)]


class BallotIn(In):
    """A ranking of the points of a track: place by number of the point, 1 the best; equal places are ties."""

    places: Annotated[dict[str, Place], Field(max_length=400, examples=[{"4": 1, "9": 2, "12": 2}])]


class CodeIn(In):
    """A delegate's voting code. It travels in the body, so that no log keeps it."""

    code: Annotated[Line, Field(max_length=40, examples=["7K3M-9QXA-B2CD"])]


class DelegateBallotIn(BallotIn, CodeIn):
    """A delegate's ranking of one track."""

    track: Annotated[Code, Field(max_length=40)]


class RatingIn(In):
    """Marks for departments: for each one quality and efficiency, 1 to 5, or null where nothing is said."""

    marks: Annotated[
        dict[str, Annotated[list[StrictInt | None], Field(min_length=2, max_length=2)]],
        Field(max_length=100, examples=[{"urban-management-bureau": [5, 4]}]),
    ]


class LookIn(In):
    """Which ballots, and why they have to be seen."""

    track: Annotated[Code, Field(max_length=40)] = Field(description="A track, or ratings.")
    words: Annotated[Line, Field(min_length=1)]


@router.get("/rounds/{uuid:round_id}/ballots", response=o.OwnBallotsOut, operation_id="own_ballots")
def own_ballots(request: HttpRequest, round_id: UUID) -> o.OwnBallotsOut:
    """What one's own unit has voted. Only its clerk is told."""
    found = who(request)
    view_of(found, round_id, k.SHOWCASE)
    ground = ballots.ground(found.district_id, round_id)
    voter = _voter(found, ground)
    own = ballots.own_ballots(ground, voter)
    rated = ballots.own_rating(ground, voter.id) if voter.id in ground.streets else None
    receipts = {track: receipt for track, (_, receipt) in own.items()}
    return o.OwnBallotsOut(
        tracks={track: {str(no): place for no, place in places.items()} for track, (places, _) in own.items()},
        receipts=receipts | ({audit.RATINGS: rated[1]} if rated else {}),
        rating=rated[0] if rated else None,
    )


@router.put("/rounds/{uuid:round_id}/ballots/{track}", response=o.BallotTakenOut, operation_id="cast_ballot")
def cast(
    request: HttpRequest, round_id: UUID, track: Track, body: BallotIn, idempotency_key: IdempotencyKey = None
) -> o.BallotTakenOut:
    """Give one's unit's ballot in a track; a later one replaces it until the voting closes."""
    found = who(request)
    view_of(found, round_id, k.SHOWCASE)
    key = str(idempotency_key) if idempotency_key else ""
    try:
        given = ballots.cast(found.district_id, round_id, found.acting, track, _places(body), command_id=key)
    except Refused as error:
        raise _not_taken(error, found.language, found.directory) from error
    return _taken(given)


@router.put("/rounds/{uuid:round_id}/rating", response=o.BallotTakenOut, operation_id="rate_departments")
def rate(
    request: HttpRequest, round_id: UUID, body: RatingIn, idempotency_key: IdempotencyKey = None
) -> o.BallotTakenOut:
    """Rate the departments as a street; a later rating replaces the whole of it until the voting closes."""
    found = who(request)
    view_of(found, round_id, k.SHOWCASE)
    key = str(idempotency_key) if idempotency_key else ""
    try:
        given = ballots.rate(found.district_id, round_id, found.acting, body.marks, command_id=key)
    except Refused as error:
        raise _not_taken(error, found.language, found.directory) from error
    return _taken(given)


# ---- counting again, and the auditor


@router.get("/rounds/{uuid:round_id}/recount", response=o.RecountOut, operation_id="recompute_round")
def recompute(request: HttpRequest, round_id: UUID) -> o.RecountOut:
    """Count again from the ballots and compare with what was counted. For the office and the auditor."""
    found = who(request)
    view = view_of(found, round_id, k.SHOWCASE)
    if not found.has(k.OFFICE, k.AUDITOR):
        raise ProblemError("not_allowed")
    playbook = playbook_at(found.directory, view)
    try:
        again = counting.recompute(found.district_id, round_id)
    except Refused as error:
        raise problem_of(error, found.language, playbook, found.directory) from error
    return show_of(found).recount(playbook, again, view.row.root)


@router.post("/rounds/{uuid:round_id}/looks", response=o.LookedOut, operation_id="look_at_ballots")
def look(request: HttpRequest, round_id: UUID, body: LookIn) -> o.LookedOut:
    """Look at the ballots of a track, as the auditor, after the count. The look and its reason are written down."""
    found = who(request)
    try:
        shown, at = audit.look(found.district_id, found.acting, found.post, round_id, body.track, body.words)
    except Refused as error:
        playbook = found.directory.playbook(k.SHOWCASE)
        raise problem_of(error, found.language, playbook, found.directory) from error
    show = show_of(found)
    items = [
        o.SeenOut(
            voter=s.voter,
            kind=s.kind,
            at=show.here(s.at),
            says=None if s.says is None else {str(key): value for key, value in s.says.items()},
        )
        for s in shown
    ]
    return o.LookedOut(at=show.here(at), items=items)


@router.get("/rounds/{uuid:round_id}/looks", response=o.Looks, operation_id="list_looks")
def looks(request: HttpRequest, round_id: UUID) -> o.Looks:
    """Who looked at ballots, when and why. For the office and the auditor."""
    found = who(request)
    try:
        lines = audit.looks(found.district_id, found.acting, round_id)
    except Refused as error:
        raise problem_of(error, found.language, None, found.directory) from error
    show = show_of(found)
    return o.Looks(
        items=[
            o.LookOut(
                at=show.here(x.at), person=show.person(x.person), post=x.post, track=x.track, ballots=x.ballots,
                words=x.words,
            )
            for x in lines
        ]
    )  # fmt: skip


# ---- without a login


@router.get("/public/rounds", response=o.PublicRounds, auth=None, operation_id="public_rounds")
def public_rounds(request: HttpRequest) -> o.PublicRounds:
    """Published rounds: the upper half of each track, with n and method. Departments and last places stay inside."""
    directory = _public_directory()
    show = ShowRound(directory, language_of(request))
    items = []
    for row in published(directory.district.id, 8):
        playbook = directory.playbook(row.playbook, row.playbook_version)
        cipher = ballots.ground(directory.district.id, row.record_id).cipher
        points = {p.no: p for p in points_of(directory.district.id, row.record_id, cipher)}
        tracks = [
            o.PublicTrackOut(
                track=show.choice(playbook, "nominate", "track", track),
                points=len(one["places"]),
                ballots=one["ballots"],
                told=one["told"],
                places=[
                    o.PublicRankOut(
                        rank=p["rank"], score=p["score"], n=p["n"], title=points[p["entry"]].title,
                        street=show.unit_or_code(p["unit"]),
                    )
                    for p in public_places(one)
                ],
            )
            for track, one in (row.result or {"tracks": {}})["tracks"].items()
        ]  # fmt: skip
        items.append(o.PublicRoundOut(period=row.period, method=row.method, quorum=row.quorum, tracks=tracks))
    return o.PublicRounds(items=items)


@router.post("/public/rounds/judge", response=o.ToJudgeOut, auth=None, operation_id="delegate_points")
def to_judge(request: HttpRequest, body: CodeIn) -> o.ToJudgeOut:
    """What a delegate with this code judges, and what was given with it so far."""
    directory, record_id, voter = _delegate(request, body.code)
    ground = ballots.ground(directory.district.id, record_id)
    playbook = directory.playbook(k.SHOWCASE)
    show = ShowRound(directory, language_of(request))
    judged = {p.no for p in ground.points}
    points = [p for p in points_of(directory.district.id, record_id, ground.cipher) if p.no in judged]
    own = ballots.own_ballots(ground, voter)
    return o.ToJudgeOut(
        period=number_of(directory.district.id, record_id),
        open=ground.stage == k.VOTING,
        points=[show.point(playbook, point, {}) for point in points],
        tracks={track: {str(no): place for no, place in places.items()} for track, (places, _) in own.items()},
    )


@router.post("/public/rounds/ballots", response=o.BallotTakenOut, auth=None, operation_id="cast_delegate_ballot")
def cast_delegate(
    request: HttpRequest, body: DelegateBallotIn, idempotency_key: IdempotencyKey = None
) -> o.BallotTakenOut:
    """Give a delegate's ballot in a track; a later one replaces it until the voting closes."""
    directory, record_id, voter = _delegate(request, body.code)
    key = str(idempotency_key) if idempotency_key else ""
    try:
        given = ballots.cast(directory.district.id, record_id, voter, body.track, _places(body), command_id=key)
    except Refused as error:
        raise _not_taken(error, language_of(request), directory) from error
    return _taken(given)


def _delegate(request: HttpRequest, code: str) -> tuple[Directory, UUID, ballots.Voter]:
    """The round and voter of a code. Wrong codes are counted, whatever is wrong with them."""
    budgets.spend_here(request, budgets.VOTE)
    budgets.check_here(request, budgets.VOTE_WRONG)
    directory = _public_directory()
    try:
        return (directory, *ballots.delegate(directory.district.id, code))
    except NotFound:
        budgets.spend_here(request, budgets.VOTE_WRONG)
        raise


def _public_directory() -> Directory:
    district_id = public_district()
    if district_id is None:
        raise LedgerError("no district is shown")
    return get_directory(district_id)


def _voter(found: Who, ground: ballots.Ground) -> ballots.Voter:
    try:
        return ballots.voter_of(found.acting, ground)
    except Refused as error:
        raise _not_taken(error, found.language, found.directory) from error


def _places(body: BallotIn) -> dict[int, int]:
    """Numbers of points as numbers; what is none is answered as a point that is not there."""
    return {int(no) if no.isascii() and no.isdigit() and len(no) < 9 else -1: p for no, p in body.places.items()}


def _not_taken(error: Refused, language: str, directory: Directory) -> ProblemError:
    return problem_of(error, language, directory.playbook(k.SHOWCASE), directory)


def _taken(given: ballots.Given) -> o.BallotTakenOut:
    return o.BallotTakenOut(at=given.at, receipt=given.receipt, versions=given.versions, replayed=given.replayed)
