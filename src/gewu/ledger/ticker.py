"""The ticker: finds clocks that want attention and sends their records through the door.

Due clocks are read unlocked; their records are then locked with SKIP LOCKED and the clocks read again under the lock.
A record that somebody else holds is met again at the next round. District by district, because a distributed database
can skip locked rows only within one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import connection, transaction
from django.db.utils import InterfaceError, OperationalError

from gewu.ledger import door
from gewu.ledger.attachments import remove_unbound
from gewu.ledger.errors import LedgerError
from gewu.ledger.expiring import expire_due
from gewu.ledger.received import forget
from gewu.ledger.rows import moment_us
from gewu.ledger.seals import make_seal
from gewu.registry.directory import get_directory

log = structlog.get_logger(__name__)

BATCH = 200
HOUSEKEEPING = 600.0
"""Seconds between looks whether the day's seal is due."""

PAUSE = 1.0
_RECEIVED = timedelta(days=180)
"""How long the book of what devices sent is kept: longer than any phone stays in a drawer."""
"""Seconds between rounds when nothing is due: a clock fires at most this late on an idle system."""

Daily = Callable[[int, datetime], None]
_DAILY: dict[str, Daily] = {}
_done: dict[tuple[int, str], date] = {}


class Unfinished(Exception):
    """Raised by daily work that has more to do than it should do at a time: it is called again at the next look."""


def register_daily(name: str, work: Daily) -> None:
    """Have ``work(district_id, now)`` done once a day for each live district, by the process that keeps house.

    Clocks wait while it runs: work that takes more than seconds does a part and raises ``Unfinished``. It may be called
    again on the same day after a restart. What else it raises is logged and stops nothing else.
    """
    _DAILY[name] = work


def due_records(district_id: int, at_us: int, limit: int) -> list[UUID]:
    """Records with a running clock whose time has come, the longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id FROM ledger_clock WHERE district_id = %s AND status = 'running' AND next_at <= %s"
            " ORDER BY next_at LIMIT %s",
            [district_id, moment_us(at_us), limit],
        )
        return list(dict.fromkeys(row[0] for row in cursor.fetchall()))


def tick(district_id: int, at_us: int | None = None, limit: int = BATCH) -> int:
    """One round for one district. Returns the number of clocks that fired.

    A record whose clock cannot be run is logged and left out, so that it does not hold up the others.
    """
    at_us = at_us or door.now_us()
    ids = due_records(district_id, at_us, limit)
    if not ids:
        return 0
    directory = get_directory(district_id)
    try:
        return len(expire_due(district_id, ids, at_us, directory))
    except LedgerError as error:
        log.warning("ticker.batch", district=district_id, error=str(error))
    fired = 0
    for record_id in ids:
        try:
            fired += len(expire_due(district_id, [record_id], at_us, directory))
        except LedgerError as error:
            log.error("ticker.record", district=district_id, record=str(record_id), error=str(error))
    return fired


def live_districts() -> list[int]:
    """Districts whose clocks run: all but those at a standstill (imported history)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.id FROM registry_district d LEFT JOIN ledger_standstill s ON s.district_id = d.id"
            " WHERE s.district_id IS NULL ORDER BY d.id"
        )
        return [row[0] for row in cursor.fetchall()]


def keep_house(district_id: int, now: datetime | None = None) -> None:
    """What is due once a day: a seal for the day that ended, photos removed that no command took up, and the rest."""
    now = now or datetime.now(UTC)
    zone = ZoneInfo(get_directory(district_id).district.timezone)
    midnight = datetime.combine(now.astimezone(zone).date(), clock.min, zone)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(at) FROM ledger_seal WHERE district_id = %s", [district_id])
        last = cursor.fetchone()[0]
    if last is None or last < midnight:
        made = make_seal(district_id, now)
        log.info("ticker.sealed", district=district_id, no=made.no, heads=made.heads, hash=made.hash)
        remove_unbound(district_id, now - timedelta(days=1))
        forget(district_id, now - _RECEIVED)
    _do_daily(district_id, now, now.astimezone(zone).date())


def _do_daily(district_id: int, now: datetime, today: date) -> None:
    """What upper floors want done once a day. Not tied to the seal, which somebody may have made by hand."""
    for name, work in _DAILY.items():
        if _done.get((district_id, name)) == today:
            continue
        try:
            work(district_id, now)
        except Unfinished:
            continue
        except (OperationalError, InterfaceError):
            raise  # the database went away: the whole round is tried again
        except Exception:
            log.exception("ticker.daily", district=district_id, work=name)
        _done[district_id, name] = today


def run_forever(stop: threading.Event) -> None:
    """Tick until told to stop; outlive a database that goes away."""
    kept_at = 0.0
    while not stop.is_set():
        fired = 0
        try:
            for district_id in live_districts():
                fired += tick(district_id)
            if time.monotonic() - kept_at >= HOUSEKEEPING:
                for district_id in live_districts():
                    keep_house(district_id)
                kept_at = time.monotonic()
        except (OperationalError, InterfaceError) as error:
            log.warning("ticker.database", error=str(error).strip())
            _drop_connection()
            stop.wait(2)
        if not fired:
            stop.wait(PAUSE)


def _drop_connection() -> None:
    if not connection.in_atomic_block:
        connection.close()
    else:
        transaction.set_rollback(True)
        connection.close()


def run_until(district_id: int, at_us: int, limit: int = BATCH) -> int:
    """Fire everything that is due at an instant, in rounds, until nothing is left. For imports and tests."""
    total = 0
    started = time.monotonic()
    while fired := tick(district_id, at_us, limit):
        total += fired
        if time.monotonic() - started > 3600:
            raise TimeoutError("clocks keep firing: an hour is over")
    return total
