"""`gewu serve`: web, ticker, outbox, importer and sheets under one supervisor, over a PostgreSQL that outlives it."""

from __future__ import annotations

import sys

import click

from gewu.home import database
from gewu.home.errors import HomeError
from gewu.home.layout import Home
from gewu.home.ports import is_free
from gewu.home.postgres import Postgres
from gewu.home.supervisor import Child, Supervisor
from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.migrate import say_outdated
from gewu.surfaces.cli.output import Output, command


def run_server(out: Output, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT. The tables must be up to date. Raises `HomeError` when the port is taken."""
    if not is_free(port, host):
        raise HomeError(f"Port {port} on {host} is taken by another program. Stop it, or choose another: --port")
    gewu = [sys.executable, "-m", "gewu"]
    web = [*gewu, "web", f"--host={host}", f"--port={port}", f"--workers={workers}", f"--threads={threads}"]
    children = [Child("web", web), *(Child(name, [*gewu, name]) for name in ("ticker", "outbox", "imports", "sheets"))]
    out.say(f"Gewu serves on http://{f'[{host}]' if ':' in host else host}:{port}/ (stop with Ctrl-C)")
    Supervisor(children, Postgres(Home.current()) if database.embedded() else None).run()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1), help="Web processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1), help="Threads of each web process.")
@command
def serve(out: Output, *, host: str, port: int, workers: int, threads: int) -> None:
    """Run web, ticker, outbox, importer and the maker of sheets, and keep them running.

    PostgreSQL is started if it does not run, started again if it dies, and left running at the end.
    """
    with_database(out)
    say_outdated(out)
    run_server(out, host=host, port=port, workers=workers, threads=threads)
