"""Honours for residents: nominated, reviewed, put up for public notice, awarded."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from gewu.assessments import kinds as k
from gewu.assessments.queries.rounds import awards_by_class, list_rounds
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api.create import IdempotencyKey
from gewu.surfaces.api.errors import etag
from gewu.surfaces.api.fields import Code, In, Plain
from gewu.surfaces.api.identity import who
from gewu.surfaces.api.moves import IfMatch
from gewu.surfaces.api.outputs import rounds as o
from gewu.surfaces.api.outputs.cases import MovedOut
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.rounds import made, moved, view_of
from gewu.surfaces.api.show_rounds import ShowRound

router = Router(tags=["honours"])


class HonourFilter(In):
    """What the list shows."""

    honour: Annotated[Code, Field(max_length=60)] = Field("", description="A class of honour.")
    ended: bool | None = None
    after: Annotated[Plain, Field(max_length=120)] | None = Field(None, description="The mark that a page gave.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("/honours", response=o.HonourPage, operation_id="list_honours")
def honours(request: HttpRequest, response: HttpResponse, wanted: Query[HonourFilter]) -> o.HonourPage:
    """The register of honours in the acting post's territory, and how many were awarded by class."""
    known_only(request, HonourFilter)
    found = who(request)
    if not k.may_see(found.directory.playbook(k.HONOUR), found.acting.actor.roles):
        raise ProblemError("not_allowed")
    page = list_rounds(
        found.district_id, found.acting, honours=True, honour=wanted.honour, ended=wanted.ended,
        after=wanted.after or None, limit=wanted.limit,
    )  # fmt: skip
    if page.after is not None:
        rest = [(key, v) for key, values in request.GET.lists() if key != "after" for v in values]
        response.headers["Link"] = f'<{request.path}?{urlencode([*rest, ("after", page.after)])}>; rel="next"'
    awarded: dict[str, int] = {}
    for (honour, _level), number in awards_by_class(found.district_id, found.acting).items():
        awarded[honour] = awarded.get(honour, 0) + number
    show = ShowRound(found.directory, found.language, found.acting)
    return o.HonourPage(items=[show.honour_line(row) for row in page.rows], after=page.after, awarded=awarded)


@router.post("/honours", response={201: o.RoundMadeOut}, operation_id="nominate_honour")
def nominate(
    request: HttpRequest, response: HttpResponse, body: i.EntryIn, idempotency_key: IdempotencyKey = None
) -> Status[o.RoundMadeOut]:
    """Nominate for an honour. A name goes in only where the nominee agreed to publish it."""
    return made(who(request), response, k.HONOUR, "nominate", body, idempotency_key)


@router.get("/honours/{uuid:honour_id}", response=o.HonourOut, operation_id="get_honour")
def one(request: HttpRequest, response: HttpResponse, honour_id: UUID) -> o.HonourOut:
    """An honour with its moves and timeline."""
    found = who(request)
    view = view_of(found, honour_id, k.HONOUR)
    response.headers["ETag"] = etag(view.row.version)
    return ShowRound(found.directory, found.language, found.acting).honour(view)


@router.post("/honours/{uuid:honour_id}/moves/{move}", response=MovedOut, operation_id="make_honour_move")
def make_move(
    request: HttpRequest,
    response: HttpResponse,
    honour_id: UUID,
    move: str,
    body: i.MoveIn,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> MovedOut:
    """Make a move of the playbook on an honour."""
    found = who(request)
    return moved(found, response, view_of(found, honour_id, k.HONOUR), move, body, if_match, idempotency_key)
