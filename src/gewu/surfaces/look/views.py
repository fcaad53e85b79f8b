"""The switch between light and dark, which works without scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gewu.surfaces.look.context import THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme for a year in a cookie and go back to the page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = redirect(target)
    wanted = request.POST.get("theme", "auto")
    secure = request.is_secure()
    response.set_cookie(
        THEME_COOKIE, wanted if wanted in THEMES else "auto", max_age=YEAR, samesite="Lax", secure=secure
    )
    return response
