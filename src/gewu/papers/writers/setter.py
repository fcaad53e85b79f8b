"""The typesetter: files in memory in, a PDF out; in this process or in one of its own.

Its root is a folder that holds the template only, packages are looked for there too, and the template asks for none, so
nothing is read or fetched from elsewhere. `python -m gewu.papers.writers.setter` reads a job from standard input.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

from gewu.papers.errors import NotSet
from gewu.papers.writers import fonts

if TYPE_CHECKING:
    from typst import PDFStandard

ROOT = Path(__file__).parent / "template"
_SECONDS = 120
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Job:
    """Files by name, `main.typ` among them; the only time that the PDF names; whether it is tagged."""

    files: Mapping[str, str]
    timestamp: int
    tags: bool


def set_here(job: Job, faces: typst.Fonts) -> bytes:
    """Set a job in this process. Raises `NotSet`.

    Tagged, it follows PDF/UA-1 and PDF/A-2a, which ask that every character has a glyph; a text with one that no font
    has is set without that promise.
    """
    standards: tuple[list[PDFStandard], ...] = (["ua-1", "a-2a"], []) if job.tags else ([],)
    for n, asked in enumerate(standards, 1):
        try:
            return _compiled(job, faces, asked)
        except typst.TypstError as error:
            if n == len(standards):
                raise NotSet(f"The paper could not be set: {error}") from error
    raise AssertionError("there is a last attempt")


def _compiled(job: Job, faces: typst.Fonts, standards: list[PDFStandard]) -> bytes:
    """One attempt, by a compiler of its own: after a failure it has lost its files."""
    files: Any = {name: text.encode() for name, text in job.files.items()}  # a form of input that its types leave out
    where = str(ROOT)
    compiler = typst.Compiler(files, root=where, font_paths=faces, package_path=where, package_cache_path=where)
    made = compiler.compile(format="pdf", timestamp=job.timestamp, pdf_tags=job.tags, pdf_standards=standards)
    assert isinstance(made, bytes)
    return made


def set_apart(job: Job) -> bytes:
    """Set a job in a process of its own, one at a time, within two minutes. Raises `NotSet`."""
    from gewu.papers.words import _  # here only: the process of its own needs no Django

    if not _one_at_a_time.acquire(timeout=_SECONDS):
        raise NotSet(_("Other long papers are being made. Try again in a few minutes, or choose XLSX."))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "gewu.papers.writers.setter"],
            input=json.dumps(asdict(job)).encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotSet(_("The paper took too long. Choose fewer rows, or XLSX.")) from error
    finally:
        _one_at_a_time.release()
    if done.returncode:
        raise NotSet(f"The paper could not be set: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return done.stdout


def main() -> None:
    """Read a job, write a PDF."""
    job = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(set_here(Job(**job), fonts.of_this_machine().fonts))


if __name__ == "__main__":
    main()
