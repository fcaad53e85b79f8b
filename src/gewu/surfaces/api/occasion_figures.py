"""Figures of occasions and the lists behind them: what streets owe each month, matters, levels, tasks done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gewu.occasions import obligations
from gewu.occasions.kinds import levels as known_levels
from gewu.occasions.kinds import types
from gewu.occasions.queries import Filter, figures, levels, list_matters
from gewu.occasions.queries.completion import completion
from gewu.surfaces.api.fields import Code, In, Plain
from gewu.surfaces.api.occasions import known_type, next_page, period_of, reader, shown
from gewu.surfaces.api.outputs import occasions as o
from gewu.surfaces.api.query import known_only

router = Router(tags=["occasions"])


class MatterFilter(In):
    """The matters behind a number."""

    type: Code = "building_workday"
    period: Code = ""
    street: Code = ""
    led_by: Literal["", "leader", "street", "community", "district"] = Field(
        "", description="Who led it; of joint meetings, the level."
    )
    state: Literal[
        "counted", "open", "case", "joined", "answered", "withdrawn", "solved", "low", "following", "raised", "kept",
        "tasked", "referred", "waiting", "late",
        "deliberated", "adopted", "rejected", "deferred", "executed", "not_executed", "executing",
    ] = "counted"  # fmt: skip
    phase: Literal["", "before", "at"] = ""
    after: Annotated[Plain, Field(max_length=120)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class FigureQuery(In):
    """A type and a period."""

    type: Code = "building_workday"
    period: Code = Field("", description="A month 2026-11, or a year 2026; left out: the present month.")
    street: Code = ""


@router.get("/occasions/obligations", response=o.Obligations, operation_id="list_obligations")
def owed(request: HttpRequest, wanted: Query[FigureQuery]) -> o.Obligations:
    """What every member of a programme owes in a month or in each month of a year: held, planned, not yet, missed."""
    known_only(request, FigureQuery)
    found = reader(request)
    now = datetime.now(UTC)
    period = period_of(request, wanted.period) or f"{obligations.today_of(found.directory, now):%Y-%m}"
    periods = obligations.months_of(int(period)) if len(period) == 4 else (period,)
    show = shown(found)
    rows = obligations.obligations(found.district_id, known_type(request, found, wanted.type), periods, now)
    return o.Obligations(items=[show.obligation(one) for one in rows])


@router.get("/occasions/figures", response=o.OccasionFiguresOut, operation_id="occasion_figures")
def counts(request: HttpRequest, wanted: Query[FigureQuery]) -> o.OccasionFiguresOut:
    """Sessions, matters and how they were solved, of a month or a year; GET /occasions/matters opens each."""
    known_only(request, FigureQuery)
    found = reader(request)
    period = period_of(request, wanted.period) or f"{obligations.today_of(found.directory, datetime.now(UTC)):%Y-%m}"
    type_ = known_type(request, found, wanted.type)
    made = figures(found.district_id, found.acting, Filter(type_, period=period, street=wanted.street))
    return o.OccasionFiguresOut(type=type_, period=period, **asdict(made))


@router.get("/occasions/completion", response=o.CompletionOut, operation_id="task_completion")
def done(request: HttpRequest, wanted: Query[FigureQuery]) -> o.CompletionOut:
    """How many tasks that began in a month or a year are done; GET /occasions with ``stage`` lists them."""
    known_only(request, FigureQuery)
    found, now = reader(request), datetime.now(UTC)
    period = period_of(request, wanted.period) or f"{obligations.today_of(found.directory, now):%Y-%m}"
    type_ = known_type(request, found, wanted.type)
    made = completion(found.district_id, found.acting, Filter(type_, period=period, street=wanted.street), now)
    return o.CompletionOut(type=type_, period=period, **asdict(made))


@router.get("/occasions/levels", response=o.LevelsOut, operation_id="occasion_levels")
def by_level(request: HttpRequest, wanted: Query[FigureQuery]) -> o.LevelsOut:
    """Items of joint meetings by level, of a month or a year; GET /occasions/matters with ``led_by`` opens each."""
    known_only(request, FigureQuery)
    found = reader(request)
    period = period_of(request, wanted.period) or f"{obligations.today_of(found.directory, datetime.now(UTC)):%Y-%m}"
    type_ = known_type(request, found, wanted.type)
    made = levels(found.district_id, found.acting, Filter(type_, period=period, street=wanted.street))
    order = known_levels(types(found.directory)[type_])
    items = [o.LevelOut(**asdict(made[level])) for level in order if level in made]
    return o.LevelsOut(type=type_, period=period, items=items)


@router.get("/occasions/matters", response=o.ListedMatters, operation_id="list_matters")
def matters(request: HttpRequest, response: HttpResponse, wanted: Query[MatterFilter]) -> o.ListedMatters:
    """The matters behind a number, newest session first; the header Link leads to the next page."""
    known_only(request, MatterFilter)
    found = reader(request)
    conditions = Filter(
        known_type(request, found, wanted.type),
        period=period_of(request, wanted.period),
        street=wanted.street,
        led_by=wanted.led_by,
    )
    page = list_matters(
        found.district_id, found.acting, conditions, wanted.state, phase=wanted.phase, after=wanted.after or None,
        limit=wanted.limit,
    )  # fmt: skip
    next_page(request, response, page.after)
    show = shown(found)
    return o.ListedMatters(items=[show.listed(row) for row in page.rows], after=page.after)
