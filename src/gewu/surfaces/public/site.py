"""Which district the public pages speak for, and what every view needs around it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import check_for_language, get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from gewu.ledger.attachments import MAX_BYTES
from gewu.ledger.models import Standstill
from gewu.registry.directory import Directory, UnknownDistrict, get_directory
from gewu.registry.snapshot import districts
from gewu.surfaces.look.dates import span_words
from gewu.surfaces.throttle.budgets import TooMany

P = ParamSpec("P")
DistrictView = Callable[Concatenate[HttpRequest, Directory, P], HttpResponse]

MAX_PHOTOS = 6
MAX_BODY = MAX_PHOTOS * MAX_BYTES + 1024 * 1024
"""Bytes of a form with as many photos as are taken, and its words."""

_REMEMBER_S = 5.0
_known: tuple[float, str, tuple[int, ...]] = (0.0, "", ())


def language() -> str:
    """The language of this answer."""
    return get_language() or settings.LANGUAGE_CODE


def asked_language(request: HttpRequest) -> str:
    """The language to which a form was sent to be shown in, with what was typed so far; empty when it is an answer."""
    code = request.POST.get("switch", "")
    return code if check_for_language(code) else ""


def shown_in(response: HttpResponse, code: str) -> HttpResponse:
    """Remember the language in which this visitor reads, as the switch of other pages does."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def base_url(request: HttpRequest) -> str:
    """The address under which people reach these pages, without a slash at its end."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def served() -> tuple[int, ...]:
    """The ids of the districts that strangers may ask and report to, the one that was loaded first in front.

    ``GEWU_PUBLIC_DISTRICT`` names one by code; else it is every live one. A district whose clocks stand still is a
    record of the past and takes no reports. Asked anew every few seconds.
    """
    global _known  # noqa: PLW0603 - one small memory for the process
    wanted = settings.PUBLIC_DISTRICT
    asked, code, found = _known
    now = time.monotonic()
    if found and code == wanted and now - asked < _REMEMBER_S:
        return found
    every = districts()
    if wanted:
        found = tuple(d.id for d in every if d.code == wanted)
    else:
        still = set(Standstill.objects.values_list("district_id", flat=True))
        found = tuple(sorted(d.id for d in every if d.id not in still))
    _known = (now, wanted, found)
    return found


def public_district() -> int | None:
    """The id of the district that residents report to: the first that is ``served``, or None."""
    return next(iter(served()), None)


def with_district(view: DistrictView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view the directory of the public district; without one, say so with 503."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        district = public_district()
        try:
            directory = get_directory(district) if district is not None else None
        except UnknownDistrict:
            directory = None
        if directory is None:
            return render(request, "public/closed.html", status=503)
        return view(request, directory, *args, **kwargs)

    return inner


def polite(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer ``TooMany`` with a page that says when to come back and that nothing typed was lost."""

    @wraps(view)
    def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TooMany as error:
            detail = _("Too many requests came from your network. Please try again in %(span)s.") % {
                "span": span_words(error.seconds + 59, get_language())
            }
            response = render(request, "public/too_often.html", {"detail": detail}, status=429)
            response.headers["Retry-After"] = str(error.seconds)
            return response

    return inner


def bounded(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse a body that is larger than any form of ours before it is read, then check for forgery as usual."""
    protected = csrf_protect(view)

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return _too_much(request)
        try:
            return protected(request, *args, **kwargs)
        except (RequestDataTooBig, TooManyFilesSent, TooManyFieldsSent):
            return _too_much(request)

    return csrf_exempt(inner)


def _too_much(request: HttpRequest) -> HttpResponse:
    detail = _(
        "Words may have 2,000 characters, and at most %(most)d photos %(megabytes)d MB together. Nothing was saved by "
        "this request: go back in your browser, your words are still there, and choose fewer or smaller photos."
    )
    context = {
        "status": 413,
        "title": _("This was too much at once"),
        "detail": detail % {"most": MAX_PHOTOS, "megabytes": MAX_BODY // (1024 * 1024)},
        "back": request.path,
    }
    return render(request, "look/error.html", context, status=413)
