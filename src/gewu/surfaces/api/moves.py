"""Moves on a case: any of the playbook, merging and splitting, the same move on many."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Router

from gewu.cases import queries, services
from gewu.core.evolve import replay
from gewu.core.playbook.model import Move, Playbook
from gewu.core.records import Arg, Event, Photo, Refusal, State
from gewu.ledger.door import Outcome
from gewu.ledger.errors import Conflict, LedgerError, NotFound, Refused
from gewu.ledger.models import Record
from gewu.surfaces import words
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.create import IdempotencyKey, answer_for, photos_of, where_of
from gewu.surfaces.api.errors import etag, problem_of
from gewu.surfaces.api.forms import split_form
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.problems import ROOT, ProblemError
from gewu.surfaces.api.show import Show

router = Router(tags=["moves"])
_ADDRESSES = {"merge": "merge", "absorb": "merge", "split_off": "split", "split_create": "split"}
_VERSION = re.compile(r'(?:W/)?"?([1-9][0-9]{0,8})"?')
IfMatch = Annotated[
    str | None,
    Header(
        None,
        alias="If-Match",
        max_length=40,
        description='The version that was seen, as the ETag of the case: "7". Exclusive moves need it.',
    ),
]


@router.post("/cases/{uuid:case_id}/moves/{move}", response=o.MovedOut, operation_id="make_move")
def make_move(
    request: HttpRequest,
    response: HttpResponse,
    case_id: UUID,
    move: str,
    body: i.MoveIn,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> o.MovedOut:
    """Make a move of the playbook. GET /cases/{id} tells which are open, and describes their forms."""
    found = who(request)
    playbook = playbook_of(found, case_id)
    known = playbook.moves.get(move)
    if known is None or known.system:
        raise problem_of(Refused(Refusal("unknown_move", {"move": move[:80]})), found.language, playbook)
    if move in _ADDRESSES:
        raise ProblemError("unknown_move", _elsewhere(case_id, move, found.language))
    said = said_in(known, body, if_match, idempotency_key, found.language)
    try:
        outcome = services.act(found.district_id, found.acting, case_id, move, **said)
    except (Refused, Conflict) as error:
        raise problem_of(error, found.language, playbook, found.directory, move) from error
    return moved(found, playbook, response, outcome)


@router.post("/cases/{uuid:case_id}/merge", response=o.MergedOut, operation_id="merge")
def merge(
    request: HttpRequest,
    response: HttpResponse,
    case_id: UUID,
    body: i.MergeIn,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> o.MergedOut:
    """Merge this case into another that goes on. Its reporter waits on the other from then on."""
    found = who(request)
    if case_id == body.form.target:
        text = words.error_words("merge_self", found.language)
        raise ProblemError("merge_self", text, errors=[("form.target", "merge_self", text)])
    playbook = playbook_of(found, case_id)
    version = version_of(if_match, needed=True)
    try:
        outcomes = services.merge(
            found.district_id,
            found.acting,
            case_id,
            body.form.target,
            body.reason,
            version=version,
            command_id=str(idempotency_key) if idempotency_key else "",
        )
    except (Refused, Conflict) as error:
        raise problem_of(error, found.language, playbook, found.directory, "merge") from error
    merged, into = (moved(found, playbook, response, outcome) for outcome in outcomes)
    response.headers["ETag"] = etag(merged.version)
    return o.MergedOut(merged=merged, into=into)


@router.post("/cases/{uuid:case_id}/split", response={201: o.CreatedOut}, operation_id="split")
def split(
    request: HttpRequest,
    response: HttpResponse,
    case_id: UUID,
    body: i.CreateIn,
    idempotency_key: IdempotencyKey = None,
) -> Any:
    """Split a part off this case: a new case is made and tied to it. The body is that of a new case."""
    found = who(request)
    directory = found.directory
    playbook = playbook_of(found, case_id)
    form = {name: value for name, value in body.form.items() if name != "parent"}
    args, texts = split_form(playbook.moves.get("split_create"), form, found.language)
    intake = services.Intake(
        args, texts, where_of(directory, body, found.language), photos_of(body.photos),
        command_id=str(idempotency_key) if idempotency_key else "",
    )  # fmt: skip
    try:
        made = services.split(found.district_id, found.acting, case_id, intake)
    except Refused as error:
        raise problem_of(error, found.language, playbook, directory, "split_create") from error
    return answer_for(Show(directory, found.language, found.acting), response, made)


@router.post("/cases/bulk", response=o.BulkOut, operation_id="bulk")
def bulk(request: HttpRequest, body: i.BulkIn) -> o.BulkOut:
    """The same move on up to 200 cases, each for itself: what cannot go is told, the rest goes.

    Dispatch without a lead unit sends each case to the unit that is responsible for it.
    """
    found = who(request)
    directory = found.directory
    playbook = directory.playbook(services.PLAYBOOK)
    move = playbook.moves.get(body.move) if playbook else None
    if move is None or not move.bulk:
        text = words.fault_text("choice", found.language)
        raise ProblemError("invalid", errors=[("move", "choice", text)])
    args, texts = split_form(move, body.form, found.language)
    if body.reason is not None:
        texts["reason"] = body.reason
    items = {item.id: item.version for item in body.items}
    results = services.bulk(found.district_id, found.acting, body.move, list(items.items()), args, texts)
    shown = [_bulk_item(found, playbook, body.move, result) for result in results]
    done = sum(1 for item in shown if item.ok)
    return o.BulkOut(done=done, left=len(shown) - done, items=shown)


def _bulk_item(found: Who, playbook: Playbook | None, move: str, result: services.BulkResult) -> o.BulkItemOut:
    if result.outcome is not None:
        return o.BulkItemOut(id=result.record_id, ok=True, version=result.outcome.seq)
    assert result.error is not None
    error = problem_of(result.error, found.language, playbook, found.directory, move)
    version = result.error.version if isinstance(result.error, Conflict) else None
    return o.BulkItemOut(id=result.record_id, ok=False, version=version, code=error.code, detail=error.detail)


def playbook_of(found: Who, case_id: UUID) -> Playbook:
    """The playbook under which a case lives. Raises ``NotFound``, ``LedgerError``. One statement."""
    row = (
        Record.objects.filter(district_id=found.district_id, id=case_id, kind="case")
        .values_list("playbook", "playbook_version", "place", "areas", "involved")
        .first()
    )
    if row is None or not found.acting.sees(row[2], row[3], row[4]):
        raise NotFound("no such case")
    playbook = found.directory.playbook(row[0], row[1])
    if playbook is None:
        raise LedgerError(f"playbook {row[0]} version {row[1]} is not loaded")
    return playbook


class Said(TypedDict):
    """A move as a request asks for it: what every room's ``act`` takes beside record and move."""

    args: dict[str, Arg]
    texts: dict[str, str]
    photos: tuple[Photo, ...]
    version: int | None
    target: int | None
    command_id: str


def said_in(move: Move, body: i.MoveIn, if_match: str | None, key: UUID | None, language: str) -> Said:
    """Read a request for a move. Raises ``ProblemError`` for a missing version and for fields of a wrong shape."""
    version = version_of(if_match, needed=not move.additive)
    args, texts = split_form(move, body.form, language)
    if body.reason is not None:
        texts["reason"] = body.reason
    return Said(
        args=args,
        texts=texts,
        photos=photos_of(body.photos),
        version=version,
        target=body.target,
        command_id=str(key) if key else "",
    )


def version_of(if_match: str | None, *, needed: bool) -> int | None:
    """The version in an If-Match header. Raises ``ProblemError`` when it is missing though needed, or no version."""
    if if_match is None:
        if needed:
            raise ProblemError("version_required")
        return None
    match = _VERSION.fullmatch(if_match.strip())
    if match is None:
        raise ProblemError("bad_header")
    return int(match.group(1))


def moved(found: Who, playbook: Playbook, response: HttpResponse, outcome: Outcome) -> o.MovedOut:
    """The answer for a move, with the new version in the header."""
    response.headers["ETag"] = etag(outcome.seq)
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    show = Show(found.directory, found.language, found.acting)
    state = outcome.state or _state_after(found, outcome)
    return o.MovedOut(
        id=outcome.record_id,
        move=outcome.move,
        version=outcome.seq,
        at=show.at(outcome.at_us // 1_000_000),
        stage=show.stage(playbook, state.stage),
        due_at=show.at(state.due_at) if state.due_at is not None else None,
        replayed=outcome.replayed,
    )


def _state_after(found: Who, outcome: Outcome) -> State:
    """The record as it was after an earlier event, so that a replay gives the first answer whatever came later."""
    view = queries.get_case(found.district_id, found.acting, outcome.record_id)
    events = [
        Event(e.kind, e.seq, int(e.at.timestamp()), e.actor, e.unit, {"effects": e.effects})
        for e in view.timeline
        if e.seq <= outcome.seq
    ]
    return replay(events) or view.state


def _elsewhere(case_id: UUID, move: str, language: str) -> str:
    address = f"{ROOT}cases/{case_id}/{_ADDRESSES[move]}"
    if language.startswith("zh"):
        return f"此操作涉及两个案件，请使用 POST {address}。"
    return f"This touches two cases: use POST {address}."
