"""Reads one district's registry into a directory."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from gewu.core.playbook.model import Words
from gewu.registry import contacts, succession, versions
from gewu.registry import entries as e
from gewu.registry import models as m
from gewu.registry.directory import Directory, UnknownDistrict
from gewu.registry.packs.loaded import closure
from gewu.registry.packs.standing import ADDED
from gewu.registry.responsibility import Rule, RuleBook

_TRIES = 5


def districts() -> tuple[e.DistrictInfo, ...]:
    """All districts by code: one statement."""
    return tuple(_district(row) for row in m.District.objects.order_by("code"))


def build(district_id: int, today: date | None = None) -> Directory:
    """Read a directory as of ``today`` (else the date in the district). Raises ``UnknownDistrict``.

    The tables are read one by one, so a load may commit in between; then all is read again.
    """
    directory = _read(district_id, today)
    for _ in range(_TRIES):
        if directory.version == versions.stamp():
            break
        directory = _read(district_id, today)
    return directory


def _read(district_id: int, today: date | None) -> Directory:
    version = versions.stamp()
    row = m.District.objects.filter(pk=district_id).first()
    if row is None:
        raise UnknownDistrict(f"there is no district with id {district_id}")
    as_of = today or datetime.now(ZoneInfo(row.timezone)).date()
    loads = m.PackLoad.objects.filter(district=row).values_list("pack", flat=True).distinct()
    packs = closure({row.pack, *loads})
    catalogue: dict[str, Any] = {"pack__in": packs}
    places = _places(district_id, as_of)
    followed = succession.in_force(district_id, as_of)
    posts = _posts(district_id, as_of, followed)
    return Directory(
        district=_district(row),
        version=version,
        as_of=as_of,
        categories={c.key: c for c in _categories(catalogue)},
        standards={s.key: s for s in _standards(catalogue)},
        owners={
            o.code: e.OwnerInfo(o.pk, o.code, o.name_en, o.name_zh)
            for o in m.Owner.objects.filter(**catalogue, retired_on=None)
        },
        roles={r.code: e.RoleInfo(r.pk, r.code, r.name_en, r.name_zh, r.note) for r in m.Role.objects.all()},
        places=places,
        areas=_areas(district_id, as_of),
        units=_units(district_id, as_of, followed),
        posts=posts,
        people=_people(posts),
        rules=RuleBook(_rules(district_id, followed), {code: place.kind for code, place in places.items()}),
        playbooks=_playbooks(district_id, packs),
        calendar_plan=_calendars(district_id, packs),
    )


def _holds(row: m.Place | m.Area | m.Unit | m.Post, day: date) -> bool:
    return valid_on(row.valid_from, row.valid_to, day) and row.retired_on is None


def valid_on(start: date | None, end: date | None, day: date) -> bool:
    """Whether a day lies within a validity; both ends belong to it."""
    return (start is None or start <= day) and (end is None or day <= end)


def _district(x: m.District) -> e.DistrictInfo:
    return e.DistrictInfo(
        x.pk, x.code, x.name_en, x.name_zh, x.timezone, x.work_day_mode, x.default_calendar, x.language, x.synthetic
    )


def _categories(where: dict[str, Any]) -> list[e.CategoryInfo]:
    return [
        e.CategoryInfo(
            x.pk,
            x.code,
            x.name_en,
            x.name_zh,
            x.kind,
            x.major,
            x.major_name_en,
            x.major_name_zh,
            x.legacy_code,
            x.local_extension,
            x.retired_on is None,
        )
        for x in m.Category.objects.filter(**where).order_by("kind", "code")
    ]


def _standards(where: dict[str, Any]) -> list[e.StandardInfo]:
    return [
        e.StandardInfo(
            x.pk,
            x.kind,
            x.code,
            f"{x.kind}:{x.category.code}",
            Words(x.filing_en, x.filing_zh),
            Words(x.closing_en, x.closing_zh),
            x.limit_value,
            x.limit_unit,
            x.urgent,
            x.limit_status,
            x.retired_on is None,
        )
        for x in m.Standard.objects.filter(**where).select_related("category").order_by("kind", "code")
    ]


def _places(district_id: int, day: date) -> dict[str, e.PlaceInfo]:
    rows = m.Place.objects.filter(district_id=district_id).defer("geometry", "source").order_by("code")
    codes = {x.pk: x.code for x in rows}
    return {
        x.code: e.PlaceInfo(
            x.pk,
            x.code,
            x.name_en,
            x.name_zh,
            x.kind,
            codes[x.parent_id] if x.parent_id else "",
            x.synthetic,
            x.successor,
            x.valid_from,
            x.valid_to,
            _holds(x, day),
        )
        for x in rows
    }


def _areas(district_id: int, day: date) -> dict[str, e.AreaInfo]:
    return {
        x.code: e.AreaInfo(
            x.pk, x.code, x.name_en, x.name_zh, x.kind, tuple(x.prefixes), x.geometry is not None, _holds(x, day)
        )
        for x in m.Area.objects.filter(district_id=district_id).order_by("code")
    }


def _units(district_id: int, day: date, followed: succession.Followed) -> dict[str, e.UnitInfo]:
    rows = m.Unit.objects.filter(district_id=district_id).select_related("place").defer("place__geometry")
    codes = {x.pk: x.code for x in rows}
    return {
        x.code: e.UnitInfo(
            x.pk,
            x.code,
            x.name_en,
            x.name_zh,
            x.kind,
            codes[x.parent_id] if x.parent_id else "",
            x.path,
            x.place.code if x.place else "",
            x.calendar,
            x.accounts,
            x.valid_from,
            followed.last_day(x.code, x.valid_to),
            _holds(x, day) and x.code not in followed,
            followed.next(x.code),
            x.work_phone,
        )
        for x in rows.order_by("path")
    }


def _posts(district_id: int, day: date, followed: succession.Followed) -> dict[str, e.PostInfo]:
    """A post of a unit that another follows is a post of that other: its people go on where the work went."""
    rows = m.Post.objects.filter(district_id=district_id).select_related("unit", "role", "person").order_by("code")
    return {
        x.code: e.PostInfo(
            x.pk,
            x.code,
            x.name_en,
            x.name_zh,
            followed.end_of(x.unit.code),
            x.role.code,
            x.person.pk if x.person else None,
            x.person.login if x.person else "",
            tuple(x.scope_prefixes),
            tuple(x.scope_areas),
            x.valid_from,
            x.valid_to,
            _holds(x, day),
            x.work_phone,
            contacts.public_name(x.released, x.person.login if x.person else ""),
            x.successor,
        )
        for x in rows
    }


def _people(posts: dict[str, e.PostInfo]) -> dict[int, e.PersonInfo]:
    held: dict[int, list[str]] = {}
    for post in posts.values():
        if post.person is not None:
            codes = held.setdefault(post.person, [])
            if post.active:
                codes.append(post.code)
    return {
        x.pk: e.PersonInfo(x.pk, x.login, x.name_en, x.name_zh, tuple(held[x.pk]))
        for x in m.Person.objects.filter(pk__in=held).order_by("login")
    }


def _rules(district_id: int, followed: succession.Followed) -> list[Rule]:
    """Rules name the unit that stands on the day in the place of the one that was written."""
    return [
        Rule(x.kind, x.category, x.place, x.owner, followed.end_of(x.unit.code), x.queue, x.file, x.line)
        for x in m.ResponsibilityRule.objects.filter(district_id=district_id, retired_on=None).select_related("unit")
    ]


def _playbooks(district_id: int, packs: set[str]) -> list[e.StoredPlaybook]:
    own, shared = m.Playbook.objects.filter(district_id=district_id), m.Playbook.objects.filter(district=None)
    return [
        e.StoredPlaybook(
            x.name,
            x.version,
            x.kind,
            Words(x.title_en, x.title_zh),
            x.file,
            x.text,
            x.bases,
            x.district_id is not None,
            x.retired_on is None,
        )
        for x in (*own, *shared.filter(pack__in=packs))
    ]


def _calendars(district_id: int, packs: set[str]) -> e.CalendarPlan:
    """A district with published years of its own has its own holiday plan; otherwise it adds days to the shared one."""
    shared: dict[str, Any] = {"district": None, "pack__in": packs, "retired_on": None}
    own: dict[str, Any] = {"district_id": district_id, "retired_on": None}
    specs = {x.code: x.spec for where in (shared, own) for x in m.CalendarSpec.objects.filter(**where)}
    found = list(m.HolidayYear.objects.filter(**own).values_list("year", "pack"))
    # A year that an administrator published beside the plan in force does not put another plan in its place.
    added = {year for year, pack in found if pack.startswith(ADDED)}
    years = {year for year, pack in found if not pack.startswith(ADDED)}
    plans = (own,) if years else (shared, own)
    if not years:
        years = set(m.HolidayYear.objects.filter(**shared).values_list("year", flat=True))
    days = {x.date: x.kind for where in plans for x in m.CalendarDay.objects.filter(**where)}
    return e.CalendarPlan(specs, days, frozenset(years | added))
