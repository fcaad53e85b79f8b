"""The Django application: evaluation."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "gewu.evaluation"
    label = "evaluation"
    verbose_name = "Evaluation"
