"""Whether a process id still names the server of a database folder, and which processes work in one."""

from __future__ import annotations

import os
from pathlib import Path


def is_server_of(pid: int, folder: Path) -> bool:
    """Tell whether a process is the living server of a folder (a zombie or a stranger with its old id is not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    process = Path("/proc", str(pid))
    if not process.exists():
        return True  # no /proc on this system: the id has to do
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        if state in {"Z", "X"}:
            return False
        return _same_folder(process / "cwd", folder)
    except OSError:
        return False


def processes_in(folder: Path) -> list[int]:
    """Return the ids of living processes whose working folder is the database folder: its server and sessions."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        if is_server_of(int(entry.name), folder):
            found.append(int(entry.name))
    return found


def _same_folder(left: Path, right: Path) -> bool:
    try:
        return left.samefile(right)
    except OSError:
        return False
