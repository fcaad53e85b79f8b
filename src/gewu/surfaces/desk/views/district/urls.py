"""Addresses of the district's own tables."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.desk.views.district import boards, bodies, devices, places

patterns = [
    path("district/buildings", places.overview, name="buildings"),
    path("district/buildings/<slug:code>", places.building, name="building"),
    path("district/party-chain", places.chain, name="chain"),
    path("district/boards", boards.overview, name="boards"),
    path("district/boards/<slug:code>", boards.board, name="board"),
    path("district/boards/<slug:code>/<slug:what>", boards.correct, name="board-correct"),
    path("district/devices", devices.overview, name="devices"),
    path("district/devices/list", devices.listed, name="device-list"),
    path("district/devices/alarms", devices.alarm_list, name="device-alarms"),
    path("district/devices/one/<str:code>", devices.one, name="device"),
    path("district/task-forces", bodies.paired, name="pairings"),
    path("district/items", bodies.items, name="items"),
    path("district/items/<str:code>", bodies.item, name="item"),
    path("district/bodies", bodies.bodies, name="bodies"),
    path("district/bodies/<str:code>", bodies.body, name="body"),
    path("district/acts", bodies.acts, name="acts"),
    path("district/acts/<int:act_id>", bodies.act, name="reform"),
]
