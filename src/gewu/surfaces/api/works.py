"""Teams and projects in numbers: members by duty, planned quantities against those done, funds by source, and what the
residents said. Lines are written by the moves ``attend``, ``plan_item``, ``fund`` and ``consult`` of an occasion."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gewu.core.playbook.model import Playbook
from gewu.ledger.errors import NotFound
from gewu.occasions.kinds import ATTEND, FUND, types
from gewu.occasions.measures import measures
from gewu.occasions.queries import Filter, get_occasion
from gewu.occasions.queries import works as q
from gewu.surfaces import words
from gewu.surfaces.api.errors import invalid
from gewu.surfaces.api.fields import Code, In, Out, Plain
from gewu.surfaces.api.identity import Who
from gewu.surfaces.api.occasions import next_page, reader
from gewu.surfaces.api.outputs.common import Named
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.names import chinese

router = Router(tags=["occasions"])
Kind = Literal["members", "plan", "funds"]


class WorkQuery(In):
    """Which teams or projects are meant. All conditions hold together; a number and its lines take the same ones."""

    type: Code = Field(description="A type of occasion: volunteer_team, estate_project, road_renewal.")
    period: Code = Field("", description="Begun in a month 2026-11 or a year 2026.")
    sort: Code = ""
    street: Code = ""
    unit: Code = ""
    stage: Code = ""
    ended: bool | None = None


class SumQuery(WorkQuery):
    """Sums of a kind of lines."""

    kind: Kind


class LineQuery(SumQuery):
    """The lines behind a sum."""

    key: Code = Field("", description="A duty, an item or a source, as the sums name it.")
    measure: Code = ""
    after: Annotated[Plain, Field(max_length=120)] | None = Field(None, description="The mark that a page gave.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SumOut(Out):
    key: Named
    measure: str
    quantity: int
    lines: int
    occasions: int


class Sums(Out):
    items: list[SumOut]


class LineOut(Out):
    occasion: UUID
    number: str
    name: str
    line: int
    key: Named
    measure: str
    quantity: int
    at: datetime
    note: str


class Lines(Out):
    items: list[LineOut]
    after: str | None


class ProgressOut(Out):
    """An item: planned, and done so far."""

    item: Named
    measure: str
    planned: int
    done: int
    projects: int


class ProgressList(Out):
    items: list[ProgressOut]


class PollOut(Out):
    """One consultation, in households. Who did not answer is shown, and does not agree."""

    asked: int
    agree: int
    against: int
    unanswered: int
    carried: bool
    on: date
    way: str


class WorksOut(Out):
    """What a team or a project has beside its moves."""

    name: str
    sort: Named | None
    progress: list[ProgressOut]
    plan: list[LineOut]
    funds: list[LineOut]
    consultations: list[PollOut]


@router.get("/occasions/works/sums", response=Sums, operation_id="work_sums")
def sums(request: HttpRequest, wanted: Query[SumQuery]) -> Sums:
    """Members by duty, planned quantities by item, funds by source; GET /occasions/works/lines opens each number."""
    known_only(request, SumQuery)
    found = reader(request)
    asked, show = _asked(request, found, wanted), _Show(found, wanted.type)
    return Sums(
        items=[
            SumOut(
                key=show.key(wanted.kind, one.key), measure=one.measure, quantity=one.quantity, lines=one.lines,
                occasions=one.occasions,
            )
            for one in q.sums(found.district_id, found.acting, wanted.kind, asked)
        ]
    )  # fmt: skip


@router.get("/occasions/works/lines", response=Lines, operation_id="work_lines")
def lines(request: HttpRequest, response: HttpResponse, wanted: Query[LineQuery]) -> Lines:
    """The lines behind a sum, newest occasion first; the header Link leads to the next page."""
    known_only(request, LineQuery)
    found = reader(request)
    asked, show = _asked(request, found, wanted), _Show(found, wanted.type)
    page = q.list_lines(
        found.district_id, found.acting, wanted.kind, asked, key=wanted.key, measure=wanted.measure,
        after=wanted.after or None, limit=wanted.limit,
    )  # fmt: skip
    next_page(request, response, page.after)
    return Lines(items=[show.line(wanted.kind, row) for row in page.rows], after=page.after)


@router.get("/occasions/works/progress", response=ProgressList, operation_id="work_progress")
def progress(request: HttpRequest, wanted: Query[WorkQuery]) -> ProgressList:
    """Planned quantities against those done, by item with its unit of measure."""
    known_only(request, WorkQuery)
    found = reader(request)
    asked, show = _asked(request, found, wanted), _Show(found, wanted.type)
    return ProgressList(items=[show.progress(one) for one in q.progress(found.district_id, found.acting, asked)])


@router.get("/occasions/{uuid:occasion_id}/works", response=WorksOut, operation_id="get_works")
def works(request: HttpRequest, occasion_id: UUID) -> WorksOut:
    """One team or project: planned and done, funds, consultations. Members stand in the occasion's attendance."""
    found = reader(request)
    try:
        view = get_occasion(found.district_id, found.acting, occasion_id)
    except NotFound as error:
        raise ProblemError("not_found", _none(found)) from error
    made = q.get_works(found.district_id, found.acting, view.row.type, occasion_id)
    show = _Show(found, view.row.type)
    return WorksOut(
        name=view.row.name,
        sort=show.choice("sort", view.row.sort) if view.row.sort else None,
        progress=[show.progress(one) for one in made.progress],
        plan=[show.line("plan", row) for row in made.plan],
        funds=[show.line("funds", row) for row in made.funds],
        consultations=[
            PollOut(
                asked=one.asked, agree=one.agree, against=one.against, unanswered=one.unanswered, carried=one.carried,
                on=one.on_day, way=one.way,
            )
            for one in made.polls
        ],
    )  # fmt: skip


def _asked(request: HttpRequest, found: Who, wanted: WorkQuery) -> Filter:
    if wanted.type not in types(found.directory):
        raise invalid(request, ("type", "choice"))
    return Filter(
        wanted.type, ended=wanted.ended, street=wanted.street, unit=wanted.unit, period=wanted.period, sort=wanted.sort,
        stage=wanted.stage,
    )  # fmt: skip


class _Show:
    """Makes answers in the language of whoever asks."""

    def __init__(self, found: Who, type_: str) -> None:
        self.found = found
        self.book: Playbook | None = types(found.directory).get(type_)
        self.measures = measures(found.district_id)

    def key(self, kind: Kind, code: str) -> Named:
        if kind == "plan":
            return self.item(code)
        move, name = (ATTEND, "level") if kind == "members" else (FUND, "source")
        form = self.book.moves[move].form if self.book and move in self.book.moves else ()
        known = next((one for one in form if one.name == name), None)
        return Named(code=code, name=words.choice_name(known, code, self.found.language) if known else code)

    def choice(self, field: str, code: str) -> Named:
        known = self.book.fields.get(field) if self.book else None
        return Named(code=code, name=words.choice_name(known, code, self.found.language) if known else code)

    def item(self, code: str) -> Named:
        known = self.measures.get(code)
        return Named(code=code, name=known.title(self.found.language) if known else code)

    def progress(self, one: q.Progress) -> ProgressOut:
        return ProgressOut(
            item=self.item(one.item), measure=one.measure, planned=one.planned, done=one.done, projects=one.projects
        )

    def line(self, kind: Kind, row: q.WorkLine) -> LineOut:
        return LineOut(
            occasion=row.occasion, number=row.number, name=row.name, line=row.line, key=self.key(kind, row.key),
            measure=row.measure, quantity=row.quantity, at=row.at, note=row.note,
        )  # fmt: skip


def _none(found: Who) -> str:
    if chinese(found.language):
        return "没有此项记录，或不在您的管辖范围内。"
    return "There is no such team or project, or it is not in your territory."
