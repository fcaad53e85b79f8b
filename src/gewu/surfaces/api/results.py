"""What occasions brought: lines of results, their sums, and what can be counted. Lines are written by the moves
``record_result`` and ``strike_result`` of an occasion."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gewu.occasions.kinds import types
from gewu.occasions.measures import measures
from gewu.occasions.queries import DIMENSIONS, ResultFilter, ResultRow, Total, list_results, totals, unreported
from gewu.surfaces.api.errors import invalid
from gewu.surfaces.api.fields import Code, In, Plain
from gewu.surfaces.api.identity import Who
from gewu.surfaces.api.occasions import next_page, reader
from gewu.surfaces.api.outputs import results as o
from gewu.surfaces.api.outputs.common import Named
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import Show

router = Router(tags=["occasions"])


class ResultQuery(In):
    """Which lines are meant. All conditions hold together; a number and its lines take the same ones."""

    type: Code = Field("", description="A type of occasion; left out: all.")
    item: Code = Field("", description="GET /occasions/measures tells which there are.")
    unit: Code = ""
    strand: Literal["", "enforcement", "relief", "repair", "facility", "activity", "service"] = ""
    from_: date | None = Field(None, alias="from", description="The first day.")
    to: date | None = Field(None, description="The last day.")
    occasion: UUID | None = None

    def wanted(self) -> ResultFilter:
        """The same as the room asks it."""
        return ResultFilter(self.type, self.item, (), self.unit, self.strand, self.from_, self.to, self.occasion)


class ListQuery(ResultQuery):
    """A page of lines."""

    after: Annotated[Plain, Field(max_length=120)] | None = Field(None, description="The mark that a page gave.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class TotalQuery(ResultQuery):
    """Sums of lines."""

    by: Annotated[Plain, Field(max_length=60)] = Field(
        "item", description=f"What to group by, joined by commas: {', '.join(DIMENSIONS)}."
    )


@router.get("/occasions/measures", response=o.Measures, operation_id="list_measures")
def list_measures(request: HttpRequest) -> o.Measures:
    """What can be counted: items with their units of measure."""
    found = reader(request)
    return o.Measures(
        items=[
            o.MeasureOut(
                item=one.item,
                title=one.title(found.language),
                measure=one.measure,
                measure_title=one.unit(found.language),
                strand=one.strand,
                source=one.source,
            )
            for one in measures(found.district_id).values()
        ]
    )


@router.get("/occasions/results", response=o.Results, operation_id="list_results")
def results(request: HttpRequest, response: HttpResponse, wanted: Query[ListQuery]) -> o.Results:
    """The lines behind a number, newest day first; the header Link leads to the next page."""
    found, asked = _asked(request, wanted, ListQuery)
    page = list_results(found.district_id, found.acting, asked, after=wanted.after or None, limit=wanted.limit)
    next_page(request, response, page.after)
    show = _Show(found)
    return o.Results(items=[show.line(row) for row in page.rows], after=page.after)


@router.get("/occasions/results/totals", response=o.Totals, operation_id="result_totals")
def sums(request: HttpRequest, wanted: Query[TotalQuery]) -> o.Totals:
    """Sums of results by item, unit and more. Who took part and has not reported is named and is no zero."""
    found, asked = _asked(request, wanted, TotalQuery)
    by = tuple(part.strip() for part in wanted.by.split(",") if part.strip())
    if len(set(by)) != len(by) or not set(by) <= DIMENSIONS.keys():
        raise invalid(request, ("by", "choice"))
    show = _Show(found)
    missing = unreported(found.district_id, found.acting, asked)
    return o.Totals(
        items=[show.total(one, by) for one in totals(found.district_id, found.acting, asked, by)],
        not_reported=[
            o.UnreportedOut(
                unit=show.show.unit_or_code(one.unit),
                due=one.due,
                to_come=one.to_come,
                occasions=list(one.occasions),
                under_way=list(one.under_way),
            )
            for one in missing
        ],
    )


class _Show:
    """Makes answers in the language of whoever asks."""

    def __init__(self, found: Who) -> None:
        self.found, self.show = found, Show(found.directory, found.language, found.acting)
        self.measures = measures(found.district_id)
        self.types = types(found.directory)

    def item(self, code: str) -> Named:
        known = self.measures.get(code)
        return Named(code=code, name=known.title(self.found.language) if known else code)

    def type(self, code: str) -> Named:
        known = self.types.get(code)
        return Named(code=code, name=known.title[self.found.language] if known else code)

    def line(self, row: ResultRow) -> o.ResultOut:
        return o.ResultOut(
            occasion=row.occasion,
            number=row.number,
            type=self.type(row.type),
            line=row.line,
            unit=self.show.unit(row.unit),
            item=self.item(row.item),
            quantity=row.quantity,
            measure=row.measure,
            strand=row.strand,
            place=self.show.place(row.place),
            on=row.on_day,
            corrects=row.corrects or None,
            basis=row.basis,
            note=row.note,
            at=self.show.here(row.at),
        )

    def total(self, one: Total, by: tuple[str, ...]) -> o.TotalOut:
        keys = dict(zip(by, one.keys, strict=True))
        return o.TotalOut(
            item=self.item(keys["item"]) if "item" in keys else None,
            unit=self.show.unit(keys["unit"]) if "unit" in keys else None,
            strand=keys.get("strand"),
            type=self.type(keys["type"]) if "type" in keys else None,
            month=keys.get("month"),
            occasion=UUID(keys["occasion"]) if "occasion" in keys else None,
            measure=one.measure,
            quantity=one.quantity if one.measure else None,
            lines=one.lines,
            occasions=one.occasions,
        )


def _asked(request: HttpRequest, wanted: ResultQuery, model: type[ResultQuery]) -> tuple[Who, ResultFilter]:
    """Who asks for what. Raises ``ProblemError`` for a name that there is not: it must not silently show nothing."""
    known_only(request, model)
    found = reader(request)
    for name, value, known in (
        ("type", wanted.type, types(found.directory)),
        ("item", wanted.item, measures(found.district_id)),
        ("unit", wanted.unit, found.directory.units),
    ):
        if value and value not in known:
            raise invalid(request, (name, "not_found"))
    return found, wanted.wanted()
