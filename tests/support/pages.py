"""What tests read of an answer, whoever made it: a client of Django's or a view that was called."""

from __future__ import annotations

from typing import Protocol


class Page(Protocol):
    """An answer with a body."""

    @property
    def content(self) -> bytes: ...
