"""The verbs of rounds and honours, each a few lines over the one door. Ballots are given in ``ballots``.

Every function raises the ledger's errors (``Refused``, ``Conflict``, ``Busy``, ``NotFound``); nothing is written then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from gewu.assessments import ballots, counting
from gewu.assessments import kinds as k
from gewu.assessments.lookups import (
    Standing,
    demand_solved,
    earlier,
    number_of,
    plan_faults,
    refuse_early,
    stands,
    taken,
)
from gewu.assessments.queries.points import points_of
from gewu.core.playbook import Playbook
from gewu.core.records import Arg, Command, Photo, Refusal
from gewu.ledger import store
from gewu.ledger.door import Acting, Outcome, Wish, execute, new_id, now_us
from gewu.ledger.errors import CommandReused, NotFound, Refused
from gewu.ledger.lookups import Position
from gewu.ledger.rows import moment_us
from gewu.office import numbers
from gewu.registry.directory import Directory, get_directory

MOST_QUANTITY = 1_000_000_000
MOST_CODES = 5000


@dataclass(frozen=True, slots=True)
class Filled:
    """The form of a new record: typed values, free words, photos. The command id makes it idempotent."""

    args: Mapping[str, Arg] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    command_id: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new round or honour: what its first move did, and its number (a round's is its quarter)."""

    outcome: Outcome
    number: str


def announce(district_id: int, acting: Acting, filled: Filled, at_us: int | None = None) -> Made:
    """Announce a round: quarter, who takes part, days, quorum. One round a quarter; a voided one does not count."""
    directory = get_directory(district_id)
    playbook = playbook_of(directory, k.SHOWCASE)
    at_us = at_us or now_us()
    command = Command(filled.command_id or str(new_id()), "announce", filled.args, filled.texts, filled.photos)
    if (known := earlier(district_id, command)) is not None:
        return Made(known, number_of(district_id, known.record_id))
    period = str(filled.args.get("period") or "")
    faults = plan_faults(directory, filled.args)
    if not faults and period and taken(district_id, playbook.name, period):
        faults["period"] = "period_taken"
    if faults:
        raise Refused(Refusal("invalid", {}, faults))
    code = directory.district.code
    detail = {"number": period, "year": int(period[:4] or 0), "counter": int(period[-1:] or 0)}
    wish = Wish(new_id(), command, playbook.name, Position(code, directory.areas_of(code)), detail)
    try:
        return Made(execute(district_id, acting, wish, at_us=at_us)[0], period)
    except CommandReused:
        if taken(district_id, playbook.name, period):  # somebody announced it a moment ago
            raise Refused(Refusal("invalid", {}, {"period": "period_taken"})) from None
        raise


def nominate_honour(district_id: int, acting: Acting, filled: Filled, at_us: int | None = None) -> Made:
    """Nominate a building, a building head or a family for an honour. A name needs the nominee's agreement."""
    directory = get_directory(district_id)
    playbook = playbook_of(directory, k.HONOUR)
    at_us = at_us or now_us()
    command = Command(filled.command_id or str(new_id()), "nominate", filled.args, filled.texts, filled.photos)
    if (known := earlier(district_id, command)) is not None:
        return Made(known, number_of(district_id, known.record_id))
    named, agreed = bool(filled.texts.get("name", "").strip()), filled.args.get("agreed") is True
    if named and not agreed:
        raise Refused(Refusal("invalid", {}, {"agreed": "not_ticked"}))
    place = directory.place(str(filled.args.get("place") or ""))
    if (
        place is not None
        and acting.scope is not None
        and not acting.sees(place.code, directory.areas_of(place.code), ())
    ):
        raise Refused(Refusal("invalid", {}, {"place": "not_found"}))
    position = Position(place.code, directory.areas_of(place.code)) if place else None
    year = datetime.fromtimestamp(at_us // 1_000_000, ZoneInfo(directory.district.timezone)).year
    judged = Wish(new_id(), command, playbook.name, position, {"number": "", "year": year, "counter": 0})
    refuse_early(directory, playbook, acting, judged, at_us)
    counter = numbers.reserve(district_id, k.HONOUR, year)
    number = numbers.written(directory.district.name("zh")[:1] + "荣〔{year}〕{counter}号", year, counter)
    detail = {"number": number, "year": year, "counter": counter}
    wish = Wish(judged.record_id, command, playbook.name, position, detail)
    return Made(execute(district_id, acting, wish, at_us=at_us)[0], number)


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
    """Make any move of the playbook on one round or honour. What a move needs from elsewhere is looked up here."""
    at_us = at_us or now_us()
    standing = stands(district_id, acting, record_id)
    given: dict[str, Arg] = dict(args or {})
    if move == "remind" and not given.get("units"):
        given["units"] = tuple(missing_units(district_id, record_id, standing.stage))
        if not given["units"]:
            raise Refused(
                Refusal("guard", {"why": {"en": "nobody's part is missing", "zh": "没有缺项的单位"}}), record_id
            )
    command = Command(
        command_id or str(new_id()), move, given, texts or {}, tuple(photos), version=version, target=target
    )
    if (known := earlier(district_id, command)) is not None and known.record_id == record_id:
        return known
    special = _SPECIAL.get(move) if standing.playbook != k.HONOUR else None
    return (special or _plain)(district_id, acting, standing, command, at_us)


def close_and_count(
    district_id: int,
    acting: Acting,
    record_id: UUID,
    *,
    version: int | None = None,
    command_id: str = "",
    at_us: int | None = None,
) -> list[Outcome]:
    """Close the voting and count, all or nothing: no ballot can change between the two."""
    at_us = at_us or now_us()
    closing = Command(command_id or str(new_id()), "close_voting", version=version)
    known = earlier(district_id, closing)
    with transaction.atomic():
        closed = known or execute(district_id, acting, Wish(record_id, closing), at_us=at_us)[0]
        standing = stands(district_id, acting, record_id)
        if standing.stage != k.CLOSED:  # a retry of what went through
            return [closed]
        command = Command(str(new_id()), "count", version=standing.version)
        return [closed, _count(district_id, acting, standing, command, at_us)]


def issue_codes(
    district_id: int, acting: Acting, record_id: UUID, number: int, *, command_id: str = "", at_us: int | None = None
) -> list[str]:
    """Issue voting codes for delegates. They are returned this once and never again; raises ``CommandReused`` on a
    second call with the same command id, because there is nothing to be shown any more."""
    at_us = at_us or now_us()
    with transaction.atomic():
        store.lock(district_id, [record_id])  # two who issue at once count on one another
        standing = stands(district_id, acting, record_id)
        if standing.issued + number > MOST_CODES:
            raise Refused(Refusal("invalid", {}, {"number": "too_large"}), record_id)
        command = Command(command_id or str(new_id()), "issue_codes", {"number": number})
        wish = Wish(record_id, command, detail={"issued": standing.issued + number})
        outcome = execute(district_id, acting, wish, at_us=at_us)[0]
        if outcome.replayed or outcome.state is None:
            raise CommandReused("these codes were issued and shown before")
        codes = ballots.new_codes(number)
        batch = outcome.state.counters["batches"]
        ballots.store_codes(district_id, record_id, codes, batch, acting.actor.person, moment_us(at_us))
    return codes


def playbook_of(directory: Directory, name: str) -> Playbook:
    """The playbook of rounds or honours. Raises ``NotFound`` where none is loaded."""
    playbook = directory.playbook(name)
    if playbook is None:
        raise NotFound(f"no playbook {name!r} is loaded in this district")
    return playbook


def missing_units(district_id: int, record_id: UUID, stage: str) -> list[str]:
    """Units whose part in this stage is missing: streets without a point (or without one that is built), voters."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT streets FROM assessments_round WHERE district_id = %s AND record_id = %s",
            [district_id, record_id],
        )
        streets = cursor.fetchone()[0]
    if stage == k.VOTING:
        found = ballots.ground(district_id, record_id)
        return [unit for unit in found.units if unit not in _voted_all(found)]
    points = points_of(district_id, record_id)
    if stage == "nominating":
        done = {p.unit for p in points if not p.withdrawn}
        return [unit for unit in streets if unit not in done]
    unbuilt = {p.unit for p in points if not p.withdrawn and not p.built}
    return sorted(unbuilt)


def _voted_all(found: ballots.Ground) -> set[str]:
    """Units that have voted in every track open to them, and streets that also rated."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT voter, array_agg(track) FROM assessments_ballot"
            " WHERE district_id = %s AND record_id = %s AND kind = 'unit' GROUP BY voter",
            [found.district_id, found.record_id],
        )
        voted = {voter: set(tracks) for voter, tracks in cursor.fetchall()}
        cursor.execute(
            "SELECT voter FROM assessments_rating WHERE district_id = %s AND record_id = %s",
            [found.district_id, found.record_id],
        )
        rated = {row[0] for row in cursor.fetchall()}
    wanted = set(found.tracks)
    return {
        unit
        for unit in found.units
        if voted.get(unit, set()) >= wanted and (unit not in found.streets or unit in rated)
    }


# ---- moves that need more than their form


def _nominate(district_id: int, acting: Acting, standing: Standing, command: Command, at_us: int) -> Outcome:
    directory = get_directory(district_id)
    unit = directory.units.get(acting.actor.unit)
    place = str(command.args.get("place") or "")
    if unit is not None and unit.place and place and not place.startswith(unit.place):
        raise Refused(Refusal("invalid", {}, {"place": "not_yours"}), standing.record_id)
    demand_solved(district_id, acting, command)
    return _plain(district_id, acting, standing, command, at_us)


def _about_point(district_id: int, acting: Acting, standing: Standing, command: Command, at_us: int) -> Outcome:
    """The point must be there, not withdrawn, and one's own unless the office withdraws it."""
    number = command.args.get("entry")
    point = next((p for p in points_of(district_id, standing.record_id) if p.no == number), None)
    if number is not None and (point is None or point.withdrawn):
        raise Refused(Refusal("invalid", {}, {"entry": "not_found"}), standing.record_id)
    mine = point is None or point.unit == acting.actor.unit
    if not mine and not (command.move == "withdraw_entry" and k.OFFICE in acting.actor.roles):
        raise Refused(Refusal("invalid", {}, {"entry": "not_yours"}), standing.record_id)
    demand_solved(district_id, acting, command)
    return _plain(district_id, acting, standing, command, at_us)


def _record_service(district_id: int, acting: Acting, standing: Standing, command: Command, at_us: int) -> Outcome:
    quantity, street = command.args.get("quantity"), command.args.get("street")
    faults = {}
    if isinstance(quantity, int) and quantity > MOST_QUANTITY:
        faults["quantity"] = "too_large"
    if street and street not in standing.streets:
        faults["street"] = "not_found"
    if faults:
        raise Refused(Refusal("invalid", {}, faults), standing.record_id)
    return _plain(district_id, acting, standing, command, at_us)


def _open_voting(district_id: int, acting: Acting, standing: Standing, command: Command, at_us: int) -> Outcome:
    """Points that are built are fixed in the event, so that a count needs nothing else."""
    with transaction.atomic():
        store.lock(district_id, [standing.record_id])  # nobody withdraws a point meanwhile
        points = [p for p in points_of(district_id, standing.record_id) if p.built and not p.withdrawn]
        if len(points) < 2:
            why = {"en": "fewer than two points are built", "zh": "打造完成的点位不足两个"}
            raise Refused(Refusal("guard", {"why": why}), standing.record_id)
        detail = {"points": [[p.no, p.track, p.unit] for p in points]}
        return execute(district_id, acting, Wish(standing.record_id, command, detail=detail), at_us=at_us)[0]


def _count(district_id: int, acting: Acting, standing: Standing, command: Command, at_us: int) -> Outcome:
    """Count, or count again without a point. What was left out before stays out."""
    left_out: set[int] = set()
    if command.move == "recount":
        left_out = set(counting.recompute(district_id, standing.record_id).then["left_out"])
        number = command.args.get("leave_out")
        if isinstance(number, int):
            if number not in {p.no for p in ballots.ground(district_id, standing.record_id).points}:
                raise Refused(Refusal("invalid", {}, {"leave_out": "not_found"}), standing.record_id)
            left_out.add(number)
    with transaction.atomic():
        locked = store.lock(district_id, [standing.record_id]).get(standing.record_id)
        if locked is None or locked.state.stage == k.VOTING:
            stage = k.VOTING if locked else ""
            raise Refused(Refusal("wrong_stage", {"stage": stage, "from": [k.CLOSED]}), standing.record_id)
        detail = counting.counted(district_id, standing.record_id, left_out)
        return execute(district_id, acting, Wish(standing.record_id, command, detail=detail), at_us=at_us)[0]


def _photo(district_id: int, acting: Acting, standing: Standing, command: Command, at_us: int) -> Outcome:
    """A photo of a point of this very round."""
    try:
        photo = UUID(str(command.args.get("photo") or ""))
    except ValueError:
        photo = None
    known = {p.id for point in points_of(district_id, standing.record_id) for p in point.photos}
    if command.args.get("photo") and photo not in known:
        raise Refused(Refusal("invalid", {}, {"photo": "not_found"}), standing.record_id)
    return _plain(district_id, acting, standing, command, at_us)


def _codes_elsewhere(*_: Any) -> Outcome:
    """Codes are returned once, by ``issue_codes``; an outcome could not carry them."""
    raise Refused(Refusal("unknown_move", {"move": "issue_codes"}))


def _plain(district_id: int, acting: Acting, standing: Standing, command: Command, at_us: int) -> Outcome:
    return execute(district_id, acting, Wish(standing.record_id, command), at_us=at_us)[0]


_Special = Callable[[int, Acting, "Standing", Command, int], Outcome]
_SPECIAL: Mapping[str, _Special] = {
    "nominate": _nominate,
    "link_case": _about_point,
    "report_built": _about_point,
    "withdraw_entry": _about_point,
    "record_service": _record_service,
    "open_voting": _open_voting,
    "count": _count,
    "recount": _count,
    "release_photo": _photo,
    "withdraw_photo": _photo,
    "issue_codes": _codes_elsewhere,
}
