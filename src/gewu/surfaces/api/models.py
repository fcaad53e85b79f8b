"""What the doors remember of those who knock too often: keyed hashes of addresses and logins, no tenant data."""

from __future__ import annotations

from django.db import models


class Throttle(models.Model):
    """One budget of attempts: ``full_at`` is when it will be whole again (see ``throttle``)."""

    key = models.BinaryField(primary_key=True, max_length=32)
    full_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "api_throttle"

    def __str__(self) -> str:
        return self.full_at.isoformat()
