"""Doors to other systems: webhooks and notification channels, behind one egress."""
