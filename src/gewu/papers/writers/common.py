"""What the three writers share: words of the page, and files whose bytes depend on the paper only."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from unicodedata import east_asian_width

from gewu.papers.model import Paper
from gewu.papers.words import _, speaking


def page_words(paper: Paper) -> tuple[str, str, str]:
    """What stands before the page, between page and number of pages, and after it."""
    with speaking(paper.language):
        before, _mark, rest = _("Page {page} of {pages}").partition("{page}")
        between, _mark, after = rest.partition("{pages}")
    return before, between, after


def settled(data: bytes, day: date, change: Callable[[str, bytes], bytes] | None = None) -> bytes:
    """The same archive with every entry dated `day`: Office files otherwise carry the second they were made."""
    out = io.BytesIO()
    moment = (max(day.year, 1980), day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for entry in made.infolist():
            content = made.read(entry)
            info = zipfile.ZipInfo(entry.filename, moment)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            again.writestr(info, change(entry.filename, content) if change else content)
    return out.getvalue()


def office_points(paper: Paper) -> int:
    """The size of the office's name at the head of a letter: as large as one line allows, from 26 down to 16 points."""
    width = sum(2 if east_asian_width(char) in "WF" else 1 for char in paper.office)
    return min(26, max(16, 840 // max(1, width)))
