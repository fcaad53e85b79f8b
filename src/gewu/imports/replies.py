"""Replies that go back to the platform a matter came from, in its own form.

When a case ends, a listener writes one message. Inside the house it becomes a reply for every outside number of that
case and of the cases merged into it. Where the platform has an interface, the reply is a message of its own to
``platform:<code>``; otherwise it waits until somebody takes it along in a sheet. Words are opened when a reply leaves,
never stored in it: what was erased meanwhile does not leave.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.connections import egress, snapshot
from gewu.connections.allow import Refused
from gewu.imports.mapping import BadMapping, InterfaceSpec, Platform, platform, platforms
from gewu.ledger.door import new_id
from gewu.ledger.keys import Cipher, KeyFault, unwrap
from gewu.ledger.listeners import Told
from gewu.ledger.outbox import Answer, DeliveryError, Message, Unwanted
from gewu.ledger.outbox.messages import Send
from gewu.ledger.projections import Change
from gewu.ledger.rows import OUTGOING_COLUMNS, dumps
from gewu.ledger.store import insert
from gewu.registry.directory import Directory, get_directory

TOPIC, SEND, MERGED = "import_reply", "import_send", "import_merged"
DESTINATION = "imports"
WAITING, SENDING, TAKEN = "waiting", "sending", "taken"
MERGED_INTO, ABSORBED = "merged_into", "absorbed"
_FRESH = 60.0


# ---- hearing that a case ended


def listen(directory: Directory, change: Change) -> Iterable[Told]:
    """A message when a case that may have come from another platform comes to its end, or is merged into another."""
    before, after = change.before, change.after
    if before is None or before.stage == after.stage or after.kind != "case":
        return ()
    playbook = directory.playbook(after.playbook, after.playbook_version)
    if playbook is None or not playbook.stages[after.stage].end or playbook.stages[before.stage].end:
        return ()
    absorbed = [other for kind, other in after.links if kind == ABSORBED]
    if after.fields.get("source") not in _sources(int(time.monotonic() // _FRESH)) and not absorbed:
        return ()
    into = [other for kind, other in after.links if kind == MERGED_INTO]
    if into:  # it is reminded, told and answered with the case that goes on
        return ((MERGED, DESTINATION, {"into": into[-1]}),)
    payload = {"stage": after.stage, "seq": change.event.seq, "records": [str(change.record_id), *absorbed]}
    return ((TOPIC, DESTINATION, payload),)


def move_on(message: Message) -> None:
    """The items of a case that was merged belong to the case that goes on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_item SET record_id = %s WHERE district_id = %s AND record_id = %s",
            [UUID(message.payload["into"]), message.district_id, message.record_id],
        )


@lru_cache(maxsize=2)
def _sources(_minute: int) -> frozenset[str]:
    """The sources under which cases of other platforms are registered."""
    return frozenset({"api", *(one.spec.source for one in platforms())})


def spread(message: Message) -> None:
    """Make a reply for each outside number, in the transaction that marks the message as delivered."""
    records = [UUID(one) for one in message.payload["records"]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT platform, outside_number FROM imports_item WHERE district_id = %s AND record_id = ANY(%s)"
            " ORDER BY platform, outside_number",
            [message.district_id, records],
        )
        found = cursor.fetchall()
    for code, number in found:
        _make(message, code, number)


def _make(message: Message, code: str, number: str) -> None:
    reply_id = uuid.uuid5(message.id, f"{code}/{number}")
    sends = _interface(code) is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imports_reply (district_id, id, platform, outside_number, record_id, stage, seq, status,"
            " made_at, gone_at, gone_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, NULL, '') ON CONFLICT DO NOTHING",
            [
                message.district_id, reply_id, code, number, message.record_id, message.payload["stage"],
                message.payload["seq"], SENDING if sends else WAITING, message.created_at,
            ],
        )  # fmt: skip
        new = bool(cursor.rowcount)
    if new and sends:
        now = message.created_at
        payload = dumps({"reply": str(reply_id), "platform": code, "outside_number": number})
        row = (
            message.district_id, new_id(), message.record_id, message.payload["seq"], SEND, f"platform:{code}",
            payload, "waiting", 0, now, "", now, None,
        )  # fmt: skip
        insert("ledger_outgoing", OUTGOING_COLUMNS, [row])


def _interface(code: str) -> InterfaceSpec | None:
    chart = _chart(code)
    return chart.spec.reply.interface if chart else None


def _chart(code: str) -> Platform | None:
    try:
        return platform(code)
    except BadMapping:
        return None


# ---- composing


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reply that has to go back. ``number`` is ours; ``record_id`` the case whose words it carries."""

    id: UUID
    platform: str
    outside_number: str
    record_id: UUID
    number: str
    stage: str
    seq: int
    status: str
    made_at: datetime
    gone_at: datetime | None
    error: str = ""


_SELECT = (
    "SELECT p.id, p.platform, p.outside_number, p.record_id, c.number, p.stage, p.seq,"
    " CASE WHEN p.status = 'sending' THEN coalesce(o.status, p.status) ELSE p.status END, p.made_at,"
    " coalesce(p.gone_at, o.sent_at), coalesce(o.last_error, '') FROM imports_reply p"
    " JOIN cases_case c ON c.district_id = p.district_id AND c.record_id = p.record_id"
    " LEFT JOIN ledger_outgoing o ON o.district_id = p.district_id AND o.record_id = p.record_id AND o.topic ="
    " 'import_send' AND o.payload->>'reply' = p.id::text"
    " WHERE p.district_id = %s"
)


def waiting(district_id: int, code: str = "", limit: int = 500) -> list[Waiting]:
    """Replies that somebody has to take along, the oldest first."""
    which = " AND p.platform = %s" if code else ""
    params = [district_id, *([code] if code else []), limit]
    return _rows(f"{_SELECT} AND p.status = 'waiting'{which} ORDER BY p.made_at, p.id LIMIT %s", params)


def latest(district_id: int, limit: int = 50) -> list[Waiting]:
    """The latest replies that went, or are on their way."""
    return _rows(f"{_SELECT} AND p.status <> 'waiting' ORDER BY p.made_at DESC, p.id LIMIT %s", [district_id, limit])


def chosen(district_id: int, ids: Sequence[UUID]) -> list[Waiting]:
    """These replies, the oldest first."""
    return _rows(f"{_SELECT} AND p.id = ANY(%s) ORDER BY p.made_at, p.id", [district_id, list(ids)])


def _rows(statement: str, params: list[Any]) -> list[Waiting]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [Waiting(*row) for row in cursor.fetchall()]


def mark_taken(district_id: int, ids: Sequence[UUID], by: str, now: datetime) -> int:
    """Somebody took these replies along. Returns how many were still waiting."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_reply SET status = 'taken', gone_at = %s, gone_by = %s"
            " WHERE district_id = %s AND id = ANY(%s) AND status = 'waiting'",
            [now, by, district_id, list(ids)],
        )
        return int(cursor.rowcount)


def composed(district_id: int, reply: Waiting, chart: Platform) -> dict[str, str]:
    """A reply in the platform's form: its columns with their values, words opened now."""
    spec = chart.spec.reply
    directory = get_directory(district_id)
    facts = _facts(district_id, reply)
    zone = ZoneInfo(chart.spec.zone or directory.district.timezone)
    language = directory.district.language

    def at(instant: datetime | None) -> str:
        return instant.astimezone(zone).strftime(spec.time_format) if instant else ""

    unit = directory.units.get(facts.lead_unit)
    category = directory.categories.get(facts.category)
    values = {
        "outside_number": reply.outside_number,
        "number": reply.number,
        "state": spec.states.get(reply.stage, reply.stage),
        "reply": _words(district_id, reply, spec.words, spec.erased),
        "unit": unit.name(language) if unit else "",
        "category": category.name(language) if category else "",
        "deadline": at(facts.deadline),
        "received_at": at(facts.received),
        "handled_at": at(facts.handled),
        "ended_at": at(facts.ended),
        "solved": spec.values.get(facts.solved, facts.solved),
        "satisfied": spec.values.get(facts.satisfied, facts.satisfied),
    }
    return {column.name: values[column.value] for column in spec.columns}


@dataclass(frozen=True, slots=True)
class _Facts:
    category: str
    lead_unit: str
    solved: str
    satisfied: str
    handled: datetime | None
    received: datetime | None
    deadline: datetime | None
    ended: datetime | None


def _facts(district_id: int, reply: Waiting) -> _Facts:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.category, c.lead_unit, c.solved, c.satisfied, c.handled_at, i.received_at, i.deadline_at, e.at"
            " FROM cases_case c"
            " JOIN imports_item i ON i.district_id = c.district_id AND i.platform = %s AND i.outside_number = %s"
            " LEFT JOIN ledger_event e ON e.district_id = c.district_id AND e.record_id = c.record_id AND e.seq = %s"
            " WHERE c.district_id = %s AND c.record_id = %s",
            [reply.platform, reply.outside_number, reply.seq, district_id, reply.record_id],
        )
        return _Facts(*cursor.fetchone())


def _words(district_id: int, reply: Waiting, wanted: Sequence[str], erased: str) -> str:
    """The first of the wanted words that the case has, of the latest event that has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.kind, e.sealed, k.key_id, k.wrapped FROM ledger_event e"
            " JOIN ledger_recordkey k ON k.district_id = e.district_id AND k.record_id = e.record_id"
            " WHERE e.district_id = %s AND e.record_id = %s AND e.seq <= %s AND e.kind = ANY(%s)"
            " AND e.sealed IS NOT NULL ORDER BY e.seq DESC",
            [district_id, reply.record_id, reply.seq, [one.partition(".")[0] for one in wanted]],
        )
        found = cursor.fetchall()
    if not found:
        return ""
    if found[0][3] is None:
        return erased
    try:
        cipher = Cipher(unwrap(bytes(found[0][3]), found[0][2], district_id, reply.record_id), district_id,
                        reply.record_id)  # fmt: skip
        said: dict[str, str] = {}
        for kind, sealed, _, _ in found:
            for name, text in cipher.open(bytes(sealed)).items():
                said.setdefault(f"{kind}.{name}", text)
    except KeyFault:
        return erased
    return next((said[one] for one in wanted if said.get(one)), "")


# ---- sending


def prepare(message: Message) -> Send:
    """Look up what a reply says now; the returned function sends it in a thread without a database."""
    found = chosen(message.district_id, [UUID(message.payload["reply"])])
    chart = _chart(str(message.payload["platform"]))
    if not found:
        raise Unwanted("the reply was removed")
    if chart is None or chart.spec.reply.interface is None:
        raise DeliveryError(f"the mapping of {message.payload['platform']} names no interface any more")
    way = chart.spec.reply.interface
    one: Any = composed(message.district_id, found[0], chart)
    envelope = chart.spec.reply.envelope
    body = json.dumps({envelope: [one]} if envelope else one, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": str(message.id)}
    if way.secret_variable:
        secret = os.environ.get(way.secret_variable, "")
        if not secret:
            raise DeliveryError(f"the environment variable {way.secret_variable} is empty: it holds the secret")
        headers[way.secret_header] = secret
    rules = snapshot.rules()

    def send() -> Answer:
        try:
            answer = egress.request(way.method, way.url, rules=rules, headers=headers, body=body, timeout=way.timeout)
        except (Refused, egress.Failed) as error:
            raise DeliveryError(str(error)) from error
        return _judged(answer, way)

    return send


def _judged(answer: egress.Reply, way: InterfaceSpec) -> Answer:
    """Whether the platform took it: by its status, and by its own word where the mapping knows how it says so."""
    if not 200 <= answer.status < 300:
        after = answer.headers.get("retry-after", "")
        objects = 400 <= answer.status < 500 and answer.status not in (401, 403, 404, 408, 425, 429)
        raise DeliveryError(
            f"the platform answered {answer.status}", code=answer.status,
            retry_after=float(after) if after.isdigit() else None, of_message=objects,
        )  # fmt: skip
    if way.accepted is not None:
        try:
            said = str(json.loads(answer.body)[way.accepted.field])
        except (ValueError, KeyError, TypeError) as error:
            raise DeliveryError(
                "the platform’s answer does not say whether it was taken", code=answer.status
            ) from error
        if said not in way.accepted.values:
            raise DeliveryError(f"the platform says {said[:80]!r}", code=answer.status, of_message=True)
    return Answer(answer.status)
