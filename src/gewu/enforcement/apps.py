"""The Django application of the room: its files in packs, and the daily look for work left with units that ended."""

from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "gewu.enforcement"
    label = "enforcement"
    verbose_name = "Enforcement"

    def ready(self) -> None:
        from gewu.enforcement.packfiles import ItemFiles
        from gewu.enforcement.settle import settle_daily
        from gewu.ledger.ticker import register_daily
        from gewu.registry.packs.extras import register_extra

        register_extra(ItemFiles())
        register_daily("reform", settle_daily)
