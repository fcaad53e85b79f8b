"""The method in plain words, and what programs ask for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gewu.cases import services
from gewu.core.playbook.model import Playbook
from gewu.registry.directory import Directory
from gewu.surfaces.public import promises
from gewu.surfaces.public.site import base_url, language, with_district
from gewu.surfaces.public.story import PLAIN, plain_stage

PAGES = (
    "public:home", "public:report", "public:follow", "public:about", "public:seals", "public:results",
    "public:workdays", "public:showcase", "public:duty", "public:honours", "public:boards", "public:solved",
    "public:stations", "public:open-data",
)  # fmt: skip


@require_safe
@with_district
def about(request: HttpRequest, directory: Directory) -> HttpResponse:
    """How reports are worked on, what is kept, and how to use these pages without sight, mouse or scripts."""
    playbook = directory.playbook(services.PLAYBOOK)
    context = {
        "district": directory.district.name(language()),
        "stages": [plain_stage(code, playbook, language()) for code in _stages(playbook)],
        "promises": promises.after_report(directory, language(), wants=True),
        "official": sum(1 for s in directory.standards.values() if s.active and s.limit_status == "official"),
        "assumed": sum(1 for s in directory.standards.values() if s.active and s.limit_status != "official"),
    }
    return render(request, "public/about.html", context)


def _stages(playbook: Playbook | None) -> list[str]:
    return list(playbook.stages) if playbook else list(PLAIN)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Programs may read the pages that are for everybody."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: {path}" for path in ("/api/", "/desk/", "/follow/", "/report/", "/i18n/", "/look/")]
    lines += ["", f"Sitemap: {base_url(request)}{reverse('public:sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The pages that are for everybody."""
    urls = "".join(f"<url><loc>{base_url(request)}{reverse(page)}</loc></url>" for page in PAGES)
    body = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
    return HttpResponse(body, content_type="application/xml")
