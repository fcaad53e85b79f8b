"""The schema editor: foreign keys are immediate."""

from __future__ import annotations

from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgresSchemaEditor


class DatabaseSchemaEditor(PostgresSchemaEditor):
    """Django's schema editor without deferred foreign keys.

    A distributed table (Citus) cannot have a deferrable one, and an immediate one names the statement that broke it.
    Django's own templates also switch a constraint to immediate before they go on, which PostgreSQL refuses for one
    that is not deferrable.
    """

    sql_create_column_inline_fk = "CONSTRAINT %(name)s REFERENCES %(to_table)s(%(to_column)s)%(deferrable)s"
    sql_delete_fk = "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s"
