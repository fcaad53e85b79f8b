"""A matter becomes a hard one: its step is confirmed and the follow-up order that supervises it is issued, in one
transaction. Both happen, or neither; sent twice it happens once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from gewu.cases.queries import get_case
from gewu.core.decide import decide
from gewu.core.records import Arg, Command, Refusal
from gewu.ledger import store
from gewu.ledger.door import Acting, Wish, new_id, now_us
from gewu.ledger.errors import Conflict, NotFound, Refused
from gewu.ledger.lookups import facts_for
from gewu.office import services
from gewu.office.kinds import ORDER
from gewu.registry.directory import get_directory

CONFIRM = "confirm_step"


@dataclass(frozen=True, slots=True)
class Step:
    """The form of the confirmation, and the version of the case that was seen."""

    args: Mapping[str, Arg] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None
    command_id: str = ""


def confirm_with_order(
    district_id: int, acting: Acting, case: UUID, step: Step, order: services.Filled, at_us: int | None = None
) -> services.Made:
    """Confirm a step and issue its follow-up order. Returns the order.

    Raises ``Refused``, ``Conflict`` (the case changed since it was seen) and what issuing raises; nothing is written
    then, and no number is used up where that can be known before.
    """
    at_us = at_us or now_us()
    command_id = step.command_id or str(new_id())
    issue_id = str(uuid.uuid5(UUID(command_id), "order"))

    def confirm(order_id: UUID) -> Command:
        args = {**step.args, "order": str(order_id)}
        return Command(command_id, CONFIRM, args, step.texts, version=step.version)

    filled = services.Filled({**order.args, "case": str(case)}, order.texts, order.photos, issue_id)
    if UUID(issue_id) not in store.answered(district_id, [UUID(issue_id)]):
        _judge(district_id, acting, case, confirm(case), at_us)
    return services.make(
        district_id, acting, ORDER, filled, at_us, along=lambda made: [Wish(case, confirm(made))]
    )  # fmt: skip


def _judge(district_id: int, acting: Acting, case: UUID, command: Command, at_us: int) -> None:
    """Whether the step can be confirmed as things stand. Raises ``Refused``, ``Conflict``, ``NotFound``."""
    directory = get_directory(district_id)
    state = get_case(district_id, acting, case).state
    playbook = directory.playbook(state.playbook, state.playbook_version)
    if playbook is None:
        raise NotFound("the playbook of this case is not loaded")
    facts = facts_for(directory, playbook.moves.get(CONFIRM), command, acting.actor, at_us // 1_000_000, None)
    refusal = facts if isinstance(facts, Refusal) else decide(playbook, state, command, facts)
    if isinstance(refusal, Refusal):
        if refusal.code == "stale":
            raise Conflict(case, state.seq)
        raise Refused(refusal, case)
