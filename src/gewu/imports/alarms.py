"""Alarms of registered devices: each becomes a case, or joins the case that an earlier alarm of its device opened.

All alarms of one device are taken in one after the other, under the lock of its row: of two that ring at the same
moment, one makes the case and the other joins it. An alarm sent again, by the number its sender gave it, changes
nothing. What a device recorded is not kept: words, kind and instant only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from psycopg import errors as pg

from gewu.cases import services
from gewu.cases.queries import narrowed
from gewu.cases.queries.marks import instant_of
from gewu.core.records import Arg, Command, Refusal
from gewu.imports.intake import NAMESPACE
from gewu.ledger.door import Acting, Wish, execute, new_id, now_us
from gewu.ledger.errors import Busy, NotFound, Refused
from gewu.ledger.numbers import numbers
from gewu.registry import devices
from gewu.registry.devicekinds import kind_of
from gewu.registry.directory import Directory
from gewu.registry.models import Device
from gewu.registry.names import chinese, place_name

SOURCE = "api"
"""How a case says that another system brought it."""
AHEAD = timedelta(minutes=5)
"""So far a device's watch may be ahead of ours."""
PAGE = 50
CREATED, JOINED, KNOWN = "created", "joined", "known"


@dataclass(frozen=True, slots=True)
class Rung:
    """An alarm as it comes in. ``number`` is the sender's own, ``kind`` their word, ``category`` a key or empty."""

    device: str
    number: str
    kind: str
    at: datetime
    words: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: ``created`` a case, ``joined`` one, or ``known`` already."""

    outcome: str
    record_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm in a list, with the case it went into."""

    device: str
    number: str
    kind: str
    at: datetime
    taken_at: datetime
    joined: bool
    record_id: UUID
    case: str
    stage: str
    playbook: str
    playbook_version: int


def ring(directory: Directory, acting: Acting, rung: Rung, at_us: int | None = None) -> Taken:
    """Take an alarm in. Raises ``NotFound`` for a device that is not registered in the actor's territory, ``Refused``
    for one that is not in use or an instant that cannot be, ``Busy`` where others hold the device too long."""
    district_id, at_us = directory.district.id, at_us or now_us()
    now = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    device = devices.get(district_id, rung.device)
    if device is None or not acting.sees(device.place, directory.areas_of(device.place), _paths(directory, device)):
        raise NotFound("no such device")
    today = now.astimezone(ZoneInfo(directory.district.timezone)).date()
    if not _in_use(device, today):
        raise Refused(Refusal("invalid", {}, {"device": "choice"}))
    if rung.at > now + AHEAD:
        raise Refused(Refusal("invalid", {}, {"at": "too_far"}))
    earlier = _earlier(district_id, rung)
    if earlier is not None:
        return earlier
    number = numbers.take(district_id, directory.district.code, today)
    try:
        with transaction.atomic():
            return _take(directory, acting, device, rung, number, at_us)
    except OperationalError as error:
        if isinstance(error.__cause__, (pg.LockNotAvailable, pg.DeadlockDetected)):
            raise Busy("other alarms of this device are being taken in") from error
        raise


def _take(directory: Directory, acting: Acting, device: Device, rung: Rung, number: str, at_us: int) -> Taken:
    district_id = directory.district.id
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM registry_device WHERE district_id = %s AND code = %s FOR UPDATE", [district_id, device.code]
        )
    if (earlier := _earlier(district_id, rung)) is not None:
        return earlier
    now = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    command_id = str(uuid5(NAMESPACE, f"{district_id}/alarm/{rung.device}/{rung.number}"))
    words = said(directory, device, rung)
    kind = kind_of(directory, device.kind)
    case = _open_case(directory, device.code, now - kind.window)
    if case is not None:
        joined = services.join(
            district_id, acting, case, source=SOURCE, texts={"description": words}, command_id=command_id, at_us=at_us
        )
        return _written(district_id, rung, now, Taken(JOINED, case, joined.number))
    position = services.position_of(directory, services.Where(place=device.place))
    args: dict[str, Arg] = {"source": SOURCE}
    if category := rung.category or kind.category:
        args["category"] = category
    texts = {"description": words, **({"address": device.spot} if device.spot else {})}
    detail = {**services.detail_of(number, position), "device": device.code}
    wish = Wish(new_id(), Command(command_id, "report", args, texts), services.PLAYBOOK, position, detail)
    outcome = execute(district_id, acting, wish, at_us=at_us)[0]
    return _written(district_id, rung, now, Taken(CREATED, outcome.record_id, number))


def said(directory: Directory, device: Device, rung: Rung) -> str:
    """The words of the case, in the language of the district: which device rang, where, and what it said."""
    language = directory.district.language
    kind = kind_of(directory, device.kind).title(language)
    where = device.spot or place_name(directory, device.place, language)
    if chinese(language):
        return f"{kind}（{device.code}，{where}）报警：{rung.kind}" + (f"。{rung.words}" if rung.words else "")
    return f"{kind} ({device.code}, {where}) rang: {rung.kind}" + (f". {rung.words}" if rung.words else "")


def _paths(directory: Directory, device: Device) -> tuple[str, ...]:
    unit = directory.units.get(device.unit)
    return (unit.path,) if unit is not None else ()


def _in_use(device: Device, today: date) -> bool:
    return (device.since is None or device.since <= today) and (device.until is None or device.until >= today)


def _earlier(district_id: int, rung: Rung) -> Taken | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.record_id, c.number FROM imports_alarm a"
            " JOIN cases_case c ON c.district_id = a.district_id AND c.record_id = a.record_id"
            " WHERE a.district_id = %s AND a.device = %s AND a.number = %s",
            [district_id, rung.device, rung.number],
        )
        row = cursor.fetchone()
    return Taken(KNOWN, row[0], row[1]) if row else None


def _open_case(directory: Directory, device: str, since: datetime) -> UUID | None:
    """The case of the device's last alarm, if that rang since then and the case can be joined still."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.record_id, a.taken_at, r.stage, r.ended, r.playbook, r.playbook_version FROM imports_alarm a"
            " JOIN ledger_record r ON r.district_id = a.district_id AND r.id = a.record_id"
            " WHERE a.district_id = %s AND a.device = %s ORDER BY a.taken_at DESC, a.number DESC LIMIT 1",
            [directory.district.id, device],
        )
        row = cursor.fetchone()
    if row is None or row[3] or row[1] < since:
        return None
    playbook = directory.playbook(row[4], row[5])
    moves = playbook.moves_from.get(row[2], ()) if playbook is not None else ()
    return row[0] if any(move.name == services.JOIN for move in moves) else None


def _written(district_id: int, rung: Rung, now: datetime, taken: Taken) -> Taken:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imports_alarm (district_id, device, number, kind, at, taken_at, record_id, joined)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [district_id, rung.device, rung.number, rung.kind, rung.at, now, taken.record_id,
             taken.outcome == JOINED],
        )  # fmt: skip
    return taken


# ---- asking

_FROM = (
    " FROM imports_alarm a JOIN ledger_record r ON r.district_id = a.district_id AND r.id = a.record_id"
    " JOIN cases_case c ON c.district_id = a.district_id AND c.record_id = a.record_id"
    " LEFT JOIN registry_device d ON d.district_id = a.district_id AND d.code = a.device"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which alarms: of a device, of a kind of device, taken in from a day to a day (both included), or that made a
    case (``joined`` false)."""

    device: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    joined: bool | None = None


def list_alarms(
    directory: Directory, acting: Acting, asked: Asked, *, after: str = "", limit: int = PAGE
) -> tuple[list[AlarmRow], str]:
    """Alarms whose cases the actor sees, newest first, and the mark of the next page: one statement. Raises
    ``BadCursor``."""
    where, params = _meant(directory, acting, asked)
    if after:
        at, _, rest = after.partition(" ")
        code, _, number = rest.partition(" ")
        where.append("(a.taken_at, a.device, a.number) < (%s, %s, %s)")
        params += [instant_of(at), code, number]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.device, a.number, a.kind, a.at, a.taken_at, a.joined, a.record_id, c.number, r.stage, r.playbook,"
            f" r.playbook_version{_FROM} WHERE {' AND '.join(where)}"
            " ORDER BY a.taken_at DESC, a.device DESC, a.number DESC LIMIT %s",
            [*params, limit + 1],
        )
        rows = [AlarmRow(*row) for row in cursor.fetchall()]
    if len(rows) <= limit:
        return rows, ""
    last = rows[limit - 1]
    return rows[:limit], f"{last.taken_at.isoformat()} {last.device} {last.number}"


def count_alarms(directory: Directory, acting: Acting, asked: Asked) -> tuple[int, int]:
    """How many alarms there were, and how many cases came of them: one statement over the conditions of the list."""
    where, params = _meant(directory, acting, asked)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE NOT a.joined){_FROM} WHERE {' AND '.join(where)}", params
        )
        row = cursor.fetchone()
    return int(row[0]), int(row[1])


def _meant(directory: Directory, acting: Acting, asked: Asked) -> tuple[list[str], list[Any]]:
    zone = ZoneInfo(directory.district.timezone)
    midnight = datetime.min.time()
    wanted = (
        ("a.device = %s", asked.device),
        ("d.kind = %s", asked.kind),
        ("a.taken_at >= %s", asked.first and datetime.combine(asked.first, midnight, zone)),
        ("a.taken_at < %s", asked.last and datetime.combine(asked.last + timedelta(days=1), midnight, zone)),
        ("a.joined = %s", asked.joined),
    )
    return narrowed(acting, ["a.district_id = %s"], [directory.district.id], wanted)
