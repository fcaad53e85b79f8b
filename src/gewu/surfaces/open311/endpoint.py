"""What holds at every address: format, jurisdiction, language, limits, errors, and reading across origins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from gewu.ledger.attachments import MAX_BYTES
from gewu.registry.directory import Directory, get_directory
from gewu.surfaces.open311.faults import Fault, fault_of
from gewu.surfaces.open311.formats import Answer, format_of, render
from gewu.surfaces.public.site import MAX_PHOTOS, served
from gewu.surfaces.throttle import budgets

MAX_BODY = MAX_PHOTOS * MAX_BYTES + 256 * 1024
"""Bytes of a request with as many photos as are taken, and its words."""
READ = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a jurisdiction. ``params`` are those of the address."""

    request: HttpRequest
    directory: Directory
    language: str
    params: QueryDict

    @property
    def district_id(self) -> int:
        return self.directory.district.id

    def instant(self, at: datetime | None) -> str | None:
        """ISO 8601 with the zone of the district."""
        zone = ZoneInfo(self.directory.district.timezone)
        return at.astimezone(zone).isoformat(timespec="seconds") if at else None


View = Callable[..., Answer]


def endpoint(
    *, keep: int = 0, post: View | None = None, everywhere: bool = False
) -> Callable[[View], Callable[..., HttpResponse]]:
    """Make a Django view of a question.

    ``keep``: seconds in caches. ``post`` answers POST at the same address. ``everywhere``: about no jurisdiction.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, *, extension: str = "", **kwargs: str) -> HttpResponse:
            form = format_of(request, extension)
            reads = request.method != "POST"
            language = _wanted_language(request) or settings.LANGUAGE_CODE
            headers = {"Cache-Control": f"public, max-age={keep}" if keep else "no-store"}
            try:
                with translation.override(language):
                    answer = _early(request, form, post)
                if answer is None:
                    if reads:
                        budgets.spend_here(request, budgets.OPEN311_READ)
                    with translation.override(language):
                        directory = jurisdictions()[0] if everywhere else jurisdiction(_jurisdiction_id(request))
                    language = _wanted_language(request) or ("zh-hans" if _is_chinese(directory) else "en")
                    asked = Asked(request, directory, language, request.GET)
                    with translation.override(language):
                        answer = view(asked, **kwargs) if reads or post is None else post(asked, **kwargs)
            except Exception as error:
                with translation.override(language):
                    answer = fault_of(error, f"{request.method} {request.path}").answer
            response = (
                HttpResponse(status=204)
                if request.method == "OPTIONS"
                else render(answer, form or format_of(request, ""))
            )
            for name, value in {**headers, **answer.headers}.items():
                response.headers[name] = value
            if answer.status >= 400:
                response.headers["Cache-Control"] = "no-store"
            response.headers["Content-Language"] = language
            if reads:
                response.headers["Access-Control-Allow-Origin"] = "*"
            patch_vary_headers(response, ("Accept", "Accept-Language"))
            return response

        exempt: Callable[..., HttpResponse] = csrf_exempt(inner)
        return exempt

    return decorate


def _early(request: HttpRequest, form: str, post: View | None) -> Answer | None:
    """What can be said before anything is read."""
    allowed = ", ".join((*READ, "OPTIONS", *(("POST",) if post else ())))
    if not form:
        raise Fault(400, _("This format is not offered. End the address with .xml or .json."))
    if request.method == "OPTIONS":
        return Answer("", None, 204, {"Allow": allowed, "Access-Control-Allow-Methods": ", ".join(READ)})
    if request.method not in READ and not (post and request.method == "POST"):
        text = _("This address answers %(methods)s.") % {"methods": allowed}
        raise Fault(405, text, headers={"Allow": allowed})
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if "HTTP_TRANSFER_ENCODING" in request.META or not length.isdigit():
        raise Fault(400, _("Send the length of the body as Content-Length."))
    if int(length) > MAX_BODY:
        raise Fault(413, _("The body is too large. Nothing was saved."))
    return None


# ---- jurisdiction and language


def names_of(directory: Directory, *, alone: bool) -> tuple[str, ...]:
    """What a jurisdiction may be called: its code and, when it is the only one here, the host of this installation."""
    names = [directory.district.code]
    host = (urlsplit(settings.PUBLIC_URL).hostname or "") if alone else ""
    if host:
        names += [host, host.removeprefix("www.")]
    return tuple(dict.fromkeys(names))


def jurisdictions() -> list[Directory]:
    """Every district that is served here. Raises ``Fault`` when there is none."""
    found = [get_directory(district) for district in served()]
    if not found:
        raise Fault(503, _("No district takes requests here at the moment."), headers={"Retry-After": "60"})
    return found


def jurisdiction(wanted: str) -> Directory:
    """The district that a question is about: needed only where there are several. Raises ``Fault``."""
    every = jurisdictions()
    known = ", ".join(d.district.code for d in every)
    if not wanted:
        if len(every) > 1:
            text = _("jurisdiction_id is missing. This address serves several: %(known)s.")
            raise Fault(400, text % {"known": known})
        return every[0]
    for directory in every:
        if wanted in names_of(directory, alone=len(every) == 1):
            return directory
    raise Fault(404, _("jurisdiction_id was not found. This address serves: %(known)s.") % {"known": known})


def _jurisdiction_id(request: HttpRequest) -> str:
    given = request.POST.get("jurisdiction_id", "") if request.method == "POST" else ""
    return (given or request.GET.get("jurisdiction_id", "")).strip()


def _is_chinese(directory: Directory) -> bool:
    return directory.district.language.startswith("zh")


def _wanted_language(request: HttpRequest) -> str:
    """The language that is asked for by ``lang`` or ``Accept-Language``; empty when none is."""
    lang = request.GET.get("lang", "").strip().lower()
    if lang.startswith("zh"):
        return "zh-hans"
    if lang.startswith("en"):
        return "en"
    if request.headers.get("Accept-Language", "").strip() in ("", "*"):
        return ""
    return translation.get_language_from_request(request)
