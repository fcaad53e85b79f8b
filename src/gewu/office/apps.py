"""The Django application: office registers."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "gewu.office"
    label = "office"
    verbose_name = "Office registers"
