"""The verbs of a case, each a few lines over the one door.

Every function raises the ledger's errors (``Refused``, ``Conflict``, ``Busy``, ``NotFound``) and, for positions,
``OutsideDistrict`` or ``BadPosition`` of the registry. Nothing is written when one is raised.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gewu.cases.followcodes import follow_code
from gewu.cases.hops import LEVELS, refuse_level
from gewu.cases.named import check_named
from gewu.cases.queries import case_basis, number_of, waits_for_answer
from gewu.core.records import REPORTER, Actor, Arg, Command, Photo, Refusal
from gewu.ledger.door import Acting, Outcome, Wish, execute, new_id, now_us
from gewu.ledger.errors import LedgerError, Refused
from gewu.ledger.lookups import Position
from gewu.ledger.numbers import numbers
from gewu.registry import positions
from gewu.registry.directory import Directory, get_directory
from gewu.registry.people import ActorPost

PLAYBOOK = "case"
JOIN = "join"
AT_TABLE = frozenset({"put_on_table", "note_from_table", "raise_at_table", "leave_at_table"})
"""Moves that a meeting makes on a case along with one of its own."""
ALONG = AT_TABLE | {"absorb", "split_create", "raise_at_session"}
"""Moves that are carried out along with one of another record (a meeting, a session, the case that is merged or split).
Nobody makes them on the case alone, and no list offers them."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place as people give it: coordinates in some datum, or a place code, or nothing but words."""

    lon: float | None = None
    lat: float | None = None
    datum: str = "wgs84"
    place: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a new case is made of. ``args`` and ``texts`` are the form of the creating move."""

    args: Mapping[str, Arg] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    where: Where = Where()
    photos: tuple[Photo, ...] = ()
    outside_number: str = ""
    command_id: str = ""
    made_at: int = 0
    """When it was done, in seconds since the epoch, if that was before it could be sent."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new case: its record, its number, and the code by which its reporter follows it."""

    outcome: Outcome
    number: str
    follow_code: str
    position: Position


@dataclass(frozen=True, slots=True)
class Joined:
    """A case that somebody joined: the event that says so, and the code by which this person follows the case."""

    outcome: Outcome
    number: str
    follow_code: str

    @property
    def seq(self) -> int:
        """Which of those who reported the case this one is; 0 would be the first."""
        return self.outcome.seq


class UnknownPlace(ValueError):
    """The place code is not one of this district."""


def acting_of(post: ActorPost) -> Acting:
    """The identity that comes to the door for somebody at a post."""
    # A program may act for a post that nobody holds; then the post itself is who did it.
    person = str(post.person_id) if post.person_id is not None else f"post:{post.post_code}"
    return Acting(Actor(person, post.unit_code, frozenset(post.roles)), post.unit_path, post.scope)


def reporter(session: str = "", joined: int = 0) -> Acting:
    """A resident, known by nothing but the follow code.

    ``session`` is a random secret of one visit. Photos are bound to who uploaded them, so with it nobody else can tie
    a photo of that visit to a case of their own. ``joined`` is the event by which somebody joined, if it is not the
    first reporter: so that what they add later is known as theirs.
    """
    person = f"{REPORTER}:{session}" if session or joined else REPORTER
    return Acting(Actor(f"{person}.{joined}" if joined else person, "", frozenset({REPORTER})))


def joined_of(actor: str) -> int:
    """Inverse of ``reporter``: the event by which this resident joined; 0 for the first reporter."""
    tail = actor.rpartition(".")[2] if actor.partition(":")[0] == REPORTER else ""
    return int(tail) if tail != actor and tail.isascii() and tail.isdigit() else 0


def position_of(directory: Directory, where: Where) -> Position:
    """Locate a place. Without coordinates and code it is the district, flagged by its caller."""
    if where.lon is not None and where.lat is not None:
        found = positions.locate(directory, where.lon, where.lat, where.datum)
        place = found.place_code
        if where.place and where.place in found.candidates:
            place = where.place  # near a boundary people may say which side they mean
        return Position(
            place,
            found.areas,
            round(found.lon * 1_000_000),
            round(found.lat * 1_000_000),
            found.on_boundary,
            found.candidates if found.on_boundary else (),
            found.synthetic,
        )
    code = where.place or directory.district.code
    if directory.place(code) is None:
        raise UnknownPlace(f"{code} is not a place of this district")
    return Position(code, tuple(directory.areas_of(code)))


def detail_of(number: str, position: Position, outside_number: str = "") -> dict[str, Any]:
    """What the event of a new case keeps beside its effects."""
    detail: dict[str, Any] = {"number": number}
    if outside_number:
        detail["outside_number"] = outside_number
    if position.lon_e6 is not None:
        detail |= {"lon_e6": position.lon_e6, "lat_e6": position.lat_e6}
    flags = [f for f, on in (("on_boundary", position.on_boundary), ("no_position", position.lon_e6 is None)) if on]
    if flags:
        detail["flags"] = flags
    if position.candidates:
        detail["candidates"] = list(position.candidates)
    return detail


def on_site(made_at: int = 0, site: tuple[int, int] | None = None) -> dict[str, Any]:
    """What the event of something done outside keeps beside its effects: when it was done, and where."""
    detail = {"made_at": made_at} if made_at else {}
    return detail | ({"site_lon_e6": site[0], "site_lat_e6": site[1]} if site else {})


def _make(district_id: int, acting: Acting, move: str, intake: Intake, at_us: int | None) -> Made:
    directory = get_directory(district_id)
    position = position_of(directory, intake.where)
    at_us = at_us or now_us()
    day = datetime.fromtimestamp(at_us // 1_000_000, ZoneInfo(directory.district.timezone)).date()
    number = numbers.take(district_id, directory.district.code, day)
    record_id = new_id()
    args = dict(intake.args)
    if intake.texts.get("reporter_phone") or intake.texts.get("reporter_name"):
        args.setdefault("has_reporter", True)
    command = Command(intake.command_id or str(new_id()), move, args, intake.texts, intake.photos)
    detail = detail_of(number, position, intake.outside_number) | on_site(intake.made_at)
    wish = Wish(record_id, command, PLAYBOOK, position, detail)
    outcome = execute(district_id, acting, wish, at_us=at_us)[0]
    if outcome.replayed:
        number = number_of(district_id, outcome.record_id)
    return Made(outcome, number, follow_code(district_id, outcome.record_id), position)


def report(district_id: int, acting: Acting, intake: Intake, at_us: int | None = None) -> Made:
    """A report comes in from outside the duty desk: a resident, another system, a collector on the round."""
    return _make(district_id, acting, "report", intake, at_us)


def register_intake(district_id: int, acting: Acting, intake: Intake, at_us: int | None = None) -> Made:
    """The intake officer registers a call, a visit or a chat message in one step."""
    return _make(district_id, acting, "register_intake", intake, at_us)


def fix_on_spot(district_id: int, acting: Acting, intake: Intake, at_us: int | None = None) -> Made:
    """Found and fixed: one step, two photos."""
    return _make(district_id, acting, "fix_on_spot", intake, at_us)


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
    made_at: int = 0,
    site: tuple[int, int] | None = None,
    at_us: int | None = None,
) -> Outcome:
    """Make any move of the playbook on one case. Merging and splitting have functions of their own.

    ``made_at`` (seconds since the epoch) is when it was done, if that was before it could be sent; ``site`` is where,
    in millionths of a degree of longitude and latitude (WGS-84), for a move that proves presence.
    """
    if move in ALONG:
        raise Refused(Refusal("unknown_move", {"move": move}))
    check_named(district_id, acting, args or {})
    if move in LEVELS:
        refuse_level(get_directory(district_id), acting, move, args or {})
    command = Command(
        command_id or str(new_id()), move, args or {}, texts or {}, tuple(photos), version=version, target=target
    )
    return execute(district_id, acting, Wish(record_id, command, detail=on_site(made_at, site)), at_us=at_us)[0]


def merge(
    district_id: int,
    acting: Acting,
    child: UUID,
    target: UUID,
    reason: str,
    *,
    version: int | None = None,
    command_id: str = "",
    at_us: int | None = None,
) -> list[Outcome]:
    """Merge a case into another that goes on: both change, or neither. The child's reporter waits on the target."""
    if child == target:
        raise ValueError("a case cannot be merged into itself")
    waits = waits_for_answer(district_id, child)
    first = Command(command_id or str(new_id()), "merge", {"target": str(target)}, {"reason": reason}, version=version)
    second = Command(str(_second_id(first.id)), "absorb", {"child": str(child), "has_reporter": waits})
    return execute(district_id, acting, Wish(child, first), Wish(target, second), at_us=at_us)


def join(
    district_id: int,
    acting: Acting,
    record_id: UUID,
    *,
    source: str,
    texts: Mapping[str, str] | None = None,
    has_reporter: bool | None = None,
    photos: Sequence[Photo] = (),
    command_id: str = "",
    at_us: int | None = None,
) -> Joined:
    """A further person reports the same thing: it is added to the case, and no second one comes of it.

    ``texts`` may hold description, reporter_name and reporter_phone. Whoever leaves a name or number waits for an
    answer unless ``has_reporter`` says otherwise. Refused (``unknown_move``) under a playbook that knows no joining.
    """
    texts = texts or {}
    if has_reporter is None:
        has_reporter = bool(texts.get("reporter_phone") or texts.get("reporter_name"))
    args: dict[str, Arg] = {"source": source}
    if has_reporter:
        args["has_reporter"] = True
    number = number_of(district_id, record_id)
    outcome = act(
        district_id, acting, record_id, JOIN, args=args, texts=texts, photos=photos, command_id=command_id, at_us=at_us
    )
    return Joined(outcome, number, follow_code(district_id, record_id, outcome.seq))


def split(
    district_id: int,
    acting: Acting,
    parent: UUID,
    intake: Intake,
    at_us: int | None = None,
) -> Made:
    """Split a part off a case: a new case is made, tied both ways. ``intake.args`` are those of the new case."""
    directory = get_directory(district_id)
    position = position_of(directory, intake.where)
    at_us = at_us or now_us()
    day = datetime.fromtimestamp(at_us // 1_000_000, ZoneInfo(directory.district.timezone)).date()
    number = numbers.take(district_id, directory.district.code, day)
    child = new_id()
    create = Command(
        intake.command_id or str(new_id()),
        "split_create",
        {**intake.args, "parent": str(parent)},
        intake.texts,
        intake.photos,
    )
    off = Command(str(_second_id(create.id)), "split_off", {"child": str(child)})
    made, _ = execute(
        district_id,
        acting,
        Wish(child, create, PLAYBOOK, position, detail_of(number, position)),
        Wish(parent, off),
        at_us=at_us,
    )
    if made.replayed:
        number = number_of(district_id, made.record_id)
    return Made(made, number, follow_code(district_id, made.record_id), position)


@dataclass(frozen=True, slots=True)
class BulkResult:
    """One case of a bulk act: its outcome, or why it was left as it was."""

    record_id: UUID
    outcome: Outcome | None
    error: Exception | None


def bulk(
    district_id: int,
    acting: Acting,
    move: str,
    items: Sequence[tuple[UUID, int]],
    args: Mapping[str, Arg],
    texts: Mapping[str, str],
    at_us: int | None = None,
    command_id: str = "",
) -> list[BulkResult]:
    """Make the same move on many cases, each in a transaction of its own: what cannot go is reported, the rest goes.

    ``items`` are (record, version seen). Dispatch without a lead unit takes each case's responsible unit. With a
    ``command_id`` each case's command has an id derived from it, so that the same bulk sent twice goes once.
    """
    results = []
    for record_id, version in items:
        try:
            given = dict(args)
            if move == "dispatch" and not given.get("lead"):
                given["lead"] = suggested_unit(district_id, record_id)
            one = str(uuid.uuid5(UUID(command_id), record_id.hex)) if command_id else ""
            outcome = act(
                district_id,
                acting,
                record_id,
                move,
                args=given,
                texts=texts,
                version=version,
                command_id=one,
                at_us=at_us,
            )
            results.append(BulkResult(record_id, outcome, None))
        except (LedgerError, LookupError) as error:
            results.append(BulkResult(record_id, None, error))
    return results


def suggested_unit(district_id: int, record_id: UUID) -> str:
    """The unit that the responsibility rules name for a case. Raises ``LookupError`` where they name none."""
    basis = case_basis(district_id, record_id)
    found = get_directory(district_id).responsible(basis.category, basis.place, basis.areas, basis.owner)
    if found is None:
        raise LookupError("no unit is responsible for this category at this place")
    return found.unit.code


def _second_id(command_id: str) -> UUID:
    """The id of the second command of a pair, derived from the first so that a replay finds both."""
    return uuid.uuid5(UUID(command_id), "second")
