"""Case numbers for people: district (6), date (8), counter (5): 19 digits.

Counters come from blocks of 50 that a process reserves in a transaction of its own: one counter row taken inside every
intake would make intakes wait for one another. Gaps are allowed; a number is never given twice.
"""

from __future__ import annotations

import threading
from datetime import date

from django.db import connection, transaction

BLOCK = 50


class Numbers:
    """The blocks of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: dict[tuple[int, date], tuple[int, int]] = {}

    def take(self, district_id: int, district_code: str, day: date) -> str:
        """The next number. Must be called outside a transaction, so that the reservation outlives its failure."""
        with self._lock:
            start, left = self._blocks.get((district_id, day), (0, 0))
            if not left:
                start, left = reserve(district_id, day, BLOCK), BLOCK
                for key in [k for k in self._blocks if k[0] == district_id and k[1] < day]:
                    del self._blocks[key]
            self._blocks[(district_id, day)] = (start + 1, left - 1)
        return format_number(district_code, day, start)

    def forget(self) -> None:
        """Drop the blocks, e.g. after the database was replaced."""
        with self._lock:
            self._blocks.clear()


def reserve(district_id: int, day: date, count: int) -> int:
    """Reserve ``count`` numbers of a day and return the first."""
    if connection.in_atomic_block:
        raise RuntimeError("numbers are reserved in a transaction of their own, before the one that uses them")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_numberblock (district_id, day, next) VALUES (%s, %s, %s)"
            " ON CONFLICT (district_id, day) DO UPDATE SET next = ledger_numberblock.next + excluded.next - 1"
            " RETURNING next",
            [district_id, day, count + 1],
        )
        row = cursor.fetchone()
    return int(row[0]) - count


def format_number(district_code: str, day: date, counter: int) -> str:
    """``5001012026112200001``."""
    return f"{district_code}{day:%Y%m%d}{counter:05d}"


numbers = Numbers()
