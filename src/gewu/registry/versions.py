"""The number that tells every process to build its snapshot again."""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from gewu.registry.models import RegistryVersion


def current() -> int:
    """The registry's version in the database; 0 before the first load."""
    return RegistryVersion.objects.filter(pk=1).values_list("version", flat=True).first() or 0


def bump() -> None:
    """Move the version on, inside the caller's transaction."""
    if not RegistryVersion.objects.filter(pk=1).update(version=F("version") + 1, changed_at=timezone.now()):
        RegistryVersion.objects.get_or_create(pk=1, defaults={"version": 1})
