"""Devices of smart estates and of the video platform: what stands where, in whose care, and whether it answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gewu.registry.models.base import code_field
from gewu.registry.models.territory import District


class Device(models.Model):
    """A camera, a plate gate, a face access control and the like. The thing only: no picture, no feature of a face.

    ``spot`` are words for where it stands. ``state`` is what was reported last, at ``state_at``; empty: nothing yet.
    ``since`` and ``until`` are days, both included.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = code_field()
    kind = models.CharField(max_length=32)
    place = code_field()
    unit = code_field(blank=True)
    spot = models.CharField(max_length=200, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, blank=True)
    state_at = models.DateTimeField(null=True, blank=True)
    synthetic = models.BooleanField(default=False)
    source = models.TextField(blank=True)

    objects: ClassVar[models.Manager[Device]] = models.Manager()

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="device_code")]
        indexes = [
            models.Index(fields=["district", "kind", "code"], name="device_kind"),
            models.Index(fields=["district", "place", "code"], name="device_place"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.kind}"


class DeviceKindFile(models.Model):
    """``device_kinds.csv`` of a pack as it was loaded."""

    pack = models.TextField(primary_key=True)
    body = models.TextField()
    loaded_at = models.DateTimeField()

    objects: ClassVar[models.Manager[DeviceKindFile]] = models.Manager()

    def __str__(self) -> str:
        return self.pack
