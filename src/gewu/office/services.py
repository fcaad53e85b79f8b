"""The verbs of the registers, each a few lines over the one door.

Every function raises the ledger's errors (``Refused``, ``Conflict``, ``Busy``, ``NotFound``); nothing is written then.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.core.decide import decide
from gewu.core.playbook import model as m
from gewu.core.records import Arg, Command, Photo, Refusal
from gewu.ledger import store
from gewu.ledger.door import Acting, Outcome, Wish, execute, new_id, now_us
from gewu.ledger.errors import CommandReused, NotFound, Refused
from gewu.ledger.lookups import Position, facts_for
from gewu.ledger.rows import micros
from gewu.office import numbers
from gewu.office.kinds import HANDOVER, INSTRUCTION, KINDS, LETTER, ORDER
from gewu.office.queries import kind_of, open_matters
from gewu.registry.directory import Directory, get_directory

MAKING: Mapping[str, str] = {INSTRUCTION: "record", ORDER: "issue", LETTER: "draft", HANDOVER: "open"}
"""The move by which an entry of each register is made."""
RELIST = "relist"
"""The move that lists the open matters of a handover anew."""
_NAMES = {"case": "case", "order": ORDER, "instruction": INSTRUCTION}
"""What kind of record a form field of this name names."""
ALONG = frozenset({"order_issued"})
"""Moves of an entry that are carried out along with another entry's first; nobody makes them alone."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The form of a new entry: typed values, free words, photos and scans. The command id makes it idempotent."""

    args: Mapping[str, Arg] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    command_id: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new entry: what its first move did, and its number."""

    outcome: Outcome
    number: str


def record_instruction(district_id: int, acting: Acting, filled: Filled, at_us: int | None = None) -> Made:
    """Write down a leader's instruction, with its own number, day, words and scan."""
    return make(district_id, acting, INSTRUCTION, filled, at_us)


def issue_order(district_id: int, acting: Acting, filled: Filled, at_us: int | None = None) -> Made:
    """Issue a numbered follow-up order. With ``args["instruction"]`` both records are tied, and the instruction is
    in hand from then on."""
    return make(district_id, acting, ORDER, filled, at_us)


def draft_letter(district_id: int, acting: Acting, filled: Filled, at_us: int | None = None) -> Made:
    """Draft an official letter to a body without accounts."""
    return make(district_id, acting, LETTER, filled, at_us)


def open_handover(district_id: int, acting: Acting, filled: Filled, at_us: int | None = None) -> Made:
    """Open a shift handover: what is open at this instant is listed by itself."""
    return make(district_id, acting, HANDOVER, filled, at_us)


def make(
    district_id: int, acting: Acting, kind: str, filled: Filled, at_us: int | None = None,
    along: Callable[[UUID], Sequence[Wish]] = lambda _record: (),
) -> Made:  # fmt: skip
    """Make an entry of any register. ``Refused`` before a number is taken, as far as that can be known.

    ``along`` names what is carried out with it, given its id: all or nothing.
    """
    directory = get_directory(district_id)
    playbook = playbook_of(directory, kind)
    at_us = at_us or now_us()
    command = Command(filled.command_id or str(new_id()), MAKING[kind], filled.args, filled.texts, filled.photos)
    earlier = store.answered(district_id, [UUID(command.id)]).get(UUID(command.id))
    if earlier is not None:
        if earlier.kind != command.move:
            raise CommandReused("this command id was used before for another command")
        first = Outcome(earlier.record_id, earlier.seq, earlier.kind, micros(earlier.at), None, True)
        return Made(first, number_of(district_id, earlier.record_id))
    named = _named(directory, acting, playbook.moves[command.move], command)
    position = _position(directory, acting, named.get("case"))
    _refuse_early(directory, playbook, acting, command, position, at_us)
    day = datetime.fromtimestamp(at_us // 1_000_000, ZoneInfo(directory.district.timezone)).date()
    form = numbers.forms(directory)[kind]
    detail: dict[str, Any] = {"year": day.year, "day": day.isoformat()}
    if kind == HANDOVER:
        detail["open_matters"] = open_matters(district_id, acting, at_us // 1_000_000).as_json()
    detail["counter"] = numbers.reserve(district_id, kind, day.year)
    detail["number"] = numbers.written(form, day.year, detail["counter"])
    wishes = [Wish(new_id(), command, playbook.name, position, detail)]
    source = named.get("instruction")
    if source is not None:
        tie = Command(
            str(uuid.uuid5(UUID(command.id), "second")),
            "order_issued",
            {"order": str(wishes[0].record_id)},
            version=source.version,
        )
        wishes.append(Wish(source.record_id, tie))
    wishes += along(wishes[0].record_id)
    outcome = execute(district_id, acting, *wishes, at_us=at_us)[0]
    number = number_of(district_id, outcome.record_id) if outcome.replayed else detail["number"]
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
    target: int | None = None,
    command_id: str = "",
    at_us: int | None = None,
) -> Outcome:
    """Make any move of the playbook on one entry; the move that lists what is open anew lists it here."""
    if move in ALONG:
        raise Refused(Refusal("unknown_move", {"move": move}))
    directory = get_directory(district_id)
    at_us = at_us or now_us()
    command = Command(
        command_id or str(new_id()), move, args or {}, texts or {}, tuple(photos), version=version, target=target
    )
    seen = _seen(district_id, [record_id]).get(record_id)
    if seen is None or seen.kind not in KINDS or not seen.visible_to(acting):
        raise NotFound("no such entry in your territory")
    playbook = directory.playbook(seen.playbook, seen.playbook_version)
    found = playbook.moves.get(move) if playbook else None
    if found is not None:
        _named(directory, acting, found, command)
    detail: dict[str, Any] = {}
    if move == RELIST:
        detail["open_matters"] = open_matters(district_id, acting, at_us // 1_000_000).as_json()
    return execute(district_id, acting, Wish(record_id, command, detail=detail), at_us=at_us)[0]


def link(district_id: int, acting: Acting, record_id: UUID, case: UUID, at_us: int | None = None) -> Outcome:
    """Tie a case to an entry."""
    return act(district_id, acting, record_id, "link_case", args={"case": str(case)}, at_us=at_us)


def number_of(district_id: int, record_id: UUID) -> str:
    """The number of an entry. Raises ``NotFound``."""
    found = kind_of(district_id, [record_id]).get(record_id)
    if found is None:
        raise NotFound("no such entry")
    return found[1]


def playbook_of(directory: Directory, kind: str) -> m.Playbook:
    """The playbook under which entries of a register start. Raises ``NotFound`` where none is loaded."""
    playbook = directory.current_playbook(kind)
    if playbook is None:
        raise NotFound(f"no playbook of kind {kind!r} is loaded in this district")
    return playbook


# ---- what a form names


@dataclass(frozen=True, slots=True)
class _Record:
    """A record that a form names."""

    record_id: UUID
    kind: str
    playbook: str
    playbook_version: int
    version: int
    place: str
    areas: tuple[str, ...]
    involved: tuple[str, ...]

    def visible_to(self, acting: Acting) -> bool:
        return acting.sees(self.place, self.areas, self.involved)


def _seen(district_id: int, ids: Sequence[UUID]) -> dict[UUID, _Record]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind, playbook, playbook_version, version, place, areas, involved FROM ledger_record"
            " WHERE district_id = %s AND id = ANY(%s)",
            [district_id, list(ids)],
        )
        return {row[0]: _Record(*(*row[:6], tuple(row[6]), tuple(row[7]))) for row in cursor.fetchall()}


def _named(directory: Directory, acting: Acting, move: m.Move, command: Command) -> dict[str, _Record]:
    """The records that the form names, by field. Refused where one is not there, out of sight or of another kind."""
    wanted: dict[str, UUID] = {}
    faults: dict[str, str] = {}
    for one in move.form:
        value = command.args.get(one.name)
        if one.type == "unit" and move.name == MAKING[LETTER] and isinstance(value, str):
            unit = directory.units.get(value)
            if unit is not None and unit.accounts:
                faults[one.name] = "has_account"
        if one.type != "record" or not value:
            continue
        try:
            wanted[one.name] = UUID(str(value))
        except ValueError:
            faults[one.name] = "not_found"
    found = _seen(directory.district.id, list(wanted.values())) if wanted else {}
    for name, record_id in wanted.items():
        record = found.get(record_id)
        if record is None or record.kind != _NAMES.get(name, record.kind) or not record.visible_to(acting):
            faults[name] = "not_found"
    if faults:
        raise Refused(Refusal("invalid", {}, faults))
    return {name: found[record_id] for name, record_id in wanted.items()}


def _position(directory: Directory, acting: Acting, case: _Record | None) -> Position:
    """Where an entry is: where its case is; else the whole territory of whoever makes it, so that they see it again."""
    if case is not None:
        return Position(case.place, case.areas)
    code = directory.district.code
    areas = tuple(directory.areas_of(code))
    scope = acting.scope
    if scope is None or scope.covers(code, areas):
        return Position(code, areas)
    if scope.prefixes:
        place = min(scope.prefixes)
        return Position(place, tuple(directory.areas_of(place)))
    return Position(code, tuple(sorted({*areas, *scope.areas})))


def _refuse_early(
    directory: Directory, playbook: m.Playbook, acting: Acting, command: Command, position: Position, at_us: int
) -> None:
    """Judge before a number is taken: a form with a mistake shall not cost one."""
    facts = facts_for(directory, playbook.moves[command.move], command, acting.actor, at_us // 1_000_000, position)
    refusal = facts if isinstance(facts, Refusal) else decide(playbook, None, command, facts)
    if isinstance(refusal, Refusal):
        raise Refused(refusal)
