"""Maps as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class MapsConfig(AppConfig):
    """Nothing to start; its tag, files and words are found by name."""

    name = "gewu.surfaces.maps"
    label = "maps"
