"""SQL fragments of this backend."""

from __future__ import annotations

from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations


class DatabaseOperations(PostgresOperations):
    """PostgreSQL's operations, with immediate foreign keys."""

    def deferrable_sql(self) -> str:
        """Return what makes a foreign key deferrable: nothing."""
        return ""
