"""The language in which a district writes down how it works, its loader and its checker."""

from collections.abc import Collection

from gewu.core.playbook.compile import load_playbook
from gewu.core.playbook.lines import PlaybookError, Problem, read_yaml
from gewu.core.playbook.model import Playbook

__all__ = ["Playbook", "PlaybookError", "Problem", "check_playbook", "load_playbook", "read_yaml", "unheld_remarks"]


def check_playbook(playbook: Playbook, *, roles_held: Collection[str] | None = None) -> list[Problem]:
    """Every reason not to load a playbook, each with file and line; empty when it is proved sound (see ``check``)."""
    from gewu.core.playbook.check import check_playbook as check  # it runs decide, which imports this package

    return check(playbook, roles_held=roles_held)


def unheld_remarks(playbook: Playbook, roles_held: Collection[str]) -> list[Problem]:
    """What a playbook goes on without where only these roles are held, each with file and line."""
    from gewu.core.playbook.held import left_of

    return list(left_of(playbook, roles_held).remarks)
