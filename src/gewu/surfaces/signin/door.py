"""Beginning a session, and remembering that it was used."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from gewu.home.middleware import GetResponse, comes_with_token
from gewu.registry import sessions
from gewu.registry.models import Person

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(request: HttpRequest, person: Person) -> None:
    """Log a person in, under a new session key."""
    login(request, person, backend=_BACKEND)
    remember(request, person)


def remember(request: HttpRequest, person: Person, since: datetime | None = None) -> None:
    """Write down that the session of this request was used, at most once a minute.

    ``since`` is when the session began that this one goes on.
    """
    key = request.session.session_key
    if key:
        sessions.note(key, person.pk, sessions.device_of(request.headers.get("User-Agent", "")), since)


class UsedMiddleware:
    """Writes down when a session was last used. Stands inside the middleware of sessions and authentication."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; only when the answer asked who it is does a session count as used."""
        response = self.get_response(request)
        person = getattr(request, "_cached_user", None)
        if isinstance(person, Person) and not comes_with_token(request):
            remember(request, person)
        return response
