"""The typed detail of a register's entry, the counters of their numbers, and how a district writes them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Entry(models.Model):
    """What the lists of registers need in columns, one row beside a record; written through the projection only.

    ``sealed`` is the ciphertext of the first words; ``related`` are the records it is linked to.
    """

    pk = models.CompositePrimaryKey("district_id", "record_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    kind = models.TextField()
    number = models.TextField()
    year = models.IntegerField()
    counter = models.IntegerField()
    day = models.DateField()
    own_number = models.TextField()
    own_day = models.DateField(null=True)
    unit = models.TextField()
    variant = models.TextField()
    due_on = models.DateField(null=True)
    sent_on = models.DateField(null=True)
    reminders = models.IntegerField()
    returns = models.IntegerField()
    relapses = models.IntegerField()
    result = models.TextField()
    answered_at = models.DateTimeField(null=True)
    struck_off_at = models.DateTimeField(null=True)
    look_back_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    matters = models.IntegerField(null=True)
    late = models.IntegerField(null=True)
    related = ArrayField(models.UUIDField())
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "office_entry"


class Counter(models.Model):
    """The next running number of a register in a year."""

    pk = models.CompositePrimaryKey("district_id", "kind", "year")
    district_id = models.IntegerField()
    kind = models.TextField()
    year = models.IntegerField()
    next = models.IntegerField()

    class Meta:
        db_table = "office_counter"


class NumberForm(models.Model):
    """How a district writes the numbers of a register."""

    pk = models.CompositePrimaryKey("district_id", "kind")
    district_id = models.IntegerField()
    kind = models.TextField()
    form = models.TextField()

    class Meta:
        db_table = "office_numberform"
