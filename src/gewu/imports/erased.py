"""What imports forget when a case is erased: keyed hashes by which its words could be compared, and rows left out.

A row that was left out is often sent again, mended, and becomes a case. The row stays for ``KEEP_DAYS`` under the key
of its run, which the erasing of the case does not touch.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Set
from uuid import UUID

from django.db import connection

from gewu.imports import left, runs
from gewu.imports.problems import BadFile
from gewu.ledger.erasure import Erasing

RETENTION = "retention"
"""What goes on schedule is years old; rows that were left out are removed within days by themselves."""


def forget(erasing: Erasing) -> None:
    """Empty the digests of the erased case's items and remove its rows. Runs in the transaction of the erasing."""
    if erasing.what != "all":
        return
    numbers = _numbers(erasing.district_id, erasing.record_id)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE imports_item SET digest = '' WHERE district_id = %s AND platform = %s AND outside_number = %s",
            [(erasing.district_id, platform, one) for platform, all_of in numbers.items() for one in all_of],
        )
    if numbers and erasing.reason != RETENTION:
        _forget_rows(erasing.district_id, numbers)


def _numbers(district_id: int, record_id: UUID) -> Mapping[str, Set[str]]:
    """The outside numbers of a case by platform: those it answers for, and its own where it was merged into another."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT platform, outside_number FROM imports_item WHERE district_id = %s AND record_id = %s"
            " UNION SELECT payload->'detail'->>'platform', payload->'detail'->>'outside_number' FROM ledger_event"
            " WHERE district_id = %s AND record_id = %s AND seq = 1 AND payload->'detail' ? 'platform'",
            [district_id, record_id] * 2,
        )
        for platform, number in cursor.fetchall():
            found.setdefault(platform, set()).add(number)
    return found


def _forget_rows(district_id: int, numbers: Mapping[str, Set[str]]) -> None:
    for run in runs.with_rows_left(district_id, list(numbers)):
        try:
            kept = left.faults(run)
        except BadFile:
            continue
        ours = numbers[run.platform]
        left.forget(run, [one.row for one in kept if not ours.isdisjoint(map(_plain, one.cells))])


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().lstrip("'")
