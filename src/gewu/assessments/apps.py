"""The Django application of the room."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "gewu.assessments"
    label = "assessments"
    verbose_name = "Assessments"
