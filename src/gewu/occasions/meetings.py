"""Cases on the table of a meeting: put there, decided, referred. What a meeting decides of a case is written on both
records in one transaction, or on neither; of two meetings that lift one case at once, one succeeds.

Functions raise the ledger's errors (``Refused``, ``Conflict``, ``Busy``, ``NotFound``); nothing is written then.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from gewu.cases.named import check_named
from gewu.core.playbook.model import Playbook
from gewu.core.records import Arg, Command, Photo, Refusal
from gewu.ledger import store
from gewu.ledger.door import Acting, Outcome, Wish, new_id
from gewu.ledger.errors import CommandReused, NotFound, Refused
from gewu.ledger.lookups import Position
from gewu.ledger.rows import micros
from gewu.ledger.store import as_json
from gewu.occasions.kinds import (
    LEAVE,
    NOT_TAKEN,
    RAISE,
    REFER_CASE,
    REFER_FOLLOWED,
    SOLVED_HERE,
    TABLE_CASE,
    TASK,
    levels,
)
from gewu.occasions.table import OnTable, Seen, carried, gone, guard, matter_of
from gewu.registry.directory import Directory, get_directory

MOVES = frozenset({TABLE_CASE, RAISE, LEAVE, TASK, SOLVED_HERE, REFER_CASE, REFER_FOLLOWED, NOT_TAKEN})
PUT, NOTE, LIFT, KEEP, MILESTONE = (
    "put_on_table", "note_from_table", "raise_at_table", "leave_at_table", "set_milestone",
)  # fmt: skip
"""The moves of a case, and of its follow-up order, that a meeting makes along with its own."""
SUPERVISED = "supervised_by"
PLACES: Mapping[str, frozenset[str]] = {
    "community": frozenset({"community"}), "street": frozenset({"street"}), "district": frozenset({"district"}),
}  # fmt: skip
"""Of which kind the place of a level is; other levels are not looked at."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in: typed values, free words, photos, and the number of the item."""

    args: Mapping[str, Arg] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    item: int | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A case as a meeting has it before it."""

    record_id: UUID
    playbook: str
    playbook_version: int
    version: int
    place: str
    tier: str
    ended: bool
    orders: tuple[UUID, ...]


def act(
    district_id: int, acting: Acting, seen: Seen, move: str, form: Form, *, command_id: str = "",
    at_us: int | None = None,
) -> Outcome:  # fmt: skip
    """Make one of ``MOVES`` on a meeting, together with what it does to the case and to its follow-up order."""
    command_id = command_id or str(new_id())
    earlier = store.answered(district_id, [UUID(command_id)]).get(UUID(command_id))
    if earlier is not None:
        if earlier.kind != move:
            raise CommandReused("this command id was used before for another command")
        return Outcome(earlier.record_id, earlier.seq, earlier.kind, micros(earlier.at), None, True)
    if move == TABLE_CASE:
        return _table(district_id, acting, seen, form, command_id, at_us)
    if form.item is None:
        raise Refused(Refusal("invalid", {}, {"matter": "required"}))
    item = matter_of(district_id, seen.record_id, form.item)
    if move == REFER_FOLLOWED:
        case_id, part = _followed(district_id, seen.record_id, item)
    elif item.case is None:
        raise Refused(guard("This is no case: settle it as a matter", "该事项不是案件，请按议题处理"))
    elif not item.open:
        raise Refused(gone(item.no))
    else:
        case_id, part = item.case, item.part
    args: dict[str, Arg] = {**form.args, "case": str(case_id)}
    own = Wish(seen.record_id, Command(command_id, move, args, form.texts, form.photos, target=part))
    others = _along(district_id, acting, seen, move, form, case_id, command_id)
    done = carried(district_id, acting, item.no, own, *others, at_us=at_us)
    return done[0]


def refuse_level(directory: Directory, playbook: Playbook, level: str, position: Position) -> None:
    """A meeting of a level is held for a place of that level. Raises ``Refused``."""
    if level not in levels(playbook) or level not in PLACES:
        return
    place = directory.place(position.place)
    if place is None or place.kind not in PLACES[level]:
        raise Refused(
            guard("The place has to be of the level of the meeting", "位置须与会议层级一致：社区、街道或全区")
        )


def _table(district_id: int, acting: Acting, seen: Seen, form: Form, command_id: str, at_us: int | None) -> Outcome:
    case = _case(district_id, acting, form.args.get("case"))
    if case.ended:
        raise Refused(guard("This case has ended", "该案件已办结"))
    if not case.place.startswith(seen.place):
        raise Refused(guard("This case lies outside the territory of the meeting", "该案件不在本级会议辖区内"))
    if _on_table(district_id, seen.record_id, case.record_id):
        raise Refused(guard("This case is on the table of this meeting already", "该案件已提交本次会议"))
    args: dict[str, Arg] = {**form.args, "case": str(case.record_id)}
    own = Wish(seen.record_id, Command(command_id, TABLE_CASE, args, form.texts, form.photos))
    put = Wish(case.record_id, Command(_id(command_id, "case"), PUT, {"session": str(seen.record_id)}))
    return carried(district_id, acting, None, own, put, at_us=at_us)[0]


def _along(
    district_id: int, acting: Acting, seen: Seen, move: str, form: Form, case_id: UUID, command_id: str
) -> list[Wish]:
    """What the decision does to the case and its follow-up order."""
    if move in (REFER_CASE, REFER_FOLLOWED, NOT_TAKEN):
        return []
    meeting: dict[str, Arg] = {"meeting": str(seen.record_id)}
    said = {"note": form.texts.get("answer", "")}
    on_case = _id(command_id, "case")
    case = _case(district_id, acting, str(case_id))
    if move == LEAVE:
        texts = {"reason": form.texts.get("reason", "")}
        return [Wish(case_id, Command(on_case, KEEP, meeting, texts, version=case.version))]
    if move == RAISE:
        _refuse_skip(district_id, case, str(form.args.get("tier") or ""))
        check_named(district_id, acting, {"order": form.args.get("order")})
        lift = meeting | _given(form, {"unit": "lead", "assists": "assists", "order": "order"})
        return [Wish(case_id, Command(on_case, LIFT, lift, said, version=case.version))]
    wishes = [Wish(case_id, Command(on_case, NOTE, meeting | _given(form, {"unit": "unit", "due_on": "due_on"}), said))]
    if move == TASK and (form.texts.get("milestone") or form.args.get("milestone_on")):
        if not case.orders:
            text = "Milestones stand on the follow-up order of a hard matter; this case has none"
            raise Refused(guard(text, "节点写入难事的督办单，该案件没有督办单"))
        args = meeting | _given(form, {"milestone_on": "due_on"})
        texts = {"milestone": form.texts.get("milestone", "")}
        order, seen_at = case.orders[-1], _version(district_id, case.orders[-1])
        set_it = Command(_id(command_id, "order"), MILESTONE, args, texts, version=seen_at)
        wishes.append(Wish(order, set_it))
    return wishes


def _refuse_skip(district_id: int, case: _Case, wanted: str) -> None:
    """One step at a time: the level named has to be the next one above the case's present level."""
    playbook = get_directory(district_id).playbook(case.playbook, case.playbook_version)
    tier = playbook.tiers.get(case.tier) if playbook is not None else None
    if tier is None:
        raise Refused(guard("No level is fixed for this case yet", "该案件尚未确定层级"))
    if wanted != tier.next:
        there = tier.title
        en = f"The case is a {there['en'].lower()} now; it rises one level at a time"
        raise Refused(guard(en, f"该案件现为{there['zh']}，只能逐级升级"))


def _given(form: Form, names: Mapping[str, str]) -> dict[str, Arg]:
    """Those values of the form that are given, under the names of the other move."""
    return {theirs: form.args[ours] for ours, theirs in names.items() if form.args.get(ours)}


def _case(district_id: int, acting: Acting, named: Arg) -> _Case:
    """The case that a form names, if the actor sees it. Raises ``Refused`` at the field."""
    try:
        wanted = UUID(str(named or ""))
    except ValueError as error:
        raise Refused(Refusal("invalid", {}, {"case": "not_found" if named else "required"})) from error
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, playbook, playbook_version, version, place, ended, areas, involved, state"
            " FROM ledger_record WHERE district_id = %s AND id = %s AND kind = 'case'",
            [district_id, wanted],
        )
        row = cursor.fetchone()
    if row is None or not acting.sees(row[4], tuple(row[6]), tuple(row[7])):
        raise Refused(Refusal("invalid", {}, {"case": "not_found"}))
    state = as_json(row[8])
    orders = tuple(UUID(other) for kind, other in state["links"] if kind == SUPERVISED)
    tier = str(state["fields"].get("tier") or "")
    return _Case(*(*row[:5], tier, row[5], orders))


def _version(district_id: int, record_id: UUID) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM ledger_record WHERE district_id = %s AND id = %s", [district_id, record_id])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _on_table(district_id: int, record_id: UUID, case: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM occasions_matter WHERE district_id = %s AND case_id = %s AND record_id = %s",
            [district_id, case, record_id],
        )
        return cursor.fetchone() is not None


def _followed(district_id: int, record_id: UUID, item: OnTable) -> tuple[UUID, int]:
    """The case that is followed for an item, and the part under which it is. Raises ``Refused``, ``NotFound``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.case_id, x.follow, e.seq IS NULL FROM occasions_outcome x"
            " LEFT JOIN occasions_outcome e ON e.district_id = x.district_id AND e.record_id = x.record_id"
            " AND e.part = x.follow WHERE x.district_id = %s AND x.record_id = %s AND x.part = %s AND x.follow > 0",
            [district_id, record_id, item.part],
        )
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise NotFound("nothing is tracked for this item")
    if not row[2]:
        raise Refused(gone(item.no))
    return row[0], row[1]


def _id(command_id: str, name: str) -> str:
    return str(uuid.uuid5(UUID(command_id), name))
