"""What people do with channels and routes: set up, change, switch off, try out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings as installation
from django.db import transaction
from django.utils import timezone

from gewu.connections import models as m
from gewu.connections import secrets, snapshot
from gewu.connections.channels import KINDS, Kind, Way
from gewu.connections.digest import TOPIC
from gewu.ledger.outbox import write

DIGESTS = (1, 15, 60, 240, 1440)
"""Minutes between two messages that people may choose from."""

_MAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,63}")
_PHONE = re.compile(r"\+?[0-9]{5,20}")


class Unfit(ValueError):
    """A channel or route that cannot be saved; ``faults`` maps fields to a code and what it is about."""

    def __init__(self, faults: dict[str, tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {code} {detail}".strip() for name, (code, detail) in faults.items()))
        self.faults = faults


# ---- channels


def save_channel(
    district_id: int, kind: str, name: str, given: Mapping[str, str], row: m.Channel | None = None
) -> m.Channel:
    """Make a channel, or change one. An empty secret keeps the one there is. Raises ``Unfit``."""
    spec = KINDS[kind]
    made = row is None
    row = row or m.Channel(id=uuid4(), district_id=district_id, kind=kind)
    kept = {} if made else secrets.unseal_all(row.secrets, row.key_id, district_id, row.id)
    settings, hidden, faults = _read(spec, given, kept)
    if not name.strip():
        faults["name"] = "required", ""
    faults = {**spec.check(Way(settings, hidden, snapshot.rules())), **faults}
    if faults:
        raise Unfit(faults)
    with transaction.atomic():
        row.name, row.settings = name.strip()[:200], settings
        row.key_id, row.secrets = secrets.seal_all(hidden, district_id, row.id)
        row.save(force_insert=made)
        snapshot.bump()
    return row


def _read(
    spec: Kind, given: Mapping[str, str], kept: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str], dict[str, tuple[str, str]]]:
    settings: dict[str, Any] = {}
    hidden: dict[str, str] = {}
    faults: dict[str, tuple[str, str]] = {}
    for one in spec.settings:
        value = str(given.get(one.name, "")).strip()
        if one.secret:
            value = value or kept.get(one.name, "")
            hidden[one.name] = value
        else:
            settings[one.name] = value
        if one.required and not value:
            faults[one.name] = "required", ""
        if one.choices and value not in dict(one.choices):
            faults[one.name] = "choice", value
    return settings, hidden, faults


def switch_channel(row: m.Channel, *, on: bool) -> None:
    """Switch a channel on or off. While it is off, nothing is gathered for it."""
    with transaction.atomic():
        row.active = on
        row.save(update_fields=["active"])
        snapshot.bump()


# ---- routes


@dataclass(slots=True)
class Wish:
    """A route as a form gives it. An empty address keeps the one there is."""

    address: str = ""
    messages: list[str] = field(default_factory=list)
    digest_minutes: int = 15
    quiet_from: time = time(22, 0)
    quiet_to: time = time(7, 0)
    urgent_at_once: bool = True
    language: str = "zh"
    active: bool = True


def save_route(
    channel: m.Channel, wish: Wish, *, person: int | None = None, post: int | None = None, row: m.Route | None = None
) -> m.Route:
    """Make or change the route of a person or a post by a channel. Raises ``Unfit``."""
    owner = {"post_id": post} if person is None else {"person_id": person}
    row = row or m.Route.objects.filter(channel=channel, **owner).first()
    row = row or m.Route(district_id=channel.district_id, channel=channel, person_id=person, post_id=post)
    wants = KINDS[channel.kind].address
    address = re.sub(r"[\s-]", "", wish.address) if wants == "phone" else wish.address.strip()
    faults: dict[str, tuple[str, str]] = {}
    pattern = {"mail": _MAIL, "phone": _PHONE}.get(wants)
    if pattern is not None:
        if address and not pattern.fullmatch(address):
            faults["address"] = wants, ""
        elif not address and row.address is None:
            faults["address"] = "required", ""
    if wish.digest_minutes not in DIGESTS:
        faults["digest_minutes"] = "choice", str(wish.digest_minutes)
    if faults:
        raise Unfit(faults)
    if address and pattern is not None:
        row.key_id, row.address = secrets.seal(address, channel.district_id, channel.id)
    row.messages, row.digest_minutes = sorted(set(wish.messages)), wish.digest_minutes
    row.quiet_from, row.quiet_to = wish.quiet_from, wish.quiet_to
    row.urgent_at_once, row.language, row.active = wish.urgent_at_once, wish.language, wish.active
    with transaction.atomic():
        row.save()
        snapshot.bump()
    return row


def remove_route(row: m.Route) -> None:
    """Remove a route with its address; what waited for it is not told."""
    with transaction.atomic():
        row.delete()
        snapshot.bump()


def address_of(row: m.Route) -> str:
    """The address of a route, opened: for its owner to see. Empty where there is none."""
    if row.address is None:
        return ""
    return secrets.unseal(row.address, row.key_id, row.district_id, row.channel_id)


def try_out(row: m.Route, now: datetime | None = None) -> UUID:
    """Write a test message by a route; returns its id."""
    zh = row.language.startswith("zh")
    text = (
        "这是一条测试消息：格物可以通过此渠道提醒您。" if zh else "This is a test: Gewu can tell you things this way."
    )
    payload = {
        "route": row.id, "subject": "格物测试消息" if zh else "Gewu test message", "text": text, "short": text,
        "first": "", "count": 0, "link": f"{installation.PUBLIC_URL}/desk/notices" if installation.PUBLIC_URL else "",
        "language": row.language,
    }  # fmt: skip
    return write(row.district_id, TOPIC, f"channel:{row.channel_id}", payload, now or timezone.now())
