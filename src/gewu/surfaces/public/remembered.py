"""Answers that strangers ask for again and again, kept by the process for a while.

What is kept is in no language and holds nothing that belongs to a visitor. While one thread makes an answer, those that
ask for the same wait for it, so that a crowd costs as much as one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")
MINUTE = 60.0
MOST = 64
now: Callable[[], float] = time.monotonic
"""Seconds of a clock that never goes back; tests put one of their own here."""


class _Slot(Generic[T]):
    __slots__ = ("lock", "made")

    def __init__(self) -> None:
        self.lock = Lock()
        self.made: tuple[float, T] | None = None


class Remembered(Generic[T]):
    """Answers by key, none older than so many seconds; the keys that came first go when there are too many.

    A key names the district and the version of its registry, so that a changed registry is seen at once.
    """

    def __init__(self, seconds: float = MINUTE, most: int = MOST) -> None:
        self._seconds, self._most = seconds, most
        self._slots: OrderedDict[Hashable, _Slot[T]] = OrderedDict()
        self._lock = Lock()
        _all.append(self.forget)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer to a key, made where there is none or an old one. What ``make`` raises is raised and not kept."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            while len(self._slots) > self._most:
                self._slots.popitem(last=False)
        with slot.lock:
            asked = now()
            if slot.made is None or asked - slot.made[0] >= self._seconds:
                slot.made = (asked, make())
            return slot.made[1]

    def forget(self) -> None:
        """Keep nothing of what was answered so far."""
        with self._lock:
            self._slots.clear()


_all: list[Callable[[], None]] = []


def forget() -> None:
    """Empty every memory of this process, as when its database was changed from outside."""
    for one in _all:
        one()
