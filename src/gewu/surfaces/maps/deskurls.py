"""Addresses of maps for people at a post, below those of the desk."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.maps import views

patterns = [
    path("maps/<slug:code>/map.json", views.desk_description, name="maps-map"),
    path("maps/<slug:code>/shapes/<slug:part>", views.desk_shape, name="maps-shape"),
    path("maps/<slug:code>/shapes/<slug:part>/<slug:street>", views.desk_shape, name="maps-grids"),
    path("maps/<slug:code>/tiles/<int:layer>/<int:z>/<int:x>/<int:y>", views.desk_tile, name="maps-tile"),
]
