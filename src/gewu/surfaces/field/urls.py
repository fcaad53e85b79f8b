"""Addresses of the field."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.field import views

app_name = "field"
urlpatterns = [
    path("", views.field, name="field"),
    path("worker.js", views.worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
