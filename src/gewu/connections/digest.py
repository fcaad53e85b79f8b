"""From notices to messages outside: gathered per route, once per notice, not at night unless urgent.

A notice is tied to the routes that want it in the transaction that writes it. In every round of the outbox, routes
whose time has come get one message for all that waits; the message and the mark on its notices are one transaction, so
each notice is told once by each route. What a person has read at the desk meanwhile is not told to them any more.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from gewu.connections import duty, secrets, snapshot
from gewu.connections.channels import KINDS, Letter, Way
from gewu.connections.numbers import numbers_of
from gewu.connections.snapshot import Connections, RouteInfo
from gewu.connections.words import Item, say
from gewu.ledger.outbox import Answer, DeliveryError, Message, Unwanted, write
from gewu.ledger.outbox.readers import Subject, Written, addressed, reader_of, sees
from gewu.ledger.store import as_json
from gewu.registry.directory import Directory, get_directory
from gewu.registry.entries import PostInfo

TOPIC = "message"
EVERY = timedelta(seconds=5)
"""How often the waiting notices of a district are looked at."""

GATHER = timedelta(seconds=15)
"""How long an urgent message waits for others that come with it."""

SPACING = timedelta(minutes=2)
"""The least time between two messages of one route."""

_looked: dict[int, datetime] = {}


# ---- which routes want a notice


def hear(notice: Written, subject: Subject | None) -> None:
    """Tie a new notice to the routes that want it. Without routes this is one look into a mapping."""
    directory = get_directory(notice.district_id)
    urgent = subject is not None and subject.urgent
    rows = []
    for route in snapshot.of(directory).routes:
        if route.messages and notice.message not in route.messages:
            continue
        posts = [p for p in posts_of(route, directory) if addressed(notice, p) and sees(p, directory, notice, subject)]
        if posts:
            units = sorted({p.unit for p in posts}) if route.person is not None and not notice.person else []
            rows.append((notice.district_id, route.id, notice.id, urgent, notice.at, units))
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_telling (district_id, route_id, notice_id, urgent, added_at, units)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            rows,
        )


def posts_of(route: RouteInfo, directory: Directory) -> list[PostInfo]:
    """The posts for which a route speaks: its own, or all that its person holds."""
    if route.post is not None:
        post = directory.post_by_id(route.post)
        return [post] if post is not None and post.active else []
    person = directory.people.get(route.person or 0)
    return [directory.posts[code] for code in person.posts if code in directory.posts] if person else []


def _reader(route: RouteInfo | None, directory: Directory | None) -> str:
    """Whose reading makes telling needless: the person's, or that of whoever holds the post."""
    if route is None or directory is None:
        return ""
    if route.person is not None:
        return str(route.person)
    return next((reader_of(post) for post in posts_of(route, directory)), "")


# ---- when a route's time has come


def gather(district_id: int, now: datetime) -> int:
    """Write the messages whose time has come; the chore of every round. Returns how many were written."""
    directory = get_directory(district_id)
    connections = snapshot.of(directory)
    if not connections.routes or abs(now - _looked.get(district_id, now - EVERY)) < EVERY:
        return 0
    _looked[district_id] = now
    routes = {route.id: route for route in connections.routes}
    local = now.astimezone(ZoneInfo(directory.district.timezone)).time()
    written = 0
    for route_id, since, urgent_since, last in _waiting(district_id):
        route = routes.get(route_id)
        if route is None:
            _tell(district_id, route_id, now, None, None, urgent_only=False)
            continue
        if last is not None and now - last < SPACING:
            continue
        sleeping = duty.quiet(route, local)
        urgent = route.urgent_at_once and urgent_since is not None and now - urgent_since >= GATHER
        due = not sleeping and now - since >= timedelta(minutes=route.digest_minutes)
        if urgent or due:
            written += _tell(district_id, route_id, now, route, directory, urgent_only=sleeping)
    return written


def _waiting(district_id: int) -> list[tuple[int, datetime, datetime | None, datetime | None]]:
    """Routes for which something waits: since when, since when something urgent, and when the last message was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.route_id, min(t.added_at), min(t.added_at) FILTER (WHERE t.urgent),"
            " (SELECT max(l.told_at) FROM ledger_telling l WHERE l.district_id = %s AND l.route_id = t.route_id"
            " AND l.message_id IS NOT NULL)"
            " FROM ledger_telling t WHERE t.district_id = %s AND t.told_at IS NULL GROUP BY t.route_id",
            [district_id, district_id],
        )
        return list(cursor.fetchall())


def _tell(
    district_id: int, route_id: int, now: datetime, route: RouteInfo | None, directory: Directory | None,
    *, urgent_only: bool,
) -> int:  # fmt: skip
    """One message for all that waits on a route, and the mark on its notices. Returns how many messages: 0 or 1.

    Rows that another outbox holds are left to it, and rows that somebody on duty is told of wait (``duty``). Without a
    route nothing is written: it was removed.
    """
    only = " AND t.urgent" if urgent_only else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.notice_id, g.read_at, n.message, n.detail, n.record_id, r.playbook, r.playbook_version, r.due_at,"
            " r.kind, t.units, t.urgent FROM ledger_telling t"
            " JOIN ledger_notice n ON n.district_id = t.district_id AND n.id = t.notice_id"
            " LEFT JOIN ledger_reading g"
            " ON g.district_id = t.district_id AND g.notice_id = t.notice_id AND g.reader = %s"
            " LEFT JOIN ledger_record r ON r.district_id = n.district_id AND r.id = n.record_id"
            f" WHERE t.district_id = %s AND t.route_id = %s AND t.told_at IS NULL{only}"
            " ORDER BY n.at, n.id FOR UPDATE OF t SKIP LOCKED",
            [_reader(route, directory), district_id, route_id],
        )
        found = cursor.fetchall()
        unread = [row for row in found if row[1] is None]
        over = {row[0] for row in found} - {row[0] for row in unread}
        told = None
        if route is None or directory is None:
            over, unread = {row[0] for row in found}, []
        elif unread:
            waiting = [duty.Waiting(row[0], tuple(row[9]), row[10]) for row in unread]
            tell, done = duty.sort_out(waiting, route, directory, now)
            unread, over = [row for row in unread if row[0] in tell], over | done
            if unread:
                payload = compose(unread, route, directory)
                told = write(district_id, TOPIC, f"channel:{route.channel}", payload, now)
        cursor.execute(
            "UPDATE ledger_telling SET told_at = %s, message_id = CASE WHEN notice_id = ANY(%s) THEN %s::uuid END"
            " WHERE district_id = %s AND route_id = %s AND notice_id = ANY(%s)",
            [now, [row[0] for row in unread], told, district_id, route_id, [*over, *(row[0] for row in unread)]],
        )
    return int(told is not None)


def compose(rows: Sequence[Any], route: RouteInfo, directory: Directory) -> dict[str, Any]:
    """The payload of a message about these notices: finished words, the route, no address."""
    numbers = numbers_of(directory.district.id, [row[4] for row in rows if row[4] is not None])
    items = [
        Item(
            row[2], str((as_json(row[3]) or {}).get("clock", "")), numbers.get(row[4], ""), row[5] or "", row[6] or 0,
            row[7], row[8] or "",
        )
        for row in rows
    ]  # fmt: skip
    said = say(items, directory, route.language)
    link = f"{settings.PUBLIC_URL}{said.path}" if settings.PUBLIC_URL else ""
    return {
        "route": route.id, "subject": said.subject, "text": said.text, "short": said.short, "first": said.first,
        "count": len(items), "link": link, "language": route.language,
    }  # fmt: skip


# ---- from a message to its channel


def prepare(message: Message) -> functools.partial[Answer]:
    """See ``gewu.ledger.outbox``: the channel opened and the address looked up."""
    connections = snapshot.current(message.district_id)
    route = next((r for r in connections.routes if r.id == message.payload.get("route")), None)
    if route is None or f"channel:{route.channel}" != message.destination:
        raise Unwanted("the channel or its route was switched off")
    channel = connections.channels[route.channel]
    kind = KINDS.get(channel.kind)
    if kind is None:
        raise DeliveryError(f"there is no kind of channel {channel.kind!r}", of_message=True)
    address = ""
    if route.sealed is not None:
        address = secrets.unseal(route.sealed, route.key_id, message.district_id, channel.id)
    return functools.partial(kind.send, way_of(channel.id, connections, message.district_id), _letter(message, address))


def way_of(channel_id: UUID, connections: Connections, district_id: int) -> Way:
    """A channel with its secrets opened."""
    channel = connections.channels[channel_id]
    opened = secrets.unseal_all(channel.sealed, channel.key_id, district_id, channel.id)
    return Way(channel.settings, opened, connections.rules)


def _letter(message: Message, address: str) -> Letter:
    said = message.payload
    return Letter(
        str(message.id), address, said["subject"], said["text"], said["short"], said["count"], said["first"],
        said["link"], said["language"], int(timezone.now().timestamp()),
    )  # fmt: skip
