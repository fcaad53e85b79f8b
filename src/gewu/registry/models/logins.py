"""What is remembered of a login beside Django's session."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from gewu.registry.models.organisation import Person


class PersonSession(models.Model):
    """Whose session it is, since when, last used when (to the minute) and on what kind of device; never from where.

    The database removes the row together with Django's session.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session_key = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sessions")
    since = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(default=timezone.now)
    device = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "registry_session"
        ordering = ["-used_at"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.device}"
