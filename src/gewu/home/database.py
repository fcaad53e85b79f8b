"""Which database Gewu works on, and with which roles.

By default it is the embedded server of the home. `GEWU_DATABASE_URL` (the role that works) and
`GEWU_OWNER_DATABASE_URL` (the role that owns the tables and migrates) point at any other server.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from gewu.home import instance as settings
from gewu.home.errors import DatabaseUnavailableError, HomeError
from gewu.home.layout import Home
from gewu.home.postgres import Postgres

DATABASE = "gewu"
OWNER_ROLE = "gewu_owner"
APP_ROLE = "gewu_app"
MINIMUM_VERSION = 15
UNFINISHED = "gewu_restore_unfinished"
"""A table that is there while a database on another server is restored, and stays when that failed."""

_GRANTING = 0x67657776
"""The advisory lock under which rights are granted; freed when the connection ends."""

_APP_URL = "GEWU_DATABASE_URL"
_OWNER_URL = "GEWU_OWNER_DATABASE_URL"


def embedded() -> bool:
    """Tell whether Gewu works on its own embedded server. Raises `HomeError` when only the owner's URL is given."""
    if os.environ.get(_APP_URL):
        return False
    if os.environ.get(_OWNER_URL):
        raise HomeError(f"{_OWNER_URL} is set, but {_APP_URL} is not. Set both, or only {_APP_URL}.")
    return True


def app_dsn(home: Home | None = None) -> str:
    """Return the connection URL of the role that works. Raises `DatabaseUnavailableError` before the first start."""
    return os.environ[_APP_URL] if not embedded() else _embedded_dsn(APP_ROLE, home)


def owner_dsn(home: Home | None = None) -> str:
    """Return the connection URL of the role that owns the tables; the same as `app_dsn` in single-role mode."""
    if embedded():
        return _embedded_dsn(OWNER_ROLE, home)
    return os.environ.get(_OWNER_URL) or os.environ[_APP_URL]


def analyze() -> None:
    """Count the tables anew, as the owner. After many rows at once: until then the server plans for the few it knew."""
    with psycopg.connect(owner_dsn(), autocommit=True) as connection:
        connection.execute("ANALYZE")


def app_role() -> str:
    """Return the name of the role that works, for migrations that grant to it or revoke from it."""
    return APP_ROLE if embedded() else _role_of(os.environ[_APP_URL])


def owner_role() -> str:
    """Return the name of the role that owns the tables."""
    return OWNER_ROLE if embedded() else _role_of(owner_dsn())


def single_role() -> bool:
    """Tell whether the role that works also owns the tables, so that no right can be kept from it."""
    return app_role() == owner_role()


def django_database(dsn: str, **settings_: Any) -> dict[str, Any]:
    """Return the Django database entry for a connection URL; parameters beside the usual five become options."""
    try:
        parts = dict(conninfo_to_dict(dsn))
    except psycopg.ProgrammingError as error:
        raise HomeError(
            f"The database URL is not valid ({error}). Write it like postgresql://user:password@host:5432/name"
        ) from error
    options = settings_.pop("OPTIONS", {})
    taken = {name: str(parts.pop(name, None) or "") for name in ("dbname", "user", "password", "host", "port")}
    return {
        "ENGINE": "gewu.dbbackend",
        "NAME": taken["dbname"] or taken["user"],
        "USER": taken["user"],
        "PASSWORD": taken["password"],
        "HOST": taken["host"],
        "PORT": taken["port"],
        "OPTIONS": {**parts, **options},
        **settings_,
    }


def ensure_server(home: Home | None = None, progress: Callable[[str], None] | None = None) -> bool:
    """Make sure that the database server answers and has our database and roles; return whether it was started.

    Starts the embedded server. Another server is not touched, only waited for up to 10 s.
    Raises `HomeError` for a server below version 15 or a half restored home, and `DatabaseUnavailableError` when the
    server cannot be reached.
    """
    home = home or Home.current()
    home.refuse_half_restored()
    if not embedded():
        settings.update(home)  # all processes have to share one secret key, wherever the database is
        with _connect_within(owner_dsn(), 10) as connection:
            check_version(connection)
            if _exists(
                connection, "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = %s", UNFINISHED
            ):
                raise HomeError(
                    "A restore into this database is under way or did not come to its end, so what it holds is not "
                    "whole. Wait for it, or restore again into a new database."
                )
        return False
    server = Postgres(home)
    started = server.start(progress)
    bootstrap(server)
    return started


def bootstrap(server: Postgres, database: str = DATABASE) -> None:
    """Create the two roles and the database on the embedded server, and give the app role its rights. Idempotent."""
    found = settings.update(server.home)
    # Two processes that start together would both find a role missing.
    with server.home.lock("bootstrap"), psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        for role, password in ((OWNER_ROLE, found.owner_password), (APP_ROLE, found.app_password)):
            name = sql.Identifier(role)
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(password)))
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER_ROLE))
            )
    grant_app_rights(server.dsn(OWNER_ROLE, found.owner_password, database), APP_ROLE)


def grant_app_rights(owner: str, app: str) -> None:
    """Let the app role read and write every table that the owner will make from now on, and use its sequences.

    Tables that exist are not touched: a migration may have taken a right away on purpose. Does nothing when the two
    roles are one. `owner` is a connection URL, `app` a role name.
    """
    with psycopg.connect(owner, autocommit=True) as connection:
        check_version(connection)
        if connection.info.user == app:
            return
        # Processes that start together would grant the same at once, which the server refuses to one of them.
        connection.execute("SELECT pg_advisory_lock(%s)", [_GRANTING])
        role = sql.Identifier(app)
        database = sql.Identifier(connection.info.dbname)
        for statement in (
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
            "GRANT USAGE ON SCHEMA public TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        ):
            connection.execute(sql.SQL(statement).format(role=role, database=database))


def check_version(connection: psycopg.Connection[Any]) -> int:
    """Return the server's major version. Raises `HomeError` below 15."""
    major = connection.info.server_version // 10_000
    if major < MINIMUM_VERSION:
        raise HomeError(
            f"The database server is PostgreSQL {major}; Gewu needs {MINIMUM_VERSION} or later. "
            "Upgrade it, or unset GEWU_DATABASE_URL to use the embedded server."
        )
    return major


def answers(dsn: str) -> bool:
    """Tell whether a connection can be made now."""
    try:
        with psycopg.connect(dsn, connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False


def is_connection_loss(error: BaseException) -> bool:
    """Tell whether a database error means that the server is gone, going, or cannot take another connection.

    Takes the errors of psycopg and those of Django that wrap them. A lock that was not available, a deadlock or a
    cancelled statement is none.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        cause = cause.__cause__
    if cause is None:
        return False
    state = cause.sqlstate
    return state is None or state.startswith("08") or state in {"57P01", "57P02", "57P03", "53300"}


def _embedded_dsn(role: str, home: Home | None) -> str:
    home = home or Home.current()
    found = settings.read(home)
    password = "" if found is None else found.owner_password if role == OWNER_ROLE else found.app_password
    return Postgres(home).dsn(role, password, DATABASE)


def _role_of(dsn: str) -> str:
    return str(conninfo_to_dict(dsn).get("user") or "")


def _exists(connection: psycopg.Connection[Any], query: str, value: str) -> bool:
    return connection.execute(query.encode(), [value]).fetchone() is not None


def _connect_within(dsn: str, seconds: float) -> psycopg.Connection[Any]:
    end = time.monotonic() + seconds
    while True:
        try:
            return psycopg.connect(dsn, connect_timeout=5)
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                raise DatabaseUnavailableError(
                    f"The database server of {_APP_URL} cannot be reached: {str(error).strip()}"
                ) from error
            time.sleep(0.5)
