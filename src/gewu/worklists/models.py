"""Tenant tables of worklists, for reading; keys are set in the migration (ADR 0003)."""

from __future__ import annotations

from django.db import models


class View(models.Model):
    """A queue with filters that somebody saved under a name. ``shared`` is empty, ``unit:CODE`` or ``role:CODE``."""

    pk = models.CompositePrimaryKey("district_id", "id")
    district_id = models.IntegerField()
    id = models.UUIDField()
    person = models.TextField()
    post = models.TextField()
    title = models.TextField()
    query = models.JSONField()
    shared = models.TextField()
    position = models.IntegerField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "worklists_view"


class Sheet(models.Model):
    """A sheet of a queue on its way. ``sight`` is a digest of what whoever asked for it could see then."""

    pk = models.CompositePrimaryKey("district_id", "id")
    district_id = models.IntegerField()
    id = models.UUIDField()
    person = models.TextField()
    post = models.TextField()
    language = models.TextField()
    title = models.TextField()
    query = models.JSONField()
    sight = models.TextField()
    status = models.TextField()
    total = models.IntegerField()
    done = models.IntegerField()
    size = models.IntegerField()
    worker = models.TextField()
    lease_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "worklists_sheet"
