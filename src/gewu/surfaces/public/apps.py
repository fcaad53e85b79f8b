"""The public pages as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """Nothing to start."""

    name = "gewu.surfaces.public"
    label = "public"
    default_auto_field = "django.db.models.BigAutoField"
