"""The Django application: imports."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "gewu.imports"
    label = "imports"
    verbose_name = "Imports"
