"""Tables of evaluation. Rows are written by the door, by ``recurrence`` and by loading packs; models serve reading.

The database's keys and collations are set in the migration (ADR 0003).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Fact(models.Model):
    """One wide row for each case: instants and counts, no verdicts."""

    pk = models.CompositePrimaryKey("district_id", "record_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    number = models.TextField(default="")
    place = models.TextField(default="")
    category = models.TextField(default="")
    standard = models.TextField(default="")
    source = models.TextField(default="")
    tier = models.TextField(default="")
    stage = models.TextField(default="")
    ended = models.TextField(default="")
    lead_unit = models.TextField(default="")
    verification = models.TextField(default="")
    solved = models.TextField(default="")
    satisfied = models.TextField(default="")
    reported_by = models.TextField(default="")
    registered_by = models.TextField(default="")
    verified_by = models.TextField(default="")
    filed_by = models.TextField(default="")
    dispatched_by = models.TextField(default="")
    checked_by = models.TextField(default="")
    closed_by = models.TextField(default="")
    urgent = models.BooleanField(default=False)
    has_reporter = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    collector = models.BooleanField(default=False)
    forced = models.BooleanField(default=False)
    fixed_on_spot = models.BooleanField(default=False)
    overdue_exempt = models.BooleanField(default=False)
    reported_at = models.BigIntegerField(null=True)
    registered_at = models.BigIntegerField(null=True)
    verified_at = models.BigIntegerField(null=True)
    filed_at = models.BigIntegerField(null=True)
    dispatched_at = models.BigIntegerField(null=True)
    claimed_at = models.BigIntegerField(null=True)
    handled_at = models.BigIntegerField(null=True)
    checked_at = models.BigIntegerField(null=True)
    closed_at = models.BigIntegerField(null=True)
    answered_at = models.BigIntegerField(null=True)
    followed_at = models.BigIntegerField(null=True)
    ended_at = models.BigIntegerField(null=True)
    lifted_at = models.BigIntegerField(null=True)
    landed_at = models.BigIntegerField(null=True)
    received = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    reworks = models.IntegerField(default=0)
    repeats = models.IntegerField(default=0)
    extensions = models.IntegerField(default=0)
    suspensions = models.IntegerField(default=0)
    checks_passed = models.IntegerField(default=0)
    checks_failed = models.IntegerField(default=0)
    checks_unable = models.IntegerField(default=0)
    hops = models.IntegerField(default=0)
    areas = ArrayField(models.TextField(), default=list)
    units_received = ArrayField(models.TextField(), default=list)
    units_returned = ArrayField(models.TextField(), default=list)
    accept_due = models.BigIntegerField(null=True)
    accept_done = models.BigIntegerField(null=True)
    accept_late = models.IntegerField(null=True)
    arrange_due = models.BigIntegerField(null=True)
    arrange_done = models.BigIntegerField(null=True)
    arrange_late = models.IntegerField(null=True)
    verify_due = models.BigIntegerField(null=True)
    verify_done = models.BigIntegerField(null=True)
    verify_late = models.IntegerField(null=True)
    file_due = models.BigIntegerField(null=True)
    file_done = models.BigIntegerField(null=True)
    file_late = models.IntegerField(null=True)
    dispatch_due = models.BigIntegerField(null=True)
    dispatch_done = models.BigIntegerField(null=True)
    dispatch_late = models.IntegerField(null=True)
    claim_due = models.BigIntegerField(null=True)
    claim_done = models.BigIntegerField(null=True)
    claim_late = models.IntegerField(null=True)
    handle_due = models.BigIntegerField(null=True)
    handle_done = models.BigIntegerField(null=True)
    handle_late = models.IntegerField(null=True)
    send_check_due = models.BigIntegerField(null=True)
    send_check_done = models.BigIntegerField(null=True)
    send_check_late = models.IntegerField(null=True)
    check_due = models.BigIntegerField(null=True)
    check_done = models.BigIntegerField(null=True)
    check_late = models.IntegerField(null=True)
    close_due = models.BigIntegerField(null=True)
    close_done = models.BigIntegerField(null=True)
    close_late = models.IntegerField(null=True)
    answer_due = models.BigIntegerField(null=True)
    answer_done = models.BigIntegerField(null=True)
    answer_late = models.IntegerField(null=True)

    class Meta:
        db_table = "evaluation_fact"


class Recurrence(models.Model):
    """The next case of the same category at the same place, reported within the window after this one closed."""

    pk = models.CompositePrimaryKey("district_id", "record_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    next_record_id = models.UUIDField()
    gap_seconds = models.BigIntegerField()

    class Meta:
        db_table = "evaluation_recurrence"


class Appeal(models.Model):
    """An appeal against what one case does to one indicator, one row for each record of kind ``score_appeal``."""

    pk = models.CompositePrimaryKey("district_id", "record_id")
    district_id = models.IntegerField()
    record_id = models.UUIDField()
    number = models.TextField()
    indicator = models.TextField()
    case_id = models.UUIDField(null=True)
    unit = models.TextField()
    stage = models.TextField()
    lodged_at = models.BigIntegerField()
    granted_at = models.BigIntegerField(null=True)
    rejected_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "evaluation_appeal"


class DefinitionFile(models.Model):
    """A file of indicators or scores as a pack brought it. Not managed: its table belongs to the registry's side."""

    id = models.BigAutoField(primary_key=True)
    pack = models.TextField()
    file = models.TextField()
    body = models.TextField()
    loaded_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "definition_file"
