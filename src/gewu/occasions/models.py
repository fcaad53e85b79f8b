"""What the room keeps beside the records of occasions. Rows are written by the door, models serve reading (ADR 3)."""

from __future__ import annotations

from django.db import models


class Occasion(models.Model):
    """One row beside each occasion, whatever its type; written through the projection only.

    ``period`` is the month in which it takes place, ``2026-11``. ``matters_open`` and ``cases_open`` are what is still
    on the table and still followed. ``sealed`` is the ciphertext of the first words: the leader's post, where people
    meet.
    """

    pk = models.CompositePrimaryKey("district_id", "record_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    type = models.TextField()
    number = models.TextField()
    year = models.IntegerField()
    counter = models.IntegerField()
    day = models.DateField()
    period = models.TextField()
    place = models.TextField()
    community = models.TextField()
    street = models.TextField()
    building = models.TextField()
    unit = models.TextField()
    led_by = models.TextField()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    adjourned_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    postponed_at = models.DateTimeField(null=True)
    postponements = models.IntegerField()
    attendance = models.IntegerField()
    matters = models.IntegerField()
    withdrawn = models.IntegerField()
    cases = models.IntegerField()
    joined = models.IntegerField()
    answered = models.IntegerField()
    ended = models.IntegerField()
    answers = models.IntegerField()
    tellings = models.IntegerField()
    matters_open = models.IntegerField()
    cases_open = models.IntegerField()
    sealed = models.BinaryField(null=True)
    sort = models.TextField()
    strand = models.TextField()
    activity = models.TextField()
    reached = models.IntegerField()

    class Meta:
        db_table = "occasions_occasion"


class EventRow(models.Model):
    """A row of a journal: what one event (``seq``) of a record added."""

    pk = models.CompositePrimaryKey("district_id", "record_id", "seq")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    seq = models.IntegerField()

    class Meta:
        abstract = True


class Matter(EventRow):
    """A matter that came on the table. ``part`` is its part in the record, ``no`` what people call it.

    ``phase`` is ``before`` or ``at`` the session. ``category`` and ``place`` are empty where nobody said. ``case_id``
    is the open case that was put on the table; ``origin_id`` and ``origin_part`` say which part of which meeting of the
    level below was referred here.
    """

    no = models.IntegerField()
    part = models.IntegerField()
    phase = models.TextField()
    source = models.TextField()
    category = models.TextField()
    place = models.TextField()
    building = models.TextField()
    raised = models.IntegerField()
    case_id = models.UUIDField(null=True)
    origin_id = models.UUIDField(null=True)
    origin_part = models.IntegerField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)
    topic = models.TextField()
    kind = models.TextField()

    class Meta:
        db_table = "occasions_matter"


class Outcome(EventRow):
    """How a matter left the table, and how a followed case ended.

    ``part`` is that of the matter (``case``, ``joined``, ``answered``, ``withdrawn``, ``deferred``, ``adopted``,
    ``rejected``), of the followed case (``ended``, ``merged``) or of the resolution that is carried out (``done``,
    ``not_done``); ``follow`` the part under which a case or a resolution is followed from now on, 0 for none.
    """

    part = models.IntegerField()
    outcome = models.TextField()
    case_id = models.UUIDField(null=True)
    follow = models.IntegerField()
    unit = models.TextField()
    limit_days = models.IntegerField(null=True)
    due_on = models.DateField(null=True)
    tier = models.TextField()
    solved = models.TextField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)
    present = models.IntegerField(null=True)
    stakeholders = models.IntegerField(null=True)
    votes_for = models.IntegerField(null=True)
    votes_against = models.IntegerField(null=True)
    votes_abstained = models.IntegerField(null=True)
    executor = models.TextField()
    until = models.DateField(null=True)
    done_on = models.DateField(null=True)

    class Meta:
        db_table = "occasions_outcome"


class Attendance(EventRow):
    """A line of the sign-in sheet: a unit or a kind of people, and how many; ``corrects`` names what it replaces."""

    line = models.IntegerField()
    level = models.TextField()
    unit = models.TextField()
    heads = models.IntegerField()
    corrects = models.IntegerField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "occasions_attendance"


class Reply(EventRow):
    """An answer given face to face: which unit to which matter. The words are sealed."""

    matter = models.IntegerField()
    unit = models.TextField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "occasions_reply"


class Telling(EventRow):
    """What the building was told, when and how. ``final`` once all cases had ended."""

    final = models.BooleanField()
    posted_on = models.DateField()
    way = models.TextField()
    heads = models.IntegerField(null=True)
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)
    days = models.IntegerField(null=True)

    class Meta:
        db_table = "occasions_telling"


class Evaluation(EventRow):
    """What the residents judged: how many were asked, and how many answered that they are satisfied, or not."""

    evaluated_on = models.DateField()
    asked = models.IntegerField()
    satisfied = models.IntegerField()
    dissatisfied = models.IntegerField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "occasions_evaluation"


class Result(EventRow):
    """A quantity that an occasion brought: which agency, which item, how many of which measure, on which day.

    ``line`` is its number in the record. ``corrects`` names the line that this one replaces, or strikes where
    ``struck`` is set: such a row counts nothing itself. A line that a later row names does not count any more. The
    legal basis and the remark are sealed.
    """

    unit = models.TextField()
    item = models.TextField()
    quantity = models.BigIntegerField()
    measure = models.TextField()
    place = models.TextField()
    corrects = models.IntegerField()
    at = models.DateTimeField()
    line = models.IntegerField()
    on_day = models.DateField()
    strand = models.TextField()
    struck = models.BooleanField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "occasions_result"


class Plan(EventRow):
    """A quantity that is to be built: item and unit of measure. A line that a later one ``corrects`` does not count."""

    line = models.IntegerField()
    item = models.TextField()
    measure = models.TextField()
    quantity = models.BigIntegerField()
    corrects = models.IntegerField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "occasions_plan"


class Fund(EventRow):
    """Money in yuan or labour in person-days from one source. A line that a later one ``corrects`` does not count."""

    line = models.IntegerField()
    source = models.TextField()
    measure = models.TextField()
    amount = models.BigIntegerField()
    corrects = models.IntegerField()
    on_day = models.DateField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "occasions_fund"


class Poll(EventRow):
    """What residents said when they were asked: counts of households. The last one holds; earlier ones stay."""

    asked = models.IntegerField()
    agree = models.IntegerField()
    against = models.IntegerField()
    carried = models.BooleanField()
    on_day = models.DateField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "occasions_poll"


class Reminder(models.Model):
    """That a member of a programme was told of its obligation for a period: once for each step."""

    pk = models.CompositePrimaryKey("district_id", "programme", "member", "period", "step")
    district_id = models.IntegerField()
    programme = models.TextField()
    member = models.TextField()
    period = models.TextField()
    step = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "occasions_reminder"


class ProgrammeFile(models.Model):
    """``programmes.csv`` of a pack as it was loaded. Configuration, not a tenant's data: not emptied by tests."""

    pack = models.TextField(primary_key=True)
    body = models.TextField()
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "programme_file"
        managed = False


class MeasureFile(models.Model):
    """``measures.csv`` of a pack as it was loaded. Configuration like ``ProgrammeFile``."""

    pack = models.TextField(primary_key=True)
    body = models.TextField()
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "measure_file"
        managed = False
