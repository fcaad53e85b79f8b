"""The Django application that owns the one table of budgets."""

from __future__ import annotations

from django.apps import AppConfig


class ThrottleConfig(AppConfig):
    """Nothing to start."""

    name = "gewu.surfaces.throttle"
    label = "throttle"
