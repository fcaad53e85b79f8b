"""Who, where and what: places, categories, standards, units, posts, responsibility, playbooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from gewu.cases.services import Where, position_of
from gewu.core.playbook.model import Move
from gewu.registry.entries import CategoryInfo, Named
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api import playbooks
from gewu.surfaces.api.errors import invalid, problem_of
from gewu.surfaces.api.forms import form_schema
from gewu.surfaces.api.identity import who
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import Show

router = Router(tags=["registry"])
router.add_router("", playbooks.router)


@router.get("/places/locate", response=o.PlaceOut, operation_id="locate")
def locate(request: HttpRequest, wanted: Query[i.LocateQuery]) -> o.PlaceOut:
    """The place of a position. Near a boundary all candidates are named; outside the district, the distance."""
    known_only(request, i.LocateQuery)
    found = who(request)
    try:
        position = position_of(found.directory, Where(wanted.lon, wanted.lat, wanted.datum))
    except (OutsideDistrict, BadPosition) as error:
        raise problem_of(error, found.language, None, found.directory) from error
    return Show(found.directory, found.language).position(position)


@router.get("/places", response=o.Places, operation_id="list_places")
def places(request: HttpRequest, wanted: Query[i.CatalogueQuery]) -> o.Places:
    """The places right below `place` (the district when left out), or those whose code or name holds `q`."""
    known_only(request, i.CatalogueQuery)
    found = who(request)
    directory = found.directory
    entries: Iterable[Named]
    if wanted.q:
        entries = (p for p in directory.places.values() if p.active and _named(p, wanted.q))
    else:
        entries = directory.places_in(wanted.place or directory.district.code)
    show = Show(directory, found.language)
    return o.Places(items=[show.place(p.code) for p in _some(entries, wanted.limit)])


@router.get("/categories", response=o.Categories, operation_id="list_categories")
def categories(request: HttpRequest, wanted: Query[i.CatalogueQuery]) -> o.Categories:
    """Active categories; `category` is a key or the beginning of one."""
    known_only(request, i.CatalogueQuery)
    found = who(request)
    entries = (
        c
        for c in found.directory.categories.values()
        if c.active and c.key.startswith(wanted.category) and (not wanted.q or _named(c, wanted.q))
    )
    return o.Categories(items=[_category(c, found.language) for c in _some(entries, wanted.limit)])


def _category(category: CategoryInfo, language: str) -> o.CategoryOut:
    return o.CategoryOut(
        key=category.key,
        kind=category.kind,
        code=category.code,
        name=category.name(language),
        major=o.Named(code=category.major, name=category.major_name(language)),
        local_extension=category.local_extension,
    )


@router.get("/standards", response=o.Standards, operation_id="list_standards")
def standards(request: HttpRequest, wanted: Query[i.CatalogueQuery]) -> o.Standards:
    """Active filing and closing standards, of one category or of all."""
    known_only(request, i.CatalogueQuery)
    found = who(request)
    directory = found.directory
    if wanted.category:
        entries = iter(directory.standards_for(wanted.category))
    else:
        entries = (s for s in directory.standards.values() if s.active)
    show = Show(directory, found.language)
    wanted_ones = (s for s in entries if not wanted.q or wanted.q in s.code)
    return o.Standards(items=[show.standard(s) for s in _some(wanted_ones, wanted.limit)])


@router.get("/units", response=o.Units, operation_id="list_units")
def units(request: HttpRequest, wanted: Query[i.CatalogueQuery]) -> o.Units:
    """Active units; `unit` is the code of the one above, `place` the territory."""
    known_only(request, i.CatalogueQuery)
    found = who(request)
    entries = (
        u
        for u in found.directory.units.values()
        if u.active
        and (not wanted.unit or u.parent == wanted.unit)
        and (not wanted.place or u.place == wanted.place)
        and (not wanted.q or _named(u, wanted.q))
    )
    shown = [
        o.UnitOut(
            code=u.code, name=u.name(found.language), kind=u.kind, parent=u.parent, path=u.path, place=u.place,
            accounts=u.accounts,
        )
        for u in _some(entries, wanted.limit)
    ]  # fmt: skip
    return o.Units(items=shown)


@router.get("/posts", response=o.Seats, operation_id="list_posts")
def posts(request: HttpRequest, wanted: Query[i.CatalogueQuery]) -> o.Seats:
    """Active posts with a role or of a unit; with `place`, those whose territory covers it."""
    known_only(request, i.CatalogueQuery)
    found = who(request)
    if not (wanted.role or wanted.unit):
        raise invalid(request, ("role", "required"))
    directory = found.directory
    show = Show(directory, found.language)
    entries = directory.holders(wanted.role) if wanted.role else directory.posts_of_unit(wanted.unit)
    chosen = [
        p
        for p in entries
        if (not wanted.unit or p.unit == wanted.unit) and (not wanted.place or wanted.place.startswith(p.prefixes))
    ]
    shown = [
        o.SeatOut(
            code=p.code,
            name=p.name(found.language),
            unit=show.unit_or_code(p.unit),
            role=show.role(p.role),
            person=str(p.person) if p.person is not None else None,
            scope=[*p.prefixes, *(f"area:{area}" for area in p.areas)],
        )
        for p in _some(chosen, wanted.limit)
    ]
    return o.Seats(items=shown)


@router.get("/responsible", response=o.ResponsibleOut, operation_id="responsible")
def responsible(request: HttpRequest, wanted: Query[i.ResponsibleQuery]) -> o.ResponsibleOut:
    """The unit that the rules name for a category at a place, why, and what else comes into question."""
    known_only(request, i.ResponsibleQuery)
    found = who(request)
    directory = found.directory
    faults = []
    if directory.category(wanted.category) is None:
        faults.append(("category", "not_found"))
    if directory.place(wanted.place) is None:
        faults.append(("place", "not_found"))
    if wanted.owner and directory.owner(wanted.owner) is None:
        faults.append(("owner", "not_found"))
    if faults:
        raise invalid(request, *faults)
    show = Show(directory, found.language)
    areas = directory.areas_of(wanted.place)
    answer = directory.responsible(wanted.category, wanted.place, areas, wanted.owner)
    others = directory.candidates(wanted.category, wanted.place, areas, wanted.owner)
    return o.ResponsibleOut(
        unit=show.unit_or_code(answer.unit.code) if answer else None,
        queue=bool(answer and answer.queue),
        why=answer.why[found.language] if answer else "",
        candidates=[
            o.CandidateOut(unit=show.unit_or_code(c.unit.code), queue=c.queue, why=c.why[found.language])
            for c in others
        ],
    )


@router.get("/playbooks/{name}", response=o.PlaybookOut, operation_id="get_playbook")
def playbook(request: HttpRequest, name: str) -> o.PlaybookOut:
    """The playbook under which new records start: its stages, and its moves with their forms as JSON Schema."""
    found = who(request)
    book = found.directory.playbook(name)
    if book is None:
        raise ProblemError("not_found", _no_playbook(found.language))
    return o.PlaybookOut(
        name=book.name,
        version=book.version,
        kind=book.kind,
        title=book.title[found.language],
        stages=[o.Named(code=s.name, name=s.title[found.language]) for s in book.stages.values()],
        ends=[s.name for s in book.stages.values() if s.end],
        moves=[_move(move, found.language) for move in book.moves.values() if not move.system],
    )


def _move(move: Move, language: str) -> dict[str, Any]:
    return {
        "name": move.name,
        "title": move.title[language],
        "hint": move.hint[language] if move.hint else "",
        "from": list(move.sources),
        "to": move.to,
        "additive": move.additive,
        "direction": move.direction,
        "by": [{"role": a.role, "relation": a.relation, "slot": a.slot} for a in move.actors],
        "needs_reason": move.reason,
        "needs_photos": dict(move.photos),
        "bulk": move.bulk,
        "form": form_schema(move, language),
    }


def _named(entry: Named, part: str) -> bool:
    part = part.lower()
    return part in entry.code.lower() or part in entry.name_en.lower() or part in entry.name_zh


def _some(entries: Iterable[Any], limit: int) -> list[Any]:
    """The first entries by code."""
    return sorted(entries, key=lambda entry: entry.code)[:limit]


def _no_playbook(language: str) -> str:
    if language.startswith("zh"):
        return "本区没有此流程。"
    return "The district has no playbook of this name."
