"""What outside messages say, in two languages: numbers, what is asked, until when. No free word of a case is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gewu.core.playbook.model import Playbook
from gewu.ledger.models import FOREVER
from gewu.registry.directory import Directory
from gewu.registry.names import clock_name, message_text

SHOWN = 5
"""How many case numbers a group of notices names."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FOREVER = datetime.fromisoformat(FOREVER)


@dataclass(frozen=True, slots=True)
class Item:
    """A notice that is to be told. ``number`` is empty for one that is about no record; ``kind`` is the record's."""

    message: str
    clock: str
    number: str
    playbook: str
    playbook_version: int
    due_at: datetime | None
    kind: str = "case"


@dataclass(frozen=True, slots=True)
class Said:
    """A message in words. ``short`` is its one line for telephones; ``path`` leads to where it can be worked on."""

    subject: str
    text: str
    short: str
    first: str
    path: str


def say(items: Sequence[Item], directory: Directory, language: str) -> Said:
    """One notice in full, or many as counts with their first numbers."""
    zh = language.startswith("zh")
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(_asked(item, directory, language), []).append(item)
    first = items[0]
    if len(items) == 1:
        asked = next(iter(groups))
        line = _one(asked, first, directory, zh=zh)
        path = f"/desk/cases/{first.number}" if first.number and first.kind == "case" else "/desk/notices"
        return Said(f"{asked}：{first.number}" if zh else f"{asked}: {first.number}", line, line, first.number, path)
    ranked = sorted(groups.items(), key=lambda group: -len(group[1]))
    total = len(items)
    parts = [f"{asked} {len(group)}" for asked, group in ranked]
    head = f"{total} 条提醒：{'，'.join(parts)}" if zh else f"{total} notices: {', '.join(parts)}"
    lines = [_many(asked, group, directory, zh=zh) for asked, group in ranked]
    asked, group = ranked[0]
    if zh:
        short = f"{total} 条提醒，其中“{asked}”{len(group)} 条，首件 {group[0].number}"
    else:
        short = f"{total} notices, {len(group)} of them “{asked}”, first {group[0].number}"
    return Said(head, "\n".join([head, "", *lines]), short.rstrip(), group[0].number, "/desk/notices?unread=1")


def _asked(item: Item, directory: Directory, language: str) -> str:
    playbook = _playbook(item, directory)
    text = message_text(playbook, item.message, language)
    if not item.clock:
        return text
    clock = clock_name(playbook, item.clock, language)
    return f"{text}（{clock}）" if language.startswith("zh") else f"{text} ({clock})"


def _playbook(item: Item, directory: Directory) -> Playbook | None:
    if not item.playbook:
        return directory.current_playbook()
    return directory.playbook(item.playbook, item.playbook_version) or directory.playbook(item.playbook)


def _one(asked: str, item: Item, directory: Directory, *, zh: bool) -> str:
    due = _until(item.due_at, directory, zh=zh)
    if zh:
        return f"{item.number} {asked}".strip() + (f"，时限 {due}" if due else "")
    return f"{item.number} {asked}".strip() + (f", until {due}" if due else "")


def _many(asked: str, group: Sequence[Item], directory: Directory, *, zh: bool) -> str:
    numbers = list(dict.fromkeys(item.number for item in group if item.number))
    dues = [item.due_at for item in group if item.due_at is not None and item.due_at < _FOREVER]
    due = _until(min(dues), directory, zh=zh) if dues else ""
    shown, rest = numbers[:SHOWN], len(numbers) - SHOWN
    if zh:
        line = f"{asked}：{len(group)} 件" + (f"，最早时限 {due}" if due else "")
        return line + (f"。{'、'.join(shown)}" if shown else "") + (f" 等 {len(numbers)} 件" if rest > 0 else "")
    line = f"{asked}: {len(group)}" + (f", first due {due}" if due else "")
    return line + (f". {', '.join(shown)}" if shown else "") + (f" and {rest} more" if rest > 0 else "")


def _until(at: datetime | None, directory: Directory, *, zh: bool) -> str:
    """An instant in the district's zone; nothing for a record without a running clock."""
    if at is None or at >= _FOREVER:
        return ""
    local = at.astimezone(ZoneInfo(directory.district.timezone))
    day = f"{local.month}月{local.day}日" if zh else f"{local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local:%H:%M}"
