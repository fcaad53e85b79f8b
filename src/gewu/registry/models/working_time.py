"""Working calendars and holiday plans. Without a district they are shared."""

from __future__ import annotations

from django.db import models

from gewu.registry.models.base import PackRow, code_field, name_field
from gewu.registry.models.territory import District


class CalendarSpec(PackRow):
    """Working windows by season: ``spec`` is an entry of ``calendars.yaml`` in checked, plain form."""

    district = models.ForeignKey(District, null=True, blank=True, on_delete=models.PROTECT)
    code = code_field()
    title_en = name_field()
    title_zh = name_field()
    spec = models.JSONField()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="calendar_code", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return self.code


class CalendarDay(PackRow):
    """An exception to Monday to Friday: a day of rest, or a make-up working day."""

    district = models.ForeignKey(District, null=True, blank=True, on_delete=models.PROTECT)
    date = models.DateField()
    kind = models.CharField(max_length=16)
    name_en = name_field(blank=True)
    name_zh = name_field(blank=True)

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["district", "date"], name="calendar_day", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"


class HolidayYear(PackRow):
    """A year whose holiday plan is published. Deadlines that touch any other year are provisional."""

    district = models.ForeignKey(District, null=True, blank=True, on_delete=models.PROTECT)
    year = models.IntegerField()

    class Meta:
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(fields=["district", "year"], name="holiday_year", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return str(self.year)
