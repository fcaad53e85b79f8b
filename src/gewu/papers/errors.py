"""Why a paper could not be made. The message says what to do, in the language that is spoken when it is raised."""

from __future__ import annotations


class PaperFault(RuntimeError):
    """A paper could not be made."""


class NoChineseFont(PaperFault):
    """No typeface of this machine has Chinese characters."""


class NotSet(PaperFault):
    """The typesetter gave up."""
