"""Which departments work with which task force on a day."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from gewu.registry.models import Pairing


def on(district_id: int, day: date | None) -> list[Pairing]:
    """Pairings that hold on a day, or all that ever were when no day is given: one statement."""
    rows = Pairing.objects.filter(district_id=district_id)
    if day is not None:
        rows = rows.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day), retired_on=None
        )
    return list(rows.order_by("task_force", "department", "valid_from"))


def paired(district_id: int, task_force: str, department: str, day: date) -> bool:
    """Whether the two work together on a day."""
    return any((row.task_force, row.department) == (task_force, department) for row in on(district_id, day))
