"""The year's ledger of the five strands."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from gewu.occasions.kinds import may_see
from gewu.occasions.queries import ledger
from gewu.registry import buildings, devices
from gewu.registry.devicekinds import kind_of
from gewu.surfaces.api.fields import In, Out
from gewu.surfaces.api.identity import who
from gewu.surfaces.api.outputs.common import Named
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import Show

router = Router(tags=["occasions"])
FIRST_YEAR, LAST_YEAR = 1990, 2100


class StrandQuery(In):
    """A year; left out: the present one."""

    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] | None = None


class StrandKindOut(Out):
    """Activities of a kind that were held; GET /occasions with type, period, strand, activity and held opens them."""

    type: str
    strand: str
    activity: str
    sessions: int
    reached: int


class StrandStreetOut(Out):
    """The same by street; no street: what belongs to the whole district."""

    type: str
    street: Named | None
    strand: str
    sessions: int
    reached: int


class CouncilYearOut(Out):
    """Councils of a kind: they stand with self-governance."""

    type: str
    sessions: int
    deliberated: int
    adopted: int


class OrganisationsOut(Out):
    """A level of the Party chain: counts only."""

    kind: str
    name: str
    count: int
    places: int
    covered: int


class DevicesOut(Out):
    """Devices of a kind, and how many of them reported that they are online."""

    kind: str
    name: str
    count: int
    online: int


class StrandsOut(Out):
    """A year of the five strands, as far as the acting post sees it."""

    year: int
    items: list[StrandKindOut]
    streets: list[StrandStreetOut]
    councils: list[CouncilYearOut]
    party_organisations: list[OrganisationsOut]
    devices: list[DevicesOut]


@router.get("/occasions/strands", response=StrandsOut, operation_id="strands_ledger")
def strands(request: HttpRequest, wanted: Query[StrandQuery]) -> StrandsOut:
    """Activities by strand, kind and street; councils; Party organisations and devices at the end of the year."""
    known_only(request, StrandQuery)
    found = who(request)
    if not may_see(found.directory, found.acting.actor.roles):
        chinese = found.language.startswith("zh")
        text = "当前岗位不参与此类活动。" if chinese else "Activities are not for your post."
        raise ProblemError("not_allowed", text)
    today = datetime.now(ZoneInfo(found.directory.district.timezone)).date()
    year = wanted.year or today.year
    day = min(today, date(year, 12, 31))
    made = ledger(found.district_id, found.acting, year)
    show = Show(found.directory, found.language, found.acting)
    seen = devices.Wanted(day, scope=found.acting.scope, unit_of=found.acting.actor.unit)
    return StrandsOut(
        year=year,
        items=[StrandKindOut(**asdict(one)) for one in made.kinds],
        streets=[
            StrandStreetOut(**asdict(one) | {"street": show.place(one.street) if one.street else None})
            for one in made.streets
        ],
        councils=[CouncilYearOut(**asdict(one)) for one in made.councils],
        party_organisations=[
            OrganisationsOut(
                kind=one.kind, name=buildings.level_name(one.kind, found.language), count=one.organisations,
                places=one.places, covered=one.covered,
            )
            for one in buildings.coverage(found.district_id, day, found.directory.district.code)
        ],
        devices=[
            DevicesOut(
                kind=one.kind, name=kind_of(found.directory, one.kind).title(found.language),
                count=one.devices, online=one.online,
            )
            for one in devices.counts(found.district_id, seen)
        ],
    )  # fmt: skip
