"""What people see of the outbox and may do: lists of messages, the state of destinations, sending again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.ledger.door import new_id
from gewu.ledger.outbox.destinations import NOT_IN_HOUSE, OPEN_AFTER
from gewu.ledger.rows import OUTGOING_COLUMNS, dumps
from gewu.ledger.store import as_json, insert

PAGE = 50
STATUSES = ("waiting", "sending", "sent", "failed", "dropped")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as a log shows it. ``code`` and ``ms`` are those of the last attempt."""

    id: UUID
    record_id: UUID | None
    topic: str
    destination: str
    status: str
    attempts: int
    next_at: datetime
    error: str
    code: int
    ms: int
    created_at: datetime
    tried_at: datetime | None
    sent_at: datetime | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """How a destination fares. ``state``: ok, failing, or down (not answering for several attempts)."""

    destination: str
    failures: int
    failing_since: datetime | None
    resume_at: datetime
    taken: int
    refused: int
    last_at: datetime | None
    taken_at: datetime | None
    code: int
    ms: int
    error: str

    @property
    def state(self) -> str:
        """``ok``, ``failing`` or ``down``."""
        return "down" if self.failures >= OPEN_AFTER else "failing" if self.failures else "ok"


def write(district_id: int, topic: str, destination: str, payload: dict[str, Any], now: datetime) -> UUID:
    """Write a message that is not about one record, in the caller's transaction. Returns its id, the key."""
    message_id = new_id()
    row = (district_id, message_id, None, 0, topic, destination, dumps(payload), "waiting", 0, now, "", now, None)
    insert("ledger_outgoing", OUTGOING_COLUMNS, [row])
    return message_id


def list_messages(
    district_id: int,
    *,
    destination: str = "",
    statuses: Sequence[str] = (),
    after: UUID | None = None,
    limit: int = PAGE,
) -> tuple[list[Sent], UUID | None]:
    """One page of messages to the outside, newest first, and where the next page begins. One statement."""
    where = ["district_id = %s", NOT_IN_HOUSE]
    params: list[Any] = [district_id]
    for condition, value in (
        ("destination = %s", destination),
        ("status = ANY(%s)", list(statuses)),
        ("id < %s", after),
    ):
        if value:
            where.append(condition)
            params.append(value)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, record_id, topic, destination, status, attempts, next_at, last_error, last_code, last_ms,"
            f" created_at, tried_at, sent_at, payload FROM ledger_outgoing WHERE {' AND '.join(where)}"
            " ORDER BY id DESC LIMIT %s",
            [*params, limit + 1],
        )
        found = [Sent(*(*row[:13], as_json(row[13]))) for row in cursor.fetchall()]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def failed_in_house(district_id: int, limit: int = PAGE) -> int:
    """Number of messages inside the house that rest as failed, at most ``limit``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM ledger_outgoing WHERE district_id = %s AND status = 'failed'"
            f" AND NOT ({NOT_IN_HOUSE}) LIMIT %s) capped",
            [district_id, limit],
        )
        return int(cursor.fetchone()[0])


def states(district_id: int, destinations: Sequence[str] = ()) -> dict[str, State]:
    """The state of these destinations, or of all that were ever tried."""
    chosen = " AND destination = ANY(%s)" if destinations else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT destination, failures, failing_since, resume_at, taken, refused, last_at, taken_at, last_code,"
            f" last_ms, last_error FROM ledger_destination WHERE district_id = %s{chosen} ORDER BY destination",
            [district_id, *([list(destinations)] if destinations else [])],
        )
        return {row[0]: State(*row) for row in cursor.fetchall()}


def counts(district_id: int, destination: str, cap: int = 1000) -> dict[str, int]:
    """How many messages to a destination wait or rest as failed, each counted up to ``cap`` + 1."""
    found = {}
    for name, condition in (("waiting", "status IN ('waiting', 'sending')"), ("failed", "status = 'failed'")):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT 1 FROM ledger_outgoing WHERE district_id = %s AND destination = %s"
                f" AND {condition} AND {NOT_IN_HOUSE} LIMIT %s) capped",
                [district_id, destination, cap + 1],
            )
            found[name] = int(cursor.fetchone()[0])
    return found


def replay(district_id: int, ids: Sequence[UUID], now: datetime, destination: str = "") -> int:
    """Send these messages again, each under its own key: whoever took one before recognises it. Returns how many.

    A message that still waits is tried at once; one that is on its way is left alone. With ``destination``, messages
    to others are left alone too.
    """
    return _again("id = ANY(%s)", [list(ids)], district_id, now, destination)


def replay_window(
    district_id: int, destination: str, since: datetime, until: datetime, now: datetime, *, failed_only: bool = False
) -> int:
    """Send again what was written for a destination from an instant up to another. Returns how many messages."""
    status = " AND status = 'failed'" if failed_only else ""
    where = f"created_at >= %s AND created_at < %s{status}"
    return _again(where, [since, until], district_id, now, destination)


def _again(where: str, params: list[Any], district_id: int, now: datetime, destination: str) -> int:
    to = " AND destination = %s" if destination else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_outgoing SET status = 'waiting', next_at = %s, attempts = 0, first_at = NULL"
            f" WHERE district_id = %s AND status <> 'sending' AND {where}{to}",
            [now, district_id, *params, *([destination] if destination else [])],
        )
        return int(cursor.rowcount)


def try_now(district_id: int, destination: str, now: datetime) -> None:
    """End the pause of a destination and of what waits for it: somebody knows that it is well again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_destination SET resume_at = %s WHERE district_id = %s AND destination = %s",
            [now, district_id, destination],
        )
        cursor.execute(
            "UPDATE ledger_outgoing SET next_at = %s WHERE district_id = %s AND destination = %s"
            f" AND status = 'waiting' AND next_at > %s AND {NOT_IN_HOUSE}",
            [now, district_id, destination, now],
        )
