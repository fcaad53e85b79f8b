"""The database wrapper that `ENGINE = "gewu.dbbackend"` names."""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper

from gewu.dbbackend.features import DatabaseFeatures
from gewu.dbbackend.operations import DatabaseOperations
from gewu.dbbackend.schema import DatabaseSchemaEditor


class DatabaseWrapper(PostgresWrapper):
    """PostgreSQL with immediate foreign keys and a pool that hands out no connection whose server went away."""

    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection[Any]:
        """Return a connection, from the pool if there is one.

        Django's own check of a pooled connection is a round trip for every request. A server that went away has
        closed its end, which the socket tells without one.
        """
        connection: psycopg.Connection[Any] = super().get_new_connection(conn_params)
        pool = self.pool
        if pool is None:
            return connection
        for _ in range(pool.max_size):
            if not hung_up(connection):
                break
            connection.close()
            pool.putconn(connection)  # the pool throws it away and opens another one
            connection = super().get_new_connection(conn_params)
        return connection


def hung_up(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether an idle connection has something to read: a server says nothing unasked but that it goes away."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
