"""The mark of a district in which records were made up: once set it stays, and every page shows it."""

from __future__ import annotations

from django.db import transaction

from gewu.registry import versions
from gewu.registry.directory import held_districts
from gewu.registry.models import District


def mark_synthetic(district_id: int) -> bool:
    """Say of a district that records in it are made up. Returns whether that is new."""
    with transaction.atomic():
        new = District.objects.filter(pk=district_id, synthetic=False).update(synthetic=True) == 1
        if new:
            versions.bump()
    return new


def synthetic_names(language: str) -> list[str]:
    """The names of the districts with made-up records, as far as this process works with them; no statement."""
    return [one.name(language) for one in held_districts() if one.synthetic]
