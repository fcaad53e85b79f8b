"""Fixtures of the ground floor's tests: homes of their own, with servers of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gewu.home.layout import Home
from gewu.home.postgres import Postgres

NewHome = Callable[..., Home]


@pytest.fixture(scope="module")
def new_home() -> Iterator[NewHome]:
    """Make homes; their servers are stopped and their folders removed at the end of the module."""
    made: list[tuple[Home, Path]] = []

    def make(below: str = "home", mode: int = 0o755) -> Home:
        top = Path(tempfile.mkdtemp(prefix="gewu-own-", dir="/tmp"))
        top.chmod(mode)
        home = Home(top / below)
        made.append((home, top))
        return home

    yield make
    for home, top in made:
        server = Postgres(home)
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(top, ignore_errors=True)
