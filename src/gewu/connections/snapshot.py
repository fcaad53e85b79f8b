"""Connections of a district in memory: read with its directory, so that events and notices ask without a statement."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gewu.connections import allow
from gewu.connections import models as m
from gewu.core.places import Scope
from gewu.registry.directory import Directory, get_directory, recheck

log = structlog.get_logger(__name__)

EXTRA = "connections"


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that is switched on. Secrets stay sealed."""

    id: UUID
    name: str
    url: str
    kinds: frozenset[str]
    moves: frozenset[str]
    stages: frozenset[str]
    units: frozenset[str]
    scope: Scope | None
    keys: tuple[tuple[str, bytes, datetime | None], ...] = field(repr=False)

    @property
    def destination(self) -> str:
        """Its name in the outbox."""
        return f"webhook:{self.id}"


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel that is switched on."""

    id: UUID
    kind: str
    name: str
    settings: Mapping[str, Any]
    key_id: str
    sealed: bytes = field(repr=False)

    @property
    def destination(self) -> str:
        """Its name in the outbox."""
        return f"channel:{self.id}"


@dataclass(frozen=True, slots=True)
class RouteInfo:
    """A route that is switched on, by a channel that is."""

    id: int
    channel: UUID
    person: int | None
    post: int | None
    key_id: str
    sealed: bytes | None = field(repr=False)
    messages: frozenset[str]
    digest_minutes: int
    quiet_from: time
    quiet_to: time
    urgent_at_once: bool
    language: str


@dataclass(frozen=True, slots=True)
class Connections:
    """All that is switched on in one district, and the allow-list."""

    hooks: tuple[Hook, ...] = ()
    channels: Mapping[UUID, ChannelInfo] = field(default_factory=dict)
    routes: tuple[RouteInfo, ...] = ()
    rules: tuple[allow.Rule, ...] = ()


NONE = Connections()


def of(directory: Directory) -> Connections:
    """The connections in a directory."""
    found: Connections = directory.extras.get(EXTRA, NONE)
    return found


def current(district_id: int) -> Connections:
    """The connections of a district as they are now, at most two seconds old."""
    return of(get_directory(district_id))


def stamp() -> tuple[int, datetime | None, str]:
    """What moves whenever connections have to be read again."""
    found = m.Version.objects.filter(pk=1).values_list("version", "changed_at").first()
    version, at = found or (0, None)
    return version, at, os.environ.get(allow.ALLOW_VARIABLE, "")


def bump() -> None:
    """Tell every process to read the connections again; called in the transaction that changes them."""
    if not m.Version.objects.filter(pk=1).update(version=F("version") + 1, changed_at=timezone.now()):
        m.Version.objects.get_or_create(pk=1, defaults={"version": 1})
    transaction.on_commit(recheck)


def read(district_id: int) -> Connections:
    """Read the connections of a district."""
    channels = {
        c.id: ChannelInfo(c.id, c.kind, c.name, c.settings, c.key_id, bytes(c.secrets))
        for c in m.Channel.objects.filter(district_id=district_id, active=True)
    }
    routes = tuple(
        RouteInfo(
            r.id, r.channel_id, r.person_id, r.post_id, r.key_id, None if r.address is None else bytes(r.address),
            frozenset(r.messages), r.digest_minutes, r.quiet_from, r.quiet_to, r.urgent_at_once, r.language,
        )
        for r in m.Route.objects.filter(district_id=district_id, active=True)
        if r.channel_id in channels
    )  # fmt: skip
    hooks = tuple(_hook(h) for h in m.Webhook.objects.filter(district_id=district_id, active=True))
    return Connections(hooks, channels, routes, rules())


def _hook(row: m.Webhook) -> Hook:
    keys: list[tuple[str, bytes, datetime | None]] = [(row.key_id, bytes(row.secret), None)]
    if row.old_secret is not None:
        keys.append((row.old_key_id, bytes(row.old_secret), row.old_until))
    return Hook(
        row.id, row.name, row.url, frozenset(row.kinds), frozenset(row.moves), frozenset(row.stages),
        frozenset(row.units), Scope.parse(" ".join(row.places)) if row.places else None, tuple(keys),
    )  # fmt: skip


def rules() -> tuple[allow.Rule, ...]:
    """The allow-list as it is now: the environment and the table. What cannot be read allows nothing, and is logged."""
    found: list[allow.Rule] = []
    for entry in (*allow.environment_entries(), *m.EgressRule.objects.values_list("entry", flat=True)):
        try:
            found.append(allow.read_rule(entry))
        except allow.BadRule as error:
            log.error("egress.rule", entry=entry, error=str(error))
    return tuple(found)
