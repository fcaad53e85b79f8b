"""To the provider of logins, and back."""

from __future__ import annotations

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gewu.surfaces.desk.views.login import enter_by, login_page, target_of
from gewu.surfaces.desk.who import language
from gewu.surfaces.look.dates import span_words
from gewu.surfaces.signin import oidc
from gewu.surfaces.throttle import budgets

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    at = _provider()
    try:
        budgets.spend_here(request, budgets.ADDRESS)
        return redirect(oidc.leave(request, at, _back(request), target_of(request)))
    except oidc.Fault as fault:
        return _failed(request, fault)
    except budgets.TooMany as error:
        return _wait(request, error)


@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Take who comes back from the provider."""
    at = _provider()
    try:
        budgets.spend_here(request, budgets.ADDRESS)
        person, target = oidc.come_back(request, at, _back(request))
    except oidc.Fault as fault:
        return _failed(request, fault)
    except budgets.TooMany as error:
        return _wait(request, error)
    return enter_by(request, person, target)


def _provider() -> oidc.Provider:
    at = oidc.provider()
    if at is None:
        raise Http404
    return at


def _back(request: HttpRequest) -> str:
    return oidc.back_address(request, reverse("desk:oidc-back"))


def _failed(request: HttpRequest, fault: oidc.Fault) -> HttpResponse:
    log.warning("login by the provider failed", code=fault.code, why=str(fault))
    words = {
        "away": _("The login service does not answer. Try again in some minutes, or log in with your password."),
        "denied": _("The login service did not confirm who you are. Try again, or log in with your password."),
        "state": _("This login was begun elsewhere, used before, or took too long. Begin again on this page."),
        "token": _("What the login service said cannot be trusted. You were not let in; tell those who run Gewu."),
        "nobody": _("The login service knows you, but nobody has this login here. Ask the people who run this system."),
    }  # fmt: skip
    return login_page(request, words[fault.code], 502 if fault.code == "away" else 403)


def _wait(request: HttpRequest, error: budgets.TooMany) -> HttpResponse:
    span = span_words(error.seconds, language())
    return login_page(request, _("Too many attempts. Wait %(time)s, then try again.") % {"time": span}, 429)
