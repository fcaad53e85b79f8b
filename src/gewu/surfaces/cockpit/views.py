"""The page of the cockpit and its wall screen."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gewu.evaluation import api
from gewu.surfaces.cockpit.asked import Asked, asked_of, cockpit_page, streets
from gewu.surfaces.cockpit.board import Maker, board
from gewu.surfaces.cockpit.cards import Card
from gewu.surfaces.cockpit.counted import counted
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk, page
from gewu.surfaces.look.forms import Choice, Field

MONTHS = 13
ON_THE_WALL = ("late", "stages", "flow", "areas", "heat", "again")


@never_cache
@cockpit_page
@require_safe
def cockpit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everything on one page. Eight statements a minute beside session, post and unread notices; none in between."""
    asked, errors = asked_of(request, desk)
    numbers = counted(desk, asked)
    made = board(Maker(desk, asked, numbers))
    query = urlencode(asked.query)
    context: dict[str, object] = {
        "asked": asked,
        "errors": errors,
        "fields": _fields(desk, asked),
        "tiles": made.tiles,
        "cards": [(card, *_files(card, query)) for card in made.cards.values()],
        "counted_at": timezone.localtime(numbers.at),
        "place": place_of(desk, asked),
        "wall_url": f"{reverse('cockpit:wall')}{'?' + query if query else ''}",
        "definitions_url": f"{reverse('desk:evaluation')}" if desk.evaluates else "",
    }
    return page(request, desk, "cockpit/cockpit.html", context, status=422 if errors else 200)


@never_cache
@cockpit_page
@require_safe
def wall(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The same numbers for a screen on a wall, which looks for new ones every minute."""
    asked, _errors = asked_of(request, desk)
    numbers = counted(desk, asked)
    made = board(Maker(desk, asked, numbers), ON_THE_WALL)
    context = {
        "desk": desk,
        "asked": asked,
        "tiles": made.tiles,
        "cards": list(made.cards.values()),
        "counted_at": timezone.localtime(numbers.at),
        "place": place_of(desk, asked),
        "back_url": f"{reverse('cockpit:cockpit')}?{urlencode(asked.query)}",
    }
    return render(request, "cockpit/wall.html", context)


def place_of(desk: Desk, asked: Asked) -> str:
    """Of which part of the district the numbers are."""
    if asked.street:
        return names.place_full(desk.directory, asked.street, desk.language)
    if not asked.where.places:
        return names.typeset(desk.directory.district.name(desk.language), desk.language)
    return names.listed(
        (names.place_full(desk.directory, code, desk.language) for code in asked.where.places), desk.language
    )


def _files(card: Card, query: str) -> tuple[str, str]:
    asked = f"?{query}" if query else ""
    picture = f"{reverse('cockpit:picture', args=[card.name])}{asked}" if card.svg else ""
    return picture, f"{reverse('cockpit:sheet', args=[card.name])}{asked}"


def _fields(desk: Desk, asked: Asked) -> list[Field]:
    zone, today = desk.directory.district.timezone, timezone.localdate()
    months = [p.code for p in api.months(zone, today.year, today.month, MONTHS)][::-1]
    if asked.period.code not in months:
        months.append(asked.period.code)
    places = [Choice(code, names.place_full(desk.directory, code, desk.language)) for code in streets(desk)]
    return [
        Field("month", _("Month"), "select", asked.period.code, prefix="f", required=True,
              choices=[Choice(code, code) for code in months]),
        Field("street", _("Street or town"), "select", asked.street, prefix="f", required=True,
              choices=[Choice("", _("The whole territory")), *places]),
    ]  # fmt: skip
