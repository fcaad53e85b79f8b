"""Rows of an export as lives of cases: filed and dispatched when they were opened, closed when they were closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gewu.cases.replay.district import Registered
from gewu.cases.replay.export import Row
from gewu.cases.replay.mapping import CLOSE, DISPATCH, ELSE, INTAKE, Mapping
from gewu.cases.services import detail_of
from gewu.core.coordinates import CoordinateError, CoordinateSystem, to_wgs84
from gewu.core.records import Actor, Command
from gewu.ledger.bulk import Life, Step
from gewu.ledger.door import Acting, new_id
from gewu.ledger.lookups import Position
from gewu.ledger.numbers import format_number, reserve
from gewu.registry.directory import Directory
from gewu.registry.positions import Position as Located
from gewu.registry.positions import locate_many

MICRO = 1_000_000


class Lives:
    """Makes lives of rows. One object for one run."""

    def __init__(self, mapping: Mapping, directory: Directory, registered: Registered, as_of: int) -> None:
        self._mapping = mapping
        self._directory = directory
        self._registered = registered
        self._as_of = as_of
        self._zone = ZoneInfo(directory.district.timezone)
        self._moves = {name: {f.name for f in mapping.playbook.moves[name].form} for name in (INTAKE, DISPATCH)}
        desk = registered.desk
        self._intake = self._acting(desk, mapping.intake_role)
        self._dispatcher = self._acting(desk, mapping.dispatch_role)
        self._handlers = {unit: self._acting(unit, mapping.unit_role) for unit in (desk, *registered.units.values())}

    def _acting(self, unit: str, role: str) -> Acting:
        """Nobody's name is in the export: events are by the import, at the unit that the export names."""
        found = self._directory.unit(unit)
        path = found.path if found else ""
        return Acting(Actor(f"import:{self._mapping.name}", unit, frozenset({role})), path)

    def of(self, rows: Sequence[Row]) -> Iterator[Life]:
        """The lives of rows that are not there yet. Numbers are reserved for all of them first."""
        numbers = self._numbers(rows)
        for row, located in zip(rows, self._located(rows), strict=True):
            yield self._life(row, located, next(numbers[self._day(row)]))

    def _day(self, row: Row) -> Any:
        return datetime.fromtimestamp(row.opened, self._zone).date()

    def _numbers(self, rows: Sequence[Row]) -> dict[Any, Iterator[str]]:
        district = self._directory.district
        counted = Counter(self._day(row) for row in rows)
        found: dict[Any, Iterator[str]] = {}
        for day, count in counted.items():
            first = reserve(district.id, day, count)
            found[day] = iter([format_number(district.code, day, first + i) for i in range(count)])
        return found

    def _located(self, rows: Sequence[Row]) -> list[Located | None]:
        datum = CoordinateSystem(self._mapping.spec.positions.datum)
        points = np.full((len(rows), 2), np.nan)
        for index, row in enumerate(rows):
            if row.longitude is None or row.latitude is None:
                continue
            try:
                points[index] = to_wgs84(row.longitude, row.latitude, datum)
            except CoordinateError:
                row.longitude = row.latitude = None
                row.flags.append("position_unreadable")
        return locate_many(self._directory, points)

    def _position(self, row: Row, located: Located | None) -> Position:
        if located is not None:
            return Position(
                located.place_code, located.areas, round(located.lon * MICRO), round(located.lat * MICRO),
                located.on_boundary, located.candidates if located.on_boundary else (), located.synthetic,
            )  # fmt: skip
        code = self._directory.district.code
        if row.longitude is None or row.latitude is None:
            return Position(code)
        row.flags.append("outside_territory")
        lon, lat = to_wgs84(row.longitude, row.latitude, CoordinateSystem(self._mapping.spec.positions.datum))
        return Position(code, (), round(lon * MICRO), round(lat * MICRO))

    def _life(self, row: Row, located: Located | None, number: str) -> Life:
        position = self._position(row, located)
        unit = self._registered.units.get(row.unit, self._registered.desk)
        if not row.unit and self._mapping.spec.columns.unit:
            row.flags.append("no_unit")
        detail = detail_of(number, position, row.number)
        flags = [*detail.get("flags", ()), *dict.fromkeys(row.flags)]
        if flags:
            detail["flags"] = flags
        if row.place in self._registered.places:
            detail["recorded_place"] = self._registered.places[row.place]
        opened = row.opened * MICRO
        steps = [
            Step(self._command(INTAKE, self._intake_args(row), _texts(row)), self._intake, opened, position, detail),
            Step(self._command(DISPATCH, self._dispatch_args(row, unit)), self._dispatcher, opened),
        ]
        if row.closed is not None and max(row.closed, row.opened) <= self._as_of:
            # A record's events are in order of time, so a closing cannot stand before the opening: it is put at the
            # instant of the opening, and what was printed is kept.
            printed = {"printed_closed_at": row.closed} if row.closed < row.opened else {}
            at = max(row.closed, row.opened) * MICRO
            steps.append(Step(self._command(CLOSE, {}), self._handlers[unit], at, None, printed))
        until = self._as_of * MICRO + 1
        return Life(new_id(), self._mapping.playbook.name, steps, f"{row.line}", expire=True, until_us=until)

    def _command(self, move: str, args: dict[str, Any], texts: dict[str, str] | None = None) -> Command:
        return Command(str(new_id()), move, args, texts or {})

    def _intake_args(self, row: Row) -> dict[str, Any]:
        args: dict[str, Any] = {}
        if row.category:
            args["category"] = self._registered.categories[row.category]
        if self._mapping.spec.columns.source:
            sources = self._mapping.spec.sources
            args["source"] = sources.get(row.source, sources[ELSE])
        return args

    def _dispatch_args(self, row: Row, unit: str) -> dict[str, Any]:
        return {"lead": unit} if row.target is None else {"lead": unit, "target": row.target}


def _texts(row: Row) -> dict[str, str]:
    return {name: text for name, text in (("title", row.title), ("address", row.address)) if text}
