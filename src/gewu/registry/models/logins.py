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


class SecondFactor(models.Model):
    """A secret that a person's telephone knows too (TOTP, RFC 6238), sealed under the master key.

    It counts once it is confirmed. ``last_step`` is the latest span of 30 seconds of which a code was taken: no code
    of it or of an earlier one is taken again.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="second_factor")
    owner = models.UUIDField(default=uuid.uuid4, editable=False)
    key_id = models.CharField(max_length=64, db_collation="C")
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.person_id)


class RecoveryCode(models.Model):
    """A keyed hash of a code that stands in for the telephone, once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="recovery_codes")
    hash = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "hash"], name="recovery_code")]

    def __str__(self) -> str:
        return str(self.person_id)
