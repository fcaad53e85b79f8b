"""Reading cases: lists by keyset, one case with everything its page shows, erasing its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router

from gewu.cases import queries, services
from gewu.cases.search import search
from gewu.core.records import Refusal
from gewu.keeping import reveals
from gewu.ledger.erasure import erase
from gewu.ledger.errors import NotFound, Refused
from gewu.surfaces import words
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.errors import etag, invalid, problem_of
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.moves import playbook_of
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import Show
from gewu.surfaces.throttle import budgets

router = Router(tags=["cases"])
AskKey = Annotated[
    UUID | None,
    Header(
        None,
        alias="Idempotency-Key",
        description="A UUID made by the client. The same one is answered once: what was shown is not shown again.",
    ),
]


@router.get("/cases", response=o.CasePage, operation_id="list_cases")
def list_cases(request: HttpRequest, response: HttpResponse, wanted: Query[i.CaseFilter]) -> o.CasePage:
    """Cases that the acting post sees, 50 a page unless told otherwise; the header Link leads to the next page."""
    known_only(request, i.CaseFilter)
    found = who(request)
    show = Show(found.directory, found.language, found.acting)
    conditions = _filter(wanted)
    page = _page(found, wanted, conditions)
    if page.after is not None:
        rest = [(k, v) for k, values in request.GET.lists() if k not in ("after", "counts") for v in values]
        response.headers["Link"] = f'<{request.path}?{urlencode([*rest, ("after", page.after)])}>; rel="next"'
    counts = _counts(found, conditions) if wanted.counts else None
    return o.CasePage(items=[show.row(row) for row in page.rows], after=page.after, counts=counts)


def _page(found: Who, wanted: i.CaseFilter, conditions: queries.Filter) -> queries.Page:
    """The cases of a filter; with ``q`` those in which the words stand, newest first, with the place where they do."""
    after = wanted.after or None
    if not wanted.q.strip():
        return queries.list_cases(found.district_id, found.acting, conditions, after=after, limit=wanted.limit)
    matches = search(found.district_id, found.acting, wanted.q, conditions, after=after, limit=wanted.limit)
    return queries.Page([replace(match.row, excerpt=match.excerpt) for match in matches.found], matches.after)


def _filter(wanted: i.CaseFilter) -> queries.Filter:
    return queries.Filter(
        stages=tuple(wanted.stage),
        ended=wanted.ended,
        overdue_at=datetime.now(UTC) if wanted.overdue else None,
        category=wanted.category,
        place=wanted.place,
        area=wanted.area,
        unit=wanted.unit,
        number=wanted.number.strip(),
        source=wanted.source,
        mine=wanted.mine,
        order=wanted.order,
    )


def _counts(found: Who, conditions: queries.Filter) -> dict[str, int]:
    playbook = found.directory.playbook(services.PLAYBOOK)
    open_stages = tuple(s.name for s in playbook.stages.values() if not s.end) if playbook else ()
    wanted = replace(conditions, stages=conditions.stages or open_stages)
    return queries.count_by_stage(found.district_id, found.acting, wanted)


@router.get("/cases/by-number/{number}", response=o.FoundOut, operation_id="find_case")
def find_case(request: HttpRequest, number: str) -> o.FoundOut:
    """The id of a case by the number that people use."""
    found = who(request)
    if not (number.isascii() and number.isalnum() and len(number) <= 40):
        raise NotFound("no such number")
    record_id = queries.find_by_number(found.district_id, number)
    if record_id is None:
        raise NotFound("no such number")
    playbook_of(found, record_id)
    return o.FoundOut(id=record_id, number=number)


@router.get("/cases/{uuid:case_id}", response=o.CaseOut, operation_id="get_case")
def get_case(request: HttpRequest, response: HttpResponse, case_id: UUID) -> o.CaseOut:
    """A case: state, clocks, assignments, timeline, and every move of its stage, open or with the reason why not.

    The reporter's name and telephone are masked, and not shown at all to whoever handles the case; the intake officer
    and the shift leader may ask for them with a purpose (reveal).
    """
    found = who(request)
    view = queries.get_case(found.district_id, found.acting, case_id)
    response.headers["ETag"] = etag(view.row.version)
    return Show(found.directory, found.language, found.acting).case(view)


@router.post("/cases/{number}/reveal", response=o.RevealOut, operation_id="reveal_reporter")
def reveal_reporter(
    request: HttpRequest,
    response: HttpResponse,
    number: str,
    body: i.RevealIn,
    idempotency_key: AskKey = None,
) -> o.RevealOut:
    """Show names and telephones of those who reported the case, once, for a purpose; each time is written down.

    For the intake officer and the shift leader, unless their unit handles the case. `number` may be the id as well. The
    same Idempotency-Key is answered once: names are never given a second time without being written down again.
    """
    found = who(request)
    record_id, number = _named(found, number)
    try:
        identity = reveals.reveal(
            found.district_id,
            found.acting,
            found.post,
            record_id,
            body.purpose,
            body.words,
            ask=idempotency_key,
            address=budgets.address_of(request),
        )
    except reveals.BadPurpose as error:
        raise invalid(request, (error.field, error.code)) from error
    except Refused as error:
        raise problem_of(error, found.language, None, found.directory) from error
    response.headers["Cache-Control"] = "no-store"
    here = Show(found.directory, found.language).here
    return o.RevealOut(
        number=number,
        reporters=[o.RevealedOut(seq=r.seq, at=here(r.at), name=r.name, phone=r.phone) for r in identity.reporters],
        revealed_at=here(identity.at),
    )


def _named(found: Who, given: str) -> tuple[UUID, str]:
    """The record of a case number, or of an id; and its number."""
    try:
        record_id: UUID | None = UUID(given)
    except ValueError:
        plain = given.isascii() and given.isalnum() and len(given) <= i.NUMBER_LENGTH
        record_id = queries.find_by_number(found.district_id, given) if plain else None
    if record_id is None:
        raise NotFound("no such case")
    return record_id, queries.number_of(found.district_id, record_id)


@router.post("/cases/{uuid:case_id}/erase", response=o.ErasedOut, operation_id="erase_case")
def erase_case(request: HttpRequest, case_id: UUID, body: i.EraseIn) -> o.ErasedOut:
    """Destroy the words and photos of a case for good; what was done and when stays. For administrators."""
    found = who(request)
    if not found.has("administrator"):
        refusal = Refused(Refusal("not_allowed", {"roles": ["administrator"]}))
        raise problem_of(refusal, found.language, None, found.directory)
    playbook_of(found, case_id)
    if queries.find_by_number(found.district_id, body.number) != case_id:
        text = words.fault_text("not_found", found.language)
        raise ProblemError("invalid", errors=[("number", "not_found", text)])
    at = erase(found.district_id, case_id, found.acting)
    return o.ErasedOut(id=case_id, erased_at=Show(found.directory, found.language).here(at))
