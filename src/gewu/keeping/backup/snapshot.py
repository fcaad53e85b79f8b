"""One consistent look at the database, from which dump, counts and list of photos are all taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import IsolationLevel, sql

from gewu.home import database
from gewu.home.errors import HomeError
from gewu.keeping.backup.manifest import Manifest
from gewu.keeping.journal import COPY, Entry

LEFT_OUT = ("django_session", "registry_session", "throttle_budget", "public_knock", "api_throttle")
"""Logins, unsent drafts and counters of attempts: a restored system does without, and a dump should too."""
_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_APPEND = ["SELECT", "INSERT"]

Connection = psycopg.Connection[Any]


@contextmanager
def snapshot() -> Iterator[tuple[Connection, str]]:
    """Hold a snapshot as the role that owns the tables; give the connection and the snapshot's name for pg_dump."""
    with psycopg.connect(database.owner_dsn(), connect_timeout=10) as connection:
        database.check_version(connection)
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.transaction():
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.execute("SET LOCAL statement_timeout = 0")
            name = str(_one(connection, "SELECT pg_export_snapshot()"))
            yield connection, name


def describe(connection: Connection, manifest: Manifest) -> None:
    """Put into the manifest what the snapshot holds. Raises `HomeError` for a database that is not Gewu's."""
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname"
        )
    ]
    if "ledger_event" not in tables:
        raise HomeError("The database has no tables of Gewu: there is nothing to back up. Run: gewu migrate")
    manifest.snapshot = datetime.now(UTC).isoformat()
    manifest.server = connection.info.server_version
    manifest.migrations = [
        f"{app}.{name}" for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY id")
    ]
    manifest.left_out = [table for table in LEFT_OUT if table in tables]
    manifest.counts = {
        table: int(_one(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))))
        for table in tables
        if table not in LEFT_OUT
    }
    manifest.protected = _protected(connection)
    manifest.districts = _districts(connection)


def database_size(connection: Connection) -> int:
    """Bytes that the database takes on the server's disk."""
    return int(_one(connection, "SELECT pg_database_size(current_database())"))


def key_ids(connection: Connection) -> set[str]:
    """Ids of the master keys under which something in the database is still encrypted."""
    found: set[str] = set()
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name IN ('key_id', 'old_key_id')"
    ).fetchall():
        query = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE {0} <> ''")
        found |= {row[0] for row in connection.execute(query.format(sql.Identifier(column), sql.Identifier(table)))}
    return found


def photos(connection: Connection) -> list[tuple[int, UUID, int]]:
    """District, id and size of every photo that is not erased."""
    return [
        (row[0], row[1], row[2])
        for row in connection.execute(
            "SELECT district_id, id, size FROM ledger_attachment WHERE wrapped IS NOT NULL ORDER BY district_id, id"
        )
    ]


def erased(connection: Connection) -> list[Entry]:
    """What the database knows to be erased, for a journal that lacks it (another machine erased it)."""
    rows = connection.execute(
        "SELECT district_id, record_id, erased_at, erased_by FROM ledger_recordkey"
        " WHERE wrapped IS NULL AND erased_at IS NOT NULL ORDER BY erased_at"
    ).fetchall()
    found = [Entry(row[0], row[1], row[2], "all", "found", row[3]) for row in rows]
    now = datetime.now(UTC)
    rows = connection.execute(
        "SELECT DISTINCT a.district_id, a.record_id FROM ledger_attachment a JOIN ledger_recordkey k"
        " ON k.district_id = a.district_id AND k.record_id = a.record_id"
        " WHERE a.wrapped IS NULL AND k.wrapped IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_attachment o"
        "  WHERE o.district_id = a.district_id AND o.record_id = a.record_id AND o.wrapped IS NOT NULL)"
    ).fetchall()
    found += [Entry(row[0], row[1], now, "photos", "found") for row in rows]
    rows = connection.execute(
        "SELECT district_id, record_id, withdrawn_at, copy_id, why, withdrawn_by FROM keeping_release"
        " WHERE withdrawn_at IS NOT NULL AND why <> 'erased' ORDER BY withdrawn_at"
    ).fetchall()
    return [*found, *(Entry(row[0], row[1], row[2], f"{COPY}{row[3]}", row[4], row[5]) for row in rows)]


def _protected(connection: Connection) -> dict[str, list[str]]:
    """Tables that the app role may not change at will: by right, or by trigger where there is one role only."""
    app = database.app_role()
    found: dict[str, list[str]] = {}
    if not database.single_role():
        rows = connection.execute(
            "SELECT c.relname, r.held FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " CROSS JOIN unnest(%s::text[]) AS r(held)"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND has_table_privilege(%s, c.oid, r.held)",
            [list(_RIGHTS), app],
        ).fetchall()
        held: dict[str, list[str]] = {}
        for table, right in rows:
            held.setdefault(table, []).append(right)
        found = {table: rights for table, rights in held.items() if len(rights) < len(_RIGHTS)}
    triggers = connection.execute(
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'append_only_rows'"
    )
    return {**{row[0]: _APPEND for row in triggers}, **found}


def _districts(connection: Connection) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT d.id, d.code, d.timezone, s.district_id IS NULL, l.no, l.hash, l.at FROM registry_district d"
        " LEFT JOIN ledger_standstill s ON s.district_id = d.id"
        " LEFT JOIN LATERAL (SELECT no, hash, at FROM ledger_seal x WHERE x.district_id = d.id"
        "  ORDER BY no DESC LIMIT 1) l ON true ORDER BY d.id"
    )
    return [
        {
            "id": row[0],
            "code": row[1],
            "timezone": row[2],
            "live": row[3],
            "seal": None
            if row[4] is None
            else {"no": row[4], "hash": bytes(row[5]).hex(), "at": row[6].astimezone(UTC).isoformat()},
        }
        for row in rows.fetchall()
    ]


def _one(connection: Connection, query: str | sql.Composed) -> Any:
    row = connection.execute(query.encode() if isinstance(query, str) else query).fetchone()
    assert row is not None
    return row[0]
