"""What long steps tell of how far they are: anything with a total and ``advance(n)``."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A progress line of a surface."""

    total: int | None

    def advance(self, count: int = 1) -> None:
        """Say that ``count`` more parts are done."""
        ...
