"""Files of a pack that belong to an upper floor: the registry carries them, their floor knows what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gewu.registry.packs.problems import Problem, Problems

if TYPE_CHECKING:
    from gewu.registry.packs.world import World
    from gewu.registry.packs.write import Load

Texts = Mapping[str, str]
"""Texts by the name of their file."""


class Extra(Protocol):
    """A floor's files in packs. ``files`` are their names right below the pack's folder; all are optional."""

    files: tuple[str, ...]

    def check(self, own: Texts, required: Sequence[Texts]) -> list[Problem]:
        """What is wrong with a pack's own files. ``required`` are those of the packs it requires."""
        ...

    def load(self, pack: str) -> Texts:
        """The files of a pack as it was loaded last."""
        ...

    def store(self, pack: str, own: Texts) -> Mapping[str, int]:
        """Keep a checked pack's files and forget those it no longer has.

        Called within the transaction of the load; gives how many were created, updated, retired, unchanged.
        """
        ...


@runtime_checkable
class WorldExtra(Extra, Protocol):
    """Files that name units, places or categories."""

    def check_in(self, own: Texts, world: World, problems: Problems) -> None:
        """Report what a pack's files say against each other or against what the pack knows."""
        ...


@runtime_checkable
class TableExtra(WorldExtra, Protocol):
    """An upper floor's files that are tables of a district and name its units or places."""

    def store_in(self, own: Texts, load: Load) -> None:
        """Write the rows by ``gewu.registry.packs.write.Table``, which counts them. Called instead of ``store``."""
        ...


_EXTRAS: list[Extra] = []


def register_extra(extra: Extra) -> None:
    """Add files that packs may have. Called when an application starts."""
    if all(extra.files != known.files for known in _EXTRAS):
        _EXTRAS.append(extra)


def extras() -> Sequence[Extra]:
    """Everything registered."""
    return tuple(_EXTRAS)


def extra_files() -> frozenset[str]:
    """The names of all such files."""
    return frozenset(name for extra in _EXTRAS for name in extra.files)
