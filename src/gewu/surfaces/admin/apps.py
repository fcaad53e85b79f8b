"""The administration as a Django application."""

from __future__ import annotations

from datetime import datetime

from django.apps import AppConfig


class AdminConfig(AppConfig):
    """Carries planned changes out on their day."""

    name = "gewu.surfaces.admin"
    label = "admin"

    def ready(self) -> None:
        from gewu.ledger.ticker import register_daily
        from gewu.registry.administration import rosters
        from gewu.registry.directory import register_extra

        register_daily("administration", _planned)
        register_extra(rosters.EXTRA, rosters.read, rosters.stamp)


def _planned(district_id: int, now: datetime) -> None:
    from gewu.registry.administration.changes import do_due

    do_due(district_id, now)
