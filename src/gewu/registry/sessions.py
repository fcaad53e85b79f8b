"""The sessions of people: which there are, and ending them at once.

Django keeps the sessions in the database; beside each stands who it belongs to, since when, when it was last used (to
the minute) and the kind of device. No address is kept.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from gewu.registry import models as m

GAP = timedelta(minutes=1)
"""How exactly the last use is remembered."""
_REMEMBERED = 20_000

_seen: dict[str, float] = {}
_lock = threading.Lock()

_SHAPES = (
    (
        "phone",
        re.compile(r"iPhone|Android.*Mobile|Mobile.*(?:Android|Firefox)|OpenHarmony.*Phone|Phone", re.IGNORECASE),
    ),
    ("tablet", re.compile(r"iPad|Tablet|Android", re.IGNORECASE)),
    ("computer", re.compile(r"Windows NT|Macintosh|X11|CrOS|Linux", re.IGNORECASE)),
)
_SYSTEMS = (
    ("windows", re.compile("Windows")),
    ("harmonyos", re.compile("HarmonyOS|OpenHarmony")),
    ("android", re.compile("Android")),
    ("ios", re.compile("iPhone|iPad")),
    ("macos", re.compile("Macintosh")),
    ("linux", re.compile("Linux|X11|CrOS")),
)
# In this order: each names those that come after it as well.
_BROWSERS = (
    ("wecom", re.compile("wxwork", re.IGNORECASE)),
    ("wechat", re.compile("MicroMessenger")),
    ("dingtalk", re.compile("DingTalk")),
    ("edge", re.compile("Edg/|EdgA/|EdgiOS/")),
    ("firefox", re.compile("Firefox/|FxiOS/")),
    ("chrome", re.compile("Chrome/|Chromium/|CriOS/")),
    ("safari", re.compile("Safari/")),
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is alive. ``device`` is ``shape/browser/system`` in codes, each of them perhaps empty."""

    id: UUID
    since: datetime
    used_at: datetime
    device: str
    current: bool


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody with sessions that are alive."""

    login: str
    name_en: str
    name_zh: str
    sessions: int
    used_at: datetime

    def name(self, language: str) -> str:
        """The person's name, else the login."""
        return (self.name_zh if language.startswith("zh") else self.name_en) or self.login


def device_of(agent: str) -> str:
    """The kind of device and browser, in codes, from the header User-Agent; nothing that tells one from another."""
    agent = agent[:400]
    kinds = (next((code for code, sign in signs if sign.search(agent)), "") for signs in (_SHAPES, _BROWSERS, _SYSTEMS))
    return "/".join(kinds)


def note(session_key: str, person_id: int, device: str, since: datetime | None = None) -> None:
    """Remember that a person's session was used now. One statement, none when that was less than a minute ago.

    A session that has just been ended is not brought back.
    """
    now = time.monotonic()
    with _lock:
        if now - _seen.get(session_key, -GAP.total_seconds()) < GAP.total_seconds():
            return
        if len(_seen) >= _REMEMBERED:
            _seen.clear()
        _seen[session_key] = now
    at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_session AS r (id, session_key, person_id, device, since, used_at)"
            " SELECT %s, session_key, %s, %s, %s, %s FROM django_session WHERE session_key = %s FOR KEY SHARE"
            " ON CONFLICT (session_key) DO UPDATE SET used_at = excluded.used_at, person_id = excluded.person_id"
            " WHERE r.used_at <= excluded.used_at - make_interval(secs => %s)",
            [uuid4(), person_id, device, since or at, at, session_key, GAP.total_seconds()],
        )


def sessions_of(person: m.Person, current: str | None = None) -> list[Session]:
    """The sessions of a person that are alive, the last used first. ``current`` is the key of the one that asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, r.since, r.used_at, r.device, r.session_key FROM registry_session r"
            " JOIN django_session s USING (session_key) WHERE r.person_id = %s AND s.expire_date > %s"
            " ORDER BY r.used_at DESC, r.since DESC, r.id LIMIT 200",
            [person.pk, timezone.now()],
        )
        rows = cursor.fetchall()
    return [Session(row[0], row[1], row[2], row[3], row[4] == current) for row in rows]


def logged_in(district_id: int, limit: int = 100) -> list[LoggedIn]:
    """Who in a district has sessions that are alive, the last used first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.login, p.name_en, p.name_zh, count(*), max(r.used_at) FROM registry_session r"
            " JOIN django_session s USING (session_key) JOIN registry_person p ON p.id = r.person_id"
            " WHERE s.expire_date > %s AND (p.district_id = %s OR EXISTS (SELECT 1 FROM registry_post o"
            " WHERE o.person_id = p.id AND o.district_id = %s AND o.retired_on IS NULL))"
            " GROUP BY p.login, p.name_en, p.name_zh ORDER BY max(r.used_at) DESC, p.login LIMIT %s",
            [timezone.now(), district_id, district_id, limit],
        )
        return [LoggedIn(*row) for row in cursor.fetchall()]


def person_of(district_id: int, login: str) -> m.Person | None:
    """A person of a district by login: they belong to it, or hold a post there."""
    person = m.Person.objects.filter(login=login).first() if login and "\0" not in login else None
    if person is None or person.district_id == district_id:
        return person
    return person if person.posts.filter(district_id=district_id, retired_on=None).exists() else None


def end(person: m.Person, session_id: UUID) -> bool:
    """End one session of a person now. False when there is none with this id."""
    return bool(_end("r.person_id = %s AND r.id = %s", [person.pk, session_id]))


def end_others(person: m.Person, keep: str | None = None) -> int:
    """End all sessions of a person but the one with the key ``keep``; returns how many."""
    return end_all(m.Person.objects.filter(pk=person.pk), keep=keep)


def end_all(people: QuerySet[m.Person], *, keep: str | None = None) -> int:
    """End the sessions of people, but the one with the key ``keep``; returns how many."""
    return _end(
        "r.person_id = ANY(%s) AND r.session_key <> %s", [list(people.values_list("pk", flat=True)), keep or ""]
    )


def _end(where: str, params: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_session s USING registry_session r"  # noqa: S608 - the conditions stand in this file
            f" WHERE r.session_key = s.session_key AND {where}",
            params,
        )
        return int(cursor.rowcount)
