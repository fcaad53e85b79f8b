"""From what the rooms below raise to problems."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from gewu.cases.queries import BadCursor
from gewu.cases.services import UnknownPlace
from gewu.core.playbook.model import Playbook
from gewu.home.database import is_connection_loss
from gewu.home.errorpages import forget_connections
from gewu.ledger.attachments import BadAttachment
from gewu.ledger.errors import Busy, Conflict, LedgerError, Refused
from gewu.registry.directory import Directory
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces import words
from gewu.surfaces.api.problems import ProblemError, language_of, problem
from gewu.surfaces.throttle.budgets import TooMany

_log = logging.getLogger(__name__)
_FIELD_OF = {
    "outside_district": "position",
    "bad_position": "position",
    "unknown_place": "place",
    "bad_cursor": "after",
}
_PYDANTIC = {
    "missing": "required",
    "extra_forbidden": "unknown",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "control": "control",
    "date": "date",
    "enum": "choice",
    "literal_error": "choice",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
    "timezone_aware": "date",
    "datetime_parsing": "date",
    "datetime_from_date_parsing": "date",
    "date_from_datetime_parsing": "date",
    "date_parsing": "date",
}


def problem_of(
    error: Exception,
    language: str,
    playbook: Playbook | None = None,
    directory: Directory | None = None,
    move: str = "",
) -> ProblemError:
    """The problem for an error of the rooms below. With playbook and directory it names moves, roles and fields."""
    code = words.error_code(error)
    detail = words.error_text(error, language, playbook, directory, move)
    more: dict[str, Any] = {}
    found: list[tuple[str, str, str]] = []
    headers: dict[str, str] = {}
    if isinstance(error, Conflict):
        more["version"] = error.version
        headers["ETag"] = etag(error.version)
    elif isinstance(error, Refused):
        beside = {"reason", "photos", "target"}
        for fault in words.field_faults(error.refusal, playbook, move, language):
            name = fault.field if fault.field in beside else f"form.{fault.field}"
            found.append((name, fault.code, fault.message))
        if error.refusal.code == "needs_photos":
            missing = {str(role): int(n) for role, n in error.refusal.detail.items()}
            more["missing_photos"] = missing
            found.append(("photos", "required", detail))
    elif isinstance(error, Busy):
        headers["Retry-After"] = "1"
    elif code in _FIELD_OF:
        found.append((_FIELD_OF[code], code, detail))
    if isinstance(error, OutsideDistrict):
        more["distance_m"] = round(error.distance_m)
    if isinstance(error, BadAttachment):
        found.append(("photo", code, detail))
    return ProblemError(code, detail, errors=found, headers=headers, **more)


def etag(version: int) -> str:
    """The version of a case as an entity tag."""
    return f'"{version}"'


def invalid(request: HttpRequest, *faults: tuple[str, str]) -> ProblemError:
    """A problem with these (field, fault code)."""
    language = language_of(request)
    return ProblemError("invalid", errors=[(f, code, words.fault_text(code, language)) for f, code in faults])


def install(api: NinjaAPI) -> None:
    """Answer every exception with a problem."""
    for kind in (Exception, Http404, HttpError, ValidationError):  # the four that the framework answers by itself
        api.add_exception_handler(kind, _answer)


def _answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    match error:
        case ProblemError():
            return problem(request, error)
        case ValidationError():
            return _validation(request, error)
        case HttpError():
            return _http(request, error)
        case TooMany():
            headers = {"Retry-After": str(error.seconds)}
            return problem(request, ProblemError("throttled", headers=headers, seconds=error.seconds))
        case LedgerError() | OutsideDistrict() | BadPosition() | UnknownPlace() | BadCursor() | BadAttachment():
            return problem(request, problem_of(error, language_of(request)))
        case Http404():
            return problem(request, ProblemError("no_address"))
        case RequestDataTooBig():
            return problem(request, ProblemError("too_large"))
        case SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return problem(request, ProblemError("bad_request"))
        case DatabaseError() | InterfaceError() if is_connection_loss(error):
            forget_connections()
            return problem(request, ProblemError("database_away", headers={"Retry-After": "5"}))
    # A fault of ours: logged with its trace, told without it.
    _log.error("%s %s failed", request.method, request.path, exc_info=error if isinstance(error, Exception) else None)
    return problem(request, ProblemError("server"))


def _validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    language = language_of(request)
    found = []
    for fault in error.errors:
        code = _PYDANTIC.get(str(fault["type"]), "type")
        found.append((_field(fault), code, _message(code, fault.get("ctx") or {}, language)))
    return problem(request, ProblemError("invalid", errors=found))


def _field(fault: Mapping[str, Any]) -> str:
    """The dotted name of a field without the wrappings of the framework: ``position.lon``, ``photos.0.id``."""
    location = [str(part) for part in fault["loc"]]
    inner = [part for part in location[1:] if part not in ("body", "data", "query", "wanted")]
    return ".".join(inner) or location[0]


def _message(code: str, context: Mapping[str, Any], language: str) -> str:
    bounds = {"too_long": "max_length", "too_small": "ge", "too_large": "le"}
    if code in bounds and bounds[code] in context:
        return words.bound_text(code, context[bounds[code]], language)
    return words.fault_text(code, language)


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The framework wraps what the parser raised; an authentication error is its own."""
    if isinstance(error.__cause__, ProblemError):
        return problem(request, error.__cause__)
    if isinstance(error, AuthenticationError):
        return problem(request, ProblemError("unauthenticated"))
    codes = {400: "bad_json", 403: "csrf", 429: "throttled"}
    return problem(request, ProblemError(codes.get(error.status_code, "bad_request")))
