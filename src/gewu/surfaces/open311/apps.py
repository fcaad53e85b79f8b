"""Open311 as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class Open311Config(AppConfig):
    """Nothing to start."""

    name = "gewu.surfaces.open311"
    label = "open311"
