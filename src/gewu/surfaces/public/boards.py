"""The notice board of each community: who answers for what, by post, with duty, promise and the line of the office.

No person is looked up for it: a name stands here only where it was released (``gewu.registry.boards``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from gewu.core.places import PlaceLevel
from gewu.registry import boards
from gewu.registry.boards import Board, Counts, Entry, Moved
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
LEVELS = ("community", "grid", "street", "district")
_counts: Remembered[Counts] = Remembered(10 * MINUTE, most=700)


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the page tells it. ``name`` is empty unless it was released; days are in words."""

    title: str
    unit: str
    name: str
    by_law: bool
    phone: str
    of_office: bool
    vacant: bool
    since: str
    before: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    """Posts with the duty and the promise that they share; ``grids`` are the numbers of the grids they answer for."""

    posts: list[Post]
    duty: str
    promise: str
    grids: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """The sections of a level, from the community to the district."""

    title: str
    sections: list[Section]


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
    report_url = f"{base_url(request)}{reverse('public:report')}"
    context: dict[str, object] = {
        "district": directory.district.name(language()),
        "place": _name(found.place),
        "street": _name(found.street) if found.street else "",
        "street_code": found.street.code if found.street else "",
        "board": found,
        "report_url": report_url,
        "report_code": _code_of(report_url),
        "own_url": f"{base_url(request)}{reverse('public:board', args=[code])}",
    }
    if found.ended:
        after = found.successor
        context["ended_on"] = day_text(found.place.valid_to)
        context["after"] = (_name(after), _address(after)) if after else None
        return render(request, "public/board.html", context)
    key = (directory.district.id, directory.version, directory.as_of, code)
    context |= {
        "day": day_text(found.as_of),
        "levels": levels(found),
        "lines": [(line.name(language()), line.number, line.hours(language())) for line in found.lines],
        "moved": [_moved(one) for one in found.moved],
        "counts": _counts.get(key, lambda: boards.counts(directory, code)),
    }
    return render(request, "public/board.html", context)


@lru_cache(maxsize=8)
def _code_of(address: str) -> str:
    """A QR code as the address of a picture, for whoever stands before the printed board with a telephone."""
    picture: str = segno.make_qr(address, error="m").svg_data_uri(scale=4, border=2, light="#fff", dark="#000")
    return picture


def _moved(one: Moved) -> tuple[str, str, str, str]:
    """The post that ended, its last day, its successor, and the community on whose board that one stands."""
    last = day_text(one.former.last_day)
    return _said(one.former.name(language())), last, _said(one.successor.name(language())), one.place


def levels(found: Board) -> list[Level]:
    """The posts with what they owe: community, grids, street, district; one heading for each."""
    made: dict[str, list[Section]] = {level: [] for level in LEVELS}
    for part in found.parts:
        duty, promise = part.duty.duty(language()), part.duty.promise(language())
        made[part.duty.level].append(Section([_post(e) for e in part.entries], _said(duty), _said(promise)))
    for number, grids in enumerate(found.grids, start=1):
        owed = {entry.duty.code: entry.duty for entry in grids.entries}.values()
        # What the posts of grids owe is the same in all of them, so it is said once, below the last.
        last = number == len(found.grids)
        duty = " ".join(one.duty(language()) for one in owed) if last else ""
        promise = " ".join(one.promise(language()) for one in owed) if last else ""
        posts = [_post(entry) for entry in grids.entries]
        made["grid"].append(Section(posts, _said(duty), _said(promise), spans(_numbers(grids.grids))))
    return [Level(level_name(level), sections) for level, sections in made.items() if sections]


def day_text(day: date | None) -> str:
    """A day with its year, because boards hang for long: ``1 Jul 2025`` or ``2025年7月1日``."""
    if day is None:
        return ""
    return spaced(f"{day.year}年{day.month}月{day.day}日") if chinese(language()) else f"{day.day} {day:%b} {day.year}"


def level_name(level: str) -> str:
    """Where a post answers."""
    return {
        "community": pgettext("board", "In the community"),
        "grid": pgettext("board", "In the grids"),
        "street": pgettext("board", "In the street"),
        "district": pgettext("board", "In the district"),
    }.get(level, level)


def _numbers(grids: tuple[PlaceInfo, ...]) -> list[int]:
    digits = PlaceLevel.COMMUNITY.digits
    return [int(grid.code[digits:]) for grid in grids if grid.code[digits:].isdigit()]


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
        day_text(entry.since),
        [(_said(former.name(language())), day_text(former.last_day)) for former in entry.before],
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
