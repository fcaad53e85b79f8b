"""What holds for every address under ``/api/v1``: bounded bodies, one shape of errors, nothing kept in caches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from gewu.ledger.attachments import MAX_BYTES
from gewu.surfaces.api.parsing import MAX_BODY
from gewu.surfaces.api.problems import ROOT, ProblemError, ProblemResponse, problem

MAX_UPLOAD = MAX_BYTES + 64 * 1024
"""A photo of the largest size with the wrapping of a multipart body."""
JSON = "application/json; charset=utf-8"
"""What operations answer with by themselves, e.g. a status that is not well."""
_DRAIN = 64 * 1024 * 1024
_CODES = {400: "bad_request", 401: "unauthenticated", 403: "csrf", 404: "no_address", 405: "method", 413: "too_large",
          503: "database_away"}  # fmt: skip


class ProblemMiddleware:
    """Refuses bodies that are too large before they are parsed, and gives every error the one shape."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if not request.path_info.startswith(ROOT):
            return self.get_response(request)
        response = self._refused(request) or self.get_response(request)
        own = isinstance(response, ProblemResponse) or response.headers.get("Content-Type", "") == JSON
        if response.status_code >= 400 and not own:
            response = self._as_problem(request, response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _refused(self, request: HttpRequest) -> HttpResponseBase | None:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return problem(request, ProblemError("bad_request"))
        if "HTTP_TRANSFER_ENCODING" in request.META:
            self._drain(request.META["wsgi.input"], _DRAIN)
            return problem(request, ProblemError("no_length"))
        multipart = request.META.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
        if length <= (MAX_UPLOAD if multipart else MAX_BODY):
            return None
        self._drain(request, min(length, _DRAIN))
        return problem(request, ProblemError("too_large"))

    def _drain(self, stream: Any, left: int) -> None:
        """Read what comes and keep nothing: who is cut off while sending never sees the answer."""
        while left > 0 and (got := len(stream.read(min(left, 1024 * 1024)))):
            left -= got

    def _as_problem(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        code = _CODES.get(response.status_code, "bad_request" if response.status_code < 500 else "server")
        headers = {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
        return problem(request, ProblemError(code, headers=headers))
