"""Photos of closed cases that a person released for the public, as blurred copies; withdrawn, a copy is gone at once.

The original is never public. One picture of each side (before, after) of a case is shown; releasing another one takes
its place. Who released and who withdrew what and when stays (ADR 0033).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from gewu.cases.queries import visible
from gewu.cases.queries.solved import SOLVED
from gewu.core.records import Refusal
from gewu.home.layout import Home
from gewu.keeping.blurring import blurred
from gewu.keeping.journal import COPY, Entry, append
from gewu.ledger import attachments, store
from gewu.ledger.door import Acting, new_id
from gewu.ledger.erasure import Erasing
from gewu.ledger.errors import Erased, NotFound, Refused
from gewu.ledger.store import as_json

log = structlog.get_logger(__name__)

RELEASE_ROLES = frozenset({"comprehensive_office", "shift_leader"})
"""Who decides what the public sees: those that close cases, and the office that answers for them."""
SIDES = ("before", "after")
ROLE = "released"
"""The role of a copy among the attachments of a case."""
BY_HAND, REPLACED, ERASED = "by_hand", "replaced", "erased"
PAGE = 30
_PUBLIC = "p.withdrawn_at IS NULL"


@dataclass(frozen=True, slots=True)
class Release:
    """A release. ``withdrawn_at`` is None while the copy is public; ``why`` is a code."""

    id: UUID
    record_id: UUID
    photo_id: UUID
    copy_id: UUID
    side: str
    marks: tuple[int, ...]
    released_post: str
    released_at: datetime
    withdrawn_post: str
    withdrawn_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list of what may be released, or was."""

    record_id: UUID
    number: str
    category: str
    place: str
    closed_at: datetime
    sides: tuple[str, ...]


def may_release(roles: Collection[str]) -> bool:
    """Whether these roles decide about photos for the public."""
    return not RELEASE_ROLES.isdisjoint(roles)


def release(
    district_id: int,
    acting: Acting,
    post: str,
    record_id: UUID,
    photo_id: UUID,
    side: str,
    marks: Collection[int],
    *,
    now: datetime | None = None,
) -> Release:
    """Make the blurred copy of a photo public, in place of the one of this side that was.

    Raises ``NotFound`` (no such case or photo in sight), ``Refused`` (``not_allowed``, or ``wrong_stage`` for a case
    that is not closed), ``Erased``, and ``ValueError`` for a side or a mark that is none.
    """
    if side not in SIDES:
        raise ValueError("the side is before or after")
    _allowed(acting)
    found = attachments.read(district_id, photo_id)
    if found is None or found[1] == attachments.PDF:
        raise NotFound("no such photo")
    made = blurred(found[0], marks)
    now = now or datetime.now(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(cursor, district_id, acting, record_id, closed=True)
        cursor.execute(
            "SELECT wrapped IS NULL FROM ledger_attachment"
            " WHERE district_id = %s AND id = %s AND record_id = %s AND seq IS NOT NULL",
            [district_id, photo_id, record_id],
        )
        row = cursor.fetchone()
        if row is None:
            raise NotFound("this photo belongs to another case")
        if row[0]:
            raise Erased("this photo was erased")
        _withdraw(cursor, district_id, record_id, side, acting.actor.person, post, now, REPLACED)
        copy_id = attachments.keep_copy(district_id, record_id, made.data, made.width, made.height, ROLE)
        one = Release(
            new_id(), record_id, photo_id, copy_id, side, tuple(sorted(set(marks))), post, now, "", None, ""
        )  # fmt: skip
        cursor.execute(
            "INSERT INTO keeping_release (district_id, id, record_id, photo_id, copy_id, side, marks, released_by,"
            " released_post, released_at, withdrawn_by, withdrawn_post, withdrawn_at, why)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', '', NULL, '')",
            [
                district_id, one.id, record_id, photo_id, copy_id, side, json.dumps(one.marks), acting.actor.person,
                post, now,
            ],
        )  # fmt: skip
    log.info("photo.released", district=district_id, record=str(record_id), side=side, post=post)
    return one


def withdraw(
    district_id: int, acting: Acting, post: str, record_id: UUID, side: str, *, now: datetime | None = None
) -> bool:
    """Take the picture of a side away from the public, and its copy with it. False when there was none.

    Raises ``NotFound`` and ``Refused`` (``not_allowed``).
    """
    _allowed(acting)
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(cursor, district_id, acting, record_id, closed=False)
        at = now or datetime.now(UTC)
        gone = _withdraw(cursor, district_id, record_id, side, acting.actor.person, post, at, BY_HAND)
    if gone:
        log.info("photo.withdrawn", district=district_id, record=str(record_id), side=side, post=post)
    return gone


def _allowed(acting: Acting) -> None:
    if not may_release(acting.actor.roles):
        raise Refused(Refusal("not_allowed", {"roles": sorted(RELEASE_ROLES)}))


def _lock(cursor: Any, district_id: int, acting: Acting, record_id: UUID, *, closed: bool) -> None:
    """Lock the case, so that an erasing on its way either ends before or finds the release."""
    cursor.execute(
        f"SELECT r.place, r.areas, r.involved, r.stage, k.wrapped IS NULL, {SOLVED} FROM ledger_record r"
        " JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
        " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
        " WHERE r.district_id = %s AND r.id = %s FOR NO KEY UPDATE OF r",
        [district_id, record_id],
    )
    row = cursor.fetchone()
    if row is None or not acting.sees(row[0], row[1], row[2]):
        raise NotFound("no such case, or none in your territory")
    if closed and row[4]:
        raise Erased("the photos of this case are erased")
    if closed and not row[5]:
        raise Refused(Refusal("wrong_stage", {"stage": row[3]}))


def _withdraw(
    cursor: Any, district_id: int, record_id: UUID, side: str, person: str, post: str, at: datetime, why: str
) -> bool:
    cursor.execute(
        "UPDATE keeping_release p SET withdrawn_by = %s, withdrawn_post = %s, withdrawn_at = %s, why = %s"
        f" WHERE district_id = %s AND record_id = %s AND side = %s AND {_PUBLIC} RETURNING copy_id",
        [person, post, at, why, district_id, record_id, side],
    )
    copies = [row[0] for row in cursor.fetchall()]
    # Outside the database and before the commit, as erasing is: a system restored from before it takes it away again.
    append([Entry(district_id, record_id, at, f"{COPY}{one}", why, person) for one in copies], Home.current())
    attachments.drop_copies(district_id, copies)
    return bool(copies)


def repeat_withdrawal(entry: Entry) -> None:
    """Take a copy away that was taken away after the backup from which this system was restored. Raises ``NotFound``
    where the case is younger than the backup."""
    copy_id = UUID(entry.what.removeprefix(COPY))
    with transaction.atomic(), connection.cursor() as cursor:
        if entry.record_id not in store.lock(entry.district_id, [entry.record_id]):
            raise NotFound("no such case")
        cursor.execute(
            "UPDATE keeping_release p SET withdrawn_by = %s, withdrawn_at = %s, why = %s"
            f" WHERE district_id = %s AND record_id = %s AND copy_id = %s AND {_PUBLIC}",
            [entry.by, entry.at, entry.reason, entry.district_id, entry.record_id, copy_id],
        )
        attachments.drop_copies(entry.district_id, [copy_id])


def forget(erasing: Erasing) -> None:
    """Note that the copies of a record went with its photos (see ``gewu.ledger.erasure.follow``)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE keeping_release p SET withdrawn_at = %s, why = %s, marks = '[]'"
            f" WHERE district_id = %s AND record_id = %s AND {_PUBLIC} RETURNING copy_id",
            [erasing.at, ERASED, erasing.district_id, erasing.record_id],
        )
        attachments.drop_copies(erasing.district_id, [row[0] for row in cursor.fetchall()])


# ---- reading


def releases_of(district_id: int, record_id: UUID) -> list[Release]:
    """Every release of a case, latest first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, record_id, photo_id, copy_id, side, marks, released_post, released_at, withdrawn_post,"
            " withdrawn_at, why FROM keeping_release WHERE district_id = %s AND record_id = %s ORDER BY id DESC",
            [district_id, record_id],
        )
        return [
            Release(a, b, c, d, side, tuple(as_json(marks)), by, at, gone_by, gone_at, why)
            for a, b, c, d, side, marks, by, at, gone_by, gone_at, why in cursor.fetchall()
        ]


def public_copies(district_id: int, records: Sequence[UUID]) -> dict[UUID, dict[str, UUID]]:
    """What is public of these cases: the copy of each side. One statement."""
    found: dict[UUID, dict[str, UUID]] = {}
    if not records:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT record_id, side, copy_id FROM keeping_release p"
            f" WHERE district_id = %s AND record_id = ANY(%s) AND {_PUBLIC}",
            [district_id, list(records)],
        )
        for record_id, side, copy_id in cursor.fetchall():
            found.setdefault(record_id, {})[side] = copy_id
    return found


def public_copy(district_id: int, copy_id: UUID) -> bytes | None:
    """The bytes of a copy, as long as it is public and its case counts as solved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM keeping_release p"
            " JOIN cases_case c ON c.district_id = p.district_id AND c.record_id = p.record_id"
            " JOIN ledger_record r ON r.district_id = p.district_id AND r.id = p.record_id"
            f" WHERE p.district_id = %s AND p.copy_id = %s AND {_PUBLIC} AND {SOLVED})",
            [district_id, copy_id],
        )
        if not cursor.fetchone()[0]:
            return None
    found = attachments.read(district_id, copy_id)
    return found[0] if found else None


_WITH_PHOTOS = (
    " AND EXISTS (SELECT FROM ledger_attachment a WHERE a.district_id = c.district_id AND a.record_id = c.record_id"
    " AND a.seq IS NOT NULL AND a.role = 'after' AND a.wrapped IS NOT NULL)"
)
_RELEASED = (
    "SELECT coalesce(array_agg(p.side ORDER BY p.side DESC), '{}') FROM keeping_release p"
    f" WHERE p.district_id = c.district_id AND p.record_id = c.record_id AND {_PUBLIC}"
)


def lines(
    district_id: int, acting: Acting, *, released: bool, after: tuple[datetime, UUID] | None = None, limit: int = PAGE
) -> list[Line]:
    """Closed cases with a photo after, in sight, last closed first: those with nothing public yet, or those with.

    ``after`` are instant and record of the last line before. One statement.
    """
    sight, params = visible(acting)
    below = " AND (c.closed_at, c.record_id) < (%s, %s)" if after else ""
    exists = "EXISTS" if released else "NOT EXISTS"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.record_id, c.number, c.category, r.place, c.closed_at, ({_RELEASED}) FROM cases_case c"
            " JOIN ledger_record r ON r.district_id = c.district_id AND r.id = c.record_id"
            f" WHERE c.district_id = %s AND {SOLVED}{f' AND {sight}' if sight else ''}{below}"
            f" AND {exists} (SELECT FROM keeping_release p WHERE p.district_id = c.district_id"
            f" AND p.record_id = c.record_id AND {_PUBLIC}){_WITH_PHOTOS}"
            " ORDER BY c.closed_at DESC, c.record_id DESC LIMIT %s",
            [district_id, *params, *(after or ()), limit],
        )
        return [Line(a, b, c, d, at, tuple(sides)) for a, b, c, d, at, sides in cursor.fetchall()]
