"""What each table of a pack looks like in the database, in the order in which rows refer to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password

from gewu.registry import models as m
from gewu.registry.models.base import PackRow
from gewu.registry.packs.extras import TableExtra, extras
from gewu.registry.packs.playbooks import digest
from gewu.registry.packs.report import Counts, LoadReport, Progress
from gewu.registry.packs.rows import PLACE_KINDS, PackData, UnitRow
from gewu.registry.packs.world import World
from gewu.registry.packs.write import Load, Table

R = TypeVar("R")


class Writer:
    """Writes one checked pack. ``district`` is set once its own row is there."""

    def __init__(self, world: World, report: LoadReport, progress: Progress | None) -> None:
        self._world = world
        self._data: PackData = world.data
        self._report = report
        self._progress = progress
        self.district: m.District | None = None

    def write(self) -> None:
        """Everything, parents before children. The caller holds the transaction."""
        self._write_district()
        self._catalogue()
        self._time()
        if self.district is not None:
            self._places()
            self._units()
            self._posts()
            self._rules()
            self._chain()
        self._playbooks()
        self._extras()

    def _extras(self) -> None:
        """Files of upper floors: counted in the report like rows."""
        for extra in extras():
            own = {file: text for file, text in self._data.extras.items() if file in extra.files}
            if isinstance(extra, TableExtra):
                extra.store_in(own, self._load())
                continue
            counts = extra.store(self._data.name, own)
            if any(counts.values()):
                self._report.tables[" and ".join(extra.files)] = Counts(**counts)

    def _table(self, name: str, model: type[PackRow], *key: str) -> Table:
        return Table(name, model, key, self._load())

    def _load(self) -> Load:
        return Load(self._data.name, self.district, self._world.today, self._report, self._progress)

    def _fill(self, table: Table, rows: Iterable[R], columns: Callable[[R], Mapping[str, Any]]) -> Table:
        table.put(columns(row) for row in rows)
        table.finish()
        return table

    def _write_district(self) -> None:
        own, district = self._data.district, self._world.district
        if own is not None:
            self._table("district", m.District, "code").put([_columns(own)])
        if district is not None:
            self.district = m.District.objects.get(code=district.code)

    def _catalogue(self) -> None:
        data = self._data
        self._fill(self._table("role", m.Role, "code"), data.roles, _columns)
        self._fill(self._table("owner", m.Owner, "code"), data.owners, _columns)
        categories = self._fill(self._table("category", m.Category, "kind", "code"), data.categories, _columns)
        self._fill(
            self._table("standard", m.Standard, "kind", "code"),
            data.standards,
            lambda x: {**_columns(x, "category"), "category_id": categories.ids[x.kind, x.category]},
        )

    def _time(self) -> None:
        data = self._data
        self._fill(self._table("calendar", m.CalendarSpec, "code"), data.calendars, _columns)
        self._fill(self._table("calendar day", m.CalendarDay, "date"), data.holidays, _columns)
        self._fill(self._table("holiday year", m.HolidayYear, "year"), data.holiday_years, _columns)

    def _places(self) -> None:
        data = self._data
        shapes = {row.code: row.geometry for row in data.shapes}
        places = self._table("place", m.Place, "code")
        for kind in PLACE_KINDS:
            places.put(
                {
                    **_columns(place, "parent"),
                    "parent_id": places.ids[place.parent,] if place.parent else None,
                    "geometry": shapes.get(place.code),
                }
                for place in data.places
                if place.kind == kind
            )
        places.finish()
        self._fill(
            self._table("area", m.Area, "code"),
            data.areas,
            lambda x: {
                **_columns(x, "prefixes", "shape"),
                "prefixes": list(x.prefixes),
                "geometry": shape.geometry if (shape := self._world.shape_of(x)) else None,
            },
        )
        self._place_ids = places.ids

    def _units(self) -> None:
        units = self._table("unit", m.Unit, "code")
        paths = {unit.code: self._path(unit) for unit in self._data.units}
        for depth in sorted({path.count("/") for path in paths.values()}):
            units.put(
                {
                    **_columns(unit, "parent", "place"),
                    "parent_id": units.ids[unit.parent,] if unit.parent else None,
                    "place_id": self._place_ids[unit.place,] if unit.place else None,
                    "path": paths[unit.code],
                }
                for unit in self._data.units
                if paths[unit.code].count("/") == depth
            )
        units.finish()
        self._unit_ids = units.ids

    def _path(self, unit: UnitRow) -> str:
        above = self._world.units.get(unit.parent)
        return f"{self._path(above)}{unit.code}/" if above else f"/{unit.code}/"

    def _posts(self) -> None:
        people = self._people()
        roles = {(code,): pk for code, pk in m.Role.objects.values_list("code", "pk")}
        self._fill(
            self._table("post", m.Post, "code"),
            self._data.posts,
            lambda x: {
                **_columns(x, "unit", "role", "login", "prefixes", "areas"),
                "released": dict(x.released),
                "unit_id": self._unit_ids[x.unit,],
                "role_id": roles[x.role,],
                "person_id": people.get(x.login),
                "scope_prefixes": list(x.prefixes),
                "scope_areas": list(x.areas),
            },
        )

    def _people(self) -> dict[str, int]:
        """A person for every login; those that are there already keep their names and passwords."""
        wanted = {post.login: post for post in reversed(self._data.posts) if post.login}
        known = dict(m.Person.objects.filter(login__in=wanted).values_list("login", "pk"))
        new = [
            m.Person(
                login=login,
                district=self.district,
                name_en=post.name_en,
                name_zh=post.name_zh,
                password=make_password(None),
            )
            for login, post in sorted(wanted.items())
            if login not in known
        ]
        m.Person.objects.bulk_create(new)
        if new:
            self._report.notes.append(f"{len(new)} new logins without a password yet")
        return known | {person.login: person.pk for person in new}

    def _rules(self) -> None:
        self._fill(
            self._table("rule", m.ResponsibilityRule, "kind", "category", "place", "owner"),
            self._data.rules,
            lambda x: {**_columns(x, "unit", keep=("file", "line")), "unit_id": self._unit_ids[x.unit,]},
        )

    def _chain(self) -> None:
        data = self._data
        self._fill(self._table("building", m.Building, "code"), data.buildings, _columns)
        self._fill(self._table("organisation", m.Organisation, "code"), data.organisations, _columns)
        pairings = self._table("pairing", m.Pairing, "task_force", "department", "valid_from")
        self._fill(pairings, data.pairings, _columns)

    def _playbooks(self) -> None:
        self._fill(
            self._table("playbook", m.Playbook, "name", "version"),
            self._data.playbooks,
            lambda x: {
                **_columns(x, "playbook", "bases", keep=("file",)),
                "bases": dict(x.bases),
                "sha256": digest(x.text, x.bases),
            },
        )


def _columns(row: Any, *without: str, keep: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a row that are columns of the same name."""
    leave = {*without, "file", "line"}.difference(keep)
    return {name: getattr(row, name) for name in type(row).__slots__ if name not in leave}
