"""Playbooks drawn and told, and why a case stands where it stands."""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from gewu.cases import queries
from gewu.core.playbook import Playbook
from gewu.core.telling.book import tell
from gewu.core.telling.drawing import draw
from gewu.ledger.errors import NotFound
from gewu.registry.names import names_for
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.show import Show
from gewu.surfaces.reasons import explain

router = Router(tags=["playbooks"])
_SVG = {
    "responses": {200: {"description": "The drawing", "content": {"image/svg+xml": {"schema": {"type": "string"}}}}}
}


class SaidOut(Schema):
    """A move, a clock or a tier: what there is to say of it, a sentence each."""

    code: str
    title: str
    sentences: list[str]


class ChapterOut(Schema):
    """A stage of a playbook, or what holds for all of them."""

    code: str
    title: str
    sentences: list[str]
    items: list[SaidOut]


class ToldOut(Schema):
    """A playbook in plain sentences, in the language of the request."""

    playbook: str
    version: int
    language: str
    title: str
    sentences: list[str]
    chapters: list[ChapterOut]


class OwedOut(Schema):
    """A deadline that runs or is paused, where its limit comes from, and the rule that says so."""

    clock: str
    title: str
    who: str
    part: str
    status: str
    started_at: datetime
    due_at: datetime
    late: bool
    pauses: int
    paused_seconds: int
    extended: int
    source: str
    rule: str
    sentence: str


class HoldingOut(Schema):
    """Somebody who has an open part."""

    who: str
    part: str
    since: datetime
    sentence: str


class NextOut(Schema):
    """A move of the stage: who can make it now, or why nobody can."""

    move: str
    title: str
    who: list[str]
    open: bool
    sentence: str


class ComingOut(Schema):
    """What happens at an instant if nobody acts before."""

    at: datetime
    clock: str
    what: str
    told: list[str]
    sentence: str


class ReasonsOut(Schema):
    """Why a record stands where it stands."""

    stage: o.Named
    since: datetime
    ended: bool
    rule: str
    here: list[str]
    holds: list[HoldingOut]
    owes: list[OwedOut]
    next: list[NextOut]
    coming: list[ComingOut]


@router.get("/playbooks/{name}/sentences", response=ToldOut, operation_id="tell_playbook")
def sentences(request: HttpRequest, name: str) -> ToldOut:
    """A playbook told stage by stage: who may do what, what it takes, what comes of it, who is told when it is late."""
    found = who(request)
    told = tell(_book(found, name), found.language, names_for(found.directory, found.language))
    return ToldOut.model_validate(told.as_dict())


@router.get("/playbooks/{name}/drawing", response={200: None}, operation_id="draw_playbook", openapi_extra=_SVG)
def drawing(request: HttpRequest, name: str) -> HttpResponse:
    """A playbook drawn as SVG: stages, moves and clocks, in the language of the request."""
    found = who(request)
    svg = draw(_book(found, name), found.language, names_for(found.directory, found.language))
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@router.get("/cases/{uuid:case_id}/reasons", response=ReasonsOut, operation_id="explain_case")
def reasons(request: HttpRequest, case_id: UUID) -> ReasonsOut:
    """Why a case is where it is, who owes what by when, what may happen next, and what happens if nobody acts."""
    found = who(request)
    queries.get_case(found.district_id, found.acting, case_id)  # whether this post may see it
    known = explain(found.directory, case_id, found.language, int(time.time()))
    if known is None:
        raise NotFound("the playbook of this record is not loaded")
    at = Show(found.directory, found.language).at
    return ReasonsOut(
        stage=o.Named(code=known.stage, name=known.stage_title),
        since=at(known.since),
        ended=known.ended,
        rule=known.rule,
        here=list(known.here),
        holds=[HoldingOut(who=h.who, part=h.part, since=at(h.since), sentence=h.sentence) for h in known.holds],
        owes=[
            OwedOut(
                clock=w.clock, title=w.title, who=w.who, part=w.part, status=w.status, started_at=at(w.started_at),
                due_at=at(w.due_at), late=w.late, pauses=w.pauses, paused_seconds=w.paused_seconds,
                extended=w.extended, source=w.source, rule=w.rule, sentence=w.sentence,
            )
            for w in known.owes
        ],
        next=[
            NextOut(move=n.move, title=n.title, who=list(n.who), open=n.open, sentence=n.sentence) for n in known.next
        ],
        coming=[
            ComingOut(at=at(c.at), clock=c.clock, what=c.what, told=list(c.told), sentence=c.sentence)
            for c in known.coming
        ],
    )  # fmt: skip


def _book(found: Who, name: str) -> Playbook:
    book = found.directory.playbook(name)
    if book is None:
        chinese = found.language.startswith("zh")
        raise ProblemError("not_found", "本区没有此流程。" if chinese else "The district has no playbook of this name.")
    return book
