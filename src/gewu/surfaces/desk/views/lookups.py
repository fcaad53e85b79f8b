"""Small answers for pages that are open: suggestions while typing, what is around a point, maps."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.surfaces.desk import find, where
from gewu.surfaces.desk.present import maps, names
from gewu.surfaces.desk.present.moves import About, standards
from gewu.surfaces.desk.who import Desk, desk_page
from gewu.surfaces.look.forms import Field


@desk_page()
@require_safe
def suggest(request: HttpRequest, desk: Desk, what: str) -> HttpResponse:
    """Suggestions for typed text: JSON ``[{label, hint}]`` of ``categories``, ``places``, ``units`` (with ``code``)."""
    text = request.GET.get("q", "")[:80]
    directory, language = desk.directory, desk.language
    found: list[dict[str, str]] = []
    if what == "categories":
        for category in find.categories(directory, text):
            hint = names.typeset(category.major_name(language), language)
            found.append({"label": names.category_label(category, language), "hint": hint})
    elif what == "places":
        for place in find.places(directory, text):
            found.append({"label": names.place_label(directory, place, language), "hint": _kind(place.kind)})
    elif what == "units":
        for unit in find.units(directory, text):
            above = directory.units.get(unit.parent)
            hint = names.typeset(above.name(language), language) if above else ""
            found.append({"label": names.unit_label(unit, language), "hint": hint, "code": unit.code})
    else:
        raise Http404(_("There is nothing to suggest here."))
    return JsonResponse({"found": found})


def _kind(kind: str) -> str:
    return {
        "district": _("district"),
        "street": _("street or town"),
        "community": _("community"),
        "grid": _("grid"),
    }.get(kind, kind)


@desk_page()
@require_safe
def standard_choices(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The standards of a category as radio buttons, for a form whose category has just changed."""
    meant = find.meant_category(desk.directory, request.GET.get("category", ""), desk.language)
    one = Field("standard", "", prefix=request.GET.get("prefix", "")[:40], value=request.GET.get("value", "")[:80])
    playbook = desk.playbook
    if playbook is not None:
        standards(one, About(desk.directory, playbook, desk.language, desk.acting.actor), meant.code)
    return render(request, "desk/parts/standards.html", {"f": one})


@desk_page()
@require_safe
def around(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is known of a place and a category before they are registered: grid, unit, standards."""
    given = where.read(request.GET, desk)
    category = find.meant_category(desk.directory, request.GET.get("category", ""), desk.language).code
    context: dict[str, object] = {"faults": list(given.faults.values()), "position": given.position}
    playbook = desk.playbook
    if given.position is not None:
        position = given.position
        place = desk.directory.places.get(position.place)
        context |= {
            "place": names.place_full(desk.directory, position.place, desk.language),
            "code": position.place,
            "synthetic": position.synthetic or bool(place and place.synthetic),
            "sides": where.sides(position, desk),
            "areas": names.listed((_area(desk, code) for code in position.areas), desk.language),
        }
    if given.position is not None and category and playbook is not None:
        position = given.position
        owner = request.GET.get("owner", "")
        found = desk.directory.responsible(category, position.place, position.areas, owner)
        if found is not None:
            context["unit"] = names.typeset(found.unit.name(desk.language), desk.language)
            context["why"] = names.said(found.why, desk.language)
            context["queue"], context["letter"] = found.queue, not found.unit.accounts
    if category and playbook is not None:
        one = Field("standards", "")
        standards(one, About(desk.directory, playbook, desk.language, desk.acting.actor), category)
        context["standards"] = one.data["rows"]
    return render(request, "desk/parts/around.html", context)


def _area(desk: Desk, code: str) -> str:
    found = desk.directory.areas.get(code)
    return names.typeset(found.name(desk.language), desk.language) if found else code


@desk_page()
@require_safe
def district_map(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A map as SVG: ``at=lon,lat`` and ``span`` (degrees) say which part, ``point`` and ``place`` what to mark."""
    asked = {name: request.GET.get(name, "")[:40] for name in ("at", "span", "size", "place")}
    view = maps.view_of(desk.directory, **asked)
    point = maps.pair(request.GET.get("point", ""))
    place, dark = request.GET.get("place", "")[:15], request.GET.get("dark") == "1"
    drawn = maps.draw(desk.directory, view, point, place, desk.language, dark=dark)
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["X-Map-Bounds"] = ",".join(f"{edge:.6f}" for edge in view.bounds)
    return response
