"""The playbooks of a pack: read, compiled, checked against the roles that posts hold."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from gewu.core.playbook import Playbook, PlaybookError, check_playbook, load_playbook, unheld_remarks
from gewu.core.playbook.held import left_of
from gewu.core.playbook.lines import Problem
from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import PackData, PlaybookRow, PlaybookSource
from gewu.registry.packs.tables import read_text

FOLDER = "playbooks"
_NAME = re.compile(r"""^playbook:[ \t]*["']?([a-z][a-z0-9_-]*)""", re.MULTILINE)
_VERSION = re.compile(r"^version:", re.MULTILINE)
_EXTENDS = re.compile(r"""^extends:[ \t]*["']?([a-z][a-z0-9_-]*)""", re.MULTILINE)


def read_sources(root: Path, problems: Problems) -> list[PlaybookSource]:
    """The texts of all playbook files."""
    found: list[PlaybookSource] = []
    folder = root / FOLDER
    if not folder.is_dir():
        return found
    for path in sorted(folder.iterdir()):
        file = f"{FOLDER}/{path.name}"
        if path.suffix != ".yaml":
            problems.add(file, 1, "unknown file: playbooks are *.yaml")
            continue
        text = read_text(path, file, problems)
        if text is not None:
            found.append(PlaybookSource(file, text))
    return found


@lru_cache(maxsize=64)
def compile_playbook(text: str, file: str, bases: tuple[tuple[str, str], ...]) -> Playbook:
    """A playbook from its text and the texts it extends. Raises ``PlaybookError``. Compiled once per process."""
    known = dict(bases)
    return load_playbook(text, file, known.__getitem__)


def digest(text: str, bases: Mapping[str, str]) -> str:
    """What makes a version of a playbook this version and no other: its text and that of everything it extends."""
    whole = json.dumps([text, sorted(bases.items())], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


def compile_playbooks(data: PackData, required: Iterable[PackData], problems: Problems) -> None:
    """Fill ``data.playbooks`` from its sources; a playbook may extend one of the pack or of a required pack."""
    texts: dict[str, str] = {}
    for pack in required:
        for row in sorted(pack.playbooks, key=lambda row: row.version):
            texts.update({**row.bases, row.name: row.text})
    for source in data.playbook_sources:
        name = _NAME.search(source.text)
        if name:
            texts[name.group(1)] = source.text
    rows = []
    for source in data.playbook_sources:
        bases = _bases(source.text, texts)
        try:
            playbook = compile_playbook(source.text, source.file, tuple(sorted(bases.items())))
        except PlaybookError as error:
            problems.extend(error.problems)
            continue
        rows.append(
            PlaybookRow(
                source.file,
                1,
                name=playbook.name,
                version=playbook.version,
                kind=playbook.kind,
                title_en=playbook.title.en,
                title_zh=playbook.title.zh,
                text=source.text,
                bases=bases,
                playbook=playbook,
            )
        )
    data.playbooks = rows


def _bases(text: str, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts a playbook extends, near and far. A loop or a missing one is left to the compiler to report."""
    found: dict[str, str] = {}
    extends = _EXTENDS.search(text)
    while extends and extends.group(1) in texts and extends.group(1) not in found:
        name = extends.group(1)
        found[name] = texts[name]
        extends = _EXTENDS.search(texts[name])
    return found


def version_line(text: str) -> int:
    """The line on which a playbook states its version."""
    found = _VERSION.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def check_roles(row: PlaybookRow, held: frozenset[str], defined: frozenset[str]) -> list[Problem]:
    """What is wrong with a playbook that was proved elsewhere, in a district where only these roles are held."""
    unheld = frozenset(row.playbook.roles()) & defined - held
    return [*_undefined(row, defined), *_left(row.text, row.file, tuple(sorted(row.bases.items())), unheld)]


@lru_cache(maxsize=64)
def _left(text: str, file: str, bases: tuple[tuple[str, str], ...], unheld: frozenset[str]) -> tuple[Problem, ...]:
    """What is wrong with what is left of a sound playbook without some roles; walked through only where it differs."""
    playbook = compile_playbook(text, file, bases)
    roles = frozenset(playbook.roles()) - unheld
    left = left_of(playbook, roles)
    return left.problems or (() if left.alike else tuple(check_playbook(playbook, roles_held=roles)))


def remarks(row: PlaybookRow, held: frozenset[str], defined: frozenset[str]) -> list[Problem]:
    """What the playbook goes on without, because nobody holds the role."""
    return unheld_remarks(row.playbook, held | (frozenset(row.playbook.roles()) - defined))


def prove(row: PlaybookRow, held: frozenset[str], defined: frozenset[str]) -> list[Problem]:
    """Every reason not to trust the playbook with records; roles that are not even defined are reported as such."""
    roles = held | (frozenset(row.playbook.roles()) - defined)
    return [*_undefined(row, defined), *check_playbook(row.playbook, roles_held=roles)]


def _undefined(row: PlaybookRow, defined: frozenset[str]) -> list[Problem]:
    return [
        Problem(row.file, line, f"role {role!r} is not defined in any roles.csv")
        for role, line in sorted(row.playbook.roles().items())
        if role not in defined
    ]


def files_categories(playbook: Playbook) -> bool:
    """Whether records of this playbook carry a category that somebody chooses."""
    return any(
        form_field.type in ("category", "standard") for move in playbook.moves.values() for form_field in move.form
    )
