"""Open parts that lie with a unit which another follows go over to it: with the act, and daily for what slipped by.

A process may go on for two seconds with the directory from before an act, and give a part to a unit that has just
ended; and an act may be carried out ahead of its day.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from gewu.ledger.door import now_us
from gewu.ledger.succession import Handed, hand_over, open_parts
from gewu.registry.directory import Directory
from gewu.registry.models import Reform, Succession
from gewu.registry.snapshot import build

log = structlog.get_logger(__name__)


def settle(district_id: int) -> list[Handed]:
    """Hand over what is still open with units that have ended by an act, under that act's number. Raises ``Busy``."""
    directory = build(district_id)
    heirs = {code: _heir(directory, code) for code, unit in directory.units.items() if unit.successor}
    heirs = {code: heir for code, heir in heirs.items() if heir}
    parts = open_parts(district_id, sorted(heirs)) if heirs else []
    if not parts:
        return []
    acts = _acts(district_id, directory, {part.unit for part in parts})
    done: list[Handed] = []
    with transaction.atomic():
        for act in sorted(set(acts.values()), key=lambda reform: reform.pk):
            wanted = [Handed(p.record_id, p.no, p.unit, heirs[p.unit]) for p in parts if acts[p.unit] == act]
            handed = hand_over(directory, wanted, act.number, now_us())
            row = Reform.objects.select_for_update().get(pk=act.pk)
            row.moved = [*row.moved, *([str(p.record_id), p.no, p.old, p.new] for p in handed)]
            row.save(update_fields=["moved"])
            done += handed
    return done


def _heir(directory: Directory, code: str) -> str:
    """The active unit at the end of the line; empty where it has ended too and nobody follows."""
    seen = {code}
    while (unit := directory.units.get(code)) is not None and unit.successor and unit.successor not in seen:
        code = unit.successor
        seen.add(code)
    return code if code in directory.unit_facts else ""


def _acts(district_id: int, directory: Directory, units: set[str]) -> dict[str, Reform]:
    rows = Succession.objects.filter(
        district_id=district_id, old__code__in=units, valid_from__lte=directory.as_of
    ).select_related("old", "reform")
    return {row.old.code: row.reform for row in rows.order_by("valid_from", "id")}


def settle_daily(district_id: int, _now: datetime) -> None:
    """The daily look; what it finds is logged."""
    done = settle(district_id)
    if done:
        log.info("reform.settled", district=district_id, parts=len(done))
