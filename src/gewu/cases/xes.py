"""The ledger's cases as an event log in XES (IEEE 1849-2016), for tools of process mining.

A case is a trace, an event of its ledger an event. No free words and no persons' names leave: who acted is a pseudonym
that is the same through one log and tells nothing without the key file, beside the unit and the role. Traces are
written one after the other, so that a log may be larger than memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO
from uuid import UUID
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from gewu.core.records import REPORTER, SYSTEM
from gewu.ledger.keys import keyed_hash
from gewu.ledger.store import as_json
from gewu.registry import names
from gewu.registry.directory import Directory, get_directory

CHUNK = 500
EXPIRE = "expire"
_INVALID = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <global scope="trace">
    <string key="concept:name" value="UNKNOWN"/>
  </global>
  <global scope="event">
    <string key="concept:name" value="UNKNOWN"/>
    <string key="lifecycle:transition" value="complete"/>
    <string key="org:resource" value="UNKNOWN"/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
  </global>
  <classifier name="Move" keys="concept:name"/>
  <classifier name="Move and unit" keys="concept:name org:group"/>
  <classifier name="Move and resource" keys="concept:name org:resource"/>
"""


@dataclass(slots=True)
class Written:
    """What a log holds."""

    traces: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cases, by when they were reported (from, up to but not including), and how moves are called.

    ``language`` empty: by their codes, else by their titles. ``clocks``: whether what clocks did are events too.
    """

    since: datetime | None = None
    until: datetime | None = None
    language: str = ""
    clocks: bool = True


def write_xes(out: TextIO, district_id: int, asked: Asked | None = None) -> Written:
    """Write a district's log. All of it is of one instant of the database. Returns how many traces and events."""
    asked = asked or Asked()
    directory = get_directory(district_id)
    written = Written()
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        out.write(_HEAD)
        out.write(_string("concept:name", f"gewu {directory.district.code}", 2))
        for cases in _cases(district_id, asked):
            events = _events(district_id, [row[0] for row in cases])
            for row in cases:
                _trace(out, directory, row, events.get(row[0], []), asked, written)
    out.write("</log>\n")
    return written


def _cases(district_id: int, asked: Asked) -> Iterator[list[Any]]:
    """Cases in the order of their making, some at a time."""
    where = ["r.district_id = %s", "r.kind = 'case'"]
    params: list[Any] = [district_id]
    for bound, condition in ((asked.since, "c.reported_at >= %s"), (asked.until, "c.reported_at < %s")):
        if bound is not None:
            where.append(condition)
            params.append(bound)
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.id, c.number, c.category, r.place, c.source, c.urgent, r.stage, r.ended, c.lead_unit,"
                " c.reported_at, r.playbook, r.playbook_version FROM ledger_record r"
                " JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
                f" WHERE {' AND '.join(where)} AND r.id > %s ORDER BY r.id LIMIT %s",
                [*params, last, CHUNK],
            )
            found = cursor.fetchall()
        if not found:
            return
        yield found
        last = found[-1][0]


def _events(district_id: int, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, seq, at, kind, actor, unit, payload->'args' FROM ledger_event"
            " WHERE district_id = %s AND record_id = ANY(%s) ORDER BY record_id, seq",
            [district_id, list(ids)],
        )
        found: dict[UUID, list[Any]] = {}
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(row)
        return found


def _trace(
    out: TextIO, directory: Directory, row: Sequence[Any], events: Sequence[Any], asked: Asked, written: Written
) -> None:
    _, number, category, place, source, urgent, stage, ended, lead, reported, playbook, version = row
    zone = ZoneInfo(directory.district.timezone)
    out.write("  <trace>\n")
    for key, value in (
        ("concept:name", number), ("category", category), ("place", place), ("source", source), ("stage", stage),
        ("lead_unit", lead), ("playbook", f"{playbook} {version}"),
    ):  # fmt: skip
        if value:
            out.write(_string(key, value, 4))
    out.write(_flag("urgent", bool(urgent), 4) + _flag("ended", bool(ended), 4))
    out.write(_date("reported", reported.astimezone(zone), 4))
    book = directory.playbook(playbook, version)
    for _, seq, at, kind, actor, unit, args in events:
        if kind == EXPIRE and not asked.clocks:
            continue
        given = (as_json(args) if args is not None else None) or {}
        name = names.event_name(book, kind, given, asked.language) if asked.language else kind
        out.write("    <event>\n")
        out.write(_string("concept:name", name, 6))
        out.write(_string("lifecycle:transition", "complete", 6))
        out.write(_date("time:timestamp", at.astimezone(zone), 6))
        out.write(_string("org:resource", _resource(directory, actor), 6))
        role = _role(directory, actor, unit)
        if role:
            out.write(_string("org:role", role, 6))
        if unit:
            out.write(_string("org:group", unit, 6))
        out.write(f'      <int key="seq" value="{seq}"/>\n')
        if kind == EXPIRE:
            out.write(_string("clock", str(given.get("clock", "")).partition(":")[0], 6))
            out.write(_string("phase", str(given.get("phase", "")), 6))
        out.write("    </event>\n")
        written.events += 1
    out.write("  </trace>\n")
    written.traces += 1


def _resource(directory: Directory, actor: str) -> str:
    """A pseudonym of who acted: the same for the same person in this district, and no way back without the key file."""
    kind = actor.partition(":")[0]
    if kind in (SYSTEM, REPORTER):
        return kind
    return keyed_hash(f"xes/{directory.district.id}/{actor}".encode()).hex()[:12]


def _role(directory: Directory, actor: str, unit: str) -> str:
    """The role in which somebody acts for a unit, as far as the posts of today tell."""
    if actor in (SYSTEM, REPORTER):
        return actor
    kind, _, code = actor.partition(":")
    if kind == "post":
        found = directory.posts.get(code)
        return found.role if found else ""
    person = directory.people.get(int(actor)) if actor.isascii() and actor.isdigit() else None
    posts = [directory.posts[one] for one in person.posts if one in directory.posts] if person else []
    roles = {post.role for post in posts if post.unit == unit}
    return roles.pop() if len(roles) == 1 else ""


def _string(key: str, value: str, indent: int) -> str:
    return f"{' ' * indent}<string key={quoteattr(key)} value={quoteattr(_INVALID.sub('', value))}/>\n"


def _flag(key: str, value: bool, indent: int) -> str:
    return f'{" " * indent}<boolean key="{key}" value="{"true" if value else "false"}"/>\n'


def _date(key: str, at: datetime, indent: int) -> str:
    return f'{" " * indent}<date key="{key}" value="{at.isoformat(timespec="milliseconds")}"/>\n'
