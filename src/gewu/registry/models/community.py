"""Below the grid: buildings, the Party organisations down to them, and task forces paired with departments.

Places and units are named by code, not by key: these rows are many, seldom read, and never joined.
"""

from __future__ import annotations

from django.db import models

from gewu.registry.models.base import DatedPackRow, code_field, name_field
from gewu.registry.models.territory import District


class Building(DatedPackRow):
    """A residential building, the smallest unit of the grid. Counts only: nobody who lives there is named.

    ``head`` is the code of the post of its head, which needs no login; empty where nobody has been found.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = code_field()
    place = code_field()
    name_en = name_field()
    name_zh = name_field()
    households = models.IntegerField(null=True, blank=True)
    built = models.IntegerField(null=True, blank=True)
    property_management = models.BooleanField(default=False)
    maintenance_fund = models.BooleanField(default=False)
    organisation = models.BooleanField(default=False)
    head = code_field(blank=True)
    party_group = models.BooleanField(default=False)
    successor = code_field(blank=True)
    synthetic = models.BooleanField(default=False)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="building_code")]
        indexes = [models.Index(fields=["district", "place", "code"], name="building_place")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class Organisation(DatedPackRow):
    """One link of the Party chain: street committee, community organisation, grid branch, building group. No members.

    ``place`` is a place's code or, for a building group, the building's.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = code_field()
    kind = models.CharField(max_length=32)
    parent = code_field(blank=True)
    place = code_field()
    name_en = name_field()
    name_zh = name_field()
    synthetic = models.BooleanField(default=False)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="organisation_code")]
        indexes = [models.Index(fields=["district", "kind", "place"], name="organisation_place")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class Pairing(DatedPackRow):
    """A task force and a department that works with it from one day to another, by their units' codes."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    task_force = code_field()
    department = code_field()
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["task_force", "department", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "task_force", "department", "valid_from"], name="pairing_key", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_force} + {self.department}"
