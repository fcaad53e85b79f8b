"""The daily seals, for everybody to keep: who has an old one can tell later whether the past was changed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gewu.keeping import seals
from gewu.registry.directory import Directory
from gewu.surfaces.public.site import language, with_district

PAGE = 60


@require_safe
@with_district
def page(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The seals of the district, latest first; ``?before=NO`` goes on from there."""
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    found = seals.list_seals(directory.district.id, before, PAGE + 1)
    context = {
        "district": directory.district.name(language()),
        "seals": [(seal, seals.file_name(seal)) for seal in found[:PAGE]],
        "older": f"{reverse('public:seals')}?before={found[PAGE - 1].no}" if len(found) > PAGE else "",
        "first": before is None,
    }
    return render(request, "public/seals.html", context)


@require_safe
@with_district
def download(_request: HttpRequest, directory: Directory, no: int) -> HttpResponse:
    """One seal as the file that is published."""
    seal = seals.one_seal(directory.district.id, no)
    if seal is None:
        raise Http404
    response = HttpResponse(seals.text_of(seal), content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{directory.district.code}-{seals.file_name(seal)}"'
    )
    return response
