"""The port of notification channels: what a letter is, and what every kind of channel tells about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gewu.connections.allow import Rule
from gewu.core.playbook.model import Words
from gewu.ledger.outbox import Answer


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address. ``id`` is the same at every attempt. No free words and no reporter stand in it.

    ``text`` has several lines, ``short`` is one line for a telephone; ``link`` is empty where no public address of the
    installation is known. ``at`` is the instant of the attempt, seconds since the epoch.
    """

    id: str
    address: str
    subject: str
    text: str
    short: str
    count: int
    first: str
    link: str
    language: str
    at: int


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a kind of channel. A ``secret`` is stored sealed and never shown again."""

    name: str
    title: Words
    hint: Words = field(default_factory=lambda: Words("", ""))
    default: str = ""
    secret: bool = False
    required: bool = True
    choices: tuple[tuple[str, Words], ...] = ()
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Way:
    """A channel ready to send: its settings, its secrets opened, and the allow-list."""

    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    rules: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel. ``address`` says what a person has to give: ``mail``, ``phone``, or nothing (a robot's group).

    ``send`` raises ``DeliveryError``; it runs in a thread without a database. ``check`` gives faults by setting: a code
    and what it is about.
    """

    code: str
    title: Words
    hint: Words
    address: str
    settings: tuple[Setting, ...]
    send: Callable[[Way, Letter], Answer]
    check: Callable[[Way], dict[str, tuple[str, str]]]


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as ``limit`` bytes of UTF-8 hold, then with an ellipsis."""
    data = text.encode()
    if len(data) <= limit:
        return text
    return data[: limit - 3].decode(errors="ignore") + "…"
