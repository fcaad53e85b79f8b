"""Without a login: a resident reports, follows the report by number and code, and says whether it was solved."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from gewu.cases import followcodes, queries, services
from gewu.core.records import Arg
from gewu.ledger.errors import Conflict, LedgerError, NotFound, Refused
from gewu.registry.directory import Directory, get_directory
from gewu.surfaces import words
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.create import IdempotencyKey, where_of
from gewu.surfaces.api.errors import problem_of
from gewu.surfaces.api.problems import ProblemError, language_of
from gewu.surfaces.api.show import Show
from gewu.surfaces.public.site import public_district
from gewu.surfaces.throttle import budgets

router = Router(tags=["public"], auth=None)


@router.post("/public/reports", response={201: o.PublicCreatedOut}, operation_id="public_report")
def report(
    request: HttpRequest, response: HttpResponse, body: i.PublicReportIn, idempotency_key: IdempotencyKey = None
) -> Any:
    """Report a problem. Number and code of the answer open it again; the code is shown only here."""
    budgets.spend_here(request, budgets.REPORT)
    language = language_of(request)
    directory = _district(body.district)
    args: dict[str, Arg] = {"source": "api"}
    if body.category:
        args["category"] = body.category
    told = bool(body.name or body.phone)
    args["has_reporter"] = body.wants_answer
    texts = {"description": body.description, "address": body.address}
    if told:
        texts |= {"reporter_name": body.name, "reporter_phone": body.phone}
    texts = {name: text for name, text in texts.items() if text}
    where = where_of(directory, body, language)
    intake = services.Intake(args, texts, where, command_id=str(idempotency_key) if idempotency_key else "")
    try:
        made = services.report(directory.district.id, services.reporter(secrets.token_hex(16)), intake)
    except Refused as error:
        playbook = directory.playbook(services.PLAYBOOK)
        raise problem_of(error, language, playbook, directory, "report") from error
    if made.outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    answer = o.PublicCreatedOut(
        number=made.number,
        code=made.follow_code,
        place=Show(directory, language).place(made.position.place),
        on_boundary=made.position.on_boundary,
    )
    return Status(201, answer)


@router.post("/public/reports/{number}/follow", response=o.FollowOut, operation_id="public_follow")
def follow(request: HttpRequest, number: str, body: i.FollowIn) -> o.FollowOut:
    """How a report stands, and its answer. The code travels in the body, so that no log keeps it."""
    directory, record_id, joined = _opened(request, number, body.code)
    return _follow(directory, record_id, joined, language_of(request))


@router.post("/public/reports/{number}/follow-up", response=o.FollowOut, operation_id="public_follow_up")
def follow_up(
    request: HttpRequest, number: str, body: i.FollowUpIn, idempotency_key: IdempotencyKey = None
) -> o.FollowOut:
    """Say whether the problem is solved and how the handling was, once the report is closed or done."""
    directory, record_id, joined = _opened(request, number, body.code)
    language = language_of(request)
    if not _judges(directory, record_id, joined):
        raise ProblemError("not_allowed")
    args: dict[str, Arg] = {"solved": body.solved}
    if body.satisfied:
        args["satisfied"] = body.satisfied
    texts = {"note": body.note} if body.note else {}
    try:
        services.act(
            directory.district.id,
            services.reporter(secrets.token_hex(16), joined),
            record_id,
            "follow_up",
            args=args,
            texts=texts,
            command_id=str(idempotency_key) if idempotency_key else "",
        )
    except (Refused, Conflict) as error:
        playbook = directory.playbook(services.PLAYBOOK)
        raise problem_of(error, language, playbook, directory, "follow_up") from error
    return _follow(directory, record_id, joined, language)


def _judges(directory: Directory, record_id: UUID, joined: int) -> bool:
    """Whether this reporter is asked for an opinion: who joined, only where no first reporter is waiting."""
    return not joined or not queries.first_waits(directory.district.id, record_id)


def _district(code: str | None) -> Directory:
    district_id = public_district()
    if district_id is None:
        raise LedgerError("no district takes reports")
    directory = get_directory(district_id)
    if code is not None and code != directory.district.code:
        raise ProblemError("not_found")
    return directory


def _opened(request: HttpRequest, number: str, code: str) -> tuple[Directory, UUID, int]:
    """The case of a number, if the code is its own, and the event by which its holder joined (0: the first reporter).

    Unknown numbers and wrong codes are answered alike.
    """
    budgets.spend_here(request, budgets.FOLLOW)
    directory = _district(None)
    district_id = directory.district.id
    known = number.isascii() and number.isdigit() and len(number) <= 40
    record_id = queries.find_by_number(district_id, number) if known else None
    whose = followcodes.follower(district_id, record_id or UUID(int=0), code)
    if record_id is None or whose is None:
        if record_id is not None:
            budgets.spend(budgets.FOLLOW_NUMBER, number)
        raise NotFound("number and code do not belong together")
    return directory, record_id, whose


def _follow(directory: Directory, record_id: UUID, joined: int, language: str) -> o.FollowOut:
    view = queries.get_case(directory.district.id, services.reporter(), record_id)
    row, state = view.row, view.state
    own = next((entry for entry in view.timeline if entry.seq == (joined or 1)), None)
    playbook = directory.playbook(row.playbook, row.playbook_version)
    show = Show(directory, language)
    answers = [entry.texts for entry in view.timeline if entry.kind == "answer" and entry.texts]
    steps = []
    for entry in view.timeline:
        stages = [effect[1] for effect in entry.effects if effect[0] == "stage"]
        if stages:
            title = words.stage_name(playbook, stages[-1], language)
            steps.append(o.PublicEventOut(at=show.here(entry.at), title=title))
    judges = not joined or not (view.timeline and view.timeline[0].args.get("has_reporter"))
    may = judges and playbook is not None and any(m.name == "follow_up" for m in playbook.moves_from.get(row.stage, ()))
    return o.FollowOut(
        number=row.number,
        stage=show.stage(playbook, row.stage),
        ended=row.ended,
        reported_at=show.here(row.reported_at),
        description=(own.texts or {}).get("description") if own else None,
        place=words.place_name(directory, row.place[:9], language),
        answer=answers[-1].get("reply") if answers else None,
        solved=_text(state.fields.get("solved")) if judges else None,
        satisfied=_text(state.fields.get("satisfied")) if judges else None,
        may_follow_up=may,
        steps=steps,
    )


def _text(value: object) -> str | None:
    return str(value) if value else None
