"""The playbooks of a pack in a folder, compiled, without loading the pack: to be drawn, told or compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gewu.core.playbook import Playbook
from gewu.core.playbook.lines import Problem
from gewu.core.playbook.vocabulary import Words
from gewu.registry.packs import playbooks
from gewu.registry.packs.load import required_for_check
from gewu.registry.packs.problems import Problems
from gewu.registry.packs.reader import read_pack


@dataclass(frozen=True, slots=True)
class PackBooks:
    """Playbooks by name, names of roles (those of required packs too), and what is wrong with the files."""

    playbooks: Mapping[str, Playbook]
    roles: Mapping[str, Words]
    problems: tuple[Problem, ...]


def read_books(path: str | Path) -> PackBooks:
    """Compile the playbooks of a pack. Whether they are sound is the question of ``check_pack``."""
    problems = Problems()
    data = read_pack(Path(path), problems)
    required = required_for_check(Path(path), data, problems, (data.name,))
    playbooks.compile_playbooks(data, required, problems)
    roles = {row.code: Words(row.name_en, row.name_zh) for pack in (*required, data) for row in pack.roles}
    found = problems.sorted()
    return PackBooks({row.name: row.playbook for row in data.playbooks}, roles, tuple(found))
