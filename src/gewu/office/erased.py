"""Letters go with the case they are about: their words begin as the reporter's own, since the form is filled from it.

A letter has a key of its own, so the erasing of a case would leave them. The line of the register stays, with number,
days and body. Orders and instructions are the office's own words from the beginning; a handover holds numbers only.
"""

from __future__ import annotations

from django.db import connection

from gewu.core.records import Actor
from gewu.ledger.door import Acting
from gewu.ledger.erasure import Erasing, erase
from gewu.office.kinds import LETTER


def forget_letters(erasing: Erasing) -> None:
    """Erase the letters about an erased case, in the transaction of its erasing (``gewu.ledger.erasure.follow``)."""
    if erasing.what != "all":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.record_id FROM office_entry e JOIN ledger_recordkey k"
            " ON k.district_id = e.district_id AND k.record_id = e.record_id"
            " WHERE e.district_id = %s AND e.related @> ARRAY[%s]::uuid[] AND e.kind = %s AND k.wrapped IS NOT NULL"
            " ORDER BY e.record_id",
            [erasing.district_id, erasing.record_id, LETTER],
        )
        letters = [row[0] for row in cursor.fetchall()]
    by = Acting(Actor(erasing.by, "", frozenset()))
    for record_id in letters:
        erase(erasing.district_id, record_id, by, reason=erasing.reason, at=erasing.at)
