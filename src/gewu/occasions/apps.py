"""The Django application of the room: registers its tables, its files in packs, and how it follows cases."""

from django.apps import AppConfig


class OccasionsConfig(AppConfig):
    name = "gewu.occasions"
    label = "occasions"
    verbose_name = "Occasions"

    def ready(self) -> None:
        from gewu.ledger.listeners import register_listener
        from gewu.ledger.outbox.messages import register_channel
        from gewu.ledger.projections import register, register_journal
        from gewu.ledger.ticker import register_daily
        from gewu.occasions import following, obligations, referrals
        from gewu.occasions.journals import JOURNALS
        from gewu.occasions.kinds import KIND
        from gewu.occasions.measures import measure_files
        from gewu.occasions.programmes import programme_files
        from gewu.occasions.projection import OccasionProjection
        from gewu.registry.packs.extras import register_extra

        register(KIND, OccasionProjection())
        for journal in JOURNALS:
            register_journal(KIND, journal)
        register_extra(programme_files())
        register_extra(measure_files())
        register_listener(following.listen)
        register_channel(following.TOPIC, following.hear)
        register_listener(referrals.listen)
        register_channel(referrals.TOPIC, referrals.hear)
        register_daily("occasions.cases", following.catch_up)
        register_daily("occasions.referrals", referrals.catch_up)
        register_daily("occasions.decisions", referrals.tell_late)
        register_daily("occasions.obligations", obligations.remind)
