"""What has to be known before a planned quantity or a sum is written: the item's measure, what a line replaces.

Two people may replace one line in the same instant; the tables let a line be named once (``ONCE``), so one of them
succeeds and the other is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.core.records import Arg, Refusal
from gewu.ledger.errors import Refused
from gewu.occasions.kinds import FUND, HAND, PLAN
from gewu.occasions.measures import measures
from gewu.occasions.results import replaced
from gewu.registry.directory import Directory

MOVES = frozenset({PLAN, FUND, HAND})
ONCE = ("occasions_plan_once", "occasions_fund_once")
"""The indexes that let a line be replaced once."""
MOST_ITEMS = 1_000_000_000
MOST_MONEY = 100_000_000_000
"""No line is larger: more is a slip of the key."""
_TABLES = {PLAN: "occasions_plan", FUND: "occasions_fund"}


def detail_of(directory: Directory, record_id: UUID, move: str, args: Mapping[str, Arg], today: date) -> dict[str, Any]:
    """What the event keeps beside its effects: measure or day. Raises ``Refused``."""
    if move == HAND:
        _refuse_unknown(directory.district.id, args)
        return {}
    _refuse_replaced(directory.district.id, record_id, move, args)
    if move == FUND:
        _refuse_large(args, "amount", MOST_MONEY)
        return {"on": str(args.get("on") or today.isoformat())}
    _refuse_large(args, "quantity", MOST_ITEMS)
    item = str(args.get("item") or "")
    known = measures(directory.district.id).get(item)
    if item and known is None:
        raise Refused(Refusal("invalid", {}, {"item": "not_found"}))
    return {"measure": known.measure} if known is not None else {}


def _refuse_large(args: Mapping[str, Arg], name: str, most: int) -> None:
    value = args.get(name)
    if isinstance(value, int) and value > most:
        raise Refused(Refusal("invalid", {}, {name: "too_large"}))


def _refuse_unknown(district_id: int, args: Mapping[str, Arg]) -> None:
    """Whoever runs an estate from now on, where it is named by its record, is an occasion of the district."""
    named = args.get("record")
    if not named:
        return
    try:
        record = UUID(str(named))
    except ValueError as error:
        raise Refused(Refusal("invalid", {}, {"record": "not_found"})) from error
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM occasions_occasion WHERE district_id = %s AND record_id = %s", [district_id, record]
        )
        if cursor.fetchone() is None:
            raise Refused(Refusal("invalid", {}, {"record": "not_found"}))


def _refuse_replaced(district_id: int, record_id: UUID, move: str, args: Mapping[str, Arg]) -> None:
    line = args.get("corrects")
    if not isinstance(line, int) or isinstance(line, bool):
        return
    table = _TABLES[move]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.seq IS NOT NULL FROM {table} x LEFT JOIN {table} c ON c.district_id = x.district_id"
            " AND c.record_id = x.record_id AND c.corrects = x.line"
            " WHERE x.district_id = %s AND x.record_id = %s AND x.line = %s",
            [district_id, record_id, line],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused(Refusal("invalid", {}, {"corrects": "not_found"}))
    if row[0]:
        raise Refused(replaced(line))
