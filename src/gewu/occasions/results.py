"""What has to be known before a line of results is written: the item's measure, whose line it may be, what it replaces.

Two people may replace one line in the same instant; the table lets a line be named once (``occasions_result_once``), so
one of them succeeds and the other is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.core.records import Actor, Arg, Refusal
from gewu.ledger.errors import Refused
from gewu.occasions.kinds import AGENCY, CONVENE, RESULT
from gewu.occasions.measures import ENFORCEMENT, measures
from gewu.occasions.table import guard
from gewu.registry.directory import Directory

OFFICE = "comprehensive_office"
ONCE = "occasions_result_once"
"""The index that lets a line be replaced or struck once."""
MOST = 1_000_000_000
"""No line is larger: more is a slip of the key."""


@dataclass(frozen=True, slots=True)
class _Part:
    slot: str
    unit: str
    letter: bool
    status: str
    outcome: str


def detail_of(
    directory: Directory, actor: Actor | None, record_id: UUID, move: str, args: Mapping[str, Arg],
    texts: Mapping[str, str], today: date,
) -> dict[str, Any]:  # fmt: skip
    """What the event keeps beside its effects: measure, strand, day. Raises ``Refused``.

    ``actor`` None is the system, which may write for every unit that takes part.
    """
    name = "corrects" if move == RESULT else "line"
    replaces = args.get(name)
    again = isinstance(replaces, int) and not isinstance(replaces, bool)
    if again:
        unit = _line_of(directory.district.id, record_id, int(str(replaces)), name)
        _refuse_foreign(directory, actor, record_id, unit, again=True)
        if move == RESULT and unit != args.get("unit"):
            raise Refused(guard("That line is another body's", "该行不属于此单位"))
    found: dict[str, str] = {}
    if move == RESULT:
        found = measured(directory, args, texts)
        _refuse_foreign(directory, actor, record_id, str(args.get("unit") or ""), again=again)
    return {**found, "on": str(args.get("on") or today.isoformat())}


def measured(directory: Directory, args: Mapping[str, Arg], texts: Mapping[str, str]) -> dict[str, str]:
    """Measure and strand of the item. Raises ``Refused`` where it is in no list, or acts without a legal basis."""
    item = str(args.get("item") or "")
    known = measures(directory.district.id).get(item)
    if item and known is None:
        raise Refused(Refusal("invalid", {}, {"item": "not_found"}))
    if known is None:
        return {}  # the form says that it is missing
    if known.strand == ENFORCEMENT and not (texts.get("basis") or "").strip():
        raise Refused(Refusal("invalid", {}, {"basis": "required"}))
    quantity = args.get("quantity")
    if isinstance(quantity, int) and quantity > MOST:
        raise Refused(Refusal("invalid", {}, {"quantity": "too_large"}))
    place = str(args.get("place") or "")
    if place and directory.place(place) is None:
        raise Refused(Refusal("invalid", {}, {"place": "not_found"}))
    return {"measure": known.measure, "strand": known.strand}


def _refuse_foreign(
    directory: Directory, actor: Actor | None, record_id: UUID, unit: str, *, again: bool = False
) -> None:
    """Each body records its own. Whoever convenes writes for a body that gets letters, where nothing is divided among
    agencies for any, and corrects what anybody wrote (``again``). Raises ``Refused``."""
    fact = directory.unit_facts.get(unit)
    if fact is None:
        return  # the form says so
    parts = _parts(directory.district.id, record_id)
    agencies = [part for part in parts if part.slot == AGENCY]
    if agencies and not any(p.unit == unit for p in agencies):
        raise Refused(guard("That body takes no part in this", "该单位未参加本次行动"))
    if actor is None:
        return
    own = directory.unit_facts.get(actor.unit)
    if own is not None and fact.path.startswith(own.path):
        return
    if _convenes(actor, parts) and (again or not agencies or any(p.unit == unit and p.letter for p in agencies)):
        return
    raise Refused(guard("Each body records its own results", "各单位只登记本单位的成果"))


def refuse_heads(directory: Directory, actor: Actor | None, record_id: UUID, args: Mapping[str, Arg]) -> None:
    """Among agencies each writes down its own heads; whoever convenes writes for all. Raises ``Refused``."""
    unit, replaces = str(args.get("unit") or ""), args.get("corrects")
    if isinstance(replaces, int) and not isinstance(replaces, bool):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT x.unit, c.seq IS NOT NULL FROM occasions_attendance x LEFT JOIN occasions_attendance c"
                " ON c.district_id = x.district_id AND c.record_id = x.record_id AND c.corrects = x.line"
                " WHERE x.district_id = %s AND x.record_id = %s AND x.line = %s",
                [directory.district.id, record_id, replaces],
            )
            row = cursor.fetchone()
        if row is None:
            raise Refused(Refusal("invalid", {}, {"corrects": "not_found"}))
        if row[1]:
            raise Refused(replaced(replaces))
        unit = unit if row[0] == unit else ""
    parts = _parts(directory.district.id, record_id)
    if actor is None or not any(part.slot == AGENCY for part in parts) or _convenes(actor, parts):
        return
    own, fact = directory.unit_facts.get(actor.unit), directory.unit_facts.get(unit)
    if own is None or fact is None or not fact.path.startswith(own.path):
        raise Refused(guard("Each body records its own heads", "各单位只登记本单位人数"))


def _convenes(actor: Actor, parts: list[_Part]) -> bool:
    held = (p.slot == CONVENE and p.unit == actor.unit and p.status != "ended" for p in parts)
    return OFFICE in actor.roles or any(held)


def _parts(district_id: int, record_id: UUID) -> list[_Part]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slot, unit, letter, status, outcome FROM ledger_assignment"
            " WHERE district_id = %s AND record_id = %s AND slot = ANY(%s) ORDER BY no",
            [district_id, record_id, [AGENCY, CONVENE]],
        )
        return [_Part(*row) for row in cursor.fetchall()]


def _line_of(district_id: int, record_id: UUID, line: int, name: str) -> str:
    """Whose line it is. Raises ``Refused`` where there is none, or it was replaced or struck before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.unit, c.seq IS NOT NULL FROM occasions_result x LEFT JOIN occasions_result c"
            " ON c.district_id = x.district_id AND c.record_id = x.record_id AND c.corrects = x.line"
            " WHERE x.district_id = %s AND x.record_id = %s AND x.line = %s AND NOT x.struck",
            [district_id, record_id, line],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused(Refusal("invalid", {}, {name: "not_found"}))
    if row[1]:
        raise Refused(replaced(line))
    return str(row[0])


def replaced(line: int) -> Refusal:
    """The line does not count any more."""
    return guard(f"Line {line} was replaced or struck already", f"第{line}行已被更正或作废")
