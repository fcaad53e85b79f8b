"""The number that tells every process to build its snapshot again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gewu.registry.models import RegistryVersion

Stamp = tuple[int, datetime | None]
_listeners: list[Callable[[], None]] = []


def stamp() -> Stamp:
    """The registry's version in the database and when it moved; (0, None) before the first load."""
    found = RegistryVersion.objects.filter(pk=1).values_list("version", "changed_at").first()
    return found or (0, None)


def on_bump(listener: Callable[[], None]) -> None:
    """Call ``listener`` in this process whenever a change of the registry is committed here."""
    _listeners.append(listener)


def bump() -> None:
    """Move the version on, inside the caller's transaction."""
    if not RegistryVersion.objects.filter(pk=1).update(version=F("version") + 1, changed_at=timezone.now()):
        RegistryVersion.objects.get_or_create(pk=1, defaults={"version": 1})
    transaction.on_commit(_tell)


def _tell() -> None:
    for listener in _listeners:
        listener()
