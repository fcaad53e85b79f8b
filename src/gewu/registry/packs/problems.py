"""How a bad pack is described: every bad row, by file, line and reason."""

from __future__ import annotations

from collections.abc import Iterable

from gewu.core.playbook.lines import Problem

__all__ = ["PackError", "Problem", "Problems"]


class PackError(Exception):
    """A pack that was not loaded. ``problems`` holds everything found wrong; nothing was written."""

    def __init__(self, pack: str, problems: Iterable[Problem]) -> None:
        self.pack = pack
        self.problems = sorted(problems)
        count = len(self.problems)
        listing = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"pack {pack} was not loaded, {count} problem{'' if count == 1 else 's'}:\n{listing}")


class Problems:
    """Collects problems, each once, and remarks: what a pack may be loaded with, and its owner should know."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self._remarks: dict[Problem, None] = {}

    def remark(self, remarks: Iterable[Problem]) -> None:
        """Note what is no reason to refuse the pack."""
        self._remarks.update(dict.fromkeys(remarks))

    @property
    def remarks(self) -> list[Problem]:
        """All remarks by file and line."""
        return sorted(self._remarks)

    def add(self, file: str, line: int, reason: str) -> None:
        self._found[Problem(file, line, reason)] = None

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self._found[problem] = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def in_files(self, *files: str) -> bool:
        """Whether any of these files has a problem so far."""
        return any(problem.file in files for problem in self._found)

    def sorted(self) -> list[Problem]:
        """All problems by file and line."""
        return sorted(self._found)
