"""What was loaded when, what an administrator decided otherwise, and the version that snapshots follow."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from gewu.registry.models.base import code_field
from gewu.registry.models.territory import District


class PackLoad(models.Model):
    """One load of a pack: a log, never changed."""

    pack = code_field()
    version = models.CharField(max_length=64)
    requires = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, default="", db_collation="C")
    """Of the folder's content; empty for loads before it was noted."""
    district = models.ForeignKey(District, null=True, blank=True, on_delete=models.PROTECT)
    loaded_at = models.DateTimeField(default=timezone.now, editable=False)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    retired = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    notes = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"


class BoardFile(models.Model):
    """A file for the notice boards as its pack was loaded, see ``gewu.registry.duties``."""

    pack = code_field()
    file = models.CharField(max_length=200)
    body = models.TextField()
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pack", "file"]
        constraints = [models.UniqueConstraint(fields=["pack", "file"], name="board_file")]

    def __str__(self) -> str:
        return f"{self.pack} {self.file}"


class Override(models.Model):
    """A dated decision of an administrator against the pack. A reload reports it and never overwrites it.

    ``pack_value`` follows what the pack says meanwhile, so that ending the override returns to it.
    """

    table = code_field()
    district = models.ForeignKey(District, null=True, blank=True, on_delete=models.PROTECT)
    key = models.CharField(max_length=200, db_collation="C")
    field = code_field()
    value = models.JSONField(null=True)
    pack_value = models.JSONField(null=True)
    reason = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "district", "key", "field"],
                condition=models.Q(ended_at__isnull=True),
                name="override_one_live",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.key} {self.field}"


class RegistryVersion(models.Model):
    """One row. Every load and override bumps it; processes rebuild their snapshots when it moved."""

    id = models.IntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.version)
