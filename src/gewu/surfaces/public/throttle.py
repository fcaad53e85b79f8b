"""Limits for each address, counted in the database so that all web processes count together.

Whole mobile networks come from one address: the limits are for programs, not for people.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gewu.ledger.keys import keyed_hash
from gewu.surfaces.look.dates import span_words

KEEP = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``times`` in ``seconds`` from one address."""

    name: str
    times: int
    seconds: int


SEND = Limit("send", 30, 3600)
"""Reports that are sent."""
UPLOAD = Limit("upload", 150, 3600)
"""Forms with words or photos that are taken in before a report is sent."""
LOOK = Limit("look", 120, 600)
"""Numbers that are looked up."""
WRONG = Limit("wrong", 15, 600)
"""Wrong pairs of number and code. A code has 40 bits: guessing at this pace takes longer than the case."""
PICTURE = Limit("picture", 300, 600)
"""Photos that are made small for a page."""
SAY = Limit("say", 30, 3600)
"""Notes and opinions on a report."""


class TooOften(Exception):
    """The limit is used up; ``wait`` is how many seconds until it is new."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"too often; try again in {wait} s")
        self.wait = wait


def address_of(request: HttpRequest) -> str:
    """The address that is counted: a whole /64 for IPv6. Only a proxy that is said to stand before us is believed."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        # The last entry is the one that our own proxy wrote; those before it are whatever the visitor sent.
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or address
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def count(request: HttpRequest, limit: Limit) -> None:
    """Count one more. Raises ``TooOften`` when it is one too many.

    Whoever comes first in a span also clears away what is over: old counts, and sessions with their unsent drafts.
    """
    now, since = _window(limit)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public_knock AS k (key, since, times) VALUES (%s, %s, 1)"
            " ON CONFLICT (key, since) DO UPDATE SET times = k.times + 1 RETURNING times",
            [_key(request, limit), since],
        )
        times = int(cursor.fetchone()[0])
        if times == 1:
            cursor.execute("DELETE FROM public_knock WHERE since < %s", [now - KEEP])
            cursor.execute("DELETE FROM django_session WHERE expire_date < %s", [now])
    if times > limit.times:
        raise TooOften(_left(limit, now, since))


def check(request: HttpRequest, limit: Limit) -> None:
    """Raise ``TooOften`` when the limit is used up already, without counting."""
    now, since = _window(limit)
    with connection.cursor() as cursor:
        cursor.execute("SELECT times FROM public_knock WHERE key = %s AND since = %s", [_key(request, limit), since])
        row = cursor.fetchone()
    if row is not None and int(row[0]) >= limit.times:
        raise TooOften(_left(limit, now, since))


def _window(limit: Limit) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now, datetime.fromtimestamp(int(now.timestamp()) // limit.seconds * limit.seconds, UTC)


def _left(limit: Limit, now: datetime, since: datetime) -> int:
    return max(1, limit.seconds - int((now - since).total_seconds()))


def _key(request: HttpRequest, limit: Limit) -> bytes:
    return keyed_hash(f"knock/{limit.name}/{address_of(request)}".encode())[:16]


View = Callable[..., HttpResponse]


def polite(view: View) -> View:
    """Answer ``TooOften`` with a page that says when to come back and that nothing typed was lost."""

    @wraps(view)
    def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TooOften as error:
            detail = _("Too many requests came from your network. Please try again in %(span)s.") % {
                "span": span_words(error.wait + 59, get_language())
            }
            response = render(request, "public/too_often.html", {"detail": detail}, status=429)
            response.headers["Retry-After"] = str(error.wait)
            return response

    return inner
