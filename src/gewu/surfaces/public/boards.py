"""The notice board of each community: who answers for what, by post, with duty, promise and the line of the office.

No person is looked up for it: a name stands here only where it was released (``gewu.registry.boards``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from gewu.registry import boards
from gewu.registry.boards import Board, Counts, Entry
from gewu.registry.directory import Directory
from gewu.registry.divisions import divided
from gewu.registry.entries import PlaceInfo
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.public.places import find_places
from gewu.surfaces.public.remembered import MINUTE, Remembered
from gewu.surfaces.public.site import base_url, language, polite, with_district
from gewu.surfaces.throttle import budgets

LONGEST = 60
_counts: Remembered[Counts] = Remembered(10 * MINUTE, most=700)


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the page tells it. ``name`` is empty unless it was released."""

    title: str
    unit: str
    name: str
    by_law: bool
    phone: str
    of_office: bool
    vacant: bool
    since: date | None
    before: list[tuple[str, date | None]]


@dataclass(frozen=True, slots=True)
class Section:
    """Posts with the duty and the promise that they share."""

    level: str
    duty: str
    promise: str
    posts: list[Post]


@dataclass(frozen=True, slots=True)
class Grids:
    """Grids by their numbers, and the posts that answer for them."""

    numbers: str
    posts: list[Post]


@require_safe
@polite
@with_district
def choose(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Streets, the communities of one, or those whose name has some words in it."""
    budgets.spend_here(request, budgets.BOARD)
    said = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    code = request.GET.get("street", "")
    street = next((place for place in boards.streets(directory) if place.code == code), None)
    if code and street is None:
        raise Http404(pgettext("resident", "There is no such street."))
    # Words that name nothing leave the street that was chosen.
    found = [place for place in find_places(directory, said) if place.kind in ("street", "community")] if said else []
    of_district = divided(directory.places_in(directory.district.code))
    groups = [
        (pgettext("resident", "Streets"), of_district.streets),
        (pgettext("resident", "Towns and townships"), of_district.towns),
        ("", of_district.rest),
    ]
    context: dict[str, object] = {
        "district": directory.district.name(language()),
        "q": said,
        "found": [(_name(place), _above(directory, place), _address(place)) for place in found],
        "street": code,
        "street_name": _name(street) if street else "",
        "communities": [(_name(p), _address(p)) for p in boards.communities(directory, code)] if street else [],
        "groups": [(title, [(_name(p), p.code) for p in part]) for title, part in groups if part],
    }
    return render(request, "public/boards.html", context)


@require_safe
@polite
@with_district
def board(request: HttpRequest, directory: Directory, code: str) -> HttpResponse:
    """One board, laid out to be printed on A4 and hung up. At most two statements beside the budget."""
    budgets.spend_here(request, budgets.BOARD)
    found = boards.board(directory, code)
    if found is None:
        raise Http404(pgettext("resident", "There is no community with this code."))
    context: dict[str, object] = {
        "district": directory.district.name(language()),
        "place": _name(found.place),
        "street": _name(found.street) if found.street else "",
        "street_code": found.street.code if found.street else "",
        "board": found,
        "report_url": f"{base_url(request)}{reverse('public:report')}",
        "own_url": f"{base_url(request)}{reverse('public:board', args=[code])}",
    }
    if found.ended:
        after = found.successor
        context["after"] = (_name(after), _address(after)) if after else None
        return render(request, "public/board.html", context)
    key = (directory.district.id, directory.version, directory.as_of, code)
    context |= {
        "sections": sections(found),
        "grids": [_grids(part.grids, part.entries) for part in found.grids],
        "grid_duties": _grid_duties(found),
        "lines": [(line.name(language()), line.number, line.hours(language())) for line in found.lines],
        "moved": [(_said(m.former.name(language())), m.former.last_day, _said(m.successor.name(language())), m.place)
                  for m in found.moved],
        "counts": _counts.get(key, lambda: boards.counts(directory, code)),
        "office": _said(found.office.name(language())) if found.office else "",
        "office_phone": found.office.work_phone if found.office else "",
    }  # fmt: skip
    return render(request, "public/board.html", context)


def sections(found: Board) -> list[Section]:
    """The posts of the community, its street and its district with what they owe, in the order of the duties."""
    return [
        Section(
            level_name(part.duty.level),
            _said(part.duty.duty(language())),
            _said(part.duty.promise(language())),
            [_post(entry) for entry in part.entries],
        )
        for part in found.parts
    ]


def level_name(level: str) -> str:
    """Where a post answers."""
    return {
        "community": pgettext("board", "In the community"),
        "grid": pgettext("board", "In the grids"),
        "street": pgettext("board", "In the street"),
        "district": pgettext("board", "In the district"),
    }.get(level, level)


def _grid_duties(found: Board) -> list[tuple[str, str]]:
    duties = {entry.duty.code: entry.duty for part in found.grids for entry in part.entries}
    return [(_said(duty.duty(language())), _said(duty.promise(language()))) for duty in duties.values()]


def _grids(grids: tuple[PlaceInfo, ...], entries: tuple[Entry, ...]) -> Grids:
    numbers = [int(grid.code[12:]) if grid.code[12:].isdigit() else 0 for grid in grids]
    return Grids(spans(numbers), [_post(entry) for entry in entries])


def spans(numbers: list[int]) -> str:
    """Numbers in order, those that follow one another as a span: ``1–3, 5``."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    mark = "、" if chinese(language()) else ", "
    return mark.join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def _post(entry: Entry) -> Post:
    unit = _said(entry.unit.name(language())) if entry.unit else ""
    if entry.post is None:
        title = _("No post is set up yet")
    elif entry.duty.level == "district":
        title, unit = unit, ""
    else:
        title = _said(entry.post.name(language()))
    return Post(
        title,
        unit,
        entry.name.name(language()) if entry.name else "",
        bool(entry.name and entry.name.basis == "law"),
        entry.phone,
        entry.of_office,
        entry.vacant,
        entry.since,
        [(_said(former.name(language())), former.last_day) for former in entry.before],
    )


def _above(directory: Directory, place: PlaceInfo) -> str:
    above = directory.place(place.parent)
    return _name(above) if above and above.code != directory.district.code else ""


def _address(place: PlaceInfo) -> str:
    if place.kind == "street":
        return f"{reverse('public:boards')}?street={place.code}"
    return reverse("public:board", args=[place.code])


def _name(place: PlaceInfo) -> str:
    return _said(place.name(language()))


def _said(text: str) -> str:
    return spaced(text) if chinese(language()) else text
