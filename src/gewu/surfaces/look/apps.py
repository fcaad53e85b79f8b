"""The look as a Django application: templates, static files and template tags."""

from __future__ import annotations

from django.apps import AppConfig


class LookConfig(AppConfig):
    """Nothing to start; its templates and files are found by name."""

    name = "gewu.surfaces.look"
    label = "look"
