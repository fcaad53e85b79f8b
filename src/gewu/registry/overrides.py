"""An administrator's decisions against a pack: dated, reported by every reload, never overwritten."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models as dm
from django.db import transaction
from django.utils import timezone

from gewu.core.deadlines import TimeUnit
from gewu.registry import contacts
from gewu.registry import models as m
from gewu.registry.calendars import make_calendar
from gewu.registry.models.base import PackRow, columns
from gewu.registry.versions import bump

KEYS: dict[str, tuple[type[PackRow], tuple[str, ...]]] = {
    "district": (m.District, ("code",)),
    "role": (m.Role, ("code",)),
    "category": (m.Category, ("kind", "code")),
    "standard": (m.Standard, ("kind", "code")),
    "owner": (m.Owner, ("code",)),
    "place": (m.Place, ("code",)),
    "area": (m.Area, ("code",)),
    "unit": (m.Unit, ("code",)),
    "post": (m.Post, ("code",)),
    "rule": (m.ResponsibilityRule, ("kind", "category", "place", "owner")),
    "calendar": (m.CalendarSpec, ("code",)),
    "calendar day": (m.CalendarDay, ("date",)),
}
"""The tables whose rows may be overridden, and what their rows are called by (joined with ``:``)."""

MAX_LIMIT = 100_000
_FIXED = frozenset({"id", "pack", "retired_on", "district", "parent", "file", "line", "path"})
"""What no override may change: keys, provenance, and what follows from other columns."""


class OverrideError(ValueError):
    """An override that cannot be made; the message says why."""


def set_override(
    table: str,
    key: str,
    field: str,
    value: Any,
    *,
    reason: str,
    district: m.District | None = None,
    by: m.Person | None = None,
) -> m.Override:
    """Give ``field`` of one row another value than its pack says, until ``end_override``.

    ``key`` is the row's code, or its parts joined with ``:`` (``matter:06012-1``). Dates are ISO text; a unit is named
    by its code. A live override of the same field is ended first. Raises ``OverrideError``.
    """
    if not reason.strip():
        raise OverrideError("an override needs a reason")
    with transaction.atomic():
        row = _find(table, key, district)
        column = _column(type(row), field, table)
        stored = _stored(column, value, district)
        before = _plain(column, row)
        live = m.Override.objects.filter(table=table, district=district, key=key, field=field, ended_at=None)
        earlier = live.first()
        live.update(ended_at=timezone.now())
        setattr(row, column.attname, stored)
        _check(row, column)
        row.save(update_fields=[column.name])
        override = m.Override.objects.create(
            table=table,
            district=district,
            key=key,
            field=field,
            value=value,
            pack_value=earlier.pack_value if earlier else before,
            reason=reason.strip(),
            made_by=by,
        )
        bump()
    return override


def end_override(override: m.Override) -> None:
    """Return the field to what the pack says. Ending twice changes nothing."""
    with transaction.atomic():
        ended = m.Override.objects.filter(pk=override.pk, ended_at=None).update(ended_at=timezone.now())
        if not ended:
            return
        override.refresh_from_db()
        row = _find(override.table, override.key, override.district)
        column = _column(type(row), override.field, override.table)
        setattr(row, column.attname, _stored(column, override.pack_value, override.district))
        row.save(update_fields=[column.name])
        bump()


def said(table: str, key: str, field: str, district: m.District | None) -> Any:
    """What a field holds now, as JSON has it. Raises ``OverrideError`` for a row or field that is not there."""
    row = _find(table, key, district)
    return _plain(_column(type(row), field, table), row)


def live(table: str, key: str, field: str, district: m.District | None) -> m.Override | None:
    """The override of a field that is in force."""
    return m.Override.objects.filter(table=table, district=district, key=key, field=field, ended_at=None).first()


def _find(table: str, key: str, district: m.District | None) -> PackRow:
    if table not in KEYS:
        raise OverrideError(f"there are no overrides for {table!r}: choose one of {', '.join(KEYS)}")
    model, names = KEYS[table]
    parts = key.split(":", len(names) - 1)
    if table == "rule":
        parts = split_rule_key(key)
    if len(parts) != len(names):
        raise OverrideError(f"{table} {key!r} must be written as {':'.join(names)}")
    where: dict[str, Any] = dict(zip(names, parts, strict=True))
    if is_territorial(model):
        where["district"] = district
    row = model.objects.filter(**where).first()
    if row is None:
        raise OverrideError(f"there is no {table} {key!r}")
    return row


def split_rule_key(key: str) -> list[str]:
    """The four parts of a rule's key; a place may itself contain a colon (``area:CODE``)."""
    kind, _, rest = key.partition(":")
    category, _, rest = rest.partition(":")
    place, _, owner = rest.rpartition(":")
    return [kind, category, place, owner]


def is_territorial(model: type[PackRow]) -> bool:
    """Whether rows of this table belong to a district."""
    return any(field.name == "district" for field in columns(model))


def _column(model: type[PackRow], name: str, table: str) -> dm.Field[Any, Any]:
    names = {field.name: field for field in columns(model)}
    keys = KEYS[table][1]
    if name not in names or name in _FIXED or name in keys:
        free = sorted(set(names) - _FIXED - set(keys))
        raise OverrideError(f"{table} has no field {name!r} to override: choose one of {', '.join(free)}")
    return names[name]


def _stored(column: dm.Field[Any, Any], value: Any, district: m.District | None) -> Any:
    """The column's own value for what people and JSON write."""
    if isinstance(column, dm.ForeignKey):
        if value is None:
            return None
        model = _target(column)
        where: dict[str, Any] = {_name_column(column): value}
        if is_territorial(model):
            where["district"] = district
        found = model.objects.filter(**where).values_list("pk", flat=True).first()
        if found is None:
            raise OverrideError(f"{column.name} {value!r} is not known")
        return found
    if isinstance(column, dm.DateField) and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise OverrideError(f"{column.name} {value!r} is not a date: write YYYY-MM-DD") from error
    return value


def _target(column: dm.Field[Any, Any]) -> type[PackRow]:
    model = column.related_model
    assert isinstance(model, type)
    return cast(type[PackRow], model)


def _name_column(column: dm.Field[Any, Any]) -> str:
    return "login" if column.related_model is m.Person else "code"


def _plain(column: dm.Field[Any, Any], row: PackRow) -> Any:
    """The opposite of ``_stored``: what JSON can hold."""
    value = getattr(row, column.name)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, m.Person):
        return value.login
    return getattr(value, "code", value)


def _check(row: PackRow, column: dm.Field[Any, Any]) -> None:
    """The same demands that a pack has to meet."""
    try:
        row.clean_fields(exclude={field.name for field in columns(type(row))} - {column.name})
    except ValidationError as error:
        raise OverrideError(f"{column.name}: {'; '.join(error.messages)}") from error
    value = getattr(row, column.attname)
    if column.name == "limit_unit" and value not in {unit.value for unit in TimeUnit}:
        raise OverrideError(f"limit_unit {value!r} is not one of {', '.join(unit.value for unit in TimeUnit)}")
    if column.name == "limit_value" and not 0 < value <= MAX_LIMIT:
        raise OverrideError(f"limit_value {value} is not a whole number from 1 to {MAX_LIMIT}")
    calendars = m.CalendarSpec.objects.filter(code=value, retired_on=None)
    if column.name == "work_phone" and (fault := contacts.phone_fault(value)):
        raise OverrideError(f"work_phone {value!r} {fault}")
    if column.name == "released" and isinstance(row, m.Post):
        fault = contacts.release_fault(value, row.person.login if row.person else "") if value else ""
        if fault:
            raise OverrideError(f"released name: {fault}")
    if column.name in ("calendar", "default_calendar") and value and not calendars.exists():
        raise OverrideError(f"calendar {value!r} is not defined")
    if column.name == "spec":
        try:
            make_calendar(value, timezone="UTC", work_day_mode="hours", exceptions={}, published_years=frozenset())
        except (ValueError, TypeError, KeyError) as error:
            raise OverrideError(f"spec: {error}") from error


class LiveOverrides:
    """The live overrides of one table, for the loader."""

    def __init__(self, table: str, district: m.District | None) -> None:
        self._table = table
        self._district = district
        self._by_key: dict[str, list[m.Override]] = {}
        model = KEYS[table][0] if table in KEYS else None
        if model is None:
            return
        owner = district if is_territorial(model) else None
        for override in m.Override.objects.filter(table=table, district=owner, ended_at=None):
            self._by_key.setdefault(override.key, []).append(override)

    def lay(self, key: str, values: dict[str, Any]) -> list[str]:
        """Put overridden values into a row about to be written; what the pack says is noted in the override."""
        notes = []
        for override in self._by_key.get(key, ()):
            column = _column(KEYS[self._table][0], override.field, self._table)
            if column.attname not in values:
                continue
            said = _written(column, values[column.attname])
            if said != override.pack_value:
                override.pack_value = said
                override.save(update_fields=["pack_value"])
            values[column.attname] = _stored(column, override.value, self._district)
            notes.append(
                f"kept the override of {self._table} {key}, {override.field}: {override.value!r} "
                f"(the pack says {said!r}; made {override.made_at:%Y-%m-%d}: {override.reason})"
            )
        return notes


def _written(column: dm.Field[Any, Any], stored: Any) -> Any:
    if isinstance(column, dm.ForeignKey) and stored is not None:
        return _target(column).objects.values_list(_name_column(column), flat=True).get(pk=stored)
    return stored.isoformat() if isinstance(stored, date) else stored
