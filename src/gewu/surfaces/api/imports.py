"""Cases of other platforms (12345, the city's platform, 141) by API, and the replies that go back to them."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import Field

from gewu.imports import mapping, replies
from gewu.imports.intake import CREATED, Taken, counts, take
from gewu.imports.problems import BadFile, Problem
from gewu.imports.problems import text as said
from gewu.imports.rows import Judge
from gewu.imports.worker import MAY_IMPORT
from gewu.ledger.door import now_us
from gewu.surfaces import words
from gewu.surfaces.api.fields import Code, In, Out
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.problems import ProblemError

router = Router(tags=["other platforms"])
MOST_ITEMS = 200
MOST_FIELDS = 60
Value = str | int | float | bool | None


class ImportIn(In):
    """Items of a platform. Their fields are called as the platform's columns are, or as the list of platforms says."""

    items: Annotated[
        list[Annotated[dict[str, Value], Field(max_length=MOST_FIELDS)]],
        Field(
            min_length=1,
            max_length=MOST_ITEMS,
            examples=[
                [
                    {
                        "number": "WZ20261120000815",
                        "description": "夜间施工噪声扰民",
                        "category": "噪音扰民",
                        "received": "2026-11-20 09:30:00",
                        "deadline": "2026-11-27 18:00:00",
                        "address": "高笋塘广场东侧",
                    }
                ]
            ],
        ),
    ]


class ImportProblem(Out):
    """What is wrong with an item."""

    field: str
    code: str
    message: str


class ImportedOut(Out):
    """What became of one item, by its place in the request. ``alike`` are open cases that may be the same matter."""

    place: int
    outside_number: str
    outcome: Literal["created", "changed", "known", "bad"]
    id: UUID | None
    number: str
    alike: list[str]
    problems: list[ImportProblem]


class ImportOut(Out):
    """What became of all items, in their order."""

    created: int
    changed: int
    known: int
    bad: int
    items: list[ImportedOut]


class PlatformOut(Out):
    """A platform: its fields by our names, with the names that it gives them."""

    code: str
    title: str
    fields: dict[str, list[str]]
    required: list[str]
    reply: list[str]
    sends: bool = Field(description="Whether replies are sent to an interface; otherwise they are fetched here.")


class Platforms(Out):
    items: list[PlatformOut]


class ReplyOut(Out):
    """A reply in the platform's form."""

    id: UUID
    outside_number: str
    number: str
    made_at: datetime
    form: dict[str, str]


class Replies(Out):
    items: list[ReplyOut]


class TakenIn(In):
    """Replies that the platform has."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class TakenOut(Out):
    """How many of them were still waiting."""

    taken: int


@router.get("/imports/platforms", response=Platforms, operation_id="list_platforms")
def list_platforms(request: HttpRequest) -> Platforms:
    """The platforms whose cases can be imported, with the names of their fields."""
    found = _who(request)
    return Platforms(
        items=[
            PlatformOut(
                code=one.code,
                title=one.title[found.language],
                fields={
                    name: list(column.names) for name in mapping.FIELDS if (column := one.column(name)) is not None
                },
                required=["number", "description", *_required(one)],
                reply=[column.name for column in one.spec.reply.columns],
                sends=one.spec.reply.interface is not None,
            )
            for one in mapping.platforms()
        ]
    )


def _required(one: mapping.Platform) -> list[str]:
    return [
        name
        for name in mapping.FIELDS
        if name not in ("number", "description") and (column := one.column(name)) is not None and column.required
    ]


@router.post("/imports/{platform}", response=ImportOut, operation_id="import_items")
def import_items(request: HttpRequest, platform: Code, body: ImportIn) -> ImportOut:
    """Import items. Sent again, an item makes no second case: its number is known, and what is new is noted.

    Each item is answered; bad ones do not keep the others out.
    """
    found = _who(request)
    chart = _platform(platform)
    try:
        judge = Judge(found.directory, chart, found.acting, int(time.time()))
    except BadFile as error:
        raise ProblemError("ledger", said(error.problem, found.language)) from error
    judged = [judge.item(place, item) for place, item in enumerate(body.items, start=1)]
    results = take(found.directory, chart, found.acting, judged, at_us=now_us())
    return ImportOut(**counts(results), items=[_out(one, found.language) for one in results])


def _out(one: Taken, language: str) -> ImportedOut:
    return ImportedOut(
        place=one.row,
        outside_number=one.outside_number,
        outcome=one.outcome,
        id=one.record_id,
        number=one.number,
        alike=list(one.alike) if one.outcome == CREATED else [],
        problems=[_problem(problem, language) for problem in one.problems],
    )


def _problem(problem: Problem, language: str) -> ImportProblem:
    return ImportProblem(field=problem.column, code=problem.code, message=said(problem, language, words.fault_text))


@router.get("/imports/{platform}/replies", response=Replies, operation_id="list_import_replies")
def list_replies(request: HttpRequest, platform: Code) -> Replies:
    """Replies that wait for a platform without an interface of its own, the oldest first, in its form."""
    found = _who(request)
    chart = _platform(platform)
    return Replies(
        items=[
            ReplyOut(
                id=one.id,
                outside_number=one.outside_number,
                number=one.number,
                made_at=one.made_at,
                form=replies.composed(found.district_id, one, chart),
            )
            for one in replies.waiting(found.district_id, chart.code, MOST_ITEMS)
        ]
    )


@router.post("/imports/{platform}/replies/taken", response=TakenOut, operation_id="take_import_replies")
def take_replies(request: HttpRequest, platform: Code, body: TakenIn) -> TakenOut:
    """Say that the platform has these replies: they are not listed any more."""
    found = _who(request)
    chart = _platform(platform)
    mine = [one.id for one in replies.chosen(found.district_id, body.ids) if one.platform == chart.code]
    person = found.acting.actor.person
    return TakenOut(taken=replies.mark_taken(found.district_id, mine, person, timezone.now()))


def _who(request: HttpRequest) -> Who:
    found = who(request)
    if not found.has(MAY_IMPORT):
        raise ProblemError("not_allowed", _only_intake(found))
    return found


def _only_intake(found: Who) -> str:
    role = words.role_name(found.directory, MAY_IMPORT, found.language)
    if found.language.startswith("zh"):
        return f"外部平台案件由{role}导入；请使用该岗位的账号或令牌。"
    return f"Cases of other platforms are imported by: {role}. Use a login or token of such a post."


def _platform(code: str) -> mapping.Platform:
    try:
        found = mapping.platform(code)
    except mapping.BadMapping as error:
        raise ProblemError("ledger", str(error)[:1000]) from error
    if found is None:
        raise ProblemError("not_found", ", ".join(mapping.mapping_files()))
    return found
