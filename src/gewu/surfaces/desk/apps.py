"""The desk as a Django application."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Joins rooms that do not know each other: a case on which a score is appealed is held."""

    name = "gewu.surfaces.desk"
    label = "desk"

    def ready(self) -> None:
        """Tell keeping of open appeals."""
        from gewu.keeping.holds import register_hold

        register_hold("score appeals", _under_appeal)


def _under_appeal(district_id: int, records: Sequence[UUID]) -> set[UUID]:
    """Those of these cases on which an appeal of evaluation is open."""
    from gewu.evaluation.models import Appeal

    open_ones = Appeal.objects.filter(
        district_id=district_id, case_id__in=list(records), granted_at=None, rejected_at=None
    )
    return {case_id for case_id in open_ones.values_list("case_id", flat=True) if case_id is not None}
