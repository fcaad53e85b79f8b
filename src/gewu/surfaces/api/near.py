"""Near cases, and joining one of them instead of reporting it again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from gewu.cases import queries, services
from gewu.cases.similar import Near, near_cases
from gewu.ledger.errors import NotFound, Refused
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces import nearby
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.create import IdempotencyKey, photos_of
from gewu.surfaces.api.errors import etag, problem_of
from gewu.surfaces.api.identity import who
from gewu.surfaces.api.moves import playbook_of
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import Show

router = Router(tags=["cases"])


@router.get("/cases/near", response=o.NearPage, operation_id="near_cases")
def near(request: HttpRequest, wanted: Query[i.NearQuery]) -> o.NearPage:
    """Cases within 100 m (or in the same grid or community) that are open or were closed in the last 60 days.

    Best first: by category, distance and time. Only what the acting post sees.
    """
    known_only(request, i.NearQuery)
    found = who(request)
    where = services.Where(wanted.lon, wanted.lat, wanted.datum, wanted.place)
    try:
        at = services.position_of(found.directory, where)
    except (OutsideDistrict, BadPosition, services.UnknownPlace) as error:
        raise problem_of(error, found.language, None, found.directory) from error
    near = near_cases(
        found.district_id, found.acting, lon_e6=at.lon_e6, lat_e6=at.lat_e6, place=at.place,
        category=wanted.category, limit=wanted.limit,
    )  # fmt: skip
    show = Show(found.directory, found.language, found.acting)
    return o.NearPage(items=[_near(show, one) for one in near])


def _near(show: Show, near: Near) -> o.NearOut:
    metres = near.traits.metres
    return o.NearOut(
        case=show.row(near.row),
        why=nearby.reasons(near, timezone.now(), show.language),
        category=near.traits.category,
        distance_m=None if metres is None else round(metres),
        closed_at=show.local(near.closed_at),
        joinable=near.joinable,
    )


@router.post("/cases/{number}/join", response={200: o.JoinedOut}, operation_id="join_case")
def join(
    request: HttpRequest,
    response: HttpResponse,
    number: str,
    body: i.JoinIn,
    idempotency_key: IdempotencyKey = None,
) -> o.JoinedOut:
    """A further person reports what this case is about: their words are added, and they get a follow code of their own.

    For the intake officer. No version is needed: whoever joins at the same time is kept too.
    """
    found = who(request)
    record_id = None
    if number.isascii() and number.isalnum() and len(number) <= i.NUMBER_LENGTH:
        record_id = queries.find_by_number(found.district_id, number)
    if record_id is None:
        raise NotFound("no such number")
    playbook = playbook_of(found, record_id)
    texts = {"description": body.description, "reporter_name": body.name, "reporter_phone": body.phone}
    try:
        joined = services.join(
            found.district_id, found.acting, record_id, source=body.source,
            texts={name: text for name, text in texts.items() if text}, has_reporter=body.wants_answer,
            photos=photos_of(body.photos), command_id=str(idempotency_key) if idempotency_key else "",
        )  # fmt: skip
    except Refused as error:
        raise problem_of(error, found.language, playbook, found.directory, services.JOIN) from error
    response.headers["ETag"] = etag(joined.seq)
    if joined.outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return o.JoinedOut(
        id=record_id, number=joined.number, follow_code=joined.follow_code, version=joined.seq,
        replayed=joined.outcome.replayed,
    )  # fmt: skip
