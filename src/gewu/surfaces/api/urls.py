"""The addresses under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.api.main import api

urlpatterns = [path("", api.urls)]
