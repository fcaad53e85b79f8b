"""Parts of the marks by which lists say where their next page begins. They come back from outside: each is checked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

_WRONG = "this page mark is not valid"
_DIGITS = 9


class BadCursor(ValueError):
    """The mark of the next page is not one that a list gave."""


def uuid_of(text: str) -> UUID:
    """An id. Raises ``BadCursor``."""
    try:
        return UUID(text)
    except ValueError as error:
        raise BadCursor(_WRONG) from error


def instant_of(text: str) -> datetime:
    """An instant with its zone. Raises ``BadCursor``."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCursor(_WRONG) from error
    if found.tzinfo is None:
        raise BadCursor(_WRONG)
    return found


def day_of(text: str) -> date:
    """A day. Raises ``BadCursor``."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadCursor(_WRONG) from error


def seq_of(text: str) -> int:
    """A whole number of at most nine digits. Raises ``BadCursor``."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise BadCursor(_WRONG)
    return int(text)
