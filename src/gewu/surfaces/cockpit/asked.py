"""What the cockpit is asked for: which month, which street; who may ask, and of which territory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from gewu.core.places import PlaceLevel
from gewu.evaluation import api
from gewu.evaluation.api import Period, Where
from gewu.surfaces.desk.views.evaluation.asked import period_of, territory
from gewu.surfaces.desk.who import Desk, desk_page

DAYS = 30
"""How many days the line of the running month shows."""
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Desk, P], HttpResponse]


def cockpit_page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a view be called by those who lead or look at figures only."""

    @wraps(view)
    def guarded(request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not desk.leads:
            raise PermissionDenied(_("The cockpit is not for the post “%(post)s”.") % {"post": desk.name})
        return view(request, desk, *args, **kwargs)

    return desk_page()(guarded)


@dataclass(frozen=True, slots=True)
class Asked:
    """A month and a part of the post's territory. ``street`` is empty for all of it."""

    period: Period
    street: str
    where: Where
    running: bool
    """Whether the month is the running one."""
    today: date

    @property
    def query(self) -> dict[str, str]:
        """The same question as a query string has it."""
        found = {} if self.running else {"month": self.period.code}
        return {**found, "street": self.street} if self.street else found

    def days(self, zone: str) -> list[Period]:
        """The days of the line: those of a month that is over, else the last thirty."""
        if self.running:
            listed = [self.today - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
        else:
            year, number = (int(part) for part in self.period.code.split("-"))
            first = date(year, number, 1)
            listed = [d for n in range(31) if (d := first + timedelta(days=n)).month == number]
        return [api.days(zone, day, day, day.isoformat()) for day in listed]


def asked_of(request: HttpRequest, desk: Desk) -> tuple[Asked, list[str]]:
    """The question of a request, and what of it was not understood. Raises ``PermissionDenied`` without a territory."""
    errors: list[str] = []
    zone, today = desk.directory.district.timezone, timezone.localdate()
    running = api.month(zone, today.year, today.month)
    text = request.GET.get("month", "").strip()
    period = period_of(text, zone) if len(text) == len("2026-11") else None
    if period is None or period.start > running.start:
        if text:
            errors.append(_("Month: a past month or this one, for example 2026-11."))
        period = running
    allowed = territory(desk)
    street = request.GET.get("street", "")
    if street and street not in streets(desk):
        errors.append(_("Street: choose one of the list."))
        street = ""
    return Asked(period, street, narrowed(allowed, street), period.code == running.code, today), errors


def streets(desk: Desk) -> list[str]:
    """Codes of the streets of which the post's territory has a part, in the order of codes."""
    prefixes = territory(desk).places
    return sorted(
        place.code
        for place in desk.directory.places.values()
        if place.active
        and len(place.code) == PlaceLevel.STREET.digits
        and (not prefixes or any(place.code.startswith(p) or p.startswith(place.code) for p in prefixes))
    )


def narrowed(allowed: Where, street: str) -> Where:
    """The part of a territory that lies in a street."""
    if not street:
        return allowed
    if not allowed.places or any(street.startswith(prefix) for prefix in allowed.places):
        return Where(places=(street,))
    return Where(places=tuple(prefix for prefix in allowed.places if prefix.startswith(street)))
