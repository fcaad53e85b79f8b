"""What verbs look up before they come to the door: where a round stands, whether the values of a form fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from gewu.cases.queries import visible
from gewu.core.decide import decide
from gewu.core.playbook import Playbook
from gewu.core.records import Arg, Command, Refusal
from gewu.ledger import store
from gewu.ledger.door import Acting, Outcome, Wish
from gewu.ledger.errors import CommandReused, NotFound, Refused
from gewu.ledger.lookups import facts_for
from gewu.ledger.rows import micros
from gewu.registry.directory import Directory

PERIOD = re.compile(r"(20[0-9]{2})Q([1-4])")
_STEPS = ("nominate_by", "build_by", "tour_on", "vote_by")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a round or honour stands, as far as verbs ask."""

    record_id: UUID
    playbook: str
    stage: str
    streets: tuple[str, ...]
    issued: int
    version: int


def stands(district_id: int, acting: Acting, record_id: UUID) -> Standing:
    """Where a round or honour in sight stands. Raises ``NotFound``."""
    sight, params = visible(acting)
    seen = f" AND {sight}" if sight else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, d.playbook, r.stage, d.streets, d.delegates, r.version FROM ledger_record r"
            " JOIN assessments_round d ON d.district_id = r.district_id AND d.record_id = r.id"
            f" WHERE r.district_id = %s AND r.id = %s{seen}",
            [district_id, record_id, *params],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such round in your territory")
    return Standing(row[0], row[1], row[2], tuple(row[3]), row[4], row[5])


def earlier(district_id: int, command: Command) -> Outcome | None:
    """The first answer of a command id that was used before. Raises ``CommandReused``."""
    found = store.answered(district_id, [UUID(command.id)]).get(UUID(command.id))
    if found is None:
        return None
    if found.kind != command.move:
        raise CommandReused("this command id was used before for another command")
    return Outcome(found.record_id, found.seq, found.kind, micros(found.at), None, True)


def number_of(district_id: int, record_id: UUID) -> str:
    """The number of a round or honour."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM assessments_round WHERE district_id = %s AND record_id = %s", [district_id, record_id]
        )
        return str(cursor.fetchone()[0])


def taken(district_id: int, playbook: str, period: str) -> bool:
    """Whether a round of this quarter is there already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM assessments_round WHERE district_id = %s AND playbook = %s AND period = %s"
            " AND voided_at IS NULL",
            [district_id, playbook, period],
        )
        return cursor.fetchone() is not None


def plan_faults(directory: Directory, args: Mapping[str, Arg]) -> dict[str, str]:
    """What a form alone cannot say: the quarter's form, who may take part, the order of the days."""
    faults: dict[str, str] = {}
    if args.get("period") and PERIOD.fullmatch(str(args["period"])) is None:
        faults["period"] = "period"
    sides = {name: args.get(name) for name in ("streets", "departments")}
    for name, codes in sides.items():
        units = [directory.units.get(code) for code in codes] if isinstance(codes, tuple) else []
        if any(unit is not None and not unit.accounts for unit in units):
            faults[name] = "no_account"
    streets, departments = sides["streets"], sides["departments"]
    if isinstance(streets, tuple) and isinstance(departments, tuple) and set(streets) & set(departments):
        faults["departments"] = "on_both_sides"
    days = [args.get(name) for name in _STEPS]
    for name, before, day in zip(_STEPS[1:], days, days[1:], strict=False):
        if isinstance(before, str) and isinstance(day, str) and day < before:
            faults[name] = "before_step"
    return faults


def demand_solved(district_id: int, acting: Acting, command: Command) -> None:
    """The case that a point comes from: in sight, and solved."""
    value = command.args.get("case")
    if not value:
        return
    try:
        case = UUID(str(value))
    except ValueError:
        raise Refused(Refusal("invalid", {}, {"case": "not_found"})) from None
    sight, params = visible(acting)
    seen = f" AND {sight}" if sight else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.closed_at IS NOT NULL AND r.stage IN ('closed', 'answered') FROM ledger_record r"
            " JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
            f" WHERE r.district_id = %s AND r.id = %s{seen}",
            [district_id, case, *params],
        )
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise Refused(Refusal("invalid", {}, {"case": "not_found" if row is None else "not_solved"}))


def refuse_early(directory: Directory, playbook: Playbook, acting: Acting, wish: Wish, at_us: int) -> None:
    """Judge before a number is taken: a form with a mistake shall not cost one."""
    move = playbook.moves.get(wish.command.move)
    facts = facts_for(directory, move, wish.command, acting.actor, at_us // 1_000_000, wish.position)
    refusal = facts if isinstance(facts, Refusal) else decide(playbook, None, wish.command, facts)
    if isinstance(refusal, Refusal):
        raise Refused(refusal)
