"""The Django application: keeping."""

from django.apps import AppConfig


class KeepingConfig(AppConfig):
    name = "gewu.keeping"
    label = "keeping"
    verbose_name = "Keeping"
