"""Occasions: which playbooks there are, who may look into them, and the moves whose events the room's tables read.

Every occasion is a record of the kind ``occasion``; its playbook's name is its type. The room knows no type by name: it
knows the verbs below. A playbook that uses a verb fills the table that belongs to it (see docs/occasions.md).
"""

from __future__ import annotations

from collections.abc import Collection

from gewu.core.playbook import Playbook
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.registry.directory import Directory

KIND = "occasion"

SCHEDULE = "schedule"
RESCHEDULE = "reschedule"
REGISTER = "register_held"
"""What was held already: it begins and ends in one step."""
COLLECT = "collect"
WITHDRAW = "withdraw_matter"
ATTEND = "attend"
ANSWER = "answer_at_table"
SETTLE_CASE, SETTLE_JOINED, SETTLE_ANSWERED = "settle_case", "settle_joined", "settle_answered"
CASE_ENDED, CASE_MERGED, ALL_CLOSED = "case_ended", "case_merged", "all_closed"
RESOLVE, DEFER = "resolve_matter", "defer_matter"
DONE, NOT_DONE = "report_done", "report_not_done"
PUBLISH, EVALUATE = "publish", "evaluate"
"""What a council tells the residents, and what they answer."""
TELL, TELL_RESULT = "tell_progress", "notice_back"
RESULT, STRIKE_RESULT = "record_result", "strike_result"
PLAN, FUND, CONSULT = "plan_item", "fund", "consult"
"""What is to be built, by whom it is paid, and what the residents said."""
MILESTONE = "set_milestone"
HAND = "hand_over"
"""To whom what was built is handed."""
LOOK = "confirm_exists"
"""That what stands for long was looked at, and is there still."""
ARRIVE = "arrive"
"""Somebody who was called is there: the one move of an occasion that keeps where it was made."""
TABLE_CASE = "table_case"
TAKE_UP_MATTER, TAKE_UP_CASE = "take_up_matter", "take_up_case"
ALONG = frozenset({TAKE_UP_MATTER, TAKE_UP_CASE})
"""Moves that a table makes along with one of another table's; nobody makes them alone."""
RAISE, LEAVE, TASK, SOLVED_HERE = "decide_raise", "decide_leave", "decide_task", "decide_solved"
REFER, REFER_CASE, REFER_FOLLOWED, NOT_TAKEN = "refer_up", "refer_case_up", "refer_followed", "not_taken"
DECISION_LATE = "decision_late"

MATTER, CASE_ITEM, CASE, CONVENE, AGENCY = "matter", "case_item", "case", "convene", "agency"
"""Slots: a matter on the table, an open case on the table, a case to be followed (all items), who holds the occasion,
and who takes part in it and reports what they brought."""
REPORTED = "reported"
"""The outcome of an agency's part that ended with its report."""

EXECUTE = "execute"
"""Slot: a resolution that was carried, with whoever carries it out."""

SESSION = "session"
"""How a case is linked to the occasion it comes from."""
SESSION_CASE = "session_case"
"""How an occasion is linked to its cases."""
JOIN_MOVE = "raise_at_session"
"""The move of a case by which it is named at a table again."""
TABLED_AT, DECIDED_AT = "tabled_at", "decided_at"
"""How a case is linked to the meeting on whose table it is, and to the one that decided on it."""

OUTCOMES = {
    SETTLE_CASE: "case", SETTLE_JOINED: "joined", SETTLE_ANSWERED: "answered", WITHDRAW: "withdrawn",
    RAISE: "raised", LEAVE: "kept", TASK: "tasked", SOLVED_HERE: "answered", REFER: "referred", REFER_CASE: "referred",
    NOT_TAKEN: "withdrawn", DEFER: "deferred",
}  # fmt: skip
"""How a matter or a tabled case leaves the table, by move. A vote comes out as it is counted: ``adopted`` or
``rejected``."""
CASE_ITEM_MOVES = (TASK, RAISE, LEAVE, SOLVED_HERE, REFER_CASE, NOT_TAKEN)
"""How a tabled case leaves the table, in the order in which a page offers them."""
REFERRALS = frozenset({REFER, REFER_CASE, REFER_FOLLOWED})

READERS = frozenset({"assessor", "shift_leader", "dispatcher", "area_contact_office"})
"""Roles that read occasions without having a part in them."""


class NotForPost(NotFound):
    """The occasion is there, but not for the roles of whoever asks."""


def roles_of(playbook: Playbook) -> frozenset[str]:
    """The roles whom the playbook of an occasion lets act."""
    return frozenset(rule.role for move in playbook.moves.values() for rule in move.actors if rule.role)


def types(directory: Directory) -> dict[str, Playbook]:
    """The playbooks of occasions that are loaded, by name, in the order of their names."""
    names = sorted({stored.name for stored in directory.playbooks if stored.active and stored.kind == KIND})
    return {name: playbook for name in names if (playbook := directory.playbook(name)) is not None}


def levels(playbook: Playbook | None) -> tuple[str, ...]:
    """The levels at which occasions of a type meet, lowest first; none where nothing is taken up from a level below."""
    if playbook is None or TAKE_UP_MATTER not in playbook.moves or "led_by" not in playbook.fields:
        return ()
    return tuple(playbook.fields["led_by"].choices)


def may_see(directory: Directory, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may look at occasions."""
    return bool(READERS & set(roles)) or any(roles_of(p) & set(roles) for p in types(directory).values())


def readable(directory: Directory, acting: Acting) -> bool:
    """The same for an identity at the door; the system reads everything."""
    return acting.scope is None or may_see(directory, acting.actor.roles)


def standing(playbook: Playbook) -> bool:
    """Whether records of this type stand for long (a team, a project) and are no sessions with a beginning and an end.
    They have pages of their own."""
    return not {PLAN, LOOK, MILESTONE}.isdisjoint(playbook.moves)
