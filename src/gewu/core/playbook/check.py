"""Whether a playbook may be trusted with records: the checker behind ``gewu check`` and every load of a pack."""

from __future__ import annotations

from collections.abc import Collection

from gewu.core.playbook import model as m
from gewu.core.playbook.explore import MOST_STATES, Explorer
from gewu.core.playbook.lines import Problem
from gewu.core.playbook.structure import structural_problems
from gewu.core.playbook.verdict import findings


def check_playbook(
    playbook: m.Playbook, *, roles_held: Collection[str] | None = None, most: int = MOST_STATES
) -> list[Problem]:
    """Every reason not to load a playbook; empty when none was found.

    First what can be seen without walking; if that is in order, a walk through every situation that matters to a rule,
    with the ``decide`` and ``evolve`` that run it. A coarse walk leaves counters to chance; when it finds nothing that
    holds whatever they are, and yet cannot prove the playbook sound, a precise walk follows them. ``roles_held`` are
    the roles that somebody in the territory holds (None: all). ``most`` bounds the number of situations: a playbook
    with more is refused, never passed unproved.
    """
    found = structural_problems(playbook, roles_held)
    if found:
        return found
    coarse = findings(Explorer(playbook, precise=False, most=most))
    if not coarse:
        return []
    firm = sorted({f.problem for f in coarse if f.firm})
    return firm or sorted({f.problem for f in findings(Explorer(playbook, precise=True, most=most))})
