"""The house that is measured: a home of its own, removed afterwards, with the product's own durable settings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CODE = "500101"


@dataclass(frozen=True)
class House:
    """A loaded district. ``environment`` is what another process needs to work on it."""

    environment: dict[str, str]
    district_id: int
    made: dict[str, Any]

    @property
    def logins(self) -> dict[str, str]:
        """Password by login of the demonstration's people."""
        return {one["login"]: one["password"] for one in self.made["logins"]}


def gewu(*arguments: str) -> dict[str, Any]:
    """Run a command of the product and return what it says as JSON. Raises ``RuntimeError`` with its words."""
    done = subprocess.run(
        [sys.executable, "-m", "gewu", *arguments, "--json"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"gewu {' '.join(arguments)}: {done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@contextmanager
def open_house(cases: int) -> Iterator[House]:
    """A new home with Wanzhou and so many synthetic cases; stopped and removed at the end."""
    for name in ("GEWU_DATABASE_URL", "GEWU_OWNER_DATABASE_URL"):
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="gewu-bench-", dir=os.environ.get("GEWU_BENCH_FOLDER") or "/tmp"))
    folder.chmod(0o755)
    os.environ.update(
        GEWU_HOME=str(folder / "home"), GEWU_LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="gewu.home.settings"
    )
    try:
        made = gewu("demo", "--no-story", "--cases", str(cases))
        import django

        django.setup()
        from gewu.registry.models import District

        yield House(dict(os.environ), District.objects.get(code=CODE).pk, made)
    finally:
        from gewu.home.layout import Home
        from gewu.home.postgres import Postgres

        server = Postgres(Home.current())
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def role(name: str) -> Any:
    """The identity of somebody at a post with this role whose territory is the whole district."""
    from gewu.cases.services import acting_of
    from gewu.registry.directory import get_directory
    from gewu.registry.models import District, Post
    from gewu.registry.people import actor_for

    directory = get_directory(District.objects.get(code=CODE).pk)
    codes = sorted(p.code for p in directory.holders(name) if p.person is not None and CODE in p.prefixes)
    return acting_of(actor_for(Post.objects.get(district__code=CODE, code=codes[0])))


def plain(owner: bool = False) -> Any:
    """A bare psycopg connection to the database of the house, in autocommit."""
    import psycopg

    from gewu.home import database

    return psycopg.connect(database.owner_dsn() if owner else database.app_dsn(), autocommit=True)


def written_columns(connection: Any, table: str) -> list[str]:
    """The columns of a table that somebody writes, in their order: those that the database computes are left out."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    ).fetchall()
    return [str(row[0]) for row in rows]
