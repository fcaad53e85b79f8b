"""Answers when something went wrong: the server's own faults, and a database that is away."""

from __future__ import annotations

import contextlib
import logging
import sys

from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _

from gewu.home.database import is_connection_loss

_log = logging.getLogger(__name__)


def server_error(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """Answer a fault of ours: 503 while the database is away, 500 otherwise. Tells nothing about the inside."""
    error = sys.exc_info()[1]
    if error is not None and is_connection_loss(error):
        forget_connections()
        response = answer(
            request,
            503,
            _("The database is not available"),
            _("Nothing was saved by this request. Gewu is trying to reach the database again; please try again soon."),
        )
        response.headers["Retry-After"] = "5"
        return response
    return answer(
        request,
        500,
        _("Something went wrong on the server"),
        _("The fault was logged. Please try again; if it happens again, tell the people who run this system."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere; a `Http404` made by us may say more about it."""
    said = exception.args[0] if exception is not None and exception.args else None
    return answer(
        request,
        404,
        _("There is nothing at this address"),
        said
        if isinstance(said, str) and said
        else _("The link is wrong or old, or what it led to is not yours to see."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a page that is not for this person."""
    said = exception.args[0] if exception is not None and exception.args else None
    return answer(
        request,
        403,
        _("This page is not for your post"),
        said
        if isinstance(said, str) and said
        else _("Choose another of your posts, or ask the people who run this system."),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that cannot be read; the reason is Django's own and in the log."""
    del exception  # Django hands it over by name
    return answer(
        request, 400, _("This request could not be read"), _("Nothing was saved. Go back and send the form once more.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose security token is missing or too old; `reason` is Django's own and goes to the log."""
    _log.warning("form refused: %s", reason)
    return answer(
        request,
        403,
        _("This form could not be accepted"),
        _("The page was open for too long or cookies are blocked. Load the page again and send the form once more."),
    )


def answer(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    """Return an error as problem+json to programs and as a plain page to people, without touching the database."""
    if request.path_info.startswith("/api/") or "text/html" not in request.headers.get("Accept", "*/*"):
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        return JsonResponse(
            body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
        )
    try:
        return render(request, "look/error.html", {"status": status, "title": title, "detail": detail}, status=status)
    except Exception:
        # Whatever is wrong with the look, a fault is still to be answered; it was logged where it happened.
        _log.exception("the error page could not be shown in the look")
    page = format_html(
        '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>{}</title></head><body><h1>{}</h1><p>{}</p></body></html>",
        title,
        title,
        detail,
    )
    return HttpResponse(page, status=status)


def forget_connections() -> None:
    """Close the pool of this process, so that the next request makes fresh connections at once.

    Left to itself the pool would wait longer and longer between its attempts while the server is away.
    """
    connection = connections["default"]
    with contextlib.suppress(Exception):  # the connection is lost, whatever closing it says
        connection.close()
    with contextlib.suppress(KeyError):  # another thread was first
        connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend
