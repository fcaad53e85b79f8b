"""Changing one's own password."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language

from gewu.registry import sessions
from gewu.registry.models import Person
from gewu.registry.people import authenticate, set_password
from gewu.surfaces.signin import door
from gewu.surfaces.throttle import budgets


class WrongPassword(Exception):
    """The password that holds is another one."""


def hint() -> str:
    """What a new password must be, in one line in the reader's language."""
    return ("" if (get_language() or "").startswith("zh") else " ").join(password_validators_help_texts())


def change(request: HttpRequest, person: Person, old: str, new: str) -> list[str]:
    """Give the person who asks another password and end their other sessions.

    Returns what is wrong with the new password, as sentences; then nothing was changed. Raises ``WrongPassword`` and
    ``budgets.TooMany``: whoever found an open session may not guess at the password either.
    """
    budgets.spend_login(request, person.login)
    if authenticate(person.login, old) != person:
        raise WrongPassword
    budgets.forgive_login(request, person.login)
    try:
        validate_password(new, person)
    except ValidationError as error:
        return list(error.messages)
    key = request.session.session_key
    since = next((one.since for one in sessions.sessions_of(person, key) if one.current), None)
    set_password(person.login, new, keep=key)
    person.refresh_from_db()
    update_session_auth_hash(request, person)
    door.remember(request, person, since)
    return []
