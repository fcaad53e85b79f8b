"""``items.csv`` and ``holdings.csv`` of packs (see ``gewu.registry.packs.extras.TableExtra``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gewu.enforcement.models import Holding, Item
from gewu.registry.packs.problems import Problem, Problems
from gewu.registry.packs.tables import Columns, Fields, parse_csv
from gewu.registry.packs.world import World
from gewu.registry.packs.write import Load, Table

ITEMS, HOLDINGS = "items.csv", "holdings.csv"
_VALIDITY = ("valid_from", "valid_to")
_ITEM_COLUMNS = Columns(
    ("code", "field", "name_zh", "name_en"),
    ("field_zh", "field_en", "basis", "order", "fine_individual", "fine_unit", "measure", "synthetic", "source"),
)
_HOLDING_COLUMNS = Columns(("item", "unit"), (*_VALIDITY, "act", "source"))


@dataclass(frozen=True, slots=True)
class _Item:
    line: int
    code: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Holding:
    line: int
    item: str
    unit: str
    valid_from: date | None
    valid_to: date | None
    act: str
    source: str


class ItemFiles:
    """Reads, checks and writes the two tables."""

    files: tuple[str, ...] = (ITEMS, HOLDINGS)

    def check(self, own: Mapping[str, str], required: Sequence[Mapping[str, str]]) -> list[Problem]:
        """Nothing here: the tables name units, which ``check_in`` knows."""
        return []

    def load(self, pack: str) -> Mapping[str, str]:
        """Nothing: a required pack's items are rows of the database, not text."""
        return {}

    def store(self, pack: str, own: Mapping[str, str]) -> Mapping[str, int]:
        """Never called: ``store_in`` is."""
        return {}

    def check_in(self, own: Mapping[str, str], world: World, problems: Problems) -> None:
        """Doubled codes, holders that are no units, two holders at a time, items that nobody knows."""
        items, holdings = _read(own, problems)
        if (items or holdings) and world.data.district is None:
            problems.add(ITEMS if items else HOLDINGS, 1, "belongs to the pack that defines the district")
        lines: dict[str, int] = {}
        for item in items:
            first = lines.setdefault(item.code, item.line)
            if first != item.line:
                problems.add(ITEMS, item.line, f"item {item.code!r} stands twice, first on line {first}")
        seen: dict[str, list[_Holding]] = {}
        for row in holdings:
            if row.item not in lines:
                problems.add(HOLDINGS, row.line, f"item {row.item!r} is not in {ITEMS}")
            if row.unit not in world.units:
                problems.add(HOLDINGS, row.line, f"unit {row.unit!r} is not a unit")
            for other in seen.setdefault(row.item, []):
                if _meet(row, other):
                    problems.add(HOLDINGS, row.line, f"item {row.item} has a holder at that time, on line {other.line}")
            seen[row.item].append(row)

    def store_in(self, own: Mapping[str, str], load: Load) -> None:
        """Write what was checked; what the pack no longer has is retired."""
        if load.district is None:
            return
        items, holdings = _read(own, Problems())
        table = Table("item", Item, ("code",), load)
        table.put(item.values for item in items)
        table.finish()
        held = Table("holding", Holding, ("item", "unit", "valid_from"), load)
        held.put({name: getattr(row, name) for name in _Holding.__slots__ if name != "line"} for row in holdings)
        held.finish()


def _read(own: Mapping[str, str], problems: Problems) -> tuple[list[_Item], list[_Holding]]:
    items = [_item(row) for row in parse_csv(own[ITEMS], ITEMS, _ITEM_COLUMNS, problems)] if ITEMS in own else []
    holdings = []
    if HOLDINGS in own:
        holdings = [_holding(row) for row in parse_csv(own[HOLDINGS], HOLDINGS, _HOLDING_COLUMNS, problems)]
    return items, holdings


def _item(row: Fields) -> _Item:
    code = row.code("code")
    texts = {name: row.text(name) for name in ("basis", "order", "fine_individual", "fine_unit", "measure", "source")}
    names = {name: row.name(name) for name in ("name_en", "name_zh")}
    field = {f"field_name_{tail}": row.name(f"field_{tail}", required=False) for tail in ("en", "zh")}
    values = {"code": code, "field": row.code("field"), **field, **names, **texts, "synthetic": row.flag("synthetic")}
    return _Item(row.line, code, values)


def _holding(row: Fields) -> _Holding:
    start, end = row.validity()
    act = row.text("act", longest=64)
    return _Holding(row.line, row.code("item"), row.code("unit"), start, end, act, row.text("source"))


def _meet(one: _Holding, two: _Holding) -> bool:
    """Whether two validities share a day."""
    starts_before = one.valid_from is None or two.valid_to is None or one.valid_from <= two.valid_to
    return starts_before and (two.valid_from is None or one.valid_to is None or two.valid_from <= one.valid_to)
