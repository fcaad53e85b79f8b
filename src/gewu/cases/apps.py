"""The Django application of cases; registers its projection with the ledger when it starts."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "gewu.cases"
    label = "cases"
    verbose_name = "Cases"

    def ready(self) -> None:
        from gewu.cases.projection import CaseProjection
        from gewu.ledger.projections import register

        register("case", CaseProjection())
