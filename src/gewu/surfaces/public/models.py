"""How often somebody knocked: a count for an address and a span of time, and nothing about what was asked."""

from __future__ import annotations

from django.db import models


class Knock(models.Model):
    """``key`` is a keyed hash of what is counted and for whom, so that no address is stored. Old rows are removed."""

    pk = models.CompositePrimaryKey("key", "since")
    key = models.BinaryField(max_length=16)
    since = models.DateTimeField()
    times = models.IntegerField()

    class Meta:
        db_table = "public_knock"
