"""Addresses of the pages of connections, below ``/desk``."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.desk.views.connections import channels, hub, mine, webhooks

patterns = [
    path("connections", hub.hub, name="connections"),
    path("connections/messages", hub.log, name="connections-messages"),
    path("connections/again", hub.again, name="connections-again"),
    path("connections/webhooks/new", webhooks.new, name="webhook-new"),
    path("connections/webhooks/<uuid:webhook>", webhooks.one, name="webhook"),
    path("connections/webhooks/<uuid:webhook>/change", webhooks.change, name="webhook-change"),
    path("connections/webhooks/<uuid:webhook>/<slug:verb>", webhooks.act, name="webhook-act"),
    path("connections/channels/new/<slug:kind>", channels.new, name="channel-new"),
    path("connections/channels/<uuid:channel>", channels.one, name="channel"),
    path("connections/channels/<uuid:channel>/<slug:verb>", channels.act, name="channel-act"),
    path("notices/mine", mine.mine, name="notices-mine"),
    path("notices/mine/<uuid:channel>/<slug:verb>", mine.act, name="notices-mine-act"),
]
