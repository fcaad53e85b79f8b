"""Tenant tables of imports, for reading; keys and collations of the database are set in the migration (ADR 0003).

``Run`` is one uploaded file, ``Fault`` a row of it that was left out, ``Item`` what another platform calls a matter and
which case it became, ``Reply`` what has to go back, ``Alarm`` what a device rang for.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Run(models.Model):
    """A file on its way. ``wrapped`` is the key of the file and of its bad rows; null once both were removed."""

    pk = models.CompositePrimaryKey("district_id", "id")
    district_id = models.IntegerField()
    id = models.UUIDField()
    platform = models.TextField()
    file_name = models.TextField()
    size = models.IntegerField()
    person = models.TextField()
    post = models.TextField()
    language = models.TextField()
    status = models.TextField()
    choices = models.JSONField()
    preview = models.JSONField()
    fault = models.JSONField()
    total = models.IntegerField()
    next_row = models.IntegerField()
    created = models.IntegerField()
    changed = models.IntegerField()
    known = models.IntegerField()
    bad = models.IntegerField()
    alike = models.IntegerField()
    key_id = models.TextField()
    wrapped = models.BinaryField(null=True)
    worker = models.TextField()
    lease_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "imports_run"


class Item(models.Model):
    """A matter of another platform. ``told``: 0 nothing, 1 warned, 2 told that the deadline passed."""

    pk = models.CompositePrimaryKey("district_id", "platform", "outside_number")
    district_id = models.IntegerField()
    platform = models.TextField()
    outside_number = models.TextField()
    record_id = models.UUIDField(null=True)
    run_id = models.UUIDField(null=True)
    row_no = models.IntegerField()
    digest = models.BinaryField()
    received_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    told = models.IntegerField()
    times_seen = models.IntegerField()
    last_seen_at = models.DateTimeField()

    class Meta:
        db_table = "imports_item"


class Fault(models.Model):
    """A row that was left out: codes in the open, cells and reasons under the key of the run."""

    pk = models.CompositePrimaryKey("district_id", "run_id", "row_no")
    district_id = models.IntegerField()
    run_id = models.UUIDField()
    row_no = models.IntegerField()
    codes = ArrayField(models.TextField())
    sealed = models.BinaryField()

    class Meta:
        db_table = "imports_fault"


class Reply(models.Model):
    """A reply that has to go back, or went. ``status``: waiting (for a person to take it), sending, sent, taken."""

    pk = models.CompositePrimaryKey("district_id", "id")
    district_id = models.IntegerField()
    id = models.UUIDField()
    platform = models.TextField()
    outside_number = models.TextField()
    record_id = models.UUIDField()
    stage = models.TextField()
    seq = models.IntegerField()
    status = models.TextField()
    made_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    gone_by = models.TextField()

    class Meta:
        db_table = "imports_reply"


class Alarm(models.Model):
    """An alarm of a device and the case it went into. ``number`` is what the sender calls it; it names one alarm once.

    ``joined``: the device's open case took it up; else the case was made of it. What was said is in the case only.
    """

    pk = models.CompositePrimaryKey("district_id", "device", "number")
    district_id = models.IntegerField()
    device = models.TextField()
    number = models.TextField()
    kind = models.TextField()
    at = models.DateTimeField()
    taken_at = models.DateTimeField()
    record_id = models.UUIDField()
    joined = models.BooleanField()

    class Meta:
        db_table = "imports_alarm"
