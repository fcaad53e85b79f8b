"""Occasions: building workdays, roadside offices, councils, meetings; their moves and their matters."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status
from pydantic import Field, StrictBool

from gewu.cases.services import PLAYBOOK as CASE_PLAYBOOK
from gewu.cases.services import UnknownPlace
from gewu.core.playbook.model import Playbook
from gewu.core.records import Refusal
from gewu.ledger.errors import Conflict, NotFound, Refused
from gewu.occasions import services, settling
from gewu.occasions.kinds import (
    REGISTER,
    SCHEDULE,
    SETTLE_CASE,
    TAKE_UP_CASE,
    TAKE_UP_MATTER,
    NotForPost,
    may_see,
    readable,
    types,
)
from gewu.occasions.queries import Filter, OccasionView, get_occasion, list_occasions
from gewu.occasions.table import seen_of
from gewu.surfaces.api.create import IdempotencyKey, photos_of
from gewu.surfaces.api.errors import etag, invalid, problem_of
from gewu.surfaces.api.fields import Code, In, Line, Plain, Prose
from gewu.surfaces.api.forms import split_form
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.inputs import EntryIn, MoveIn, Photos
from gewu.surfaces.api.moves import IfMatch, said_in
from gewu.surfaces.api.outputs import occasions as o
from gewu.surfaces.api.outputs.cases import MovedOut
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show_occasions import OCCASIONS, ShowOccasion

router = Router(tags=["occasions"])
PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")
FIRST_YEAR, LAST_YEAR = 1990, 2100
Type = Annotated[str, Path(..., max_length=80, description="building_workday, roadside_office")]
MatterNo = Annotated[int, Path(..., ge=1, le=9999)]


class OccasionFilter(In):
    """What a list of occasions shows. All conditions hold together."""

    type: Code = Field("building_workday", description="A type of occasion.")
    ended: bool | None = Field(None, description="Left out: open and ended ones.")
    held: bool | None = Field(None, description="Whether it began.")
    period: Code = Field("", description="A month 2026-11, or a year 2026.")
    street: Code = ""
    unit: Code = ""
    led_by: Literal["", "leader", "street", "community", "district"] = Field(
        "", description="Who led it; of joint meetings, the level."
    )
    strand: Code = Field("", description="Of activities: rule_of_law, ...")
    activity: Code = Field("", description="The kind of an activity: law_talk, ...")
    stage: Code = ""
    number: Annotated[Plain, Field(max_length=60)] = ""
    after: Annotated[Plain, Field(max_length=120)] | None = Field(None, description="The mark that a page gave.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class OccasionMoveIn(MoveIn):
    """One move of the playbook on an occasion."""

    matter: Annotated[int, Field(strict=True, ge=1, le=9999)] | None = Field(
        None, description="The number of the matter that leaves the table."
    )


class OrderIn(In):
    """What the table decides of a matter that becomes a case."""

    lead: Code = Field(description="The unit that handles it.", examples=["urban-management-bureau"])
    limit_days: Annotated[int, Field(strict=True, ge=1, le=260, description="Working days.")]
    category: Code = Field("", description="Left out: the matter's.")
    tier: Literal["", "private", "small", "big", "hard"] = Field("", description="The proposed level.")
    assists: Annotated[list[Code], Field(default_factory=list, max_length=20)]
    owner: Code = ""
    description: Annotated[Prose, Field(max_length=2000)] = Field("", description="Left out: the matter's words.")
    address: Line = ""
    place: Code = ""
    note: Annotated[Prose, Field(max_length=1000)] = ""
    urgent: StrictBool = False
    photos: Photos


@router.get("/occasions/types", response=o.OccasionTypes, operation_id="list_occasion_types")
def occasion_types(request: HttpRequest) -> o.OccasionTypes:
    """The types of occasions of the district, and the form by which each is scheduled."""
    found = reader(request)
    show, roles = shown(found), found.acting.actor.roles
    books = types(found.directory)
    return o.OccasionTypes(
        items=[show.type(name, book, roles) for name, book in books.items() if SCHEDULE in book.moves]
    )


@router.get("/occasions", response=o.OccasionPage, operation_id="list_occasions")
def occasions(request: HttpRequest, response: HttpResponse, wanted: Query[OccasionFilter]) -> o.OccasionPage:
    """Occasions of a type that the acting post sees, newest first; the header Link leads to the next page."""
    known_only(request, OccasionFilter)
    found = reader(request)
    conditions = Filter(
        known_type(request, found, wanted.type),
        ended=wanted.ended,
        held=wanted.held,
        period=period_of(request, wanted.period),
        street=wanted.street,
        unit=wanted.unit,
        led_by=wanted.led_by,
        strand=wanted.strand,
        activity=wanted.activity,
        stage=wanted.stage,
        number=wanted.number,
    )
    page = list_occasions(found.district_id, found.acting, conditions, after=wanted.after or None, limit=wanted.limit)
    next_page(request, response, page.after)
    show = shown(found)
    return o.OccasionPage(items=[show.line(row) for row in page.rows], after=page.after)


@router.post("/occasions/types/{kind}", response={201: o.OccasionCreatedOut}, operation_id="schedule_occasion")
def schedule(
    request: HttpRequest, response: HttpResponse, kind: Type, body: EntryIn, idempotency_key: IdempotencyKey = None
) -> Status[o.OccasionCreatedOut]:
    """Schedule an occasion; it gets its number here. GET /occasions/types describes the form."""
    return _made(request, response, kind, SCHEDULE, body, idempotency_key)


@router.post("/occasions/types/{kind}/held", response={201: o.OccasionCreatedOut}, operation_id="register_occasion")
def register(
    request: HttpRequest, response: HttpResponse, kind: Type, body: EntryIn, idempotency_key: IdempotencyKey = None
) -> Status[o.OccasionCreatedOut]:
    """Register what was held already, in one step, where the type knows that."""
    return _made(request, response, kind, REGISTER, body, idempotency_key)


def _made(
    request: HttpRequest, response: HttpResponse, kind: str, move: str, body: EntryIn, idempotency_key: UUID | None
) -> Status[o.OccasionCreatedOut]:
    found = reader(request)
    playbook = types(found.directory).get(kind)
    if playbook is None:
        raise ProblemError("not_found", _no_type(found))
    args, texts = split_form(playbook.moves.get(move), body.form, found.language)
    key = str(idempotency_key) if idempotency_key else ""
    filled = services.Filled(args, texts, photos_of(body.photos), key)
    try:
        made = services.schedule(found.district_id, found.acting, kind, filled, move=move)
    except (Refused, UnknownPlace) as error:
        raise problem_of(error, found.language, playbook, found.directory, move) from error
    outcome = made.outcome
    response.headers["Location"] = f"{OCCASIONS}{outcome.record_id}"
    _replayed(response, outcome.seq, outcome.replayed)
    created = o.OccasionCreatedOut(
        id=outcome.record_id, number=made.number, version=outcome.seq, replayed=outcome.replayed
    )
    return Status(201, created)


@router.get("/occasions/{uuid:occasion_id}", response=o.OccasionOut, operation_id="get_occasion")
def get_one(request: HttpRequest, response: HttpResponse, occasion_id: UUID) -> o.OccasionOut:
    """An occasion: its matters with their cases as they stand now, who attended, what was told, every move."""
    found = reader(request)
    view = _view(found, occasion_id)
    response.headers["ETag"] = etag(view.row.version)
    return shown(found).occasion(view)


@router.post("/occasions/{uuid:occasion_id}/moves/{move}", response=MovedOut, operation_id="make_occasion_move")
def make_move(
    request: HttpRequest,
    response: HttpResponse,
    occasion_id: UUID,
    move: str,
    body: OccasionMoveIn,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> MovedOut:
    """Make a move of the playbook. GET /occasions/{id} tells which are open, and their forms. A matter becomes a case
    by POST /occasions/{id}/matters/{no}/case."""
    found = reader(request)
    playbook = _playbook_of(found, occasion_id)
    known = playbook.moves.get(move)
    if known is None or known.creates or move in (SETTLE_CASE, TAKE_UP_CASE, TAKE_UP_MATTER):
        raise problem_of(Refused(Refusal("unknown_move", {"move": move[:80]})), found.language, playbook)
    said = said_in(known, body, if_match, idempotency_key, found.language)
    try:
        outcome = services.act(found.district_id, found.acting, occasion_id, move, matter=body.matter, **said)
    except (Refused, Conflict, NotFound) as error:
        raise problem_of(error, found.language, playbook, found.directory, move) from error
    _replayed(response, outcome.seq, outcome.replayed)
    show, state = shown(found), outcome.state or _view(found, occasion_id).state
    return MovedOut(
        id=outcome.record_id,
        move=outcome.move,
        version=outcome.seq,
        at=show.at(outcome.at_us // 1_000_000),
        stage=show.stage(playbook, state.stage),
        due_at=show.at(state.due_at) if state.due_at is not None else None,
        replayed=outcome.replayed,
    )


@router.post(
    "/occasions/{uuid:occasion_id}/matters/{int:no}/case",
    response={201: o.SettledOut},
    operation_id="settle_matter_as_case",
)
def settle(
    request: HttpRequest,
    response: HttpResponse,
    occasion_id: UUID,
    no: MatterNo,
    body: OrderIn,
    idempotency_key: IdempotencyKey = None,
) -> Status[o.SettledOut]:
    """A matter leaves the table as a case with unit, deadline and proposed level. Of two who settle it at once, one
    succeeds; the other is told."""
    found = reader(request)
    given = body.model_dump(exclude={"photos", "assists"})
    order = settling.Order(**given, assists=tuple(body.assists))
    try:
        made = settling.settle_as_case(
            found.district_id, found.acting, occasion_id, no, order, photos=photos_of(body.photos),
            command_id=str(idempotency_key) if idempotency_key else "",
        )  # fmt: skip
    except (Refused, Conflict, NotFound, UnknownPlace) as error:
        playbook = found.directory.playbook(CASE_PLAYBOOK)
        raise problem_of(error, found.language, playbook, found.directory, settling.CASE_MOVE) from error
    _replayed(response, made.outcome.seq, made.outcome.replayed)
    answer = o.SettledOut(
        case_id=made.case_id, case_number=made.case_number, version=made.outcome.seq, replayed=made.outcome.replayed
    )
    return Status(201, answer)


# ---- who may see what


def shown(found: Who) -> ShowOccasion:
    """Shapes answers as this caller reads them."""
    return ShowOccasion(found.directory, found.language, found.acting)


def reader(request: HttpRequest) -> Who:
    """Who asks. Raises ``ProblemError`` where their post has no part in occasions."""
    found = who(request)
    if not readable(found.directory, found.acting) or not may_see(found.directory, found.acting.actor.roles):
        raise _not_for_post(found)
    return found


def _view(found: Who, occasion_id: UUID) -> OccasionView:
    try:
        return get_occasion(found.district_id, found.acting, occasion_id)
    except NotForPost as error:
        raise _not_for_post(found) from error
    except NotFound as error:
        raise ProblemError("not_found", _none(found)) from error


def _playbook_of(found: Who, occasion_id: UUID) -> Playbook:
    try:
        seen = seen_of(found.district_id, found.acting, occasion_id)
    except NotFound as error:
        raise ProblemError("not_found", _none(found)) from error
    playbook = found.directory.playbook(seen.playbook, seen.playbook_version)
    if playbook is None:
        raise ProblemError("not_found", _none(found))
    return playbook


def known_type(request: HttpRequest, found: Who, name: str) -> str:
    """A type of occasions of the district. Raises ``ProblemError`` for another."""
    if name not in types(found.directory):
        raise invalid(request, ("type", "choice"))
    return name


def period_of(request: HttpRequest, text: str) -> str:
    """A month, a year or nothing. Raises ``ProblemError`` for anything else."""
    if text and not (PERIOD.fullmatch(text) and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR):
        raise invalid(request, ("period", "date"))
    return text


def next_page(request: HttpRequest, response: HttpResponse, after: str | None) -> None:
    """The header that leads to the next page."""
    if after is not None:
        rest = [(k, v) for k, values in request.GET.lists() if k != "after" for v in values]
        response.headers["Link"] = f'<{request.path}?{urlencode([*rest, ("after", after)])}>; rel="next"'


def _replayed(response: HttpResponse, version: int, replayed: bool) -> None:
    response.headers["ETag"] = etag(version)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"


def _none(found: Who) -> str:
    if found.language.startswith("zh"):
        return "没有此次现场办公，或不在您的管辖范围内。"
    return "There is no such occasion, or it is not in your territory."


def _no_type(found: Who) -> str:
    if found.language.startswith("zh"):
        return "没有这一类现场办公。"
    return "There is no such type of occasion."


def _not_for_post(found: Who) -> ProblemError:
    if found.language.startswith("zh"):
        return ProblemError("not_allowed", "当前岗位不参与现场办公。")
    return ProblemError("not_allowed", "Occasions are not for your post.")
