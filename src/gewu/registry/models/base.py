"""What rows that come from packs have in common."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

CODE_LENGTH = 64
NAME_LENGTH = 200


def code_field(**options: Any) -> models.CharField[str, str]:
    """A code: compared byte by byte (``COLLATE "C"``), so that a prefix is an index range on every server."""
    return models.CharField(max_length=CODE_LENGTH, db_collation="C", **options)


def name_field(**options: Any) -> models.CharField[str, str]:
    """A name for people."""
    return models.CharField(max_length=NAME_LENGTH, **options)


class PackRow(models.Model):
    """A row that a pack brought. A row that vanishes from its pack is never deleted: ``retired_on`` says since when."""

    pack = code_field(editable=False)
    retired_on = models.DateField(null=True, blank=True)

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True


class DatedPackRow(PackRow):
    """A pack row with its own validity. Both days are included; an empty one means no bound."""

    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


def columns(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The columns of a table."""
    fields: list[models.Field[Any, Any]] = list(model._meta.concrete_fields)  # noqa: SLF001 - Django's documented way
    return fields
