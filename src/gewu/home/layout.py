"""Where everything lies inside `GEWU_HOME`: one folder holds all the state of one installation."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gewu.home.errors import HomeError

DEFAULT_HOME = ".gewu"


@dataclass(frozen=True, slots=True)
class Home:
    """The layout of one home folder. Making the object touches nothing; `ensure` creates the folder."""

    path: Path

    @classmethod
    def current(cls) -> Home:
        """Return the home that the environment names: `GEWU_HOME`, otherwise `.gewu` in the working folder."""
        return cls(Path(os.environ.get("GEWU_HOME") or DEFAULT_HOME).expanduser().absolute())

    @property
    def instance_file(self) -> Path:
        """Ports, passwords and other settings of this installation (mode 0600)."""
        return self.path / "instance.json"

    @property
    def key_file(self) -> Path:
        """The master keys: `GEWU_KEY_FILE`, otherwise `key` in the home, never inside the database folder."""
        named = os.environ.get("GEWU_KEY_FILE")
        return Path(named).expanduser().absolute() if named else self.path / "key"

    @property
    def cluster(self) -> Path:
        """The data folder of the embedded PostgreSQL, when it can lie inside the home."""
        return self.path / "pg"

    @property
    def run(self) -> Path:
        """The socket folder of the embedded PostgreSQL, when its path is short enough."""
        return self.path / "run"

    @property
    def attachments(self) -> Path:
        """The bytes of attachments, when they are kept on disk."""
        return self.path / "attachments"

    @property
    def logs(self) -> Path:
        """Log files of our own processes."""
        return self.path / "logs"

    @property
    def restore_mark(self) -> Path:
        """Is there while a restore into this home is under way, and stays when it failed."""
        return self.path / "RESTORE-UNFINISHED"

    def refuse_half_restored(self) -> None:
        """Raise `HomeError` when a restore into this home has not come to its end."""
        if self.restore_mark.exists():
            raise HomeError(
                f"A restore into the home {self.path} is under way or did not come to its end, so what it holds is not "
                "whole. Wait for it, or restore again into a new GEWU_HOME."
            )

    def ensure(self) -> None:
        """Create the folder if it is not there.

        The mode is 0700. For root it is 0711: the embedded PostgreSQL then runs as another user, who has to pass
        through to its own folder; nobody can list the home, and every file with a secret is 0600.

        Raises `HomeError` when the folder cannot be created or is something else than a folder.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
            self.logs.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise HomeError(
                f"The home folder {self.path} cannot be created ({error.strerror}). "
                "Set GEWU_HOME to a folder that you may write to."
            ) from error

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock `name` of this home, among all processes; waits until it is free."""
        self.ensure()
        with (self.path / f"{name}.lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def write_private(path: Path, content: str) -> None:
    """Write a text file with mode 0600 so that readers see either the old content or all of the new one."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)


def refuse_if_readable_by_others(path: Path, what: str) -> None:
    """Raise `HomeError` when a file with secrets can be read by the group or by everyone."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise HomeError(f"{what} {path} can be read by other users. Run: chmod 600 {path}")
