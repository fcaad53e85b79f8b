"""The Django application of rounds and honours; registers its projection and journals with the ledger."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "gewu.assessments"
    label = "assessments"
    verbose_name = "Assessments"

    def ready(self) -> None:
        from gewu.assessments.kinds import KIND
        from gewu.assessments.projection import EntryJournal, RoundProjection, ServiceJournal
        from gewu.ledger.projections import register, register_journal

        register(KIND, RoundProjection())
        register_journal(KIND, EntryJournal())
        register_journal(KIND, ServiceJournal())
