"""What a schedule asks for, done: records that are due erased through the ledger, rows that are over removed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection

from gewu.keeping import holds
from gewu.keeping.retention.schedule import RecordRule, of_district
from gewu.ledger.attachments import remove_unbound
from gewu.ledger.door import SYSTEM, new_id
from gewu.ledger.erasure import erase, erase_photos
from gewu.ledger.errors import Held, LedgerError
from gewu.ledger.progress import Progress
from gewu.ledger.ticker import Unfinished

log = structlog.get_logger(__name__)

BATCH = 500
"""Records that are looked up, and rows that are removed, in one statement."""
SECONDS = 5.0
"""How long the ticker gives to it at a time: clocks must not wait for retention."""

HouseWork = Callable[[datetime], int]
_MORE: dict[str, HouseWork] = {}


def register_house(name: str, work: HouseWork) -> None:
    """Have ``work(now) -> rows removed`` done with every pass: for short-lived rows that an upper floor keeps."""
    _MORE[name] = work


@dataclass(slots=True)
class Done:
    """What one rule found and did. ``waits``: due, but no schedule was adopted, so that nothing was done."""

    rule: str
    title: dict[str, str]
    found: int = 0
    done: int = 0
    held: int = 0
    waits: bool = False


@dataclass(slots=True)
class _Budget:
    """Time that is left, and who is told of the progress."""

    end: float | None
    progress: Progress | None

    def over(self) -> bool:
        return self.end is not None and time.monotonic() > self.end


def run(
    district_id: int,
    now: datetime | None = None,
    *,
    dry_run: bool = False,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> list[Done]:
    """One pass over a district; what each rule did is returned and, unless it is a dry run, written down.

    With ``seconds`` it ends after that time and raises ``Unfinished`` when more is due.
    """
    now = now or datetime.now(UTC)
    budget = _Budget(None if seconds is None else time.monotonic() + seconds, progress)
    adopted = of_district(district_id)
    found: list[Done] = []
    unfinished = False
    # Photos alone come first, so that a pass counts them as a dry run does.
    for name, rule in sorted(adopted.schedule.records.items(), key=lambda each: (each[1].what == "all", each[0])):
        one = Done(name, rule.title.model_dump(), waits=adopted.version == 0)
        if not _records(district_id, rule, now, one, dry_run or one.waits, budget):
            unfinished = True
        found.append(one)
    for name, house in adopted.schedule.house.items():
        one = Done(name, house.title.model_dump())
        _house(district_id, name, now - timedelta(days=house.after_days), one, dry_run)
        found.append(one)
    if not dry_run:
        for work in _MORE.values():
            work(now)
        _write_down(district_id, found, now)
    if unfinished:
        raise Unfinished("more records are due than the time was enough for")
    return found


def daily(district_id: int, now: datetime) -> None:
    """The daily pass (see ``gewu.ledger.ticker.register_daily``)."""
    done = run(district_id, now, seconds=SECONDS)
    for one in done:
        if one.done or one.held:
            log.info("retention.pass", district=district_id, rule=one.rule, done=one.done, held=one.held)


# ---- records

_DUE = (
    " FROM ledger_record r"
    " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
    " WHERE r.district_id = %s AND r.kind = %s AND r.stage = ANY(%s) AND r.ended AND r.updated_at < %s"
    # An appeal goes on after the end: somebody still has a part in it.
    " AND NOT EXISTS (SELECT FROM ledger_assignment a"
    "   WHERE a.district_id = r.district_id AND a.record_id = r.id AND a.live)"
    # A case that was merged into another, or split off, is part of one that goes on.
    " AND NOT EXISTS (SELECT FROM ledger_link l JOIN ledger_record o"
    "   ON o.district_id = l.district_id AND o.id = l.other_id"
    "   WHERE l.district_id = r.district_id AND l.record_id = r.id AND NOT o.ended)"
)
_WHAT = {
    "all": " AND k.wrapped IS NOT NULL",
    "photos": " AND EXISTS (SELECT FROM ledger_attachment p WHERE p.district_id = r.district_id AND p.record_id = r.id"
    " AND p.wrapped IS NOT NULL)",
}


def _records(district_id: int, rule: RecordRule, now: datetime, one: Done, count_only: bool, budget: _Budget) -> bool:
    """Erase what a rule finds, in batches; False when the time was over before."""
    after = UUID(int=0)
    cutoff = now - timedelta(days=rule.after_days)
    while True:
        due = _due(district_id, rule, cutoff, after)
        kept = holds.held(district_id, due) if due else set()
        one.found += len(due)
        one.held += len(kept)
        if not count_only:
            for record_id in due:
                if record_id not in kept:
                    _erase(district_id, record_id, rule, one)
                if budget.over():
                    return False
        if budget.progress is not None:
            budget.progress.advance(len(due))
        if len(due) < BATCH:
            return True
        after = due[-1]


def _due(district_id: int, rule: RecordRule, cutoff: datetime, after: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id{_DUE}{_WHAT[rule.what]} AND r.id > %s ORDER BY r.id LIMIT %s",
            [district_id, rule.kind, rule.stages, cutoff, after, BATCH],
        )
        return [row[0] for row in cursor.fetchall()]


def _erase(district_id: int, record_id: UUID, rule: RecordRule, one: Done) -> None:
    try:
        if rule.what == "photos":
            erase_photos(district_id, record_id, SYSTEM, reason="retention")
        else:
            erase(district_id, record_id, SYSTEM, reason="retention")
    except Held:  # put on it a moment ago
        one.held += 1
        return
    except LedgerError as error:
        log.error("retention.record", district=district_id, record=str(record_id), error=str(error))
        return
    one.done += 1
    log.info("retention.erased", district=district_id, record=str(record_id), what=rule.what)


# ---- the house

_ROWS = {
    "notices": ("ledger_notice", "at"),
    "messages": ("ledger_outgoing", "sent_at"),
}


def _house(district_id: int, name: str, cutoff: datetime, one: Done, dry_run: bool) -> None:
    params: list[Any]
    match name:
        case "notices" | "messages":
            table, column = _ROWS[name]
            sent = " AND status = 'sent'" if name == "messages" else ""
            where, params = f"district_id = %s AND {column} < %s{sent}", [district_id, cutoff]
            key = "district_id, id"
        case "tokens":
            table, key = "registry_apitoken", "id"
            where = "district_id = %s AND (revoked_at < %s OR expires_at < %s)"
            params = [district_id, cutoff, cutoff]
        case "sessions":
            table, key, where, params = "django_session", "session_key", "expire_date < %s", [cutoff]
        case _:
            table, key = "ledger_attachment", "district_id, id"
            where, params = "district_id = %s AND record_id IS NULL AND uploaded_at < %s", [district_id, cutoff]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}", params)
        one.found = int(cursor.fetchone()[0])
    if dry_run or not one.found:
        return
    if name == "photos_unbound":
        one.done = remove_unbound(district_id, cutoff)
        return
    while True:
        with connection.cursor() as cursor:
            district = "district_id = %s AND " if key != "session_key" else ""
            cursor.execute(
                f"DELETE FROM {table} WHERE {district}({key}) IN (SELECT {key} FROM {table} WHERE {where} LIMIT %s)",
                [*([district_id] if district else []), *params, BATCH],
            )
            removed = int(cursor.rowcount)
        one.done += removed
        if removed < BATCH:
            return


# ---- what was done


def _write_down(district_id: int, found: list[Done], now: datetime) -> None:
    with connection.cursor() as cursor:
        for one in found:
            cursor.execute(
                "INSERT INTO keeping_pass (district_id, id, rule, at, found, done, held)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [district_id, new_id(), one.rule, now, one.found, one.done, one.held],
            )


def last_passes(district_id: int, limit: int = 50) -> list[tuple[datetime, str, int, int, int]]:
    """When, rule, found, done, held: the latest passes first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, rule, found, done, held FROM keeping_pass WHERE district_id = %s ORDER BY id DESC LIMIT %s",
            [district_id, limit],
        )
        return [tuple(row) for row in cursor.fetchall()]
