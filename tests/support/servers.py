"""The PostgreSQL of a test run: one server, one template database, one database for each worker process.

The server is our embedded one in a temporary home, or the one that `GEWU_TEST_DATABASE_URL` and
`GEWU_TEST_OWNER_DATABASE_URL` name (the owner needs CREATEDB and has to be a member of the app role). Nothing here
starts before the first test that asks for a database.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from gewu.home import database, instance
from gewu.home.layout import Home
from gewu.home.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
PACKS = [ROOT / "packs" / "standard", ROOT / "packs" / "wanzhou"]

_HOME = "GEWU_TEST_HOME"
_PREFIX = "gewu-test-"
# A test run need not survive a power cut; every other setting is the product's own.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Session:
    """One test run: its home, shared by all workers, and the name of this worker's database."""

    home: Home
    worker: str

    @property
    def template(self) -> str:
        return f"gewu_test_{self.home.path.name.removeprefix(_PREFIX).replace('-', '_')}_template"

    @property
    def name(self) -> str:
        return self.template.removesuffix("template") + self.worker

    @property
    def external(self) -> bool:
        return bool(os.environ.get("GEWU_TEST_DATABASE_URL"))

    def app(self, name: str | None = None) -> str:
        """The URL of the role that works, on this worker's database or the one named."""
        return _on(self._base("GEWU_TEST_DATABASE_URL", database.APP_ROLE), name or self.name)

    def owner(self, name: str | None = None) -> str:
        """The URL of the role that owns the tables; the same as `app` in single-role mode."""
        return _on(self._base("GEWU_TEST_OWNER_DATABASE_URL", database.OWNER_ROLE), name or self.name)

    def _base(self, variable: str, role: str) -> str:
        if self.external:
            return os.environ.get(variable) or os.environ["GEWU_TEST_DATABASE_URL"]
        found = instance.read(self.home)
        assert found is not None
        password = found.owner_password if role == database.OWNER_ROLE else found.app_password
        return Postgres(self.home).dsn(role, password, "postgres")

    def environment(self, name: str | None = None) -> dict[str, str]:
        """What a process of the product needs to work on this worker's database."""
        return {
            "GEWU_HOME": str(self.home.path),
            "GEWU_DATABASE_URL": self.app(name),
            "GEWU_OWNER_DATABASE_URL": self.owner(name),
            "GEWU_LOG_LEVEL": os.environ.get("GEWU_LOG_LEVEL", "WARNING"),
            "DJANGO_SETTINGS_MODULE": "gewu.home.settings",
        }

    # ---- making things

    def ready(self) -> None:
        """Start the server and make the template, unless another worker has; then make this worker's database."""
        with self.home.lock("test-template"):
            done = self.home.path / "template-done"
            if not done.exists():
                self._start_server()
                self._make_template()
                done.touch()
            self.make_database()

    def make_database(self) -> None:
        """Make this worker's database anew from the template, throwing away the one there is.

        What was reserved of case numbers stays reserved: processes of the run still hold blocks of them.
        """
        blocks = self._number_blocks()
        with psycopg.connect(self.owner("postgres"), autocommit=True) as connection:
            _drop(connection, self.name)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(self.name), sql.Identifier(self.template)
                )
            )
        if blocks:
            with psycopg.connect(self.owner(), autocommit=True) as connection, connection.cursor() as cursor:
                cursor.executemany(
                    # A district that only the last test had is gone with it.
                    "INSERT INTO ledger_numberblock (district_id, day, next)"
                    " SELECT id, %s, %s FROM registry_district WHERE id = %s",
                    [(day, following, district) for district, day, following in blocks],
                )

    def _number_blocks(self) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.owner("postgres"), autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]).fetchone()
        if there is None:
            return []
        with psycopg.connect(self.owner(), autocommit=True) as connection:
            if connection.execute("SELECT to_regclass('ledger_numberblock')").fetchone() == (None,):
                return []
            return connection.execute("SELECT district_id, day, next FROM ledger_numberblock").fetchall()

    def _start_server(self) -> None:
        if self.external:
            return
        server = Postgres(self.home, overrides=_FAST)
        server.start()
        database.bootstrap(server)
        with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
            connection.execute(f"ALTER ROLE {database.OWNER_ROLE} CREATEDB")
            # So that the owner may end the sessions of the app role when it drops a database.
            connection.execute(f"GRANT {database.APP_ROLE} TO {database.OWNER_ROLE}")

    def _make_template(self) -> None:
        with psycopg.connect(self.owner("postgres"), autocommit=True) as connection:
            _drop(connection, self.template)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.template)))
        environment = {**os.environ, **self.environment(self.template)}
        _gewu(environment, "migrate")
        for pack in PACKS:
            _gewu(environment, "load", str(pack))

    def close(self) -> None:
        """Drop what this run made on another server, or end our own and remove the home."""
        if self.external:
            with psycopg.connect(self.owner("postgres"), autocommit=True) as connection:
                names = connection.execute(
                    "SELECT datname FROM pg_database WHERE starts_with(datname, %s)",
                    [self.template.removesuffix("template")],
                ).fetchall()
                for (name,) in names:
                    _drop(connection, name)
        _remove(self.home)


def open_session(worker: str | None) -> Session:
    """Return the run that this process belongs to; the first process makes its home and tells the others."""
    if worker is None or _HOME not in os.environ:
        _remove_left_over()
        home = Home(Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir="/tmp")))
        instance.update(home)
        os.environ[_HOME] = str(home.path)
    return Session(Home(Path(os.environ[_HOME])), worker or "main")


def _remove_left_over() -> None:
    """Clear away the homes of runs that were killed."""
    for path in Path("/tmp").glob(f"{_PREFIX}*"):
        pid = path.name.removeprefix(_PREFIX).split("-")[0]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            _remove(Home(path))


def _remove(home: Home) -> None:
    server = Postgres(home)
    if instance.read(home) is not None:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
    shutil.rmtree(home.path, ignore_errors=True)


def _gewu(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gewu", *arguments], env=environment, text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"gewu {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a database and end who is connected to it. A worker of the server's own vacuum cannot be ended, but ends."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for _ in range(60):
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(0.5)
        else:
            return
    connection.execute(statement)


def _on(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))
