"""The Django application: keeping."""

from django.apps import AppConfig


class KeepingConfig(AppConfig):
    name = "gewu.keeping"
    label = "keeping"
    verbose_name = "Keeping"

    def ready(self) -> None:
        """Watch erasings for holds, the journal and released photos; publish seals and keep the schedule once a day."""
        from gewu.keeping import erasures, holds, releases, retention, seals
        from gewu.ledger.erasure import follow, watch
        from gewu.ledger.ticker import register_daily

        watch(holds.guard)
        watch(erasures.note)
        follow(releases.forget)
        register_daily("seals", seals.daily)
        register_daily("retention", retention.daily)
