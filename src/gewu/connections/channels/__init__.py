"""Notification channels behind one port: each kind is a description, a check of its settings, and a way to send."""

from __future__ import annotations

from gewu.connections.channels.base import Kind, Letter, Setting, Way
from gewu.connections.channels.mail import MAIL
from gewu.connections.channels.robots import DINGTALK, WECOM
from gewu.connections.channels.sms import SMS

__all__ = ["KINDS", "Kind", "Letter", "Setting", "Way"]

KINDS: dict[str, Kind] = {kind.code: kind for kind in (MAIL, SMS, WECOM, DINGTALK)}
"""All kinds, by code."""
