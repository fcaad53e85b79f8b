"""The Django application of the room."""

from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "gewu.enforcement"
    label = "enforcement"
    verbose_name = "Enforcement"
