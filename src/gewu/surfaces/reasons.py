"""Why a record stands where it stands, for pages, programs and the command line: what the core explains, with names."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from gewu.core.decide import system_actor
from gewu.core.records import Facts
from gewu.core.telling.reasons import Asking, Reasons, reasons
from gewu.ledger.history import history, state_of
from gewu.registry.directory import Directory
from gewu.registry.names import names_for
from gewu.surfaces.look.dates import instant_words


def explain(directory: Directory, record_id: UUID, language: str, now: int) -> Reasons | None:
    """Explain a record of a district; None when there is none, or its playbook is not loaded. Two statements.

    Whether the asker may see the record is asked before.
    """
    district_id = directory.district.id
    state = state_of(district_id, record_id)
    if state is None:
        return None
    playbook = directory.playbook(state.playbook, state.playbook_version)
    if playbook is None:
        return None
    zone = ZoneInfo(directory.district.timezone)
    here = datetime.fromtimestamp(now, zone)
    name = state.playbook
    return reasons(
        Asking(
            playbook,
            state,
            history(district_id, record_id),
            Facts(now, system_actor(), directory.calendar_for, units=directory.unit_facts),
            lambda at: instant_words(datetime.fromtimestamp(at, zone), here, language),
            names_for(directory, language),
            language,
            lambda version: directory.playbook(name, version),
        )
    )
