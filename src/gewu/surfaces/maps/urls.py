"""Addresses of maps that anybody may look at."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.maps import views

app_name = "maps"
urlpatterns = [
    path("<slug:code>/map.json", views.description, name="map"),
    path("<slug:code>/shapes/<slug:part>", views.shape, name="shape"),
    path("<slug:code>/tiles/<int:layer>/<int:z>/<int:x>/<int:y>", views.tile, name="tile"),
]
