"""Tables of keeping. Rows are written by this room with SQL of its own; these models serve reading (ADR 0003)."""

from __future__ import annotations

from django.db import models


class Reveal(models.Model):
    """One time that somebody was shown a reporter's name and number. Append-only by right of the database roles.

    ``ask`` is the id that the asking page made, so that sending it twice shows once. ``sealed`` are the words of the
    purpose under the record's key; ``address`` is a keyed hash of the network address.
    """

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    ask = models.UUIDField()
    record_id = models.UUIDField()
    person = models.TextField()
    post = models.TextField()
    token = models.TextField()
    at = models.DateTimeField()
    purpose = models.TextField()
    sealed = models.BinaryField(null=True)
    address = models.BinaryField(null=True)

    class Meta:
        db_table = "keeping_reveal"


class Hold(models.Model):
    """A record that must not be erased until the hold is lifted or its last day is over."""

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    reason = models.TextField()
    sealed = models.BinaryField(null=True)
    until = models.DateField(null=True)
    set_by = models.TextField()
    set_at = models.DateTimeField()
    lifted_by = models.TextField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "keeping_hold"


class Schedule(models.Model):
    """How long a district keeps what, as it decided; the highest version holds."""

    pk = models.CompositePrimaryKey("district_id", "version")
    district_id = models.IntegerField()
    version = models.IntegerField()
    body = models.JSONField()
    set_by = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        db_table = "keeping_schedule"


class Pass(models.Model):
    """What one pass of one rule did: how many were due, how many went, how many a hold kept."""

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    rule = models.TextField()
    at = models.DateTimeField()
    found = models.IntegerField()
    done = models.IntegerField()
    held = models.IntegerField()

    class Meta:
        db_table = "keeping_pass"


class Release(models.Model):
    """A photo of a closed case that somebody released for the public, as a blurred copy (``copy_id``, an attachment).

    ``marks`` are the cells that were covered, numbered row by row. Withdrawn, the row stays and the copy is gone;
    ``why`` is a code.
    """

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    photo_id = models.UUIDField()
    copy_id = models.UUIDField()
    side = models.TextField()
    marks = models.JSONField()
    released_by = models.TextField()
    released_post = models.TextField()
    released_at = models.DateTimeField()
    withdrawn_by = models.TextField()
    withdrawn_post = models.TextField()
    withdrawn_at = models.DateTimeField(null=True)
    why = models.TextField()

    class Meta:
        db_table = "keeping_release"
