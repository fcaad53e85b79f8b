"""Hops of matters between the centres of streets and of the district."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gewu.cases import hops
from gewu.surfaces.api.errors import invalid
from gewu.surfaces.api.fields import In, Out, Plain
from gewu.surfaces.api.identity import who
from gewu.surfaces.api.outputs.common import Named
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import Show

router = Router(tags=["cases"])


class HopTotalsQuery(In):
    """A period of days, both included."""

    since: date = Field(alias="from")
    until: date = Field(alias="to")


class HopQuery(HopTotalsQuery):
    """The hops behind a number."""

    to_level: Literal["", "district", "street"] = ""
    after: Annotated[Plain, Field(max_length=120)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class HopTotalsOut(Out):
    """Hops of a period to one level."""

    to_level: str
    hops: int
    cases: int
    mean_held_s: int | None = Field(description="Mean seconds at the level that was left.")


class HopTotalsPage(Out):
    items: list[HopTotalsOut]


class HopOut(Out):
    """A hop: the reason stands in the case's timeline, at this entry."""

    case_id: UUID
    number: str
    seq: int
    at: datetime
    to_level: str
    from_unit: Named | None = Field(description="Who had it; null: the district's centre.")
    to_unit: Named | None = Field(description="Who got it; null: the district's centre.")
    held_s: int | None


class HopPageOut(Out):
    """Some hops, newest first."""

    items: list[HopOut]
    after: str | None


@router.get("/cases/hops/totals", response=HopTotalsPage, operation_id="hop_totals")
def hop_totals(request: HttpRequest, wanted: Query[HopTotalsQuery]) -> HopTotalsPage:
    """How many matters went up to the district's centre and down to a street's, and for how long the level had them."""
    known_only(request, HopTotalsQuery)
    found = who(request)
    _in_order(request, wanted)
    made = hops.totals(found.district_id, found.acting, wanted.since, wanted.until)
    return HopTotalsPage(
        items=[HopTotalsOut(to_level=t.to_level, hops=t.hops, cases=t.cases, mean_held_s=t.mean_held_s) for t in made]
    )


@router.get("/cases/hops", response=HopPageOut, operation_id="list_hops")
def listed(request: HttpRequest, response: HttpResponse, wanted: Query[HopQuery]) -> HopPageOut:
    """The hops of a period, newest first; the header Link leads to the next page."""
    known_only(request, HopQuery)
    found = who(request)
    _in_order(request, wanted)
    page = hops.list_hops(
        found.district_id, found.acting, wanted.since, wanted.until, to_level=wanted.to_level,
        after=wanted.after or None, limit=wanted.limit,
    )  # fmt: skip
    if page.after is not None:
        rest = [(k, v) for k, values in request.GET.lists() if k != "after" for v in values]
        response.headers["Link"] = f'<{request.path}?{urlencode([*rest, ("after", page.after)])}>; rel="next"'
    show = Show(found.directory, found.language, found.acting)
    items = [
        HopOut(
            case_id=h.record_id, number=h.number, seq=h.seq, at=show.here(h.at), to_level=h.to_level,
            from_unit=show.unit(h.from_unit), to_unit=show.unit(h.to_unit), held_s=h.held_s,
        )
        for h in page.rows
    ]  # fmt: skip
    return HopPageOut(items=items, after=page.after)


def _in_order(request: HttpRequest, wanted: HopTotalsQuery) -> None:
    if wanted.until < wanted.since or not 1990 <= wanted.since.year <= wanted.until.year <= 2100:
        raise invalid(request, ("to", "date"))
