"""New cases: a report from outside the duty desk, an intake at it, a problem found and fixed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Router, Status

from gewu.cases import services
from gewu.core.records import Photo
from gewu.ledger.door import Acting
from gewu.ledger.errors import Refused
from gewu.registry.directory import Directory
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces import words
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.errors import etag, problem_of
from gewu.surfaces.api.forms import split_form
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.problems import ROOT, ProblemError
from gewu.surfaces.api.show import Show

router = Router(tags=["new cases"])
Maker = Callable[..., services.Made]
IdempotencyKey = Annotated[
    UUID | None,
    Header(
        None,
        alias="Idempotency-Key",
        description="A UUID made by the client. Sent again, it gives the first answer and changes nothing.",
    ),
]


@router.post("/cases/reports", response={201: o.CreatedOut}, operation_id="report")
def report(
    request: HttpRequest, response: HttpResponse, body: i.CreateIn, idempotency_key: IdempotencyKey = None
) -> Any:
    """A report comes in: it waits to be registered by the duty desk."""
    return _created(who(request), response, services.report, "report", body, idempotency_key)


@router.post("/cases/intakes", response={201: o.CreatedOut}, operation_id="register_intake")
def register_intake(
    request: HttpRequest, response: HttpResponse, body: i.CreateIn, idempotency_key: IdempotencyKey = None
) -> Any:
    """A call, a visit or a chat message, registered in one step by the intake officer."""
    return _created(who(request), response, services.register_intake, "register_intake", body, idempotency_key)


@router.post("/cases/fixes-on-spot", response={201: o.CreatedOut}, operation_id="fix_on_spot")
def fix_on_spot(
    request: HttpRequest, response: HttpResponse, body: i.CreateIn, idempotency_key: IdempotencyKey = None
) -> Any:
    """Found and fixed on the spot: one step, a photo before and one after."""
    return _created(who(request), response, services.fix_on_spot, "fix_on_spot", body, idempotency_key)


def _created(
    found: Who, response: HttpResponse, make: Maker, move: str, body: i.CreateIn, key: UUID | None
) -> Status[o.CreatedOut]:
    directory = found.directory
    made = made_of(directory, found.acting, found.language, make, move, body, key)
    return answer_for(Show(directory, found.language, found.acting), response, made)


def made_of(
    directory: Directory, acting: Acting, language: str, make: Maker, move: str, body: i.CreateIn, key: UUID | None,
    *, made_at: int = 0,
) -> services.Made:  # fmt: skip
    """Make the case; ``made_at`` as in ``services.Intake``.

    Raises ``ProblemError`` that names the fields of the move's form.
    """
    playbook = directory.playbook(services.PLAYBOOK)
    args, texts = split_form(playbook.moves.get(move) if playbook else None, body.form, language)
    intake = services.Intake(
        args, texts, where_of(directory, body, language), photos_of(body.photos), body.outside_number,
        str(key) if key else "", made_at,
    )  # fmt: skip
    try:
        return make(directory.district.id, acting, intake)
    except Refused as error:
        raise problem_of(error, language, playbook, directory, move) from error


def where_of(directory: Directory, body: i.CreateIn | i.PublicReportIn, language: str) -> services.Where:
    """The place that was given. Raises ``ProblemError`` for a place that does not fit, and the registry's errors."""
    position, place = body.position, body.place or ""
    if position is None:
        where = services.Where(place=place)
        if place and (known := directory.place(place)) is not None and not known.active:
            raise ProblemError("unknown_place", errors=[("place", "unknown_place", _ended(place, language))])
    else:
        where = services.Where(position.lon, position.lat, position.datum, place)
    try:
        at = services.position_of(directory, where)
    except (OutsideDistrict, BadPosition, services.UnknownPlace) as error:
        raise problem_of(error, language, None, directory) from error
    if place and at.place != place:
        candidates = words.listed(at.candidates or (at.place,), language)
        raise ProblemError("unknown_place", errors=[("place", "choice", _not_there(place, candidates, language))])
    return where


def _not_there(place: str, candidates: str, language: str) -> str:
    if language.startswith("zh"):
        return f"坐标不在 {place} 内；可选：{candidates}。请更正坐标或地点之一。"
    return f"The position does not lie in {place} but in: {candidates}. Correct one of the two."


def _ended(place: str, language: str) -> str:
    if language.startswith("zh"):
        return f"{place} 已撤销，请选择其后继地点。"
    return f"{place} is no longer a place of the district; choose the one that followed it."


def photos_of(photos: list[i.PhotoIn]) -> tuple[Photo, ...]:
    """Photos as commands bring them; one that is named twice counts once."""
    return tuple({photo.id: Photo(str(photo.id), photo.role) for photo in photos}.values())


def answer_for(show: Show, response: HttpResponse, made: services.Made) -> Status[o.CreatedOut]:
    """The answer for a new case, with its address and version in the headers."""
    outcome = made.outcome
    response.headers["Location"] = f"{ROOT}cases/{outcome.record_id}"
    response.headers["ETag"] = etag(outcome.seq)
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return Status(
        201,
        o.CreatedOut(
            id=outcome.record_id,
            number=made.number,
            follow_code=made.follow_code,
            version=outcome.seq,
            place=show.position(made.position),
            replayed=outcome.replayed,
        ),
    )
