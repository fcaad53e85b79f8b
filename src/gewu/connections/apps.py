"""The Django application: connections."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "gewu.connections"
    label = "connections"
    verbose_name = "Connections"
