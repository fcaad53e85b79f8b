"""The Django application of the room."""

from django.apps import AppConfig


class OccasionsConfig(AppConfig):
    name = "gewu.occasions"
    label = "occasions"
    verbose_name = "Occasions"
