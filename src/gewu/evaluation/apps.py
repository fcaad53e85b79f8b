"""The Django application of evaluation: registers its rows, its files in packs and its daily work when it starts."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "gewu.evaluation"
    label = "evaluation"
    verbose_name = "Evaluation"

    def ready(self) -> None:
        from gewu.evaluation.appeals import KIND, AppealProjection
        from gewu.evaluation.facts import FactProjection
        from gewu.evaluation.packfiles import DefinitionFiles
        from gewu.evaluation.recurrence import refresh_daily
        from gewu.ledger.projections import register
        from gewu.ledger.ticker import register_daily
        from gewu.registry.packs.extras import register_extra

        register("case", FactProjection())
        register(KIND, AppealProjection())
        register_extra(DefinitionFiles())
        register_daily("recurrence", refresh_daily)
