"""The typed detail of a case, one row beside its record; written by the ledger through the projection only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Case(models.Model):
    """What lists and searches of cases need in columns. ``sealed`` is the ciphertext of the first report's words."""

    pk = models.CompositePrimaryKey("district_id", "record_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    number = models.TextField()
    outside_number = models.TextField()
    source = models.TextField()
    category = models.TextField()
    owner = models.TextField()
    standard = models.TextField()
    urgent = models.BooleanField()
    has_reporter = models.BooleanField()
    lon_e6 = models.IntegerField(null=True)
    lat_e6 = models.IntegerField(null=True)
    candidates = ArrayField(models.TextField())
    flags = ArrayField(models.TextField())
    lead_unit = models.TextField()
    verification = models.TextField()
    check_result = models.TextField()
    solved = models.TextField()
    satisfied = models.TextField()
    reported_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    handle_due_at = models.DateTimeField(null=True)
    returns = models.IntegerField()
    reworks = models.IntegerField()
    reminders = models.IntegerField()
    sealed = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True)

    class Meta:
        db_table = "cases_case"


class Words(models.Model):
    """The lexemes of one event's words (see ``words.py``). Gone when the record is erased."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "seq")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    seq = models.IntegerField()
    words = SearchVectorField()

    class Meta:
        db_table = "cases_words"


class Caller(models.Model):
    """The telephone number of somebody who joined a case, as a keyed hash. Gone when the record is erased."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "seq")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    seq = models.IntegerField()
    phone_hash = models.BinaryField()

    class Meta:
        db_table = "cases_caller"


class Hop(models.Model):
    """A hop between the centre of a street and that of the district.

    ``to_level`` is ``district`` or ``street``; ``from_unit`` who had the case, empty for the district's centre;
    ``held_s`` the seconds for which the level that is left had it, null where that is not known.
    """

    pk = models.CompositePrimaryKey("district_id", "record_id", "seq")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    seq = models.IntegerField()
    at = models.DateTimeField()
    to_level = models.TextField()
    from_unit = models.TextField()
    to_unit = models.TextField()
    held_s = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cases_hop"
