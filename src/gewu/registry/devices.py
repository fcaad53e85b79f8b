"""The register of devices: taken in from a file, asked by place, kind and state, told whether they answer.

Thousands of rows that no directory holds. Every function names the district; places are prefixes of codes. Nothing that
a device records is kept here: no picture, no number plate, no feature of a face.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from gewu.core.places import Scope
from gewu.core.playbook.model import Words
from gewu.registry.devicekinds import kinds
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import Device
from gewu.registry.packs.problems import Problem

HEADER = ("code", "kind", "place", "unit", "spot", "since", "until", "state", "synthetic", "source")
PAGE = 50
MOST_ROWS = 200_000
WORDS = 5

ONLINE, OFFLINE, FAULT = "online", "offline", "fault"
STATES = {
    ONLINE: Words("Online", "在线"),
    OFFLINE: Words("Offline", "离线"),
    FAULT: Words("Faulty", "故障"),
    "": Words("Nothing reported", "未上报"),
}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file, checked. ``state`` empty: the file says nothing of it, what was reported stays."""

    code: str
    kind: str
    place: str
    unit: str = ""
    spot: str = ""
    since: date | None = None
    until: date | None = None
    state: str = ""
    synthetic: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file did: rows that are new, that changed, that were so already."""

    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which devices: those of a kind, in a state (``none``: nothing reported), below a place, that stand on a day.

    ``scope`` None is the whole district; else only what lies in it or belongs to ``unit_of``.
    """

    day: date
    kind: str = ""
    state: str = ""
    place: str = ""
    unit: str = ""
    words: str = ""
    scope: Scope | None = None
    unit_of: str = ""


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many of a kind, how many of them answered last time, and how many rows are made up."""

    kind: str
    devices: int
    online: int
    offline: int
    fault: int
    unreported: int
    synthetic: int


# ---- taking in


def read(directory: Directory, text: str, file: str = "devices.csv") -> tuple[list[Row], list[Problem]]:
    """The rows of a file, and every problem in it with its line. Further columns are refused, whatever they hold."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    header = tuple(next(reader, ()))
    if header != HEADER:
        return [], [Problem(file, 1, f"the header is {','.join(HEADER)}")]
    rows: list[Row] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    for line, cells in enumerate(reader, start=2):
        if not any(cells):
            continue
        if len(cells) != len(HEADER):
            problems.append(Problem(file, line, f"{len(cells)} columns instead of {len(HEADER)}"))
            continue
        row, faults = _row(directory, dict(zip(HEADER, (cell.strip() for cell in cells), strict=True)))
        if row is not None and row.code in taken:
            faults.append(f"{row.code} stands twice in the file")
        problems.extend(Problem(file, line, fault) for fault in faults)
        if row is not None and not faults:
            taken.add(row.code)
            rows.append(row)
    if len(rows) > MOST_ROWS:
        problems.append(Problem(file, 1, f"more than {MOST_ROWS} rows: split the file"))
    return rows, problems


def _row(directory: Directory, given: Mapping[str, str]) -> tuple[Row | None, list[str]]:
    faults = []
    if not _CODE.fullmatch(given["code"]):
        faults.append(f"the code {given['code']!r} is not made of letters, digits, dots, dashes and underscores")
    known = kinds(directory)
    if given["kind"] not in known:
        faults.append(f"kind is one of {', '.join(known)}" if known else "no pack of the district has device_kinds.csv")
    if directory.place(given["place"]) is None:
        faults.append(f"{given['place'] or 'an empty place'} is no place of the district")
    if given["unit"] and given["unit"] not in directory.units:
        faults.append(f"{given['unit']} is no unit of the district")
    if given["state"] not in STATES:
        faults.append(f"state is one of {', '.join(state for state in STATES if state)}, or empty")
    if len(given["spot"]) > 200:
        faults.append("spot has more than 200 characters")
    if given["synthetic"] not in ("", "0", "1"):
        faults.append("synthetic is 0 or 1")
    days: list[date | None] = []
    for name in ("since", "until"):
        try:
            days.append(date.fromisoformat(given[name]) if given[name] else None)
        except ValueError:
            faults.append(f"{name} is no date")
            days.append(None)
    since, until = days
    if since and until and until < since:
        faults.append("until lies before since")
    if faults:
        return None, faults
    return Row(
        given["code"], given["kind"], given["place"], given["unit"], given["spot"], since, until, given["state"],
        given["synthetic"] == "1", given["source"],
    ), []  # fmt: skip


_UPSERT = """
INSERT INTO registry_device AS d
    (district_id, code, kind, place, unit, spot, since, until, state, synthetic, source, state_at)
SELECT %s, v.*, CASE WHEN v.state <> '' THEN %s::timestamptz END
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::date[], %s::text[],
    %s::boolean[], %s::text[])
    AS v (code, kind, place, unit, spot, since, until, state, synthetic, source)
ON CONFLICT (district_id, code) DO UPDATE SET kind = excluded.kind, place = excluded.place, unit = excluded.unit,
    spot = excluded.spot, since = excluded.since, until = excluded.until, synthetic = excluded.synthetic,
    source = excluded.source, state = CASE WHEN excluded.state = '' THEN d.state ELSE excluded.state END,
    state_at = CASE WHEN excluded.state IN ('', d.state) THEN d.state_at ELSE excluded.state_at END
WHERE (d.kind, d.place, d.unit, d.spot, d.since, d.until, d.synthetic, d.source) IS DISTINCT FROM
    (excluded.kind, excluded.place, excluded.unit, excluded.spot, excluded.since, excluded.until, excluded.synthetic,
    excluded.source) OR excluded.state NOT IN ('', d.state)
RETURNING xmax = 0
"""
"""One statement for all rows: what is new is written, what differs is changed; ``xmax`` tells which."""


def store(district_id: int, rows: Sequence[Row], now: datetime) -> Loaded:
    """Write checked rows, all or none, in one statement. Devices that the file does not name stay as they are."""
    ordered = sorted(rows, key=lambda row: row.code)  # two files at once lock in the same order
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UPSERT, [district_id, now, *([getattr(row, name) for row in ordered] for name in HEADER)])
        new = [bool(found) for (found,) in cursor.fetchall()]
    return Loaded(sum(new), len(new) - sum(new), len(rows) - len(new))


def report_states(district_id: int, states: Mapping[str, str], now: datetime) -> list[str]:
    """Write down what devices report of themselves; returns the codes that are not registered."""
    codes = sorted(states)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT code FROM registry_device WHERE district_id = %s AND code = ANY(%s) ORDER BY code FOR UPDATE",
            [district_id, codes],
        )
        known = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "UPDATE registry_device d SET state = v.state, state_at = %s FROM unnest(%s::text[], %s::text[])"
            " AS v (code, state) WHERE d.district_id = %s AND d.code = v.code",
            [now, codes, [states[code] for code in codes], district_id],
        )
    return [code for code in codes if code not in known]


# ---- asking


def find(district_id: int, wanted: Wanted) -> QuerySet[Device]:
    """The devices that are meant, by code. A count and its list are made of the same conditions."""
    day = wanted.day
    found = Device.objects.filter(
        Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gte=day), district_id=district_id
    )
    if wanted.scope is not None:
        inside = Q(unit=wanted.unit_of) if wanted.unit_of else Q(pk__in=())
        for prefix in _prefixes(district_id, wanted.scope):
            inside |= Q(place__startswith=prefix)
        found = found.filter(inside)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.state:
        found = found.filter(state="" if wanted.state == "none" else wanted.state)
    if wanted.place:
        found = found.filter(place__startswith=wanted.place)
    if wanted.unit:
        found = found.filter(unit=wanted.unit)
    for word in wanted.words.split()[:WORDS]:
        found = found.filter(Q(spot__icontains=word) | Q(code__istartswith=word))
    return found.order_by("code")


def _prefixes(district_id: int, scope: Scope) -> tuple[str, ...]:
    """The places of a scope: its own prefixes, and those that its named areas are made of."""
    areas = get_directory(district_id).areas if scope.areas else {}
    return (*scope.prefixes, *(p for code in sorted(scope.areas) if code in areas for p in areas[code].prefixes))


def page(district_id: int, wanted: Wanted, after: str = "", limit: int = PAGE) -> tuple[list[Device], str]:
    """Devices by code, and the code after which the next page begins ("" on the last): one statement."""
    rows = list(find(district_id, wanted).filter(code__gt=after)[: limit + 1])
    return rows[:limit], rows[limit - 1].code if len(rows) > limit else ""


def counts(district_id: int, wanted: Wanted) -> list[KindCount]:
    """How many of each kind, in the order of the kinds, and what they reported: one statement."""
    rows = (
        find(district_id, wanted)
        .order_by()
        .values("kind")
        .annotate(
            devices=Count("id"),
            online=Count("id", filter=Q(state=ONLINE)),
            offline=Count("id", filter=Q(state=OFFLINE)),
            fault=Count("id", filter=Q(state=FAULT)),
            unreported=Count("id", filter=Q(state="")),
            made_up=Count("id", filter=Q(synthetic=True)),
        )
    )
    order = {kind: n for n, kind in enumerate(kinds(get_directory(district_id)))}
    found: list[dict[str, Any]] = [dict(row) for row in rows]
    found.sort(key=lambda row: (order.get(row["kind"], len(order)), row["kind"]))
    return [
        KindCount(
            row["kind"], row["devices"], row["online"], row["offline"], row["fault"], row["unreported"], row["made_up"]
        )
        for row in found
    ]


def get(district_id: int, code: str) -> Device | None:
    """A device by its code, also one that is gone."""
    return Device.objects.filter(district_id=district_id, code=code).first()


def take_in(district_id: int, text: str, now: datetime, file: str = "devices.csv") -> Loaded | list[Problem]:
    """A file whole, or its problems."""
    rows, problems = read(get_directory(district_id), text, file)
    return problems or store(district_id, rows, now)
