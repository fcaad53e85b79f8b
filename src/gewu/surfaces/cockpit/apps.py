"""The cockpit as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CockpitConfig(AppConfig):
    """Nothing to start; its templates and files are found by name."""

    name = "gewu.surfaces.cockpit"
    label = "cockpit"
