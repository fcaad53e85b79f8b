"""Who is told of an event: the receivers its playbook names, and whoever listens from an upper floor.

A message is a row of the outbox, written in the transaction of its event; its id is the idempotency key towards its
destination.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gewu.ledger import rows
from gewu.ledger.projections import Change
from gewu.registry.directory import Directory

Told = tuple[str, str, dict[str, Any]]
"""Topic, destination and payload of a message. The payload is plain JSON without free words."""

Listener = Callable[[Directory, Change], Iterable[Told]]
_LISTENERS: list[Listener] = []


def register_listener(listener: Listener) -> None:
    """Ask at every event that is not mute for further messages. Called when an application starts.

    A listener must be quick and must not read the database: it runs inside the transaction, under the record's lock.
    """
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)


def heard(directory: Directory, change: Change) -> list[Told]:
    """All messages of one event: those of its playbook, in their order, then those of the listeners."""
    found: list[Told] = []
    for effect in change.event.effects:
        if effect[0] == "notify":
            for topic, destination in rows.destinations(effect[1]):
                payload = {"message": effect[1]["message"], "event": change.event.kind, "n": len(found) + 1}
                if "clock" in effect[1]:
                    payload["clock"] = effect[1]["clock"]
                found.append((topic, destination, payload))
    for listener in _LISTENERS:
        found += listener(directory, change)
    return found
