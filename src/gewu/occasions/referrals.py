"""From one level to the next: what a meeting refers comes on the table of the next meeting of the level above, or waits
for one; a decision that is not carried out by its due date is told.

Referring and calling a meeting write a message in their own transaction; the outbox delivers it here, exactly once. A
daily look finds what was missed. Everything here is done again without harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from uuid import UUID, uuid5

import structlog
from django.db import connection, transaction

from gewu.core.playbook.model import Playbook
from gewu.core.records import Arg, Command
from gewu.ledger.door import SYSTEM, Wish, execute
from gewu.ledger.errors import LedgerError, NotFound, Refused
from gewu.ledger.listeners import Told
from gewu.ledger.outbox.messages import DeliveryError, Message
from gewu.ledger.projections import Change
from gewu.ledger.rows import micros
from gewu.ledger.ticker import Unfinished
from gewu.occasions import following
from gewu.occasions.kinds import (
    DECISION_LATE,
    KIND,
    REFERRALS,
    RESCHEDULE,
    SCHEDULE,
    SOLVED_HERE,
    TAKE_UP_CASE,
    TAKE_UP_MATTER,
    TASK,
    levels,
    types,
)
from gewu.occasions.meetings import PUT
from gewu.occasions.obligations import today_of
from gewu.occasions.table import matter_of
from gewu.registry.directory import Directory, get_directory

log = structlog.get_logger(__name__)

TOPIC = "occasion_referral"
LATE_STEP = "decision_late"
BATCH = 200
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)

WAITING = (
    "NOT coalesce(s.ended, false) AND (x.outcome = 'referred' OR f.outcome = 'referred')"
    " AND NOT EXISTS (SELECT 1 FROM occasions_matter u"
    " WHERE u.district_id = t.district_id AND u.origin_id = t.record_id"
    " AND u.origin_part = CASE WHEN x.outcome = 'referred' THEN x.part ELSE f.part END)"
)
"""Referred, not solved since, and not on the table of a meeting of the level above; names as in ``queries.figures``,
``s`` being the record of the case."""
_REFERRED = (
    " FROM occasions_matter t"
    " JOIN occasions_occasion o ON o.district_id = t.district_id AND o.record_id = t.record_id"
    " JOIN occasions_outcome x ON x.district_id = t.district_id AND x.record_id = t.record_id AND x.part = t.part"
    " LEFT JOIN occasions_outcome f ON f.district_id = x.district_id AND f.record_id = x.record_id"
    " AND f.part = x.follow AND x.follow > 0"
    " LEFT JOIN ledger_record s ON s.district_id = x.district_id AND s.id = coalesce(x.case_id, f.case_id)"
)
FOLLOWED = "x.follow > 0 AND f.outcome IS NULL"
"""Given out and not ended."""


@dataclass(frozen=True, slots=True)
class _Meeting:
    """A meeting among others of its type."""

    record_id: UUID
    type: str
    level: str
    place: str
    stage: str


def listen(directory: Directory, change: Change) -> Iterable[Told]:
    """A message when something is referred or a meeting is called that could take it up, and to who was made owner."""
    after, kind = change.after, change.event.kind
    if after.kind != KIND:
        return ()
    if kind in (TASK, SOLVED_HERE):
        unit = change.event.payload.get("args", {}).get("unit")
        return (("notice", f"unit:{unit}/unit_clerk", {"message": "tasked", "event": kind}),) if unit else ()
    calls = kind in (SCHEDULE, RESCHEDULE) and levels(directory.playbook(after.playbook, after.playbook_version))
    return ((TOPIC, following.DESTINATION, {}),) if kind in REFERRALS or calls else ()


def hear(message: Message) -> None:
    """Bring what waits to the meetings that this message is about. Called by the outbox."""
    if message.record_id is None:
        return
    try:
        place(message.district_id, message.record_id, micros(message.created_at))
    except LedgerError as error:
        raise DeliveryError(str(error)) from error


def place(district_id: int, record_id: UUID, at_us: int) -> int:
    """What a meeting referred goes to the next one of the level above; what waits for this meeting comes to it.

    Returns how many items changed tables.
    """
    meeting = _meeting(district_id, record_id)
    if meeting is None:
        return 0
    playbook = get_directory(district_id).playbook(meeting.type)
    known = levels(playbook)
    if playbook is None or meeting.level not in known:
        return 0
    at = known.index(meeting.level)
    moved = 0
    if at:
        moved += _bring(district_id, meeting, known[at - 1], playbook, at_us)
    if at + 1 < len(known):
        above = _next(district_id, meeting, known[at + 1], playbook)
        if above is not None:
            moved += _bring(district_id, above, meeting.level, playbook, at_us)
    following.go_on(district_id, record_id, at_us)
    return moved


def catch_up(district_id: int, now: datetime) -> None:
    """Find meetings that could take up what waits, and were not heard of. Called once a day."""
    moved, at_us = 0, int(now.timestamp() * 1_000_000)
    for playbook in types(get_directory(district_id)).values():
        for below, above in pairwise(levels(playbook)):
            for meeting in _open_to(district_id, playbook, below, above):
                moved += _bring(district_id, meeting, below, playbook, at_us)
                if moved >= BATCH:  # only where something was moved: what cannot be taken up is tried once a day
                    raise Unfinished


def _open_to(district_id: int, playbook: Playbook, below: str, above: str) -> Iterator[_Meeting]:
    """Meetings of a level that take up matters still and for which something waits at the level below, by their day."""
    sources, after = sorted(playbook.moves[TAKE_UP_MATTER].sources), (_EARLIEST, UUID(int=0))
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT m.record_id, m.type, m.led_by, m.place, r.stage, m.starts_at FROM occasions_occasion m"
                " JOIN ledger_record r ON r.district_id = m.district_id AND r.id = m.record_id"
                " WHERE m.district_id = %s AND m.type = %s AND m.led_by = %s AND r.stage = ANY(%s)"
                " AND (m.starts_at, m.record_id) > (%s, %s)"
                f" AND EXISTS (SELECT 1{_REFERRED} WHERE t.district_id = m.district_id AND o.type = m.type"
                f" AND o.led_by = %s AND starts_with(o.place, m.place) AND {WAITING})"
                " ORDER BY m.starts_at, m.record_id LIMIT %s",
                [district_id, playbook.name, above, sources, *after, below, BATCH],
            )
            found = cursor.fetchall()
        for row in found:
            yield _Meeting(*row[:5])
        if len(found) < BATCH:
            return
        after = (found[-1][5], found[-1][0])


def tell_late(district_id: int, now: datetime) -> None:
    """Tell of decisions that are not carried out by their due date: each once, and proposed for the level above."""
    directory = get_directory(district_id)
    names = [name for name, playbook in types(directory).items() if DECISION_LATE in playbook.moves]
    if not names:
        return
    found = _late(district_id, names, today_of(directory, now), now)
    for record_id, type_, no in found:
        try:
            _tell(district_id, record_id, type_, no, now)
        except (Refused, NotFound) as error:
            log.warning("occasions.decision_late", occasion=str(record_id), item=no, error=str(error))
    if len(found) == BATCH:
        raise Unfinished


def _tell(district_id: int, record_id: UUID, type_: str, no: int, now: datetime) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO occasions_reminder (district_id, programme, member, period, step, at)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [district_id, type_, str(record_id), str(no), LATE_STEP, now],
            )
            if not cursor.rowcount:
                return
        command = Command(str(uuid5(record_id, f"{LATE_STEP}:{no}")), DECISION_LATE, {"item": no})
        execute(district_id, SYSTEM, Wish(record_id, command), at_us=int(now.timestamp() * 1_000_000))


def _late(district_id: int, names: list[str], today: date, now: datetime) -> list[tuple[UUID, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.record_id, o.type, t.no FROM occasions_matter t"
            " JOIN occasions_occasion o ON o.district_id = t.district_id AND o.record_id = t.record_id"
            " AND o.cases_open > 0"
            " JOIN occasions_outcome x ON x.district_id = t.district_id AND x.record_id = t.record_id"
            " AND x.part = t.part AND x.follow > 0"
            " JOIN ledger_record s ON s.district_id = x.district_id AND s.id = x.case_id AND NOT s.ended"
            " JOIN cases_case c ON c.district_id = x.district_id AND c.record_id = x.case_id"
            " LEFT JOIN occasions_outcome f ON f.district_id = x.district_id AND f.record_id = x.record_id"
            " AND f.part = x.follow"
            f" WHERE t.district_id = %s AND o.type = ANY(%s) AND {FOLLOWED}"
            " AND (x.due_on < %s OR x.due_on IS NULL AND x.limit_days IS NOT NULL AND c.handle_due_at < %s)"
            " AND NOT EXISTS (SELECT 1 FROM occasions_reminder m WHERE m.district_id = t.district_id"
            " AND m.programme = o.type AND m.member = t.record_id::text AND m.period = t.no::text AND m.step = %s)"
            " ORDER BY t.record_id, t.seq LIMIT %s",
            [district_id, names, today, now, LATE_STEP, BATCH],
        )
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


def _meeting(district_id: int, record_id: UUID) -> _Meeting | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.record_id, o.type, o.led_by, o.place, r.stage FROM occasions_occasion o JOIN ledger_record r"
            " ON r.district_id = o.district_id AND r.id = o.record_id WHERE o.district_id = %s AND o.record_id = %s",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    return _Meeting(*row) if row else None


def _next(district_id: int, lower: _Meeting, level: str, playbook: Playbook) -> _Meeting | None:
    """The next meeting of a level that covers the place of another one and takes up matters still."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.record_id, o.type, o.led_by, o.place, r.stage FROM occasions_occasion o JOIN ledger_record r"
            " ON r.district_id = o.district_id AND r.id = o.record_id"
            " WHERE o.district_id = %s AND o.type = %s AND o.led_by = %s AND starts_with(%s, o.place)"
            " AND r.stage = ANY(%s) ORDER BY o.starts_at, o.record_id LIMIT 1",
            [district_id, lower.type, level, lower.place, sorted(playbook.moves[TAKE_UP_MATTER].sources)],
        )
        row = cursor.fetchone()
    return _Meeting(*row) if row else None


def _bring(district_id: int, meeting: _Meeting, below: str, playbook: Playbook, at_us: int) -> int:
    """Put what waits at the level below on the table of a meeting, the longest waiting first. Returns how many items,
    at most as many as are looked up at once; what cannot be taken up stands in nobody's way."""
    if meeting.stage not in playbook.moves[TAKE_UP_MATTER].sources:
        return 0
    moved, after = 0, (_EARLIEST, UUID(int=0), 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.record_id, t.no, CASE WHEN x.outcome = 'referred' THEN x.part ELSE f.part END,"
                " coalesce(x.case_id, f.case_id), coalesce(nullif(t.place, ''), o.place), t.at, t.seq"
                f"{_REFERRED} WHERE t.district_id = %s AND o.type = %s AND o.led_by = %s"
                f" AND starts_with(o.place, %s) AND {WAITING} AND (t.at, t.record_id, t.seq) > (%s, %s, %s)"
                " ORDER BY t.at, t.record_id, t.seq LIMIT %s",
                [district_id, meeting.type, below, meeting.place, *after, BATCH],
            )
            found = cursor.fetchall()
        for origin, no, part, case, where, _at, _seq in found:
            try:
                _take_up(district_id, meeting, origin, no, part, case, where, at_us)
                moved += 1
            except LedgerError as error:  # on that table already, or the meeting ended a moment ago: it waits on
                log.info("occasions.referral", meeting=str(meeting.record_id), origin=str(origin), error=str(error))
        if len(found) < BATCH or moved >= BATCH:
            return moved
        after = (found[-1][5], found[-1][0], found[-1][6])


def _take_up(
    district_id: int, meeting: _Meeting, origin: UUID, no: int, part: int, case: UUID | None, where: str, at_us: int
) -> None:
    item = matter_of(district_id, origin, no)
    key = uuid5(origin, f"{part}:{meeting.record_id}")
    args: dict[str, Arg] = {"origin": str(origin), "origin_part": part}
    texts = {"words": item.words} if item.words else {}
    if case is not None:
        own = Command(str(key), TAKE_UP_CASE, {**args, "case": str(case)}, texts)
        put = Command(str(uuid5(key, "case")), PUT, {"session": str(meeting.record_id)})
        execute(district_id, SYSTEM, Wish(meeting.record_id, own), Wish(case, put), at_us=at_us)
        return
    args |= {"place": where, "raised": item.raised}
    if item.category:
        args["category"] = item.category
    own = Command(str(key), TAKE_UP_MATTER, args, texts)
    execute(district_id, SYSTEM, Wish(meeting.record_id, own), at_us=at_us)
