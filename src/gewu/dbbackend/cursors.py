"""Cursors of the application's connection that keep statements prepared on the server."""

from __future__ import annotations

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper


def raw_cursor() -> CursorWrapper:
    """A cursor that sends statement and values apart, so that a statement can stay prepared; Django's own merges them.

    A raw one, with the server's own marks (``$1``): looking for marks in a long statement would cost more than sending
    it. Database errors come as Django's, and wrappers of the connection see the statement, as with any other cursor.
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        return CursorWrapper(psycopg.RawCursor(connection.connection), connection)
