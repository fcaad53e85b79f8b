"""The registers of an office, and who may look into them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gewu.core.playbook import Playbook
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.registry.directory import Directory

INSTRUCTION = "instruction"
ORDER = "follow_up_order"
LETTER = "letter"
HANDOVER = "handover"
KINDS = (INSTRUCTION, ORDER, LETTER, HANDOVER)
SLUGS: Mapping[str, str] = {
    "instructions": INSTRUCTION,
    "orders": ORDER,
    "letters": LETTER,
    "handovers": HANDOVER,
}
"""Registers by their name in addresses."""
ADDRESS: Mapping[str, str] = {kind: slug for slug, kind in SLUGS.items()}
"""The same the other way round."""
WITH_UNIT = frozenset({ORDER, LETTER})
"""Registers whose entries go to a unit or a body."""

READERS = frozenset({"assessor"})
"""Roles that read every register without having a part in any."""


class NotForPost(NotFound):
    """The entry is there, but its register is not for the roles of whoever asks."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the register {kind} is not for this post")
        self.kind = kind


def roles_of(playbook: Playbook) -> frozenset[str]:
    """The roles whose work is in a register: those that its playbook lets act."""
    return frozenset(rule.role for move in playbook.moves.values() for rule in move.actors if rule.role)


def may_see(playbook: Playbook | None, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may look into the register that this playbook governs."""
    return playbook is not None and bool((roles_of(playbook) | READERS) & set(roles))


def sees_kind(directory: Directory, kind: str, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may look at records of a kind. Registers are for those who work with them."""
    return kind not in KINDS or may_see(directory.current_playbook(kind), roles)


def readable(directory: Directory, acting: Acting, kind: str) -> bool:
    """The same for an identity at the door; the system reads everything."""
    return acting.scope is None or sees_kind(directory, kind, acting.actor.roles)
