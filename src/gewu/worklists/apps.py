"""The Django application of saved views and sheets of queues."""

from django.apps import AppConfig


class WorklistsConfig(AppConfig):
    name = "gewu.worklists"
    label = "worklists"
    verbose_name = "Worklists"
