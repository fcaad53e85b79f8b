"""The kinds of assessment, the stages that the rooms above ask for, and who may look."""

from __future__ import annotations

from collections.abc import Collection

from gewu.core.playbook import Playbook

KIND = "round"
SHOWCASE = "double_showcase"
HONOUR = "honour"
PLAYBOOKS = (SHOWCASE, HONOUR)

STREET, DEPARTMENT = "street", "department"
"""Slots of those who take part."""
VOTING, CLOSED, COUNTED, SETTLED, PUBLISHED, VOIDED = "voting", "closed", "counted", "settled", "published", "voided"
WITH_RESULT = frozenset({COUNTED, SETTLED, PUBLISHED})
"""Stages in which a result is shown to those who take part."""
PUBLICISED, TO_AWARD, AWARDED = "publicised", "to_award", "awarded"

OFFICE = "comprehensive_office"
CLERK = "unit_clerk"
AUDITOR = "assessor"
"""Who may look at single ballots; each look is written down."""
FEWEST = 5
"""Turnout and results are told by groups of voters only where each group has at least so many."""
SCALES = ("quality", "efficiency")
"""What streets rate departments on (S0)."""


def choices(playbook: Playbook, move: str, name: str) -> tuple[str, ...]:
    """The choices of a form field, as the playbook declares them."""
    found = playbook.moves.get(move)
    return next((f.choices for f in found.form if f.name == name), ()) if found else ()


def tracks(playbook: Playbook) -> tuple[str, ...]:
    """The tracks of a round."""
    return choices(playbook, "nominate", "track")


def may_see(playbook: Playbook | None, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may look at rounds or honours: whom the playbook lets act, and the auditor."""
    if playbook is None:
        return False
    acting = {rule.role for move in playbook.moves.values() for rule in move.actors if rule.role}
    return bool((acting | {AUDITOR}) & set(roles))
