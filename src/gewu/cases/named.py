"""Records of other kinds that a move of a case names: a follow-up order, an instruction, a meeting.

A playbook says only that a field names a record. What kind it has to be goes with the field's name, the same in every
playbook, so that nobody ties a case to something else by its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from gewu.core.records import Arg, Refusal
from gewu.ledger.door import Acting
from gewu.ledger.errors import Refused

KINDS: Mapping[str, str] = {
    "order": "follow_up_order",
    "instruction": "instruction",
    "meeting": "occasion",
    "session": "occasion",
}


def check_named(district_id: int, acting: Acting, args: Mapping[str, Arg]) -> None:
    """Raises ``Refused`` (``not_found`` at the field) where a record is not there, out of sight or of another kind."""
    wanted: dict[str, UUID] = {}
    faults: dict[str, str] = {}
    for name in args.keys() & KINDS.keys():
        if args[name]:
            try:
                wanted[name] = UUID(str(args[name]))
            except ValueError:
                faults[name] = "not_found"
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, kind, place, areas, involved FROM ledger_record WHERE district_id = %s AND id = ANY(%s)",
                [district_id, list(wanted.values())],
            )
            there = {row[0]: row[1:] for row in cursor.fetchall()}
        for name, record_id in wanted.items():
            kind, *where = there.get(record_id, ("", "", (), ()))
            if kind != KINDS[name] or not acting.sees(where[0], tuple(where[1]), tuple(where[2])):
                faults[name] = "not_found"
    if faults:
        raise Refused(Refusal("invalid", {}, faults))
