"""Whether a playbook may be trusted with records: the checker behind ``gewu check`` and every load of a pack."""

from __future__ import annotations

from collections.abc import Collection

from gewu.core.playbook import model as m
from gewu.core.playbook.explore import Explorer
from gewu.core.playbook.held import left_of
from gewu.core.playbook.lines import Problem
from gewu.core.playbook.sight import Followed
from gewu.core.playbook.structure import structural_problems
from gewu.core.playbook.verdict import Finding, findings

MOST = 20_000
"""Situations: some twenty times as many as the closed loop of a case has."""
_FIRST = 1_500
_NEAR = 3_000
_LOOKS = 3


def check_playbook(
    playbook: m.Playbook, *, roles_held: Collection[str] | None = None, most: int = MOST
) -> list[Problem]:
    """Every reason not to load a playbook; empty when none was found.

    First what can be seen without walking; if that is in order, a walk through every situation that matters to a rule,
    with the ``decide`` and ``evolve`` that run it. The first walk leaves counters and fields that only choose between
    effects to chance. What it finds is reported if it holds whatever they are; otherwise the walk is taken again with
    those followed that made it unsure. ``roles_held`` are the roles that somebody in the territory holds (None: all);
    proved is what is left without the others (see ``held``).
    ``most`` bounds the number of situations: a playbook with more is refused, never passed unproved.
    """
    left = left_of(playbook, roles_held)
    if left.problems:
        return list(left.problems)
    playbook = left.playbook
    found = structural_problems(playbook)
    if found:
        return found
    followed: Followed = frozenset()
    while True:
        explorer = Explorer(playbook, followed)
        if not explorer.run(min(_FIRST, most)).complete:
            early = findings(explorer)
            if early:
                return sorted({f.problem for f in early})
            if not explorer.run(most).complete:
                return _unproved(explorer)
        met = findings(explorer)
        certain = [f for f in met if f.firm] or [f for f in met[:_LOOKS] if f.if_reached and _reached(explorer, f)]
        more = frozenset[tuple[str, str]]().union(*(f.loose for f in met)) - followed
        if certain or not more:
            return sorted({f.problem for f in certain or met})
        followed |= more


def _unproved(explorer: Explorer) -> list[Problem]:
    reason = "has more situations than can be walked through, so nothing is proved: simplify conditions or parts"
    problem = Problem(explorer.playbook.file, 1, f"the playbook {reason}")
    return sorted({problem, *(f.problem for f in findings(explorer))})


def _reached(explorer: Explorer, finding: Finding) -> bool:
    """Whether the moves on the way to a finding lead there when everything is followed."""
    walk = explorer.walk
    wanted = walk.nodes[finding.node].shadow
    only = frozenset(step.split(" ")[0] for step in walk.path(finding.node))
    near = Explorer(explorer.playbook, None, only)
    return any(
        node.shadow is not None and explorer.shadows.of(near.shadows.state(node.shadow)) == wanted
        for node in near.run(_NEAR).nodes
    )
