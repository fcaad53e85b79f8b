"""Reforms of bodies: the act, and which unit follows which from what day. They lie over the packs' rows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from gewu.registry.models.base import code_field, name_field
from gewu.registry.models.organisation import Unit
from gewu.registry.models.territory import District


class Reform(models.Model):
    """One act that was carried out: a log, never changed. ``counter_of`` is the act that this one takes back.

    ``text`` is the file as it was given, ``moved`` what was handed over: record, part, old unit, new unit, and
    ``teams`` the rows of a team list (see ``docs/reform.md``). ``by`` is who ran it.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    number = code_field()
    day = models.DateField()
    title_en = name_field()
    title_zh = name_field()
    source = models.TextField(blank=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    teams = models.JSONField(default=dict)
    moved = models.JSONField(default=list)
    items = models.IntegerField(default=0)
    counter_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="counters")
    by = models.CharField(max_length=200)
    applied_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["day", "id"]
        constraints = [models.UniqueConstraint(fields=["district", "number"], name="reform_number")]

    def __str__(self) -> str:
        return f"{self.number} of {self.day}"


class Succession(models.Model):
    """From ``valid_from`` on ``old`` is ended and ``new`` stands in its place; to ``valid_to`` when taken back."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    reform = models.ForeignKey(Reform, on_delete=models.PROTECT)
    old = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions")
    new = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessors")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["valid_from", "id"]
        indexes = [models.Index(fields=["district", "old"], name="succession_old")]

    def __str__(self) -> str:
        return f"{self.old_id} > {self.new_id} from {self.valid_from}"
