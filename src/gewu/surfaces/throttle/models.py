"""What the doors remember of those who knock too often: keyed hashes of addresses, logins and keys, no tenant data."""

from __future__ import annotations

from django.db import models


class Budget(models.Model):
    """One budget of attempts: ``full_at`` is when it will be whole again (see ``budgets``)."""

    key = models.BinaryField(primary_key=True, max_length=32)
    full_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "throttle_budget"

    def __str__(self) -> str:
        return self.full_at.isoformat()
