"""Tables of rounds, for reading; keys and collations of the database are set in the migration (ADR 0003).

Rounds and honours share one table of typed columns; points and services are rows for each event. Ballots and ratings do
not pass the record's lock and stand in no event (ADR 0017).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Round(models.Model):
    """A round of the double showcase or an honour, one row beside its record; written through the projection only.

    ``result`` is what was counted last, ``root`` the Merkle root of the ballots it was counted from. ``sealed`` is the
    ciphertext of an honour's first words.
    """

    pk = models.CompositePrimaryKey("district_id", "record_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    playbook = models.TextField()
    period = models.TextField()
    number = models.TextField()
    year = models.IntegerField()
    counter = models.IntegerField()
    method = models.TextField()
    quorum = models.IntegerField()
    streets = ArrayField(models.TextField())
    departments = ArrayField(models.TextField())
    nominate_by = models.DateField(null=True)
    build_by = models.DateField(null=True)
    tour_on = models.DateField(null=True)
    vote_by = models.DateField(null=True)
    entries = models.IntegerField()
    delegates = models.IntegerField()
    voting_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    ballots = models.IntegerField(null=True)
    ratings = models.IntegerField(null=True)
    root = models.BinaryField(null=True)
    result = models.TextField(null=True)
    class_name = models.TextField(db_column="class")
    level = models.TextField()
    unit = models.TextField()
    notice_at = models.DateTimeField(null=True)
    notice_until = models.DateTimeField(null=True)
    awarded_at = models.DateTimeField(null=True)
    name_withdrawn = models.BooleanField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "assessments_round"


class Entry(models.Model):
    """What one event says of a point: nominated, linked, built, withdrawn, a photo released. ``entry`` is the number of
    the event that nominated it."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "seq")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    seq = models.IntegerField()
    what = models.TextField()
    entry = models.IntegerField()
    at = models.DateTimeField()
    unit = models.TextField()
    track = models.TextField()
    place = models.TextField()
    case_id = models.UUIDField(null=True)
    photo = models.UUIDField(null=True)

    class Meta:
        db_table = "assessments_entry"


class Service(models.Model):
    """What a department did for the streets, by its own record."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "seq")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    seq = models.IntegerField()
    at = models.DateTimeField()
    unit = models.TextField()
    item = models.TextField()
    quantity = models.BigIntegerField()
    measure = models.TextField()
    street = models.TextField()
    day = models.DateField()

    class Meta:
        db_table = "assessments_service"


class Ballot(models.Model):
    """One voter's ranking of a track."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "track", "voter")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    track = models.TextField()
    voter = models.TextField()
    kind = models.TextField()
    at = models.DateTimeField()
    commands = ArrayField(models.UUIDField())
    sealed = models.BinaryField()

    class Meta:
        db_table = "assessments_ballot"


class Rating(models.Model):
    """One street's marks for the departments."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "voter")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    voter = models.TextField()
    at = models.DateTimeField()
    commands = ArrayField(models.UUIDField())
    sealed = models.BinaryField()

    class Meta:
        db_table = "assessments_rating"


class Code(models.Model):
    """A delegate's voting code, as a keyed hash."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "hash")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    hash = models.BinaryField()
    batch = models.IntegerField()
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        db_table = "assessments_code"


class Look(models.Model):
    """Somebody looked at the ballots of a track."""

    id = models.UUIDField(primary_key=True)
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    at = models.DateTimeField()
    person = models.TextField()
    post = models.TextField()
    track = models.TextField()
    ballots = models.IntegerField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "assessments_look"
