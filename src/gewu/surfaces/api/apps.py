"""The Django application of the API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "gewu.surfaces.api"
    label = "api"
    verbose_name = "API"
