"""What administrators decide, as a log and as a plan; and who is on duty when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from gewu.registry.models.base import code_field, name_field
from gewu.registry.models.organisation import Person, Unit
from gewu.registry.models.territory import District


class Change(models.Model):
    """One decision: who, when, what it was, what it is, and from which day. Never deleted.

    A planned one waits for its day and is judged again then; ``note`` says why one was refused on it. ``before`` and
    ``after`` hold no password and no secret.
    """

    DONE, PLANNED, WITHDRAWN, FAILED = "done", "planned", "withdrawn", "failed"

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    topic = code_field()
    verb = code_field()
    table = code_field()
    key = models.CharField(max_length=200, db_collation="C")
    field = code_field(blank=True, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    day = models.DateField()
    reason = models.TextField(blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    made_post = code_field(blank=True, default="")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=16, default=DONE)
    done_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["district", "table", "key"], name="change_of_row"),
            models.Index(fields=["district", "state", "day"], name="change_due"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.table} {self.key} {self.field}"


class Shift(models.Model):
    """Somebody is on duty for a unit from an instant to another (not included). ``duty`` says as what, in one word.

    A shift that was taken out of the roster stays, with when it was.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="shifts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="shifts")
    duty = name_field(blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes: ClassVar = [models.Index(fields=["district", "ends_at"], name="shift_district")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.person_id} {self.starts_at}"
