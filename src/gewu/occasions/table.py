"""What a command on an occasion has to know: the occasion, the matters on its table, the cases that it follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.cases.queries import open_texts
from gewu.core.decide import decide
from gewu.core.playbook import model as m
from gewu.core.records import Arg, Command, Refusal
from gewu.ledger.door import Acting, Outcome, Wish, execute
from gewu.ledger.errors import NotFound, Refused
from gewu.ledger.lookups import Position, facts_for
from gewu.occasions.kinds import KIND
from gewu.registry.directory import Directory

_BEATEN = frozenset({"part_ended", "wrong_stage"})
"""What a command is told that comes a moment after the one that ended its part."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An occasion as a command needs it. ``spot`` are the words for where people meet."""

    record_id: UUID
    playbook: str
    playbook_version: int
    version: int
    place: str
    spot: str


@dataclass(frozen=True, slots=True)
class OnTable:
    """A matter: its number, its part, what was said, whether it is still on the table, and the case that it is where an
    open case was put there."""

    no: int
    part: int
    category: str
    place: str
    words: str
    open: bool
    raised: int = 1
    case: UUID | None = None


def seen_of(district_id: int, acting: Acting, record_id: UUID) -> Seen:
    """An occasion that the actor sees. Raises ``NotFound``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.kind, r.playbook, r.playbook_version, r.version, r.place, r.areas, r.involved, o.sealed,"
            " k.key_id, k.wrapped FROM ledger_record r"
            " JOIN occasions_occasion o ON o.district_id = r.district_id AND o.record_id = r.id"
            " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
            " WHERE r.district_id = %s AND r.id = %s",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    if row is None or row[0] != KIND or not acting.sees(row[4], tuple(row[5]), tuple(row[6])):
        raise NotFound("no such occasion in your territory")
    texts = open_texts(district_id, record_id, row[8], row[9], row[7]) or {}
    return Seen(record_id, row[1], row[2], row[3], row[4], texts.get("where", ""))


def matter_of(district_id: int, record_id: UUID, no: int) -> OnTable:
    """A matter of an occasion by its number. Raises ``Refused`` where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.no, t.part, t.category, t.place, t.sealed, k.key_id, k.wrapped, o.seq IS NULL,"
            " t.raised, t.case_id"
            " FROM occasions_matter t"
            " JOIN ledger_recordkey k ON k.district_id = t.district_id AND k.record_id = t.record_id"
            " LEFT JOIN occasions_outcome o ON o.district_id = t.district_id AND o.record_id = t.record_id"
            " AND o.part = t.part WHERE t.district_id = %s AND t.record_id = %s AND t.no = %s",
            [district_id, record_id, no],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused(Refusal("invalid", {}, {"matter": "not_found"}))
    texts = open_texts(district_id, record_id, row[5], row[6], row[4]) or {}
    return OnTable(row[0], row[1], row[2], row[3], texts.get("words", ""), *row[7:])


def resolution_of(district_id: int, record_id: UUID, no: int) -> int:
    """The part under which the resolution on a matter is carried out. Raises ``Refused`` where none is, or not any
    more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.follow, e.seq IS NULL FROM occasions_matter t"
            " JOIN occasions_outcome x ON x.district_id = t.district_id AND x.record_id = t.record_id"
            " AND x.part = t.part AND x.outcome = 'adopted'"
            " LEFT JOIN occasions_outcome e ON e.district_id = x.district_id AND e.record_id = x.record_id"
            " AND e.part = x.follow WHERE t.district_id = %s AND t.record_id = %s AND t.no = %s",
            [district_id, record_id, no],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused(Refusal("invalid", {}, {"matter": "not_found"}))
    if not row[1]:
        raise Refused(reported(no))
    return int(row[0])


def ended_case(district_id: int, record_id: UUID, args: Mapping[str, Arg]) -> int:
    """The part under which a case is followed. Raises ``Refused`` unless it is followed here and has ended."""
    try:
        case = UUID(str(args.get("case")))
    except ValueError as error:
        raise Refused(Refusal("invalid", {}, {"case": "not_found"})) from error
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.follow, r.ended FROM occasions_outcome o"
            " JOIN ledger_record r ON r.district_id = o.district_id AND r.id = o.case_id"
            " LEFT JOIN occasions_outcome e ON e.district_id = o.district_id AND e.record_id = o.record_id"
            " AND e.part = o.follow"
            " WHERE o.district_id = %s AND o.record_id = %s AND o.case_id = %s AND o.follow > 0 AND e.seq IS NULL"
            " ORDER BY o.seq LIMIT 1",
            [district_id, record_id, case],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused(Refusal("invalid", {}, {"case": "not_found"}))
    if not row[1]:
        raise Refused(guard("The case has not ended yet", "该案件尚未办结"))
    return int(row[0])


def carried(
    district_id: int,
    acting: Acting,
    matter: int | None,
    *wishes: Wish,
    at_us: int | None = None,
    refusal: Callable[[int], Refusal] | None = None,
) -> list[Outcome]:
    """Carry the commands out; that a matter left the table a moment ago is said so, by ``refusal`` or as ``gone``.

    Whoever was beaten by a moment may have lost the right to act along with the part (its holder holds nothing more),
    or met the next stage: that, too, is a matter that left, and not a thing they may not do.
    """
    try:
        return execute(district_id, acting, *wishes, at_us=at_us)
    except Refused as error:
        if matter is not None and (
            error.refusal.fields.get("target") == "not_found"
            or (error.refusal.code in _BEATEN and any(_left(district_id, wish) for wish in wishes))
        ):
            raise Refused((refusal or gone)(matter)) from error
        raise


def _left(district_id: int, wish: Wish) -> bool:
    """Whether the part that a command is about has ended."""
    if wish.command.target is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM occasions_outcome WHERE district_id = %s AND record_id = %s AND part = %s",
            [district_id, wish.record_id, wish.command.target],
        )
        return cursor.fetchone() is not None


def gone(no: int) -> Refusal:
    """The matter is not on the table any more."""
    return guard(f"Matter {no} has left the table already; see what became of it", f"第{no}项已交办，请查看办理情况")


def reported(no: int) -> Refusal:
    """The resolution was reported on before."""
    return guard(f"Resolution {no} was reported on already", f"第{no}项决议已报告执行情况")


def guard(en: str, zh: str) -> Refusal:
    """A refusal in words of our own."""
    return Refusal("guard", {"why": {"en": en, "zh": zh}})


def day_of(directory: Directory, at: int) -> date:
    """The day in the district of an instant in seconds."""
    return datetime.fromtimestamp(at, ZoneInfo(directory.district.timezone)).date()


def refuse_early(
    directory: Directory, playbook: m.Playbook, acting: Acting, command: Command, position: Position, at_us: int
) -> None:
    """Judge before a number is taken: a form with a mistake shall not cost one."""
    move = playbook.moves.get(command.move)
    facts = facts_for(directory, move, command, acting.actor, at_us // 1_000_000, position)
    refusal = facts if isinstance(facts, Refusal) else decide(playbook, None, command, facts)
    if isinstance(refusal, Refusal):
        raise Refused(refusal)
