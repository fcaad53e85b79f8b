"""Task forces work with departments in pairs: a task goes to a department that is paired with its task force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from gewu.core.records import Arg
from gewu.ledger.errors import Refused
from gewu.occasions.table import guard
from gewu.registry.directory import Directory
from gewu.registry.pairings import paired


def refuse_unpaired(directory: Directory, args: Mapping[str, Arg], day: date) -> None:
    """Raises ``Refused`` where a form names a task force and a unit that are no pair on that day."""
    force, unit = args.get("task_force"), args.get("unit")
    if not isinstance(force, str) or not isinstance(unit, str) or not force or not unit:
        return
    if not paired(directory.district.id, force, unit, day):
        raise Refused(guard("This department is not paired with the task force", "该部门不是该专班的对接部门"))
