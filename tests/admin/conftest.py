"""An administrator at the desk whose session has shown a second factor; what a test changes is put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from desk.conftest import Seat, Sit
from desk.conftest import sit as sit
from gewu.registry import models as m
from gewu.registry.overrides import end_override
from gewu.registry.packs.standing import added_by
from gewu.registry.versions import bump
from gewu.surfaces.signin.secondfactor import SESSION_MARK
from support.district import CODE

Administer = Callable[..., Seat]


@pytest.fixture
def administer(sit: Sit) -> Administer:
    """``administer(language=...)``: the administrator, with the second factor shown."""

    def seat(language: str = "en") -> Seat:
        found = sit("administrator", language=language)
        session = found.client.session
        session[SESSION_MARK] = True
        session.save()
        return found

    return seat


@pytest.fixture(autouse=True)
def _as_before(db: object) -> Iterator[None]:
    people = set(m.Person.objects.values_list("pk", flat=True))
    yield
    district = m.District.objects.get(code=CODE)
    for override in m.Override.objects.filter(ended_at=None, made_by__isnull=False):
        end_override(override)
    m.Override.objects.filter(made_by__isnull=False).delete()
    m.Shift.objects.all().delete()
    m.Change.objects.all().delete()
    for model in (m.ResponsibilityRule, m.Post, m.Unit, m.CalendarDay, m.HolidayYear):
        model.objects.filter(pack=added_by(district)).delete()
    m.Person.objects.exclude(pk__in=people).delete()
    m.Person.objects.update(is_active=True, first_password_until=None, failed_logins=0)
    bump()
