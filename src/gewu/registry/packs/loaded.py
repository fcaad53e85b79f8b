"""A pack as it stands in the database, in the same rows as one read from a folder."""

from __future__ import annotations

from datetime import date
from typing import Any

from gewu.registry import models as m
from gewu.registry.packs import rows as r
from gewu.registry.packs.extras import extras
from gewu.registry.packs.playbooks import compile_playbook

_FILE = "(loaded)"


def last_load(pack: str) -> m.PackLoad | None:
    """The last load of a pack, or None when it was never loaded."""
    return m.PackLoad.objects.filter(pack=pack).select_related("district").order_by("-id").first()


def closure(packs: set[str]) -> set[str]:
    """These packs and everything they require, as last loaded."""
    requires: dict[str, list[str]] = {}
    for pack, names in m.PackLoad.objects.order_by("id").values_list("pack", "requires"):
        requires[pack] = names
    found: set[str] = set()
    waiting = sorted(packs)
    while waiting:
        pack = waiting.pop()
        if pack not in found:
            found.add(pack)
            waiting += requires.get(pack, [])
    return found


def read_loaded(pack: str) -> r.PackData | None:
    """The rows that ``pack`` has in the database now, without retired ones; None when it was never loaded."""
    load = last_load(pack)
    if load is None:
        return None
    data = r.PackData(name=pack, version=load.version, requires=dict.fromkeys(load.requires, 0))
    fill(data)
    data.extras = {file: text for extra in extras() for file, text in extra.load(pack).items()}
    return data


def fill(data: r.PackData, *, shapes: bool = True) -> None:
    """Put in the rows of the tables that a pack of this name has now; polygons of places only if ``shapes``."""
    pack = data.name
    rows: dict[str, Any] = {"pack": pack, "retired_on": None}
    district = m.District.objects.filter(pack=pack).first()
    if district is not None:
        data.district = r.DistrictRow(
            _FILE,
            0,
            district.code,
            district.name_en,
            district.name_zh,
            district.timezone,
            district.work_day_mode,
            district.default_calendar,
            district.language,
            district.bounds_source,
        )
    data.roles = [r.RoleRow(_FILE, 0, x.code, x.name_en, x.name_zh, x.note) for x in m.Role.objects.filter(**rows)]
    data.owners = [r.OwnerRow(_FILE, 0, x.code, x.name_en, x.name_zh) for x in m.Owner.objects.filter(**rows)]
    data.categories = [_category(x) for x in m.Category.objects.filter(**rows)]
    data.standards = [_standard(x) for x in m.Standard.objects.filter(**rows).select_related("category")]
    data.calendars = [
        r.CalendarRow(_FILE, 0, x.code, x.title_en, x.title_zh, x.spec) for x in m.CalendarSpec.objects.filter(**rows)
    ]
    data.holidays = [
        r.HolidayRow(_FILE, 0, x.date, x.kind, x.name_en, x.name_zh) for x in m.CalendarDay.objects.filter(**rows)
    ]
    data.holiday_years = [r.YearRow(_FILE, 0, x.year) for x in m.HolidayYear.objects.filter(**rows)]
    data.playbooks = [playbook_row(x) for x in m.Playbook.objects.filter(**rows)]
    _territory(data, rows, shapes)


def _territory(data: r.PackData, rows: dict[str, Any], shapes: bool) -> None:
    found = m.Place.objects.filter(**rows).select_related("parent").defer("parent__geometry")
    places = list(found if shapes else found.defer("parent__geometry", "geometry"))
    areas = list(m.Area.objects.filter(**rows))
    data.places = [_place(x) for x in places]
    data.areas = [_area(x) for x in areas]
    drawn = [(x.code, x.geometry) for x in (*(places if shapes else ()), *areas)]
    data.shapes = [r.ShapeRow(_FILE, 0, code, geometry) for code, geometry in drawn if geometry is not None]
    data.units = [_unit(x) for x in m.Unit.objects.filter(**rows).select_related("parent", "place")]
    data.posts = [_post(x) for x in m.Post.objects.filter(**rows).select_related("unit", "role", "person")]
    data.rules = [
        r.RuleRow(_FILE, 0, x.kind, x.category, x.place, x.owner, x.unit.code, x.queue, x.source)
        for x in m.ResponsibilityRule.objects.filter(**rows).select_related("unit")
    ]


def _category(x: m.Category) -> r.CategoryRow:
    return r.CategoryRow(
        _FILE,
        0,
        x.kind,
        x.code,
        x.major,
        x.major_name_en,
        x.major_name_zh,
        x.name_en,
        x.name_zh,
        x.legacy_code,
        x.local_extension,
        x.source,
    )


def _standard(x: m.Standard) -> r.StandardRow:
    return r.StandardRow(
        _FILE,
        0,
        x.kind,
        x.code,
        x.category.code,
        x.filing_en,
        x.filing_zh,
        x.closing_en,
        x.closing_zh,
        x.limit_value,
        x.limit_unit,
        x.urgent,
        x.limit_status,
        x.source,
    )


def playbook_row(x: m.Playbook) -> r.PlaybookRow:
    """A stored playbook, compiled."""
    bases: dict[str, str] = x.bases
    return r.PlaybookRow(
        x.file,
        1,
        x.name,
        x.version,
        x.kind,
        x.title_en,
        x.title_zh,
        x.text,
        bases,
        compile_playbook(x.text, x.file, tuple(sorted(bases.items()))),
    )


def _dates(x: m.Place | m.Area | m.Unit | m.Post) -> tuple[date | None, date | None]:
    return x.valid_from, x.valid_to


def _place(x: m.Place) -> r.PlaceRow:
    start, end = _dates(x)
    parent = x.parent.code if x.parent else ""
    return r.PlaceRow(
        _FILE, 0, x.code, x.kind, parent, x.name_en, x.name_zh, start, end, x.successor, x.synthetic, x.source
    )


def _area(x: m.Area) -> r.AreaRow:
    start, end = _dates(x)
    return r.AreaRow(_FILE, 0, x.code, x.kind, x.name_en, x.name_zh, tuple(x.prefixes), "", start, end, x.source)


def _unit(x: m.Unit) -> r.UnitRow:
    start, end = _dates(x)
    parent = x.parent.code if x.parent else ""
    place = x.place.code if x.place else ""
    return r.UnitRow(
        _FILE, 0, x.code, parent, x.kind, x.name_en, x.name_zh, place, x.calendar, x.accounts, start, end, x.source,
        x.work_phone,
    )  # fmt: skip


def _post(x: m.Post) -> r.PostRow:
    start, end = _dates(x)
    login = x.person.login if x.person else ""
    return r.PostRow(
        _FILE,
        0,
        x.code,
        x.unit.code,
        x.role.code,
        login,
        x.name_en,
        x.name_zh,
        tuple(x.scope_prefixes),
        tuple(x.scope_areas),
        start,
        end,
        x.source,
        x.work_phone,
        x.released,
        x.successor,
    )
