"""The Django application of cases; registers its projection and journals with the ledger when it starts."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "gewu.cases"
    label = "cases"
    verbose_name = "Cases"

    def ready(self) -> None:
        from gewu.cases.hops import HopJournal
        from gewu.cases.projection import CaseProjection
        from gewu.cases.words import CallerJournal, WordsJournal
        from gewu.ledger.projections import register, register_journal

        register("case", CaseProjection())
        register_journal("case", WordsJournal())
        register_journal("case", CallerJournal())
        register_journal("case", HopJournal())
