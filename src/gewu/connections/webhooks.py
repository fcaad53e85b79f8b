"""Webhooks: events told to other systems, signed, in order for each record, without any free word.

The body is JSON: ids, number, kind, move, stage before and after, instants, units, place; see ``docs/connections.md``.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import secrets as random_source
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

import gewu
from gewu.connections import egress, secrets, snapshot
from gewu.connections import models as m
from gewu.connections.allow import Refused, Rule, check, take_apart
from gewu.connections.answers import judged
from gewu.connections.numbers import numbers_of
from gewu.connections.snapshot import Hook
from gewu.core.places import CodeError, Scope
from gewu.core.records import State
from gewu.ledger.listeners import Told
from gewu.ledger.outbox import Answer, DeliveryError, Message, Unwanted, write
from gewu.ledger.projections import Change
from gewu.ledger.rows import moment
from gewu.registry.directory import Directory, get_directory

TOPIC = "webhook"
PING = "ping"
SECRET_PREFIX = "whsec_"  # noqa: S105 - says what kind of secret follows
OVERLAP = timedelta(days=7)
"""How long the old secret signs beside the new one."""


# ---- from an event to a message


def listen(directory: Directory, change: Change) -> Iterable[Told]:
    """Messages for the webhooks that want this event. Without webhooks this is one look into a mapping."""
    hooks = snapshot.of(directory).hooks
    if not hooks:
        return ()
    wanting = [hook for hook in hooks if wants(hook, change)]
    if not wanting:
        return ()
    payload = describe(change)
    return [(TOPIC, hook.destination, payload) for hook in wanting]


def wants(hook: Hook, change: Change) -> bool:
    """Whether the filters of a webhook let an event through."""
    after = change.after
    if hook.kinds and after.kind not in hook.kinds:
        return False
    if hook.moves and change.event.kind not in hook.moves:
        return False
    if hook.stages and after.stage not in hook.stages:
        return False
    if hook.units and not any(f"/{unit}/" in path for path in after.involved for unit in hook.units):
        return False
    return hook.scope is None or hook.scope.covers(after.place, after.areas)


def describe(change: Change) -> dict[str, Any]:
    """An event as other systems hear of it: codes, numbers and instants only."""
    before, after, event = change.before, change.after, change.event
    number = event.payload.get("detail", {}).get("number", "") if before is None else ""
    due_at = after.due_at
    return {
        "event": event.kind,
        "kind": after.kind,
        "record": str(change.record_id),
        "number": str(number),
        "version": event.seq,
        "at": _instant(event.at),
        "stage": {"before": before.stage if before else None, "after": after.stage},
        "unit": event.unit,
        "units": _units(after),
        "place": after.place,
        "areas": list(after.areas),
        "category": str(after.fields.get("category") or ""),
        "due_at": None if due_at is None else _instant(due_at),
    }


def _units(state: State) -> list[dict[str, str]]:
    return [{"slot": a.slot, "mode": a.mode, "unit": a.unit, "role": a.role} for a in state.assignments if a.live]


def _instant(at: int) -> str:
    return moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- from a message to a request


def prepare(message: Message) -> functools.partial[Answer]:
    """See ``gewu.ledger.outbox``: everything that sending needs, looked up and opened."""
    connections = snapshot.current(message.district_id)
    hook = next((h for h in connections.hooks if h.destination == message.destination), None)
    if hook is None:
        raise Unwanted("the webhook was switched off or removed")
    now = timezone.now()
    keys = [
        secrets.unseal(sealed, key_id, message.district_id, hook.id)
        for key_id, sealed, until in hook.keys
        if until is None or now < until
    ]
    body = body_of(message)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Gewu/{gewu.__version__}",
        "Gewu-Delivery": str(message.id),
        "Gewu-Event": str(message.payload.get("event", "")),
        "Gewu-Attempt": str(message.attempts + 1),
        "Gewu-Signature": sign(body, keys, int(now.timestamp())),
    }
    return functools.partial(_send, hook.url, connections.rules, headers, body)


def body_of(message: Message) -> bytes:
    """The body of a message, the same at every attempt."""
    payload = dict(message.payload)
    if message.record_id is not None and not payload.get("number"):
        payload["number"] = numbers_of(message.district_id, [message.record_id]).get(message.record_id, "")
    district = get_directory(message.district_id).district
    whole = {"delivery": str(message.id), "district": district.code, **payload}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(body: bytes, keys: Sequence[str], at: int) -> str:
    """The signature header: the instant, and for every secret in force HMAC-SHA256 over ``instant.body``."""
    signed = b"%d." % at + body
    parts = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys]
    return ",".join([f"t={at}", *(f"v1={part}" for part in parts)])


def _send(url: str, rules: Sequence[Rule], headers: dict[str, str], body: bytes) -> Answer:
    try:
        reply = egress.request("POST", url, rules=rules, headers=headers, body=body)
    except (Refused, egress.Failed) as error:
        raise DeliveryError(str(error)) from error
    return judged(reply)


def closed(district_id: int, destination: str, reason: str) -> None:
    """The receiver answered 410: switch the webhook off."""
    found = m.Webhook.objects.filter(district_id=district_id, id=destination.partition(":")[2])
    found.update(active=False, ended=reason[:500])
    snapshot.bump()


# ---- what people do with webhooks


@dataclass(slots=True)
class Wish:
    """A webhook as a form gives it. Empty filters mean all; ``places`` are prefixes and ``area:CODE``."""

    name: str
    url: str
    kinds: list[str] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)


class BadWebhook(ValueError):
    """A webhook that cannot be saved; ``faults`` maps fields to a code (of ``allow.REASONS`` or ``required`` ...)."""

    def __init__(self, faults: dict[str, tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {code} {detail}".strip() for name, (code, detail) in faults.items()))
        self.faults = faults


def faults_of(wish: Wish, directory: Directory) -> dict[str, tuple[str, str]]:
    """What is wrong with a wish, by field: a code and what it is about."""
    faults: dict[str, tuple[str, str]] = {}
    if not wish.name.strip():
        faults["name"] = "required", ""
    rules = snapshot.rules()
    try:
        where = take_apart(wish.url.strip())
        check(where, rules)
        egress.resolve(where, rules, 3.0)
    except Refused as error:
        faults["url"] = error.code, error.detail
    except egress.Failed:
        faults["url"] = "unknown_host", wish.url
    unknown = [code for code in wish.units if directory.unit(code) is None]
    if unknown:
        faults["units"] = "unknown", ", ".join(unknown)
    try:
        scope = Scope.parse(" ".join(wish.places))
        strange = sorted(area for area in scope.areas if area not in directory.areas)
    except CodeError as error:
        faults["places"] = "unknown", str(error)
    else:
        if strange:
            faults["places"] = "unknown", ", ".join(strange)
    return faults


def create(district_id: int, wish: Wish, by: str) -> tuple[m.Webhook, str]:
    """A new webhook, and its secret, which is told this once. Raises ``BadWebhook``."""
    _check(district_id, wish)
    with transaction.atomic():
        row = m.Webhook(id=uuid4(), district_id=district_id, created_by=by[:200])
        secret = new_secret()
        row.key_id, row.secret = secrets.seal(secret, district_id, row.id)
        _fill(row, wish)
        row.save(force_insert=True)
        snapshot.bump()
    return row, secret


def change(row: m.Webhook, wish: Wish) -> None:
    """Save another form of a webhook. Raises ``BadWebhook``."""
    _check(row.district_id, wish)
    with transaction.atomic():
        _fill(row, wish)
        row.save()
        snapshot.bump()


def switch(row: m.Webhook, *, on: bool) -> None:
    """Switch a webhook on or off. What happens while it is off is not told later."""
    with transaction.atomic():
        row.active, row.ended = on, ""
        row.save(update_fields=["active", "ended"])
        snapshot.bump()


def rotate(row: m.Webhook, now: datetime | None = None) -> str:
    """A new secret, told this once; the old one signs beside it for ``OVERLAP``."""
    now = now or timezone.now()
    secret = new_secret()
    with transaction.atomic():
        row.old_key_id, row.old_secret, row.old_until = row.key_id, row.secret, now + OVERLAP
        row.key_id, row.secret = secrets.seal(secret, row.district_id, row.id)
        row.save()
        snapshot.bump()
    return secret


def ping(row: m.Webhook, now: datetime | None = None) -> UUID:
    """Write a test message for a webhook; returns its id."""
    now = now or timezone.now()
    payload = {"event": PING, "at": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return write(row.district_id, TOPIC, f"webhook:{row.id}", payload, now)


def new_secret() -> str:
    """A secret of 256 random bits."""
    return SECRET_PREFIX + random_source.token_urlsafe(32)


def _check(district_id: int, wish: Wish) -> None:
    faults = faults_of(wish, get_directory(district_id))
    if faults:
        raise BadWebhook(faults)


def _fill(row: m.Webhook, wish: Wish) -> None:
    row.name, row.url = wish.name.strip()[:200], wish.url.strip()
    row.kinds, row.moves, row.stages = wish.kinds, wish.moves, wish.stages
    row.units, row.places = wish.units, wish.places
