"""The Django application: papers."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "gewu.papers"
    label = "papers"
    verbose_name = "Papers"
