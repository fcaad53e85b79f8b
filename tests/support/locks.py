"""What a test sees of locks in the database."""

from __future__ import annotations

import psycopg


def waiting(connection: psycopg.Connection) -> int:
    """How many sessions of this database wait for a lock."""
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    ).fetchone()
    assert row is not None
    return int(row[0])
