"""What all tests share. A test that asks for none of these fixtures starts no server and reaches no database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from gewu.home.layout import Home
from gewu.home.ports import free_port
from gewu.home.postgres import Postgres
from support.servers import Session, open_session

# What a property says does not depend on how busy the machine is.
settings.register_profile("gewu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gewu")

# Settings are read at import time, so the names are settled here; the server itself comes with the first use.
_SESSION = open_session(os.environ.get("PYTEST_XDIST_WORKER"))
os.environ.update(_SESSION.environment())
# Tests call services from more threads at once than one web process has, and each holds a connection meanwhile.
os.environ.setdefault("GEWU_POOL_SIZE", "24")

import django  # noqa: E402 - after the environment is settled

django.setup()

TENANT_APPS = {"ledger", "cases", "office", "occasions", "assessments", "evaluation", "imports", "keeping", "worklists"}
_TENANT_TABLE = re.compile(r"\b(ledger|cases|office|occasions|assessments|evaluation|imports|keeping)_[a-z]+")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server when the run is over; workers leave it to the process that started them."""
    if not hasattr(config, "workerinput"):
        _SESSION.close()


@pytest.fixture(scope="session")
def database_session() -> Session:
    """The server and this worker's database, with all migrations and the packs that come with Gewu."""
    _SESSION.ready()
    return _SESSION


@pytest.fixture
def db(database_session: Session) -> Iterator[Session]:
    """A ready database. What a test leaves in the tables of ledger and cases is removed after it.

    The registry (packs, people) is shared by the tests of a worker: use `fresh_db` to change it.
    """
    from django.db import connection, connections

    from gewu.surfaces.public import remembered

    remembered.forget()
    with connection.execute_wrapper(names_its_district):
        yield database_session
    connections.close_all()
    _truncate_tenant_tables(database_session)


def names_its_district(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
    """Fail any statement on a tenant table that does not name the district: a cluster could not route it."""
    if _TENANT_TABLE.search(statement) and "district_id" not in statement and "has_table_privilege" not in statement:
        raise AssertionError(f"a statement on tenant tables names no district: {statement}")
    return execute(statement, params, many, context)


@pytest.fixture
def fresh_db(database_session: Session) -> Iterator[Session]:
    """As `db`, for tests that change the registry: the whole database is made anew after the test."""
    from django.db import connections

    from gewu.ledger.numbers import numbers
    from gewu.registry.directory import refresh
    from gewu.surfaces.public import remembered

    remembered.forget()
    yield database_session
    connections.close_all()
    connections["default"].close_pool()
    database_session.make_database()
    numbers.forget()
    refresh()  # the registry of the database that went


@pytest.fixture(scope="session")
def _web(database_session: Session) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "gewu", "web", f"--port={port}", "--workers=1", "--threads=4"]
    environment = {**os.environ, **database_session.environment(), "GEWU_LIFELINE": str(os.getpid())}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/healthz", process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def live_server(_web: str, db: Session) -> str:
    """The base URL of a real web server (granian, one process, four threads) on this worker's database."""
    return _web


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium. One for all tests of a worker: Playwright cannot be opened twice in a thread."""
    chromium = os.environ.get("GEWU_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on this machine: install chromium, or name one in GEWU_CHROMIUM")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread while it is open; the tests use the database beside it.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        found = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def owner_connection(db: Session) -> Iterator[psycopg.Connection]:
    """A plain connection of the role that owns the tables, in autocommit."""
    with psycopg.connect(db.owner(), autocommit=True) as connection:
        yield connection


@pytest.fixture
def app_connection(db: Session) -> Iterator[psycopg.Connection]:
    """A plain connection of the role that works, in autocommit."""
    with psycopg.connect(db.app(), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def new_home() -> Iterator[Callable[..., Home]]:
    """Make homes of their own, for tests that start, kill or stop a server of their own.

    Their servers are stopped and their folders removed at the end of the module. They do not lie below `tmp_path`,
    which only root can reach: the server's user could not, and the database would have to lie elsewhere.
    """
    made: list[tuple[Home, Path]] = []

    def make(below: str = "home", mode: int = 0o755) -> Home:
        top = Path(tempfile.mkdtemp(prefix="gewu-own-", dir="/tmp"))
        top.chmod(mode)
        home = Home(top / below)
        made.append((home, top))
        return home

    yield make
    for home, top in made:
        server = Postgres(home)
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(top, ignore_errors=True)


def _truncate_tenant_tables(session: Session) -> None:
    from django.apps import apps

    tables = [
        model._meta.db_table
        for config in apps.get_app_configs()
        if config.label in TENANT_APPS
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.db_table != "ledger_numberblock"  # processes hold blocks of numbers
    ]
    if not tables:
        return
    names = [sql.Identifier(table) for table in tables]
    with psycopg.connect(session.owner()) as connection:
        connection.execute("SET lock_timeout = '20s'")
        # Triggers guard the events where rights cannot; only here are they set aside.
        for name in names:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(sql.SQL(", ").join(names)))
        for name in names:
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()  # it answers, and is not ready yet
            if process.poll() is not None:
                raise RuntimeError(f"the web server ended with code {process.returncode}") from error
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer within 60 s")
