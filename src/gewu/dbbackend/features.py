"""What this backend can do."""

from __future__ import annotations

from django.db.backends.postgresql.features import DatabaseFeatures as PostgresFeatures


class DatabaseFeatures(PostgresFeatures):
    """PostgreSQL's features, with foreign keys that are checked at once."""

    can_defer_constraint_checks = False
    supports_forward_references = False
