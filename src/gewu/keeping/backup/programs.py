"""pg_dump and pg_restore: which ones, and how they are called without a password on the command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gewu.home import database
from gewu.home.binaries import PG_MAJOR, Runner, program
from gewu.home.errors import HomeError

_LOOK_SECONDS = 0.2


def find(name: str, server_major: int) -> Path:
    """Return the program for a server of this major version.

    The embedded server has its own. For another server it is the one on PATH, if it is at least as new as the server,
    else the one that comes with Gewu, if that is. Raises `HomeError` when none is.
    """
    ours = Runner(os.geteuid(), os.getegid(), drop=False)  # only the server must not run as root
    if database.embedded():
        return program(name, ours)
    found = shutil.which(name)
    version = _major(Path(found)) if found else 0
    if found and version >= server_major:
        return Path(found)
    if server_major <= PG_MAJOR:
        return program(name, ours)
    have = f"the one on PATH is version {version}" if found else "there is none on PATH"
    raise HomeError(
        f"The database server is PostgreSQL {server_major}, which needs a {name} of version {server_major} or later; "
        f"{have}. Install the client programs of PostgreSQL {server_major}."
    )


def run(command: Path, arguments: Sequence[str], dsn: str, grown: Callable[[], None] | None = None) -> None:
    """Run a program against a database; its password travels in the environment, never on the command line.

    `grown` is called now and then while it runs. Raises `HomeError` with the end of what it said when it fails.
    """
    parts = dict(conninfo_to_dict(dsn))
    password = str(parts.pop("password", None) or "")
    bare = make_conninfo(**{name: str(value) for name, value in parts.items() if value is not None})
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    environment |= {"LC_ALL": "C", "TZ": "UTC", "PGPASSWORD": password, "PGAPPNAME": "gewu"}
    process = subprocess.Popen(
        [str(command), f"--dbname={bare}", "--no-password", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment,
        umask=0o077,
    )
    said = ""
    try:
        while True:
            try:
                _, said = process.communicate(timeout=_LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if grown is not None:
                    grown()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        last = " / ".join(line.strip() for line in said.strip().splitlines()[-5:])
        raise HomeError(f"{command.name} ended with code {process.returncode}: {last}")


def growth(path: Path, advance: Callable[[int], None]) -> Callable[[], None]:
    """Return a function that tells `advance` how many bytes a file has grown since it was last called."""
    seen = 0

    def look() -> None:
        nonlocal seen
        size = path.stat().st_size if path.exists() else 0
        if size > seen:
            advance(size - seen)
            seen = size

    return look


def _major(path: Path) -> int:
    said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\b(\d+)(\.|\b)", said)
    return int(match[1]) if match else 0


def now_text(seconds: float | None = None) -> str:
    """An instant for names of files: `20261122T073000Z`."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds if seconds is not None else time.time()))
