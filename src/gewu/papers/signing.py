"""Lines at the foot of a paper on which people sign by hand."""

from __future__ import annotations

from collections.abc import Sequence

from gewu.papers import model as m
from gewu.papers.words import _


def signatures(*titles: str, sealed: Sequence[str] = ()) -> m.Signatures:
    """A line to sign and one for the date for each title, then the same with room for a seal. Call it while speaking a
    language."""
    lines = (_("Signature:"), _("Date:"))
    return m.Signatures(
        (
            *(m.Signature(title, lines) for title in titles),
            *(m.Signature(title, lines, _("(seal)")) for title in sealed),
        )
    )
