"""`gewu db`: start, stop and ask the embedded PostgreSQL."""

from __future__ import annotations

import dataclasses

import click

from gewu.home import database
from gewu.home.errors import HomeError
from gewu.home.layout import Home
from gewu.home.postgres import Postgres
from gewu.surfaces.cli.output import Exit, Output, command


@click.group()
def db() -> None:
    """Start, stop and ask the embedded PostgreSQL."""


def _server() -> Postgres:
    if not database.embedded():
        raise HomeError("GEWU_DATABASE_URL points at a server of your own; Gewu does not start or stop that one.")
    return Postgres(Home.current())


@db.command()
@command
def start(out: Output) -> None:
    """Start the server, made at the first time; it runs on until `gewu db stop`."""
    server = _server()
    started = database.ensure_server(server.home, lambda message: out.note(f"{message} ..."))
    status = server.status()
    out.result(
        {"started": started, **dataclasses.asdict(status)},
        f"PostgreSQL {status.version} {'started' if started else 'runs already'}: process {status.pid}, "
        f"port {status.port}, folder {status.folder}",
    )


@db.command()
@command
def stop(out: Output) -> None:
    """Stop the server and wait until it is gone."""
    stopped = _server().stop()
    out.result({"stopped": stopped}, "PostgreSQL stopped" if stopped else "PostgreSQL does not run")


@db.command()
@command
def status(out: Output) -> None:
    """Say whether the server runs and answers; exit code 1 when it does not."""
    if not database.embedded():
        answering = database.answers(database.app_dsn())
        out.result({"embedded": False, "answers": answering}, f"own server: {'answers' if answering else 'no answer'}")
        out.finish(Exit.OK if answering else Exit.PROBLEMS)
    found = _server().status()
    answering = found.running and database.answers(database.app_dsn())
    word = "runs" if answering else "runs but does not answer" if found.running else "does not run"
    out.result(
        {"embedded": True, "answers": answering, **dataclasses.asdict(found)},
        f"PostgreSQL {found.version} {word}: process {found.pid}, port {found.port}, folder {found.folder}",
    )
    out.finish(Exit.OK if answering else Exit.PROBLEMS)


@db.command()
@click.option("--owner", "as_owner", is_flag=True, help="The role that owns the tables, not the one that works.")
@command
def url(out: Output, *, as_owner: bool) -> None:
    """Print the connection URL, with its password, for psql and other tools."""
    found = database.owner_dsn() if as_owner else database.app_dsn()
    out.result({"url": found}, found)
