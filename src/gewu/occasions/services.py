"""The verbs of occasions, each a few lines over the one door.

Every function raises the ledger's errors (``Refused``, ``Conflict``, ``Busy``, ``NotFound``) and, for a place that
there is not, ``UnknownPlace``; nothing is written then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.services import Where, on_site, position_of
from gewu.core.forms import EARLIEST, LATEST
from gewu.core.playbook import model as m
from gewu.core.records import Arg, Command, Photo, Refusal
from gewu.ledger import store
from gewu.ledger.door import Acting, Outcome, Wish, execute, new_id, now_us
from gewu.ledger.errors import CommandReused, NotFound, Refused
from gewu.ledger.lookups import Position
from gewu.ledger.rows import micros
from gewu.occasions import meetings, pairs, results, works
from gewu.occasions.following import go_on
from gewu.occasions.kinds import (
    ANSWER,
    ATTEND,
    CASE_ENDED,
    CASE_MERGED,
    COLLECT,
    DEFER,
    DONE,
    KIND,
    NOT_DONE,
    REFER,
    REGISTER,
    RESCHEDULE,
    RESOLVE,
    RESULT,
    SCHEDULE,
    SETTLE_ANSWERED,
    SETTLE_CASE,
    SETTLE_JOINED,
    STRIKE_RESULT,
    TAKE_UP_CASE,
    TAKE_UP_MATTER,
    WITHDRAW,
)
from gewu.occasions.settling import join_to_case
from gewu.occasions.table import (
    carried,
    day_of,
    ended_case,
    guard,
    matter_of,
    refuse_early,
    reported,
    resolution_of,
    seen_of,
)
from gewu.office import numbers
from gewu.registry.directory import Directory, get_directory

OFFICE = "comprehensive_office"
_OF_MATTER = frozenset({SETTLE_CASE, SETTLE_JOINED, SETTLE_ANSWERED, WITHDRAW, REFER, RESOLVE, DEFER})
_OF_RESOLUTION = frozenset({DONE, NOT_DONE})
RESULTS = frozenset({RESULT, STRIKE_RESULT})
"""Moves that write or strike a line of results."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form: typed values, free words, photos and scans. The command id makes it idempotent."""

    args: Mapping[str, Arg] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    command_id: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new occasion: what its first move did, and its number."""

    outcome: Outcome
    number: str


def schedule(
    district_id: int, acting: Acting, type_: str, filled: Filled, at_us: int | None = None, move: str = SCHEDULE
) -> Made:
    """Make an occasion of a type (the name of its playbook). ``Refused`` before a number is taken, as far as that can
    be known. ``move``: another move that makes one, as of what was held already."""
    directory = get_directory(district_id)
    playbook = playbook_of(directory, type_)
    if move not in playbook.moves or not playbook.moves[move].creates:
        raise Refused(Refusal("unknown_move", {"move": move[:80]}))
    at_us = at_us or now_us()
    command = Command(filled.command_id or str(new_id()), move, filled.args, filled.texts, filled.photos)
    earlier = store.answered(district_id, [UUID(command.id)]).get(UUID(command.id))
    if earlier is not None:
        if earlier.kind != command.move:
            raise CommandReused("this command id was used before for another command")
        first = Outcome(earlier.record_id, earlier.seq, earlier.kind, micros(earlier.at), None, True)
        return Made(first, number_of(district_id, earlier.record_id))
    position = position_of(directory, Where(place=str(filled.args.get("place") or "")))
    refuse_early(directory, playbook, acting, command, position, at_us)
    _refuse_foreign(directory, acting, command, position)
    pairs.refuse_unpaired(directory, command.args, day_of(directory, at_us // 1_000_000))
    meetings.refuse_level(directory, playbook, str(command.args.get("led_by") or ""), position)
    detail = {"year": 0, "day": "", **_when(directory, command.args, playbook.moves[move])}
    if move == REGISTER and int(str(command.args["starts_at"])) > at_us // 1_000_000:
        raise Refused(guard("It has not been held yet: plan it instead", "尚未开展，请先列入计划"))
    day = day_of(directory, at_us // 1_000_000)
    detail |= {"year": day.year, "day": day.isoformat(), "counter": numbers.reserve(district_id, type_, day.year)}
    detail["number"] = written(directory, playbook, day.year, detail["counter"])
    wish = Wish(new_id(), command, playbook.name, position, detail)
    outcome = execute(district_id, acting, wish, at_us=at_us)[0]
    number = number_of(district_id, outcome.record_id) if outcome.replayed else str(detail["number"])
    return Made(outcome, number)


def act(
    district_id: int,
    acting: Acting,
    record_id: UUID,
    move: str,
    *,
    args: Mapping[str, Arg] | None = None,
    texts: Mapping[str, str] | None = None,
    photos: Sequence[Photo] = (),
    version: int | None = None,
    matter: int | None = None,
    target: int | None = None,
    command_id: str = "",
    made_at: int = 0,
    site: tuple[int, int] | None = None,
    at_us: int | None = None,
) -> Outcome:
    """Make any move of the playbook on an occasion. ``matter`` names what leaves the table, by its number.

    ``made_at`` and ``site``: when and where it was done outside, see ``gewu.cases.services.act``.
    """
    directory = get_directory(district_id)
    seen = seen_of(district_id, acting, record_id)
    given = dict(args or {})
    if move in _OF_MATTER and matter is not None:
        target = _part_of(district_id, record_id, matter)
    if move in _OF_RESOLUTION and matter is not None:
        target = resolution_of(district_id, record_id, matter)
    if move == ANSWER and isinstance(number := given.get("matter"), int):
        _part_of(district_id, record_id, number)
    if move == COLLECT and given.get("place") and directory.place(str(given["place"])) is None:
        raise Refused(Refusal("invalid", {}, {"place": "not_found"}))
    detail: dict[str, Any] = {}
    if move == RESCHEDULE:
        playbook = directory.playbook(seen.playbook, seen.playbook_version)
        detail = _when(directory, given, playbook.moves.get(RESCHEDULE) if playbook else None)
    looked_up = move in RESULTS or move in works.MOVES or move == ATTEND
    sent_again = looked_up and bool(command_id) and bool(store.answered(district_id, [UUID(command_id)]))
    actor = None if acting.scope is None else acting.actor
    if move == ATTEND and not sent_again:
        results.refuse_heads(directory, actor, record_id, given)
    if move in RESULTS and not sent_again:
        today = day_of(directory, (at_us or now_us()) // 1_000_000)
        detail = results.detail_of(directory, actor, record_id, move, given, texts or {}, today)
    if move in works.MOVES and not sent_again:
        today = day_of(directory, (at_us or now_us()) // 1_000_000)
        detail = works.detail_of(directory, record_id, move, given, today)
    if move in (SETTLE_CASE, TAKE_UP_MATTER, TAKE_UP_CASE):
        # Made along with another record: see settling, and referrals.
        raise Refused(Refusal("unknown_move", {"move": move}))
    if move in meetings.MOVES:
        return meetings.act(
            district_id, acting, seen, move, meetings.Form(given, texts or {}, tuple(photos), matter),
            command_id=command_id, at_us=at_us,
        )  # fmt: skip
    if move == SETTLE_JOINED:
        return join_to_case(
            district_id, acting, record_id, matter or 0, _case_of(given),
            command_id=command_id, at_us=at_us,
        )  # fmt: skip
    if move in (CASE_ENDED, CASE_MERGED):
        target = target or ended_case(district_id, record_id, given)
    command = Command(
        command_id or str(new_id()), move, given, texts or {}, tuple(photos), version=version, target=target
    )
    wish = Wish(seen.record_id, command, detail={**detail, **on_site(made_at, site)})
    if move in _OF_RESOLUTION:
        done = carried(district_id, acting, matter, wish, at_us=at_us, refusal=reported)[0]
        go_on(district_id, record_id, at_us or now_us())
        return done
    try:
        return carried(district_id, acting, matter if move in _OF_MATTER else None, wish, at_us=at_us)[0]
    except CommandReused as error:
        line = given.get("corrects") or given.get("line")
        once = (results.ONCE, *works.ONCE)
        if isinstance(line, int) and any(index in str(error.__cause__) for index in once):
            raise Refused(results.replaced(line)) from error  # somebody was faster
        raise


def number_of(district_id: int, record_id: UUID) -> str:
    """The number of an occasion. Raises ``NotFound``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM occasions_occasion WHERE district_id = %s AND record_id = %s", [district_id, record_id]
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("no such occasion")
    return str(row[0])


def playbook_of(directory: Directory, type_: str) -> m.Playbook:
    """The playbook under which occasions of a type start. Raises ``NotFound`` where none is loaded."""
    playbook = directory.playbook(type_)
    if playbook is None or playbook.kind != KIND:
        raise NotFound(f"no playbook {type_!r} of occasions is loaded in this district")
    return playbook


def written(directory: Directory, playbook: m.Playbook, year: int, counter: int) -> str:
    """The number of an occasion as an office writes it: the district's first character, the type, year and counter."""
    return f"{directory.district.name('zh')[:1]}{playbook.title['zh']}〔{year}〕{counter}号"


def _case_of(args: Mapping[str, Arg]) -> UUID:
    """The case that a form names. Raises ``Refused``."""
    try:
        return UUID(str(args.get("case") or ""))
    except ValueError as error:
        raise Refused(Refusal("invalid", {}, {"case": "not_found" if args.get("case") else "required"})) from error


def _part_of(district_id: int, record_id: UUID, no: int) -> int:
    """The part of a matter that is on the table or was. Raises ``Refused`` where there is none of this number."""
    return matter_of(district_id, record_id, no).part


def _when(directory: Directory, args: Mapping[str, Arg], move: m.Move | None) -> dict[str, Any]:
    """The month of the occasion. Raises ``Refused`` where it ends before it begins or lasts longer than the form's
    ``ends_at`` says by ``max_days``; two days where it says nothing."""
    starts, ends = args.get("starts_at"), args.get("ends_at")
    if not isinstance(starts, int) or not EARLIEST <= starts < LATEST:
        return {}  # what is no believable instant is refused with the form
    most = next((f.max_days for f in move.form if f.name == "ends_at" and f.max_days), 2) if move else 2
    if isinstance(ends, int) and not starts < ends <= starts + most * 86_400:
        en = f"It has to end after it begins, within {'two' if most == 2 else most} days"
        raise Refused(guard(en, f"结束时间应晚于开始时间，且不超过{'两' if most == 2 else most}天"))
    return {"period": f"{day_of(directory, starts):%Y-%m}"}


def _refuse_foreign(directory: Directory, acting: Acting, command: Command, position: Position) -> None:
    """A clerk schedules for their own office only, and an office holds occasions where it is responsible."""
    code = str(command.args.get("unit") or "")
    unit = directory.units.get(code)
    if acting.scope is None or not code:
        return
    if OFFICE not in acting.actor.roles and code != acting.actor.unit:
        raise Refused(guard("A clerk schedules for their own office only", "经办员只能为本单位安排"))
    if unit is not None and unit.place and not position.place.startswith(unit.place):
        raise Refused(guard("This place does not belong to that office", "该位置不在承办单位辖区内"))
