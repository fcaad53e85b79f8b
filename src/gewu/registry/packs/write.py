"""Writes the rows of a checked pack: what is new is created, what differs updated, what vanished ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models as dm

from gewu.registry.models import District, Override
from gewu.registry.models.base import DatedPackRow, PackRow, columns
from gewu.registry.overrides import LiveOverrides, is_territorial
from gewu.registry.packs.report import Counts, LoadReport, Progress

_BATCH = 1000
_SHOWN = 20
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What all tables of one load share. ``today`` is the date in the district."""

    pack: str
    district: District | None
    today: date
    report: LoadReport
    progress: Progress | None


class Table:
    """One table of one load. Rows may be put in several times (parents first); ``finish`` ends what was not put.

    A row that another pack brought already is left alone when it is the same (``validate`` refuses what differs).
    """

    def __init__(self, name: str, model: type[PackRow], key: tuple[str, ...], load: Load) -> None:
        self.name = name
        self._model = model
        self._key = key
        self._load = load
        self._pack = load.pack
        self._today = load.today
        self._report = load.report
        self.counts = load.report.tables.setdefault(name, Counts())
        self._scope: dict[str, Any] = {"district": load.district} if is_territorial(model) else {}
        self._overrides = LiveOverrides(name, load.district)
        self._columns = [field.attname for field in columns(model)]
        rows = model.objects.filter(**self._scope).values(*self._columns)
        self._existing: dict[Key, dict[str, Any]] = {tuple(row[k] for k in key): row for row in rows}
        self._put: set[Key] = set()
        self.ids: dict[Key, int] = {k: row["id"] for k, row in self._existing.items()}

    def put(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Bring these rows (column -> value, foreign keys as ``name_id``) into the table."""
        new: list[PackRow] = []
        changed: list[PackRow] = []
        touched: set[str] = set()
        given_rows = list(rows)
        for given in given_rows:
            values = {**given, "retired_on": None}
            key = tuple(values[k] for k in self._key)
            self._put.add(key)
            self._report.notes += self._overrides.lay(":".join(str(part) for part in key), values)
            old = self._existing.get(key)
            if old is None:
                new.append(self._model(**values, **self._owned()))
                continue
            if old["pack"] != self._pack:
                if old["retired_on"] is None:
                    self.counts.unchanged += 1
                    continue
                values["pack"] = self._pack
            differing = {column for column, value in values.items() if old[column] != value}
            if differing:
                touched |= differing
                changed.append(self._model(**{**old, **values}))
            else:
                self.counts.unchanged += 1
        manager = self._model.objects
        manager.bulk_create(new, batch_size=_BATCH)
        if changed:
            manager.bulk_update(changed, sorted(touched), batch_size=_BATCH // 4)
        self.ids.update({tuple(getattr(row, k) for k in self._key): row.pk for row in new})
        self.counts.created += len(new)
        self.counts.updated += len(changed)
        if self._load.progress is not None:
            self._load.progress.advance(len(given_rows))

    def _owned(self) -> dict[str, Any]:
        owned: dict[str, Any] = {"pack": self._pack}
        if self._scope and self._model is not District:
            owned["district"] = self._load.district
        return owned

    def finish(self) -> None:
        """End the rows that this pack had before and has no longer. None is deleted: records may point at them."""
        gone = [
            (key, row)
            for key, row in self._existing.items()
            if row["pack"] == self._pack and row["retired_on"] is None and key not in self._put
        ]
        if not gone:
            return
        rows = self._model.objects.filter(pk__in=[row["id"] for _key, row in gone])
        rows.update(retired_on=self._today)
        if issubclass(self._model, DatedPackRow):
            last = self._today - timedelta(days=1)
            dated = self._model.objects.filter(pk__in=[row["id"] for _key, row in gone])
            dated.filter(dm.Q(valid_to__isnull=True) | dm.Q(valid_to__gt=last)).update(valid_to=last)
        self.counts.retired += len(gone)
        names = [":".join(str(part) for part in key) for key, _row in gone]
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        self._report.notes.append(f"{self.name}: no longer in the pack, ended on {self._today}: {shown}")
        self._report_orphaned_overrides(names)

    def _report_orphaned_overrides(self, names: list[str]) -> None:
        for override in Override.objects.filter(table=self.name, key__in=names, ended_at=None):
            self._report.notes.append(
                f"the override of {self.name} {override.key}, {override.field} stands on a row that was ended"
            )
