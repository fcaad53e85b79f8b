"""The Django application: keeping."""

from django.apps import AppConfig


class KeepingConfig(AppConfig):
    name = "gewu.keeping"
    label = "keeping"
    verbose_name = "Keeping"

    def ready(self) -> None:
        """Watch erasings for holds and the journal; publish seals and keep the schedule once a day."""
        from gewu.keeping import erasures, holds, retention, seals
        from gewu.ledger.erasure import watch
        from gewu.ledger.ticker import register_daily

        watch(holds.guard)
        watch(erasures.note)
        register_daily("seals", seals.daily)
        register_daily("retention", retention.daily)
