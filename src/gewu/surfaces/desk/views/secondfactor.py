"""One's own second factor: switched on with a telephone, renewed, switched off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gewu.registry.people import authenticate
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.dates import span_words
from gewu.surfaces.look.forms import Field
from gewu.surfaces.signin import secondfactor
from gewu.surfaces.throttle import budgets


@never_cache
@sensitive_post_parameters()
@desk_page(without_second_factor=True)
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is switched on, and the step that comes next. Recovery codes and the secret are on the page this once."""
    if request.method == "GET":
        return _show(request, desk)
    verb = request.POST.get("verb", "")
    try:
        return _act(request, desk, verb)
    except budgets.TooMany as error:
        span = span_words(error.seconds, desk.language)
        return _show(request, desk, verb, _("Too many attempts. Wait %(time)s, then try again.") % {"time": span}, 429)


def _act(request: HttpRequest, desk: Desk, verb: str) -> HttpResponse:
    person, code = desk.person, request.POST.get("code", "")
    wrong = _("This code does not hold, or was used before. Wait for the next one and type that.")
    match verb:
        case "start":
            # An open session that somebody found is not enough to lock its owner out.
            if person.has_usable_password():
                budgets.spend_login(request, person.login)
                if authenticate(person.login, request.POST.get("password", "")) != person:
                    return _show(request, desk, verb, _("This is not your password. Capital letters count."))
                budgets.forgive_login(request, person.login)
            secondfactor.start(person)
        case "confirm":
            codes = secondfactor.confirm(request, person, code)
            return _show(request, desk, codes=codes) if codes else _show(request, desk, verb, wrong)
        case "codes":
            codes = secondfactor.renew_codes(person, code)
            return _show(request, desk, codes=codes) if codes else _show(request, desk, verb, wrong)
        case "off":
            if not secondfactor.switch_off(request, person, code):
                return _show(request, desk, verb, wrong)
            messages.success(request, _("The second factor is switched off."))
        case _:
            return _show(request, desk)
    return redirect("desk:second-factor")


def _show(
    request: HttpRequest, desk: Desk, verb: str = "", error: str = "", status: int = 422, codes: list[str] | None = None
) -> HttpResponse:
    state = secondfactor.state_of(desk.person)

    def code_field(name: str) -> Field:
        attrs = {"autocomplete": "one-time-code", "maxlength": "40", "spellcheck": "false"}
        hint = _("Six digits from the app.") if name == "confirm" else _("Six digits from the app, or a recovery code.")
        fault = error if verb == name else ""
        return Field("code", _("One-time code"), required=True, attrs=attrs, prefix=name, error=fault, hint=hint)

    attrs = {"autocomplete": "current-password"}
    fault = error if verb == "start" else ""
    context: dict[str, object] = {
        "state": state,
        "secret": secondfactor.shown(desk.person) if state.begun and state.since is None else None,
        "codes": codes,
        "required": secondfactor.required_for(desk.post),
        "password": Field("password", _("Your password"), "password", required=True, attrs=attrs, error=fault)
        if desk.person.has_usable_password()
        else None,
        "confirm": code_field("confirm"),
        "renew": code_field("codes"),
        "off": code_field("off"),
    }
    return page(request, desk, "desk/second_factor.html", context, status=status if error else 200)
