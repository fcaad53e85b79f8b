"""Sessions: one's own, those of the people of the district, and the password that all of them hang on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gewu.registry import sessions
from gewu.registry.models import Person
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.dates import span_words
from gewu.surfaces.look.forms import Field
from gewu.surfaces.signin import door, passwords
from gewu.surfaces.signin.devices import device_words
from gewu.surfaces.throttle import budgets

log = structlog.get_logger(__name__)
MAY_END = ("administrator",)


@dataclass(frozen=True, slots=True)
class Line:
    """A session as a page shows it."""

    id: UUID
    device: str
    since: datetime
    used_at: datetime
    current: bool


def lines_of(person: Person, current: str | None, language: str) -> list[Line]:
    """The sessions of a person, the one that asks first."""
    found = sessions.sessions_of(person, current)
    found.sort(key=lambda one: not one.current)
    return [Line(s.id, device_words(s.device, language), s.since, s.used_at, s.current) for s in found]


@never_cache
@desk_page()
@require_safe
def mine(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Where one is logged in."""
    door.remember(request, desk.person)
    lines = lines_of(desk.person, request.session.session_key, desk.language)
    context: dict[str, object] = {"lines": lines, "others": sum(not line.current for line in lines)}
    return page(request, desk, "desk/sessions.html", context)


@desk_page()
@require_POST
def end(request: HttpRequest, desk: Desk) -> HttpResponse:
    """End one of one's own sessions, or all others."""
    wanted = request.POST.get("session", "")
    if wanted == "others":
        _said(request, sessions.end_others(desk.person, request.session.session_key))
    else:
        _said(request, int(sessions.end(desk.person, _id(wanted))))
    return redirect("desk:sessions")


@never_cache
@desk_page(*MAY_END)
@require_safe
def people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who in the district is logged in; with ``login``, the sessions of that person."""
    login = request.GET.get("login", "").strip()[:64]
    person = sessions.person_of(desk.district_id, login)
    field = Field("login", _("Login"), value=login, required=True, attrs={"autocomplete": "off"})
    if login and person is None:
        field.error = _("Nobody in this district has this login.")
    chinese = desk.language.startswith("zh")
    context: dict[str, object] = {
        "field": field,
        "person": person,
        "person_name": ((person.name_zh if chinese else person.name_en) or person.login) if person else "",
        "lines": lines_of(person, request.session.session_key, desk.language) if person else [],
        "logged_in": [] if person else [(one, one.name(desk.language)) for one in sessions.logged_in(desk.district_id)],
    }
    return page(request, desk, "desk/sessions_people.html", context, status=422 if field.error else 200)


@desk_page(*MAY_END)
@require_POST
def end_of(request: HttpRequest, desk: Desk) -> HttpResponse:
    """End a session of somebody in the district, or all of them."""
    person = sessions.person_of(desk.district_id, request.POST.get("login", ""))
    if person is None:
        raise Http404
    wanted = request.POST.get("session", "")
    count = sessions.end_others(person) if wanted == "all" else int(sessions.end(person, _id(wanted)))
    log.info("sessions ended", login=person.login, count=count, by=desk.person.login, post=desk.post.post_code)
    if person == desk.person:
        return redirect("desk:home")  # perhaps their own: then the login page comes
    _said(request, count)
    return redirect(f"{request.path.removesuffix('/end')}?login={person.login}")


def _said(request: HttpRequest, count: int) -> None:
    if count:
        text = ngettext("The session is ended.", "%(n)d sessions are ended.", count) % {"n": count}
        messages.success(request, text)
    else:
        messages.info(request, _("There was nothing to end any more."))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


@never_cache
@sensitive_post_parameters()
@desk_page(with_first_password=True)
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Change one's own password. All other sessions end."""
    old, new, again = (
        Field("old", _("The password until now"), "password", required=True,
              attrs={"autocomplete": "current-password"}),
        Field("new", _("The new password"), "password", required=True, attrs={"autocomplete": "new-password"},
              hint=passwords.hint()),
        Field("again", _("The new password once more"), "password", required=True,
              attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 422
        given = request.POST.get("new", "")
        try:
            if given != request.POST.get("again"):
                again.error = _("This is not the same as the new password.")
            elif not (faults := passwords.change(request, desk.person, request.POST.get("old", ""), given)):
                messages.success(request, _("The new password holds from now on. All other sessions are ended."))
                return redirect("desk:sessions")
            else:
                new.error = " ".join(faults)
        except passwords.WrongPassword:
            old.error = _("This is not your password. Capital letters count.")
        except budgets.TooMany as error:
            wait = span_words(error.seconds, desk.language)
            old.error, status = _("Too many attempts. Wait %(time)s, then try again.") % {"time": wait}, 429
    fields = [old, new, again]
    context: dict[str, object] = {"fields": fields, "faulty": [field for field in fields if field.error]}
    return page(request, desk, "desk/password.html", context, status=status)
