"""The processes that `gewu serve` keeps running: web, ticker, outbox, importer, sheets. Each can also be run alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from importlib import import_module

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from gewu.home import instance
from gewu.home.layout import Home
from gewu.home.lifeline import VARIABLE, follow_parent
from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Output, command

_KILL_SECONDS = 10


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1), help="Threads of each worker.")
def web(*, host: str, port: int, workers: int, threads: int) -> None:
    """Run the web server alone; it expects a database that runs."""
    follow_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gewu.home.settings")
    Home.current().refuse_half_restored()
    instance.update(Home.current())  # the workers share its secret key
    os.environ[VARIABLE] = str(os.getpid())  # the workers follow this process
    Granian(
        "gewu.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_SECONDS,
        log_level=_granian_level(),
    ).serve()


@click.command()
@command
def ticker(out: Output) -> None:
    """Run the ticker alone: it fires the clocks that are due."""
    _run_forever(out, "gewu.ledger.ticker")


@click.command()
@command
def outbox(out: Output) -> None:
    """Run the outbox alone: it delivers the messages that wait."""
    _run_forever(out, "gewu.ledger.outbox")


@click.command()
@command
def imports(out: Output) -> None:
    """Run the importer alone: it looks sheets through, imports them, and tells of other platforms' deadlines."""
    _run_forever(out, "gewu.imports.worker")


@click.command()
@command
def sheets(out: Output) -> None:
    """Run the maker of sheets alone: it writes the queues that people want as a file."""
    _run_forever(out, "gewu.surfaces.desk.sheetmaker")


def _run_forever(out: Output, module: str) -> None:
    """Call `run_forever(stop)` of a module; SIGTERM and SIGINT set `stop`."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    follow_parent()
    with_database(out)
    run_forever: Callable[[threading.Event], None] = import_module(module).run_forever
    run_forever(stop)


def _granian_level() -> LogLevels:
    return LogLevels.warning if os.environ.get("GEWU_LOG_LEVEL", "").upper() in {"WARNING", "ERROR"} else LogLevels.info
