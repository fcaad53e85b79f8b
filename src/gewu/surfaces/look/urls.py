"""Addresses of the look itself."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.look import views

app_name = "look"
urlpatterns = [path("theme", views.theme, name="theme")]
