"""Queues with filters that somebody saved under a name: of a person at a post, shared with a unit or a role if wished.

A view is an address, not a list: what it shows is what its reader may see. Words of a search are never in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from gewu.ledger.door import Acting, new_id
from gewu.ledger.rows import dumps
from gewu.ledger.store import as_json

MOST = 20
"""So many views of their own a person keeps at a post: the rail stays a rail."""
LONGEST = 40
MOST_SHARED = 20


@dataclass(frozen=True, slots=True)
class View:
    """A row of ``worklists_view``; ``own`` for who looks."""

    id: UUID
    title: str
    query: dict[str, str]
    shared: str
    own: bool


class Full(Exception):
    """There are ``MOST`` already."""


def sharing(acting: Acting) -> dict[str, str]:
    """With whom a post may share: ``unit`` and ``role`` with the keys of this post."""
    roles = sorted(acting.actor.roles)
    return {**({"unit": f"unit:{acting.actor.unit}"} if acting.actor.unit else {}), **(
        {"role": f"role:{roles[0]}"} if len(roles) == 1 else {})}  # fmt: skip


def of_post(district_id: int, acting: Acting, post: str) -> list[View]:
    """The person's own views in their order, then those that others share with the post. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "(SELECT id, title, query, shared, true AS own, position, made_at FROM worklists_view"
            " WHERE district_id = %s AND person = %s AND post = %s ORDER BY position, id LIMIT %s) UNION ALL"
            " (SELECT id, title, query, shared, false, 0, made_at FROM worklists_view WHERE district_id = %s"
            " AND shared <> '' AND shared = ANY(%s) AND NOT (person = %s AND post = %s) ORDER BY title, id LIMIT %s)",
            [
                district_id, acting.actor.person, post, MOST, district_id, list(sharing(acting).values()),
                acting.actor.person, post, MOST_SHARED,
            ],
        )  # fmt: skip
        return [View(row[0], row[1], as_json(row[2]), row[3], row[4]) for row in cursor.fetchall()]


def save(district_id: int, acting: Acting, post: str, title: str, query: Mapping[str, str]) -> UUID:
    """Keep a view as the last one; the same title again overwrites. Raises ``Full`` and ``ValueError`` (no title)."""
    title = " ".join(title.split())[:LONGEST]
    if not title:
        raise ValueError("a view needs a name")
    mine: list[Any] = [district_id, acting.actor.person, post]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, title, position FROM worklists_view WHERE district_id = %s AND person = %s AND post = %s"
            " ORDER BY position FOR UPDATE",
            mine,
        )
        there: list[tuple[Any, ...]] = cursor.fetchall()
        known = next((row[0] for row in there if row[1] == title), None)
        if known is not None:
            cursor.execute(
                "UPDATE worklists_view SET query = %s WHERE district_id = %s AND id = %s",
                [dumps(dict(query)), district_id, known],
            )
            return UUID(str(known))
        if len(there) >= MOST:
            raise Full
        fresh = new_id()
        cursor.execute(
            "INSERT INTO worklists_view (district_id, id, person, post, title, query, shared, position, made_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, '', %s, %s)",
            [
                district_id, fresh, acting.actor.person, post, title, dumps(dict(query)),
                max((row[2] for row in there), default=0) + 1, datetime.now(UTC),
            ],
        )  # fmt: skip
    return fresh


def change(
    district_id: int, acting: Acting, post: str, view_id: UUID, *, title: str = "", shared: str | None = None
) -> bool:
    """Rename a view of one's own, or share it with ``unit``, ``role`` or nobody. False where it is not one's own."""
    sets, params = [], []
    title = " ".join(title.split())[:LONGEST]
    if title:
        sets.append("title = %s")
        params.append(title)
    if shared is not None:
        sets.append("shared = %s")
        params.append(sharing(acting).get(shared, ""))
    if not sets:
        return False
    return _own(f"UPDATE worklists_view SET {', '.join(sets)}", params, district_id, acting, post, view_id)


def remove(district_id: int, acting: Acting, post: str, view_id: UUID) -> bool:
    """Forget a view of one's own, for those too with whom it was shared."""
    return _own("DELETE FROM worklists_view", [], district_id, acting, post, view_id)


def _own(statement: str, params: list[Any], district_id: int, acting: Acting, post: str, view_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{statement} WHERE district_id = %s AND id = %s AND person = %s AND post = %s",
            [*params, district_id, view_id, acting.actor.person, post],
        )
        return bool(cursor.rowcount)


def move(district_id: int, acting: Acting, post: str, view_id: UUID, by: int) -> None:
    """Move a view of one's own up (-1) or down (1) among them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM worklists_view WHERE district_id = %s AND person = %s AND post = %s"
            " ORDER BY position, id FOR UPDATE",
            [district_id, acting.actor.person, post],
        )
        order = [row[0] for row in cursor.fetchall()]
        if view_id not in order:
            return
        at = order.index(view_id)
        order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
        cursor.execute(
            "UPDATE worklists_view v SET position = o.no FROM unnest(%s::uuid[]) WITH ORDINALITY AS o(id, no)"
            " WHERE v.district_id = %s AND v.id = o.id",
            [order, district_id],
        )
