"""What services add to the first event of a record: its number and day. Numbers are reserved for many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gewu.cases.services import detail_of
from gewu.ledger.lookups import Position
from gewu.ledger.numbers import format_number
from gewu.ledger.numbers import reserve as reserve_case_numbers
from gewu.occasions import works
from gewu.occasions.kinds import RESULT
from gewu.occasions.results import measured
from gewu.occasions.services import written
from gewu.office import numbers
from gewu.registry.directory import Directory

NOWHERE = UUID(int=0)
"""No line of a story replaces another, so no record is looked into."""
_HONOUR = "荣〔{year}〕{counter}号"


@dataclass(slots=True)
class _Waiting:
    """An event's detail that waits for its number."""

    kind: str
    playbook: str
    day: date
    detail: dict[str, Any]


class Details:
    """Details of first events. ``reserve`` gives all of them their numbers, in transactions of their own."""

    def __init__(self, directory: Directory, story: str) -> None:
        self._directory, self._story = directory, story
        self._zone = ZoneInfo(directory.district.timezone)
        self._waiting: list[_Waiting] = []

    def of(self, name: str, args: Mapping[str, Any], at: int, position: Position) -> dict[str, Any]:
        """The detail of a record's first event. It says that the record is synthetic, and of which story."""
        playbook = self._directory.playbook(name)
        if playbook is None:
            raise LookupError(f"no playbook {name!r} is loaded in this district")
        day = datetime.fromtimestamp(at, self._zone).date()
        detail: dict[str, Any] = {"synthetic": True, "story": self._story}
        if playbook.kind == "case":
            detail |= detail_of("", position)
        else:
            detail |= {"year": day.year, "day": day.isoformat()}
            starts = args.get("starts_at")
            if isinstance(starts, int):
                detail["period"] = f"{datetime.fromtimestamp(starts, self._zone):%Y-%m}"
        self._waiting.append(_Waiting(playbook.kind, name, day, detail))
        return detail

    def of_move(self, move: str, args: Mapping[str, Any], texts: Mapping[str, str], at: int) -> dict[str, Any]:
        """What services add to a later event: measure, strand and day of a result, a plan or a sum."""
        day = datetime.fromtimestamp(at, self._zone).date()
        if move in works.MOVES:
            return works.detail_of(self._directory, NOWHERE, move, args, day)
        if move != RESULT:
            return {}
        return {**measured(self._directory, args, texts), "on": args.get("on") or day.isoformat()}

    def reserve(self) -> None:
        """Give the details that wait their numbers, in the order in which they were asked for."""
        groups: dict[tuple[str, str, Any], list[_Waiting]] = {}
        for one in self._waiting:
            case = one.kind == "case"
            groups.setdefault((one.kind, one.playbook, one.day if case else one.day.year), []).append(one)
        self._waiting = []
        for (kind, name, when), found in groups.items():
            if kind == "case":
                first = reserve_case_numbers(self._directory.district.id, when, len(found))
                for index, one in enumerate(found):
                    one.detail["number"] = format_number(self._directory.district.code, when, first + index)
            else:
                first = numbers.reserve(self._directory.district.id, name, when, len(found))
                for index, one in enumerate(found):
                    one.detail["counter"] = first + index
                    one.detail["number"] = self._written(kind, name, when, first + index)

    def _written(self, kind: str, name: str, year: int, counter: int) -> str:
        playbook = self._directory.playbook(name)
        if kind == "occasion" and playbook is not None:
            return written(self._directory, playbook, year, counter)
        return numbers.written(self._directory.district.name("zh")[:1] + _HONOUR, year, counter)
