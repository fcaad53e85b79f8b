"""Districts, places and named areas."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gewu.registry.models.base import DatedPackRow, PackRow, code_field, name_field


class District(PackRow):
    """A city district. ``id`` is our own ``district_id`` everywhere: national codes change, keys do not."""

    id = models.AutoField(primary_key=True)
    code = code_field(unique=True)
    name_en = name_field()
    name_zh = name_field()
    timezone = models.CharField(max_length=64)
    work_day_mode = models.CharField(max_length=16)
    default_calendar = code_field()
    language = models.CharField(max_length=16)
    bounds_source = models.TextField(blank=True)
    synthetic = models.BooleanField(default=False)
    """Whether records were made up in it (a demonstration, a story); every page says so."""

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class Place(DatedPackRow):
    """A piece of territory: district, street, community or grid. ``geometry`` is GeoJSON in WGS-84, or null."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = code_field()
    kind = models.CharField(max_length=16)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    name_en = name_field()
    name_zh = name_field()
    successor = code_field(blank=True)
    synthetic = models.BooleanField(default=False)
    geometry = models.JSONField(null=True, blank=True)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="place_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class Area(DatedPackRow):
    """A named area across the ordinary tree: a park, a zone, a list of roads. Either prefixes, a shape, or both."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = code_field()
    kind = models.CharField(max_length=32)
    name_en = name_field()
    name_zh = name_field()
    prefixes = models.JSONField(default=list)
    geometry = models.JSONField(null=True, blank=True)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="area_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class BaseMapFile(models.Model):
    """``basemap.yaml`` of a pack as it was loaded."""

    pack = models.TextField(primary_key=True)
    body = models.TextField()
    loaded_at = models.DateTimeField()

    objects: ClassVar[models.Manager[BaseMapFile]] = models.Manager()

    def __str__(self) -> str:
        return self.pack
