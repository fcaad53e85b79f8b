"""The desk as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Nothing to start."""

    name = "gewu.surfaces.desk"
    label = "desk"
