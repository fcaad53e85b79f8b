"""The field as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class FieldConfig(AppConfig):
    """Nothing to start; its templates and files are found by name."""

    name = "gewu.surfaces.field"
    label = "field"
