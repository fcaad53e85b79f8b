"""`gewu migrate`: bring the tables up to date, as the role that owns them."""

from __future__ import annotations

import io

import click
import psycopg

from gewu.home import database
from gewu.home.errors import HomeError
from gewu.surfaces.cli.environment import packs_folder, waiting_migrations, with_database
from gewu.surfaces.cli.output import Output, command

_LOCK = 0x67657775  # "gewu": one migration at a time, whoever starts it


def say_outdated(out: Output) -> list[str]:
    """Say which packs that come with Gewu are other than what was loaded, and how to load them; returns their names."""
    from gewu.registry.packs.content import outdated

    try:
        found = outdated(packs_folder())
    except HomeError:
        return []
    for pack in found:
        out.say(f"note: pack {pack.name} here is not the one that was loaded. Take it over: gewu load {pack}")
    return [pack.name for pack in found]


def run_migrations(out: Output) -> list[str]:
    """Apply what is waiting and return its names. The server must run and Django must be loaded.

    Every table made here can be read and written by the app role; a migration may take a right away again.
    """
    from django.core.management import call_command
    from django.db import connections

    with psycopg.connect(database.owner_dsn(), autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        database.grant_app_rights(database.owner_dsn(), database.app_role())
        waiting = waiting_migrations()
        if waiting:
            out.note(f"applying {len(waiting)} migrations ...")
            call_command("migrate", database="owner", interactive=False, verbosity=0, stdout=io.StringIO())
    connections.close_all()
    if waiting:
        from gewu.surfaces.cli.rebuild import fill_all

        filled = fill_all(out)
        if filled:
            out.note(f"{filled} older records got their rows in new tables")
    return waiting


@click.command("migrate")
@command
def migrate(out: Output) -> None:
    """Bring the tables of the database up to date, as the role that owns them."""
    with_database(out, migrated=False)
    applied = run_migrations(out)
    stale = say_outdated(out)
    if database.single_role():
        out.note("note: one role owns the tables and works on them; triggers guard the events instead of rights")
    out.result(
        {"applied": applied, "packs_to_load": stale, "single_role": database.single_role()},
        f"{len(applied)} migrations applied" if applied else "nothing to do",
    )
