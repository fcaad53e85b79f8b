"""The catalogue of matters and components, its standards, owners, responsibility and playbooks."""

from __future__ import annotations

from django.db import models

from gewu.registry.models.base import PackRow, code_field, name_field
from gewu.registry.models.organisation import Unit
from gewu.registry.models.territory import District


class Category(PackRow):
    """A class of problem. Keyed by kind and code (``matter:06012``): the two kinds use the same digits."""

    kind = models.CharField(max_length=16)
    code = code_field()
    major = code_field()
    major_name_en = name_field()
    major_name_zh = name_field()
    name_en = name_field()
    name_zh = name_field()
    legacy_code = code_field(blank=True)
    local_extension = models.BooleanField(default=False)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["kind", "code"]
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="category_key")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.code} {self.name_en}"


class Standard(PackRow):
    """When a report becomes a case, when the case may close, and how long handling may take."""

    kind = models.CharField(max_length=16)
    code = code_field()
    category = models.ForeignKey(Category, on_delete=models.PROTECT)
    filing_en = models.TextField()
    filing_zh = models.TextField()
    closing_en = models.TextField()
    closing_zh = models.TextField()
    limit_value = models.IntegerField()
    limit_unit = models.CharField(max_length=16)
    urgent = models.BooleanField(default=False)
    limit_status = models.CharField(max_length=16)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="standard_key"),
            models.CheckConstraint(condition=models.Q(limit_value__gt=0), name="standard_limit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


class Owner(PackRow):
    """To whom a facility belongs. ``unknown`` is the ownerless."""

    code = code_field(unique=True)
    name_en = name_field()
    name_zh = name_field()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class ResponsibilityRule(PackRow):
    """Which unit answers for a category, place and owner. ``file`` and ``line`` say where the rule was written."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16)
    category = code_field()
    place = code_field()
    owner = code_field()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    queue = models.BooleanField(default=False)
    source = models.TextField(blank=True)
    file = models.CharField(max_length=200)
    line = models.IntegerField()

    class Meta:
        ordering = ["kind", "category", "place", "owner"]
        constraints = [
            models.UniqueConstraint(fields=["district", "kind", "category", "place", "owner"], name="rule_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.category} {self.place} {self.owner}"


class Playbook(PackRow):
    """A playbook as it was written. A version never changes: other text needs another version.

    ``bases`` holds the texts it extends, so that a version stays what it was when they move on.
    """

    district = models.ForeignKey(District, null=True, blank=True, on_delete=models.PROTECT)
    name = code_field()
    version = models.IntegerField()
    kind = models.CharField(max_length=16)
    title_en = name_field()
    title_zh = name_field()
    file = models.CharField(max_length=200)
    text = models.TextField()
    bases = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["name", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name", "version"], name="playbook_version", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
