"""Taking items in: each becomes a case once, whoever sends it and however often.

A batch is one transaction. First the outside numbers are claimed in ``imports_item`` (its key is district, platform and
number), in the order of the numbers: of two imports that bring the same number at once, one waits for the other and
then finds it known. New numbers become cases through the bulk writer; for known ones what is new is noted through the
door. A batch that fails leaves nothing behind, neither cases nor claims.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from psycopg import errors as pg

from gewu.cases import services
from gewu.cases.similar import near_cases
from gewu.core.records import Command
from gewu.imports.mapping import Platform
from gewu.imports.problems import Problem
from gewu.imports.rows import Bad, Item
from gewu.ledger.bulk import Life, Step, execute_many
from gewu.ledger.door import Acting, new_id
from gewu.ledger.errors import Busy, Erased, LedgerError, Refused
from gewu.ledger.numbers import BLOCK, format_number, numbers, reserve
from gewu.registry.directory import Directory

NAMESPACE = UUID("5f0c9d3a-0f6c-5a55-9a43-6d6f3b1f7c12")
"""Command ids of imports are derived in this namespace, so that the same item makes the same command."""

WARN_PERCENT = 80
NOTE_LIMIT, REMINDER_LIMIT = 1000, 500
ATTEMPTS = 5
ALIKE_SHOWN = 3

CREATED, CHANGED, KNOWN, BAD = "created", "changed", "known", "bad"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one item: ``created``, ``changed`` (known, something new noted), ``known`` or ``bad``.

    ``number`` is ours. ``alike`` are numbers of open cases that may be the same matter.
    """

    row: int
    outside_number: str
    outcome: str
    number: str = ""
    record_id: UUID | None = None
    problems: tuple[Problem, ...] = ()
    cells: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


Settle = Callable[[list[Taken]], None]


def take(
    directory: Directory,
    platform: Platform,
    acting: Acting,
    found: Sequence[Item | Bad],
    *,
    at_us: int,
    run_id: UUID | None = None,
    settle: Settle | None = None,
    compare: bool = True,
) -> list[Taken]:
    """Take a batch in, in one transaction, and tell what became of each, in the order given.

    ``settle`` is called with the results before the transaction ends, to write them down with it; what it raises
    undoes the batch. With ``compare`` new cases are held against those near by, which costs two statements each. Items
    of a batch have different numbers. Raises ``Busy`` when others hold the same numbers for
    too long.
    """
    items = [one for one in found if isinstance(one, Item)]
    given = _numbers(directory, len(items), at_us)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                results = _take(directory, platform, acting, items, given, at_us, run_id)
                if compare:
                    results |= _compared(directory, acting, items, results, at_us)
                results |= {id(one): _bad(one) for one in found if isinstance(one, Bad)}
                ordered = [results[id(one)] for one in found]
                if settle:
                    settle(ordered)
                return ordered
        except OperationalError as error:
            if not isinstance(error.__cause__, (pg.LockNotAvailable, pg.DeadlockDetected)):
                raise
            if attempt == ATTEMPTS:
                raise Busy("others import the same numbers at this moment") from error
    raise AssertionError("not reached")


def _bad(one: Bad) -> Taken:
    return Taken(one.row, one.number, BAD, problems=one.problems, cells=one.cells)


def _numbers(directory: Directory, count: int, at_us: int) -> list[str]:
    """Case numbers, reserved before the transaction that uses them; what is not used becomes a gap."""
    district = directory.district
    day = datetime.fromtimestamp(at_us // 1_000_000, ZoneInfo(district.timezone)).date()
    if count <= BLOCK:
        return [numbers.take(district.id, district.code, day) for _ in range(count)]
    first = reserve(district.id, day, count)
    return [format_number(district.code, day, first + n) for n in range(count)]


def _take(
    directory: Directory,
    platform: Platform,
    acting: Acting,
    items: Sequence[Item],
    given: Sequence[str],
    at_us: int,
    run_id: UUID | None,
) -> dict[int, Taken]:
    district_id = directory.district.id
    now = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    fresh = _claim(district_id, platform.code, items, run_id, now)
    new = [(one, number) for one, number in zip(items, given, strict=True) if one.number in fresh]
    results = _create(directory, platform, acting, new, at_us, run_id)
    known = [one for one in items if one.number not in fresh]
    if known:
        results |= _again(directory, platform, acting, known, now, at_us)
    return results


def _claim(
    district_id: int, platform: str, items: Sequence[Item], run_id: UUID | None, now: datetime
) -> frozenset[str]:
    """Claim the numbers that nobody has; in order, so that two imports never wait for each other in a circle."""
    if not items:
        return frozenset()
    ordered = sorted(items, key=lambda one: one.number)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imports_item (district_id, platform, outside_number, record_id, run_id, row_no, digest,"
            " received_at, deadline_at, warn_at, told, times_seen, last_seen_at)"
            " SELECT %s, %s, v.number, NULL, %s, v.row_no, v.digest, v.received, v.deadline, v.warn, 0, 1, %s"
            " FROM unnest(%s::text[], %s::int[], %s::bytea[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])"
            " AS v (number, row_no, digest, received, deadline, warn)"
            " ON CONFLICT (district_id, platform, outside_number) DO NOTHING RETURNING outside_number",
            [
                district_id, platform, run_id, now,
                [one.number for one in ordered], [one.row for one in ordered], [one.digest for one in ordered],
                [_at(one.received) for one in ordered], [_at(one.deadline) for one in ordered],
                [warns_at(one.received, one.deadline) for one in ordered],
            ],
        )  # fmt: skip
        return frozenset(row[0] for row in cursor.fetchall())


def _at(instant: int | None) -> datetime | None:
    return None if instant is None else datetime.fromtimestamp(instant, UTC)


def warns_at(received: int, deadline: int | None) -> datetime | None:
    """When so much of the time that the platform allows is used that people are warned."""
    if deadline is None:
        return None
    return datetime.fromtimestamp(received + (deadline - received) * WARN_PERCENT // 100, UTC)


# ---- new ones


def _create(
    directory: Directory,
    platform: Platform,
    acting: Acting,
    new: Sequence[tuple[Item, str]],
    at_us: int,
    run_id: UUID | None,
) -> dict[int, Taken]:
    district_id = directory.district.id
    made: dict[int, Taken] = {}
    by_number: dict[str, Item] = {}
    lives = []
    for item, number in new:
        record_id = new_id()
        detail = detail_of(platform, item, number, run_id)
        command = Command(command_id(district_id, platform.code, item.number, "new"), item.move, item.args, item.texts)
        step = Step(command, acting, at_us, item.position, detail)
        lives.append(Life(record_id, services.PLAYBOOK, [step], tag=item.number))
        by_number[item.number] = item
        made[id(item)] = Taken(item.row, item.number, CREATED, number, record_id)
    if not lives:
        return made
    done = execute_many(district_id, lives)
    for failed in done.failed:
        item = by_number[failed.tag]
        made[id(item)] = Taken(
            item.row, item.number, BAD, problems=(Problem("refused", "", {"reason": failed.reason}),)
        )
    went = [one for one in made.values() if one.record_id is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_item i SET record_id = v.record_id FROM unnest(%s::text[], %s::uuid[])"
            " AS v (number, record_id) WHERE i.district_id = %s AND i.platform = %s AND i.outside_number = v.number",
            [[one.outside_number for one in went], [one.record_id for one in went], district_id, platform.code],
        )
        if done.failed:
            cursor.execute(
                "DELETE FROM imports_item WHERE district_id = %s AND platform = %s AND outside_number = ANY(%s)",
                [district_id, platform.code, [failed.tag for failed in done.failed]],
            )
    return made


def detail_of(platform: Platform, item: Item, number: str, run_id: UUID | None) -> dict[str, Any]:
    """What the event of an imported case keeps: their number and deadline beside ours, and where it came from."""
    detail = services.detail_of(number, item.position, item.number)
    detail |= {"platform": platform.code, "reported_at": item.received}
    if item.deadline is not None:
        detail["outside_deadline"] = item.deadline
    if run_id is not None:
        detail["import_run"] = str(run_id)
    if item.flags:
        detail["flags"] = [*detail.get("flags", []), *item.flags]
    return detail


def command_id(district_id: int, platform: str, number: str, what: str) -> str:
    """The id of a command of an import: the same item gives the same, so that nothing is ever done twice."""
    return str(uuid.uuid5(NAMESPACE, f"{district_id}/{platform}/{number}/{what}"))


def _compared(
    directory: Directory, acting: Acting, items: Sequence[Item], results: Mapping[int, Taken], at_us: int
) -> dict[int, Taken]:
    """New cases with the open ones near by that may be the same matter under another number."""
    at = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    found = {}
    for item in items:
        one = results[id(item)]
        if one.outcome != CREATED:
            continue
        here, category = item.position, str(item.args.get("category") or "")
        near = near_cases(
            directory.district.id, acting, lon_e6=here.lon_e6, lat_e6=here.lat_e6, place=here.place,
            category=category, text=item.texts.get("description", ""), at=at, besides=one.record_id, limit=ALIKE_SHOWN,
        )  # fmt: skip
        alike = tuple(case.row.number for case in near if case.likely and case.closed_at is None)
        if alike:
            found[id(item)] = replace(one, alike=alike)
    return found


# ---- known ones


@dataclass(frozen=True, slots=True)
class _Known:
    record_id: UUID
    digest: bytes
    deadline: datetime | None
    number: str


def _again(
    directory: Directory, platform: Platform, acting: Acting, items: Sequence[Item], now: datetime, at_us: int
) -> dict[int, Taken]:
    district_id = directory.district.id
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.outside_number, i.record_id, i.digest, i.deadline_at, c.number FROM imports_item i"
            " JOIN cases_case c ON c.district_id = i.district_id AND c.record_id = i.record_id"
            " WHERE i.district_id = %s AND i.platform = %s AND i.outside_number = ANY(%s)"
            " ORDER BY i.outside_number FOR UPDATE OF i",
            [district_id, platform.code, [one.number for one in items]],
        )
        known = {row[0]: _Known(row[1], bytes(row[2]), row[3], row[4]) for row in cursor.fetchall()}
    return {id(one): _note(directory, platform, acting, one, known[one.number], now, at_us) for one in items}


def _note(
    directory: Directory, platform: Platform, acting: Acting, item: Item, known: _Known, now: datetime, at_us: int
) -> Taken:
    """Write down what a known number brings that is new: a deadline, other words, a reminder."""
    district_id = directory.district.id
    deadline = _at(item.deadline) or known.deadline
    # Of an erased case nothing is remembered with which its words could be compared.
    said = bool(known.digest) and item.digest != known.digest
    moved = deadline != known.deadline
    went = False
    if said or moved or item.reminder:
        # The digest stands for the words, which no id should be made of.
        what = f"{item.digest.hex()}/{item.deadline}/{item.reminder}"
        one = command_id(district_id, platform.code, item.number, what)
        words = _words(directory, platform, item, said=said, moved=moved)
        try:
            went = _through_the_door(district_id, acting, known.record_id, item, one, words, at_us)
        except (Busy, Erased) as error:
            if not (isinstance(error, Erased) and moved):
                problem = Problem("busy" if isinstance(error, Busy) else "erased")
                return Taken(item.row, item.number, BAD, known.number, known.record_id, (problem,))
        except LedgerError as error:
            reason = error.refusal.code if isinstance(error, Refused) else error.code
            problem = Problem("refused", "", {"reason": reason})
            return Taken(item.row, item.number, BAD, known.number, known.record_id, (problem,))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_item SET digest = %s, deadline_at = %s, warn_at = CASE WHEN %s THEN %s ELSE warn_at END,"
            " told = CASE WHEN %s THEN 0 ELSE told END, times_seen = times_seen + 1, last_seen_at = %s"
            " WHERE district_id = %s AND platform = %s AND outside_number = %s",
            [
                item.digest if known.digest else b"", deadline, moved, warns_at(item.received, item.deadline), moved,
                now, district_id, platform.code, item.number,
            ],
        )  # fmt: skip
    return Taken(item.row, item.number, CHANGED if went or moved else KNOWN, known.number, known.record_id)


def _through_the_door(
    district_id: int, acting: Acting, record_id: UUID, item: Item, one: str, words: str, at_us: int
) -> bool:
    """A reminder where the case can be reminded of, a note anywhere else. Returns whether it is a new one."""
    if item.reminder:
        try:
            texts = {"note": words[:REMINDER_LIMIT]}
            outcome = services.act(district_id, acting, record_id, "remind", texts=texts, command_id=one, at_us=at_us)
            return not outcome.replayed
        except Refused as error:
            if error.refusal.code != "wrong_stage":
                raise
    texts = {"note": words[:NOTE_LIMIT]}
    outcome = services.act(district_id, acting, record_id, "add_note", texts=texts, command_id=one, at_us=at_us)
    return not outcome.replayed


def _words(directory: Directory, platform: Platform, item: Item, *, said: bool, moved: bool) -> str:
    """What happened, in the language of the district, with their new words."""
    zone = ZoneInfo(directory.district.timezone)
    chinese = directory.district.language.startswith("zh")
    at = datetime.fromtimestamp(item.deadline, zone).strftime("%Y-%m-%d %H:%M") if item.deadline else ""
    title = platform.title[directory.district.language]
    parts = [f"{title}再次来件（{item.number}）。" if chinese else f"{title} sent {item.number} again."]
    if item.reminder:
        parts.append("催办。" if chinese else "It is a reminder.")
    if moved and at:
        parts.append(f"办理时限改为 {at}。" if chinese else f"Their deadline is now {at}.")
    if said:
        parts.append(f"内容：{item.texts.get('description', '')}" if chinese else item.texts.get("description", ""))
    return ("" if chinese else " ").join(parts)


def counts(results: Sequence[Taken]) -> Mapping[str, int]:
    """How many of each outcome."""
    found = dict.fromkeys((CREATED, CHANGED, KNOWN, BAD), 0)
    for one in results:
        found[one.outcome] += 1
    return found
