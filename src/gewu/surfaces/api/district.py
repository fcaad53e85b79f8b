"""The district below the grid and its bodies: buildings, the Party chain, paired bodies, items and holders, reforms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from gewu.core.places import CodeError, PlaceCode
from gewu.enforcement import bodies as reforms
from gewu.enforcement import holders
from gewu.enforcement.models import Item
from gewu.enforcement.plan import team_counts
from gewu.registry import buildings, pairings
from gewu.registry.models import Building, Reform
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.outputs import district as od
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.names import chinese

router = Router(tags=["district"])
Code = Annotated[str, Path(..., max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")]


class DayQuery(Schema):
    """A day; today in the district when left out."""

    model_config = ConfigDict(extra="forbid")
    day: date | None = Field(None, description="A day, YYYY-MM-DD; today in the district when left out.")


class PlaceQuery(DayQuery):
    place: str = Field(
        "", max_length=15, pattern=r"^[0-9]*$", description="Code of a place; the district when left out."
    )


class BuildingQuery(PlaceQuery):
    q: str = Field("", max_length=100, description="Words of the name, or the beginning of the code.")
    after: str = Field("", max_length=64)
    limit: int = Field(50, ge=1, le=200)


class ItemQuery(DayQuery):
    q: str = Field("", max_length=100)
    field: str = Field("", max_length=64)
    unit: str = Field("", max_length=64, description="Only what this unit holds on the day.")
    after: str = Field("", max_length=64)
    limit: int = Field(50, ge=1, le=500)


class PowerQuery(DayQuery):
    unit: str = Field(..., min_length=1, max_length=64)


class PairingQuery(DayQuery):
    all: bool = Field(False, description="Also pairings that have ended or are still to come.")


@router.get("/buildings", response=od.BuildingPage, operation_id="list_buildings")
def list_buildings(request: HttpRequest, wanted: Query[BuildingQuery]) -> od.BuildingPage:
    """Buildings of a place that stand on a day, by code; `q` are words to choose by."""
    known_only(request, BuildingQuery)
    found = who(request)
    day, place = _day(found, wanted.day), _place(found, wanted.place)
    rows, after = buildings.page(found.district_id, day, place, wanted.q, wanted.after, wanted.limit)
    return od.BuildingPage(items=[_building(found, row) for row in rows], after=after or None)


@router.get("/buildings/profile", response=od.BuildingProfileOut, operation_id="profile_buildings")
def profile_buildings(request: HttpRequest, wanted: Query[PlaceQuery]) -> od.BuildingProfileOut:
    """How many buildings of a place have a head, a Party group, property management."""
    known_only(request, PlaceQuery)
    found = who(request)
    day, place = _day(found, wanted.day), _place(found, wanted.place)
    counts = buildings.profile(found.district_id, day, place)
    return od.BuildingProfileOut(
        place=_named_place(found, place),
        day=day,
        buildings=counts.buildings,
        households=counts.households,
        with_head=counts.with_head,
        with_party_group=counts.with_party_group,
        with_property_management=counts.with_property_management,
        without_property_management=counts.without_property_management,
        with_maintenance_fund=counts.with_maintenance_fund,
        with_organisation=counts.with_organisation,
        synthetic=counts.synthetic_rows,
    )


@router.get("/buildings/{code}", response=od.BuildingOut, operation_id="get_building")
def get_building(request: HttpRequest, code: Code) -> od.BuildingOut:
    """A building, also one that is gone."""
    found = who(request)
    row = buildings.get(found.district_id, code)
    if row is None:
        raise _none(found, "There is no such building.", "没有这栋楼。")
    return _building(found, row)


@router.get("/party-chain", response=od.ChainOut, operation_id="party_chain")
def party_chain(request: HttpRequest, wanted: Query[PlaceQuery]) -> od.ChainOut:
    """The Party chain below a place, level by level: organisations and how many places have one. No members."""
    known_only(request, PlaceQuery)
    found = who(request)
    day, place = _day(found, wanted.day), _place(found, wanted.place)
    levels = [
        od.ChainLevelOut(
            level=o.Named(code=level.kind, name=buildings.level_name(level.kind, found.language)),
            organisations=level.organisations,
            places=level.places,
            covered=level.covered,
            synthetic=level.synthetic,
        )
        for level in buildings.coverage(found.district_id, day, place)
    ]
    return od.ChainOut(place=_named_place(found, place), day=day, levels=levels)


@router.get("/pairings", response=od.Pairings, operation_id="list_pairings")
def list_pairings(request: HttpRequest, wanted: Query[PairingQuery]) -> od.Pairings:
    """Which departments work with which task force on a day."""
    known_only(request, PairingQuery)
    found = who(request)
    day = None if wanted.all else _day(found, wanted.day)
    items = [
        od.PairingOut(
            task_force=_unit(found, row.task_force),
            department=_unit(found, row.department),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            source=row.source,
        )
        for row in pairings.on(found.district_id, day)
    ]
    return od.Pairings(day=day, items=items)


@router.get("/enforcement/items", response=od.ItemPage, operation_id="list_items")
def list_items(request: HttpRequest, wanted: Query[ItemQuery]) -> od.ItemPage:
    """Items of enforcement with who holds each on a day."""
    known_only(request, ItemQuery)
    found = who(request)
    day = _day(found, wanted.day)
    book = holders.Book(found.district_id)
    shown = []
    for row in holders.find(found.district_id, wanted.field, wanted.q):
        item = _item(found, book, row, day)
        if row.code > wanted.after and (not wanted.unit or (item.holder and item.holder.code == wanted.unit)):
            shown.append(item)
    page = shown[: wanted.limit]
    return od.ItemPage(day=day, items=page, after=page[-1].code if len(shown) > len(page) else None)


@router.get("/enforcement/items/{code}", response=od.ItemHistoryOut, operation_id="get_item")
def get_item(request: HttpRequest, code: Code, wanted: Query[DayQuery]) -> od.ItemHistoryOut:
    """An item: who holds it on a day, and every holder it had."""
    known_only(request, DayQuery)
    found = who(request)
    row = _found_item(found, code)
    book = holders.Book(found.district_id, [code])
    spans = [
        od.SpanOut(
            unit=_unit(found, span.unit), valid_from=span.valid_from, valid_to=span.valid_to, act=span.act,
            power=span.power,
        )
        for span in book.history(code)
    ]  # fmt: skip
    return od.ItemHistoryOut(
        item=_item(found, book, row, _day(found, wanted.day)),
        order=row.order,
        fine_individual=row.fine_individual,
        fine_unit=row.fine_unit,
        measure=row.measure,
        source=row.source,
        holders=spans,
    )


@router.get("/enforcement/items/{code}/power", response=od.PowerOut, operation_id="item_power")
def item_power(request: HttpRequest, code: Code, wanted: Query[PowerQuery]) -> od.PowerOut:
    """Whether a unit may act on an item on a day. After a transfer the old holder may not."""
    known_only(request, PowerQuery)
    found = who(request)
    _found_item(found, code)
    day = _day(found, wanted.day)
    if wanted.unit not in found.directory.units:
        raise _none(found, "There is no such unit.", "没有这个单位。")
    holder = holders.holder_on(found.district_id, code, day)
    power = holder is not None and holder.power and holder.unit == wanted.unit
    named = _unit(found, holder.unit) if holder is not None and holder.power else None
    return od.PowerOut(item=code, unit=_unit(found, wanted.unit), day=day, power=power, holder=named)


@router.get("/bodies/{code}", response=od.BodyOut, operation_id="get_body")
def get_body(request: HttpRequest, code: Code, wanted: Query[DayQuery]) -> od.BodyOut:
    """A unit on a day: whether it stands, who follows it, by which acts, and what went into it."""
    known_only(request, DayQuery)
    found = who(request)
    day = _day(found, wanted.day)
    all_bodies = reforms.Bodies(found.district_id)
    body = all_bodies.get(code, day)
    if body is None:
        raise _none(found, "There is no such unit.", "没有这个单位。")
    return od.BodyOut(
        code=body.code,
        name=body.name(found.language),
        kind=body.kind,
        day=day,
        valid_from=body.valid_from,
        last_day=body.last_day,
        stands=body.stands,
        successor=_unit(found, body.successor) if body.successor else None,
        way=[_step(found, step) for step in all_bodies.way(code, day)],
        followed=[_step(found, step) for step in all_bodies.out_of(code)],
        took_over=[_step(found, step) for step in all_bodies.into(code)],
    )


@router.get("/acts", response=od.Acts, operation_id="list_acts")
def list_acts(request: HttpRequest) -> od.Acts:
    """Acts that reformed bodies, the newest first."""
    found = who(request)
    return od.Acts(items=[_act(found, row) for row in reforms.acts(found.district_id)])


# ---- parts of answers


def _day(found: Who, day: date | None) -> date:
    return day or datetime.now(ZoneInfo(found.directory.district.timezone)).date()


def _place(found: Who, code: str) -> str:
    """A place that there is; the district for none. Raises ``ProblemError``."""
    if not code:
        return found.directory.district.code
    if found.directory.place(code) is None:
        raise _none(found, "There is no such place.", "没有这个地点。")
    return code


def _named_place(found: Who, code: str) -> o.Named:
    place = found.directory.place(code)
    return o.Named(code=code, name=place.name(found.language) if place else code)


def _unit(found: Who, code: str) -> o.Named:
    unit = found.directory.unit(code)
    return o.Named(code=code, name=unit.name(found.language) if unit else code)


def _building(found: Who, row: Building) -> od.BuildingOut:
    try:
        community = str(PlaceCode(row.place[:12]))
    except CodeError:
        community = row.place
    return od.BuildingOut(
        code=row.code,
        name=row.name_zh if chinese(found.language) else row.name_en,
        place=_named_place(found, row.place),
        community=_named_place(found, community),
        households=row.households,
        built=row.built,
        property_management=row.property_management,
        maintenance_fund=row.maintenance_fund,
        organisation=row.organisation,
        head=row.head,
        party_group=row.party_group,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successor=row.successor,
        synthetic=row.synthetic,
        source=row.source,
    )


def _found_item(found: Who, code: str) -> Item:
    row = Item.objects.filter(district_id=found.district_id, code=code).first()
    if row is None:
        raise _none(found, "There is no such item.", "没有这个执法事项。")
    return row


def _item(found: Who, book: holders.Book, row: Item, day: date) -> od.ItemOut:
    holder = book.on(row.code, day)
    return od.ItemOut(
        code=row.code,
        name=row.name_zh if chinese(found.language) else row.name_en,
        field=o.Named(code=row.field, name=row.field_name(found.language)),
        basis=row.basis,
        holder=_unit(found, holder.unit) if holder else None,
        act=holder.act if holder else "",
        since=holder.since if holder else None,
        power=holder is not None and holder.power,
        synthetic=row.synthetic,
    )


def _step(found: Who, step: reforms.Step) -> od.StepOut:
    return od.StepOut(
        old=_unit(found, step.old),
        new=_unit(found, step.new),
        valid_from=step.valid_from,
        valid_to=step.valid_to,
        act=step.act,
    )


def _act(found: Who, row: Reform) -> od.ActOut:
    before, after = team_counts(row.teams)
    counter = next(iter(row.counters.all()), None)
    teams = None
    if before:
        teams = od.TeamsOut(before=before, after=after, basis=row.teams["basis"], note=row.teams["note"])
    return od.ActOut(
        number=row.number,
        day=row.day,
        title=row.title_zh if chinese(found.language) else row.title_en,
        source=row.source,
        counter_of=row.counter_of.number if row.counter_of else "",
        taken_back_by=counter.number if counter else "",
        units=row.succession_set.count(),
        items=row.items,
        parts=len(row.moved),
        teams=teams,
        applied_at=row.applied_at,
    )


def _none(found: Who, en: str, zh: str) -> ProblemError:
    return ProblemError("not_found", zh if chinese(found.language) else en)
