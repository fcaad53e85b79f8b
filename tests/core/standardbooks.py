"""The playbooks that come with Gewu, compiled, for tests that hold of every one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gewu.core.playbook import Playbook, load_playbook

FOLDER = Path(__file__).parents[2] / "packs" / "standard" / "playbooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@lru_cache(maxsize=64)
def book(name: str) -> Playbook:
    """A playbook of the standard pack."""
    return load_playbook(_text(name), f"{name}.yaml", _text)


def _text(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
