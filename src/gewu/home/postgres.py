"""Our supervisor of the embedded PostgreSQL: create, start, stop and recover the server of one home.

The server listens on 127.0.0.1 and on a socket in a private folder, asks everyone for a password, and outlives the
process that started it. Every function may be called by several processes at once: a lock of the home orders them.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from gewu.home import instance as settings
from gewu.home.binaries import PG_MAJOR, SYSTEM_STATE, Runner, program, runner
from gewu.home.errors import DatabaseUnavailableError, HomeError
from gewu.home.layout import Home
from gewu.home.ports import free_port, is_free
from gewu.home.processes import is_server_of, processes_in

HOST = "127.0.0.1"
SUPERUSER = "gewu_super"
START_SECONDS = 120
"""How long a start may take. Crash recovery after a power cut reads the write-ahead log and may need it."""

_SOCKET_PATH_LIMIT = 100  # sun_path holds 107 bytes on Linux and 103 elsewhere

# Only what differs from the server's defaults. Durability (fsync, full_page_writes, synchronous_commit) is left on.
_SETTINGS: Mapping[str, str] = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",  # a week of files, each overwritten after seven days
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "idle_in_transaction_session_timeout": "300000",
}


# At every start, so that homes made earlier have them too. Values travel inside statements, and words of people inside
# values (search terms, names of staff): the server's log tells what went wrong, and quotes neither.
_DISCREET: Mapping[str, str] = {
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True, slots=True)
class Status:
    """What is known about the embedded server of a home."""

    running: bool
    pid: int | None
    port: int
    folder: str
    user: int
    version: int


class Postgres:
    """The embedded server of one home."""

    def __init__(self, home: Home, overrides: Mapping[str, str] | None = None) -> None:
        """Make the supervisor of this home; `overrides` are server settings for this start only. Touches nothing."""
        self.home = home
        self.overrides = dict(overrides or {})

    # ---- where things are

    @property
    def folder(self) -> Path:
        """The data folder: `<home>/pg`, or the place recorded when the server's user cannot reach the home."""
        found = settings.read(self.home)
        return Path(found.database_folder) if found and found.database_folder else self.home.cluster

    def dsn(self, user: str, password: str, database: str) -> str:
        """Return the connection URL of one role."""
        found = settings.read(self.home)
        if found is None:
            raise DatabaseUnavailableError(
                f"The home {self.home.path} has no database yet. Run: gewu db start (or make run)"
            )
        return f"postgresql://{user}:{password}@{HOST}:{found.database_port}/{database}"

    def superuser_dsn(self, database: str = "postgres") -> str:
        """Return the connection URL of the superuser, for bootstrapping and tests only."""
        found = settings.read(self.home)
        return self.dsn(SUPERUSER, found.superuser_password if found else "", database)

    # ---- life

    def start(self, progress: Callable[[str], None] | None = None) -> bool:
        """Make sure that the server runs and answers; return whether it had to be started.

        Creates the database folder at the first start. After a crash the server recovers by itself; a process id file
        that a killed server left behind is removed here when it names no living server. Raises `HomeError` with
        the end of the server's log when it does not come up.
        """
        say = progress or (lambda _message: None)
        with self.home.lock("postgres"):
            settings.update(self.home)
            self._choose_folder()
            if not self._has_database(self.folder):
                say("creating the database folder")
                self._create()
            self._check_version()
            # A server that was killed a moment ago may still look alive: then it ends while we wait for it.
            if self.pid() is not None and self._wait_ready(appears_within=0):
                return False
            say("starting PostgreSQL")
            self._clear_stale_pid_file()
            self._choose_port()
            self._launch()
            if not self._wait_ready(appears_within=5):
                raise DatabaseUnavailableError(f"PostgreSQL in {self.folder} did not come up: {self._log_tail()}")
            return True

    def stop(self, how: signal.Signals = signal.SIGINT, seconds: float = 60) -> bool:
        """Stop the server and wait until it is gone; return whether it ran.

        SIGINT ends open sessions and writes a checkpoint (a fast shutdown). Raises `HomeError` when it does not end.
        """
        with self.home.lock("postgres"):
            pid = self.pid()
            if pid is None:
                return False
            os.kill(pid, how)
            end = time.monotonic() + seconds
            while self.pid() is not None:
                if time.monotonic() > end:
                    raise HomeError(f"PostgreSQL (process {pid}) did not stop within {seconds:.0f} s. Look at its log.")
                time.sleep(0.05)
            return True

    def status(self) -> Status:
        """Return what is known about the server, without changing anything."""
        found = settings.read(self.home)
        pid = self.pid()
        folder = self.folder
        owner = folder.stat().st_uid if folder.exists() else os.geteuid()
        return Status(pid is not None, pid, found.database_port if found else 0, str(folder), owner, PG_MAJOR)

    def pid(self) -> int | None:
        """Return the process id of the running server, `None` when it does not run."""
        try:
            first = (self.folder / "postmaster.pid").read_text().splitlines()[0]
            pid = abs(int(first))
        except (OSError, IndexError, ValueError):
            return None
        return pid if is_server_of(pid, self.folder) else None

    # ---- steps

    def _choose_folder(self) -> None:
        """Decide where the database folder lies: in the home, unless the server's user cannot reach it there."""
        if settings.update(self.home).database_folder or self._has_database(self.home.cluster):
            return
        who = runner()
        if not who.drop or who.reaches(self.home.path, "x"):
            return
        if self.home.path.stat().st_uid == os.geteuid():
            # The home itself is ours, so passing through it (not listing it) may be allowed; folders above are not.
            self.home.path.chmod(self.home.path.stat().st_mode | 0o011)
            if who.reaches(self.home.path, "x"):
                return
        # Root keeps its home where nobody else may pass (such as /root): the database lies in a folder of its own.
        folder = SYSTEM_STATE / "clusters" / secrets.token_hex(8)
        for parent in [SYSTEM_STATE, folder.parent]:
            parent.mkdir(exist_ok=True, mode=0o755)

        def record(instance: settings.Instance) -> None:
            instance.database_folder = str(folder)

        settings.update(self.home, record)

    def _has_database(self, folder: Path) -> bool:
        try:
            return (folder / "PG_VERSION").exists()
        except PermissionError:
            raise HomeError(
                f"The database folder {folder} belongs to another user (id {folder.stat().st_uid}). "
                "Start Gewu as that user, or as root if root made it."
            ) from None

    def _create(self) -> None:
        """Run initdb beside the final place and rename: a killed initdb leaves no half database."""
        folder = self.folder
        who = runner()
        found = settings.update(self.home)
        fresh = folder.with_name(f"{folder.name}.new")
        password = folder.with_name(f"{folder.name}.password")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        who.own(fresh)
        password.unlink(missing_ok=True)
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(found.superuser_password + "\n")
        who.own(password)
        try:
            done = who.run(
                [
                    program("initdb", who),
                    f"--pgdata={fresh}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    # The server's own provider: the same order on every system, whatever locales it has installed.
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--data-checksums",
                    "--no-instructions",
                    *(f"--set={name}={value}" for name, value in _SETTINGS.items()),
                ]
            )
            if done.returncode != 0:
                shutil.rmtree(fresh, ignore_errors=True)
                raise HomeError(f"The database folder {folder} could not be created: {_last_lines(done.stderr)}")
        finally:
            password.unlink(missing_ok=True)
        fresh.rename(folder)

    def _check_version(self) -> None:
        version = (self.folder / "PG_VERSION").read_text().strip()
        if version != str(PG_MAJOR):
            raise HomeError(
                f"The database folder {self.folder} was made by PostgreSQL {version}, this Gewu has {PG_MAJOR}. "
                "Move it over with pg_upgrade or pg_dump, or point GEWU_DATABASE_URL at a server of that version."
            )

    def _clear_stale_pid_file(self) -> None:
        """Remove what a killed server left, once none of its processes is left.

        PostgreSQL does so itself when the process id is free. It cannot when the id went to another process or to a
        zombie, which is the rule in containers. Its check of the shared memory still holds after this one. The lock of
        the socket names the same process id and lies in a folder that no other server uses.
        """
        pid_file = self.folder / "postmaster.pid"
        if not pid_file.exists():
            return
        end = time.monotonic() + 10
        while left := processes_in(self.folder):
            if time.monotonic() > end:
                raise HomeError(
                    f"PostgreSQL was killed, but processes of it still work in {self.folder}: "
                    f"{', '.join(map(str, left))}. Wait for them or end them, then start again."
                )
            time.sleep(0.1)
        pid_file.unlink(missing_ok=True)
        found = settings.read(self.home)
        for folder in {self.home.run, Path(found.socket_folder if found and found.socket_folder else self.home.run)}:
            for left_behind in folder.glob(".s.PGSQL.*"):
                left_behind.unlink(missing_ok=True)

    def _choose_port(self) -> None:
        """Keep the recorded port; take another one only when somebody else listens there."""
        found = settings.update(self.home)
        if found.database_port and is_free(found.database_port, HOST):
            return
        fresh = free_port(HOST)

        def record(instance: settings.Instance) -> None:
            instance.database_port = fresh

        settings.update(self.home, record)

    def _socket_folder(self, who: Runner) -> Path:
        """Return a folder that belongs to the server's user alone, with a path short enough for a socket."""
        found = settings.update(self.home)
        room = len(f"/.s.PGSQL.{found.database_port}.lock")
        inside = len(os.fsencode(self.home.run)) + room <= _SOCKET_PATH_LIMIT and who.reaches(self.home.path, "x")
        folder = self.home.run if inside else Path(found.socket_folder or "/nonexistent")
        if inside and not folder.exists():
            folder.mkdir(mode=0o700)
            who.own(folder)
        if _is_private(folder, who):
            return folder
        fresh = Path(tempfile.mkdtemp(prefix="gewu-", dir="/tmp"))
        who.own(fresh)

        def record(instance: settings.Instance) -> None:
            instance.socket_folder = str(fresh)

        settings.update(self.home, record)
        return fresh

    def _launch(self) -> None:
        who = runner(self.folder)
        found = settings.update(self.home)
        options = {
            "port": str(found.database_port),
            "listen_addresses": HOST,
            "unix_socket_directories": str(self._socket_folder(who)),
            "unix_socket_permissions": "0700",
            **_DISCREET,
            **self.overrides,
        }
        # pg_ctl detaches the server into a session of its own, so that no signal meant for us reaches it and no
        # parent has to wait for it.
        command = [str(program("pg_ctl", who)), "start", "--no-wait", "--silent", f"--pgdata={self.folder}"]
        command += [f"--log={self.folder / 'start.log'}", "--options", _quoted(options)]
        done = who.run(command)
        if done.returncode != 0:
            raise HomeError(f"PostgreSQL could not be started: {_last_lines(done.stderr or done.stdout)}")

    def _wait_ready(self, appears_within: float) -> bool:
        """Wait until the server accepts a login; return whether it does, `False` when it has ended.

        A server that was just launched has some seconds to write its process id. Raises `HomeError` when it refuses
        our password, or lives but still does not answer after the time that a start may take.
        """
        begun = time.monotonic()
        last = ""
        while time.monotonic() < begun + START_SECONDS:
            try:
                with psycopg.connect(self.superuser_dsn(), connect_timeout=5):
                    return True
            except psycopg.OperationalError as error:
                last = str(error).strip()
                if "password authentication failed" in last:
                    raise HomeError(
                        f"PostgreSQL in {self.folder} refuses the password in {self.home.instance_file}. The two are "
                        "not of the same installation: restore the settings file that belongs to this database."
                    ) from error
            if self.pid() is None and time.monotonic() > begun + appears_within:
                return False
            time.sleep(0.05)
        raise DatabaseUnavailableError(
            f"PostgreSQL in {self.folder} does not answer after {START_SECONDS} s: {last} {self._log_tail()}"
        )

    def _log_tail(self) -> str:
        parts = []
        newest = sorted((self.folder / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)[-1:]
        for path in [self.folder / "start.log", *newest]:
            if path.exists():
                parts.append(_last_lines(path.read_text(errors="replace")))
        return " | ".join(part for part in parts if part)


def _is_private(folder: Path, who: Runner) -> bool:
    """Tell whether a folder is there, belongs to this user and is closed to all others."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == who.uid and not status.st_mode & 0o077


def _quoted(options: Mapping[str, str]) -> str:
    """Return server options as pg_ctl wants them: one string that a shell splits."""
    return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())


def _last_lines(text: str, count: int = 5) -> str:
    return " / ".join(line.strip() for line in text.strip().splitlines()[-count:])
