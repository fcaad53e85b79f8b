"""Middleware: security headers for all, and a slim path for programs that come with a token.

Session, CSRF, authentication and messages cost a third of a small request. A request under `/api/` with
`Authorization: Bearer` skips them all together: as no session is read, no cookie can act for it, so no CSRF check is
needed either. `request.user` is not set there; the API reads the token itself. Open311 knows no sessions:
it is always slim.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import csrf

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def comes_with_token(request: HttpRequest) -> bool:
    """Tell whether a request takes the slim path: it is for the API and carries a bearer token, or is for Open311."""
    if request.path_info.startswith("/open311/"):
        return True
    return request.path_info.startswith("/api/") and request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "


class SessionMiddleware(sessions.SessionMiddleware):
    """Sessions, but not for requests with a token."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.session`; without it nothing is saved on the way out either."""
        if not comes_with_token(request):
            super().process_request(request)


class AuthenticationMiddleware(auth.AuthenticationMiddleware):
    """`request.user` from the session, but not for requests with a token."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user`."""
        if not comes_with_token(request):
            super().process_request(request)


class MessageMiddleware(messages.MessageMiddleware):
    """Messages to people, but not for requests with a token."""

    def process_request(self, request: HttpRequest) -> None:
        """Make room for messages."""
        if not comes_with_token(request):
            super().process_request(request)


class CsrfMiddleware(csrf.CsrfViewMiddleware):
    """CSRF checks for everything that acts with a session cookie."""

    def process_request(self, request: HttpRequest) -> None:
        """Read the CSRF cookie."""
        if not comes_with_token(request):
            super().process_request(request)

    def process_view(
        self, request: HttpRequest, callback: Any, callback_args: tuple[Any, ...], callback_kwargs: dict[str, Any]
    ) -> Any:
        """Check the request before its view runs."""
        if comes_with_token(request):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class ContentSecurityMiddleware:
    """The Content-Security-Policy header on every answer that has none of its own."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response
