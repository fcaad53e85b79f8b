"""The supervisor behind `gewu serve`: it keeps child processes and the embedded PostgreSQL running."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from gewu.home.errors import HomeError
from gewu.home.lifeline import VARIABLE
from gewu.home.postgres import Postgres

_log = structlog.get_logger("gewu.supervisor")

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 30.0  # a child that lived so long did not die of what killed the one before
_STOP_SECONDS = 20.0
_LOOK_SECONDS = 0.2
_DATABASE_LOOK_SECONDS = 1.0


@dataclass(slots=True)
class Child:
    """One process that has to run: its name, its command, and how it has fared."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    not_before: float = 0.0
    restarts: int = field(default=0)


class Supervisor:
    """Keeps children alive until SIGTERM or SIGINT, then stops them. PostgreSQL, if any is given, outlives it."""

    def __init__(self, children: Sequence[Child], database: Postgres | None = None) -> None:
        """Take the processes to run and the embedded server to watch; starts nothing yet."""
        self.children = list(children)
        self.database = database
        self._stop = threading.Event()

    def run(self) -> None:
        """Run until told to stop. Call it from the main thread: it takes over SIGTERM, SIGINT and SIGHUP."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_reload)
        keeper = threading.Thread(target=self._keep_database, name="database", daemon=True)
        if self.database is not None:
            keeper.start()
        try:
            while not self._stop.wait(_LOOK_SECONDS):
                for child in self.children:
                    self._look_after(child)
        finally:
            self._stop.set()
            self._stop_children()
        _log.info("stopped")

    # ---- children

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None:
            code = child.process.poll()
            if code is None:
                return
            if now - child.started > _STEADY_SECONDS:
                child.pause = _FIRST_PAUSE
            child.process = None
            child.not_before = now + child.pause
            child.restarts += 1
            _log.warning("child ended", child=child.name, code=code, restart_in_seconds=child.pause)
            child.pause = min(child.pause * 2, _LONGEST_PAUSE)
        elif now >= child.not_before:
            self._start(child)

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            list(child.command),
            stdin=subprocess.DEVNULL,
            env={**os.environ, VARIABLE: str(os.getpid())},
            # A session of its own: Ctrl-C on the terminal reaches the supervisor only, which stops all in order.
            start_new_session=True,
        )
        child.started = time.monotonic()
        _log.info("child started", child=child.name, pid=child.process.pid)

    def _stop_children(self) -> None:
        running = [child for child in self.children if child.process is not None and child.process.poll() is None]
        for child in running:
            _signal(child, signal.SIGTERM)
        end = time.monotonic() + _STOP_SECONDS
        for child in running:
            assert child.process is not None
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.warning("child does not stop, killing it", child=child.name)
                _signal(child, signal.SIGKILL)
                child.process.wait()

    # ---- signals

    def _on_stop(self, _number: int, _frame: object) -> None:
        self._stop.set()

    def _on_reload(self, _number: int, _frame: object) -> None:
        for child in self.children:
            if child.name == "web":
                _signal(child, signal.SIGHUP)

    # ---- database

    def _keep_database(self) -> None:
        """Start the embedded server again whenever it is gone; the web answers 503 in the meantime."""
        assert self.database is not None
        pause = _DATABASE_LOOK_SECONDS
        while not self._stop.wait(pause):
            try:
                if self.database.pid() is None and not self._stop.is_set():
                    _log.error("PostgreSQL is gone, starting it again")
                    self.database.start()
                    _log.info("PostgreSQL is back")
                pause = _DATABASE_LOOK_SECONDS
            except HomeError as error:
                pause = min(pause * 2, _LONGEST_PAUSE)
                _log.critical("PostgreSQL cannot be started", reason=str(error), again_in_seconds=pause)


def _signal(child: Child, number: signal.Signals) -> None:
    if child.process is not None and child.process.poll() is None:
        child.process.send_signal(number)
