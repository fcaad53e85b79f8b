"""Between password and second factor: who has shown the one and not yet the other."""

from __future__ import annotations

import time

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from gewu.registry.models import Person

_KEY = "signin_waiting"
_SECONDS = 600


def put(request: HttpRequest, person: Person) -> None:
    """Let this browser bring the code within ten minutes. Nobody is logged in yet."""
    request.session.cycle_key()
    request.session[_KEY] = [person.pk, person.get_session_auth_hash(), int(time.time()) + _SECONDS]


def get(request: HttpRequest) -> Person | None:
    """Who waits, if the time is not over and the password is still the same."""
    found = request.session.get(_KEY)
    if not isinstance(found, list) or time.time() > found[2]:
        return None
    person = Person.objects.filter(pk=found[0], is_active=True).first()
    return person if person is not None and constant_time_compare(found[1], person.get_session_auth_hash()) else None


def drop(request: HttpRequest) -> None:
    """Nobody waits any more."""
    request.session.pop(_KEY, None)
