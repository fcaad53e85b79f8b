"""What a command needs before it can work: a database server, Django, tables that are up to date."""

from __future__ import annotations

import os
from pathlib import Path

import gewu
from gewu.home import database
from gewu.home.errors import HomeError
from gewu.surfaces.cli.output import Output


def setup_django() -> None:
    """Load Django with our settings; reaches no database."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gewu.home.settings")
    django.setup()


def with_database(out: Output, *, migrated: bool = True) -> None:
    """Start the embedded server if it does not run, load Django and, if asked, insist on tables that are up to date.

    Raises `HomeError` when the server cannot be reached or migrations are waiting.
    """
    database.ensure_server(progress=lambda message: out.note(f"{message} ..."))
    setup_django()
    if migrated and (waiting := waiting_migrations()):
        raise HomeError(f"The database lacks {len(waiting)} migrations ({waiting[0]} ...). Run: gewu migrate")


def waiting_migrations() -> list[str]:
    """Return the migrations that the database has not had yet, as `app.name`."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def packs_folder() -> Path:
    """Return the folder of the packs that come with Gewu. Raises `HomeError` when it is not there."""
    for folder in (Path(gewu.__file__).resolve().parents[2] / "packs", Path.cwd() / "packs"):
        if (folder / "standard" / "pack.yaml").exists():
            return folder
    raise HomeError("The folder packs/ was not found. Run the command in the folder of the project.")
