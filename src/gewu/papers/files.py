"""A paper as a file: its bytes, its media type, its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from urllib.parse import quote

from gewu.papers.model import Paper, clean

_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*%]+')


class Format(StrEnum):
    """In which form a paper is filed."""

    DOCX = "docx"
    PDF = "pdf"
    XLSX = "xlsx"


LETTERS = (Format.PDF, Format.DOCX)
"""Forms of what is signed."""
LISTS = (Format.PDF, Format.DOCX, Format.XLSX)
"""Forms of what is also counted on."""

MEDIA = {
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class File:
    """What is handed out. `name` may hold Chinese; `plain` is for programs that know ASCII only."""

    name: str
    plain: str
    media: str
    data: bytes

    @property
    def disposition(self) -> str:
        """The header `Content-Disposition`, with both names (RFC 6266, RFC 8187)."""
        return f"attachment; filename=\"{self.plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"


def render(paper: Paper, form: Format) -> File:
    """Set a paper in a form.

    Raises `NoChineseFont` for a PDF on a machine without Chinese fonts, and `NotSet` where the typesetter gives up.
    """
    writer = import_module(f"gewu.papers.writers.{form.value}")  # the libraries are large, and one paper needs one
    data: bytes = writer.write(paper)
    name = f"{safe(paper.stem)}.{form.value}"
    plain = f"{paper.kind}-{paper.day:%Y%m%d}.{form.value}"
    return File(name, plain, MEDIA[form], data)


def safe(stem: str) -> str:
    """A name that every file system takes: no separators, no control characters, no dots at its ends."""
    return _UNSAFE.sub("-", clean(stem)).strip(" .-")[:120] or "paper"
