"""Tenant tables: ``district_id`` on every row and in every unique constraint, so that a cluster can distribute them.

Rows are written by ``door`` and ``bulk`` with SQL of their own; these models serve reading. The primary keys, foreign
keys and collations of the database are set in the migration (ADR 0003).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

FOREVER = "9999-12-31T00:00:00+00:00"
"""``due_at`` of a record without a running clock: sorts last, and keeps the column free of nulls."""


class Record(models.Model):
    """The spine of every kind: where it stands, whose it is, when it is due. ``state`` is the core's state."""

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    kind = models.TextField()
    playbook = models.TextField()
    playbook_version = models.IntegerField()
    stage = models.TextField()
    ended = models.BooleanField()
    tier = models.TextField()
    place = models.TextField()
    areas = ArrayField(models.TextField())
    involved = ArrayField(models.TextField())
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    version = models.IntegerField()
    state = models.JSONField()
    head = models.BinaryField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_record"


class Event(models.Model):
    """One accepted command. Append-only by right of the database roles; ``hash`` chains each record's events."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "seq")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    seq = models.IntegerField()
    at = models.DateTimeField()
    actor = models.TextField()
    unit = models.TextField()
    kind = models.TextField()
    command_id = models.UUIDField()
    payload = models.JSONField()
    sealed = models.BinaryField(null=True)
    previous_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_event"


class ClockRow(models.Model):
    """A clock of a record, as a row that the ticker and the queues can find."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "clock_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    clock_id = models.TextField()
    spec = models.TextField()
    assignment = models.IntegerField()
    holder = models.TextField()
    status = models.TextField()
    limit_value = models.IntegerField()
    unit = models.TextField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    phase = models.IntegerField()
    rung = models.TextField()
    remaining = models.BigIntegerField()
    extended = models.IntegerField()
    provisional = models.BooleanField()
    version = models.IntegerField()

    class Meta:
        db_table = "ledger_clock"


class AssignmentRow(models.Model):
    """A part that a unit, post or person has in a record."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "no")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    no = models.IntegerField()
    slot = models.TextField()
    mode = models.TextField()
    unit = models.TextField()
    path = models.TextField()
    role = models.TextField()
    person = models.TextField()
    parent = models.IntegerField()
    letter = models.BooleanField()
    status = models.TextField()
    live = models.BooleanField()
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField()

    class Meta:
        db_table = "ledger_assignment"


class Attachment(models.Model):
    """A photo or paper. Its bytes lie encrypted outside the database, under a key of its own."""

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    record_id = models.UUIDField(null=True)
    seq = models.IntegerField(null=True)
    role = models.TextField()
    mime = models.TextField()
    size = models.IntegerField()
    sha256 = models.BinaryField()
    width = models.IntegerField()
    height = models.IntegerField()
    taken_at = models.DateTimeField(null=True)
    lon_e6 = models.IntegerField(null=True)
    lat_e6 = models.IntegerField(null=True)
    uploaded_by = models.TextField()
    uploaded_at = models.DateTimeField()
    key_id = models.TextField()
    wrapped = models.BinaryField(null=True)

    class Meta:
        db_table = "ledger_attachment"


class Link(models.Model):
    """A tie between two records of one district."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "kind", "other_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    kind = models.TextField()
    other_id = models.UUIDField()
    seq = models.IntegerField()

    class Meta:
        db_table = "ledger_link"


class RecordKey(models.Model):
    """The key of a record's free words, itself encrypted under the master key. Erasing destroys it."""

    pk = models.CompositePrimaryKey("district_id", "record_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    key_id = models.TextField()
    wrapped = models.BinaryField(null=True)
    erased_at = models.DateTimeField(null=True)
    erased_by = models.TextField()

    class Meta:
        db_table = "ledger_recordkey"


class Outgoing(models.Model):
    """A message to one destination. Written with the event that causes it, delivered at least once."""

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    record_id = models.UUIDField(null=True)
    seq = models.IntegerField()
    topic = models.TextField()
    destination = models.TextField()
    payload = models.JSONField()
    status = models.TextField()
    attempts = models.IntegerField()
    next_at = models.DateTimeField()
    last_error = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    first_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    last_code = models.IntegerField(default=0)
    last_ms = models.IntegerField(default=0)

    class Meta:
        db_table = "ledger_outgoing"


class Destination(models.Model):
    """What the outbox knows of one outside destination: whether it answers, since when not, when to try again."""

    pk = models.CompositePrimaryKey("district_id", "destination")
    district_id = models.IntegerField()
    destination = models.TextField()
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    resume_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    busy_until = models.DateTimeField(null=True)
    taken = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    last_code = models.IntegerField(default=0)
    last_ms = models.IntegerField(default=0)
    last_error = models.TextField(default="")

    class Meta:
        db_table = "ledger_destination"


class Notice(models.Model):
    """A message inside Gewu: to the holders of a role, a unit's clerks, or one person."""

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    record_id = models.UUIDField(null=True)
    role = models.TextField()
    unit = models.TextField()
    person = models.TextField()
    message = models.TextField()
    detail = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_notice"


class Reading(models.Model):
    """A notice came for somebody (a person's id, or ``post:CODE`` of a vacant post), and when they have read it."""

    pk = models.CompositePrimaryKey("district_id", "notice_id", "reader")
    district_id = models.IntegerField()
    notice_id = models.UUIDField()
    reader = models.TextField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_reading"


class Telling(models.Model):
    """A notice that is to be told outside by a route, and the message that told it. ``units``: by whose posts a
    person is told: their rosters say who is told first."""

    pk = models.CompositePrimaryKey("district_id", "route_id", "notice_id")
    district_id = models.IntegerField()
    route_id = models.IntegerField()
    notice_id = models.UUIDField()
    urgent = models.BooleanField()
    added_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    message_id = models.UUIDField(null=True)
    units = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "ledger_telling"


class NumberBlock(models.Model):
    """The next free case number of a district and day; processes take them in blocks."""

    pk = models.CompositePrimaryKey("district_id", "day")
    district_id = models.IntegerField()
    day = models.DateField()
    next = models.IntegerField()

    class Meta:
        db_table = "ledger_numberblock"


class Seal(models.Model):
    """The Merkle root of all heads that changed since the last seal, chained to it."""

    pk = models.CompositePrimaryKey("district_id", "no")
    district_id = models.IntegerField()
    no = models.IntegerField()
    at = models.DateTimeField()
    heads = models.IntegerField()
    root = models.BinaryField()
    previous_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_seal"


class SealedHead(models.Model):
    """A record's head as a seal took it."""

    pk = models.CompositePrimaryKey("district_id", "seal_no", "record_id")
    district_id = models.IntegerField()
    seal_no = models.IntegerField()
    record_id = models.UUIDField()
    seq = models.IntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_sealedhead"


class Standstill(models.Model):
    """A district whose clocks stand still: history that was imported to be looked at ``as_of`` an instant."""

    district_id = models.IntegerField(primary_key=True)
    as_of = models.DateTimeField()

    class Meta:
        db_table = "ledger_standstill"


class Received(models.Model):
    """An item that a device outside has sent, and what became of it; see ``received``."""

    pk = models.CompositePrimaryKey("district_id", "device", "item")
    district_id = models.IntegerField()
    device = models.UUIDField()
    item = models.UUIDField()
    seq = models.IntegerField()
    person = models.TextField()
    kind = models.TextField()
    status = models.TextField()
    code = models.TextField(default="")
    record_id = models.UUIDField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField(default=1)

    class Meta:
        db_table = "ledger_received"
