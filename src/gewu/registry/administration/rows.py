"""Rows that administrators add and take out, and what no pack is asked: whether somebody can still administer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from gewu.registry import models as m
from gewu.registry.overrides import OverrideError
from gewu.registry.packs.standing import added_by
from gewu.registry.packs.tables import CODE

ADMINISTRATOR = "administrator"
NOBODY_LEFT = "nobody could administer the district any more"


def own_faults(district: m.District, day: date) -> list[str]:
    """What is wrong beside the rules of packs: a district that nobody administers."""
    holders = m.Post.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), Q(valid_from=None) | Q(valid_from__lte=day),
        district=district, role__code=ADMINISTRATOR, retired_on=None, person__is_active=True,
    )  # fmt: skip
    return [] if holders.exists() else [NOBODY_LEFT]


def add(table: str, values: dict[str, Any], district: m.District) -> None:
    """Add a row. Raises ``OverrideError`` when its key is taken or something it names is not there."""
    pack = added_by(district)
    if table == "unit":
        parent = _unit(values["parent"], district) if values.get("parent") else None
        _free(m.Unit, values["code"], district)
        row: Any = m.Unit(
            district=district, pack=pack, code=values["code"], parent=parent, kind=values["kind"],
            path=f"{parent.path if parent else '/'}{values['code']}/", name_en=values["name_en"],
            name_zh=values["name_zh"], place=_place(values.get("place", ""), district),
            calendar=values.get("calendar", ""), accounts=values.get("accounts", True),
            valid_from=_day(values.get("valid_from")), work_phone=values.get("work_phone", ""),
            source=values.get("source", ""),
        )  # fmt: skip
    elif table == "post":
        _free(m.Post, values["code"], district)
        role = m.Role.objects.filter(code=values["role"]).first()
        if role is None:
            raise OverrideError(f"role {values['role']!r} is not defined")
        row = m.Post(
            district=district, pack=pack, code=values["code"], unit=_unit(values["unit"], district), role=role,
            name_en=values["name_en"], name_zh=values["name_zh"], scope_prefixes=values.get("prefixes", []),
            scope_areas=values.get("areas", []), valid_from=_day(values.get("valid_from")),
            valid_to=_day(values.get("valid_to")), work_phone=values.get("work_phone", ""),
            source=values.get("source", ""),
        )  # fmt: skip
    elif table == "rule":
        key = {name: values[name] for name in ("kind", "category", "place", "owner")}
        if m.ResponsibilityRule.objects.filter(district=district, retired_on=None, **key).exists():
            raise OverrideError("there is a rule for just this kind, category, place and owner: change that one")
        m.ResponsibilityRule.objects.filter(district=district, **key).delete()
        row = m.ResponsibilityRule(
            district=district, pack=pack, unit=_unit(values["unit"], district), queue=values.get("queue", False),
            source=values.get("source", ""), file=pack, line=0, **key,
        )  # fmt: skip
    elif table == "calendar day":
        day = date.fromisoformat(values["date"])
        old = m.CalendarDay.objects.filter(district=district, date=day).first()
        if old is not None and old.retired_on is None:
            raise OverrideError(f"{day} has an entry already")
        row = old or m.CalendarDay(district=district, date=day)
        row.pack, row.retired_on, row.kind = pack, None, values["kind"]
        row.name_en, row.name_zh = values.get("name_en", ""), values.get("name_zh", "")
    elif table == "holiday year":
        year = int(values["year"])
        if m.HolidayYear.objects.filter(district=district, year=year, retired_on=None).exists():
            raise OverrideError(f"{year} has an entry already")
        m.HolidayYear.objects.filter(district=district, year=year).delete()
        row = m.HolidayYear(district=district, year=year, pack=pack)
    else:
        raise OverrideError(f"rows of {table!r} are not added by administrators")
    try:
        row.clean_fields(exclude=["released", "scope_prefixes", "scope_areas"])
    except ValidationError as error:
        raise OverrideError("; ".join(error.messages)) from error
    row.save()


def remove(table: str, key: str, district: m.District) -> None:
    """Take out a row that an administrator added. Raises ``OverrideError`` for one of a pack."""
    row = _added(table, key, district)
    row.retired_on = date.today()  # noqa: DTZ011 - a mark; what counts is that it is set
    row.save(update_fields=["retired_on"])


def plain(table: str, key: str, district: m.District) -> Any:
    """The row that is to be taken out, for the log."""
    row = _added(table, key, district)
    if isinstance(row, m.HolidayYear):
        return {"year": row.year}
    if isinstance(row, m.CalendarDay):
        return {"date": str(row.date), "kind": row.kind, "name_en": row.name_en, "name_zh": row.name_zh}
    return {"kind": row.kind, "category": row.category, "place": row.place, "owner": row.owner, "unit": row.unit.code}


def _added(table: str, key: str, district: m.District) -> Any:
    where: dict[str, Any] = {"district": district, "pack": added_by(district), "retired_on": None}
    found: Any = None
    if table == "calendar day":
        found = m.CalendarDay.objects.filter(date=key, **where).first()
    elif table == "holiday year":
        found = m.HolidayYear.objects.filter(year=int(key), **where).first()
    elif table == "rule":
        kind, category, rest = key.split(":", 2)
        place, _, owner = rest.rpartition(":")
        found = m.ResponsibilityRule.objects.filter(kind=kind, category=category, place=place, owner=owner, **where)
        found = found.select_related("unit").first()
    if found is None:
        raise OverrideError(f"{table} {key!r} was not added here, so it is not taken out here")
    return found


def _free(model: Any, code: str, district: m.District) -> None:
    if not CODE.match(code) or len(code) > 64:
        raise OverrideError(f"{code!r} is not a code: letters, digits, dot, dash and underscore only")
    if model.objects.filter(district=district, code=code).exists():
        raise OverrideError(f"the code {code!r} is taken")


def _unit(code: str, district: m.District) -> m.Unit:
    found = m.Unit.objects.filter(district=district, code=code, retired_on=None).first()
    if found is None:
        raise OverrideError(f"unit {code!r} is not a unit")
    return found


def _place(code: str, district: m.District) -> m.Place | None:
    if not code:
        return None
    found = m.Place.objects.filter(district=district, code=code).first()
    if found is None:
        raise OverrideError(f"place {code!r} is not a place")
    return found


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
