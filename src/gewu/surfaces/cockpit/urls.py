"""Addresses of the cockpit."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.cockpit import files, records, views

app_name = "cockpit"
urlpatterns = [
    path("", views.cockpit, name="cockpit"),
    path("wall", views.wall, name="wall"),
    path("records", records.records, name="records"),
    path("<slug:chart>.png", files.picture, name="picture"),
    path("<slug:chart>.xlsx", files.sheet, name="sheet"),
]
