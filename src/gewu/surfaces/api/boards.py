"""Notice boards for everybody: who answers for a community, by post. Names only where they were released."""

from __future__ import annotations

from datetime import date
from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from gewu.registry import boards
from gewu.registry.boards import Entry
from gewu.registry.directory import Directory, get_directory
from gewu.registry.entries import PlaceInfo
from gewu.surfaces.api.fields import In, Out, Plain
from gewu.surfaces.api.outputs.common import Named
from gewu.surfaces.api.problems import ProblemError, language_of
from gewu.surfaces.api.query import known_only
from gewu.surfaces.public.site import public_district
from gewu.surfaces.throttle import budgets

router = Router(tags=["public"], auth=None)


class BoardsQuery(In):
    """Which street's boards."""

    street: Plain = Field("", max_length=9, description="Code of a street; empty: the streets themselves.")


class BoardsOut(Out):
    """Streets, or the communities of one; each community has a board under its code."""

    street: Named | None
    items: list[Named]


class PublicNameOut(Out):
    """A released name."""

    name: str
    basis: Literal["agreed", "law"] = Field(description="Why it may be told: its holder agreed, or the law.")


class FormerOut(Out):
    """A post or body that stood there before."""

    name: str
    last_day: date | None


class BoardPostOut(Out):
    """A post on the board. Its code is not told: it may be a login."""

    level: Literal["community", "grid", "street", "district"]
    post: str | None = Field(description="Null: no such post is set up, or a whole office answers.")
    unit: Named | None
    vacant: bool
    holder: PublicNameOut | None = Field(description="Null: nobody's name was released.")
    phone: str | None
    phone_of: Literal["post", "office"] | None
    since: date | None
    before: list[FormerOut]
    grids: list[str] = Field(description="Codes of the grids the post answers for; empty at other levels.")
    duty: str
    promise: str
    source: str


class ComplaintLineOut(Out):
    """Where anybody may complain or ask."""

    code: str
    number: str
    name: str
    hours: str | None
    source: str


class BoardOut(Out):
    """The board of a community. ``successor`` has the board now, where the community has ended."""

    place: Named
    street: Named | None
    as_of: date
    ended: bool
    successor: Named | None
    lines: list[ComplaintLineOut]
    posts: list[BoardPostOut]
    buildings: int = Field(description="Buildings of the community.")
    buildings_with_head: int
    party_organisations: int = Field(description="From the community down; members are nowhere.")


@router.get("/public/boards", response=BoardsOut, operation_id="public_boards")
def listed(request: HttpRequest, wanted: Query[BoardsQuery]) -> BoardsOut:
    """The streets of the district, or the communities of one."""
    known_only(request, BoardsQuery)
    budgets.spend_here(request, budgets.BOARD)
    directory, language = _directory(), language_of(request)
    streets = boards.streets(directory)
    if not wanted.street:
        return BoardsOut(street=None, items=[_named(place, language) for place in streets])
    street = next((place for place in streets if place.code == wanted.street), None)
    if street is None:
        raise ProblemError("not_found")
    below = boards.communities(directory, street.code)
    return BoardsOut(street=_named(street, language), items=[_named(place, language) for place in below])


@router.get("/public/boards/{code}", response=BoardOut, operation_id="public_board")
def board(request: HttpRequest, code: str) -> BoardOut:
    """Who answers for a community, with duty, promise and telephone, and since when."""
    budgets.spend_here(request, budgets.BOARD)
    directory, language = _directory(), language_of(request)
    found = boards.board(directory, code)
    if found is None:
        raise ProblemError("not_found")
    counts = boards.counts(directory, code) if not found.ended else boards.Counts(0, 0, 0)
    posts = [_post(entry, [], language) for part in found.parts for entry in part.entries]
    posts += [
        _post(entry, [grid.code for grid in part.grids], language) for part in found.grids for entry in part.entries
    ]
    lines = [
        ComplaintLineOut(
            code=line.code, number=line.number, name=line.name(language), hours=line.hours(language) or None,
            source=line.source,
        )
        for line in found.lines
    ]  # fmt: skip
    return BoardOut(
        place=_named(found.place, language),
        street=_named(found.street, language) if found.street else None,
        as_of=found.as_of,
        ended=found.ended,
        successor=_named(found.successor, language) if found.successor else None,
        lines=lines,
        posts=posts,
        buildings=counts.buildings,
        buildings_with_head=counts.with_head,
        party_organisations=counts.organisations,
    )


def _directory() -> Directory:
    district = public_district()
    if district is None:
        raise ProblemError("not_found")
    return get_directory(district)


def _named(place: PlaceInfo, language: str) -> Named:
    return Named(code=place.code, name=place.name(language))


def _post(entry: Entry, grids: list[str], language: str) -> BoardPostOut:
    one = entry.post if entry.duty.level != "district" else None
    held = entry.name
    return BoardPostOut(
        level=entry.duty.level,
        post=one.name(language) if one else None,
        unit=Named(code=entry.unit.code, name=entry.unit.name(language)) if entry.unit else None,
        vacant=entry.vacant,
        holder=PublicNameOut(name=held.name(language), basis=held.basis) if held else None,
        phone=entry.phone or None,
        phone_of=("office" if entry.of_office else "post") if entry.phone else None,
        since=entry.since,
        before=[FormerOut(name=f.name(language), last_day=f.last_day) for f in entry.before],
        grids=grids,
        duty=entry.duty.duty(language),
        promise=entry.duty.promise(language),
        source=entry.duty.source,
    )
