"""Who holds an item on a day: the pack's holdings, then the acts in the order of their days, then units that follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from gewu.enforcement.models import Holding, Item, Transfer
from gewu.registry.models import Succession, Unit
from gewu.registry.snapshot import valid_on


@dataclass(frozen=True, slots=True)
class Holder:
    """``unit`` holds ``item`` on the day that was asked; ``act`` is what gave it, empty for the pack's first holder.

    ``power`` is false when the unit has ended and nobody follows it: then nobody may act on the item.
    """

    item: str
    unit: str
    act: str
    since: date | None
    power: bool


@dataclass(frozen=True, slots=True)
class Span:
    """One holder from a day to a day, both included; an empty day is no bound."""

    unit: str
    valid_from: date | None
    valid_to: date | None
    act: str
    power: bool


class Book:
    """All holdings and acts of a district, read in four statements, so that any item and any day is answered."""

    def __init__(self, district_id: int, items: Iterable[str] | None = None) -> None:
        where: dict[str, object] = {"district_id": district_id}
        if items is not None:
            where["item__in"] = list(items)
        self._holdings: dict[str, list[Holding]] = {}
        for holding in Holding.objects.filter(retired_on=None, **where):
            self._holdings.setdefault(holding.item, []).append(holding)
        self._transfers: dict[str, list[Transfer]] = {}
        for transfer in Transfer.objects.filter(**where).select_related("reform").order_by("valid_from", "id"):
            self._transfers.setdefault(transfer.item, []).append(transfer)
        self._units = {row.code: row for row in Unit.objects.filter(district_id=district_id)}
        rows = Succession.objects.filter(district_id=district_id).select_related("old", "new", "reform")
        self._successions = list(rows.order_by("valid_from", "id"))

    @property
    def items(self) -> list[str]:
        """Codes of all items that somebody holds or held."""
        return sorted({*self._holdings, *self._transfers})

    def on(self, item: str, day: date) -> Holder | None:
        """The holder of an item on a day; None when nobody ever held it by then."""
        found = self._written(item, day)
        if found is None:
            return None
        unit, act, since = found
        seen = {unit}
        while (step := self._step(unit, day)) is not None and step.new.code not in seen:
            unit, act, since = step.new.code, step.reform.number, step.valid_from
            seen.add(unit)
        return Holder(item, unit, act, since, self._stands(unit, day))

    def _written(self, item: str, day: date) -> tuple[str, str, date | None] | None:
        held = [h for h in self._holdings.get(item, ()) if valid_on(h.valid_from, h.valid_to, day)]
        found = (held[0].unit, held[0].act, held[0].valid_from) if held else None
        for transfer in self._transfers.get(item, ()):
            if valid_on(transfer.valid_from, transfer.valid_to, day) and (found is None or found[0] == transfer.old):
                found = transfer.new, transfer.reform.number, transfer.valid_from
        return found

    def _step(self, unit: str, day: date) -> Succession | None:
        """The succession that holds for a unit on a day."""
        rows = [s for s in self._successions if s.old.code == unit and valid_on(s.valid_from, s.valid_to, day)]
        return rows[-1] if rows else None

    def _stands(self, unit: str, day: date) -> bool:
        row = self._units.get(unit)
        return row is not None and row.retired_on is None and valid_on(row.valid_from, row.valid_to, day)

    def history(self, item: str) -> list[Span]:
        """Every holder of an item in the order of time."""
        days: set[date] = set()
        for holding in self._holdings.get(item, ()):
            days |= {day for day in (holding.valid_from, _next(holding.valid_to)) if day}
        for transfer in self._transfers.get(item, ()):
            days |= {day for day in (transfer.valid_from, _next(transfer.valid_to)) if day}
        for succession in self._successions:
            days |= {day for day in (succession.valid_from, _next(succession.valid_to)) if day}
        for row in self._units.values():
            days |= {day for day in (row.valid_from, _next(row.valid_to)) if day}
        marks = sorted(days)
        spans: list[Span] = []
        starts: list[date | None] = [None, *marks]
        for index, start in enumerate(starts):
            end = marks[index] - timedelta(days=1) if index < len(marks) else None
            asked = start or (marks[0] - timedelta(days=1) if marks else date.max)
            found = self.on(item, asked)
            if found is None:
                continue
            last = spans[-1] if spans else None
            if last is not None and (last.unit, last.act, last.power) == (found.unit, found.act, found.power):
                spans[-1] = Span(last.unit, last.valid_from, end, last.act, last.power)
            else:
                spans.append(Span(found.unit, start, end, found.act, found.power))
        return spans


def _next(day: date | None) -> date | None:
    return day + timedelta(days=1) if day is not None else None


def holder_on(district_id: int, item: str, day: date) -> Holder | None:
    """Who holds an item on a day. None for an item that nobody held by then."""
    return Book(district_id, [item]).on(item, day)


def has_power(district_id: int, unit: str, item: str, day: date) -> bool:
    """Whether a unit may act on an item on a day: it holds it, and it stands."""
    found = holder_on(district_id, item, day)
    return found is not None and found.unit == unit and found.power


def find(district_id: int, field: str = "", words: str = "") -> list[Item]:
    """Items of a field whose code, name or basis has all the words, by code: one statement."""
    rows = Item.objects.filter(district_id=district_id, retired_on=None)
    if field:
        rows = rows.filter(field=field)
    for word in words.split()[:5]:
        said = Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(basis__icontains=word)
        rows = rows.filter(said | Q(code__istartswith=word))
    return list(rows.order_by("code"))
